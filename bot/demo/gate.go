package demo

import (
	"context"
	"sync"
	"time"

	"computeunits/notify"
	"computeunits/qianfan"
)

// A gate stands between the notifier and Qianfan, so that time can pass between
// two sweeps and never within one: what was read before a jump would look a day
// old after it. While it is closed a sweep waits before its first reading, which
// also shows that everything the sweep before it had to decide is decided.
type gate struct {
	notify.Reader

	mu       sync.Mutex
	closed   bool
	turns    int             // sweeps that may begin although it is closed
	read     map[string]bool // services read in the sweep under way
	waiting  int             // readings before the gate
	released chan struct{}   // closed when those may try again
}

func newGate(units notify.Reader) *gate {
	return &gate{Reader: units, read: make(map[string]bool), released: make(chan struct{})}
}

// ComputeUnits is the one of Qianfan, once the gate lets it through. Only sweeps
// ask in the background.
func (g *gate) ComputeUnits(ctx context.Context, q qianfan.Query) (qianfan.Reading, error) {
	if q.Background {
		if err := g.enter(ctx, q.ServiceID); err != nil {
			return qianfan.Reading{}, err
		}
	}
	return g.Reader.ComputeUnits(ctx, q)
}

// enter waits until a service may be read. A sweep reads each once: who comes a
// second time is of the next.
func (g *gate) enter(ctx context.Context, service string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	for g.read[service] {
		if !g.closed || g.turns > 0 {
			g.turns = max(g.turns-1, 0)
			clear(g.read)
			break
		}
		g.waiting++
		released := g.released
		g.mu.Unlock()
		select {
		case <-released: // which counts nobody as waiting any more
			g.mu.Lock()
		case <-ctx.Done():
			g.mu.Lock()
			if released == g.released {
				g.waiting--
			}
			return ctx.Err()
		}
	}
	g.read[service] = true
	return nil
}

// set opens or closes the gate, and lets so many sweeps begin nevertheless.
func (g *gate) set(closed bool, turns int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed, g.turns, g.waiting = closed, turns, 0
	close(g.released)
	g.released = make(chan struct{})
}

// wait returns when a sweep waits before the closed gate, or after limit.
func (g *gate) wait(ctx context.Context, limit time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	until(ctx, func() bool {
		g.mu.Lock()
		defer g.mu.Unlock()
		return g.waiting > 0 && g.turns == 0
	})
}

// until looks again and again whether something is so, and returns false when
// ctx ends before.
func until(ctx context.Context, so func() bool) bool {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !so() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return false
		}
	}
	return true
}
