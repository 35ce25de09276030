package delivery

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"computeunits/notify/guard"
	"computeunits/notify/ledger"
	"computeunits/notify/plan"
)

const (
	// PostEvery is the rate that Slack allows in one channel (rate limits of
	// chat.postMessage, /apis/web-api/rate-limits).
	PostEvery = time.Second

	// maxLanes bounds the channels that are served at once.
	maxLanes = 16

	// lookUpTimeout bounds a look-up with all its pages.
	lookUpTimeout = 30 * time.Second

	// A channel that could not be reached rests for unreachableRest, one whose
	// answers were lost maxAmbiguous times in a row for ambiguousRest, and one
	// that refuses for refusedRest, which doubles up to maxRest.
	unreachableRest = 30 * time.Second
	ambiguousRest   = 15 * time.Second
	maxAmbiguous    = 3
	refusedRest     = time.Minute
	MaxRest         = time.Hour

	// lookEvery is how often the ledger is asked at least what waits.
	lookEvery = time.Minute

	// idleRest is how long a channel rests in which nothing could be done
	// although something waits, such as replies whose parent is in doubt.
	idleRest = 15 * time.Second
)

// Deliverer delivers what waits in the ledger: each channel by itself, one
// request at a time.
//
// The order of steps makes one look-up good for a whole round of messages, and
// for retries as well as for first attempts: (1) the messages are read, with
// the number of attempts so far, only if the lease of the last one has run out;
// (2) the channel is looked at; (3) each is claimed, provided that its number
// of attempts is still the one that was read; (4) posted; (5) recorded. By (1)
// every earlier attempt was over before (2), by (3) there was none since.
type Deliverer struct {
	ledger *ledger.Ledger
	sender Sender
	log    *slog.Logger
	pass   func() plan.Evaluation // of this moment
	// panicked logs and counts a panic, and reports whether an error is one.
	panicked func(ctx context.Context, err error, what string, args ...any) bool

	wake    chan struct{} // something new may wait; has room for one
	changes atomic.Int64  // how often that was said
	blind   sync.Once     // says that look-ups are not possible
}

// Each of these is a Deliverer with the methods for one part of the work.
type (
	looker struct{ *Deliverer }
	editor struct{ *Deliverer }
)

// ChannelQueue is what a process remembers about a channel between rounds. It belongs
// to the round under way.
type ChannelQueue struct {
	Channel string
	Next    time.Time       // no request before, by the monotonic clock
	last    ledger.Backoff  // what the ledger said of the channel
	fresh   map[string]bool // messages that this process posted in the round under way
	held    bool            // the channel must wait: there is a hold
	refusal refusal         // why, if the channel refused
}

// New makes a Deliverer that posts by sender what the ledger holds, and calls
// channels as the ledger does. pass is the present moment; panicked logs and counts
// a panic, and reports whether an error is one.
func New(sender Sender, ledger *ledger.Ledger, log *slog.Logger, pass func() plan.Evaluation, panicked func(ctx context.Context, err error, what string, args ...any) bool) *Deliverer {
	return &Deliverer{ledger: ledger, sender: addressed{guarded{sender}, ledger, log, pass}, log: log, pass: pass,
		panicked: panicked, wake: make(chan struct{}, 1)}
}

// Wake says that something new may wait.
func (c *Deliverer) Wake() {
	c.changes.Add(1)
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// Run delivers until ctx is done, and returns when the last request is over.
func (c *Deliverer) Run(ctx context.Context) {
	var rounds sync.WaitGroup
	defer rounds.Wait()
	type end struct {
		*ChannelQueue
		rest time.Duration
	}
	ended := make(chan end, maxLanes)
	tracks := make(map[string]*ChannelQueue)
	busy := make(map[string]bool)
	resting := make(map[string]time.Time)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		case <-c.wake:
		case e := <-ended:
			delete(busy, e.Channel)
			resting[e.Channel] = time.Now().Add(e.rest)
		}
		lanes, err := c.ledger.Outbox.Queues(ctx)
		if err != nil && ctx.Err() == nil {
			c.log.ErrorContext(ctx, "cannot read what waits for delivery", "error", err)
		}
		wait := lookEvery
		now := c.pass().Now
		for _, l := range lanes {
			if busy[l.Channel] || len(busy) == maxLanes {
				continue // its end brings us back
			}
			t, ok := tracks[l.Channel]
			if !ok {
				t = &ChannelQueue{Channel: l.Channel}
				tracks[l.Channel] = t
			}
			pause := l.Ready.Sub(now)
			if l.Refused {
				pause = min(pause, time.Until(t.refusal.ask))
			}
			if pause = max(pause, time.Until(resting[l.Channel])); pause > 0 {
				wait = min(wait, pause)
				continue
			}
			busy[l.Channel] = true
			rounds.Go(func() {
				rest := refusedRest
				err := guard.Safely(func() error { rest = c.Round(ctx, t); return nil })
				c.panicked(ctx, err, "panic while delivering; the channel rests", "channel", t.Channel, "for", rest)
				ended <- end{t, rest}
			})
		}
		if err == nil {
			forget(tracks, busy, resting, lanes)
		}
		timer.Reset(wait)
	}
}

