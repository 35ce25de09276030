package plan

import (
	"slices"
	"time"
)

// This file sees to it that nothing is said from knowledge of before the process
// was started, or frozen, that could be newer: what was renewed meanwhile is not
// about to expire.

const (
	// recentAtLeast is how old a reading may be at least, however often services
	// are read: one that is written is seconds old already.
	recentAtLeast = time.Minute

	// slowSweep is how long the reading of all services may take. What this process
	// read itself is no older than that, and two checks, unless it was frozen.
	slowSweep = time.Hour

	// UnreadRest is how long a message waits before it is looked at again, when it
	// is about services that are yet to be read.
	UnreadRest = 15 * time.Second
)

// recent is how old a reading may be that anything is said by.
func (p Evaluation) recent() time.Duration { return max(2*p.Settings.CheckEvery, recentAtLeast) }

// Asked reports whether this process tried to read a service not long ago.
func (p Evaluation) Asked(s ServiceState) bool {
	return !s.Tried.Before(p.Started) && p.Now.Sub(s.Tried) <= p.recent()+slowSweep
}

// current reports whether what is known of a service is all that can be known: it
// was read not longer than two checks ago, or by this process in a sweep that
// takes longer, or it cannot be read.
func (p Evaluation) current(s ServiceState) bool {
	age := p.Now.Sub(s.Read)
	return age <= p.recent() ||
		!s.Failing.IsZero() && p.Asked(s) ||
		!s.Read.IsZero() && !s.Read.Before(p.Started) && age <= p.recent()+slowSweep
}

// aged reports whether people must be told first how old the knowledge is.
func (p Evaluation) aged(s ServiceState) bool {
	return p.Now.Sub(s.Read) > p.recent() && (!s.Failing.IsZero() || !p.current(s))
}

// MayTell reports whether a reminder can be said by what is known of its service.
// In its last useful hour it is said by whatever is known.
func (p Evaluation) MayTell(r Reminder, s ServiceState) bool {
	switch r.Kind {
	case KindExpiry, KindRenewed, KindReverted, KindVanished, KindUnknown:
		return p.current(s) || p.LastHour(r)
	case KindUnreadable, KindReadable:
		return p.Asked(s)
	default:
		return true
	}
}

// Unread reports whether a message is about services that are to be read before
// it can be posted.
func (c Content) Unread(p Evaluation) bool {
	switch {
	case c.Kind == KindCorrection:
		return false // it says what a reading told
	case c.OpensDigest():
		return p.Awaits(c.Survey, c.Due)
	}
	return slices.ContainsFunc(slices.Concat(c.Own, c.Thread), func(r Reminder) bool {
		return !p.MayTell(r, c.Facts.Services[r.Service])
	})
}

// Awaits reports whether a digest that is due at a moment waits for services to be
// read: not for ever, for it says of each how old its data is.
func (p Evaluation) Awaits(s Snapshot, due time.Time) bool {
	for _, one := range s.Services {
		from := MaxTime(MaxTime(p.Started, p.Own[one.ID].Since), due)
		if p.Now.Before(from.Add(firstReads)) && !p.current(one) {
			return true
		}
	}
	return false
}

// agedFrom returns when that was read of which a message knows least, if that must
// be told first; zero otherwise.
func (c Content) agedFrom(p Evaluation) (oldest time.Time) {
	if c.Kind == KindDigest || c.Kind == KindUnreadable || c.Kind == KindReadable {
		return oldest // they tell of each service how old its data is
	}
	for _, r := range slices.Concat(c.Own, c.Thread) {
		s := c.Facts.Services[r.Service]
		if p.aged(s) && (oldest.IsZero() || s.Read.Before(oldest)) {
			oldest = s.Read
		}
	}
	return oldest
}
