package messages

import (
	"computeunits/bot/action"
	"computeunits/bot/blocks"
	"computeunits/bot/grammar"
	"computeunits/bot/phrase"
	"strings"

	"github.com/slack-go/slack"
)

// Misunderstood says why a text is no request, and what was probably meant. A
// suggestion is repeated for copying, never acted on.
func Misunderstood(d blocks.Dialect, bad *grammar.Misunderstanding) Message {
	return Suggest(d, reason(d, bad), bad.Suggestions...)
}

// Suggest goes on from a sentence in plain text with what was probably meant,
// or where to find help.
func Suggest(d blocks.Dialect, why string, meant ...grammar.Request) Message {
	var lines []string
	for _, r := range meant {
		lines = append(lines, d.Prefix+r.Line())
	}
	if lines == nil {
		help := d.Prefix + grammar.Request{Verb: grammar.Help}.Line()
		return Message{blocks.Escape(d.Say("list.sentences", "first", why, "second", d.Say("talk.tryhelp", "line", help))),
			[]slack.Block{blocks.PlainSection(why), blocks.Context(d.Say("talk.tryhelp", "line", blocks.Code(help)))}}
	}
	coded := make([]string, len(lines))
	for i, line := range lines {
		coded[i] = CodeLine(line)
	}
	or := d.Say("list.or")
	return Message{blocks.Escape(d.Say("list.sentences", "first", why, "second", d.Say("talk.didyoumean", "lines", strings.Join(lines, or)))),
		[]slack.Block{blocks.PlainSection(why), blocks.Context(d.Say("talk.didyoumean", "lines", strings.Join(coded, or)))}}
}

// CodeLine sets a line to be typed in monospace.
func CodeLine(s string) string {
	return "`" + blocks.Escape(strings.ReplaceAll(blocks.Printable(s, 200), "`", "ˋ")) + "`"
}

// reason is why a text is no request, in plain text.
func reason(d blocks.Dialect, bad *grammar.Misunderstanding) string {
	words := make([]string, len(bad.Words))
	for i, word := range bad.Words {
		words[i] = blocks.Quote(word)
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
func rarer(d blocks.Dialect, r grammar.Reason, words, first string) string {
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

// SayButtons offer requests as buttons, which do as if they had been written.
func SayButtons(book *phrase.Book, meant ...grammar.Request) []slack.Block {
	lines := make([]string, 0, len(meant))
	for _, r := range meant {
		if line := r.Line(); blocks.Len(line) <= action.MaxButtonText {
			lines = append(lines, line)
		}
	}
	if len(lines) == 0 {
		return nil
	}
	return []slack.Block{sayRow(book, lines...)}
}
