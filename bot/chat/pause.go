package chat

import (
	"context"
	"time"

	"computeunits/bot/action"
	"computeunits/bot/blocks"
	"computeunits/bot/grammar"
	"computeunits/bot/messages"
	"computeunits/bot/reply"
	"computeunits/notify/plan"
)

// pause acknowledges or snoozes the reminders of an instance by words, or takes
// that back. The reminders that stand in channels show it.
func (a pauser) pause(ctx context.Context, w Turn, r grammar.Request, now time.Time) reply.Reply {
	if a.Notifier == nil {
		return reply.Reply{Message: messages.Text(w.Say("press.unwatched"))}
	}
	k, err := lister(a).itemsOf(ctx, w, r, now)
	switch {
	case err != nil:
		return w.Trouble(ctx, err)
	case k.away:
		w = w.forPerson()
		return reply.Reply{Message: messages.Text(w.Say("error.ledger", "id", w.ID)), Private: true}
	}
	o := k.Outlook
	if len(o.Items) == 0 {
		return reply.Reply{Message: messages.Paragraph(w.Book, w.Say("pause.unknown", "instance", blocks.Code(r.Instance)))}
	}
	about, labels := make([]plan.Expiry, len(o.Items)), make(map[string]string)
	for i, item := range o.Items {
		labels[item.Service] = item.Label
		about[i] = plan.Expiry{Service: item.Service, Instance: item.Instance, Expires: item.Expires}
	}
	c, did := w.Change(now), action.Snooze
	var answers []plan.Answer
	switch r.Verb {
	case grammar.Acknowledge:
		did = action.Acknowledge
		answers, err = a.Notifier.Changes().Acknowledge(ctx, c, about...)
	case grammar.Unacknowledge:
		did = action.Unacknowledge
		answers, err = a.Notifier.Changes().Unacknowledge(ctx, c, about...)
	case grammar.Unsnooze:
		did = action.Unsnooze
		answers, err = a.Notifier.Changes().Unsnooze(ctx, c, about...)
	default:
		until := r.Until // zero: until the next step
		if r.For > 0 {
			until = now.Add(r.For)
		}
		answers, err = a.Notifier.Changes().Snooze(ctx, c, until, about...)
	}
	if err != nil {
		return w.Trouble(ctx, err)
	}
	w.Log.InfoContext(ctx, "answered reminders", "verb", r.Verb, "instance", r.Instance, "changed", messages.CountChanged(answers))
	return reply.Reply{Message: messages.Answered(w.Book, did, answers, labels, now)}
}
