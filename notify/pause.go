package notify

import (
	"context"
	"fmt"
	"time"

	"computeunits/notify/plan"
)

// Acknowledge notes that somebody takes care of expiries: no further reminder
// of them is sent but those of the last day and of the expiry itself. It takes
// the place of a snooze.
func (n Changes) Acknowledge(ctx context.Context, c plan.Change, about ...plan.Expiry) ([]plan.Answer, error) {
	return n.answer(ctx, c, "acknowledge", about, func(in plan.Instance, was plan.HeldPause, _ plan.Ladder) (plan.HeldPause, plan.Answer) {
		if was.Holds() && was.Acknowledged() {
			return was, plan.Answer{}
		}
		return plan.HeldPause{Pause: plan.Pause{By: c.By, At: c.At}}, plan.Answer{}
	})
}

// Unacknowledge takes an acknowledgement back. What was not said meanwhile and
// still matters is said at once; nothing is said twice.
func (n Changes) Unacknowledge(ctx context.Context, c plan.Change, about ...plan.Expiry) ([]plan.Answer, error) {
	return n.answer(ctx, c, "unacknowledge", about, func(_ plan.Instance, was plan.HeldPause, _ plan.Ladder) (plan.HeldPause, plan.Answer) {
		return was.Lift(c, was.Acknowledged()), plan.Answer{}
	})
}

// Snooze puts reminders off until a moment, at which one comes whatever the
// ladder says. A zero until means the ladder's next step. A snooze never
// reaches beyond the next step of the last day, or the expiry. It takes the
// place of an acknowledgement.
func (n Changes) Snooze(ctx context.Context, c plan.Change, until time.Time, about ...plan.Expiry) ([]plan.Answer, error) {
	until = until.UTC().Truncate(time.Second)
	if !until.IsZero() && !until.After(c.At) {
		return nil, fmt.Errorf("snoozing until %s: that is over", until.Format(time.RFC3339))
	}
	return n.answer(ctx, c, "snooze", about, func(in plan.Instance, was plan.HeldPause, ladder plan.Ladder) (plan.HeldPause, plan.Answer) {
		end, ok := ladder.Snooze(in.Expires, c.At, until)
		if !ok {
			return was, plan.Answer{Reason: plan.ReasonOver}
		}
		shortened := plan.Answer{Shortened: end.Before(until)}
		if was.Holds() && was.Until.Equal(end) {
			return was, shortened
		}
		return plan.HeldPause{Pause: plan.Pause{By: c.By, At: c.At, Until: end}}, shortened
	})
}

// Unsnooze takes a snooze back, like Unacknowledge.
func (n Changes) Unsnooze(ctx context.Context, c plan.Change, about ...plan.Expiry) ([]plan.Answer, error) {
	return n.answer(ctx, c, "unsnooze", about, func(_ plan.Instance, was plan.HeldPause, _ plan.Ladder) (plan.HeldPause, plan.Answer) {
		return was.Lift(c, was.Snoozed() && !was.Ended(c.At)), plan.Answer{}
	})
}

// Lift takes back whatever was answered, be it that somebody takes care of an
// expiry or that they want to hear of it later: it is one change.
func (n Changes) Lift(ctx context.Context, c plan.Change, about ...plan.Expiry) ([]plan.Answer, error) {
	return n.answer(ctx, c, "", about, func(_ plan.Instance, was plan.HeldPause, _ plan.Ladder) (plan.HeldPause, plan.Answer) {
		return was.Lift(c, was.Acknowledged() || was.Snoozed() && !was.Ended(c.At)), plan.Answer{}
	})
}
