package bot

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"computeunits/bot/grammar"
	"computeunits/notify"
)

// services lists what is watched: what expires next in each, how old that
// knowledge is, who watches it, and where is told.
func (a *answerer) services(ctx context.Context, w asking, now time.Time) response {
	watches, err := a.watches(ctx)
	if err != nil {
		return w.trouble(ctx, err)
	}
	if a.notifier == nil {
		for _, s := range a.listed {
			watches = append(watches, notify.Watch{Service: s.ID, Label: s.Label, Fixed: true})
		}
	}
	if len(watches) == 0 {
		return response{rendering: plain(w.Say("outlook.none.watched", "line", w.prefix()+grammar.Request{Verb: grammar.Watch, Service: "svco-…"}.Line()))}
	}
	if !w.alone() {
		for i := range watches {
			watches[i].By = "" // naming people would call them
		}
	}
	o, _, err := a.expiring(ctx, w, "", now, now.Add(farAhead))
	if err != nil {
		return w.trouble(ctx, err)
	}
	var health notify.Health
	if a.notifier != nil {
		if health, err = a.notifier.Health(ctx, now); err != nil {
			return w.trouble(ctx, err)
		}
	}
	s := scribe{notify.Announcement{At: now}, w.Book}
	p := s.watchedServices(watches, o, health)
	return response{rendering: rendering{p.text(w.Book), p.blocks(w.Book)}}
}

// watchedServices is a line for each watched service, the soonest expiry first.
func (s scribe) watchedServices(watches []notify.Watch, o notify.Outlook, health notify.Health) page {
	next := make(map[string]notify.Summary, len(o.Services))
	for _, one := range o.Services {
		next[one.Service] = one
	}
	state := make(map[string]notify.ServiceHealth, len(health.Services))
	for _, one := range health.Services {
		state[one.Service] = one
	}
	slices.SortStableFunc(watches, func(x, y notify.Watch) int {
		a, b := next[x.Service].Soonest, next[y.Service].Soonest
		if a.IsZero() != b.IsZero() {
			return cmp.Compare(truth(a.IsZero()), truth(b.IsZero()))
		}
		return cmp.Or(a.Compare(b), cmp.Compare(x.Service, y.Service))
	})
	unread := make(map[string]bool)
	for _, t := range o.Unread {
		unread[t.Service] = true
	}
	line := func(i int) string {
		one := watches[i]
		return s.watchedService(one, next[one.Service], state[one.Service], unread[one.Service])
	}
	return page{
		lead:  s.Count("services.lead", len(watches)),
		lists: []list{{n: len(watches), line: line}},
	}
}

// watchedService is one watched service in a line.
func (s scribe) watchedService(watch notify.Watch, next notify.Summary, is notify.ServiceHealth, unread bool) string {
	parts := []string{name(watch.Label, watch.Service)}
	left := s.left(next.Soonest)
	switch {
	case next.Soonest.IsZero() && (unread || is.Service != "" && is.ReadAt.IsZero()):
		parts = append(parts, "❔ "+s.Say("status.unknown"))
	case next.Soonest.IsZero():
		parts = append(parts, "✅ "+s.Say("services.nothing"))
	case left > 0:
		parts = append(parts, urgencyIcon(left)+" "+s.Say("services.next", "what", s.amount(next.Replicas, next.Instances), "when", s.when(next.Soonest), "left", s.Left(left)))
	default:
		parts = append(parts, "🔴 "+s.Say("item.expired", "ago", s.Ago(left)))
	}
	if is.Trouble != nil {
		parts = append(parts, "⚠️ "+s.diagnosis(*is.Trouble))
	}
	if is.Service != "" {
		parts = append(parts, s.dataAge(is.ReadAt))
	}
	if is.Channel != "" {
		parts = append(parts, s.Say("services.channel", "channel", "<#"+escape(is.Channel)+">"))
	}
	if watch.Fixed {
		parts = append(parts, s.Say("services.setting"))
	} else if watch.By != "" {
		parts = append(parts, s.Say("services.by", "who", mention(watch.By)))
	}
	return strings.Join(parts, " · ")
}
