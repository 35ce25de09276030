package bot

import (
	"context"
	"slices"
	"strings"
	"time"

	"computeunits/bot/grammar"
	"computeunits/notify"
)

// services lists what is watched: what expires next in each, how old that
// knowledge is, who watches it, and where is told.
func (a *answerer) services(ctx context.Context, w asking, now time.Time, f folio) response {
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
	o, _, err := a.expiring(ctx, w, "", now, now.Add(farAhead), 0, maxSearched)
	if err != nil {
		return w.trouble(ctx, err)
	}
	var health notify.Health
	if a.notifier != nil {
		if health, err = a.notifier.Health(ctx, now); err != nil {
			return w.trouble(ctx, err)
		}
	}
	facts := homeFacts{at: now, watches: watches, outlook: o, health: health}
	if a.notifier == nil {
		facts.health = readNow(watches, o, now)
	}
	all := facts.services()
	f = f.clamp(len(all))
	p := scribe{notify.Announcement{At: now}, w.Book}.watchedServices(all, f.begin)
	return response{rendering: f.rendering(w.Book, p, len(all))}
}

// readNow is the health of services that were read for this answer.
func readNow(watches []notify.Watch, o notify.Outlook, now time.Time) (h notify.Health) {
	for _, w := range watches {
		if !slices.ContainsFunc(o.Unread, func(t notify.Trouble) bool { return t.Service == w.Service }) {
			h.Services = append(h.Services, notify.ServiceHealth{Service: w.Service, Label: w.Label, ReadAt: now})
		}
	}
	return h
}

// watchedServices is a line for each watched service from one on, the soonest
// expiry first.
func (s scribe) watchedServices(all []homeService, begin int) page {
	return page{
		lead:  s.Count("services.lead", len(all)),
		lists: []list{{n: len(all) - begin, line: func(i int) string { return s.watchedService(all[begin+i]) }}},
	}
}

// nextOf is what of a service expires next. What is not known is never
// "nothing".
func (s scribe) nextOf(one homeService, when func(time.Time) string) string {
	soonest := one.next.Soonest
	left := s.left(soonest)
	var parts []string
	if one.over > 0 {
		parts = append(parts, "⛔ "+s.Count("home.expired", one.over))
	}
	switch {
	case !soonest.IsZero() && one.next.Instances == 0:
		parts = append(parts, urgencyIcon(left)+" "+when(soonest), s.Left(left))
	case !soonest.IsZero():
		parts = append(parts, urgencyIcon(left)+" "+s.Say("services.next", "what", s.amount(one.next.Replicas, one.next.Instances), "when", when(soonest), "left", s.Left(left)))
	case one.unread || one.is.Service == "" || one.is.ReadAt.IsZero():
		parts = append(parts, "❔ "+s.Say("status.unknown"))
	case one.over == 0:
		parts = append(parts, "✅ "+s.Say("services.nothing"))
	}
	return strings.Join(parts, " · ")
}

// watchedService is one watched service in a line.
func (s scribe) watchedService(one homeService) string {
	watch, is := one.Watch, one.is
	parts := []string{name(watch.Label, watch.Service), s.nextOf(one, s.when)}
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
