package notify

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"
)

const messageColumns = `key, channel, kind, parent, day, created_at, due_at, earliest_at, soonest_at,
	attempt, unresolved, claimed_at, next_at, plain, sent_at, ts, settled_at, edit_at, edit_attempt, shown, rechecks, last_error`

func scanMessage(scan func(...any) error) (message, error) {
	var m message
	err := scan(&m.key, &m.channel, &m.kind, &m.parent, &m.day, (*instant)(&m.created), (*instant)(&m.due), (*instant)(&m.earliest), (*instant)(&m.soonest),
		&m.attempt, &m.unresolved, (*instant)(&m.claimed), (*instant)(&m.next), &m.plain, (*instant)(&m.sent), &m.ts, (*instant)(&m.settled), (*instant)(&m.editAt), &m.editAttempt, &m.shown, &m.rechecks, &m.lastError)
	return m, err
}

// messageByKey returns sql.ErrNoRows when there is none.
func messageByKey(ctx context.Context, q querier, key string) (message, error) {
	all, err := collect(ctx, q, scanMessage, `SELECT `+messageColumns+` FROM message WHERE key = $1`, key)
	if err == nil && len(all) == 0 {
		err = sql.ErrNoRows
	}
	if err != nil {
		return message{}, err
	}
	return all[0], nil
}

// lane is a channel with something to deliver.
type lane struct {
	channel string
	ready   time.Time // when its next message or edit may be tried
	refused bool      // that is because the channel refused the last
}

const lanesText = `SELECT w.channel, MIN(w.at), MAX(c.next_at), COALESCE(MAX(c.refusals), 0) > 0 FROM (
		SELECT channel, next_at AS at FROM message WHERE sent_at IS NULL AND settled_at IS NULL
		UNION ALL SELECT channel, edit_at FROM message WHERE edit_at IS NOT NULL
		UNION ALL SELECT channel, recheck_at FROM message WHERE recheck_at IS NOT NULL) AS w
	LEFT JOIN channel c ON c.id = w.channel GROUP BY w.channel ORDER BY w.channel`

// lanes returns the channels with something to deliver, now or later.
func (l *Ledger) lanes(ctx context.Context) ([]lane, error) {
	return collect(ctx, l.db, func(scan func(...any) error) (n lane, err error) {
		var hold time.Time
		err = scan(&n.channel, (*instant)(&n.ready), (*instant)(&hold), &n.refused)
		if hold.After(n.ready) {
			n.ready = hold
		}
		return n, err
	}, lanesText)
}

// outboxSize is how many messages or edits are read at once. When they are done
// with, the next are.
const outboxSize = 200

// waits chooses the messages to channel $1 that may be tried at $2. What goes into
// the thread of a message that waits for longer waits with it.
const waits = `channel = $1 AND sent_at IS NULL AND settled_at IS NULL AND next_at <= $2
	AND (parent = '' OR NOT EXISTS (SELECT 1 FROM message AS above WHERE above.key = message.parent
		AND above.ts = '' AND above.settled_at IS NULL AND above.next_at > $2))`

// inTurn puts messages in the order in which they should be said: most urgent
// first, what failed three times after the rest, and a message before its thread.
const inTurn = ` ORDER BY CASE WHEN attempt < 3 THEN 0 ELSE 1 END, priority, soonest_at, CASE WHEN parent = '' THEN 0 ELSE 1 END, key`

// outbox returns what a channel is to be told now, the first outboxSize.
func (l *Ledger) outbox(ctx context.Context, channel string, now time.Time) ([]message, error) {
	return collect(ctx, l.db, scanMessage, `SELECT `+messageColumns+` FROM message WHERE `+waits+inTurn+fmt.Sprintf(` LIMIT %d`, outboxSize),
		channel, now.UnixMilli())
}

