package bot

import (
	"context"
	"time"

	"computeunits/bot/grammar"
	"computeunits/bot/phrase"
	"computeunits/notify"
)

// pause acknowledges or snoozes the reminders of an instance by words, or takes
// that back. The reminders that stand in channels show it.
func (a *answerer) pause(ctx context.Context, w asking, r grammar.Request, now time.Time) response {
	if a.notifier == nil {
		return response{rendering: plain(w.Say("press.unwatched"))}
	}
	o, err := a.itemsOf(ctx, w, r, now)
	if err != nil {
		return w.trouble(ctx, err)
	}
	if len(o.Items) == 0 {
		return response{rendering: para(w.Book, w.Say("pause.unknown", "instance", code(r.Instance)))}
	}
	about, labels := make([]notify.Expiry, len(o.Items)), make(map[string]string)
	for i, item := range o.Items {
		labels[item.Service] = item.Label
		about[i] = notify.Expiry{Service: item.Service, Instance: item.Instance, Expires: item.Expires}
	}
	c, did := w.change(now), actSnooze
	var answers []notify.Answer
	switch r.Verb {
	case grammar.Acknowledge:
		did = actAcknowledge
		answers, err = a.notifier.Acknowledge(ctx, c, about...)
	case grammar.Unacknowledge:
		did = actUnacknowledge
		answers, err = a.notifier.Unacknowledge(ctx, c, about...)
	case grammar.Unsnooze:
		did = actUnsnooze
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
	w.log.InfoContext(ctx, "answered reminders", "verb", r.Verb, "instance", r.Instance, "changed", countChanged(answers))
	return response{rendering: answered(w.Book, did, answers, labels, now)}
}

// answered says what became of reminders, and how each stands now. labels are of
// the services.
func answered(book *phrase.Book, did act, answers []notify.Answer, labels map[string]string, now time.Time) rendering {
	lines := outcome(book, did, len(answers), answers, now)
	for _, one := range answers {
		line := "• " + book.Say("item.of", "what", code(one.Instance), "service", name(labels[one.Service], one.Service))
		if said := paused(book, one.Pause, func(t time.Time) string { return dateToken(book, t) }); said != "" {
			line += " · " + said
		}
		lines = append(lines, line)
	}
	return para(book, joinLines(lines))
}
