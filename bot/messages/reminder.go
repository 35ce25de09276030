package messages

import (
	"strings"
	"time"

	"computeunits/bot/blocks"
	"computeunits/notify/plan"
	"computeunits/qianfan"
)

// expiry says that instances of a service stop, or have stopped. In the thread
// of a KindCollected message they are of several services.
func (s reminderWords) expiry() Layout {
	if len(s.Items) == 1 && s.More == 0 {
		return s.oneExpiry(s.Items[0])
	}
	p := s.several(s.expiryLead())
	p.notes = append(collectedWords(s).threadNotes(), p.notes...)
	return p
}

// several lists the items under a lead.
func (s reminderWords) several(lead string) Layout {
	p := Layout{Lead: lead, notes: itemWords(s).itemNotes()}
	if len(s.Items) > 0 {
		p.Lists = []List{s.ItemList("", s.oneService() == "")}
	}
	return p
}

// oneExpiry is a compact message about one instance.
func (s reminderWords) oneExpiry(i plan.Item) Layout {
	p := Layout{Lead: s.expiryLead(), notes: itemWords(s).itemNotes()}
	if paused := controlWords(s).paused(i); paused != "" && !i.Renewed() && !i.Revoked() {
		p.notes = append([]string{paused}, p.notes...)
	}
	expires := s.when(i.Expires)
	if i.Renewed() || i.Revoked() {
		expires = blocks.Strike(expires)
	}
	p.fields = []Field{
		{s.Say("field.instance"), blocks.Code(i.Instance)},
		{s.Say("field.replicas"), s.Count("number", i.Replicas)},
		{s.Say("field.status"), itemWords(s).status(i)},
		{s.Say("field.expires"), expires + "\n" + s.timing(i)},
	}
	return p
}

// timing is how long an instance still serves, or since when it does not.
func (s reminderWords) timing(i plan.Item) string {
	left := s.TimeLeft(i.Expires)
	switch {
	case i.Renewed():
		return "✅ " + s.Say("item.renewed", "until", s.when(i.Present))
	case i.Revoked():
		return "⚠️ " + s.Say("item.revoked", "now", s.when(i.Present))
	case itemWords(s).deleted(i):
		return "🔴 " + s.Say("item.deleted")
	case left > 0:
		return UrgencyIcon(left) + " " + s.Left(left)
	default:
		return "🔴 " + s.Say("item.expired", "ago", s.Ago(left))
	}
}

// expiryLead is the first sentence of a reminder: how many replicas, of which
// service, stop when.
func (s reminderWords) expiryLead() string {
	var past, future, deleted, renewed, moved []plan.Item
	for _, i := range s.Items {
		switch {
		case i.Renewed():
			renewed = append(renewed, i)
		case i.Revoked():
			moved = append(moved, i)
		case itemWords(s).deleted(i):
			deleted = append(deleted, i)
		case i.Expires.After(s.At):
			future = append(future, i)
		default:
			past = append(past, i)
		}
	}
	var sentences []string
	if len(past) > 0 {
		sentences = append(sentences, s.stopped(past))
	}
	if len(deleted) > 0 {
		first, _ := bounds(deleted)
		sentences = append(sentences, "🔴 "+s.Count("expiry.deleted", verb(deleted), "what", s.what(deleted), "service", s.of(deleted), "when", s.when(first)))
	}
	if len(future) > 0 {
		sentences = append(sentences, s.stopping(future))
	}
	switch {
	case len(sentences) > 0:
	case len(moved) > 0:
		sentences = append(sentences, "⚠️ "+s.Say("expiry.moved", "what", s.what(s.Items), "service", s.of(s.Items)))
	default:
		sentences = append(sentences, "✅ "+s.Say("expiry.renewed", "what", s.what(renewed), "service", s.of(renewed)))
	}
	return strings.Join(sentences, "\n")
}

// stopped says what no longer serves, and until when that can be undone.
func (s reminderWords) stopped(items []plan.Item) string {
	first, last := bounds(items)
	what, service, n := s.what(items), s.of(items), verb(items)
	if s.At.Sub(first) <= moments {
		return "🔴 " + s.Count("expiry.now", n, "what", what, "service", service, "when", s.when(first))
	}
	sentence := "🔴 "
	if last.Equal(first) {
		sentence += s.Count("expiry.stopped", n, "what", what, "service", service, "when", s.when(first), "ago", s.Ago(s.TimeLeft(first)))
	} else {
		sentence += s.Count("expiry.stopped.since", n, "what", what, "service", service, "when", s.when(first), "ago", s.Ago(s.TimeLeft(first)))
	}
	if until := s.restorableUntil(items); !until.IsZero() {
		return s.Say("list.sentences", "first", sentence, "second", s.Say("expiry.restorable", "until", s.when(until), "left", s.Left(until.Sub(s.At))))
	}
	return s.Say("list.sentences", "first", sentence, "second", s.Say("expiry.cleared"))
}

// restorableUntil is until when the first of what can still be restored can be;
// zero when nothing can.
func (s reminderWords) restorableUntil(items []plan.Item) (until time.Time) {
	for _, i := range items {
		if end := i.Expires.Add(Retention); end.After(s.At) && (until.IsZero() || end.Before(until)) {
			until = end
		}
	}
	return until
}

