package chat

import (
	"errors"
	"time"

	"computeunits/bot/blocks"
	"computeunits/bot/grammar"
	"computeunits/bot/messages"
	"computeunits/bot/phrase"
	"computeunits/qianfan"
)

// Parse reads a question as people type it in a terminal: a service, perhaps
// prepaid or postpaid, in any order and case, in English or Chinese. The zero
// query asks for help. The error is a sentence for the person, in English, in
// which commands stand as in Slack.
func Parse(text string) (qianfan.Query, error) {
	book := phrase.For(phrase.English)
	r, bad := grammar.Parse(blocks.Escape(text), grammar.Context{Now: time.Now()})
	switch {
	case bad != nil:
		return qianfan.Query{}, errors.New(blocks.Unescape(messages.Misunderstood(blocks.ForSlack(book, commandPrefix), bad).Text))
	case r.Verb == grammar.Ask:
		return qianfan.Query{ServiceID: r.Service, Timing: r.Timing}, nil
	case r.Verb == grammar.Help:
		return qianfan.Query{}, nil
	case r.Instance != "" && !r.Verb.Changes():
		bad := &grammar.Misunderstanding{Reason: grammar.Unknown, Words: []string{r.Instance}}
		if service, ok := likelyService(r.Instance); ok {
			bad.Suggestions = append(bad.Suggestions, service)
		}
		return qianfan.Query{}, errors.New(blocks.Unescape(messages.Misunderstood(blocks.ForSlack(book, commandPrefix), bad).Text))
	default:
		return qianfan.Query{}, errors.New(book.Say("talk.terminal"))
	}
}
