package plan

import (
	"time"
)

// Expiry is what people answer to: that an instance expires then. A renewed
// instance has another one.
type Expiry struct {
	Service  string
	Instance string    // as in Item
	Expires  time.Time // UTC
}

// About is the instance that expires.
func (e Expiry) About() InstanceKey { return InstanceKey{e.Service, e.Instance} }

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

// HeldPause is a Pause as the ledger keeps it.
type HeldPause struct {
	Pause
	Lifted bool // it was taken back, which By and At are about
}

// Holds reports whether the pause has any influence on reminders. A snooze that
// has ended still has: its end is a step of the ladder, and those before it are
// not said any more.
func (p HeldPause) Holds() bool { return p.By != "" && !p.Lifted }

// Ended reports whether it is a snooze that is over.
func (p HeldPause) Ended(now time.Time) bool { return p.Snoozed() && !now.Before(p.Until) }

// Shown is the pause as people see it: one that was taken back, or a snooze that
// has ended, is none.
func (p HeldPause) Shown(now time.Time) Pause {
	if !p.Holds() || p.Ended(now) {
		return Pause{}
	}
	return p.Pause
}

// String writes a pause for the audit.
func (p HeldPause) String() string {
	switch {
	case !p.Holds():
		return ""
	case p.Until.IsZero():
		return "acknowledged"
	default:
		return "snoozed until " + p.Until.Format(time.RFC3339)
	}
}

// Pauses are what people answered, by what it is about.
type Pauses map[ExpiryKey]HeldPause

// ExpiryKey is an Expiry as the key of a map.
type ExpiryKey struct {
	InstanceKey
	Expires int64
}

// Of is what was answered to the reminders of one expiry.
func (p Pauses) Of(about InstanceKey, expires time.Time) HeldPause {
	return p[ExpiryKey{about, expires.UnixMilli()}]
}

// Reason is why an answer has no effect.
type Reason string

// The obstacles.
const (
	ReasonRenewed Reason = "renewed" // it expires at another moment by now: Answer.Present
	ReasonUnknown Reason = "unknown" // it is not watched, not prepaid, or gone
	ReasonOver    Reason = "over"    // no reminder is left to put off
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
	Reason    Reason    // "": none
	Present   time.Time // when it expires now, UTC; zero: not known
}

// Lift takes a pause back, if it is of the kind that shall be.
func (p HeldPause) Lift(c Change, kind bool) HeldPause {
	if p.Holds() && kind {
		return HeldPause{Pause{c.By, c.At, p.Until}, true}
	}
	return p
}

// Snooze returns when a snooze until a moment ends; zero asks for the next step.
func (l Ladder) Snooze(expires, now, until time.Time) (end time.Time, ok bool) {
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
		return MinTime(until, bound), true
	}
	return until, until.Before(l.End(expires))
}
