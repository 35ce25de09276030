package notify

import (
	"context"
	"errors"
	"time"
)

// failure records an attempt that did not succeed.
func (c *courier) failure(ctx context.Context, t *track, cl *claim, err error) (fate, error) {
	c.panicked(ctx, err, "panic while announcing", "message", cl.key, "channel", t.channel)
	log := c.log.With("message", cl.key, "channel", t.channel, "attempt", cl.attempt, "error", err)
	now := c.pass().now
	e, ok := errors.AsType[*SendError](err)
	if !ok {
		e = &SendError{Outcome: Ambiguous}
	}
	switch e.Outcome {
	case RateLimited, NotSent, Refused:
		if err := c.ledger.failed(ctx, cl, setback{next: now, doubt: cl.blind && e.Outcome == RateLimited, reason: err.Error()}); err != nil {
			return fateStopped, err
		}
		return fateStopped, c.stop(ctx, t, e, err)
	case Rejected:
		s := setback{next: now, reason: err.Error()}
		switch {
		case !cl.plain:
			s.plain = true
		case cl.parent != "" && cl.kind != KindCorrection: // which is nothing by itself
			s.alone = true
		default:
			s.scatter, s.next = true, now.Add(backoff(refusedRest, cl.attempt))
		}
		log.ErrorContext(ctx, "Slack rejects a message", "without_blocks_next", s.plain, "outside_its_thread_next", s.alone, "again_at", s.next)
		return fateRejected, c.ledger.failed(ctx, cl, s)
	default:
		log.WarnContext(ctx, "the fate of a message is unknown; it is looked up when its lease ends")
		return fateUnknown, c.ledger.remark(ctx, cl, err.Error())
	}
}

// stop makes the channel wait for as long as a failure demands.
func (c *courier) stop(ctx context.Context, t *track, e *SendError, err error) error {
	t.held = true
	switch e.Outcome {
	case RateLimited:
		wait := min(max(e.RetryAfter, postEvery), maxRest) // nobody is silent for a day because of one answer
		c.log.WarnContext(ctx, "Slack asks to wait", "channel", t.channel, "for", e.RetryAfter, "again_in", wait)
		t.last.refusals = 0 // a wait that Slack asks for outlives a restart, unlike a refusal
		return c.rest(ctx, t, wait, err.Error())
	case Refused:
		now := c.pass().now
		t.refusal = refusal{}
		h := hold{set: now, refusals: t.last.refusals + 1, reason: err.Error()}
		h.until = now.Add(backoff(refusedRest, h.refusals))
		c.log.ErrorContext(ctx, "Slack refuses announcements: nobody is reminded until somebody changes that", "channel", t.channel,
			"reason", e.Reason, "refusals", h.refusals, "again_at", h.until, "error", err)
		return c.ledger.setHold(ctx, t.channel, h)
	default:
		c.log.WarnContext(ctx, "cannot reach Slack", "channel", t.channel, "again_in", unreachableRest, "error", err)
		return c.rest(ctx, t, unreachableRest, err.Error())
	}
}

// rest makes a channel wait, in this process also when its clock is set.
func (c *courier) rest(ctx context.Context, t *track, d time.Duration, reason string) error {
	now := c.pass().now
	t.held = true
	t.next = time.Now().Add(d)
	return c.ledger.setHold(ctx, t.channel, hold{until: now.Add(d), set: now, refusals: t.last.refusals, reason: reason})
}

// backoff returns the wait after n failures in a row.
func backoff(first time.Duration, n int) time.Duration {
	return min(first<<min(n-1, 10), maxRest)
}
