package bot

import (
	"context"
	"time"

	"computeunits/bot/grammar"
	"computeunits/bot/messages"
	"computeunits/bot/views"
	"computeunits/notify"
)

// services lists what is watched: what expires next in each, how old that
// knowledge is, who watches it, and where is told.
func (a *answerer) services(ctx context.Context, w asking, now time.Time, f messages.ListPage) response {
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
		return response{Message: messages.Text(w.Say("outlook.none.watched", "line", w.prefix()+grammar.Request{Verb: grammar.Watch, Service: "svco-…"}.Line()))}
	}
	if !w.alone() {
		for i := range watches {
			watches[i].By = "" // naming people would call them
		}
	}
	o, _, err := a.expiring(ctx, w, "", now, now.Add(messages.FarAhead), 0, maxSearched)
	if err != nil {
		return w.trouble(ctx, err)
	}
	var health notify.Health
	if a.notifier != nil {
		if health, err = a.notifier.Health(ctx, now); err != nil {
			return w.trouble(ctx, err)
		}
	}
	facts := views.HomeFacts{At: now, Watches: watches, Outlook: o, Health: health}
	if a.notifier == nil {
		facts.Health = messages.HealthOf(watches, o, now)
	}
	all := facts.Services()
	f = f.Clamp(len(all))
	p := messages.Words{Announcement: notify.Announcement{At: now}, Book: w.Book}.WatchedServices(all, f.Begin)
	return response{Message: f.Message(w.Book, p, len(all))}
}
