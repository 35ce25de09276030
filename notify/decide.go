package notify

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

// carried is a reminder that a message carries already.
type carried struct {
	reminder
	sent bool
}

// verdict is what is to be said about an instance now, and when to ask again.
type verdict struct {
	step    *reminder
	renewed *reminder
	// reverted takes back that it was renewed.
	reverted *reminder
	vanished *reminder // not listed any more, before its expiry
	unknown  *reminder // its expiry is not known
	next     time.Time // zero: not before the row changes
}

// reminders are what is to be said now.
func (v verdict) reminders() []reminder {
	var all []reminder
	for _, r := range []*reminder{v.step, v.renewed, v.reverted, v.vanished, v.unknown} {
		if r != nil {
			all = append(all, *r)
		}
	}
	return all
}

// judge decides about one instance, given what people answered to the reminders
// of its expiry, and the reminders of kind expiry, renewed and reverted that messages to
// its channel carry already.
func (p policy) judge(in instance, s pause, said []carried, now time.Time) verdict {
	var v verdict
	if !p.watches(in.service) || !in.prepaid() {
		return v
	}
	if r := p.aboutUnknown(in); in.unknown() && !isCarried(said, r) {
		v.unknown = &r
	}
	if r := p.aboutVanished(in); in.vanished(now) && !isCarried(said, r) {
		v.vanished = &r
	}
	if !p.mayRemind(in, now) {
		return v
	}
	ladder, channel := p.ladderOf(in.service).paused(in.expires, s), p.channelOf(in.service)
	if threshold, ok := ladder.due(in.expires, now); ok && !covered(said, in.expires, threshold) {
		v.step = &reminder{in.service, in.id, in.expires, threshold, channel, KindExpiry}
	}
	if until := promised(said, in.expires); !until.IsZero() && now.Before(ladder.end(in.expires)) {
		v.reverted = &reminder{in.service, in.id, in.expires, until.Sub(in.expires), channel, KindReverted}
	} else if in.expires.After(now) && outdated(said, in.expires) {
		v.renewed = &reminder{in.service, in.id, in.expires, 0, channel, KindRenewed}
	}
	if now.Before(ladder.end(in.expires)) {
		v.next = recheck(in, now)
		if at, ok := ladder.next(in.expires, now); ok && at.Before(v.next) {
			v.next = at
		}
	}
	return v
}

// vanishedFor is how long an instance is still reminded of that is not listed any
// more before its expiry: somebody may not have meant to delete it, or Qianfan to
// leave it out.
const vanishedFor = 7 * 24 * time.Hour

// vanished reports whether an instance is missed: it was believed to be gone before
// its expiry, within the last week.
func (in instance) vanished(now time.Time) bool {
	return in.prepaid() && in.missed == gone && now.Before(in.seen.Add(vanishedFor)) && (in.expires.IsZero() || in.expires.After(now))
}

// mayRemind reports whether an instance has a ladder at all.
func (p policy) mayRemind(in instance, now time.Time) bool {
	return p.watches(in.service) && in.prepaid() && !in.expires.IsZero() && in.matters(now)
}

// matters reports whether an instance is there, or was a week ago.
func (in instance) matters(now time.Time) bool {
	return in.missed != gone || now.Before(in.seen.Add(vanishedFor))
}

// unknown reports whether the expiry of an instance that has one is not given, or
// cannot be read.
func (in instance) unknown() bool {
	return in.prepaid() && (in.missed == listed || in.missed == missing) &&
		(in.expiresRaw != "" || in.expires.IsZero() && in.status != qianfan.Creating && in.status != qianfan.Deleted)
}

// unknownExpiry stands for an expiry that is not known in the key of a reminder.
var unknownExpiry = time.Unix(0, 0).UTC()

// aboutUnknown is the reminder that the expiry of an instance is not known: once,
// whatever is written in its place.
func (p policy) aboutUnknown(in instance) reminder {
	return reminder{in.service, in.id, unknownExpiry, 0, p.channelOf(in.service), KindUnknown}
}

// aboutVanished is the reminder that an instance is not listed any more before its
// expiry: once a day at most, should a list go to and fro.
func (p policy) aboutVanished(in instance) reminder {
	r := reminder{in.service, in.id, in.expires, time.Duration(utcDay(in.seen).UnixMilli()) * time.Millisecond, p.channelOf(in.service), KindVanished}
	if in.expires.IsZero() {
		r.expires = unknownExpiry
	}
	return r
}

// isCarried reports whether the reminder is with a message.
func isCarried(said []carried, r reminder) bool {
	return slices.ContainsFunc(said, func(c carried) bool {
		return c.kind == r.kind && c.expires.Equal(r.expires) && c.threshold == r.threshold
	})
}

