package plan

import (
	"slices"
	"time"
)

// Evaluation is one decision: what is due at a moment, by what the ledger holds then.
type Evaluation struct {
	Policy
	Settings Settings
	Now      time.Time
	Started  time.Time // when the process began to read services
	Sweeping bool      // services are being read just now
	Doubt    bool      // now cannot be trusted: nothing may be said
	// slow is how long reading all services takes, if that is longer than it should.
	Slow time.Duration

	Panicked func(err error, what string, args ...any) // logs and counts; nil: nobody does
}

// Report has a panic logged.
func (p Evaluation) Report(err error, what string, args ...any) {
	if p.Panicked != nil {
		p.Panicked(err, what, args...)
	}
}

// Speaks reports whether there is anything to say.
func (v Decision) Speaks() bool { return len(v.Reminders()) > 0 }

// ServicesOf returns the services of instances, each once.
func ServicesOf(all []Instance) []string {
	ids := make([]string, len(all))
	for i, in := range all {
		ids[i] = in.Service
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// Due adds to a reminder about an instance when it should have been posted,
// and since when it can have been. That its expiry moved can have been announced,
// by a process whose ledger was lost, as soon as the one before was seen last.
func (p Evaluation) Due(r Reminder, in Instance) Due {
	if r.Kind == KindRenewed || r.Kind == KindReverted {
		earliest := in.KnownAfter
		if earliest.IsZero() {
			earliest = p.Now.Add(-LookBack)
		}
		return Due{Reminder: r, At: in.Known, Earliest: earliest}
	}
	if r.Kind == KindVanished || r.Kind == KindUnknown {
		return Due{Reminder: r, At: p.Now, Earliest: p.Now.Add(-LookBack)}
	}
	return Due{Reminder: r, At: r.DueAt(), Earliest: r.DueAt()}
}

// ToldIn leaves what a channel was told.
func ToldIn(channel string, said []Carried) []Carried {
	return slices.DeleteFunc(slices.Clone(said), func(c Carried) bool { return c.Channel != channel })
}
