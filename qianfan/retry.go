package qianfan

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"
)

const (
	// attemptTimeout is how long one attempt may take, from dialing to the last
	// byte: an attempt that hangs is repeated on another connection.
	attemptTimeout = 10 * time.Second

	// Without a deadline a caller still gets an answer: after maxAttempts, and
	// at once when the next attempt would be more than maxPause away.
	maxAttempts = 4
	maxPause    = time.Minute

	// The wait before attempt n+1 is random between 0 and firstWait * 2^(n-1),
	// but never longer than longestWait.
	firstWait   = 500 * time.Millisecond
	longestWait = 8 * time.Second

	// longestAsked keeps a wait that was asked for within time's arithmetic.
	longestAsked = 100 * 365 * 24 * time.Hour
)

// setback is an attempt that failed in a way that may pass.
type setback struct {
	err     error
	attempt int       // 1 for the first
	until   time.Time // when to try again
	firm    bool      // the answer asked for the wait; any other may be cut short
}

// persist makes attempts until one succeeds, one fails for good, or nobody
// waits any longer.
func (c *Client) persist(ctx context.Context, f *call) (Reading, error) {
	for attempt := 1; ; attempt++ {
		reading, err := c.attempt(ctx, f, attempt)
		if err == nil || ctx.Err() != nil {
			return reading, err
		}
		wait := backoff(attempt, rand.Int64N)
		s := setback{err: err, attempt: attempt}
		if refusal, ok := errors.AsType[*Error](err); ok {
			if !refusal.Temporary() {
				return Reading{}, err
			}
			s.firm = refusal.RetryAfter > 0
			// On top of the wait that was asked for, so that not everybody
			// comes back at the same moment.
			wait += min(refusal.RetryAfter, longestAsked)
		}
		s.until = time.Now().Add(wait)
		if !c.pause(ctx, f, s) {
			return Reading{}, err
		}
	}
}

// pause waits after a setback and reports whether somebody still wants the answer.
func (c *Client) pause(ctx context.Context, f *call, s setback) bool {
	timer := c.calls.hold(f, s)
	if timer == nil {
		return false
	}
	defer timer.Stop()
	select {
	case <-timer.C:
		c.calls.resume(f)
		return true
	case <-ctx.Done():
		return false
	}
}

// backoff returns the wait after so many failed attempts ("full jitter": from
// nothing to a limit that doubles), drawn by random, which is as rand.Int64N.
func backoff(attempts int, random func(n int64) int64) time.Duration {
	limit := longestWait
	if doublings := attempts - 1; doublings < 10 {
		limit = min(limit, firstWait<<doublings)
	}
	return time.Duration(random(int64(limit) + 1))
}
