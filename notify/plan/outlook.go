package plan

import (
	"time"
)

// Backlog is what waits to be posted.
type Backlog struct {
	Messages int
	Oldest   time.Time // since when the oldest of them waits, UTC; zero: none does
}

// Outlook is what expires, by the last good read of each watched service.
type Outlook struct {
	// Items are the soonest, as many as were asked for. What has expired and is
	// usually still restorable is among them.
	Items []Item
	// Services are all that have something to expire, the soonest first.
	// Instances and Replicas are their sums.
	Services  []Summary
	Instances int
	Replicas  int
	// Unread are the services that Qianfan does not tell about, by id: what they
	// have may be missing or old.
	Unread []Trouble
	// Unknown are the prepaid instances whose expiry is not given, or could not be
	// read. It never means that they do not expire.
	Unknown []Item
	// Vanished are the instances that are not listed any more since a day, before
	// their expiry, also those among Items.
	Vanished []Item
	// Partial says that services may be missing in it, of which nobody knows.
	Partial bool
}

// Summaries are what each service contributes, the soonest first.
func (s Snapshot) Summaries(p Policy) []Summary {
	index := make(map[string]int)
	var all []Summary
	for _, in := range s.Window {
		i, ok := index[in.Service]
		if !ok {
			i = len(all)
			index[in.Service] = i
			all = append(all, Summary{Service: in.Service, Label: p.Labels[in.Service], Soonest: in.Expires})
		}
		all[i].Instances++
		all[i].Replicas += in.Replicas
	}
	return all
}

// Health is how the notifier is doing.
type Health struct {
	Services []ServiceHealth // every watched service, by id
	Backlog  Backlog
	// NextDigest is when the next one is due, UTC; zero: never within a year.
	NextDigest time.Time
	// Problem is why a channel takes nothing at present, of the latest such one.
	Problem Problem
	// Outage is the latest that a channel was told of, be it over or not.
	Outage Outage
}

// Outage is that Qianfan did not tell about a service.
type Outage struct {
	Service, Label string    // Service "": none is known of
	ToldAt         time.Time // when a channel was told, UTC
}

// ServiceHealth is how far a watched service is known.
type ServiceHealth struct {
	Service, Label string
	Channel        string    // id of the channel that is told
	ReadAt         time.Time // the last good read, UTC; zero: never yet
	Trouble        *Trouble  // why it cannot be read; nil: it can
}

// Problem is why a channel takes nothing at present.
type Problem struct {
	Channel string    // id; "": there is none
	Reason  string    // Slack's word for it, or the network's. Foreign text: escape
	At      time.Time // when that was found, UTC
	Again   time.Time // when the next attempt is made, UTC
}

// Overview is what the ledger knows of everything that is watched, at one moment:
// what one page shows is read together.
type Overview struct {
	Watches []Watch // every watched service, by id
	Outlook Outlook
	Health  Health
}

// NextDigest returns when the next digest is due.
func (p Evaluation) NextDigest() time.Time {
	today := dateOf(p.Now, p.Settings.Zone)
	for ahead := range 367 {
		if at, ok := p.DigestAt(today.Plus(ahead)); ok && at.After(p.Now) {
			return at
		}
	}
	return time.Time{}
}
