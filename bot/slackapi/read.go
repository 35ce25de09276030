package slackapi

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/slack-go/slack"
)

// maxReads is how often one thing is asked for when answers fail to come.
// A request to wait does not count, it is obeyed as long as ctx allows.
const maxReads = 4

// Read asks Slack for something, and again while that may help and ctx allows.
// Errors are *Error.
func Read[T any](ctx context.Context, c *Client, doing string, ask func(context.Context, *slack.Client) (T, error)) (T, error) {
	wait := time.Second / 2
	for n := 1; ; {
		x := c.Call()
		limited, cancel := context.WithTimeout(ctx, Timeout)
		answer, err := ask(limited, x.API)
		cancel()
		if err == nil {
			return answer, nil
		}
		failure := c.Failure(doing, x, err)
		pause := wait
		switch failure.Outcome {
		case RateLimited:
			pause = failure.RetryAfter
		case NotSent, Ambiguous:
			if n++; n > maxReads {
				return answer, failure
			}
			wait *= 2
		default:
			return answer, failure
		}
		if !Sleep(ctx, pause) {
			return answer, failure
		}
	}
}

// Sleep waits, and reports false when ctx ended first or would.
func Sleep(ctx context.Context, d time.Duration) bool {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= d {
		return false
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// LongestWait is for how long Slack is obeyed when it asks to wait before the
// next call; after that it is asked again whether it still wants that.
const LongestWait = time.Hour

// Backoff is the wait after n failures in a row, the first of which is 0: a second,
// doubled up to longest, and spread by a quarter either way.
func Backoff(n int, longest time.Duration) time.Duration {
	d := min(time.Second<<min(n, 20), longest)
	return d - d/4 + rand.N(d/2+1)
}
