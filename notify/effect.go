package notify

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// Step is one reminder that is to come.
type Step struct {
	Expiry
	Replicas  int
	Threshold time.Duration // before Expires; 0 at expiry, negative after it
	At        time.Time     // when, UTC; now for one that is due at once
	Channel   string        // id of the channel that is told
}

// Effect is what a change of a watch does to the reminders of the instances that
// the ledger knows, by the time at which they come.
type Effect struct {
	Added   []Step
	Dropped []Step
}

// known is an instance with what people answered and what was said of it.
type known struct {
	instance
	pause pause
	said  []carried
}

// effect compares what two policies have to say from now on. It is a pure
// function.
func effect(before, after policy, all []known, now time.Time) Effect {
	type key struct {
		subject
		at      time.Time
		channel string
	}
	var old, fresh []Step
	for _, k := range all {
		old = append(old, before.steps(k, now)...)
		fresh = append(fresh, after.steps(k, now)...)
	}
	set := func(steps []Step) map[key]bool {
		keys := make(map[key]bool, len(steps))
		for _, s := range steps {
			keys[key{s.about(), s.At, s.Channel}] = true
		}
		return keys
	}
	without := func(steps []Step, keys map[key]bool) []Step {
		steps = slices.DeleteFunc(steps, func(s Step) bool { return keys[key{s.about(), s.At, s.Channel}] })
		slices.SortFunc(steps, func(a, b Step) int {
			return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Service, b.Service), cmp.Compare(a.Instance, b.Instance))
		})
		return steps
	}
	was, is := set(old), set(fresh)
	return Effect{Added: without(fresh, was), Dropped: without(old, is)}
}

// steps returns what the policy has to say about an instance from now on, if
// nothing changes.
func (p policy) steps(k known, now time.Time) []Step {
	if !p.mayRemind(k.instance, now) {
		return nil
	}
	ladder, channel := p.ladderOf(k.service).paused(k.expires, k.pause), p.channelOf(k.service)
	step := Step{Expiry: Expiry{k.service, k.id, k.expires}, Replicas: k.replicas, Channel: channel}
	var steps []Step
	if threshold, ok := ladder.due(k.expires, now); ok && !covered(toldIn(channel, k.said), k.expires, threshold) {
		step.Threshold, step.At = threshold, now
		steps = append(steps, step)
	}
	for at, ok := ladder.next(k.expires, now); ok; at, ok = ladder.next(k.expires, at) {
		step.Threshold, step.At = k.expires.Sub(at), at
		steps = append(steps, step)
	}
	return steps
}

// effectOf compares what two policies have to say about a service.
func effectOf(ctx context.Context, q querier, before, after policy, service string, now time.Time) (Effect, error) {
	all, err := knownOf(ctx, q, service)
	return effect(before, after, all, now), err
}

// knownOf returns what the ledger knows of the instances of a service.
func knownOf(ctx context.Context, q querier, service string) ([]known, error) {
	rows, err := instances(ctx, q, []string{service})
	if err != nil {
		return nil, err
	}
	pauses, err := pausesWhere(ctx, q, `WHERE p.service = $1`, service)
	if err != nil {
		return nil, err
	}
	said, err := carriedWhere(ctx, q, `WHERE r.service = $1 AND r.kind IN ('expiry', 'renewed', 'reverted')`, service)
	if err != nil {
		return nil, err
	}
	all := make([]known, len(rows[service]))
	for i, in := range rows[service] {
		about := subject{in.service, in.id}
		all[i] = known{in, pauses.of(about, in.expires), said[about]}
	}
	return all, nil
}
