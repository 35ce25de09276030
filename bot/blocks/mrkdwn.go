package blocks

import (
	"strconv"
	"strings"
	"time"
	"unicode"

	"computeunits/bot/phrase"
)

// MaxQuoted is how much of a foreign text is repeated to a person, in characters.
const MaxQuoted = 60

// escaper disarms &, < and >, the only characters with an escape in Slack's
// text: links, mentions, <!channel> and dates all begin with <.
// https://docs.slack.dev/messaging/formatting-message-text
var (
	escaper   = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
	unescaper = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")
)

// Escape makes plain text safe for a mrkdwn field; it must be applied exactly once.
func Escape(s string) string { return escaper.Replace(s) }

// Unescape undoes what Slack did to typed text before delivery.
func Unescape(s string) string { return unescaper.Replace(s) }

// Printable cuts s to limit characters and drops what cannot be seen or would
// reorder the line around it (control and format characters).
func Printable(s string, limit int) string {
	var b strings.Builder
	n := 0
	for _, r := range s {
		switch {
		case unicode.IsSpace(r):
			r = ' '
		case !unicode.IsPrint(r):
			continue
		}
		if n == limit {
			return b.String() + "…"
		}
		b.WriteRune(r)
		n++
	}
	return b.String()
}

// Quote repeats foreign text inside a sentence. The result is plain text.
func Quote(s string) string { return "“" + Printable(s, MaxQuoted) + "”" }

// Code sets foreign text in monospace within mrkdwn. A backtick would end the
// span and has no escape, so it becomes its look-alike.
func Code(s string) string {
	s = strings.ReplaceAll(Printable(s, MaxQuoted), "`", "ˋ")
	if s == "" {
		s = "–"
	}
	return "`" + Escape(s) + "`"
}

// A Dialect is how one reader is written to: the language, how an instant looks,
// and what must happen to foreign text.
type Dialect struct {
	*phrase.Book
	When    func(time.Time) string
	Foreign func(string) string
	// prefix goes before a line that the reader may type, such as
	// "/computeunits "; "": the line alone is understood.
	Prefix string
}

// ForSlack writes date tokens, which each reader sees in their own zone; who
// cannot show them reads UTC.
// https://docs.slack.dev/messaging/formatting-message-text#date-formatting
func ForSlack(book *phrase.Book, prefix string) Dialect {
	format := "^" + DateFormat(book) + "|"
	when := func(t time.Time) string {
		return "<!date^" + strconv.FormatInt(t.Unix(), 10) + format + PlainDate(t) + ">"
	}
	return Dialect{book, when, Escape, prefix}
}

// DateFormat is how Slack writes an instant in the reader's zone.
func DateFormat(book *phrase.Book) string {
	return book.Say("date.at", "date", "{date_short_pretty}", "time", "{time}")
}

// PlainDate writes an instant for readers without date tokens; it names its zone.
func PlainDate(t time.Time) string { return t.UTC().Format(stamp) }

const stamp = "2006-01-02 15:04 MST"

// ForCell writes into raw_text, where nothing is formatted and nothing is escaped.
func ForCell(book *phrase.Book) Dialect { return Dialect{book, PlainDate, asItIs, ""} }

// terminalPrefix goes before a line in the terminal.
const terminalPrefix = "computeunits query "

// ForTerminal writes plain text with the times of one zone.
func ForTerminal(zone *time.Location) Dialect {
	when := func(t time.Time) string { return t.In(zone).Format(stamp) }
	return Dialect{phrase.For(phrase.English), when, asItIs, terminalPrefix}
}

func asItIs(s string) string { return s }

func Date(book *phrase.Book, t time.Time) string {
	format := book.Say("date.at", "date", "{date_short_pretty}", "time", "{time}")
	var b strings.Builder
	b.WriteString("<!date^")
	writeInt(&b, t.Unix())
	b.WriteString("^" + format + "|" + PlainDate(t) + ">")
	return b.String()
}

// ServiceName is how people know a service: its label if it has one, and its id.
func ServiceName(label, id string) string {
	if label = Foreign(label); label == "" {
		return Code(id)
	}
	return "*" + label + "* (" + Code(id) + ")"
}

// Foreign makes text of others safe within mrkdwn that is bold or struck
// through: the marks of formatting, which have no escape, become look-alikes.
func Foreign(s string) string {
	return Escape(lookalikes(strings.TrimSpace(Printable(s, MaxQuoted))))
}

func lookalikes(s string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case '*':
			return '∗'
		case '~':
			return '∼'
		case '`':
			return 'ˋ'
		}
		return r
	}, s)
}

// Strike is a text that holds no more.
func Strike(s string) string { return "~" + s + "~" }

func writeInt(b *strings.Builder, n int64) { b.WriteString(strconv.FormatInt(n, 10)) }

// Mention names a person. The id is Slack's, from an envelope or the ledger.
func Mention(user string) string { return "<@" + Escape(Printable(user, 30)) + ">" }
