package bot

import (
	"context"
	"errors"
	"time"

	"github.com/slack-go/slack"

	"computeunits/bot/grammar"
	"computeunits/bot/phrase"
	"computeunits/notify"
	"computeunits/qianfan"
)

// watch begins to watch a service that Qianfan knows, and shows what it has.
func (a *answerer) watch(ctx context.Context, w asking, r grammar.Request, now time.Time) response {
	if a.notifier == nil {
		return response{rendering: plain(w.Say("watch.impossible"))}
	}
	q := qianfan.Query{ServiceID: r.Service}
	reading, err := a.units.ComputeUnits(ctx, q)
	if err != nil {
		said, not := a.unanswered(ctx, w, q, err), w.Say("watch.not", "service", code(r.Service))
		said.text = not + "\n" + said.text
		said.blocks = append([]slack.Block{slack.NewSectionBlock(marked(not), nil, nil)}, said.blocks...)
		return said
	}
	a.remember(r.Service)
	is, err := a.keepWatch(ctx, w, r, now)
	if fixed, ok := errors.AsType[*notify.FixedError](err); ok {
		return response{rendering: para(w.Book, w.Say("watch.label.fixed", "service", code(fixed.Service)))}
	}
	if err != nil {
		return w.trouble(ctx, err)
	}
	w.log.InfoContext(ctx, "watched", "service", r.Service, "changed", is.Changed)
	answer := NewAnswer(q, reading)
	return response{rendering: begun(w.dialect(), is, answer, a.promise(w, is.Watch, reading, now), a.sheet(ctx, w, answer).rendering(w.dialect()))}
}

// begun says what became of a watch, above what Qianfan knows of the service.
// promise are the lines about the reminders of a new one.
func begun(d dialect, is notify.Watching, answer Answer, promise []string, below rendering) rendering {
	service := name(is.Label, is.Service)
	found := d.Say("watch.found", "instances", answer.counted(d), "replicas", d.Count("count.replicas", answer.replicas()))
	var lines []string
	switch {
	case !is.Changed:
		lines = []string{"✅ " + d.Say("watch.same", "service", service), found}
	case is.Was != nil:
		lines = []string{"✅ " + d.Say("watch.changed", "service", service), found}
	default:
		lines = append([]string{"✅ " + d.Say("watch.begun", "service", service), found}, promise...)
	}
	below.text = clip(joinLines(lines)+"\n"+below.text, maxText)
	below.blocks = append(sections(lines), below.blocks...)
	return below
}

// keepWatch has a service watched; a label that somebody gives to one that is
// watched already becomes its label.
func (a *answerer) keepWatch(ctx context.Context, w asking, r grammar.Request, now time.Time) (notify.Watching, error) {
	c := w.change(now)
	is, err := a.notifier.Watch(ctx, c, notify.Watch{Service: r.Service, Label: r.Label})
	if err != nil || is.Changed || r.Label == "" || is.Label == r.Label {
		return is, err
	}
	again := is.Watch
	again.Label = r.Label
	return a.notifier.ChangeWatch(ctx, c, again)
}

// promise says what reminders a new watch adds, by what Qianfan just told, and
// where they go.
func (a *answerer) promise(w asking, watch notify.Watch, reading qianfan.Reading, now time.Time) []string {
	ladder, channel := watch.Ladder, watch.Channel
	if len(ladder) == 0 {
		ladder = a.notifier.Settings.Before
	}
	if channel == "" {
		channel = a.notifier.Settings.Channel
	}
	n, first := steps(ladder, reading.Instances, now)
	var lines []string
	switch {
	case n == 0:
		lines = append(lines, w.Say("watch.noreminders"))
	case first.Equal(now):
		lines = append(lines, w.Count("watch.reminders.now", n))
	default:
		lines = append(lines, w.Count("watch.reminders", n, "when", dateToken(w.Book, first)))
	}
	if channel != "" {
		lines = append(lines, w.Say("watch.told", "channel", "<#"+escape(channel)+">"))
	}
	return lines
}

// steps counts the reminders that instances not known before will cause, and
// tells when the first comes: now, if a step has been crossed already.
func steps(ladder notify.Ladder, instances []qianfan.Instance, now time.Time) (n int, first time.Time) {
	for _, in := range instances {
		if in.Timing != qianfan.Prepaid || in.Expires.IsZero() || !in.Expires.Add(retention).After(now) {
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
func (a *answerer) unwatch(ctx context.Context, w asking, r grammar.Request, now time.Time) response {
	if a.notifier == nil {
		return response{rendering: plain(w.Say("watch.impossible"))}
	}
	was, err := a.notifier.Unwatch(ctx, w.change(now), r.Service)
	if _, ok := errors.AsType[*notify.FixedError](err); ok {
		return response{rendering: para(w.Book, w.Say("unwatch.fixed", "service", code(r.Service)))}
	}
	if err != nil {
		return w.trouble(ctx, err)
	}
	w.log.InfoContext(ctx, "unwatched", "service", r.Service, "changed", was.Changed)
	return response{rendering: ended(w.Book, was, w.alone(), now)}
}

// ended says what became of the end of a watch.
func ended(book *phrase.Book, was notify.Watching, alone bool, now time.Time) rendering {
	if was.Changed {
		lines := []string{"✅ " + book.Say("unwatch.done", "service", name(was.Label, was.Service))}
		return para(book, joinLines(append(lines, effectLines(book, was.Effect)...)))
	}
	text := book.Say("unwatch.not", "service", code(was.Service))
	if was.By != "" && alone { // naming people would call them
		text += " " + book.Say("unwatch.before", "who", mention(was.By), "ago", book.Ago(now.Sub(was.At)))
	}
	return para(book, text)
}
