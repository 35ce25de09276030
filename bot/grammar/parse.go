package grammar

import "time"

// A Named is a service and how people call it.
type Named struct {
	ID    string
	Label string // "" when it has none
}

// A Context is what is known when a text arrives.
type Context struct {
	Now  time.Time
	Zone *time.Location // of the person who writes; nil is UTC
	// Services are those that may be called by their label.
	Services []Named
	// Instances are ids that are known to exist. Others are understood too,
	// when they look like an id.
	Instances []string
	// Self is the Slack user id of the bot, whose mention means nothing.
	Self string
}

const (
	maxTyped = 500 // characters of a text that is read
	maxLabel = 80  // characters of a label
	maxWord  = 60  // characters of a word that is repeated
	maxWords = 4   // words that are repeated
)

// Parse reads text as Slack delivers it (&, < and > escaped). Exactly one
// result is meaningful: the misunderstanding, when it is not nil. No text at
// all asks for help.
func Parse(text string, c Context) (Request, *Misunderstanding) {
	return Request{Verb: Help}, nil
}
