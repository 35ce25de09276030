package notify

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

const (
	// clockMargin is how far a look-up reaches back beyond the moment up to which
	// a channel is known. That moment is by this machine's clock, messages are
	// dated by Slack's, and what was posted may appear some minutes later.
	clockMargin = time.Hour
)

const (
	// pagesAtOnce bounds the pages of a look-up that are read in one round.
	pagesAtOnce = 20
)

// rechecks are the times after an answer in doubt at which the channel is looked
// at once more: what a request led to may appear after its answer.
func rechecks() []time.Duration {
	return []time.Duration{15 * time.Second, 2 * time.Minute, 10 * time.Minute}
}

// sight is what a look-up showed.
type sight int

const (
	sightClear   sight = iota // what is not recorded now was not posted
	sightUnable               // looking is not permitted
	sightFailed               // it did not succeed
	sightPartial              // it goes on in the next round
)

// scan is how far a channel is known, and how far the look-up under way got.
type scan struct {
	known   time.Time // what was posted before is recorded; zero: nothing is known
	until   time.Time // when the look-up under way began; zero: none is
	reached string    // the timestamp down to which it saw the channel; "": nothing yet
	next    time.Time // no look-up before
}

// from is since when a look-up must see the channel. What a lost ledger said is
// found as far back as lookBack; what this one attempted before its channels were
// known, however long ago that was.
func (s scan) from(attempted, now time.Time) time.Time {
	from := now.Add(-lookBack)
	switch {
	case s.known.After(from):
		from = minTime(s.known, now)
	case s.known.IsZero() && !attempted.IsZero():
		from = minTime(from, attempted)
	}
	return from.Add(-clockMargin)
}

// lookUp finds out which of the waiting messages stand in the channel already.
// It returns those that may be posted now: when the channel cannot be seen,
// only those that would soon be useless.
//
// A look-up is incremental: the channel is read from where it is known to now, a
// page at a time, and what a page shows is recorded before the next is read. An
// attempt of this process or another was over before the channel is known beyond
// it, so the past is never read twice.
func (c *courier) lookUp(ctx context.Context, t *track, waiting []message, p pass) (sight, []message, error) {
	if len(waiting) == 0 {
		return sightClear, nil, nil
	}
	limited, cancel := context.WithTimeout(ctx, lookUpTimeout)
	defer cancel()
	s, err := c.look(limited, t, waiting, p)
	if ctx.Err() != nil {
		return sightFailed, nil, nil
	}
	if errors.Is(err, ErrNoHistory) {
		c.blind.Do(func() {
			c.log.WarnContext(ctx, "messages are delivered at least once, not exactly once: after a lost answer nobody can look whether"+
				" they arrived. Grant channels:history (groups:history for private channels) to change that", "channel", t.channel)
		})
		return sightUnable, waiting, nil
	}
	c.panicked(ctx, err, "panic while looking at a channel", "channel", t.channel)
	if e, ok := errors.AsType[*SendError](err); ok {
		if err := c.stopLooking(ctx, t, e, p); err != nil {
			return sightFailed, nil, err
		}
		s = sightFailed
	} else if err != nil {
		return sightFailed, nil, err
	}
	if s == sightClear {
		return s, waiting, nil
	}
	lastHour, err := c.ledger.lastHour(ctx, t.channel, p)
	if err != nil {
		return s, nil, err
	}
	urgent, err := c.ledger.outboxOf(ctx, t.channel, p.now, slices.Sorted(maps.Keys(lastHour)))
	return s, urgent, err
}