// forget leaves out the channels that have nothing to say and may be asked again.
func forget(tracks map[string]*ChannelQueue, busy map[string]bool, resting map[string]time.Time, lanes []ledger.Queue) {
	maps.DeleteFunc(tracks, func(channel string, t *ChannelQueue) bool {
		return !busy[channel] && !slices.ContainsFunc(lanes, func(l ledger.Queue) bool { return l.Channel == channel }) &&
			time.Until(resting[channel]) <= 0 && time.Until(t.Next) <= 0
	})
	maps.DeleteFunc(resting, func(channel string, _ time.Time) bool { return tracks[channel] == nil })
}

// Round delivers what a channel is to be told now, and returns how long the
// channel rests at least.
func (c *Deliverer) Round(ctx context.Context, t *ChannelQueue) (rest time.Duration) {
	t.held, t.fresh = false, make(map[string]bool)
	var moved bool
	err := c.heal(ctx, t)
	if err == nil && !t.held {
		moved, err = c.post(ctx, t)
	}
	if err == nil && !t.held {
		var edited bool
		edited, err = editor{c}.edit(ctx, t)
		moved = moved || edited
	}
	if err == nil && !t.held {
		err = c.recheck(ctx, t)
	}
	switch {
	case err != nil && ctx.Err() == nil:
		c.log.ErrorContext(ctx, "delivery failed; nothing is lost, it goes on later", "channel", t.Channel, "error", err)
		return unreachableRest
	case c.pass().Doubt:
		return idleRest
	case moved || t.held:
		return 0
	default:
		return idleRest
	}
}

// check reads whether the channel must wait.
func (c *Deliverer) check(ctx context.Context, t *ChannelQueue) (err error) {
	t.last, err = c.ledger.Channels.Backoff(ctx, t.Channel)
	p := c.pass()
	t.held = t.last.Until.After(p.Now) || p.Doubt
	return err
}

// post posts until nothing is left, or nothing can be done now. It reports
// whether anything was done.
func (c *Deliverer) post(ctx context.Context, t *ChannelQueue) (moved bool, err error) {
	for ctx.Err() == nil {
		if err := c.check(ctx, t); err != nil || t.held {
			return moved, err
		}
		changes := c.changes.Load()
		p := c.pass()
		waiting, err := c.ledger.Outbox.Waiting(ctx, t.Channel, p.Now)
		if err != nil || len(waiting) == 0 {
			return moved, err
		}
		if time.Until(t.Next) > 0 {
			if !t.Pause(ctx) {
				return moved, nil
			}
			continue // somebody else may have been asked to wait meanwhile
		}
		sight, waiting, err := looker{c}.lookUp(ctx, t, waiting, p)
		if err != nil {
			return moved, err
		}
		if sight == lookUpPartial && len(waiting) == 0 {
			moved = true // the look-up goes on
			continue
		}
		done, goOn, err := c.postAll(ctx, t, waiting, sight, changes)
		moved = moved || done
		if err != nil || !goOn || !done {
			return moved, err
		}
	}
	return moved, nil
}

// postAll posts messages in turn. It stops early when the channel takes no more
// (goOn is false then), or when the ledger changed: what is due since then may
// be more urgent.
func (c *Deliverer) postAll(ctx context.Context, t *ChannelQueue, waiting []plan.Message, s lookUpResult, changes int64) (done, goOn bool, err error) {
	lost := 0
	for _, m := range waiting {
		if !t.Pause(ctx) || done && c.changes.Load() != changes {
			break
		}
		taken, p := time.Now(), c.pass()
		if p.Doubt {
			return done, false, nil
		}
		claim, err := c.ledger.Outbox.Claim(ctx, m, p, s == lookUpClear)
		switch {
		case c.panicked(ctx, err, "panic about a message; it rests, and keeps no other", "message", m.Key, "channel", t.Channel):
			if err := c.ledger.Outbox.Poisoned(ctx, m.Key, p.Now.Add(plan.PoisonRest), err); err != nil {
				return done, false, err
			}
			continue
		case errors.Is(err, ledger.ErrOvertaken):
			continue
		case errors.Is(err, ledger.ErrUnread):
			if err := c.ledger.Outbox.Postpone(ctx, m, c.pass().Now.Add(plan.UnreadRest)); err != nil {
				return done, false, err
			}
			continue
		case err != nil:
			return done, false, err
		}
		done = true
		if claim == nil {
			c.log.InfoContext(ctx, "not announced: it is out of date", "message", m.Key)
			continue
		}
		claim.Taken = taken
		claim.Announcement.PossiblyRepeated = s != lookUpClear && (m.Unresolved || s != lookUpUnable)
		outcome, err := c.attempt(ctx, t, claim)
		if err != nil {
			return done, false, err
		}
		switch outcome {
		case resultPosted:
			lost = 0
		case resultUnknown:
			if lost++; lost == maxAmbiguous {
				return done, false, c.rest(ctx, t, ambiguousRest, "answers are lost")
			}
		case resultStopped:
			return done, false, nil
		}
	}
	return done, s != lookUpFailed && s != lookUpPartial, nil
}

