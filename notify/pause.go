package notify

import (
	"context"
	"fmt"
	"time"
)

// Expiry is what people answer to: that an instance expires then. A renewed
// instance has another one.
type Expiry struct {
	Service  string
	Instance string    // as in Item
	Expires  time.Time // UTC
}

func (e Expiry) about() subject { return subject{e.Service, e.Instance} }

// Pause is what somebody answered to the reminders of an expiry.
type Pause struct {
	By string    // id of the person; "": nobody answered
	At time.Time // when, UTC
	// Until is when reminders go on, of a snoozed expiry; zero when it was
	// acknowledged, after which only those of the last day and of the expiry
	// itself are sent.
	Until time.Time
}

// Acknowledged reports whether somebody takes care of it.
func (p Pause) Acknowledged() bool { return p.By != "" && p.Until.IsZero() }

// Snoozed reports whether somebody asked to hear of it later.
func (p Pause) Snoozed() bool { return p.By != "" && !p.Until.IsZero() }

// pause is a Pause as the ledger keeps it.
type pause struct {
	Pause
	lifted bool // it was taken back, which By and At are about
}

// holds reports whether the pause has any influence on reminders. A snooze that
// has ended still has: its end is a step of the ladder, and those before it are
// not said any more.
func (p pause) holds() bool { return p.By != "" && !p.lifted }

// ended reports whether it is a snooze that is over.
func (p pause) ended(now time.Time) bool { return p.Snoozed() && !now.Before(p.Until) }

// shown is the pause as people see it: one that was taken back, or a snooze that
// has ended, is none.
func (p pause) shown(now time.Time) Pause {
	if !p.holds() || p.ended(now) {
		return Pause{}
	}
	return p.Pause
}

// String writes a pause for the audit.
func (p pause) String() string {
	switch {
	case !p.holds():
		return ""
	case p.Until.IsZero():
		return "acknowledged"
	default:
		return "snoozed until " + p.Until.Format(time.RFC3339)
	}
}

// pauses are what people answered, by what it is about.
type pauses map[moot]pause

// moot is an Expiry as the key of a map.
type moot struct {
	subject
	expires int64
}

func (p pauses) of(about subject, expires time.Time) pause {
	return p[moot{about, expires.UnixMilli()}]
}

// pausesWhere reads pauses, which are p, with a clause that chooses them.
func pausesWhere(ctx context.Context, q querier, clause string, args ...any) (pauses, error) {
	return pausesFrom(ctx, q, `pause p `+clause, args...)
}

// pausesFrom is pausesWhere with all of the tables, of which one is pause p.
func pausesFrom(ctx context.Context, q querier, from string, args ...any) (pauses, error) {
	all := make(pauses)
	_, err := collect(ctx, q, func(scan func(...any) error) (_ struct{}, err error) {
		var key moot
		var one pause
		err = scan(&key.service, &key.instance, &key.expires, (*instant)(&one.Until), &one.By, (*instant)(&one.At), &one.lifted)
		all[key] = one
		return struct{}{}, err
	}, `SELECT DISTINCT p.service, p.instance, p.expires_at, p.until, p.by_user, p.at, p.lifted FROM `+from, args...)
	return all, err
}

// Obstacle is why an answer has no effect.
type Obstacle string

// The obstacles.
const (
	ObstacleRenewed Obstacle = "renewed" // it expires at another moment by now: Answer.Present
	ObstacleUnknown Obstacle = "unknown" // it is not watched, not prepaid, or gone
	ObstacleOver    Obstacle = "over"    // no reminder is left to put off
)

// Answer is the outcome of acknowledging or snoozing one expiry, or of taking
// that back.
type Answer struct {
	Expiry
	Pause   Pause     // as it stands now
	Changed bool      // false: it stood so already, or there is an Obstacle
	By      string    // who made it stand so, be it by taking something back; "": nobody
	At      time.Time // when, UTC
	// Shortened says that a snooze ends sooner than was asked for, because the
	// last day, or the expiry, comes first.
	Shortened bool
	Obstacle  Obstacle  // "": none
	Present   time.Time // when it expires now, UTC; zero: not known
}

