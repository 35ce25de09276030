package plan

import (
	"hash/fnv"
	"slices"
	"time"

	"computeunits/qianfan"
)

// This file decides what is due about one instance. Everything in it is a pure
// function of what the ledger holds and of the moment.

// recheckAfter is how long a decision stands when nothing changes, plus up to
// as much again so that not everything is decided about at once. With it, a row
// that was removed by hand, or a moment missed by a clock that jumped, is
// noticed within a day.
const recheckAfter = 12 * time.Hour

// Carried is a reminder that a message carries already.
type Carried struct {
	Reminder
	Sent bool
}

// Decision is what is to be said about an instance now, and when to ask again.
type Decision struct {
	step    *Reminder
	renewed *Reminder
	// reverted takes back that it was renewed.
	reverted *Reminder
	vanished *Reminder // not listed any more, before its expiry
	unknown  *Reminder // its expiry is not known
	Next     time.Time // zero: not before the row changes
}

// Reminders are what is to be said now.
func (v Decision) Reminders() []Reminder {
	var all []Reminder
	for _, r := range []*Reminder{v.step, v.renewed, v.reverted, v.vanished, v.unknown} {
		if r != nil {
			all = append(all, *r)
		}
	}
	return all
}

// Decide decides about one instance, given what people answered to the reminders
// of its expiry, and the reminders of kind expiry, renewed and reverted that messages to
// its channel carry already.
func (p Policy) Decide(in Instance, s HeldPause, said []Carried, now time.Time) Decision {
	var v Decision
	if !p.Watches(in.Service) || !in.prepaid() {
		return v
	}
	if r := p.aboutUnknown(in); in.Unknown() && !isCarried(said, r) {
		v.unknown = &r
	}
	if r := p.aboutVanished(in); in.Vanished(now) && !isCarried(said, r) {
		v.vanished = &r
	}
	if !p.MayRemind(in, now) {
		return v
	}
	ladder, channel := p.LadderOf(in.Service).paused(in.Expires, s), p.ChannelOf(in.Service)
	if threshold, ok := ladder.due(in.Expires, now); ok && !covered(said, in.Expires, threshold) {
		v.step = &Reminder{in.Service, in.ID, in.Expires, threshold, channel, KindExpiry}
	}
	if until := promised(said, in.Expires); !until.IsZero() && now.Before(ladder.End(in.Expires)) {
		v.reverted = &Reminder{in.Service, in.ID, in.Expires, until.Sub(in.Expires), channel, KindReverted}
	} else if in.Expires.After(now) && outdated(said, in.Expires) {
		v.renewed = &Reminder{in.Service, in.ID, in.Expires, 0, channel, KindRenewed}
	}
	if now.Before(ladder.End(in.Expires)) {
		v.Next = recheck(in, now)
		if at, ok := ladder.next(in.Expires, now); ok && at.Before(v.Next) {
			v.Next = at
		}
	}
	return v
}

// vanishedFor is how long an instance is still reminded of that is not listed any
// more before its expiry: somebody may not have meant to delete it, or Qianfan to
// leave it out.
const vanishedFor = 7 * 24 * time.Hour

// Vanished reports whether an instance is missed: it was believed to be gone before
// its expiry, within the last week.
func (in Instance) Vanished(now time.Time) bool {
	return in.prepaid() && in.Missed == Gone && now.Before(in.Seen.Add(vanishedFor)) && (in.Expires.IsZero() || in.Expires.After(now))
}

// MayRemind reports whether an instance has a ladder at all.
func (p Policy) MayRemind(in Instance, now time.Time) bool {
	return p.Watches(in.Service) && in.prepaid() && !in.Expires.IsZero() && in.matters(now)
}

// matters reports whether an instance is there, or was a week ago.
func (in Instance) matters(now time.Time) bool {
	return in.Missed != Gone || now.Before(in.Seen.Add(vanishedFor))
}

// Unknown reports whether the expiry of an instance that has one is not given, or
// cannot be read.
func (in Instance) Unknown() bool {
	return in.prepaid() && (in.Missed == Listed || in.Missed == Missing) &&
		(in.ExpiresRaw != "" || in.Expires.IsZero() && in.Status != qianfan.Creating && in.Status != qianfan.Deleted)
}

// unknownExpiry stands for an expiry that is not known in the key of a reminder.
var unknownExpiry = time.Unix(0, 0).UTC()

// aboutUnknown is the reminder that the expiry of an instance is not known: once,
// whatever is written in its place.
func (p Policy) aboutUnknown(in Instance) Reminder {
	return Reminder{in.Service, in.ID, unknownExpiry, 0, p.ChannelOf(in.Service), KindUnknown}
}

// aboutVanished is the reminder that an instance is not listed any more before its
// expiry: once a day at most, should a list go to and fro.
func (p Policy) aboutVanished(in Instance) Reminder {
	r := Reminder{in.Service, in.ID, in.Expires, time.Duration(UTCDay(in.Seen).UnixMilli()) * time.Millisecond, p.ChannelOf(in.Service), KindVanished}
	if in.Expires.IsZero() {
		r.Expires = unknownExpiry
	}
	return r
}