// result is what became of an attempt to post or to edit, as far as those after it
// are concerned.
type result int

const (
	resultPosted   result = iota // or edited
	resultRejected               // this message; the next may be taken
	resultUnknown
	resultStopped // the channel takes nothing now
)

// attempt posts a claimed message, once, and records what became of it.
// Shutting down does not interrupt it: a post that is cut off is in doubt.
func (c *Deliverer) attempt(ctx context.Context, t *ChannelQueue, cl *ledger.Claim) (result, error) {
	ctx = context.WithoutCancel(ctx)
	// By both clocks: one stands still while the machine sleeps, the other may be set.
	if p := c.pass(); max(p.Now.Sub(cl.At), time.Since(cl.Taken)) > p.Settings.Lease-plan.AttemptTimeout-plan.RecordTimeout {
		c.log.WarnContext(ctx, "was held up for too long to post safely", "message", cl.Key)
		return resultUnknown, nil
	}
	receipt, err := c.send(ctx, cl.Announcement)
	t.Next = time.Now().Add(PostEvery)
	ctx, cancel := context.WithTimeout(ctx, plan.RecordTimeout)
	defer cancel()
	if err != nil {
		return c.failure(ctx, t, cl, err)
	}
	ts := receipt.TS
	if receipt.Detached {
		// It is not taken away: another process, or another ledger, may count it by now.
		c.log.WarnContext(ctx, "a thread is gone; what was to be said in it stands in the channel", "message", cl.Key, "channel", t.Channel, "thread", cl.Announcement.ThreadTS)
		if err := c.ledger.Outbox.Detach(ctx, cl.Parent); err != nil {
			return resultStopped, fmt.Errorf("posted as %s: %w", ts, err)
		}
	}
	doubles, err := c.ledger.Outbox.Sent(ctx, t.Channel, cl.Key, ts, c.pass().Now)
	if err != nil {
		return resultStopped, fmt.Errorf("posted as %s: %w", ts, err)
	}
	c.log.InfoContext(ctx, "announced", "message", cl.Key, "channel", t.Channel, "ts", ts,
		"attempt", cl.Attempt, "reminders", len(cl.Announcement.Reminders))
	t.fresh[ts] = true
	for _, d := range doubles {
		looker{c}.removeDuplicate(ctx, t.Channel, d)
	}
	if t.last != (ledger.Backoff{}) {
		t.last, t.held = ledger.Backoff{}, false
		return resultPosted, c.ledger.Channels.SetBackoff(ctx, t.Channel, ledger.Backoff{})
	}
	return resultPosted, nil
}

// send makes the one request of an attempt. A panic in rendering or sending
// leaves it in doubt, like a broken connection.
func (c *Deliverer) send(ctx context.Context, a plan.Announcement) (r Receipt, err error) {
	ctx, cancel := context.WithTimeout(ctx, plan.AttemptTimeout)
	defer cancel()
	r, err = c.sender.Post(ctx, a)
	if err == nil && r.TS == "" {
		err = errors.New("no timestamp")
	}
	return r, err
}

// recheck looks once more for what was posted after an answer in doubt.
func (c *Deliverer) recheck(ctx context.Context, t *ChannelQueue) error {
	p := c.pass()
	due, err := c.ledger.Outbox.Rechecking(ctx, t.Channel, p.Now)
	if err != nil || len(due) == 0 || !t.Pause(ctx) {
		return err
	}
	s, _, err := looker{c}.lookUp(ctx, t, due, p)
	if err != nil || s != lookUpClear && s != lookUpUnable {
		return err
	}
	return c.ledger.Outbox.Rechecked(ctx, due, p.Now)
}

// Pause waits until the next request may be made; false means that ctx ended.
func (t *ChannelQueue) Pause(ctx context.Context) bool {
	wait := time.Until(t.Next)
	if wait <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// CheckAccess says why announcements will not arrive in a channel, if so.
func (c *Deliverer) CheckAccess(ctx context.Context, channel string) {
	ctx, cancel := context.WithTimeout(ctx, lookUpTimeout)
	defer cancel()
	err := c.sender.Check(ctx, channel)
	switch {
	case err == nil:
	case ctx.Err() != nil && errors.Is(ctx.Err(), context.Canceled):
	case errors.Is(err, ErrNoHistory):
		c.log.WarnContext(ctx, "the channel's history cannot be read: after a lost answer an announcement may appear twice", "channel", channel, "error", err)
	default:
		c.log.ErrorContext(ctx, "announcements cannot reach the channel; nothing is lost, they wait", "channel", channel, "error", err)
	}
}
