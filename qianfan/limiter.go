package qianfan

import (
	"context"
	"slices"
	"sync"
	"time"
)

// limiter decides who may start an attempt, and when. Starts are evenly
// spaced, and so many run at once at most. Whoever waits in the foreground
// goes before everyone in the background; among equals the first comes first.
type limiter struct {
	interval time.Duration // between two starts; 0: no limit
	slots    int           // attempts at once; 0: no limit

	mu         sync.Mutex
	foreground []*turn // waiting
	background []*turn // waiting
	running    int
	next       time.Time   // no attempt starts before
	wake       *time.Timer // admits somebody at next
}

// turn is one asker's place in line, used again for each of its attempts.
// The limiter's mutex guards it.
type turn struct {
	background bool
	granted    chan struct{} // closed when the attempt may start
	waiting    bool
}

func newLimiter(rps float64, concurrent int) *limiter {
	l := &limiter{slots: max(concurrent, 0)}
	if rps > 0 {
		l.interval = time.Duration(float64(time.Second) / rps)
	}
	return l
}

// acquire waits until t may start an attempt; release must follow. If ctx ends
// first, nothing is taken and the error is that of ctx.
func (l *limiter) acquire(ctx context.Context, t *turn) error {
	l.mu.Lock()
	t.granted, t.waiting = make(chan struct{}), true
	line := l.line(t)
	*line = append(*line, t)
	l.admit()
	l.mu.Unlock()

	select {
	case <-t.granted:
		return nil
	case <-ctx.Done():
	}

	l.mu.Lock()
	defer l.mu.Unlock()
	if t.waiting {
		l.remove(t)
	} else { // granted in the same moment
		l.running--
	}
	l.admit()
	return ctx.Err()
}

// release ends the attempt that acquire admitted.
func (l *limiter) release() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.running--
	l.admit()
}

// lift moves t to the foreground for good and reports whether it was in the
// background before.
func (l *limiter) lift(t *turn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !t.background {
		return false
	}
	if t.waiting {
		l.remove(t)
		l.foreground = append(l.foreground, t)
		t.waiting = true
	}
	t.background = false
	return true
}

// admit lets start whoever may by now. The caller holds the mutex.
func (l *limiter) admit() {
	for len(l.foreground)+len(l.background) > 0 {
		if l.slots > 0 && l.running >= l.slots {
			return // release will admit
		}
		now := time.Now()
		if wait := l.next.Sub(now); wait > 0 {
			l.wakeAfter(wait)
			return
		}
		line := l.foreground
		if len(line) == 0 {
			line = l.background
		}
		t := line[0]
		l.remove(t)
		l.running++
		l.next = l.following(now)
		close(t.granted)
	}
}

// following returns when the attempt after one that starts now may start. A
// timer's lateness is made up for, so that the rate is used fully; a longer
// pause is not, so that no burst follows it.
func (l *limiter) following(now time.Time) time.Time {
	if lateness := now.Sub(l.next); lateness < max(l.interval/4, 5*time.Millisecond) {
		return l.next.Add(l.interval)
	}
	return now.Add(l.interval)
}

func (l *limiter) wakeAfter(wait time.Duration) {
	if l.wake != nil {
		l.wake.Reset(wait)
		return
	}
	l.wake = time.AfterFunc(wait, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.admit()
	})
}

func (l *limiter) line(t *turn) *[]*turn {
	if t.background {
		return &l.background
	}
	return &l.foreground
}

func (l *limiter) remove(t *turn) {
	line := l.line(t)
	at := slices.Index(*line, t)
	*line = slices.Delete(*line, at, at+1)
	t.waiting = false
}
