package chat

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
func (a pauser) pauseBy(ctx context.Context, w Turn, d action.Action) reply.Reply {
	if refused, ok := a.mayChange(ctx, w); !ok {
		return refused
	}
	if a.Notifier == nil {
		return privately(w.Say("press.unwatched"))
	}
	about := []plan.Expiry{d.Expiry()}
	if d.Instance == "" {
		var err error
		if about, err = a.Notifier.Reports().RemindersIn(ctx, w.Channel, w.TS); err != nil {
			return w.Trouble(ctx, err)
		}
		if len(about) == 0 {
			return privately(w.Say("press.forgotten"))
		}
	}
	return a.pauseThese(ctx, w, d, about)
}

// pauseThese does what an action says to some expiries, and edits the message that
// they stand in, if there is one.
func (a pauser) pauseThese(ctx context.Context, w Turn, d action.Action, about []plan.Expiry) reply.Reply {
	now := a.Now()
	answers, err := a.pauseAll(ctx, w.Change(now), d, about)
	if err != nil && len(answers) == 0 {
		return w.Trouble(ctx, err)
	}
	if err != nil {
		w.Log.WarnContext(ctx, "did not come to all that was pressed for", "done", len(answers), "of", len(about), "error", err)
	}
	shown := a.correct(ctx, w)
	lines := append(messages.PauseOutcome(w.Book, d.Kind, len(about), answers, now), messages.FollowUps(w.Book, shown, answers)...)
	w.Log.InfoContext(ctx, "pressed", "act", d.Kind, "expiries", len(about), "changed", messages.CountChanged(answers))
	if shown == plan.ShownNow && d.Instance != "" && len(lines) == 1 && messages.AnyChanged(answers) {
		return reply.Reply{} // the message itself says so; of all, what stands in the thread may be meant
	}
	return reply.Reply{Message: messages.Mrkdwn(lines...), Private: true}
}

// untilEdit leaves the time that editing the message takes.
func untilEdit(ctx context.Context) (context.Context, context.CancelFunc) {
	if end, ok := ctx.Deadline(); ok {
		return context.WithDeadline(ctx, end.Add(-editTime))
	}
	return context.WithCancel(ctx)
}

// pauseAll asks the notifier for what an action says. When the time is up, there may
// be an error and answers about the first of the expiries.
func (a pauser) pauseAll(ctx context.Context, c plan.Change, d action.Action, about []plan.Expiry) ([]plan.Answer, error) {
	ctx, cancel := untilEdit(ctx)
	defer cancel()
	switch d.Kind {
	case action.Acknowledge:
		return a.Notifier.Changes().Acknowledge(ctx, c, about...)
	case action.Unacknowledge:
		return a.Notifier.Changes().Unacknowledge(ctx, c, about...)
	case action.Unsnooze:
		return a.Notifier.Changes().Unsnooze(ctx, c, about...)
	default:
		var until time.Time
		if d.Span > 0 {
			until = c.At.Add(d.Span)
		}
		return a.Notifier.Changes().Snooze(ctx, c, until, about...)
	}
}

// correct edits the pressed message, and tells what it shows then. One that
// cannot be edited at present is edited later by the notifier.
func (a pauser) correct(ctx context.Context, w Turn) plan.Shown {
	shown, err := a.Notifier.Changes().Correct(ctx, w.Channel, w.TS)
	if err != nil {
		w.Log.WarnContext(ctx, "could not edit the pressed message at once", "ts", w.TS, "error", err)
	}
	return shown
}