// outboxOf is outbox of some messages.
func (l *Ledger) outboxOf(ctx context.Context, channel string, now time.Time, keys []string) (all []message, err error) {
	for chunk := range slices.Chunk(keys, rowsPerStatement) {
		p := params{channel, now.UnixMilli()}
		some, err := collect(ctx, l.db, scanMessage, `SELECT `+messageColumns+` FROM message WHERE `+waits+` AND key IN `+p.list(anys(chunk)...)+inTurn, p...)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

// claim is a message that this process may post now, once.
type claim struct {
	message
	announcement Announcement
	at           time.Time // the lease runs from here
	taken        time.Time // the same moment by the monotonic clock
	// sole says that no earlier attempt can have succeeded: there was none, or
	// the outcome of each is known.
	sole  bool
	blind bool // nobody may look whether it stands there
}

var errOvertaken = errors.New("another attempt was faster")

// claim makes the next attempt at a message this process's own, and commits
// that before anything is sent. m is the message as it was read before the
// look-up; if anything happened to it since, the claim fails with
// errOvertaken. lookedUp says that the look-up did not find it.
//
// A message whose reminders are all out of date is settled instead, and the
// claim is nil. It fails with errUnread when services must be read first.
//
// The guard on the number of attempts is what makes one look-up good for all: had
// another process claimed the message since it was read, it may have posted it
// after the channel was looked at.
func (l *Ledger) claim(ctx context.Context, m message, p pass, lookedUp bool) (*claim, error) {
	var c *claim
	sole := lookedUp || !m.unresolved
	err := l.db.write(ctx, "claiming "+m.key, func(tx *sql.Tx) error {
		n, err := exec(ctx, tx, `UPDATE message SET attempt = attempt + 1, unresolved = 1, claimed_at = COALESCE(claimed_at, $1), next_at = $2,
				recheck_at = CASE WHEN unresolved = 1 THEN CAST($5 AS BIGINT) ELSE recheck_at END, rechecks = CASE WHEN unresolved = 1 THEN 0 ELSE rechecks END
			WHERE key = $3 AND attempt = $4 AND sent_at IS NULL AND settled_at IS NULL AND next_at <= $1`,
			p.now.UnixMilli(), p.now.Add(p.settings.Lease).UnixMilli(), m.key, m.attempt, p.now.Add(rechecks()[0]).UnixMilli())
		if err != nil {
			return err
		}
		if n == 0 {
			return errOvertaken
		}
		if m, err = messageByKey(ctx, tx, m.key); err != nil {
			return err
		}
		thread, err := threadOf(ctx, tx, m)
		if err != nil {
			return err
		}
		content, err := contentOf(ctx, tx, p.policy, m, p.now)
		if err != nil {
			return err
		}
		if stale := content.outOfDate(p); len(stale) > 0 {
			if err := dropReminders(ctx, tx, stale); err != nil {
				return err
			}
			if content, err = contentOf(ctx, tx, p.policy, m, p.now); err != nil {
				return err
			}
		}
		if content.nothingToSay(p) {
			return settle(ctx, tx, m, p.now)
		}
		if content.unread(p) {
			return errUnread
		}
		a := content.announce(p)
		a.ThreadTS, a.Ledger = thread, l.identity().id
		if _, err := exec(ctx, tx, `UPDATE message SET shown = $1 WHERE key = $2`, a.shown(), m.key); err != nil {
			return err
		}
		c = &claim{message: m, announcement: a, at: p.now, sole: sole}
		return nil
	})
	return c, err
}

// threadOf returns the timestamp of the message in whose thread m goes, and
// errOvertaken while it was not posted.
func threadOf(ctx context.Context, tx *sql.Tx, m message) (string, error) {
	if m.parent == "" {
		return "", nil
	}
	parent, err := messageByKey(ctx, tx, m.parent)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	if err == nil && parent.ts == "" && parent.settled.IsZero() {
		err = errOvertaken
	}
	if err == nil && parent.parent != "" { // m corrects a reply
		return threadOf(ctx, tx, parent)
	}
	return parent.ts, err
}

// settle notes that nothing is left to say in a message. What is in its thread
// goes into the channel itself then.
func settle(ctx context.Context, tx *sql.Tx, m message, now time.Time) error {
	if _, err := exec(ctx, tx, `UPDATE message SET settled_at = $1, unresolved = 0 WHERE key = $2`, now.UnixMilli(), m.key); err != nil {
		return err
	}
	_, err := exec(ctx, tx, `UPDATE message SET parent = '' WHERE parent = $1`, m.key)
	return err
}

// sent records that a message stands in the channel as ts. When it stands there
// already, the first in the channel counts, and the others are returned.
func (l *Ledger) sent(ctx context.Context, channel, key, ts string, now time.Time) (doubles []double, err error) {
	err = l.db.write(ctx, "recording "+key, func(tx *sql.Tx) error {
		recorded, err := recordSent(ctx, tx, key, ts, now, shownAsPosted)
		if err != nil {
			return err
		}
		if recorded == ts { // where another ledger announces too, it may have said the same in this moment
			_, err := exec(ctx, tx, `UPDATE message SET recheck_at = $1, rechecks = 0 WHERE key = $2 AND recheck_at IS NULL
				AND EXISTS (SELECT 1 FROM setting WHERE name LIKE $3)`, now.Add(rechecks()[0]).UnixMilli(), key, otherLedger+"%")
			return err
		}
		doubles, err = l.adoptOne(ctx, tx, channel, Delivery{Key: key, TS: ts}, nil, now)
		return err
	})
	return doubles, err
}

// detach has everything below a message that is gone said in the channel itself.
func (l *Ledger) detach(ctx context.Context, c *claim, now time.Time) error {
	return l.db.write(ctx, "recording that a thread is gone", func(tx *sql.Tx) error {
		if _, err := exec(ctx, tx, `UPDATE message SET parent = '' WHERE parent = $1 AND sent_at IS NULL`, c.parent); err != nil {
			return err
		}
		_, err := exec(ctx, tx, `UPDATE message SET unresolved = CASE WHEN $1 = 1 THEN 0 ELSE unresolved END, next_at = $2
			WHERE key = $3 AND attempt = $4 AND sent_at IS NULL`, truth(c.sole), now.UnixMilli(), c.key, c.attempt)
		return err
	})
}

// recordSent is sent within a transaction. A message that this process did not
// post is looked at soon: it may not show what is true now.
func recordSent(ctx context.Context, tx *sql.Tx, key, ts string, now time.Time, shown string) (recorded string, err error) {
	editAt := sql.NullInt64{Int64: now.UnixMilli(), Valid: shown == shownUnknown}
	n, err := exec(ctx, tx, `UPDATE message SET sent_at = $1, ts = $2, unresolved = 0, settled_at = NULL, last_error = '',
			edit_at = $3, shown = CASE WHEN $4 = '' THEN shown ELSE $4 END
		WHERE key = $5 AND sent_at IS NULL`, now.UnixMilli(), ts, editAt, shown, key)
	if err != nil {
		return "", err
	}
	m, err := messageByKey(ctx, tx, key)
	if err != nil || n == 0 {
		return m.ts, err
	}
	// Nobody corrects what is not posted, so an expiry that moved, or was answered
	// to, while this one was under way is looked at now; and a renewal is announced as soon as it is
	// known that the channel was told of the older expiry.
	about, err := collect(ctx, tx, func(scan func(...any) error) (s subject, err error) {
		err = scan(&s.service, &s.instance)
		return s, err
	}, `SELECT r.service, r.instance FROM reminder r JOIN instance i ON i.service = r.service AND i.id = r.instance
		WHERE r.message = $1 AND (i.expires_at <> r.expires_at OR EXISTS (SELECT 1 FROM pause p
			WHERE p.service = r.service AND p.instance = r.instance AND p.expires_at = r.expires_at))`, key)
	if err != nil || len(about) == 0 {
		return m.ts, err
	}
	if err := markEdit(ctx, tx, now, key, m.parent); err != nil {
		return m.ts, err
	}
	return m.ts, checkAgain(ctx, tx, about)
}

// setback is why a message was certainly not posted, and what to do about it.
type setback struct {
	next    time.Time // no attempt before
	plain   bool      // the richer form was rejected
	alone   bool      // its thread was rejected
	scatter bool      // so was its plainest form
	doubt   bool      // it may stand there all the same, and nobody can look
	reason  string
}

// failed notes that the attempt c did not post its message.
func (l *Ledger) failed(ctx context.Context, c *claim, s setback) error {
	return l.db.write(ctx, "recording the failure of "+c.key, func(tx *sql.Tx) error {
		n, err := exec(ctx, tx, `UPDATE message SET unresolved = CASE WHEN $1 = 1 THEN 0 ELSE unresolved END, next_at = $2,
				plain = CASE WHEN $3 = 1 THEN 1 ELSE plain END, parent = CASE WHEN $4 = 1 THEN '' ELSE parent END, last_error = $5
			WHERE key = $6 AND attempt = $7 AND sent_at IS NULL`,
			truth(c.sole && !s.doubt), s.next.UnixMilli(), truth(s.plain), truth(s.alone), storable(s.reason), c.key, c.attempt)
		if err != nil || n == 0 || !s.scatter {
			return err
		}
		return scatter(ctx, tx, c.message, s.next, c.sole)
	})
}

// scatter keeps what Slack rejects in every form from taking others with it:
// its thread goes into the channel itself, and half of the reminders that it
// carries go into another message, until what is rejected stands alone. As long
// as an earlier attempt may have succeeded, the reminders stay together.
func scatter(ctx context.Context, tx *sql.Tx, m message, next time.Time, sole bool) error {
	if _, err := exec(ctx, tx, `UPDATE message SET parent = '' WHERE parent = $1`, m.key); err != nil {
		return err
	}
	switch {
	case m.kind == KindCollected:
		_, err := exec(ctx, tx, `UPDATE message SET settled_at = $1, unresolved = 0 WHERE key = $2`, next.UnixMilli(), m.key)
		return err
	case m.kind == KindDigest || !sole:
		return nil
	}
	own, err := collect(ctx, tx, func(scan func(...any) error) (r reminder, err error) {
		return r, scan(reminderFields(&r)...)
	}, `SELECT `+reminderColumns+` FROM reminder r WHERE r.message = $1 ORDER BY r.service, r.expires_at, r.instance`, m.key)
	if err != nil || len(own) < 2 {
		return err
	}
	if _, err := exec(ctx, tx, `DELETE FROM reminder WHERE message = $1`, m.key); err != nil {
		return err
	}
	if _, err := exec(ctx, tx, `DELETE FROM message WHERE key = $1`, m.key); err != nil {
		return err
	}
	var drafts []draft
	for half := range slices.Chunk(own, (len(own)+1)/2) {
		all := make([]due, len(half))
		for i, r := range half {
			all[i] = due{reminder: r, at: m.due, earliest: m.earliest, decided: m.created}
		}
		d := newDraft(m.kind, all, m.next)
		d.plain = true
		drafts = append(drafts, d)
	}
	return putDrafts(ctx, tx, drafts)
}

// remark notes the error of an attempt whose outcome is not known.
func (l *Ledger) remark(ctx context.Context, c *claim, reason string) error {
	return l.db.write(ctx, "recording the failure of "+c.key, func(tx *sql.Tx) error {
		_, err := exec(ctx, tx, `UPDATE message SET last_error = $1 WHERE key = $2 AND attempt = $3 AND sent_at IS NULL`, storable(reason), c.key, c.attempt)
		return err
	})
}

// hold is a wait that concerns everything sent to a channel.
type hold struct {
	until    time.Time
	set      time.Time
	refusals int // in a row
	reason   string
}

// hold returns the wait of a channel; a zero one when there is none.
func (l *Ledger) hold(ctx context.Context, channel string) (hold, error) {
	return holdOf(ctx, l.db, channel)
}

func holdOf(ctx context.Context, q querier, channel string) (hold, error) {
	all, err := collect(ctx, q, func(scan func(...any) error) (h hold, err error) {
		err = scan((*instant)(&h.until), (*instant)(&h.set), &h.refusals, &h.reason)
		return h, err
	}, `SELECT next_at, set_at, refusals, reason FROM channel WHERE id = $1`, channel)
	if err != nil || len(all) == 0 {
		return hold{}, err
	}
	return all[0], nil
}

// setHold makes a channel wait; a zero hold lets it go on.
func (l *Ledger) setHold(ctx context.Context, channel string, h hold) error {
	var err error
	if h == (hold{}) {
		_, err = exec(ctx, l.db, `DELETE FROM channel WHERE id = $1`, channel)
	} else {
		_, err = exec(ctx, l.db, `INSERT INTO channel (id, next_at, set_at, refusals, reason) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (id) DO UPDATE SET next_at = excluded.next_at, set_at = excluded.set_at,
				refusals = excluded.refusals, reason = excluded.reason`,
			channel, h.until.UnixMilli(), h.set.UnixMilli(), h.refusals, storable(h.reason))
	}
	if err != nil {
		return fmt.Errorf("recording the wait of channel %s: %w", channel, err)
	}
	return nil
}

// forgiveRefusals lets every channel be tried again that waits because it was
// refused: whoever starts the bot anew may have put it right.
func (l *Ledger) forgiveRefusals(ctx context.Context) error {
	if _, err := exec(ctx, l.db, `DELETE FROM channel WHERE refusals > 0`); err != nil {
		return fmt.Errorf("forgetting refusals: %w", err)
	}
	return nil
}

// Backlog is what waits to be posted.
type Backlog struct {
	Messages int
	Oldest   time.Time // since when the oldest of them waits, UTC; zero: none does
}

// Backlog tells how far delivery is behind.
func (l *Ledger) Backlog(ctx context.Context) (Backlog, error) {
	g, err := l.glance(ctx, time.Time{})
	if err != nil {
		return Backlog{}, fmt.Errorf("reading the backlog: %w", err)
	}
	return Backlog{g.waiting, g.oldest}, nil
}
