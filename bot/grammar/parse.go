package grammar

import (
	"slices"
	"time"
	"unicode/utf8"
)

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
	if c.Zone == nil {
		c.Zone = time.UTC
	}
	if len(text) > 8*maxTyped { // no need to look at it
		return Request{}, &Misunderstanding{Reason: TooLong}
	}
	kept := clean(text, c.Self)
	if utf8.RuneCountInString(kept) > maxTyped {
		return Request{}, &Misunderstanding{Reason: TooLong}
	}
	return parse(kept, c, true)
}

// parse reads clean text. Suggestions are looked for when mending is true, and
// are read without it.
func parse(kept string, c Context, mending bool) (Request, *Misunderstanding) {
	p := reading{Context: c, kept: kept, text: lower(kept), mending: mending}
	if p.text == "" {
		return Request{Verb: Help}, nil
	}
	s := scanner{Context: c, kept: p.kept, text: p.text, names: named(p.text, c.Services)}
	tokens := s.scan(true)
	if slices.ContainsFunc(tokens, func(t token) bool { return t.kind == quoted }) && !(labels{&p}).quotesLabel(tokens) {
		tokens = s.scan(false)
	}
	p.lang = language(p.text, tokens)
	j := joiner{text: p.text, tokens: tokens, now: c.Now.In(c.Zone), lang: p.lang}
	j.join()
	p.tokens, p.whens = j.tokens, j.whens
	r, bad := p.request()
	if bad != nil {
		bad.Lang = p.lang
		return Request{}, bad
	}
	r.Lang = p.lang
	return r, nil
}

// language is that of the words which are no names.
func language(text string, tokens []token) string {
	lang := ""
	for _, t := range tokens {
		switch t.kind {
		case service, instance, badid, quoted, date, clock, query:
			continue
		}
		for _, r := range text[t.from:t.to] {
			if han(r) {
				return "zh"
			}
			if letter(r) && (r > 0x7f || !digit(byte(r))) {
				lang = "en"
			}
		}
	}
	return lang
}
