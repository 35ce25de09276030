package bot

import (
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"computeunits/bot/phrase"
	"computeunits/notify"
)

// A rendering is a message as Slack gets it.
type rendering struct {
	text   string // mrkdwn; all of it, as far as it fits
	blocks []slack.Block
}

// announce renders an announcement in the language of a book. console is where
// people can renew. It is a pure function.
func announce(a notify.Announcement, book *phrase.Book, console string) rendering {
	s := scribe{a, book}
	var p page
	switch a.Kind {
	case notify.KindExpiry:
		p = s.expiry()
		p.controls = s.controls(console)
	case notify.KindCollected:
		p = s.collected()
		p.controls = s.controls(console)
	case notify.KindRenewed:
		p = s.renewed()
	case notify.KindUnreadable:
		p = s.unreadable()
	case notify.KindReadable:
		p = s.readable()
	case notify.KindDigest:
		p = s.digest()
	default: // of a newer notifier: never silence
		p = s.several(book.Say("unknown.lead", "kind", escape(quote(string(a.Kind)))))
	}
	if len(a.Owners) > 0 { // first: what does not fit is left out at the end
		p.notes = slices.Insert(p.notes, 0, s.mentions())
	}
	if a.PossiblyRepeated {
		p.notes = append(p.notes, book.Say("note.repeated"))
	}
	m := rendering{text: p.text(book)}
	if !a.Plain {
		m.blocks = p.blocks(book)
	}
	return m
}

// A scribe finds the words for an announcement.
type scribe struct {
	notify.Announcement
	*phrase.Book
}

// when writes an instant, which each reader sees in their own zone; who cannot
// show that reads UTC.
func (s scribe) when(t time.Time) string { return dateToken(s.Book, t) }

func dateToken(book *phrase.Book, t time.Time) string {
	format := book.Say("date.at", "date", "{date_short_pretty}", "time", "{time}")
	var b strings.Builder
	b.WriteString("<!date^")
	writeInt(&b, t.Unix())
	b.WriteString("^" + format + "|" + fallback(t) + ">")
	return b.String()
}

// left is how long it still is until t, as people are told.
func (s scribe) left(t time.Time) time.Duration { return generous(t.Sub(s.At)) }

// generous is a span as people are told it: a reminder that leaves a minute
// after its time speaks of the 7 days it was meant for, and so does everything
// else that is read beside it.
func generous(left time.Duration) time.Duration {
	if left > time.Hour {
		left += moments
	}
	return left
}

// moments is how much earlier or later makes no difference to people.
const moments = 5 * time.Minute

// name is how people know a service: its label if it has one, and its id.
func name(label, id string) string {
	if label = foreign(label); label == "" {
		return code(id)
	}
	return "*" + label + "* (" + code(id) + ")"
}

// foreign makes text of others safe within mrkdwn that is bold or struck
// through: the marks of formatting, which have no escape, become look-alikes.
func foreign(s string) string {
	return escape(lookalikes(strings.TrimSpace(printable(s, maxQuoted))))
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

// struck is a text that holds no more.
func struck(s string) string { return "~" + s + "~" }

// urgencyIcon goes before words that say the same. It is for what scribe.left
// returns, whose generosity must not make anything look less urgent.
func urgencyIcon(left time.Duration) string {
	switch {
	case left <= 24*time.Hour+moments:
		return "🔴"
	case left <= 7*24*time.Hour+moments:
		return "🟡"
	default:
		return "🟢"
	}
}

// amount is how much: replicas, or instances where their replicas are not known.
func (s scribe) amount(replicas, instances int) string {
	if replicas > 0 {
		return "*" + s.Count("count.replicas", replicas) + "*"
	}
	return "*" + s.Count("count.instances", instances) + "*"
}
