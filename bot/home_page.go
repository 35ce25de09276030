package bot

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"computeunits/bot/phrase"
	"computeunits/notify"
)

// How much the App Home shows. It takes 100 blocks and 250 KB; people take less.
const (
	homeServices = 20 // watched services on a page
	homeNext     = 10 // instances that expire next
	homeOver     = 5  // that have expired and can usually be restored
	homeLosses   = 10 // services that lose capacity on some day
	homeHorizon  = 30 * 24 * time.Hour
)

// homeRenew is how old what a Home shows gets even if nothing happens.
const homeRenew = 5 * time.Minute

// homeFacts are what the App Home shows to everybody alike, at one moment.
type homeFacts struct {
	at time.Time // UTC
	// without says that there is no notifier: nothing is watched, and nothing is
	// known but the names of services.
	without bool
	watches []notify.Watch
	outlook notify.Outlook // of all time; soonest first
	health  notify.Health
}

// A homePage is one person's App Home as plain data.
type homePage struct {
	homeFacts
	spot
	connected  time.Time
	console    string // where people can renew
	zone       *time.Location
	preference notify.Preference
	// troubled is, in mrkdwn, what stands there instead of all that could not be
	// found out; "": nothing.
	troubled string
}

// A homeService is one watched service with what is known of it.
type homeService struct {
	notify.Watch
	first  time.Time      // of all its expiries; zero: none is known
	next   notify.Summary // what expires together next; zero Soonest: nothing known
	over   int            // instances that have expired and are usually still restorable
	is     notify.ServiceHealth
	unread bool // Qianfan does not tell about it
}

// services are the watched services, the soonest expiry first.
func (f homeFacts) services() []homeService {
	all := make([]homeService, len(f.watches))
	index := make(map[string]*homeService, len(f.watches))
	for i, w := range f.watches {
		all[i].Watch = w
		index[w.Service] = &all[i]
	}
	know := func(service string, note func(*homeService)) {
		if s := index[service]; s != nil { // it may have been unwatched between two reads
			note(s)
		}
	}
	for _, one := range f.outlook.Services {
		know(one.Service, func(s *homeService) {
			if s.first = one.Soonest; s.first.After(f.at) {
				s.next.Soonest = s.first // also when there are too many items for its own to be among them
			}
		})
	}
	for _, i := range f.outlook.Items {
		know(i.Service, func(s *homeService) { s.add(i, f.at) })
	}
	for _, one := range f.health.Services {
		know(one.Service, func(s *homeService) { s.is = one })
	}
	for _, one := range f.outlook.Unread {
		know(one.Service, func(s *homeService) { s.unread = true })
	}
	slices.SortStableFunc(all, func(x, y homeService) int {
		a, b := x.first, y.first
		return cmp.Or(
			before(!a.IsZero(), !b.IsZero()),
			a.Compare(b),
			before(x.unread, y.unread),
			strings.Compare(x.Service, y.Service))
	})
	return all
}

// before orders what is so before what is not.
func before(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	default:
		return 1
	}
}

// add counts an item, of which the soonest come first.
func (s *homeService) add(i notify.Item, now time.Time) {
	switch {
	case !i.Expires.After(now):
		s.over++
	case s.next.Soonest.IsZero() || s.next.Soonest.Equal(i.Expires):
		s.next.Soonest = i.Expires
		s.next.Instances++
		s.next.Replicas += max(i.Replicas, 0)
	}
}

// first is where the page begins that has the service number skip on it.
func (p homePage) first() int {
	last := max(len(p.watches)-1, 0)
	return min(max(p.skip, 0), last) / homeServices * homeServices
}

// next are the instances that expire next, and those that have expired and can
// usually be restored, the latest first.
func (f homeFacts) next() (ahead, over []notify.Item) {
	i := slices.IndexFunc(f.outlook.Items, func(i notify.Item) bool { return i.Expires.After(f.at) })
	if i < 0 {
		i = len(f.outlook.Items)
	}
	over = slices.Clone(f.outlook.Items[:i])
	slices.Reverse(over)
	return f.outlook.Items[i:], over
}

