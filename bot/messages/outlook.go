package messages

import (
	"slices"
	"time"

	"computeunits/bot/blocks"
	"computeunits/bot/grammar"
	"computeunits/notify/plan"
)

const (
	usualSpan = 30 * 24 * time.Hour // of what expires, when nobody names a time
	FarAhead  = 20 * 365 * 24 * time.Hour
)

// Horizon is until when a request looks ahead.
func Horizon(r grammar.Request, now time.Time) time.Time {
	switch {
	case r.Verb == grammar.Next:
		return now.Add(FarAhead)
	case r.For != 0:
		return now.Add(r.For)
	case !r.Until.IsZero():
		return r.Until
	default:
		return now.Add(usualSpan)
	}
}

// Outlook is what expires, as a page whose list has the items of s.
func (s Words) Outlook(o plan.Outlook, r grammar.Request, until time.Time) Layout {
	p := Layout{Lead: listWords{s}.outlookLead(o, r, until), notes: itemWords{s}.itemNotes()}
	p.Lists = append(p.Lists, s.ItemList("", r.Service == ""))
	if len(o.Unread) > 0 {
		s.Troubles = o.Unread
		p.notes = append(p.notes, "⚠️ "+s.Count("digest.unread.count", len(o.Unread)))
		p.Lists = append(p.Lists, s.TroubleList(o.Unread)...)
	}
	if n := len(o.Unknown); n > 0 {
		p.Lists = append(p.Lists, s.UnknownList(s.Count("digest.unknown", n), o.Unknown))
	}
	if n := len(o.Vanished); n > 0 {
		p.Lists = append(p.Lists, s.VanishedList(s.Count("digest.vanished", n), o.Vanished))
	}
	if read := (listWords{s}).readNote(); read != "" {
		p.notes = append(p.notes, read)
	}
	return p
}

// readNote says how old what is known of the items is; "" of none.
func (s listWords) readNote() string {
	oldest := OldestRead(s.Items)
	switch age := s.At.Sub(oldest); {
	case oldest.IsZero(), slices.ContainsFunc(s.Items, func(i plan.Item) bool { return i.Stale }): // another note says so
		return ""
	case age < time.Minute:
		return s.Say("outlook.fresh")
	default:
		return s.Say("outlook.read", "ago", s.Ago(age))
	}
}

// nextShown is how many expiries "next" names.
const nextShown = 3

// Upcoming are the first few that have not expired yet, all of one moment together.
func Upcoming(items []plan.Item, now time.Time) []plan.Item {
	items = slices.DeleteFunc(slices.Clone(items), func(i plan.Item) bool { return !i.Expires.After(now) })
	n := min(nextShown, len(items))
	for n > 0 && n < len(items) && items[n].Expires.Equal(items[n-1].Expires) {
		n++
	}
	return items[:n]
}

func OldestRead(items []plan.Item) (oldest time.Time) {
	for _, i := range items {
		if oldest.IsZero() || i.ReadAt.Before(oldest) {
			oldest = i.ReadAt
		}
	}
	return oldest
}

// outlookLead sums up. What could not be read is never "nothing".
func (s listWords) outlookLead(o plan.Outlook, r grammar.Request, until time.Time) string {
	unsure := len(o.Unread) > 0 || len(o.Unknown) > 0 || len(o.Vanished) > 0 || o.Partial
	when := s.when(until)
	service := ""
	if r.Service != "" {
		service = blocks.Code(r.Service)
		if len(o.Services) > 0 {
			service = blocks.ServiceName(o.Services[0].Label, r.Service)
		}
	}
	switch {
	case r.Verb == grammar.Next && len(s.Items) > 0:
		return s.Say("outlook.next")
	case unsure && len(s.Items) == 0:
		return "⚠️ " + s.Say("outlook.unsure", "until", when)
	case r.Verb == grammar.Next:
		return "✅ " + s.Say("outlook.next.none")
	case len(s.Items) == 0 && service != "":
		return "✅ " + s.Say("outlook.nothing.in", "service", service, "until", when)
	case len(s.Items) == 0:
		return "✅ " + s.Say("outlook.nothing", "until", when)
	}
	instances, replicas := "*"+s.Count("count.prepaid", o.Instances)+"*", s.Count("count.replicas", o.Replicas)
	soonest := s.Items[0].Expires
	for _, one := range o.Services { // also of what stands on another page
		if one.Soonest.Before(soonest) {
			soonest = one.Soonest
		}
	}
	icon := UrgencyIcon(s.TimeLeft(soonest)) + " "
	if service != "" {
		return icon + s.Count("outlook.until.in", o.Instances, "instances", instances, "replicas", replicas, "service", service, "until", when)
	}
	return icon + s.Count("outlook.until", o.Instances, "instances", instances, "replicas", replicas, "services", s.Count("count.services", len(o.Services)), "until", when)
}

// Cut leaves of the items of an outlook those of a page.
func Cut(o plan.Outlook, skip, limit int) plan.Outlook {
	o.Items = o.Items[min(max(skip, 0), len(o.Items)):]
	o.Items = o.Items[:min(len(o.Items), limit)]
	return o
}

// OfService leaves of an outlook what is of one service.
func OfService(o plan.Outlook, service string) plan.Outlook {
	o.Items, o.Services, o.Unread = slices.Clone(o.Items), slices.Clone(o.Services), slices.Clone(o.Unread)
	o.Items = slices.DeleteFunc(o.Items, func(i plan.Item) bool { return i.Service != service })
	o.Services = slices.DeleteFunc(o.Services, func(s plan.Summary) bool { return s.Service != service })
	o.Unread = slices.DeleteFunc(o.Unread, func(t plan.Trouble) bool { return t.Service != service })
	o.Instances, o.Replicas = len(o.Items), 0
	o.Unknown = slices.DeleteFunc(slices.Clone(o.Unknown), func(i plan.Item) bool { return i.Service != service })
	o.Vanished = slices.DeleteFunc(slices.Clone(o.Vanished), func(i plan.Item) bool { return i.Service != service })
	for _, s := range o.Services {
		o.Instances, o.Replicas = s.Instances, s.Replicas
	}
	return o
}
