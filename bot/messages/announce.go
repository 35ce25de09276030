package messages

import (
	"slices"
	"time"

	"computeunits/bot/blocks"
	"computeunits/bot/phrase"
	"computeunits/notify/plan"
)

// DefaultConsoleURL is where people renew instances: the list of online
// services in Qianfan's console.
const DefaultConsoleURL = "https://console.bce.baidu.com/qianfan/ais/console/onlineService"

// Announce renders an announcement in the language of a book. console is where
// people can renew. It is a pure function.
func Announce(a plan.Announcement, book *phrase.Book, console string) Message {
	s := Words{a, book}
	var p Layout
	switch a.Kind {
	case plan.KindExpiry:
		p = reminderWords{s}.expiry()
		p.controls = controlWords{s}.controls(console)
	case plan.KindCollected:
		p = collectedWords{s}.collected()
		p.controls = controlWords{s}.controls(console)
	case plan.KindRenewed:
		p = correctionWords{s}.renewed()
	case plan.KindReverted:
		p = correctionWords{s}.reverted()
		p.controls = controlWords{s}.controls(console)
	case plan.KindVanished:
		p = correctionWords{s}.vanished()
		p.controls = controlWords{s}.console(console)
	case plan.KindUnknown:
		p = correctionWords{s}.unknown()
		p.controls = controlWords{s}.console(console)
	case plan.KindCorrection:
		p = reminderWords{s}.several(book.Say("correction.lead"))
	case plan.KindUnreadable:
		p = troubleWords{s}.unreadable()
	case plan.KindReadable:
		p = troubleWords{s}.readable()
	case plan.KindDigest:
		p = digestWords{s}.digest()
	default: // of a newer notifier: never silence
		p = reminderWords{s}.several(book.Say("unknown.lead", "kind", blocks.Escape(blocks.Quote(string(a.Kind)))))
	}
	if !a.AgedFrom.IsZero() {
		p.Lead = "⚠️ " + book.Say("aged.lead", "ago", itemWords{s}.readAgo(a.AgedFrom)) + "\n" + p.Lead
	}
	if len(a.Owners) > 0 { // first: what does not fit is left out at the end
		p.notes = slices.Insert(p.notes, 0, itemWords{s}.mentions())
	}
	if a.PossiblyRepeated {
		p.notes = append(p.notes, book.Say("note.repeated"))
	}
	if a.Plain {
		return Message{Text: p.text(book, maxPlain)}
	}
	return Message{p.Text(book), p.Blocks(book)}
}

// maxPlain bounds, in bytes, what is said without blocks after Slack rejected the
// richer form, be it because of its length.
const maxPlain = MaxText * 7 / 8

// A Words finds the words for an announcement.
type Words struct {
	plan.Announcement
	*phrase.Book
}

// Each of these is a Words with the methods for one part of the work.
type (
	correctionWords struct{ Words }
	collectedWords  struct{ Words }
	reminderWords   struct{ Words }
	itemWords       struct{ Words }
	controlWords    struct{ Words }
	troubleWords    struct{ Words }
	digestWords     struct{ Words }
	listWords       struct{ Words }
)

// when writes an instant, which each reader sees in their own zone; who cannot
// show that reads UTC.
func (s Words) when(t time.Time) string { return blocks.Date(s.Book, t) }

// TimeLeft is how long it still is until t, as people are told.
func (s Words) TimeLeft(t time.Time) time.Duration { return roundUp(t.Sub(s.At)) }

// generous is a span as people are told it: a reminder that leaves a minute
// after its time speaks of the 7 days it was meant for, and so does everything
// else that is read beside it.
func roundUp(left time.Duration) time.Duration {
	if left > time.Hour {
		left += moments
	}
	return left
}

// moments is how much earlier or later makes no difference to people.
const moments = 5 * time.Minute

// UrgencyIcon goes before words that say the same. It is for what TimeLeft
// returns, whose generosity must not make anything look less urgent.
func UrgencyIcon(left time.Duration) string {
	switch {
	case left <= 24*time.Hour+moments:
		return "🔴"
	case left <= 7*24*time.Hour+moments:
		return "🟡"
	default:
		return "🟢"
	}
}

// Amount is how much: replicas, or instances where their replicas are not known.
func (s Words) Amount(replicas, instances int) string {
	if replicas > 0 {
		return "*" + s.Count("count.replicas", replicas) + "*"
	}
	return "*" + s.Count("count.instances", instances) + "*"
}