// covered reports whether this step of the expiry, or a more urgent one, is
// with a message.
func covered(said []carried, expires time.Time, threshold time.Duration) bool {
	for _, r := range said {
		if r.kind == KindExpiry && r.expires.Equal(expires) && r.threshold <= threshold {
			return true
		}
	}
	return false
}

// outdated reports whether a posted reminder told of an expiry before this one
// and nothing told yet that it was renewed until this one, be it for less than was
// said before.
func outdated(said []carried, expires time.Time) bool {
	older := false
	for _, r := range said {
		switch {
		case (r.kind == KindRenewed || r.kind == KindReverted) && r.expires.Equal(expires):
			return false
		case r.kind == KindExpiry && r.sent && r.expires.Before(expires):
			older = true
		}
	}
	return older
}

// promised returns until when a posted message called the instance renewed, if
// that is later than this expiry and nothing took it back yet, down to this one or
// further; zero otherwise. Of several it is the latest: to take it back takes back
// all.
func promised(said []carried, expires time.Time) (until time.Time) {
	for _, r := range said {
		if r.kind == KindRenewed && r.sent && r.expires.After(expires) {
			until = maxTime(until, r.expires)
		}
	}
	for _, r := range said {
		if r.kind == KindReverted && !r.expires.After(expires) && r.promised().Equal(until) {
			return time.Time{}
		}
	}
	return until
}

// promised is the expiry that a reminder of KindReverted takes back.
func (r reminder) promised() time.Time { return r.expires.Add(r.threshold) }

// recheck spreads the instances over the time from recheckAfter to its double.
func recheck(in instance, now time.Time) time.Time {
	h := fnv.New32a()
	h.Write([]byte(in.service))
	h.Write([]byte(in.id))
	spread := time.Duration(h.Sum32()) * time.Second % recheckAfter
	return now.Add(recheckAfter + spread)
}

// stands reports whether a reminder that was not posted yet should still be:
// nothing newer took its place.
func (p policy) stands(r reminder, f facts, now time.Time) bool {
	in, known := f.instances[r.about()]
	s := f.services[r.service]
	if r.kind != KindDigest && r.kind != KindReadable && r.channel != p.channelOf(r.service) {
		return false // another channel is told now
	}
	switch r.kind {
	case KindExpiry:
		ladder := p.ladderOf(r.service).paused(r.expires, f.pauses.of(r.about(), r.expires))
		return known && p.mayRemind(in, now) && in.expires.Equal(r.expires) && ladder.says(r, now)
	case KindRenewed:
		return known && p.mayRemind(in, now) && in.expires.Equal(r.expires) && in.expires.After(now)
	case KindVanished:
		about := p.aboutVanished(in)
		return known && p.watches(r.service) && in.vanished(now) && about.expires.Equal(r.expires) && about.threshold == r.threshold
	case KindUnknown:
		return known && p.watches(r.service) && in.unknown()
	case KindReverted:
		return known && p.mayRemind(in, now) && in.expires.Equal(r.expires) && now.Before(p.ladderOf(r.service).end(r.expires))
	case KindUnreadable:
		return p.watches(r.service) && !s.failing.IsZero()
	case KindReadable:
		return s.failing.IsZero()
	default:
		return true
	}
}

// announced reports whether a reminder should still be posted that the message in
// whose thread it goes has announced: nothing newer took its place but what
// somebody answered, which it shows.
func (p policy) announced(r reminder, f facts, now time.Time) bool {
	in := f.instances[r.about()]
	ladder := append(slices.Clone(p.ladderOf(r.service)), r.threshold).sorted() // it may be the end of a snooze
	return r.kind == KindExpiry && r.channel == p.channelOf(r.service) && p.mayRemind(in, now) && in.expires.Equal(r.expires) && ladder.says(r, now)
}

// says reports whether a reminder is of the step that is due.
func (l Ladder) says(r reminder, now time.Time) bool {
	threshold, due := l.due(r.expires, now)
	return due && threshold == r.threshold
}

// usefulUntil returns when a reminder has nothing to say any more, as far as
// that can be foretold; zero when it cannot.
func (p policy) usefulUntil(r reminder) time.Time {
	switch r.kind {
	case KindExpiry:
		return p.ladderOf(r.service).usefulUntil(r.expires, r.threshold)
	case KindRenewed:
		return r.expires
	case KindReverted:
		return p.ladderOf(r.service).end(r.expires)
	default:
		return time.Time{}
	}
}

// crossed returns the moment from which on a step is due.
func (r reminder) crossed() time.Time { return r.expires.Add(-r.threshold) }
