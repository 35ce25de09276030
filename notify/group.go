package notify

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

// lookBack bounds how far a look-up goes into the past.
const lookBack = 8 * 24 * time.Hour

// due is a reminder that a message shall carry.
type due struct {
	reminder
	at       time.Time // when it should have been posted
	earliest time.Time // it cannot have been posted before
	decided  time.Time // zero: now
}

// draft is a message with the reminders it carries.
type draft struct {
	message
	reminders []reminder
}

// group puts reminders of one kind, to one channel, into messages. A message
// comes before those in its thread.
func group(kind Kind, all []due, now time.Time) []draft {
	slices.SortFunc(all, func(a, b due) int {
		return cmp.Or(a.expires.Compare(b.expires), strings.Compare(a.service, b.service), strings.Compare(a.instance, b.instance))
	})
	switch kind {
	case KindExpiry:
		services := byService(all)
		if len(services) > maxServicesApart {
			return collected(services, all, now)
		}
		var drafts []draft
		for _, of := range services {
			drafts = append(drafts, threaded(kind, of, now)...)
		}
		return drafts
	case KindRenewed, KindReverted, KindVanished, KindUnknown:
		return threaded(kind, all, now)
	default: // about services, which need a line each at most
		return []draft{newDraft(kind, all, now)}
	}
}

// byService splits reminders by service, that with the soonest first.
func byService(all []due) [][]due {
	index := make(map[string]int)
	var services [][]due
	for _, d := range all {
		i, ok := index[d.service]
		if !ok {
			i = len(services)
			index[d.service] = i
			services = append(services, nil)
		}
		services[i] = append(services[i], d)
	}
	return services
}

// threaded makes one message, whose thread carries what is too much for it.
func threaded(kind Kind, all []due, now time.Time) []draft {
	var drafts []draft
	for part := range slices.Chunk(all, maxCarried) {
		d := newDraft(kind, part, now)
		if len(drafts) > 0 {
			d.parent = drafts[0].key
		}
		drafts = append(drafts, d)
	}
	return drafts
}

// collected makes one message that only names the services. Its thread carries
// the reminders, several services in one reply where they fit: thousands of
// instances need dozens of replies.
func collected(services [][]due, all []due, now time.Time) []draft {
	parent := newDraft(KindCollected, all, now)
	parent.reminders = nil
	drafts := []draft{parent}
	var reply []due
	flush := func() {
		if len(reply) > 0 {
			d := newDraft(KindExpiry, reply, now)
			d.parent = parent.key
			drafts = append(drafts, d)
			reply = nil
		}
	}
	for _, of := range services {
		for part := range slices.Chunk(of, maxCarried) {
			if len(reply)+len(part) > maxCarried {
				flush()
			}
			reply = append(reply, part...)
		}
	}
	flush()
	return drafts
}

// newDraft makes one message of reminders to the same channel.
func newDraft(kind Kind, all []due, now time.Time) draft {
	d := draft{message: message{
		channel: all[0].channel, kind: kind, created: now, next: now,
		due: all[0].at, earliest: all[0].earliest, soonest: all[0].expires,
	}}
	// The key stands for what is carried: whoever decides the same makes the
	// same message.
	h := sha256.New()
	for _, one := range all {
		h.Write([]byte(one.id()))
		d.reminders = append(d.reminders, one.reminder)
		d.due = minTime(d.due, one.at)
		d.earliest = minTime(d.earliest, one.earliest)
		d.soonest = minTime(d.soonest, one.expires)
		if !one.decided.IsZero() {
			d.created = minTime(d.created, one.decided)
		}
	}
	d.key = string(kind) + ":" + base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:12])
	return d
}

func maxTime(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func minTime(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
