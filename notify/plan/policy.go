package plan

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// Policy is what decisions depend on besides what was observed and said: the
// settings, and what people watch from Slack.
type Policy struct {
	Channel string            // of services without one of their own
	Ladder  Ladder            // likewise
	Labels  map[string]string // of the watched services, by id
	Own     map[string]Watch  // what people set for some of them
	stale   time.Duration     // data older than this is called stale
	IDs     Addresses         // of channels whose id changed
}

// Policy is that of the settings alone.
func (s Settings) Policy() Policy {
	p := Policy{
		Channel: s.Channel, Ladder: s.Before,
		Labels: make(map[string]string, len(s.Services)),
		stale:  max(3*s.CheckEvery, 30*time.Minute),
	}
	for _, service := range s.Services {
		p.Labels[service.ID] = service.Label
	}
	return p
}

// With adds watches of the ledger. To a service of the settings they add owners
// and nothing else.
func (p Policy) With(rows []Watch) Policy {
	fixed := p.Labels
	p.Labels, p.Own = maps.Clone(fixed), make(map[string]Watch, len(rows))
	for _, w := range rows {
		if _, ok := fixed[w.Service]; ok {
			p.Own[w.Service] = Watch{Owners: w.Owners}
		} else if !w.Fixed {
			p.Labels[w.Service] = w.Label
			p.Own[w.Service] = w
		}
	}
	return p
}

// Watches reports whether a service is watched.
func (p Policy) Watches(service string) bool {
	_, ok := p.Labels[service]
	return ok
}

// ChannelOf returns where a service is told about.
func (p Policy) ChannelOf(service string) string {
	return cmp.Or(p.Own[service].Channel, p.Channel)
}

// LadderOf returns when a service is told about.
func (p Policy) LadderOf(service string) Ladder {
	if own := p.Own[service].Ladder; len(own) > 0 {
		return own
	}
	return p.Ladder
}

// Services returns the watched services in order.
func (p Policy) Services() []string { return slices.Sorted(maps.Keys(p.Labels)) }

// Channels returns the channels that are told about a service, in order.
func (p Policy) Channels() []string {
	all := make(map[string]bool)
	for id := range p.Labels {
		all[p.ChannelOf(id)] = true
	}
	return slices.Sorted(maps.Keys(all))
}

// Tells reports whether a channel is told about a service.
func (p Policy) Tells(channel string) bool {
	for id := range p.Labels {
		if p.ChannelOf(id) == channel {
			return true
		}
	}
	return false
}

// Only leaves one channel and the services that it is told about.
func (p Policy) Only(channel string) Policy {
	all := p.Labels
	narrow := p
	narrow.Channel, narrow.Labels = channel, make(map[string]string)
	for id, label := range all {
		if p.ChannelOf(id) == channel {
			narrow.Labels[id] = label
		}
	}
	return narrow
}

// Widest is a ladder with the steps of all.
func (p Policy) Widest() Ladder {
	all := slices.Clone(p.Ladder)
	for _, w := range p.Own {
		all = append(all, w.Ladder...)
	}
	return all.sorted()
}

// sorted puts steps in the order of time, each once.
func (l Ladder) sorted() Ladder {
	slices.SortFunc(l, func(a, b time.Duration) int { return cmp.Compare(b, a) })
	return slices.Compact(l)
}

// lastDay is the time before an expiry whose steps nobody can do without.
const lastDay = 24 * time.Hour

// paused returns the steps that remain of the ladder after what people answered
// to the reminders of an expiry. Those of the last day and of the expiry itself
// always do: nobody shall lose capacity because somebody else pressed a button.
func (l Ladder) paused(expires time.Time, s HeldPause) Ladder {
	if !s.Holds() {
		return l
	}
	var remain Ladder
	own := expires.Sub(s.Until) // the step at which a snooze ends
	for _, step := range l {
		if step >= 0 && step <= lastDay || !s.Until.IsZero() && step < own {
			remain = append(remain, step)
		}
	}
	if !s.Until.IsZero() {
		remain = append(remain, own)
	}
	return remain.sorted()
}
