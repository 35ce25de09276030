package bot

import (
	"strconv"
	"strings"
	"time"
	"unicode"

	"computeunits/bot/phrase"
)

// maxQuoted is how much of a foreign text is repeated to a person, in characters.
const maxQuoted = 60

// escaper disarms &, < and >, the only characters with an escape in Slack's
// text: links, mentions, <!channel> and dates all begin with <.
// https://docs.slack.dev/messaging/formatting-message-text
var (
	escaper   = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
	unescaper = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")
)

// escape makes plain text safe for a mrkdwn field; it must be applied exactly once.
func escape(s string) string { return escaper.Replace(s) }

// unescape undoes what Slack did to typed text before delivery.
func unescape(s string) string { return unescaper.Replace(s) }

// printable cuts s to limit characters and drops what cannot be seen or would
// reorder the line around it (control and format characters).
func printable(s string, limit int) string {
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

// quote repeats foreign text inside a sentence. The result is plain text.
func quote(s string) string { return "“" + printable(s, maxQuoted) + "”" }

// code sets foreign text in monospace within mrkdwn. A backtick would end the
// span and has no escape, so it becomes its look-alike.
func code(s string) string {
	s = strings.ReplaceAll(printable(s, maxQuoted), "`", "ˋ")
	if s == "" {
		s = "–"
	}
	return "`" + escape(s) + "`"
}

// A dialect is how one reader is written to: the language, how an instant looks,
// and what must happen to foreign text.
type dialect struct {
	*phrase.Book
	when    func(time.Time) string
	foreign func(string) string
	// prefix goes before a line that the reader may type, such as
	// "/computeunits "; "": the line alone is understood.
	prefix string
}

// mrkdwn writes date tokens, which each reader sees in their own zone; who
// cannot show them reads UTC.
// https://docs.slack.dev/messaging/formatting-message-text#date-formatting
func mrkdwn(book *phrase.Book, prefix string) dialect {
	format := "^" + dateFormat(book) + "|"
	when := func(t time.Time) string {
		return "<!date^" + strconv.FormatInt(t.Unix(), 10) + format + fallback(t) + ">"
	}
	return dialect{book, when, escape, prefix}
}

// dateFormat is how Slack writes an instant in the reader's zone.
func dateFormat(book *phrase.Book) string {
	return book.Say("date.at", "date", "{date_short_pretty}", "time", "{time}")
}

// fallback writes an instant for readers without date tokens; it names its zone.
func fallback(t time.Time) string { return t.UTC().Format(stamp) }

const stamp = "2006-01-02 15:04 MST"

// cell writes into raw_text, where nothing is formatted and nothing is escaped.
func cell(book *phrase.Book) dialect { return dialect{book, fallback, asItIs, ""} }

// terminalPrefix goes before a line in the terminal.
const terminalPrefix = "computeunits query "

// terminal writes plain text with the times of one zone.
func terminal(zone *time.Location) dialect {
	when := func(t time.Time) string { return t.In(zone).Format(stamp) }
	return dialect{phrase.For(phrase.English), when, asItIs, terminalPrefix}
}

func asItIs(s string) string { return s }