// look reads the channel on, and the threads in which something waits.
func (c *courier) look(ctx context.Context, t *track, waiting []message, p pass) (sight, error) {
	s, err := c.ledger.scan(ctx, t.channel)
	if err != nil {
		return sightFailed, err
	}
	if s.next.After(p.now) {
		return sightFailed, nil
	}
	var attempted time.Time
	for _, m := range waiting {
		if !m.claimed.IsZero() && (attempted.IsZero() || m.claimed.Before(attempted)) {
			attempted = m.claimed
		}
	}
	if s.until.IsZero() || s.until.After(p.now) {
		s.until, s.reached = p.now, ""
	}
	w := Window{From: s.from(attempted, s.until), Before: s.reached}
	for range pagesAtOnce {
		page, err := c.sender.History(ctx, t.channel, w)
		if err != nil {
			return sightFailed, err
		}
		if err := c.record(ctx, t, page.Deliveries, p); err != nil {
			return sightFailed, err
		}
		for _, parent := range page.Threads {
			if err := c.lookBelow(ctx, t, parent, p); err != nil {
				return sightFailed, err
			}
		}
		if !page.More {
			if err := c.threads(ctx, t, waiting, p); err != nil {
				return sightFailed, err
			}
			return sightClear, c.ledger.setScan(ctx, t.channel, scan{known: s.until})
		}
		w.Before, s.reached, s.next = page.Oldest, page.Oldest, time.Time{}
		if err := c.ledger.setScan(ctx, t.channel, s); err != nil {
			return sightFailed, err
		}
	}
	return sightPartial, nil
}

// threads reads every thread in which one of the messages may stand, whatever
// the channel's history says of it: its count of replies may be late, or missing.
func (c *courier) threads(ctx context.Context, t *track, waiting []message, p pass) error {
	read := make(map[string]bool)
	for _, m := range waiting {
		if m.parent == "" {
			continue
		}
		parent, err := c.ledger.threadAt(ctx, m.parent)
		if err != nil {
			return err
		}
		if parent == "" || read[parent] || m.attempt == 0 && t.fresh[parent] {
			continue // it is not posted, or it was by this process and nobody replied yet
		}
		read[parent] = true
		if err := c.lookBelow(ctx, t, parent, p); err != nil {
			return err
		}
	}
	return nil
}

func (c *courier) lookBelow(ctx context.Context, t *track, parent string, p pass) error {
	found, err := c.sender.Thread(ctx, t.channel, parent)
	if err != nil {
		return err
	}
	return c.record(ctx, t, found, p)
}

// record notes what stands in the channel, and takes doubles away.
func (c *courier) record(ctx context.Context, t *track, found []Delivery, p pass) error {
	doubles, err := c.ledger.adopt(ctx, t.channel, found, p.now)
	if err != nil {
		return err
	}
	for _, d := range doubles {
		c.removeDouble(ctx, t.channel, d)
	}
	for _, other := range c.ledger.strangers(found) {
		news, err := c.ledger.noteStranger(ctx, other)
		if err != nil {
			return err
		}
		if news {
			c.log.WarnContext(ctx, "a second ledger announces into this channel: another copy of this program has a database of its own."+
				" Give all copies one database (DATABASE_URL), or each a channel of its own", "channel", t.channel,
				"own_ledger", c.ledger.identity().id, "other_ledger", other.Ledger, "message", other.TS)
		}
	}
	return nil
}

// double is a message of which all stands in a channel already.
type double struct {
	ts     string   // of the later one
	firsts []string // of those that count
}

// removeDouble takes a later message away, with its thread, if the first one
// still stands and carries, with its thread, all that the later one does. Both
// are read in this moment: what the ledger holds is not enough to delete.
func (c *courier) removeDouble(ctx context.Context, channel string, d double) {
	log := c.log.With("channel", channel, "ts", d.ts, "first", strings.Join(d.firsts, " "))
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookUpTimeout)
	defer cancel()
	var survivor []Delivery
	for _, first := range d.firsts {
		some, err := c.sender.Thread(ctx, channel, first)
		if err != nil {
			log.WarnContext(ctx, "cannot look at the first of two equal messages; both stay", "error", err)
			return
		}
		survivor = append(survivor, some...)
	}
	later, err := c.sender.Thread(ctx, channel, d.ts)
	if err != nil {
		log.WarnContext(ctx, "cannot look at the second of two equal messages; both stay", "error", err)
		return
	}
	if !carries(survivor, later) {
		log.WarnContext(ctx, "two messages carry the same reminder, and the later one carries others too; both stay")
		return
	}
	slices.Reverse(later) // replies before the message above them
	for _, one := range later {
		if slices.ContainsFunc(survivor, func(s Delivery) bool { return s.TS == one.TS }) {
			continue // both stand in the same thread
		}
		if err := c.sender.Delete(ctx, channel, one.TS); err != nil {
			log.ErrorContext(ctx, "cannot remove a double", "error", err)
			return
		}
	}
	log.WarnContext(ctx, "removed a double")
}

