package qianfan

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"time"
)

// calls are the questions on their way. The same question asked by several
// goes upstream once: whoever asks it later joins the call.
type calls struct {
	mu      sync.Mutex
	open    map[question]*call // those that may be joined
	running map[*call]struct{} // also those that everybody left
}

// question is what makes two queries the same.
type question struct {
	serviceID string
	timing    PaymentTiming
}

// call is one question on its way, in a goroutine of its own, so that each
// who waits can leave alone. The mutex of calls guards it from cancel on.
type call struct {
	question
	turn *turn
	done chan struct{} // closed when the goroutine ends

	cancel  context.CancelFunc
	waiting map[*waiter]struct{} // until they got their outcome or left
	last    error                // of the latest attempt; nil before one failed
	resumes time.Time            // in a pause: when the next attempt comes; zero otherwise
	pause   *time.Timer          // in a pause that nobody asked for: ends it; nil otherwise
}

// waiter is one caller who waits for a call.
type waiter struct {
	deadline time.Time    // zero: none
	outcome  chan outcome // has room for the one it gets
}

type outcome struct {
	reading Reading
	err     error
}

// await waits for the answer to q on its call, which it starts if there is none.
func (c *Client) await(ctx context.Context, q Query) (Reading, error) {
	p := &waiter{outcome: make(chan outcome, 1)}
	p.deadline, _ = ctx.Deadline()
	f := c.join(ctx, q, p)
	select {
	case o := <-p.outcome:
		return o.reading, o.err
	case <-ctx.Done():
		o := c.calls.leave(f, p, ctx.Err())
		return o.reading, o.err
	}
}

func (c *Client) join(ctx context.Context, q Query, p *waiter) *call {
	c.calls.mu.Lock()
	defer c.calls.mu.Unlock()
	key := question{q.ServiceID, q.Timing}
	if f := c.calls.open[key]; f != nil {
		if !q.Background && c.limiter.lift(f.turn) && f.pause != nil {
			f.pause.Reset(0) // a person does not wait for a pause made for nobody
			f.resumes = time.Time{}
		}
		if !f.resumes.IsZero() && !p.awaits(f.resumes) {
			p.outcome <- outcome{err: f.last}
		} else {
			f.waiting[p] = struct{}{}
		}
		return f
	}

	// It outlives the caller who starts it if others join.
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	f := &call{
		question: key,
		turn:     &turn{background: q.Background},
		done:     make(chan struct{}),
		cancel:   cancel,
		waiting:  map[*waiter]struct{}{p: {}},
	}
	c.calls.add(f)
	go c.run(ctx, f)
	return f
}

// run finds the answer and hands it to everyone still waiting, whatever happens.
func (c *Client) run(ctx context.Context, f *call) {
	defer close(f.done)
	found := outcome{err: errors.New("the HTTP client ended the goroutine")}
	defer func() {
		if v := recover(); v != nil {
			found = outcome{err: fmt.Errorf("panic: %v\n%s", v, debug.Stack())}
		}
		c.calls.finish(f, found)
	}()
	found.reading, found.err = c.persist(ctx, f)
}

// awaits reports whether the waiter is still there when an attempt starts then.
func (p *waiter) awaits(then time.Time) bool {
	if p.deadline.IsZero() {
		return time.Until(then) <= maxPause
	}
	return then.Before(p.deadline)
}

// stays reports whether the waiter waits for the attempt after s.
func (p *waiter) stays(s setback) bool {
	return p.awaits(s.until) && (!p.deadline.IsZero() || s.attempt < maxAttempts)
}

func (fs *calls) add(f *call) {
	if fs.open == nil {
		fs.open, fs.running = make(map[question]*call), make(map[*call]struct{})
	}
	fs.open[f.question] = f
	fs.running[f] = struct{}{}
}

// finish hands the outcome to everyone who waits for the call, each with a slice of its own.
func (fs *calls) finish(f *call, o outcome) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	for p := range f.waiting {
		mine := o
		mine.reading.Instances = slices.Clone(o.reading.Instances)
		p.outcome <- mine
	}
	clear(f.waiting)
	fs.abandon(f)
	delete(fs.running, f)
}

// leave takes p off the call because its context ended with cause; if the
// outcome came at the same moment, that is returned. No call goes on for nobody.
func (fs *calls) leave(f *call, p *waiter, cause error) outcome {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if _, ok := f.waiting[p]; !ok {
		return <-p.outcome
	}
	delete(f.waiting, p)
	if len(f.waiting) == 0 {
		fs.abandon(f)
	}
	if f.last != nil {
		cause = fmt.Errorf("%w; the last attempt: %w", cause, f.last)
	}
	return outcome{err: cause}
}

// abandon ends a call and lets the next caller start another. The caller holds
// the mutex.
func (fs *calls) abandon(f *call) {
	f.cancel()
	if fs.open[f.question] == f {
		delete(fs.open, f.question)
	}
}

// hold begins the pause after a setback and returns its timer. Those who will
// not wait that long get the error at once; if nobody remains, there is no
// pause and the timer is nil.
func (fs *calls) hold(f *call, s setback) *time.Timer {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	f.last, f.resumes = s.err, s.until
	for p := range f.waiting {
		if !p.stays(s) {
			p.outcome <- outcome{err: s.err}
			delete(f.waiting, p)
		}
	}
	if len(f.waiting) == 0 {
		fs.abandon(f)
		return nil
	}
	timer := time.NewTimer(time.Until(s.until))
	if !s.firm {
		f.pause = timer
	}
	return timer
}

// resume ends the pause.
func (fs *calls) resume(f *call) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	f.resumes, f.pause = time.Time{}, nil
}

// close ends every call and waits until all have ended.
func (fs *calls) close() {
	fs.mu.Lock()
	var landing []*call
	for f := range fs.running {
		f.cancel()
		landing = append(landing, f)
	}
	fs.mu.Unlock()
	for _, f := range landing {
		<-f.done
	}
}
