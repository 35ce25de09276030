package plan

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

const (
	// Horizon is how far a digest looks ahead.
	Horizon = 30 * 24 * time.Hour

	// A digest of up to digestAlone items has no thread; a longer one shows
	// the first digestTop itself. Beyond digestItems they are only counted.
	digestAlone = 30
	DigestTop   = 20
	DigestItems = 1000

	// firstReads is how long a digest waits for services that were not read
	// since the bot was started: an outage is never "nothing expires", and what was
	// renewed meanwhile does not expire.
	firstReads = time.Hour

	// longUnread is the age from which on a digest names a service as not read
	// although the last reading did not fail: after downtime, while thousands
	// are read anew.
	longUnread = 24 * time.Hour
)

// DigestKey is the key of a day's digest; those of its thread end with a number.
func DigestKey(d Date, channel string) string { return "digest:" + d.String() + ":" + channel }

// OpensDigest reports whether the message is a day's digest itself, not one in
// its thread.
func (m Message) OpensDigest() bool {
	return m.Kind == KindDigest && m.Key == DigestKey(ParseDate(m.Day), m.Channel)
}

// DigestDay returns the local day that it is, and whether its digest is due.
func (p Evaluation) DigestDay() (today Date, isDue bool) {
	today = dateOf(p.Now, p.Settings.Zone)
	at, ok := p.DigestAt(today)
	return today, ok && !p.Now.Before(at)
}

// DigestAt returns when the digest of a day is due, if the day has one.
func (p Evaluation) DigestAt(d Date) (time.Time, bool) {
	t, err := parseTimetable(p.Settings.DigestCron)
	if err != nil {
		return time.Time{}, false // Settings.Faults has said so
	}
	return t.fires(d, p.Settings.Zone)
}

// allClearOn reports whether a digest without anything in it is posted that
// day. Weekly means Mondays, or the first digest of the week if Monday has none.
func (p Evaluation) allClearOn(d Date) bool {
	if p.Settings.AllClear != AllClearWeekly {
		return p.Settings.AllClear == AllClearDaily
	}
	sinceMonday := (int(d.Weekday()) + 6) % 7
	for n := range sinceMonday {
		if _, earlier := p.DigestAt(d.Plus(-n - 1)); earlier {
			return false
		}
	}
	return true
}

// VanishedToday is how long a digest says that instances are not listed any more.
const VanishedToday = 26 * time.Hour

// Snapshot is what a digest is made of.
type Snapshot struct {
	At       time.Time
	Services map[string]ServiceState // those watched, with an empty row if never tried
	Window   []Instance              // to be listed, soonest first
	Alive    map[string]Count        // prepaid and not expired, by service
	Unknown  []Instance              // prepaid with an expiry that is not known
	Vanished int                     // not listed any more since a day, before their expiry or while that is unknown
}

// Unread returns the services whose knowledge is old or missing.
func (s Snapshot) Unread(p Policy) []Trouble {
	var unread []Trouble
	for _, one := range s.Services {
		if one.Read.IsZero() || !one.Failing.IsZero() || s.At.Sub(one.Read) > max(p.stale, longUnread) {
			unread = append(unread, p.Trouble(one))
		}
	}
	sortTroubles(unread)
	return unread
}

// quiet reports whether there is nothing to say but that.
func (s Snapshot) quiet(p Policy) bool {
	return len(s.Window) == 0 && len(s.Unknown) == 0 && s.Vanished == 0 && len(s.Unread(p)) == 0
}

// Only leaves one channel and the services that it is told about.
func (p Evaluation) Only(channel string) Evaluation {
	p.Policy = p.Policy.Only(channel)
	return p
}