// carries reports whether the first messages say all that the later ones do: every
// reminder, whose id stands for its expiry, and the same key where there is none.
func carries(first, later []Delivery) bool {
	keys, reminders := make(map[string]bool), make(map[string]bool)
	for _, d := range first {
		keys[d.Key] = true
		for _, id := range d.Reminders {
			reminders[id] = true
		}
	}
	for _, d := range later {
		if len(d.Reminders) == 0 && !keys[d.Key] || slices.ContainsFunc(d.Reminders, func(id string) bool { return !reminders[id] }) {
			return false
		}
	}
	return len(first) > 0
}

// stopLooking notes that the channel cannot be looked at, and until when it is
// not tried again. A wait for look-ups keeps no message back whose last useful
// hour has begun.
func (c *courier) stopLooking(ctx context.Context, t *track, e *SendError, p pass) error {
	wait := unreachableRest
	switch e.Outcome {
	case RateLimited:
		wait = min(max(e.RetryAfter, postEvery), maxRest)
		c.log.WarnContext(ctx, "Slack asks to wait before the channel is looked at again", "channel", t.channel, "for", e.RetryAfter, "again_in", wait)
	case Refused:
		return c.stop(ctx, t, e, e)
	default:
		c.log.WarnContext(ctx, "cannot look whether messages arrived; nothing is posted until that succeeds or their last useful hour begins",
			"channel", t.channel, "again_in", wait, "error", e)
	}
	s, err := c.ledger.scan(ctx, t.channel)
	if err != nil {
		return err
	}
	s.next = p.now.Add(wait)
	return c.ledger.setScan(ctx, t.channel, s)
}

// scan returns how far a channel is known.
func (l *Ledger) scan(ctx context.Context, channel string) (scan, error) {
	all, err := collect(ctx, l.db, func(read func(...any) error) (s scan, err error) {
		return s, read((*instant)(&s.known), (*instant)(&s.until), &s.reached, (*instant)(&s.next))
	}, `SELECT known_until, scan_until, reached, next_at FROM lookup WHERE channel = $1`, channel)
	if err != nil || len(all) == 0 {
		return scan{}, err
	}
	return all[0], nil
}

// setScan notes how far a channel is known.
func (l *Ledger) setScan(ctx context.Context, channel string, s scan) error {
	_, err := exec(ctx, l.db, `INSERT INTO lookup (channel, known_until, scan_until, reached, next_at) VALUES ($1, CAST($2 AS BIGINT), CAST($3 AS BIGINT), $4, CAST($5 AS BIGINT))
		ON CONFLICT (channel) DO UPDATE SET known_until = excluded.known_until, scan_until = excluded.scan_until,
			reached = excluded.reached, next_at = excluded.next_at`,
		channel, moment(s.known), moment(s.until), s.reached, moment(s.next))
	return err
}

// threadAt returns where the message with a key stands; "" when it does not.
func (l *Ledger) threadAt(ctx context.Context, key string) (ts string, err error) {
	all, err := collect(ctx, l.db, scanString, `SELECT COALESCE((SELECT above.ts FROM message above WHERE above.key = m.parent), m.ts)
		FROM message m WHERE m.key = $1`, key)
	if err != nil || len(all) == 0 {
		return "", err
	}
	return all[0], nil
}

// strangers are the messages that another ledger announced since this one is
// there: one for each ledger.
func (l *Ledger) strangers(found []Delivery) []Delivery {
	var others []Delivery
	since := slackTS(l.identity().created)
	for _, d := range found {
		if d.Ledger != "" && d.Ledger != l.identity().id && compareTS(d.TS, since) > 0 &&
			!slices.ContainsFunc(others, func(o Delivery) bool { return o.Ledger == d.Ledger }) {
			others = append(others, d)
		}
	}
	return others
}

// otherLedger begins the names of the settings that note other ledgers.
const otherLedger = "other_ledger:"

// noteStranger notes that another ledger announces into the same channel, and
// reports whether that is news.
func (l *Ledger) noteStranger(ctx context.Context, d Delivery) (news bool, err error) {
	n, err := exec(ctx, l.db, `INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING`, otherLedger+storable(d.Ledger), d.TS)
	return n > 0, err
}

