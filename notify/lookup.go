package notify

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"
)

// clockMargin is how far a look-up reaches back beyond the moment before which
// a message cannot have been posted. That moment is by this machine's clock,
// the messages are dated by Slack's, and the one may have been ahead of the
// other. Hours cost nothing: they fit into the same page of history.
const clockMargin = 3 * time.Hour

// lookUpSince returns from when on a look-up must see the channel to find all
// of these messages, if they were posted. What this ledger attempted it finds
// however long ago that was; what another may have posted, up to lookBack.
func lookUpSince(all []message, now time.Time) time.Time {
	since := now
	for _, m := range all {
		if oldest := now.Add(-lookBack); m.earliest.Before(oldest) {
			m.earliest = oldest
		}
		since = minTime(since, m.earliest)
		if !m.claimed.IsZero() {
			since = minTime(since, m.claimed)
		}
	}
	return since.Add(-clockMargin)
}

// sight is what a look-up showed.
type sight int

const (
	sightClear  sight = iota // what is not recorded now was not posted
	sightUnable              // looking is not permitted
	sightFailed              // it did not succeed
)

// lookUp finds out which of the waiting messages stand in the channel already.
// It returns those that may be posted now: when the channel cannot be seen,
// only those that would soon be useless.
func (c *courier) lookUp(ctx context.Context, t *track, waiting []message, p pass) (sight, []message, error) {
	limited, cancel := context.WithTimeout(ctx, lookUpTimeout)
	defer cancel()
	found, err := c.sender.Delivered(limited, t.channel, lookUpSince(waiting, p.now))
	switch {
	case ctx.Err() != nil:
		return sightFailed, nil, nil
	case err == nil:
		doubles, err := c.ledger.adopt(ctx, t.channel, found, p.now)
		for _, ts := range doubles {
			c.remove(ctx, t.channel, ts)
		}
		return sightClear, waiting, err
	case errors.Is(err, ErrNoHistory):
		c.blind.Do(func() {
			c.log.WarnContext(ctx, "messages are delivered at least once, not exactly once: after a lost answer nobody can look whether"+
				" they arrived. Grant channels:history (groups:history for private channels) to change that", "channel", t.channel)
		})
		return sightUnable, waiting, nil
	}
	e, ok := errors.AsType[*SendError](err)
	if !ok {
		e = &SendError{Outcome: Ambiguous}
	}
	if err := c.stop(ctx, t, e, err); err != nil || e.Outcome == RateLimited {
		return sightFailed, nil, err
	}
	lastHour, err := c.ledger.lastHour(ctx, t.channel, p)
	return sightFailed, slices.DeleteFunc(waiting, func(m message) bool { return !lastHour[m.key] }), err
}

// lastHour returns the keys of the messages to a channel whose last useful hour
// has begun: silence would be worse than a double now. For steps that follow
// each other closely it is the second half of their time.
func (l *Ledger) lastHour(ctx context.Context, channel string, p pass) (map[string]bool, error) {
	all, err := collect(ctx, l.db, func(scan func(...any) error) (w waitingReminder, err error) {
		err = scan(append(w.fields(), &w.key, &w.parent)...)
		return w, err
	}, `SELECT `+reminderColumns+`, m.key, m.parent FROM message m JOIN reminder r ON r.message = m.key
		WHERE m.channel = $1 AND m.sent_at IS NULL AND m.settled_at IS NULL`, channel)
	if err != nil {
		return nil, err
	}
	keys := make(map[string]bool)
	for _, w := range all {
		if p.lastHour(w.reminder) {
			keys[w.key], keys[w.parent] = true, true
		}
	}
	today, _ := p.digestDay()
	if !p.now.Before(today.plus(1).begins(p.settings.Zone).Add(-time.Hour)) {
		keys[digestKey(today, channel)] = true
	}
	return keys, nil
}

// lastHour reports whether the last useful hour of a reminder has begun.
func (p pass) lastHour(r reminder) bool {
	until := p.usefulUntil(r)
	if until.IsZero() {
		return false
	}
	begins := until.Add(-time.Hour)
	if half := until.Sub(r.crossed()) / 2; r.kind == KindExpiry && half < time.Hour {
		begins = until.Add(-half)
	}
	return !p.now.Before(begins)
}