// Acknowledge notes that somebody takes care of expiries: no further reminder
// of them is sent but those of the last day and of the expiry itself. It takes
// the place of a snooze.
func (n *Notifier) Acknowledge(ctx context.Context, c Change, about ...Expiry) ([]Answer, error) {
	return n.answer(ctx, c, "acknowledge", about, func(in instance, was pause, _ Ladder) (pause, Answer) {
		if was.holds() && was.Acknowledged() {
			return was, Answer{}
		}
		return pause{Pause: Pause{By: c.By, At: c.At}}, Answer{}
	})
}

// Unacknowledge takes an acknowledgement back. What was not said meanwhile and
// still matters is said at once; nothing is said twice.
func (n *Notifier) Unacknowledge(ctx context.Context, c Change, about ...Expiry) ([]Answer, error) {
	return n.answer(ctx, c, "unacknowledge", about, func(_ instance, was pause, _ Ladder) (pause, Answer) {
		return was.lift(c, was.Acknowledged()), Answer{}
	})
}

// Snooze puts reminders off until a moment, at which one comes whatever the
// ladder says. A zero until means the ladder's next step. A snooze never
// reaches beyond the next step of the last day, or the expiry. It takes the
// place of an acknowledgement.
func (n *Notifier) Snooze(ctx context.Context, c Change, until time.Time, about ...Expiry) ([]Answer, error) {
	until = until.UTC().Truncate(time.Second)
	if !until.IsZero() && !until.After(c.At) {
		return nil, fmt.Errorf("snoozing until %s: that is over", until.Format(time.RFC3339))
	}
	return n.answer(ctx, c, "snooze", about, func(in instance, was pause, ladder Ladder) (pause, Answer) {
		end, ok := ladder.snooze(in.expires, c.At, until)
		if !ok {
			return was, Answer{Obstacle: ObstacleOver}
		}
		shortened := Answer{Shortened: end.Before(until)}
		if was.holds() && was.Until.Equal(end) {
			return was, shortened
		}
		return pause{Pause: Pause{By: c.By, At: c.At, Until: end}}, shortened
	})
}

// Unsnooze takes a snooze back, like Unacknowledge.
func (n *Notifier) Unsnooze(ctx context.Context, c Change, about ...Expiry) ([]Answer, error) {
	return n.answer(ctx, c, "unsnooze", about, func(_ instance, was pause, _ Ladder) (pause, Answer) {
		return was.lift(c, was.Snoozed() && !was.ended(c.At)), Answer{}
	})
}

// Lift takes back whatever was answered, be it that somebody takes care of an
// expiry or that they want to hear of it later: it is one change.
func (n *Notifier) Lift(ctx context.Context, c Change, about ...Expiry) ([]Answer, error) {
	return n.answer(ctx, c, "", about, func(_ instance, was pause, _ Ladder) (pause, Answer) {
		return was.lift(c, was.Acknowledged() || was.Snoozed() && !was.ended(c.At)), Answer{}
	})
}

// lift takes a pause back, if it is of the kind that shall be.
func (p pause) lift(c Change, kind bool) pause {
	if p.holds() && kind {
		return pause{Pause{c.By, c.At, p.Until}, true}
	}
	return p
}

// snooze returns when a snooze until a moment ends; zero asks for the next step.
func (l Ladder) snooze(expires, now, until time.Time) (end time.Time, ok bool) {
	next, ok := l.next(expires, now)
	if until.IsZero() {
		return next, ok
	}
	// The first of what must not be put off: a step of the last day, the expiry.
	bound := expires
	for _, step := range l {
		if at := expires.Add(-step); step >= 0 && step <= lastDay && at.After(now) && at.Before(bound) {
			bound = at
		}
	}
	if bound.After(now) {
		return minTime(until, bound), true
	}
	return until, until.Before(l.end(expires))
}