// stopping says what will stop serving, and when.
func (s reminderWords) stopping(items []plan.Item) string {
	first, last := bounds(items)
	left := s.TimeLeft(first)
	what, service, n := s.what(items), s.of(items), verb(items)
	if last.Equal(first) {
		return UrgencyIcon(left) + " " + s.Count("expiry.stops", n, "what", what, "service", service, "when", s.when(first), "span", s.Span(left))
	}
	return UrgencyIcon(left) + " " + s.Count("expiry.stops.from", n, "what", what, "service", service, "when", s.when(first), "span", s.Span(left))
}

// bounds are the first and the last expiry.
func bounds(items []plan.Item) (first, last time.Time) {
	first, last = items[0].Expires, items[0].Expires
	for _, i := range items {
		if i.Expires.Before(first) {
			first = i.Expires
		}
		if i.Expires.After(last) {
			last = i.Expires
		}
	}
	return first, last
}

// replicasOf adds up what items serve with.
func replicasOf(items []plan.Item) int {
	sum := 0
	for _, i := range items {
		sum += max(i.Replicas, 0)
	}
	return sum
}

// what is how much the items are.
func (s reminderWords) what(items []plan.Item) string { return s.Amount(replicasOf(items), len(items)) }

// verb is the number that the verb after what follows.
func verb(items []plan.Item) int {
	if n := replicasOf(items); n > 0 {
		return n
	}
	return len(items)
}

// of names the service of the items, or says how many they are of.
func (s reminderWords) of(items []plan.Item) string {
	services := make(map[string]bool)
	for _, i := range items {
		services[i.Service] = true
	}
	if len(services) == 1 {
		return blocks.ServiceName(items[0].Label, items[0].Service)
	}
	return s.Count("count.services", len(services))
}

// oneService is the service that all items belong to; "" when they are several.
func (s reminderWords) oneService() string {
	for _, i := range s.Items {
		if i.Service != s.Items[0].Service {
			return ""
		}
	}
	if len(s.Items) == 0 {
		return ""
	}
	return s.Items[0].Service
}

// ItemList lists the items, each with its service or without.
func (s Words) ItemList(heading string, withService bool) List {
	return List{heading, len(s.Items), func(i int) string { return itemWords{s}.line(s.Items[i], withService) }}
}

// line is one item: how much, which instance, until when.
func (s itemWords) line(i plan.Item, withService bool) string {
	what := s.Amount(i.Replicas, 1) + " " + blocks.Code(i.Instance)
	if withService {
		what = s.Say("item.of", "what", what, "service", blocks.ServiceName(i.Label, i.Service))
	}
	left := s.TimeLeft(i.Expires)
	switch {
	case i.Renewed():
		return "✅ " + blocks.Strike(s.Say("item.at", "what", what, "when", s.when(i.Expires))) + " " + s.Say("item.renewed", "until", s.when(i.Present))
	case i.Revoked():
		return "⚠️ " + blocks.Strike(s.Say("item.at", "what", what, "when", s.when(i.Expires))) + " " + s.Say("item.revoked", "now", s.when(i.Present))
	}
	parts := []string{s.Say("item.at", "what", what, "when", s.when(i.Expires))}
	icon := UrgencyIcon(left)
	if s.deleted(i) {
		icon, parts = "🔴", append(parts, s.Say("item.deleted"))
	} else if left > 0 {
		parts = append(parts, s.Left(left))
	} else {
		parts = append(parts, s.Say("item.expired", "ago", s.Ago(left)))
		if until := i.Expires.Add(Retention); until.After(s.At) {
			parts = append(parts, s.Say("item.restorable", "until", s.when(until)))
		}
	}
	return icon + " " + strings.Join(append(parts, s.Remarks(i)...), " · ")
}

// deleted reports whether an instance stopped before it expires: Qianfan calls
// deleted what has expired, and this has not.
func (s itemWords) deleted(i plan.Item) bool { return DeletedEarly(i, s.At) }

// DeletedEarly is deleted at a moment.
func DeletedEarly(i plan.Item, at time.Time) bool {
	return i.Status == qianfan.Deleted && i.Expires.After(at)
}

// Remarks are what is unusual about an item, in few words.
func (s Words) Remarks(i plan.Item) []string {
	var remarks []string
	say := func(is bool, words func() string) {
		if is {
			remarks = append(remarks, words())
		}
	}
	say(i.Status != qianfan.Running && i.Status != qianfan.Deleted, func() string { return itemWords{s}.status(i) })
	say(i.Pause.By != "", func() string { return controlWords{s}.paused(i) })
	say(i.ZoneAssumed, func() string { return s.Say("remark.zone") })
	say(i.Unlisted, func() string { return s.Say("remark.unlisted") })
	say(i.Stale, func() string { return s.Say("remark.stale", "ago", itemWords{s}.readAgo(i.ReadAt)) })
	return remarks
}

// readAgo says when Qianfan last told.
func (s itemWords) readAgo(at time.Time) string {
	if at.IsZero() {
		return s.Say("read.never")
	}
	return s.Ago(s.At.Sub(at))
}

// status names an instance's state with an icon, for the eye, and the word.
func (s itemWords) status(i plan.Item) string {
	switch st := i.Status; st {
	case qianfan.Running:
		return "🟢 " + s.Say("status.running")
	case qianfan.Creating:
		return "⏳ " + s.Say("status.creating")
	case qianfan.Deleted:
		if s.deleted(i) {
			return "⛔ " + s.Say("status.deleted")
		}
		return "⛔ " + s.Say("status.expired")
	case "":
		return "❔ " + s.Say("status.unknown")
	default:
		return "❔ " + blocks.Foreign(blocks.Printable(string(st), 30))
	}
}
