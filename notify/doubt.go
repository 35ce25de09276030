package notify

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"computeunits/notify/plan"
	"computeunits/qianfan"
)

// This file keeps a wrong clock from doing harm. A machine whose clock is days
// ahead for an hour would say steps that are far off, prune what is still needed,
// and call it a day without a digest. So a step of the clock is noticed, and
// nothing is decided, recorded or announced until other clocks agree with it.

const (
	// stepFrom is how far the clock may be off without being doubted: more than
	// any zone or summer time is taken for, less than does harm.
	stepFrom = time.Hour

	// unconfirmed is how long a step is doubted when there is nobody to ask.
	unconfirmed = 90 * time.Minute

	// askEvery is how often others are asked for the time while it is in doubt, after
	// the first time, and doubtEvery how often the log says so.
	askEvery   = time.Second
	doubtEvery = 10 * time.Minute
)

// The clocks that a notifier hears of.
const (
	ClockSlack    = "slack"
	ClockQianfan  = "qianfan"
	clockDatabase = "database"
)

// clocks compares the clock of this machine with others, which were heard at some
// moment and go on from there by the monotonic clock.
type clocks struct {
	mu     sync.Mutex
	heard  map[string]reading // by the name of the clock
	sure   reading            // of this machine's, when it was last trusted
	last   reading            // of this machine's, at the latest comparison
	step   time.Time          // when it was last seen to step, by the monotonic clock; zero: never
	asked  time.Time          // when others were last asked
	logged time.Time          // when the log last said that it is in doubt; zero: it is not

	stepped bool // that step was neither confirmed nor undone yet
}

// reading is what a clock showed at a moment of the monotonic clock.
type reading struct{ shown, at time.Time }

// now is what the clock shows by now.
func (r reading) now(at time.Time) time.Time { return r.shown.Add(at.Sub(r.at)) }

// hear notes what another clock shows.
func (c *clocks) hear(name string, shown, at time.Time) {
	if shown.IsZero() {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.heard == nil {
		c.heard = make(map[string]reading)
	}
	c.heard[name] = reading{shown, at}
}

// doubt says why this machine's clock, which shows now, cannot be trusted; "" when
// it can. at is the moment by the monotonic clock.
//
// What was heard before the last step says nothing against it: a machine that slept
// has a monotonic clock that slept, too. Of the others, more must agree than do
// not.
func (c *clocks) doubt(now, at time.Time) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.last.at.IsZero():
	case !c.sure.at.IsZero() && now.Sub(c.sure.now(at)).Abs() < stepFrom:
		c.stepped = false // it was undone, if there was one
	case now.Sub(c.last.now(at)).Abs() >= stepFrom:
		c.step, c.stepped = at, true
	}
	c.last = reading{now, at}
	var against []string
	agree := 0
	for _, name := range slices.Sorted(maps.Keys(c.heard)) {
		one := c.heard[name]
		off := now.Sub(one.now(at))
		if off.Abs() < stepFrom {
			agree++
		} else if !one.at.Before(c.step) {
			against = append(against, fmt.Sprintf("%s by that of %s", way(off), name))
		}
	}
	switch {
	case len(against) > 0 && len(against) >= agree:
		return strings.Join(against, ", ")
	case !c.stepped, agree > 0, len(c.heard) == 0 && at.Sub(c.step) >= unconfirmed: // nobody ever tells: it is believed
		c.sure, c.stepped = reading{now, at}, false
		return ""
	default:
		return "it was set by an hour or more, and no other clock was heard since"
	}
}

// way says how far a clock is off.
func way(off time.Duration) string {
	if off < 0 {
		return (-off).Round(time.Minute).String() + " behind"
	}
	return off.Round(time.Minute).String() + " ahead"
}

// Heard tells the notifier what another clock shows now, such as the one that
// dated an answer of Slack's ([ClockSlack]).
func (n *Notifier) Heard(clock string, shown time.Time) { n.clocks.hear(clock, shown, time.Now()) }

// hearDate notes the date of an answer of Qianfan's.
func (n clockCheck) hearDate(r qianfan.Reading, err error) {
	date := r.Date
	if refusal, ok := errors.AsType[*qianfan.Error](err); ok {
		date = refusal.Date
	}
	n.Heard(ClockQianfan, date)
}

// trusted reports whether decisions may be based on this machine's clock. While it
// is in doubt others are asked for the time first.
func (n clockCheck) trusted(ctx context.Context) bool {
	at, ok, err := n.Ledger.DB.Clock(ctx)
	if ok && err == nil {
		n.Heard(clockDatabase, at)
	}
	why := n.clocks.doubt(n.clock(), time.Now())
	if why != "" && n.clocks.ask() {
		n.askTime(ctx)
		why = n.clocks.doubt(n.clock(), time.Now())
	}
	n.logDoubt(ctx, why)
	return why == ""
}

// ask reports whether it is time to ask others for the time.
func (c *clocks) ask() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.asked.After(c.step) && time.Since(c.asked) < askEvery {
		return false
	}
	c.asked = time.Now()
	return true
}

// askTime makes a request to Slack and one to Qianfan, for the dates of the
// answers.
func (n clockCheck) askTime(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, plan.AttemptTimeout)
	defer cancel()
	p := n.evaluation()
	var asking sync.WaitGroup
	defer asking.Wait()
	asking.Go(func() { _ = n.Sender.Check(ctx, p.Channel) }) // whatever it says
	if ids := p.Services(); len(ids) > 0 {
		asking.Go(func() {
			n.hearDate(n.Units.ComputeUnits(ctx, qianfan.Query{ServiceID: ids[0], Timing: qianfan.Prepaid}))
		})
	}
}

// logDoubt says that the clock is in doubt, now and then, and that it is not any
// more.
func (n clockCheck) logDoubt(ctx context.Context, why string) {
	c := &n.clocks
	c.mu.Lock()
	was := c.logged
	say := why != "" && (was.IsZero() || time.Since(was) >= doubtEvery)
	switch {
	case say:
		c.logged = time.Now()
	case why == "":
		c.logged = time.Time{}
	}
	c.mu.Unlock()
	switch {
	case say:
		n.log.ErrorContext(ctx, "the clock of this machine cannot be trusted: nothing is announced, and nothing is removed from the ledger, until it agrees with others. Set it right",
			"clock", n.clock(), "why", why)
	case why == "" && !was.IsZero():
		n.log.InfoContext(ctx, "the clock of this machine agrees with others again", "clock", n.clock())
	}
}
