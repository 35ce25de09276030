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

// flights are the questions on their way. The same question asked by several
// goes upstream once: whoever asks it later joins the flight.
type flights struct {
	mu    sync.Mutex
	open  map[question]*flight // those that may be joined
	aloft map[*flight]struct{} // also those that everybody left
}

// question is what makes two queries the same.
type question struct {
	serviceID string
	timing    PaymentTiming
}

// flight is one question on its way, in a goroutine of its own, so that each
// who waits can leave alone. The mutex of flights guards it from cancel on.
type flight struct {
	question
	turn   *turn
	landed chan struct{} // closed when the goroutine ends

	cancel  context.CancelFunc
	waiting map[*passenger]struct{} // until they got their outcome or left
	last    error                   // of the latest attempt; nil before one failed
	resumes time.Time               // in a pause: when the next attempt comes; zero otherwise
	pause   *time.Timer             // in a pause that nobody asked for: ends it; nil otherwise
}

// passenger is one call that waits for a flight.
type passenger struct {
	deadline time.Time    // zero: none
	outcome  chan outcome // has room for the one it gets
}

type outcome struct {
	reading Reading
	err     error
}

// join waits for the answer to q on its flight, which it starts if there is none.
func (c *Client) join(ctx context.Context, q Query) (Reading, error) {
	p := &passenger{outcome: make(chan outcome, 1)}
	p.deadline, _ = ctx.Deadline()
	f := c.board(ctx, q, p)
	select {
	case o := <-p.outcome:
		return o.reading, o.err
	case <-ctx.Done():
		o := c.flights.leave(f, p, ctx.Err())
		return o.reading, o.err
	}
}

func (c *Client) board(ctx context.Context, q Query, p *passenger) *flight {
	c.flights.mu.Lock()
	defer c.flights.mu.Unlock()
	key := question{q.ServiceID, q.Timing}
	if f := c.flights.open[key]; f != nil {
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

	// The flight outlives the call that starts it if others join.
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	f := &flight{
		question: key,
		turn:     &turn{background: q.Background},
		landed:   make(chan struct{}),
		cancel:   cancel,
		waiting:  map[*passenger]struct{}{p: {}},
	}
	c.flights.add(f)
	go c.fly(ctx, f)
	return f
}

// fly finds the answer and hands it to everyone still waiting, whatever happens.
func (c *Client) fly(ctx context.Context, f *flight) {
	defer close(f.landed)
	found := outcome{err: errors.New("the HTTP client ended the goroutine")}
	defer func() {
		if v := recover(); v != nil {
			found = outcome{err: fmt.Errorf("panic: %v\n%s", v, debug.Stack())}
		}
		c.flights.land(f, found)
	}()
	found.reading, found.err = c.persist(ctx, f)
}

// awaits reports whether the passenger is still there when an attempt starts then.
func (p *passenger) awaits(then time.Time) bool {
	if p.deadline.IsZero() {
		return time.Until(then) <= maxPause
	}
	return then.Before(p.deadline)
}

// stays reports whether the passenger waits for the attempt after s.
func (p *passenger) stays(s setback) bool {
	return p.awaits(s.until) && (!p.deadline.IsZero() || s.attempt < maxAttempts)
}

func (fs *flights) add(f *flight) {
	if fs.open == nil {
		fs.open, fs.aloft = make(map[question]*flight), make(map[*flight]struct{})
	}
	fs.open[f.question] = f
	fs.aloft[f] = struct{}{}
}

// land hands the outcome to everyone on the flight, each with a slice of its own.
func (fs *flights) land(f *flight, o outcome) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	for p := range f.waiting {
		mine := o
		mine.reading.Instances = slices.Clone(o.reading.Instances)
		p.outcome <- mine
	}
	clear(f.waiting)
	fs.abandon(f)
	delete(fs.aloft, f)
}

// leave takes p off the flight because its context ended with cause; if the
// outcome came at the same moment, that is returned. Nobody flies on alone.
func (fs *flights) leave(f *flight, p *passenger, cause error) outcome {
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

// abandon ends a flight and lets the next call start another. The caller holds
// the mutex.
func (fs *flights) abandon(f *flight) {
	f.cancel()
	if fs.open[f.question] == f {
		delete(fs.open, f.question)
	}
}

// hold begins the pause after a setback and returns its timer. Those who will
// not wait that long get the error at once; if nobody remains, there is no
// pause and the timer is nil.
func (fs *flights) hold(f *flight, s setback) *time.Timer {
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
func (fs *flights) resume(f *flight) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	f.resumes, f.pause = time.Time{}, nil
}

// close ends every flight and waits until all have landed.
func (fs *flights) close() {
	fs.mu.Lock()
	var landing []*flight
	for f := range fs.aloft {
		f.cancel()
		landing = append(landing, f)
	}
	fs.mu.Unlock()
	for _, f := range landing {
		<-f.landed
	}
}
