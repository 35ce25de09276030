package plan

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strings"
	"time"
)

// maxServicesApart is how many services may have something due in one pass and
// still get a message each. More share one.
const maxServicesApart = 5

// LookBack bounds how far a look-up goes into the past.
const LookBack = 8 * 24 * time.Hour

// Due is a reminder that a message shall carry.
type Due struct {
	Reminder
	At       time.Time // when it should have been posted
	Earliest time.Time // it cannot have been posted before
	Decided  time.Time // zero: now
}

// Draft is a message with the reminders it carries.
type Draft struct {
	Message
	Reminders []Reminder
}

// Group puts reminders of one kind, to one channel, into messages. A message
// comes before those in its thread.
func Group(kind Kind, all []Due, now time.Time) []Draft {
	slices.SortFunc(all, func(a, b Due) int {
		return cmp.Or(a.Expires.Compare(b.Expires), strings.Compare(a.Service, b.Service), strings.Compare(a.Instance, b.Instance))
	})
	switch kind {
	case KindExpiry:
		services := byService(all)
		if len(services) > maxServicesApart {
			return collected(services, all, now)
		}
		var drafts []Draft
		for _, of := range services {
			drafts = append(drafts, threaded(kind, of, now)...)
		}
		return drafts
	case KindRenewed, KindReverted, KindVanished, KindUnknown:
		return threaded(kind, all, now)
	default: // about services, which need a line each at most
		return []Draft{NewDraft(kind, all, now)}
	}
}

// byService splits reminders by service, that with the soonest first.
func byService(all []Due) [][]Due {
	index := make(map[string]int)
	var services [][]Due
	for _, d := range all {
		i, ok := index[d.Service]
		if !ok {
			i = len(services)
			index[d.Service] = i
			services = append(services, nil)
		}
		services[i] = append(services[i], d)
	}
	return services
}

// threaded makes one message, whose thread carries what is too much for it.
func threaded(kind Kind, all []Due, now time.Time) []Draft {
	var drafts []Draft
	for part := range slices.Chunk(all, MaxCarried) {
		d := NewDraft(kind, part, now)
		if len(drafts) > 0 {
			d.Parent = drafts[0].Key
		}
		drafts = append(drafts, d)
	}
	return drafts
}

// collected makes one message that only names the services. Its thread carries
// the reminders, several services in one reply where they fit: thousands of
// instances need dozens of replies.
func collected(services [][]Due, all []Due, now time.Time) []Draft {
	parent := NewDraft(KindCollected, all, now)
	parent.Reminders = nil
	drafts := []Draft{parent}
	var reply []Due
	flush := func() {
		if len(reply) > 0 {
			d := NewDraft(KindExpiry, reply, now)
			d.Parent = parent.Key
			drafts = append(drafts, d)
			reply = nil
		}
	}
	for _, of := range services {
		for part := range slices.Chunk(of, MaxCarried) {
			if len(reply)+len(part) > MaxCarried {
				flush()
			}
			reply = append(reply, part...)
		}
	}
	flush()
	return drafts
}

// NewDraft makes one message of reminders to the same channel.
func NewDraft(kind Kind, all []Due, now time.Time) Draft {
	d := Draft{Message: Message{
		Channel: all[0].Channel, Kind: kind, Created: now, Next: now,
		Due: all[0].At, Earliest: all[0].Earliest, Soonest: all[0].Expires,
	}}
	// The key stands for what is carried: whoever decides the same makes the
	// same message.
	h := sha256.New()
	for _, one := range all {
		h.Write([]byte(one.ID()))
		d.Reminders = append(d.Reminders, one.Reminder)
		d.Due = MinTime(d.Due, one.At)
		d.Earliest = MinTime(d.Earliest, one.Earliest)
		d.Soonest = MinTime(d.Soonest, one.Expires)
		if !one.Decided.IsZero() {
			d.Created = MinTime(d.Created, one.Decided)
		}
	}
	d.Key = string(kind) + ":" + base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:12])
	return d
}

// MaxTime is the later of two moments.
func MaxTime(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// MinTime is the earlier of two moments.
func MinTime(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
