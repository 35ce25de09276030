package views

import (
	"cmp"
	"encoding/json"
	"hash/fnv"
	"slices"
	"strings"
	"time"

	"computeunits/bot/blocks"
	"computeunits/bot/messages"
	"computeunits/bot/phrase"
	"computeunits/notify/plan"
)

const (
	HomeServices = 20 // watched services on a page
	homeNext     = 10 // instances that expire next
	homeOver     = 5  // that have expired and can usually be restored
	homeUnknown  = 5  // of which nobody knows when they expire, and that vanished
	homeLosses   = 10 // services that lose capacity on some day
	homeHorizon  = 30 * 24 * time.Hour
)

// homeRenew is how old what a Home shows gets even if nothing happens.
const homeRenew = 5 * time.Minute

// HomeFacts are what the App Home shows to everybody alike, at one moment.
type HomeFacts struct {
	At        time.Time // UTC
	Connected time.Time // since when there is a socket to Slack; zero: there is none
	// without says that there is no notifier: nothing is watched, and nothing is
	// known but the names of services.
	Without bool
	Watches []plan.Watch
	Outlook plan.Outlook // of all time; soonest first
	Health  plan.Health
}

// A Home is one person's App Home as plain data.
type Home struct {
	HomeFacts
	Position
	Console    string // where people can renew
	Zone       *time.Location
	Preference plan.Preference
	// troubled is, in mrkdwn, what stands there instead of all that could not be
	// found out; "": nothing.
	Troubled string
}

// Services are the watched services, the soonest expiry first.
func (f HomeFacts) Services() []messages.WatchedService {
	return messages.Watched(f.At, f.Watches, f.Outlook, f.Health)
}

// first is where the page begins that has the service number skip on it.
func (p Home) first() int {
	last := max(len(p.Watches)-1, 0)
	return min(max(p.Skip, 0), last) / HomeServices * HomeServices
}

// next are the instances that expire next, and those that have expired and can
// usually be restored, the latest first.
func (f HomeFacts) next() (ahead, over []plan.Item) {
	i := slices.IndexFunc(f.Outlook.Items, func(i plan.Item) bool { return i.Expires.After(f.At) })
	if i < 0 {
		i = len(f.Outlook.Items)
	}
	over = slices.Clone(f.Outlook.Items[:i])
	slices.Reverse(over)
	return f.Outlook.Items[i:], over
}

// counts are how much expires how soon, within the horizon.
func (f HomeFacts) counts() []plan.Count {
	var all []plan.Count
	for _, i := range f.Outlook.Items {
		u, ok := urgencyOf(i.Expires.Sub(f.At))
		if !ok {
			break
		}
		if len(all) == 0 || all[len(all)-1].Urgency != u {
			all = append(all, plan.Count{Urgency: u})
		}
		c := &all[len(all)-1]
		c.Instances++
		c.Replicas += max(i.Replicas, 0)
	}
	return all
}

// urgencyOf is how soon an expiry is that is so far away; false beyond the
// horizon.
func urgencyOf(left time.Duration) (u plan.Urgency, ok bool) {
	switch {
	case left <= 0:
		return plan.Expired, true
	case left <= 24*time.Hour:
		return plan.WithinDay, true
	case left <= 7*24*time.Hour:
		return plan.WithinWeek, true
	case left <= homeHorizon:
		return plan.WithinMonth, true
	default:
		return "", false
	}
}

// losses are what goes away within the horizon, by day of the reader's zone and
// service. What then remains is not said: an outlook knows nothing of instances
// whose expiry is not known, such as those being created.
func (p Home) losses() []plan.Loss {
	var all []plan.Loss
	index := make(map[string]int) // of the latest day of each service
	for _, i := range p.Outlook.Items {
		switch {
		case !i.Expires.After(p.At):
			continue
		case i.Expires.Sub(p.At) > homeHorizon:
			return ordered(all)
		}
		year, month, day := i.Expires.In(p.Zone).Date()
		at, ok := index[i.Service]
		if today := (plan.Date{Year: year, Month: month, Day: day}); !ok || all[at].Day != today {
			at = len(all)
			index[i.Service] = at
			all = append(all, plan.Loss{Day: today, Service: i.Service, Label: i.Label})
		}
		all[at].Instances++
		all[at].Replicas += i.Replicas
	}
	return ordered(all)
}

func ordered(losses []plan.Loss) []plan.Loss {
	slices.SortStableFunc(losses, func(x, y plan.Loss) int {
		return cmp.Or(strings.Compare(x.Day.String(), y.Day.String()), strings.Compare(x.Service, y.Service))
	})
	return losses
}

// reads sums up when Qianfan last told about each service: how many it does tell
// about, and the oldest of these reads. Never is how many were never read.
func (f HomeFacts) reads() (told, never int, oldest time.Time) {
	for _, s := range f.Health.Services {
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

// steady are the facts without what changes by the minute although nothing
// happens, so that two such differ only when there is something new to see, or
// what is shown is older than homeRenew.
func (f HomeFacts) steady() HomeFacts {
	f.At = f.At.Truncate(homeRenew)
	f.Health.Services = slices.Clone(f.Health.Services)
	for i := range f.Health.Services {
		if s := &f.Health.Services[i]; !s.ReadAt.IsZero() && s.Trouble == nil {
			s.ReadAt = f.At
		}
	}
	return f
}

// Fingerprint stands for the facts: as long as it stays the same there is nothing
// new for anybody. 0 is never the same.
func (f HomeFacts) Fingerprint() uint64 { return fingerprint(f.steady()) }

// The ways to write times, as the ledger keeps them.
const (
	Hours24 = "24h"
	Hours12 = "12h"
)

// when writes an instant as the person wants it: by a date token, which follows
// their Slack, or in the format that they chose, in their own zone.
func (p Home) when(book *phrase.Book, t time.Time) string {
	local := t.In(p.Zone)
	year, month, day := local.Date()
	var clock string
	switch p.Preference.TimeFormat {
	case Hours24:
		clock = local.Format("15:04")
	case Hours12:
		if clock = local.Format("3:04"); local.Hour() < 12 {
			clock = book.Say("home.time.am", "time", clock)
		} else {
			clock = book.Say("home.time.pm", "time", clock)
		}
	default:
		return blocks.Date(book, t)
	}
	date := book.ShortDay(year, month, day)
	if year != p.At.In(p.Zone).Year() {
		date = book.Day(year, month, day)
	}
	text := book.Say("date.at", "date", date, "time", clock)
	if p.Zone == time.UTC { // nobody told where they are
		text += " UTC"
	}
	return text
}

// Dialect writes times as the person of the page wants them.
func (p Home) Dialect(book *phrase.Book) blocks.Dialect {
	d := blocks.ForSlack(book, "")
	d.When = homeLayout{page: p, Words: messages.Words{Book: book}}.when
	return d
}

// Fingerprint stands for what a person sees: two pages with the same one need not be
// published both. 0 is never the same.
func (p Home) Fingerprint(book *phrase.Book) uint64 {
	p.HomeFacts = p.steady()
	return fingerprint(p.View(book))
}

func fingerprint(v any) uint64 {
	sum := fnv.New64a()
	if err := json.NewEncoder(sum).Encode(v); err != nil {
		return 0
	}
	return sum.Sum64()
}

// A Position is where in their Home somebody is.
type Position struct {
	Skip  int       // watched services before the page
	Since time.Time // when they went there, by the clock of homeFacts
}
