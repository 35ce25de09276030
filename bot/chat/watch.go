package chat

import (
	"context"
	"errors"
	"time"

	"github.com/slack-go/slack"

	"computeunits/bot/blocks"
	"computeunits/bot/grammar"
	"computeunits/bot/messages"
	"computeunits/bot/reply"
	"computeunits/notify/plan"
	"computeunits/qianfan"
)

// watch begins to watch a service that Qianfan knows, and shows what it has.
func (a watcher) watch(ctx context.Context, w Turn, r grammar.Request, now time.Time) reply.Reply {
	if a.Notifier == nil {
		return reply.Reply{Message: messages.Text(w.Say("watch.impossible"))}
	}
	q := qianfan.Query{ServiceID: r.Service}
	reading, err := a.Units.ComputeUnits(ctx, q)
	if err != nil {
		said, not := asker(a).unanswered(ctx, w, q, err), w.Say("watch.not", "service", blocks.Code(r.Service))
		said.Text = not + "\n" + said.Text
		said.Blocks = append([]slack.Block{slack.NewSectionBlock(blocks.Mrkdwn(not), nil, nil)}, said.Blocks...)
		return said
	}
	a.remember(r.Service)
	is, err := a.Notifier.Changes().Watch(ctx, w.Change(now), plan.Watch{Service: r.Service, Label: r.Label})
	if fixed, ok := errors.AsType[*plan.FixedError](err); ok {
		return reply.Reply{Message: messages.Paragraph(w.Book, w.Say("watch.label.fixed", "service", blocks.Code(fixed.Service)))}
	}
	if err != nil {
		return w.Trouble(ctx, err)
	}
	w.Log.InfoContext(ctx, "watched", "service", r.Service, "changed", is.Changed)
	answer := messages.NewAnswer(q, reading)
	return reply.Reply{Message: messages.WatchBegun(w.dialect(), is, answer, a.promise(w, is.Watch, reading, now), asker(a).answerPage(ctx, w, answer).Message(w.dialect()))}
}

// promise says what reminders a new watch adds, by what Qianfan just told, and
// where they go.
func (a watcher) promise(w Turn, watch plan.Watch, reading qianfan.Reading, now time.Time) []string {
	ladder, channel := watch.Ladder, watch.Channel
	if len(ladder) == 0 {
		ladder = a.Notifier.Settings.Before
	}
	if channel == "" {
		channel = a.Notifier.Settings.Channel
	}
	n, first := steps(ladder, reading.Instances, now)
	var lines []string
	switch {
	case n == 0:
		lines = append(lines, w.Say("watch.noreminders"))
	case first.Equal(now):
		lines = append(lines, w.Count("watch.reminders.now", n))
	default:
		lines = append(lines, w.Count("watch.reminders", n, "when", blocks.Date(w.Book, first)))
	}
	if channel != "" {
		lines = append(lines, w.Say("watch.told", "channel", "<#"+blocks.Escape(channel)+">"))
	}
	return lines
}

// steps counts the reminders that instances not known before will cause, and
// tells when the first comes: now, if a step has been crossed already.
func steps(ladder plan.Ladder, instances []qianfan.Instance, now time.Time) (n int, first time.Time) {
	for _, in := range instances {
		if in.Timing != qianfan.Prepaid || in.Expires.IsZero() || !in.Expires.Add(messages.Retention).After(now) {
			continue
		}
		crossed := false
		for _, step := range ladder {
			at := in.Expires.Add(-step)
			if !at.After(now) {
				crossed = true
				continue
			}
			if n++; first.IsZero() || at.Before(first) {
				first = at
			}
		}
		if crossed {
			n, first = n+1, now
		}
	}
	return n, first
}

// unwatch stops watching a service.
func (a watcher) unwatch(ctx context.Context, w Turn, r grammar.Request, now time.Time) reply.Reply {
	if a.Notifier == nil {
		return reply.Reply{Message: messages.Text(w.Say("watch.impossible"))}
	}
	was, err := a.Notifier.Changes().Unwatch(ctx, w.Change(now), r.Service)
	if _, ok := errors.AsType[*plan.FixedError](err); ok {
		return reply.Reply{Message: messages.Paragraph(w.Book, w.Say("unwatch.fixed", "service", blocks.Code(r.Service)))}
	}
	if err != nil {
		return w.Trouble(ctx, err)
	}
	w.Log.InfoContext(ctx, "unwatched", "service", r.Service, "changed", was.Changed)
	return reply.Reply{Message: messages.WatchEnded(w.Book, was, w.Alone(), now)}
}
