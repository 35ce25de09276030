package notify

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"
)

// policy is what decisions depend on besides what was observed and said: the
// settings, and what people watch from Slack.
type policy struct {
	channel string            // of services without one of their own
	ladder  Ladder            // likewise
	labels  map[string]string // of the watched services, by id
	own     map[string]Watch  // what people set for some of them
	stale   time.Duration     // data older than this is called stale
	ids     addresses         // of channels whose id changed
}

// policy is that of the settings alone.
func (s Settings) policy() policy {
	p := policy{
		channel: s.Channel, ladder: s.Before,
		labels: make(map[string]string, len(s.Services)),
		stale:  max(3*s.CheckEvery, 30*time.Minute),
	}
	for _, service := range s.Services {
		p.labels[service.ID] = service.Label
	}
	return p
}

// policyOf is that of the settings and of what the ledger holds now.
func policyOf(ctx context.Context, q querier, s Settings) (policy, error) {
	p := s.policy()
	rows, err := watchRows(ctx, q)
	if err != nil {
		return p, err
	}
	if p.ids, err = addressesOf(ctx, q); err != nil {
		return p, err
	}
	p.channel = p.ids.name(p.channel)
	for i, w := range rows {
		if w.Channel != "" {
			rows[i].Channel = p.ids.name(w.Channel)
		}
	}
	return p.with(rows), nil
}

// with adds watches of the ledger. To a service of the settings they add owners
// and nothing else.
func (p policy) with(rows []Watch) policy {
	fixed := p.labels
	p.labels, p.own = maps.Clone(fixed), make(map[string]Watch, len(rows))
	for _, w := range rows {
		if _, ok := fixed[w.Service]; ok {
			p.own[w.Service] = Watch{Owners: w.Owners}
		} else if !w.Fixed {
			p.labels[w.Service] = w.Label
			p.own[w.Service] = w
		}
	}
	return p
}

func (p policy) watches(service string) bool {
	_, ok := p.labels[service]
	return ok
}

// channelOf returns where a service is told about.
func (p policy) channelOf(service string) string {
	return cmp.Or(p.own[service].Channel, p.channel)
}

// ladderOf returns when a service is told about.
func (p policy) ladderOf(service string) Ladder {
	if own := p.own[service].Ladder; len(own) > 0 {
		return own
	}
	return p.ladder
}

// services returns the watched services in order.
func (p policy) services() []string { return slices.Sorted(maps.Keys(p.labels)) }

// channels returns the channels that are told about a service, in order.
func (p policy) channels() []string {
	all := make(map[string]bool)
	for id := range p.labels {
		all[p.channelOf(id)] = true
	}
	return slices.Sorted(maps.Keys(all))
}

// tells reports whether a channel is told about a service.
func (p policy) tells(channel string) bool {
	for id := range p.labels {
		if p.channelOf(id) == channel {
			return true
		}
	}
	return false
}

// only leaves one channel and the services that it is told about.
func (p policy) only(channel string) policy {
	all := p.labels
	narrow := p
	narrow.channel, narrow.labels = channel, make(map[string]string)
	for id, label := range all {
		if p.channelOf(id) == channel {
			narrow.labels[id] = label
		}
	}
	return narrow
}

// widest is a ladder with the steps of all.
func (p policy) widest() Ladder {
	all := slices.Clone(p.ladder)
	for _, w := range p.own {
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
func (l Ladder) paused(expires time.Time, s pause) Ladder {
	if !s.holds() {
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
