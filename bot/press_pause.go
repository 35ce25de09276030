package bot

import (
	"context"
	"time"

	"computeunits/bot/action"
	"computeunits/bot/messages"
	"computeunits/bot/reply"
	"computeunits/notify/plan"
)

// editTime is how much of the time for a press is kept for editing the message,
// when what is to be done to its instances takes long.
const editTime = 10 * time.Second

// pauseBy acknowledges or snoozes by a button, or takes that back. The message
// shows it; the person reads only what the message does not say.
func (a *answerer) pauseBy(ctx context.Context, w asking, d action.Action) reply.Reply {
	if refused, ok := a.mayChange(ctx, w); !ok {
		return refused
	}
	if a.notifier == nil {
		return whispered(w.Say("press.unwatched"))
	}
	about := []plan.Expiry{d.Expiry()}
	if d.Instance == "" {
		var err error
		if about, err = a.notifier.RemindersIn(ctx, w.Channel, w.TS); err != nil {
			return w.trouble(ctx, err)
		}
		if len(about) == 0 {
			return whispered(w.Say("press.forgotten"))
		}
	}
	return a.pauseThese(ctx, w, d, about)
}

// pauseThese does what a deed says to some expiries, and edits the message that
// they stand in, if there is one.
func (a *answerer) pauseThese(ctx context.Context, w asking, d action.Action, about []plan.Expiry) reply.Reply {
	now := a.now()
	answers, err := a.pauseAll(ctx, w.Change(now), d, about)
	if err != nil && len(answers) == 0 {
		return w.trouble(ctx, err)
	}
	if err != nil {
		w.log.WarnContext(ctx, "did not come to all that was pressed for", "done", len(answers), "of", len(about), "error", err)
	}
	shown := a.correct(ctx, w)
	lines := append(messages.PauseOutcome(w.Book, d.Kind, len(about), answers, now), messages.FollowUps(w.Book, shown, answers)...)
	w.log.InfoContext(ctx, "pressed", "act", d.Kind, "expiries", len(about), "changed", messages.CountChanged(answers))
	if shown == plan.ShownNow && d.Instance != "" && len(lines) == 1 && messages.AnyChanged(answers) {
		return reply.Reply{} // the message itself says so; of all, what stands in the thread may be meant
	}
	return reply.Reply{Message: messages.Mrkdwn(lines...), Private: true}
}

// now is the notifier's clock: what people snooze is reckoned by it.
func (a *answerer) now() time.Time {
	if a.notifier != nil && a.notifier.Now != nil {
		return a.notifier.Now().UTC()
	}
	return time.Now().UTC()
}

// untilEdit leaves the time that editing the message takes.
func untilEdit(ctx context.Context) (context.Context, context.CancelFunc) {
	if end, ok := ctx.Deadline(); ok {
		return context.WithDeadline(ctx, end.Add(-editTime))
	}
	return context.WithCancel(ctx)
}

// pauseAll asks the notifier for what a deed says. When the time is up, there may
// be an error and answers about the first of the expiries.
func (a *answerer) pauseAll(ctx context.Context, c plan.Change, d action.Action, about []plan.Expiry) ([]plan.Answer, error) {
	ctx, cancel := untilEdit(ctx)
	defer cancel()
	switch d.Kind {
	case action.Acknowledge:
		return a.notifier.Acknowledge(ctx, c, about...)
	case action.Unacknowledge:
		return a.notifier.Unacknowledge(ctx, c, about...)
	case action.Unsnooze:
		return a.notifier.Unsnooze(ctx, c, about...)
	default:
		var until time.Time
		if d.Span > 0 {
			until = c.At.Add(d.Span)
		}
		return a.notifier.Snooze(ctx, c, until, about...)
	}
}

// correct edits the pressed message, and tells what it shows then. One that
// cannot be edited at present is edited later by the notifier.
func (a *answerer) correct(ctx context.Context, w asking) plan.Shown {
	shown, err := a.notifier.Correct(ctx, w.Channel, w.TS)
	if err != nil {
		w.log.WarnContext(ctx, "could not edit the pressed message at once", "ts", w.TS, "error", err)
	}
	return shown
}
