package plan

import (
	"cmp"
	"slices"
	"time"
)

// PlannedReminder is one reminder that is to come.
type PlannedReminder struct {
	Expiry
	Replicas  int
	Threshold time.Duration // before Expires; 0 at expiry, negative after it
	At        time.Time     // when, UTC; now for one that is due at once
	Channel   string        // id of the channel that is told
}

// ReminderDiff is what a change of a watch does to the reminders of the instances that
// the ledger knows, by the time at which they come.
type ReminderDiff struct {
	Added   []PlannedReminder
	Dropped []PlannedReminder
}

// KnownInstance is an instance with what people answered and what was said of it.
type KnownInstance struct {
	Instance
	Pause HeldPause
	Said  []Carried
}

// Diff compares what two policies have to say from now on. It is a pure
// function.
func Diff(before, after Policy, all []KnownInstance, now time.Time) ReminderDiff {
	type key struct {
		InstanceKey
		at      time.Time
		channel string
	}
	var old, fresh []PlannedReminder
	for _, k := range all {
		old = append(old, before.steps(k, now)...)
		fresh = append(fresh, after.steps(k, now)...)
	}
	set := func(steps []PlannedReminder) map[key]bool {
		keys := make(map[key]bool, len(steps))
		for _, s := range steps {
			keys[key{s.About(), s.At, s.Channel}] = true
		}
		return keys
	}
	without := func(steps []PlannedReminder, keys map[key]bool) []PlannedReminder {
		steps = slices.DeleteFunc(steps, func(s PlannedReminder) bool { return keys[key{s.About(), s.At, s.Channel}] })
		slices.SortFunc(steps, func(a, b PlannedReminder) int {
			return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Service, b.Service), cmp.Compare(a.Instance, b.Instance))
		})
		return steps
	}
	was, is := set(old), set(fresh)
	return ReminderDiff{Added: without(fresh, was), Dropped: without(old, is)}
}

// steps returns what the policy has to say about an instance from now on, if
// nothing changes.
func (p Policy) steps(k KnownInstance, now time.Time) []PlannedReminder {
	if !p.MayRemind(k.Instance, now) {
		return nil
	}
	ladder, channel := p.LadderOf(k.Service).paused(k.Expires, k.Pause), p.ChannelOf(k.Service)
	step := PlannedReminder{Expiry: Expiry{k.Service, k.ID, k.Expires}, Replicas: k.Replicas, Channel: channel}
	var steps []PlannedReminder
	if threshold, ok := ladder.due(k.Expires, now); ok && !covered(ToldIn(channel, k.Said), k.Expires, threshold) {
		step.Threshold, step.At = threshold, now
		steps = append(steps, step)
	}
	for at, ok := ladder.next(k.Expires, now); ok; at, ok = ladder.next(k.Expires, at) {
		step.Threshold, step.At = k.Expires.Sub(at), at
		steps = append(steps, step)
	}
	return steps
}
