package messages

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"computeunits/bot/blocks"
	"computeunits/notify/plan"
)

// A WatchedService is one watched service with what is known of it.
type WatchedService struct {
	plan.Watch
	First time.Time    // of all its expiries; zero: none is known
	Next  plan.Summary // what expires together next; zero Soonest: nothing known
	over  int          // instances that have expired and are usually still restorable
	// unknown is how many have an expiry that nobody knows, and vanished how many
	// are not listed any more before theirs.
	unknown, vanished int
	Health            plan.ServiceHealth
	Unread            bool // Qianfan does not tell about it
}

// add counts an item, of which the soonest come first.
func (s *WatchedService) add(i plan.Item, now time.Time) {
	switch {
	case !i.Expires.After(now):
		s.over++
	case s.Next.Soonest.IsZero() || s.Next.Soonest.Equal(i.Expires):
		s.Next.Soonest = i.Expires
		s.Next.Instances++
		s.Next.Replicas += max(i.Replicas, 0)
	}
}

// HealthOf is the health of services that were read for this answer.
func HealthOf(watches []plan.Watch, o plan.Outlook, now time.Time) (h plan.Health) {
	for _, w := range watches {
		if !slices.ContainsFunc(o.Unread, func(t plan.Trouble) bool { return t.Service == w.Service }) {
			h.Services = append(h.Services, plan.ServiceHealth{Service: w.Service, Label: w.Label, ReadAt: now})
		}
	}
	return h
}

// WatchedServices is a line for each watched service from one on, the soonest
// expiry first.
func (s Words) WatchedServices(all []WatchedService, begin int) Layout {
	return Layout{
		Lead:  s.Count("services.lead", len(all)),
		Lists: []List{{N: len(all) - begin, Line: func(i int) string { return listWords{s}.watchedService(all[begin+i]) }}},
	}
}

// NextOf is what of a service expires next. What is not known is never
// "nothing".
func (s Words) NextOf(one WatchedService, when func(time.Time) string) string {
	soonest := one.Next.Soonest
	left := s.TimeLeft(soonest)
	var parts []string
	if one.over > 0 {
		parts = append(parts, "⛔ "+s.Count("home.expired", one.over))
	}
	switch {
	case !soonest.IsZero() && one.Next.Instances == 0:
		parts = append(parts, UrgencyIcon(left)+" "+when(soonest), s.Left(left))
	case !soonest.IsZero():
		parts = append(parts, UrgencyIcon(left)+" "+s.Say("services.next", "what", s.Amount(one.Next.Replicas, one.Next.Instances), "when", when(soonest), "left", s.Left(left)))
	case one.Unread || one.Health.Service == "" || one.Health.ReadAt.IsZero():
		parts = append(parts, "❔ "+s.Say("status.unknown"))
	case one.over == 0 && one.unknown == 0 && one.vanished == 0:
		parts = append(parts, "✅ "+s.Say("services.nothing"))
	}
	if one.unknown > 0 {
		parts = append(parts, "❔ "+s.Count("services.unknown", one.unknown))
	}
	if one.vanished > 0 {
		parts = append(parts, "⚠️ "+s.Count("services.vanished", one.vanished))
	}
	return strings.Join(parts, " · ")
}

// watchedService is one watched service in a line.
func (s listWords) watchedService(one WatchedService) string {
	watch, is := one.Watch, one.Health
	parts := []string{blocks.ServiceName(watch.Label, watch.Service), s.NextOf(one, s.when)}
	if is.Trouble != nil {
		parts = append(parts, "⚠️ "+s.Diagnosis(*is.Trouble))
	}
	if is.Service != "" {
		parts = append(parts, s.DataAge(is.ReadAt))
	}
	if is.Channel != "" {
		parts = append(parts, s.Say("services.channel", "channel", "<#"+blocks.Escape(is.Channel)+">"))
	}
	if watch.Fixed {
		parts = append(parts, s.Say("services.setting"))
	} else if watch.By != "" {
		parts = append(parts, s.Say("services.by", "who", blocks.Mention(watch.By)))
	}
	return strings.Join(parts, " · ")
}

// Watched are the watched services with what is known of them at a moment, the
// soonest expiry first.
func Watched(at time.Time, watches []plan.Watch, outlook plan.Outlook, health plan.Health) []WatchedService {
	all := make([]WatchedService, len(watches))
	index := make(map[string]*WatchedService, len(watches))
	for i, w := range watches {
		all[i].Watch = w
		index[w.Service] = &all[i]
	}
	know := func(service string, note func(*WatchedService)) {
		if s := index[service]; s != nil { // it may have been unwatched between two reads
			note(s)
		}
	}
	for _, one := range outlook.Services {
		know(one.Service, func(s *WatchedService) {
			if s.First = one.Soonest; s.First.After(at) {
				s.Next.Soonest = s.First // also when there are too many items for its own to be among them
			}
		})
	}
	for _, i := range outlook.Items {
		know(i.Service, func(s *WatchedService) { s.add(i, at) })
	}
	for _, i := range outlook.Unknown {
		know(i.Service, func(s *WatchedService) { s.unknown++ })
	}
	for _, i := range outlook.Vanished {
		know(i.Service, func(s *WatchedService) { s.vanished++ })
	}
	for _, one := range health.Services {
		know(one.Service, func(s *WatchedService) { s.Health = one })
	}
	for _, one := range outlook.Unread {
		know(one.Service, func(s *WatchedService) { s.Unread = true })
	}
	slices.SortStableFunc(all, func(x, y WatchedService) int {
		a, b := x.First, y.First
		return cmp.Or(
			before(!a.IsZero(), !b.IsZero()),
			a.Compare(b),
			before(x.Unread, y.Unread),
			strings.Compare(x.Service, y.Service))
	})
	return all
}

// before orders what is so before what is not.
func before(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	default:
		return 1
	}
}
