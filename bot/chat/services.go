package chat

import (
	"context"
	"time"

	"computeunits/bot/grammar"
	"computeunits/bot/messages"
	"computeunits/bot/reply"
	"computeunits/bot/views"
	"computeunits/notify/plan"
)

// services lists what is watched: what expires next in each, how old that
// knowledge is, who watches it, and where is told.
func (a lister) services(ctx context.Context, w Turn, now time.Time, f messages.ListPage) reply.Reply {
	k, err := a.expiring(ctx, w, "", now, now.Add(messages.FarAhead), 0, MaxSearched)
	if err != nil {
		return w.Trouble(ctx, err)
	}
	if len(k.Watches) == 0 {
		return reply.Reply{Message: messages.Text(w.Say("outlook.none.watched", "line", w.prefix()+grammar.Request{Verb: grammar.Watch, Service: "svco-…"}.Line()))}
	}
	if !w.Alone() {
		for i := range k.Watches {
			k.Watches[i].By = "" // naming people would call them
		}
	}
	facts := views.HomeFacts{At: now, Watches: k.Watches, Outlook: k.Outlook, Health: k.Health}
	all := facts.Services()
	f = f.Clamp(len(all))
	p := messages.Words{Announcement: plan.Announcement{At: now}, Book: w.Book}.WatchedServices(all, f.Begin)
	if k.away {
		p.Note("⚠️ " + w.Say("outlook.ledger"))
	}
	return reply.Reply{Message: f.Message(w.Book, p, len(all))}
}
