package notify

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"
)

// This file sees to it that nothing is said from knowledge of before the process
// was started, or frozen, that could be newer: what was renewed meanwhile is not
// about to expire.

const (
	// recentAtLeast is how old a reading may be at least, however often services
	// are read: one that is written is seconds old already.
	recentAtLeast = time.Minute

	// slowSweep is how long the reading of all services may take. What this process
	// read itself is no older than that, and two checks, unless it was frozen.
	slowSweep = time.Hour

	// unreadRest is how long a message waits before it is looked at again, when it
	// is about services that are yet to be read.
	unreadRest = 15 * time.Second
)

// recent is how old a reading may be that anything is said by.
func (p pass) recent() time.Duration { return max(2*p.settings.CheckEvery, recentAtLeast) }

// asked reports whether this process tried to read a service not long ago.
func (p pass) asked(s service) bool {
	return !s.tried.Before(p.started) && p.now.Sub(s.tried) <= p.recent()+slowSweep
}

// current reports whether what is known of a service is all that can be known: it
// was read not longer than two checks ago, or by this process in a sweep that
// takes longer, or it cannot be read.
func (p pass) current(s service) bool {
	age := p.now.Sub(s.read)
	return age <= p.recent() ||
		!s.failing.IsZero() && p.asked(s) ||
		!s.read.IsZero() && !s.read.Before(p.started) && age <= p.recent()+slowSweep
}

// aged reports whether people must be told first how old the knowledge is.
func (p pass) aged(s service) bool {
	return p.now.Sub(s.read) > p.recent() && (!s.failing.IsZero() || !p.current(s))
}

// mayTell reports whether a reminder can be said by what is known of its service.
// In its last useful hour it is said by whatever is known.
func (p pass) mayTell(r reminder, s service) bool {
	switch r.kind {
	case KindExpiry, KindRenewed, KindReverted, KindVanished, KindUnknown:
		return p.current(s) || p.lastHour(r)
	case KindUnreadable, KindReadable:
		return p.asked(s)
	default:
		return true
	}
}

// unread reports whether a message is about services that are to be read before
// it can be posted.
func (c content) unread(p pass) bool {
	switch {
	case c.kind == KindCorrection:
		return false // it says what a reading told
	case c.opensDigest():
		return p.awaits(c.survey, c.due)
	}
	return slices.ContainsFunc(slices.Concat(c.own, c.thread), func(r reminder) bool {
		return !p.mayTell(r, c.facts.services[r.service])
	})
}

// awaits reports whether a digest that is due at a moment waits for services to be
// read: not for ever, for it says of each how old its data is.
func (p pass) awaits(s survey, due time.Time) bool {
	for _, one := range s.services {
		from := maxTime(maxTime(p.started, p.own[one.id].since), due)
		if p.now.Before(from.Add(firstReads)) && !p.current(one) {
			return true
		}
	}
	return false
}

// agedFrom returns when that was read of which a message knows least, if that must
// be told first; zero otherwise.
func (c content) agedFrom(p pass) (oldest time.Time) {
	if c.kind == KindDigest || c.kind == KindUnreadable || c.kind == KindReadable {
		return oldest // they tell of each service how old its data is
	}
	for _, r := range slices.Concat(c.own, c.thread) {
		s := c.facts.services[r.service]
		if p.aged(s) && (oldest.IsZero() || s.read.Before(oldest)) {
			oldest = s.read
		}
	}
	return oldest
}

// errUnread is why a message is not claimed: its services are to be read first.
var errUnread = errors.New("services are to be read before it can be said")

// postpone has a message looked at again a little later, without an attempt.
func (l *Ledger) postpone(ctx context.Context, m message, until time.Time) error {
	return l.db.write(ctx, "postponing "+m.key, func(tx *sql.Tx) error {
		_, err := exec(ctx, tx, `UPDATE message SET next_at = $1 WHERE key = $2 AND attempt = $3 AND sent_at IS NULL AND next_at < $1`,
			until.UnixMilli(), m.key, m.attempt)
		return err
	})
}

// pressing returns the services of which something is to be decided or said: they
// are read before the others.
func (l *Ledger) pressing(ctx context.Context, now time.Time) ([]string, error) {
	return collect(ctx, l.db, scanString, `SELECT service FROM instance WHERE check_at <= $1
		UNION SELECT r.service FROM message m JOIN reminder r ON r.message = m.key WHERE m.sent_at IS NULL AND m.settled_at IS NULL
		ORDER BY service`, now.UnixMilli())
}