// Digest makes the messages of a day's digest. A day on which nothing is said
// has a message too, which says that it was decided.
func (p Evaluation) Digest(s Snapshot, today Date) []Draft {
	at, _ := p.DigestAt(today)
	blank := Message{
		Key: DigestKey(today, p.Channel), Channel: p.Channel, Kind: KindDigest, Day: today.String(),
		Created: p.Now, Next: p.Now, Due: at, Earliest: at, Soonest: at,
	}
	if s.quiet(p.Policy) && !p.allClearOn(today) {
		blank.Settled = p.Now
		return []Draft{{Message: blank}}
	}
	items := s.Window[:min(len(s.Window), DigestItems)]
	top := len(items)
	if top > digestAlone {
		top = DigestTop
	}
	drafts := []Draft{{blank, p.digestReminders(items[:top], today)}}
	for part := range slices.Chunk(items[top:], MaxCarried) {
		reply := blank
		reply.Key = fmt.Sprintf("%s:%d", blank.Key, len(drafts))
		reply.Parent = blank.Key
		drafts = append(drafts, Draft{reply, p.digestReminders(part, today)})
	}
	return drafts
}

// digestReminders are the items of a digest as the ledger keeps them.
func (p Evaluation) digestReminders(items []Instance, today Date) []Reminder {
	day := time.Duration(today.noon().Truncate(24*time.Hour).UnixMilli()) * time.Millisecond
	rows := make([]Reminder, len(items))
	for i, in := range items {
		rows[i] = Reminder{in.Service, in.ID, in.Expires, day, p.Channel, KindDigest}
	}
	return rows
}

// body sums up a survey for the digest of a day. listed is how many items of it
// the message and its thread list.
func (s Snapshot) body(p Policy, zone *time.Location, today Date, at time.Time, listed int) *Digest {
	d := &Digest{Day: today, Zone: zone, Services: len(s.Services), Unread: s.Unread(p), Vanished: s.Vanished}
	d.Unknown = p.UnknownItems(s.Unknown)
	d.AllClear = s.quiet(p)
	d.Beyond = max(len(s.Window)-listed, 0)
	for _, alive := range s.Alive {
		d.Instances += alive.Instances
		d.Replicas += alive.Replicas
	}
	for _, u := range []Urgency{Expired, WithinDay, WithinWeek, WithinMonth} {
		c := Count{Urgency: u}
		for _, in := range s.Window {
			if urgency(in.Expires, at) == u {
				c.Instances++
				c.Replicas += in.Replicas
			}
		}
		if c.Instances > 0 {
			d.Counts = append(d.Counts, c)
		}
	}
	d.Losses = s.losses(p, zone, at)
	return d
}

// UnknownItems are instances whose expiry is not known, or that vanished, as people
// are told of them.
func (p Policy) UnknownItems(all []Instance) []Item {
	var items []Item
	for _, in := range all {
		items = append(items, Item{Service: in.Service, Label: p.Labels[in.Service], Instance: in.ID, Replicas: in.Replicas,
			Status: in.Status, Expires: in.Expires, Raw: in.ExpiresRaw, ZoneAssumed: in.ZoneAssumed, Unlisted: in.Missed == Gone})
	}
	return items
}

// losses are what goes away by local day and service, and what then remains.
func (s Snapshot) losses(p Policy, zone *time.Location, at time.Time) []Loss {
	type when struct {
		day     Date
		service string
	}
	byDay := make(map[when]Loss)
	for _, in := range s.Window {
		if !in.Expires.After(at) || in.Missed == Gone { // which is no capacity any more
			continue
		}
		k := when{dateOf(in.Expires, zone), in.Service}
		l := byDay[k]
		l.Day, l.Service, l.Label = k.day, k.service, p.Labels[k.service]
		l.Instances++
		l.Replicas += in.Replicas
		byDay[k] = l
	}
	losses := slices.SortedFunc(maps.Values(byDay), func(a, b Loss) int {
		return cmp.Or(strings.Compare(a.Day.String(), b.Day.String()), strings.Compare(a.Service, b.Service))
	})
	left := make(map[string]int)
	for i, l := range losses {
		if _, ok := left[l.Service]; !ok {
			left[l.Service] = s.Alive[l.Service].Replicas
		}
		left[l.Service] -= l.Replicas
		losses[i].Left = left[l.Service]
	}
	return losses
}

// urgency returns how soon an expiry within the horizon is.
func urgency(expires, at time.Time) Urgency {
	switch left := expires.Sub(at); {
	case left <= 0:
		return Expired
	case left <= 24*time.Hour:
		return WithinDay
	case left <= 7*24*time.Hour:
		return WithinWeek
	default:
		return WithinMonth
	}
}