// rechecking returns the posted messages that are to be looked for once more.
func (l *Ledger) rechecking(ctx context.Context, channel string, now time.Time) ([]message, error) {
	return collect(ctx, l.db, scanMessage, `SELECT `+messageColumns+` FROM message WHERE channel = $1 AND recheck_at <= $2
		ORDER BY recheck_at LIMIT 100`, channel, now.UnixMilli())
}

// rechecked notes that messages were looked for once more.
func (l *Ledger) rechecked(ctx context.Context, all []message, now time.Time) error {
	return l.db.write(ctx, "recording a look-up", func(tx *sql.Tx) error {
		for _, m := range all {
			var next time.Time
			if n := m.rechecks + 1; n < len(rechecks()) {
				next = now.Add(rechecks()[n] - rechecks()[n-1])
			}
			if _, err := exec(ctx, tx, `UPDATE message SET recheck_at = CAST($1 AS BIGINT), rechecks = rechecks + 1 WHERE key = $2`, moment(next), m.key); err != nil {
				return err
			}
		}
		return nil
	})
}

// lastHour returns the keys of the messages to a channel whose last useful hour
// has begun: silence would be worse than a double now. For steps that follow
// each other closely it is the second half of their time.
func (l *Ledger) lastHour(ctx context.Context, channel string, p pass) (map[string]bool, error) {
	all, err := collect(ctx, l.db, func(scan func(...any) error) (w waitingReminder, err error) {
		err = scan(append(reminderFields(&w.reminder), &w.key, &w.parent)...)
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
// process whose ledger was. Of messages with one key, and of those that carry one
// reminder, the first in the channel counts, for every ledger. A later one of which
// all stands in earlier ones is returned; of one that says more the ledger takes
// away what stands before it, so that its edit leaves that out.
func (l *Ledger) adopt(ctx context.Context, channel string, found []Delivery, now time.Time) (doubles []double, err error) {
	if len(found) == 0 {
		return nil, nil
	}
	found = slices.SortedFunc(slices.Values(found), func(a, b Delivery) int { return compareTS(a.TS, b.TS) })
	err = l.db.write(ctx, "recording what stands in "+channel, func(tx *sql.Tx) error {
		doubles = nil
		open, err := openReminders(ctx, tx, channel, now)
		if err != nil {
			return err
		}
		for _, d := range found {
			some, err := l.adoptOne(ctx, tx, channel, d, open, now)
			if err != nil {
				return err
			}
			doubles = append(doubles, some...)
		}
		return nil
	})
	return doubles, err
}

// overlap is how long after it was posted a message is compared with others that
// carry the same reminders: two ledgers that say the same do so in the same minutes.
const overlap = 2 * time.Hour

// openReminder is a reminder in a message that is not known to be posted, or was
// just posted.
type openReminder struct {
	reminder
	key string // of the message
	ts  string // likewise; "": not known to be posted
}

// openReminders returns, by id, what such messages to a channel carry.
func openReminders(ctx context.Context, tx *sql.Tx, channel string, now time.Time) (map[string]openReminder, error) {
	all, err := collect(ctx, tx, func(scan func(...any) error) (o openReminder, err error) {
		err = scan(append(reminderFields(&o.reminder), &o.key, &o.ts)...)
		return o, err
	}, `SELECT `+reminderColumns+`, m.key, m.ts FROM message m JOIN reminder r ON r.message = m.key
		WHERE m.channel = $1 AND (m.sent_at IS NULL AND m.settled_at IS NULL OR m.sent_at > $2) AND r.kind <> 'digest'`,
		channel, now.Add(-overlap).UnixMilli())
	if err != nil {
		return nil, err
	}
	open := make(map[string]openReminder, len(all))
	for _, o := range all {
		open[o.id()] = o
	}
	return open, nil
}

// adoptOne records one message that stands in the channel, and returns the doubles
// that come to light by it.
func (l *Ledger) adoptOne(ctx context.Context, tx *sql.Tx, channel string, d Delivery, open map[string]openReminder, now time.Time) ([]double, error) {
	mine, firsts := claimed(d, open)
	known, err := collect(ctx, tx, scanMessage, `SELECT `+messageColumns+` FROM message WHERE key = $1 AND channel = $2`, d.Key, channel)
	if err != nil {
		return nil, err
	}
	var doubles []double
	switch {
	case len(firsts) > 0 && (len(known) == 0 || known[0].ts == d.TS):
		return []double{{ts: d.TS, firsts: firsts}}, nil
	case len(known) == 0 && len(mine) == 0:
		return nil, nil // older than the ledger, or pruned
	case len(known) == 0:
		like, err := messageByKey(ctx, tx, mine[0].key)
		if err != nil {
			return nil, err
		}
		like.key, like.parent, like.sent, like.ts, like.shown, like.editAt = d.Key, "", now, d.TS, shownUnknown, now
		if err := putMessage(ctx, tx, like); err != nil {
			return nil, err
		}
	case known[0].sent.IsZero():
		if _, err := recordSent(ctx, tx, d.Key, d.TS, now, shownUnknown); err != nil {
			return nil, err
		}
	case known[0].ts == d.TS:
	case compareTS(known[0].ts, d.TS) < 0:
		return []double{{ts: d.TS, firsts: []string{known[0].ts}}}, nil
	default: // the ledger holds a later one
		if _, err := exec(ctx, tx, `UPDATE message SET ts = $1, shown = $2, edit_at = $3 WHERE key = $4`, d.TS, shownUnknown, now.UnixMilli(), d.Key); err != nil {
			return nil, err
		}
		doubles = append(doubles, double{ts: known[0].ts, firsts: []string{d.TS}})
	}
	emptied, err := moveReminders(ctx, tx, mine, d, open, now)
	return append(doubles, emptied...), err
}

// claimed returns the reminders that a message carries and that the ledger holds in
// another one, which is not posted or stands later; and, when all of them stand in
// earlier ones instead, the timestamps of those.
func claimed(d Delivery, open map[string]openReminder) (mine []openReminder, firsts []string) {
	for _, id := range d.Reminders {
		o, ok := open[id]
		switch {
		case !ok || o.key == d.Key:
		case o.ts == "" || compareTS(d.TS, o.ts) < 0:
			mine = append(mine, o)
		case !slices.Contains(firsts, o.ts):
			firsts = append(firsts, o.ts)
		}
	}
	for _, id := range d.Reminders {
		if o, ok := open[id]; !ok || o.ts == "" || compareTS(o.ts, d.TS) >= 0 {
			return mine, nil
		}
	}
	return mine, firsts
}

// moveReminders notes that reminders stand in a message, and returns the posted
// messages that carry nothing any more. Those that carry less are edited.
func moveReminders(ctx context.Context, tx *sql.Tx, mine []openReminder, d Delivery, open map[string]openReminder, now time.Time) (emptied []double, err error) {
	about := make([]subject, len(mine))
	later := make(map[string]string) // the timestamps of posted messages, by key
	for i, o := range mine {
		about[i] = o.about()
		if _, err := exec(ctx, tx, `UPDATE reminder SET message = $1 WHERE service = $2 AND instance = $3 AND expires_at = $4
			AND threshold = $5 AND channel = $6 AND kind = $7`, d.Key,
			o.service, o.instance, moment(o.expires), o.threshold.Milliseconds(), o.channel, string(o.kind)); err != nil {
			return nil, err
		}
		if o.ts != "" {
			later[o.key] = o.ts
		}
		id := o.id()
		o.key, o.ts = d.Key, d.TS
		open[id] = o
	}
	for _, key := range slices.Sorted(maps.Keys(later)) {
		left, err := collect(ctx, tx, scanString, `SELECT message FROM reminder WHERE message = $1 LIMIT 1`, key)
		if err != nil {
			return nil, err
		}
		if len(left) == 0 {
			emptied = append(emptied, double{ts: later[key], firsts: []string{d.TS}})
			continue
		}
		if _, err := exec(ctx, tx, `UPDATE message SET shown = $1 WHERE key = $2`, shownInDoubt, key); err != nil {
			return nil, err
		}
		if err := markEdit(ctx, tx, now, key); err != nil {
			return nil, err
		}
	}
	return emptied, checkAgain(ctx, tx, about) // it may be renewed by now
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

// slackTS is an instant as Slack writes the timestamps of messages.
func slackTS(t time.Time) string { return fmt.Sprintf("%010d.%06d", t.Unix(), t.Nanosecond()/1000) }
