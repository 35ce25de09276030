package delivery

import (
	"context"
	"errors"
	"time"

	"computeunits/notify/ledger"
	"computeunits/notify/plan"
)

// failure records an attempt that did not succeed.
func (c *Deliverer) failure(ctx context.Context, t *ChannelQueue, cl *ledger.Claim, err error) (result, error) {
	c.panicked(ctx, err, "panic while announcing", "message", cl.Key, "channel", t.Channel)
	log := c.log.With("message", cl.Key, "channel", t.Channel, "attempt", cl.Attempt, "error", err)
	now := c.pass().Now
	e, ok := errors.AsType[*SendError](err)
	if !ok {
		e = &SendError{Outcome: Ambiguous}
	}
	switch e.Outcome {
	case RateLimited, NotSent, Refused:
		if err := c.ledger.Outbox.Failed(ctx, cl, ledger.Failure{Next: now, Doubt: e.Outcome == RateLimited, Reason: err.Error()}); err != nil {
			return resultStopped, err
		}
		return resultStopped, c.stop(ctx, t, e, err)
	case Rejected:
		s := ledger.Failure{Next: now, Reason: err.Error()}
		switch {
		case !cl.Plain:
			s.Plain = true
		case cl.Parent != "" && cl.Kind != plan.KindCorrection: // which is nothing by itself
			s.Alone = true
		default:
			s.Scatter, s.Next = true, now.Add(backoff(refusedRest, cl.Attempt))
		}
		log.ErrorContext(ctx, "Slack rejects a message", "without_blocks_next", s.Plain, "outside_its_thread_next", s.Alone, "again_at", s.Next)
		return resultRejected, c.ledger.Outbox.Failed(ctx, cl, s)
	default:
		log.WarnContext(ctx, "the fate of a message is unknown; it is looked up when its lease ends")
		return resultUnknown, c.ledger.Outbox.InDoubt(ctx, cl, err.Error())
	}
}

// stop makes the channel wait for as long as a failure demands.
func (c *Deliverer) stop(ctx context.Context, t *ChannelQueue, e *SendError, err error) error {
	t.held = true
	switch e.Outcome {
	case RateLimited:
		wait := min(max(e.RetryAfter, PostEvery), MaxRest) // nobody is silent for a day because of one answer
		c.log.WarnContext(ctx, "Slack asks to wait", "channel", t.Channel, "for", e.RetryAfter, "again_in", wait)
		t.last.Refusals = 0 // a wait that Slack asks for outlives a restart, unlike a refusal
		return c.rest(ctx, t, wait, err.Error())
	case Refused:
		now := c.pass().Now
		t.refusal = refusal{}
		h := ledger.Backoff{Set: now, Refusals: t.last.Refusals + 1, Reason: err.Error()}
		h.Until = now.Add(backoff(refusedRest, h.Refusals))
		c.log.ErrorContext(ctx, "Slack refuses announcements: nobody is reminded until somebody changes that", "channel", t.Channel,
			"reason", e.Reason, "refusals", h.Refusals, "again_at", h.Until, "error", err)
		return c.ledger.Channels.SetBackoff(ctx, t.Channel, h)
	default:
		c.log.WarnContext(ctx, "cannot reach Slack", "channel", t.Channel, "again_in", unreachableRest, "error", err)
		return c.rest(ctx, t, unreachableRest, err.Error())
	}
}

// rest makes a channel wait, in this process also when its clock is set.
func (c *Deliverer) rest(ctx context.Context, t *ChannelQueue, d time.Duration, reason string) error {
	now := c.pass().Now
	t.held = true
	t.Next = time.Now().Add(d)
	return c.ledger.Channels.SetBackoff(ctx, t.Channel, ledger.Backoff{Until: now.Add(d), Set: now, Refusals: t.last.Refusals, Reason: reason})
}

// backoff returns the wait after n failures in a row.
func backoff(first time.Duration, n int) time.Duration {
	return min(first<<min(n-1, 10), MaxRest)
}