// counts are how much expires how soon, within the horizon.
func (f homeFacts) counts() []notify.Count {
	var all []notify.Count
	for _, i := range f.outlook.Items {
		u, ok := urgencyOf(i.Expires.Sub(f.at))
		if !ok {
			break
		}
		if len(all) == 0 || all[len(all)-1].Urgency != u {
			all = append(all, notify.Count{Urgency: u})
		}
		c := &all[len(all)-1]
		c.Instances++
		c.Replicas += max(i.Replicas, 0)
	}
	return all
}

// urgencyOf is how soon an expiry is that is so far away; false beyond the
// horizon.
func urgencyOf(left time.Duration) (u notify.Urgency, ok bool) {
	switch {
	case left <= 0:
		return notify.Expired, true
	case left <= 24*time.Hour:
		return notify.WithinDay, true
	case left <= 7*24*time.Hour:
		return notify.WithinWeek, true
	case left <= homeHorizon:
		return notify.WithinMonth, true
	default:
		return "", false
	}
}

// losses are what goes away within the horizon, by day of the reader's zone and
// service. What then remains is not said: an outlook knows nothing of instances
// whose expiry is not known, such as those being created.
func (p homePage) losses() []notify.Loss {
	var all []notify.Loss
	index := make(map[string]int) // of the latest day of each service
	for _, i := range p.outlook.Items {
		switch {
		case !i.Expires.After(p.at):
			continue
		case i.Expires.Sub(p.at) > homeHorizon:
			return ordered(all)
		}
		year, month, day := i.Expires.In(p.zone).Date()
		at, ok := index[i.Service]
		if today := (notify.Date{Year: year, Month: month, Day: day}); !ok || all[at].Day != today {
			at = len(all)
			index[i.Service] = at
			all = append(all, notify.Loss{Day: today, Service: i.Service, Label: i.Label})
		}
		all[at].Instances++
		all[at].Replicas += i.Replicas
	}
	return ordered(all)
}

func ordered(losses []notify.Loss) []notify.Loss {
	slices.SortStableFunc(losses, func(x, y notify.Loss) int {
		return cmp.Or(strings.Compare(x.Day.String(), y.Day.String()), strings.Compare(x.Service, y.Service))
	})
	return losses
}

// reads sums up when Qianfan last told about each service: how many it does tell
// about, and the oldest of these reads. Never is how many were never read.
func (f homeFacts) reads() (told, never int, oldest time.Time) {
	for _, s := range f.health.Services {
		switch {
		case s.ReadAt.IsZero():
			never++
			continue
		case s.Trouble == nil:
			told++
		}
		if oldest.IsZero() || s.ReadAt.Before(oldest) {
			oldest = s.ReadAt
		}
	}
	return told, never, oldest
}

// steady is the page without what changes by the minute although nothing
// happens, so that two such pages differ only when there is something new to
// see, or the page is older than homeRenew.
func (p homePage) steady() homePage {
	p.at = p.at.Truncate(homeRenew)
	p.health.Services = slices.Clone(p.health.Services)
	for i := range p.health.Services {
		if s := &p.health.Services[i]; !s.ReadAt.IsZero() && s.Trouble == nil {
			s.ReadAt = p.at
		}
	}
	return p
}

// The ways to write times, as the ledger keeps them.
const (
	hours24 = "24h"
	hours12 = "12h"
)

// when writes an instant as the person wants it: by a date token, which follows
// their Slack, or in the format that they chose, in their own zone.
func (p homePage) when(book *phrase.Book, t time.Time) string {
	local := t.In(p.zone)
	year, month, day := local.Date()
	var clock string
	switch p.preference.TimeFormat {
	case hours24:
		clock = local.Format("15:04")
	case hours12:
		if clock = local.Format("3:04"); local.Hour() < 12 {
			clock = book.Say("home.time.am", "time", clock)
		} else {
			clock = book.Say("home.time.pm", "time", clock)
		}
	default:
		return dateToken(book, t)
	}
	date := book.ShortDay(year, month, day)
	if year != p.at.In(p.zone).Year() {
		date = book.Day(year, month, day)
	}
	text := book.Say("date.at", "date", date, "time", clock)
	if p.zone == time.UTC { // nobody told where they are
		text += " UTC"
	}
	return text
}
