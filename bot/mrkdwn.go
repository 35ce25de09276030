package bot

import (
	"fmt"
	"strings"
	"time"
	"unicode"
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

// A dialect is how one kind of reader is written to: how an instant looks, and
// what must happen to foreign text.
type dialect struct {
	when    func(time.Time) string
	foreign func(string) string
}

// mrkdwn writes date tokens, which each reader sees in their own zone; who
// cannot show them reads UTC.
// https://docs.slack.dev/messaging/formatting-message-text#date-formatting
var mrkdwn = dialect{
	when: func(t time.Time) string {
		return fmt.Sprintf("<!date^%d^%s|%s>", t.Unix(), dateFormat, fallback(t))
	},
	foreign: escape,
}

const dateFormat = "{date_short_pretty} at {time}"

// fallback writes an instant for readers without date tokens; it names its zone.
func fallback(t time.Time) string { return t.UTC().Format(stamp) }

const stamp = "2006-01-02 15:04 MST"

// terminal writes plain text with the times of one zone.
func terminal(zone *time.Location) dialect {
	return dialect{
		when:    func(t time.Time) string { return t.In(zone).Format(stamp) },
		foreign: func(s string) string { return s },
	}
}

// span writes a duration as a person says it, rounded down: "6 days", "1 day",
// "5 hours", "less than a minute".
func span(d time.Duration) string {
	unit := func(n int64, name string) string {
		if n == 1 {
			return "1 " + name
		}
		return fmt.Sprintf("%d %ss", n, name)
	}
	switch d = d.Abs(); {
	case d >= 24*time.Hour:
		return unit(int64(d/(24*time.Hour)), "day")
	case d >= time.Hour:
		return unit(int64(d/time.Hour), "hour")
	case d >= time.Minute:
		return unit(int64(d/time.Minute), "minute")
	default:
		return "less than a minute"
	}
}

// count writes n things: "1 instance", "3 instances".
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
