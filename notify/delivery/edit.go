package delivery

import (
	"context"
	"errors"
	"time"

	"computeunits/notify/ledger"
	"computeunits/notify/plan"
)

// edit brings posted messages up to date. It reports whether it did anything.
func (c editor) edit(ctx context.Context, t *ChannelQueue) (moved bool, err error) {
	if err := c.check(ctx, t); err != nil || t.held {
		return false, err
	}
	changes := c.changes.Load()
	keys, err := c.ledger.Edits.Corrections(ctx, t.Channel, c.pass().Now)
	if err != nil {
		return false, err
	}
	for _, key := range keys {
		if moved && c.changes.Load() != changes {
			break // something to post goes first
		}
		if !t.Pause(ctx) {
			break
		}
		correction, err := c.ledger.Edits.Correct(ctx, key, c.pass(), false)
		if c.panicked(ctx, err, "panic about an edit; it rests, and keeps no other", "message", key, "channel", t.Channel) {
			if err := c.ledger.Outbox.Poisoned(ctx, key, c.pass().Now.Add(plan.PoisonRest), err); err != nil {
				return moved, err
			}
			continue
		}
		if errors.Is(err, ledger.ErrHeld) {
			t.held = true
			return moved, nil
		}
		if err != nil {
			return moved, err
		}
		moved = true
		if correction == nil {
			continue
		}
		if became, err := c.update(ctx, t, correction); err != nil || became == resultStopped {
			return moved, err
		}
	}
	return moved, nil
}

// update makes one edit and records what became of it.
func (c editor) update(ctx context.Context, t *ChannelQueue, e *ledger.Correction) (result, error) {
	ctx = context.WithoutCancel(ctx)
	limited, cancel := context.WithTimeout(ctx, plan.AttemptTimeout)
	defer cancel()
	err := c.sender.Update(limited, e.TS, e.Announcement)
	t.Next = time.Now().Add(PostEvery)
	ctx, cancel = context.WithTimeout(ctx, plan.RecordTimeout)
	defer cancel()
	if err == nil {
		c.log.InfoContext(ctx, "corrected", "message", e.Key, "channel", t.Channel, "ts", e.TS)
		return resultPosted, c.ledger.Edits.Corrected(ctx, e, c.pass().Now)
	}
	c.panicked(ctx, err, "panic while editing", "message", e.Key, "channel", t.Channel)
	failure, ok := errors.AsType[*SendError](err)
	if !ok {
		failure = &SendError{Outcome: Ambiguous}
	}
	p := c.pass()
	now := p.Now
	switch {
	case failure.Outcome == Rejected && !e.Announcement.Plain && !ledger.Uneditable(failure.Reason):
		c.log.WarnContext(ctx, "Slack rejects an edit; it is made without blocks next", "message", e.Key, "channel", t.Channel, "error", err)
		return resultRejected, c.ledger.Edits.Simplify(ctx, e, now, err.Error())
	case failure.Outcome == Rejected && failure.Reason != ledger.ReasonGone:
		c.log.ErrorContext(ctx, "cannot correct a message; what is true now is said in its thread", "message", e.Key, "channel", t.Channel, "error", err)
		return resultRejected, c.ledger.Edits.CorrectBelow(ctx, e, now, err.Error())
	case failure.Outcome == Rejected,
		failure.Outcome == Refused && e.Channel != p.Channel && !p.Tells(e.Channel): // nobody is told anything there any more
		c.log.ErrorContext(ctx, "cannot correct a message; it stays as it is", "message", e.Key, "channel", t.Channel, "error", err)
		return resultRejected, c.ledger.Edits.Uncorrected(ctx, e, time.Time{}, false, err.Error())
	case failure.Outcome == Ambiguous: // to make the same edit twice does no harm
		c.log.WarnContext(ctx, "could not correct a message", "message", e.Key, "channel", t.Channel, "error", err)
		return resultUnknown, c.ledger.Edits.Uncorrected(ctx, e, now.Add(backoff(ambiguousRest, e.EditAttempt)), true, err.Error())
	default: // the channel waits before anybody can take the edit up again
		if err := c.stop(ctx, t, failure, err); err != nil {
			return resultStopped, err
		}
		return resultStopped, c.ledger.Edits.Uncorrected(ctx, e, now, false, err.Error())
	}
}
