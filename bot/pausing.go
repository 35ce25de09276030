package bot

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
func (a *answerer) pause(ctx context.Context, w asking, r grammar.Request, now time.Time) reply.Reply {
	if a.notifier == nil {
		return reply.Reply{Message: messages.Text(w.Say("press.unwatched"))}
	}
	k, err := a.itemsOf(ctx, w, r, now)
	switch {
	case err != nil:
		return w.trouble(ctx, err)
	case k.away:
		w = w.aside()
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
		answers, err = a.notifier.Acknowledge(ctx, c, about...)
	case grammar.Unacknowledge:
		did = action.Unacknowledge
		answers, err = a.notifier.Unacknowledge(ctx, c, about...)
	case grammar.Unsnooze:
		did = action.Unsnooze
		answers, err = a.notifier.Unsnooze(ctx, c, about...)
	default:
		until := r.Until // zero: until the next step
		if r.For > 0 {
			until = now.Add(r.For)
		}
		answers, err = a.notifier.Snooze(ctx, c, until, about...)
	}
	if err != nil {
		return w.trouble(ctx, err)
	}
	w.log.InfoContext(ctx, "answered reminders", "verb", r.Verb, "instance", r.Instance, "changed", messages.CountChanged(answers))
	return reply.Reply{Message: messages.Answered(w.Book, did, answers, labels, now)}
}
