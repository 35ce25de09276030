package qianfan

import (
	"context"
	"slices"
	"sync"
	"time"
)

// limiter decides who may start an attempt, and when. Starts are evenly
// spaced, and so many run at once at most. Whoever waits in the foreground
// goes before those in the background; among equals the first comes first.
//
// Neither starves the other. While both wait, every third start is one of the
// background, and one of the attempts at once is not the foreground's; the
// background never has all of them, so that a person finds one free.
type limiter struct {
	interval time.Duration // between two starts; 0: no limit
	slots    int           // attempts at once; 0: no limit

	mu         sync.Mutex
	foreground []*turn // waiting
	background []*turn // waiting
	inRow      int     // starts of the foreground since one of the background, while that waits
	running    int
	behind     int         // those running that are of the background
	next       time.Time   // no attempt starts before
	wake       *time.Timer // admits somebody at next

	warned [2]time.Time // when it was said last that the foreground, the background waits
}

// foregroundInRow is how many starts of the foreground come between two of the
// background while both wait.
const foregroundInRow = 2

const (
	longWait  = 5 * time.Second // worth a warning
	warnEvery = time.Minute
)

// turn is one asker's place in line, used again for each of its attempts.
// The limiter's mutex guards it.
type turn struct {
	background bool
	granted    chan struct{} // closed when the attempt may start
	waiting    bool
	behind     bool // it runs as one of the background
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
		l.end(t)
	}
	l.admit()
	return ctx.Err()
}

// release ends the attempt of t that acquire admitted.
func (l *limiter) release(t *turn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.end(t)
	l.admit()
}

// end gives the place of t back. The caller holds the mutex.
func (l *limiter) end(t *turn) {
	l.running--
	if t.behind {
		l.behind--
		t.behind = false
	}
}

// late reports whether a wait is worth a warning, which is said once a minute for
// those who wait in the foreground, and for those in the background.
func (l *limiter) late(t *turn, waited time.Duration) (background, warn bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	kind := 0
	if t.background {
		kind = 1
	}
	now := time.Now()
	if waited < longWait || now.Sub(l.warned[kind]) < warnEvery {
		return t.background, false
	}
	l.warned[kind] = now
	return t.background, true
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
	for {
		t := l.first()
		if t == nil {
			return // release will admit
		}
		now := time.Now()
		if wait := l.next.Sub(now); wait > 0 {
			l.wakeAfter(wait)
			return
		}
		l.remove(t)
		l.running++
		if t.behind = t.background; t.behind {
			l.behind++
			l.inRow = 0
		} else if len(l.background) > 0 {
			l.inRow++
		}
		l.next = l.following(now)
		close(t.granted)
	}
}

// first is whose turn it is; nil: nobody may start now.
func (l *limiter) first() *turn {
	ahead, back := len(l.foreground) > 0, len(l.background) > 0
	if l.slots > 0 && l.running >= l.slots {
		return nil
	}
	if l.slots > 1 {
		back = back && l.behind < l.slots-1
		ahead = ahead && (!back || l.running-l.behind < l.slots-1)
	}
	switch {
	case back && (!ahead || l.inRow >= foregroundInRow):
		return l.background[0]
	case ahead:
		return l.foreground[0]
	default:
		return nil
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
