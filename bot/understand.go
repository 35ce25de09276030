package bot

import (
	"errors"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"computeunits/bot/grammar"
	"computeunits/bot/phrase"
	"computeunits/qianfan"
)

// Parse reads a question as people type it in a terminal: a service, perhaps
// prepaid or postpaid, in any order and case, in English or Chinese. The zero
// query asks for help. The error is a sentence for the person, in English, in
// which commands stand as in Slack.
func Parse(text string) (qianfan.Query, error) {
	book := phrase.For(phrase.English)
	r, bad := grammar.Parse(escape(text), grammar.Context{Now: time.Now()})
	switch {
	case bad != nil:
		return qianfan.Query{}, errors.New(unescape(misunderstood(mrkdwn(book, commandPrefix), bad).text))
	case r.Verb == grammar.Ask:
		return qianfan.Query{ServiceID: r.Service, Timing: r.Timing}, nil
	case r.Verb == grammar.Help:
		return qianfan.Query{}, nil
	case r.Instance != "" && !r.Verb.Changes():
		bad := &grammar.Misunderstanding{Reason: grammar.Unknown, Words: []string{r.Instance}}
		if service, ok := likelyService(r.Instance); ok {
			bad.Suggestions = append(bad.Suggestions, service)
		}
		return qianfan.Query{}, errors.New(unescape(misunderstood(mrkdwn(book, commandPrefix), bad).text))
	default:
		return qianfan.Query{}, errors.New(book.Say("talk.terminal"))
	}
}

// misunderstood says why a text is no request, and what was probably meant. A
// suggestion is repeated for copying, never acted on.
func misunderstood(d dialect, bad *grammar.Misunderstanding) rendering {
	return suggest(d, reason(d, bad), bad.Suggestions...)
}

// suggest goes on from a sentence in plain text with what was probably meant,
// or where to find help.
func suggest(d dialect, why string, meant ...grammar.Request) rendering {
	var lines []string
	for _, r := range meant {
		lines = append(lines, d.prefix+r.Line())
	}
	if lines == nil {
		help := d.prefix + grammar.Request{Verb: grammar.Help}.Line()
		return rendering{escape(d.Say("list.sentences", "first", why, "second", d.Say("talk.tryhelp", "line", help))),
			[]slack.Block{sentence(why), small(d.Say("talk.tryhelp", "line", code(help)))}}
	}
	coded := make([]string, len(lines))
	for i, line := range lines {
		coded[i] = codeLine(line)
	}
	or := d.Say("list.or")
	return rendering{escape(d.Say("list.sentences", "first", why, "second", d.Say("talk.didyoumean", "lines", strings.Join(lines, or)))),
		[]slack.Block{sentence(why), small(d.Say("talk.didyoumean", "lines", strings.Join(coded, or)))}}
}

// codeLine sets a line to be typed in monospace.
func codeLine(s string) string {
	return "`" + escape(strings.ReplaceAll(printable(s, 200), "`", "ˋ")) + "`"
}

// reason is why a text is no request, in plain text.
func reason(d dialect, bad *grammar.Misunderstanding) string {
	words := make([]string, len(bad.Words))
	for i, word := range bad.Words {
		words[i] = quote(word)
	}
	all := strings.Join(words, d.Say("list.comma"))
	nth := func(i int) string {
		if i < len(words) {
			return words[i]
		}
		return "…"
	}
	switch bad.Reason {
	case grammar.TooLong:
		return d.Say("reason.toolong")
	case grammar.Unknown:
		return d.Count("reason.unknown", max(len(words), 1), "words", all)
	case grammar.Nothing:
		return d.Say("reason.nothing")
	case grammar.BadServiceID:
		return d.Say("reason.serviceid", "word", nth(0))
	case grammar.NoService:
		return d.Say("reason.noservice")
	case grammar.NoInstance:
		return d.Say("reason.noinstance")
	case grammar.NoTime:
		return d.Say("reason.notime")
	case grammar.TwoServices:
		return d.Say("reason.services", "first", nth(0), "second", nth(1))
	case grammar.TwoInstances:
		return d.Say("reason.instances", "first", nth(0), "second", nth(1))
	case grammar.TwoTimes:
		return d.Say("reason.times", "first", nth(0), "second", nth(1))
	case grammar.TwoVerbs:
		return d.Say("reason.verbs", "first", nth(0), "second", nth(1))
	default:
		return rarer(d, bad.Reason, all, nth(0))
	}
}

// rarer is reason for those that few people meet.
func rarer(d dialect, r grammar.Reason, words, first string) string {
	switch r {
	case grammar.AmbiguousLabel:
		return d.Say("reason.label.ambiguous", "word", first)
	case grammar.AmbiguousTime:
		return d.Say("reason.time.ambiguous", "word", first)
	case grammar.BadTime:
		return d.Say("reason.time.bad", "word", first)
	case grammar.Past:
		return d.Say("reason.past")
	case grammar.Negated:
		return d.Say("reason.negated")
	case grammar.Doubtful:
		return d.Say("reason.doubtful")
	case grammar.BadLabel:
		return d.Say("reason.label.bad", "word", first)
	case grammar.Misplaced:
		return d.Say("reason.misplaced", "words", words)
	default:
		return d.Say("reason.nothing")
	}
}

// sayButtons offer requests as buttons, which do as if they had been written.
func sayButtons(book *phrase.Book, meant ...grammar.Request) []slack.Block {
	lines := make([]string, 0, len(meant))
	for _, r := range meant {
		if line := r.Line(); runes(line) <= maxButtonText {
			lines = append(lines, line)
		}
	}
	if len(lines) == 0 {
		return nil
	}
	return []slack.Block{sayRow(book, lines...)}
}