// adopt compares what stands in a channel with what shall be posted there, and
// records what was posted already: by an attempt whose answer was lost, or by a
// process whose ledger was. It returns the timestamps of messages that stand
// there although the ledger holds another one for the same key.
func (l *Ledger) adopt(ctx context.Context, channel string, found []Delivery, now time.Time) (doubles []string, err error) {
	if len(found) == 0 {
		return nil, nil
	}
	// The first of several counts.
	found = slices.SortedFunc(slices.Values(found), func(a, b Delivery) int { return compareTS(a.TS, b.TS) })
	err = l.write(ctx, "recording what stands in "+channel, func(tx *sql.Tx) error {
		doubles = nil
		open, err := openReminders(ctx, tx, channel)
		if err != nil {
			return err
		}
		for _, d := range found {
			double, err := adoptOne(ctx, tx, channel, d, open, now)
			if err != nil {
				return err
			}
			if double {
				doubles = append(doubles, d.TS)
			}
		}
		return nil
	})
	return doubles, err
}

// openReminder is a reminder in a message that is not known to be posted.
type openReminder struct {
	reminder
	key string // of the message
}

// openReminders returns, by id, what unposted messages to a channel carry.
func openReminders(ctx context.Context, tx *sql.Tx, channel string) (map[string]openReminder, error) {
	all, err := collect(ctx, tx, func(scan func(...any) error) (o openReminder, err error) {
		err = scan(append(o.fields(), &o.key)...)
		return o, err
	}, `SELECT `+reminderColumns+`, m.key FROM message m JOIN reminder r ON r.message = m.key
		WHERE m.channel = $1 AND m.sent_at IS NULL AND m.settled_at IS NULL AND r.kind <> 'digest'`, channel)
	if err != nil {
		return nil, err
	}
	open := make(map[string]openReminder, len(all))
	for _, o := range all {
		open[o.id()] = o
	}
	return open, nil
}

// adoptOne records one message that stands in the channel. It reports whether
// that is a double.
func adoptOne(ctx context.Context, tx *sql.Tx, channel string, d Delivery, open map[string]openReminder, now time.Time) (double bool, err error) {
	var mine []openReminder // that it carries under another key than the ledger does
	for _, id := range d.Reminders {
		if o, ok := open[id]; ok && o.key != d.Key {
			mine = append(mine, o)
			delete(open, id)
		}
	}
	known, err := collect(ctx, tx, scanMessage, `SELECT `+messageColumns+` FROM message WHERE key = $1 AND channel = $2`, d.Key, channel)
	if err != nil {
		return false, err
	}
	switch {
	case len(known) == 0 && len(mine) == 0:
		return false, nil // older than the ledger, or pruned
	case len(known) == 0:
		like, err := messageByKey(ctx, tx, mine[0].key)
		if err != nil {
			return false, err
		}
		like.key, like.parent, like.sent, like.ts, like.shown, like.editAt = d.Key, "", now, d.TS, shownUnknown, now
		if err := putMessage(ctx, tx, like); err != nil {
			return false, err
		}
	case known[0].sent.IsZero():
		if _, err := recordSent(ctx, tx, d.Key, d.TS, now, shownUnknown); err != nil {
			return false, err
		}
	default:
		double = known[0].ts != d.TS
	}
	if double {
		return true, nil
	}
	about := make([]subject, len(mine))
	for i, o := range mine {
		about[i] = o.about()
		if _, err := exec(ctx, tx, `UPDATE reminder SET message = $1 WHERE service = $2 AND instance = $3 AND expires_at = $4
			AND threshold = $5 AND channel = $6 AND kind = $7`, d.Key,
			o.service, o.instance, moment(o.expires), o.threshold.Milliseconds(), o.channel, string(o.kind)); err != nil {
			return false, err
		}
	}
	return false, checkAgain(ctx, tx, about) // it may be renewed by now
}

// compareTS orders Slack's timestamps, which have a fixed number of decimals.
func compareTS(a, b string) int {
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	default:
		return 0
	}
}