// isCarried reports whether the reminder is with a message.
func isCarried(said []Carried, r Reminder) bool {
	return slices.ContainsFunc(said, func(c Carried) bool {
		return c.Kind == r.Kind && c.Expires.Equal(r.Expires) && c.Threshold == r.Threshold
	})
}

// covered reports whether this step of the expiry, or a more urgent one, is
// with a message.
func covered(said []Carried, expires time.Time, threshold time.Duration) bool {
	for _, r := range said {
		if r.Kind == KindExpiry && r.Expires.Equal(expires) && r.Threshold <= threshold {
			return true
		}
	}
	return false
}

// outdated reports whether a posted reminder told of an expiry before this one
// and nothing told yet that it was renewed until this one, be it for less than was
// said before.
func outdated(said []Carried, expires time.Time) bool {
	older := false
	for _, r := range said {
		switch {
		case (r.Kind == KindRenewed || r.Kind == KindReverted) && r.Expires.Equal(expires):
			return false
		case r.Kind == KindExpiry && r.Sent && r.Expires.Before(expires):
			older = true
		}
	}
	return older
}

// promised returns until when a posted message called the instance renewed, if
// that is later than this expiry and nothing took it back yet, down to this one or
// further; zero otherwise. Of several it is the latest: to take it back takes back
// all.
func promised(said []Carried, expires time.Time) (until time.Time) {
	for _, r := range said {
		if r.Kind == KindRenewed && r.Sent && r.Expires.After(expires) {
			until = MaxTime(until, r.Expires)
		}
	}
	for _, r := range said {
		if r.Kind == KindReverted && !r.Expires.After(expires) && r.promised().Equal(until) {
			return time.Time{}
		}
	}
	return until
}

// promised is the expiry that a reminder of KindReverted takes back.
func (r Reminder) promised() time.Time { return r.Expires.Add(r.Threshold) }

// recheck spreads the instances over the time from recheckAfter to its double.
func recheck(in Instance, now time.Time) time.Time {
	h := fnv.New32a()
	h.Write([]byte(in.Service))
	h.Write([]byte(in.ID))
	spread := time.Duration(h.Sum32()) * time.Second % recheckAfter
	return now.Add(recheckAfter + spread)
}

// StillRelevant reports whether a reminder that was not posted yet should still be:
// nothing newer took its place.
func (p Policy) StillRelevant(r Reminder, f Facts, now time.Time) bool {
	in, known := f.Instances[r.About()]
	s := f.Services[r.Service]
	if r.Kind != KindDigest && r.Kind != KindReadable && r.Channel != p.ChannelOf(r.Service) {
		return false // another channel is told now
	}
	switch r.Kind {
	case KindExpiry:
		ladder := p.LadderOf(r.Service).paused(r.Expires, f.Pauses.Of(r.About(), r.Expires))
		return known && p.MayRemind(in, now) && in.Expires.Equal(r.Expires) && ladder.says(r, now)
	case KindRenewed:
		return known && p.MayRemind(in, now) && in.Expires.Equal(r.Expires) && in.Expires.After(now)
	case KindVanished:
		about := p.aboutVanished(in)
		return known && p.Watches(r.Service) && in.Vanished(now) && about.Expires.Equal(r.Expires) && about.Threshold == r.Threshold
	case KindUnknown:
		return known && p.Watches(r.Service) && in.Unknown()
	case KindReverted:
		return known && p.MayRemind(in, now) && in.Expires.Equal(r.Expires) && now.Before(p.LadderOf(r.Service).End(r.Expires))
	case KindUnreadable:
		return p.Watches(r.Service) && !s.Failing.IsZero()
	case KindReadable:
		return s.Failing.IsZero()
	default:
		return true
	}
}

// announced reports whether a reminder should still be posted that the message in
// whose thread it goes has announced: nothing newer took its place but what
// somebody answered, which it shows.
func (p Policy) announced(r Reminder, f Facts, now time.Time) bool {
	in := f.Instances[r.About()]
	ladder := append(slices.Clone(p.LadderOf(r.Service)), r.Threshold).sorted() // it may be the end of a snooze
	return r.Kind == KindExpiry && r.Channel == p.ChannelOf(r.Service) && p.MayRemind(in, now) && in.Expires.Equal(r.Expires) && ladder.says(r, now)
}

// says reports whether a reminder is of the step that is due.
func (l Ladder) says(r Reminder, now time.Time) bool {
	threshold, due := l.due(r.Expires, now)
	return due && threshold == r.Threshold
}

// usefulUntil returns when a reminder has nothing to say any more, as far as
// that can be foretold; zero when it cannot.
func (p Policy) usefulUntil(r Reminder) time.Time {
	switch r.Kind {
	case KindExpiry:
		return p.LadderOf(r.Service).usefulUntil(r.Expires, r.Threshold)
	case KindRenewed:
		return r.Expires
	case KindReverted:
		return p.LadderOf(r.Service).End(r.Expires)
	default:
		return time.Time{}
	}
}

// DueAt returns the moment from which on a step is due.
func (r Reminder) DueAt() time.Time { return r.Expires.Add(-r.Threshold) }

// This file keeps a bug from ending the process, and one row, message or channel
// whose treatment panics from keeping the others. What panicked rests: a row and a
// message for poisonRest, a channel for refusedRest.

// PoisonRest is how long what panicked is left alone.
const PoisonRest = time.Hour
