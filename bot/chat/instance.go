package chat

import (
	"context"
	"slices"
	"strings"
	"time"

	"computeunits/bot/blocks"
	"computeunits/bot/grammar"
	"computeunits/bot/messages"
	"computeunits/bot/reply"
	"computeunits/notify/plan"
	"computeunits/qianfan"
)

// instance says when one instance expires, and who takes care of it.
func (a lister) instance(ctx context.Context, w Turn, r grammar.Request, now time.Time) reply.Reply {
	k, err := a.itemsOf(ctx, w, r, now)
	o := k.Outlook
	if err != nil {
		return w.Trouble(ctx, err)
	}
	if len(o.Items) == 0 && len(o.Unknown) == 0 && r.Service != "" {
		// It may not be watched, or expire on no date: all that there is tells.
		return asker(a).ask(ctx, w, qianfan.Query{ServiceID: r.Service})
	}
	s := messages.Words{Announcement: plan.Announcement{At: now, Items: o.Items, Troubles: o.Unread}, Book: w.Book}
	p := s.Instance(r.Instance, o.Unknown)
	if k.away {
		p.Note("⚠️ " + w.Say("outlook.ledger"))
	}
	if len(o.Items) > 0 || len(o.Unknown) > 0 {
		return reply.Reply{Message: messages.Message{Text: p.Text(w.Book), Blocks: p.Blocks(w.Book)}}
	}
	said := messages.Message{Text: p.Text(w.Book), Blocks: p.Blocks(w.Book)}
	if service, ok := likelyService(r.Instance); ok {
		meant := w.Say("talk.didyoumean", "lines", messages.CodeLine(w.prefix()+service.Line()))
		said.Text += "\n" + meant
		said.Blocks = append(append(said.Blocks, blocks.Context(meant)), messages.SayButtons(w.Book, service)...)
	}
	return reply.Reply{Message: said}
}

// likelyService asks about the service whose id is that of an instance with its
// beginning left out.
func likelyService(instance string) (grammar.Request, bool) {
	r, bad := grammar.Parse("svco-"+instance, grammar.Context{})
	return r, bad == nil && r.Verb == grammar.Ask && !strings.ContainsAny(instance, "-_")
}

// itemsOf are the present expiries of the instances of an id, which may be one of
// several services: of those that are watched, or of the one service that is
// named; and what could not be read.
func (a lister) itemsOf(ctx context.Context, w Turn, r grammar.Request, now time.Time) (knowledge, error) {
	others := func(i plan.Item) bool {
		return !strings.EqualFold(i.Instance, r.Instance) || r.Service != "" && i.Service != r.Service
	}
	for skip := 0; ; skip += MaxSearched {
		k, err := a.expiring(ctx, w, "", now, now.Add(messages.FarAhead), skip, MaxSearched)
		if err != nil {
			return k, err
		}
		all := len(k.Outlook.Items) < MaxSearched
		k.Outlook.Items = slices.DeleteFunc(slices.Clone(k.Outlook.Items), others)
		k.Outlook.Unknown = slices.DeleteFunc(slices.Clone(k.Outlook.Unknown), others)
		if len(k.Outlook.Items) > 0 || all {
			return k, nil
		}
	}
}
