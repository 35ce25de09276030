package grammar

import "strings"

// A Reason is why a text is no request. Callers phrase it in the reader's
// language; what Words holds stands beside each.
type Reason string

const (
	TooLong        Reason = "too long"          // more than maxTyped characters
	Unknown        Reason = "unknown word"      // Words: those that are not known
	Nothing        Reason = "nothing asked"     // only words around a request, or an object without a verb
	BadServiceID   Reason = "bad service id"    // Words: what begins like an id and is none
	NoService      Reason = "no service"        // which one?
	NoInstance     Reason = "no instance"       // which one? Words: what was named instead
	NoTime         Reason = "no time"           // snooze for how long?
	TwoServices    Reason = "two services"      // Words: the first two
	TwoInstances   Reason = "two instances"     // Words: the first two
	TwoTimes       Reason = "two times"         // Words: the first two
	TwoVerbs       Reason = "two verbs"         // Words: the first two
	AmbiguousLabel Reason = "ambiguous label"   // Words: the label; a suggestion for each service that bears it, at most maxSuggestions
	AmbiguousTime  Reason = "ambiguous time"    // Words: the date or span; a suggestion for each meaning
	BadTime        Reason = "bad time"          // Words: what does not exist, has passed, or is more than ten years away
	Past           Reason = "past"              // what has expired, or expires after a date, cannot be asked for
	Negated        Reason = "negated"           // something was not to be done
	Doubtful       Reason = "doubtful"          // an order inside a question, a condition or a report: suggested, not obeyed. Words: what makes it so
	BadLabel       Reason = "bad label"         // Words: what was to be a label and could mean something else; quoted it is one
	Misplaced      Reason = "not for this verb" // Words: what has no place in such a request
)

// maxSuggestions bounds Suggestions: more would be a list, not an answer.
const maxSuggestions = 5

// A Misunderstanding is a text that is no request. Nothing in it is to be
// acted on before the person has said or pressed so.
type Misunderstanding struct {
	Reason Reason
	// Words are foreign text: cut to maxWord characters each, at most maxWords
	// of them, unescaped and without control characters.
	Words []string
	// Suggestions are what was probably meant, the likeliest first; often none.
	Suggestions []Request
	// Lang is the language of the text, as in Request.
	Lang string
}

// Error is the whole of it in English, for logs and tests. People read a
// sentence of the caller's.
func (m *Misunderstanding) Error() string {
	text := string(m.Reason)
	if len(m.Words) > 0 {
		text += ": " + strings.Join(m.Words, ", ")
	}
	for i, s := range m.Suggestions {
		text += [...]string{" (did you mean ", " or "}[min(i, 1)] + s.Line()
	}
	if len(m.Suggestions) > 0 {
		text += "?)"
	}
	return text
}
