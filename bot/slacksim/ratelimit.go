package slacksim

import (
	"time"
)

// Tier is a class of rate limits (https://docs.slack.dev/apis/web-api/rate-limits).
type Tier int

// The tiers. Slack promises a number of calls a minute "and more"; the
// simulation allows exactly that number, and Burst at once.
const (
	Tier1       Tier = iota + 1 // 1 a minute
	Tier2                       // 20 a minute
	Tier3                       // 50 a minute
	Tier4                       // 100 a minute
	TierSpecial                 // hundreds a minute; here 600
	TierPosting                 // chat.postMessage: 300 a minute, besides 1 a second in each channel
)

// PerMinute is the number of calls that a tier allows in a minute.
func (t Tier) PerMinute() int {
	switch t {
	case Tier1:
		return 1
	case Tier2:
		return 20
	case Tier3:
		return 50
	case Tier4:
		return 100
	case TierPosting:
		return 300
	}
	return 600
}

// Burst is the number of calls that a tier allows at once after a pause:
// PerMinute, but 20 in Tier1 so that an app can open its ten sockets twice.
// Slack documents no figure.
func (t Tier) Burst() int { return max(t.PerMinute(), 20) }

// Posting in one channel: 1 message a second and short bursts.
const (
	postsPerSecond = 1
	postBurst      = 4
)

// take takes a token, or says how long to wait for one.
func (b *bucket) take(now time.Time, perSecond float64, burst int) (wait time.Duration) {
	if b.filled.IsZero() {
		b.tokens = float64(burst)
	} else {
		b.tokens = min(float64(burst), b.tokens+perSecond*now.Sub(b.filled).Seconds())
	}
	b.filled = now
	if b.tokens < 1 {
		return time.Duration((1 - b.tokens) / perSecond * float64(time.Second))
	}
	b.tokens--
	return 0
}

// limit counts a call against a bucket. w.mu is held.
func (w *Workspace) limit(key string, perSecond float64, burst int) *apiError {
	if w.cfg.Unlimited {
		return nil
	}
	b := w.buckets[key]
	if b == nil {
		b = &bucket{}
		w.buckets[key] = b
	}
	if wait := b.take(time.Now(), perSecond, burst); wait > 0 {
		return &apiError{code: "ratelimited", retryAfter: wait}
	}
	return nil
}
