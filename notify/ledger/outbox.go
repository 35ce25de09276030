package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"computeunits/notify/database"
	"computeunits/notify/plan"
)

// Poisoned lets a message rest whose content cannot be found without a panic, so
// that it keeps no other from being said or corrected.
func (l Outbox) Poisoned(ctx context.Context, key string, until time.Time, err error) error {
	return l.DB.Write(ctx, "recording a panic about "+key, func(tx *sql.Tx) error {
		_, err := database.Exec(ctx, tx, `UPDATE message SET last_error = $1,
				next_at = CASE WHEN sent_at IS NULL THEN CAST($2 AS BIGINT) ELSE next_at END,
				edit_at = CASE WHEN edit_at IS NULL THEN NULL ELSE CAST($2 AS BIGINT) END
			WHERE key = $3`, plan.Storable(err.Error()), until.UnixMilli(), key)
		return err
	})
}

// MessageColumns are what ScanMessage reads, in this order.
const MessageColumns = `key, channel, kind, parent, day, created_at, due_at, earliest_at, soonest_at,
	attempt, unresolved, claimed_at, next_at, plain, sent_at, ts, settled_at, edit_at, edit_attempt, shown, rechecks, last_error`

// ScanMessage reads one row of MessageColumns.
func ScanMessage(scan func(...any) error) (plan.Message, error) {
	var m plan.Message
	err := scan(&m.Key, &m.Channel, &m.Kind, &m.Parent, &m.Day, (*database.Instant)(&m.Created), (*database.Instant)(&m.Due), (*database.Instant)(&m.Earliest), (*database.Instant)(&m.Soonest),
		&m.Attempt, &m.Unresolved, (*database.Instant)(&m.Claimed), (*database.Instant)(&m.Next), &m.Plain, (*database.Instant)(&m.Sent), &m.TS, (*database.Instant)(&m.Settled), (*database.Instant)(&m.EditAt), &m.EditAttempt, &m.Shown, &m.Rechecks, &m.LastError)
	return m, err
}

// messageByKey returns sql.ErrNoRows when there is none.
func messageByKey(ctx context.Context, q database.Querier, key string) (plan.Message, error) {
	all, err := database.Collect(ctx, q, ScanMessage, `SELECT `+MessageColumns+` FROM message WHERE key = $1`, key)
	if err == nil && len(all) == 0 {
		err = sql.ErrNoRows
	}
	if err != nil {
		return plan.Message{}, err
	}
	return all[0], nil
}

// Queue is a channel with something to deliver.
type Queue struct {
	Channel string
	Ready   time.Time // when its next message or edit may be tried
	Refused bool      // that is because the channel refused the last
}

const queuesQuery = `SELECT w.channel, MIN(w.at), MAX(c.next_at), COALESCE(MAX(c.refusals), 0) > 0 FROM (
		SELECT channel, next_at AS at FROM message WHERE sent_at IS NULL AND settled_at IS NULL
		UNION ALL SELECT channel, edit_at FROM message WHERE edit_at IS NOT NULL
		UNION ALL SELECT channel, recheck_at FROM message WHERE recheck_at IS NOT NULL) AS w
	LEFT JOIN channel c ON c.id = w.channel GROUP BY w.channel ORDER BY w.channel`

// Queues returns the channels with something to deliver, now or later.
func (l Outbox) Queues(ctx context.Context) ([]Queue, error) {
	return database.Collect(ctx, l.DB, func(scan func(...any) error) (n Queue, err error) {
		var hold time.Time
		err = scan(&n.Channel, (*database.Instant)(&n.Ready), (*database.Instant)(&hold), &n.Refused)
		if hold.After(n.Ready) {
			n.Ready = hold
		}
		return n, err
	}, queuesQuery)
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

// Waiting returns what a channel is to be told now, the first outboxSize.
func (l Outbox) Waiting(ctx context.Context, channel string, now time.Time) ([]plan.Message, error) {
	return database.Collect(ctx, l.DB, ScanMessage, `SELECT `+MessageColumns+` FROM message WHERE `+waits+inTurn+fmt.Sprintf(` LIMIT %d`, outboxSize),
		channel, now.UnixMilli())
}

// WaitingOf is Waiting of some messages.
func (l Outbox) WaitingOf(ctx context.Context, channel string, now time.Time, keys []string) (all []plan.Message, err error) {
	for chunk := range slices.Chunk(keys, rowsPerStatement) {
		p := database.Params{channel, now.UnixMilli()}
		some, err := database.Collect(ctx, l.DB, ScanMessage, `SELECT `+MessageColumns+` FROM message WHERE `+waits+` AND key IN `+p.List(database.Anys(chunk)...)+inTurn, p...)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

// Claim is a message that this process may post now, once.
type Claim struct {
	plan.Message
	Announcement plan.Announcement
	At           time.Time // the lease runs from here
	Taken        time.Time // the same moment by the monotonic clock
	// sole says that no earlier attempt can have succeeded: there was none, or
	// the outcome of each is known.
	sole bool
}

// ErrOvertaken is that somebody tried since the message was read, or what stands above
// it is not posted yet.
var ErrOvertaken = errors.New("another attempt was faster")

// Claim makes the next attempt at a message this process's own, and commits
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
func (l Outbox) Claim(ctx context.Context, m plan.Message, p plan.Evaluation, lookedUp bool) (*Claim, error) {
	var c *Claim
	sole := lookedUp || !m.Unresolved
	err := l.DB.Write(ctx, "claiming "+m.Key, func(tx *sql.Tx) error {
		n, err := database.Exec(ctx, tx, `UPDATE message SET attempt = attempt + 1, unresolved = 1, claimed_at = COALESCE(claimed_at, $1), next_at = $2,
				recheck_at = CASE WHEN unresolved = 1 THEN CAST($5 AS BIGINT) ELSE recheck_at END, rechecks = CASE WHEN unresolved = 1 THEN 0 ELSE rechecks END
			WHERE key = $3 AND attempt = $4 AND sent_at IS NULL AND settled_at IS NULL AND next_at <= $1`,
			p.Now.UnixMilli(), p.Now.Add(p.Settings.Lease).UnixMilli(), m.Key, m.Attempt, p.Now.Add(rechecks()[0]).UnixMilli())
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrOvertaken
		}
		if m, err = messageByKey(ctx, tx, m.Key); err != nil {
			return err
		}
		thread, err := threadOf(ctx, tx, m)
		if err != nil {
			return err
		}
		content, err := contentOf(ctx, tx, p.Policy, m, p.Now)
		if err != nil {
			return err
		}
		if stale := content.OutOfDate(p); len(stale) > 0 {
			if err := dropReminders(ctx, tx, stale); err != nil {
				return err
			}
			if content, err = contentOf(ctx, tx, p.Policy, m, p.Now); err != nil {
				return err
			}
		}
		if content.NothingToSay(p) {
			return settle(ctx, tx, m, p.Now)
		}
		if content.Unread(p) {
			return ErrUnread
		}
		a := content.Announce(p)
		a.ThreadTS, a.Ledger = thread, l.Identity().ID
		if _, err := database.Exec(ctx, tx, `UPDATE message SET shown = $1 WHERE key = $2`, a.Fingerprint(), m.Key); err != nil {
			return err
		}
		c = &Claim{Message: m, Announcement: a, At: p.Now, sole: sole}
		return nil
	})
	return c, err
}

// threadOf returns the timestamp of the message in whose thread m goes, and
// errOvertaken while it was not posted.
func threadOf(ctx context.Context, tx *sql.Tx, m plan.Message) (string, error) {
	if m.Parent == "" {
		return "", nil
	}
	parent, err := messageByKey(ctx, tx, m.Parent)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	if err == nil && parent.TS == "" && parent.Settled.IsZero() {
		err = ErrOvertaken
	}
	if err == nil && parent.Parent != "" { // m corrects a reply
		return threadOf(ctx, tx, parent)
	}
	return parent.TS, err
}

// settle notes that nothing is left to say in a message. What is in its thread
// goes into the channel itself then.
func settle(ctx context.Context, tx *sql.Tx, m plan.Message, now time.Time) error {
	if _, err := database.Exec(ctx, tx, `UPDATE message SET settled_at = $1, unresolved = 0 WHERE key = $2`, now.UnixMilli(), m.Key); err != nil {
		return err
	}
	_, err := database.Exec(ctx, tx, `UPDATE message SET parent = '' WHERE parent = $1`, m.Key)
	return err
}

// Sent records that a message stands in the channel as ts. When it stands there
// already, the first in the channel counts, and the others are returned.
func (l Outbox) Sent(ctx context.Context, channel, key, ts string, now time.Time) (doubles []plan.Duplicate, err error) {
	err = l.DB.Write(ctx, "recording "+key, func(tx *sql.Tx) error {
		recorded, err := l.recordSent(ctx, tx, key, ts, now, plan.EditAsPosted)
		if err != nil {
			return err
		}
		if recorded == ts { // where another ledger announces too, it may have said the same in this moment
			_, err := database.Exec(ctx, tx, `UPDATE message SET recheck_at = $1, rechecks = 0 WHERE key = $2 AND recheck_at IS NULL
				AND EXISTS (SELECT 1 FROM setting WHERE name LIKE $3)`, now.Add(rechecks()[0]).UnixMilli(), key, otherLedger+"%")
			return err
		}
		doubles, err = l.Channels.reconcileOne(ctx, tx, channel, plan.Delivery{Key: key, TS: ts}, nil, now)
		return err
	})
	return doubles, err
}

// Detach notes that the head of a thread is gone: what waits to be said below it is
// said in the channel itself.
func (l Outbox) Detach(ctx context.Context, head string) error {
	return l.DB.Write(ctx, "recording that a thread is gone", func(tx *sql.Tx) error {
		_, err := database.Exec(ctx, tx, `UPDATE message SET parent = '' WHERE parent = $1 AND sent_at IS NULL`, head)
		return err
	})
}

// recordSent is sent within a transaction. A message that this process did not
// post is looked at soon: it may not show what is true now.
func (l *Ledger) recordSent(ctx context.Context, tx *sql.Tx, key, ts string, now time.Time, shown string) (recorded string, err error) {
	if err := l.hold(ctx, tx, `instance i WHERE (i.service, i.id) IN (SELECT r.service, r.instance FROM reminder r WHERE r.message = $1)`, key); err != nil {
		return "", err
	}
	editAt := sql.NullInt64{Int64: now.UnixMilli(), Valid: shown == plan.EditUnknown || shown == plan.EditInDoubt}
	n, err := database.Exec(ctx, tx, `UPDATE message SET sent_at = $1, ts = $2, unresolved = 0, settled_at = NULL, last_error = '',
			edit_at = $3, shown = CASE WHEN $4 = '' THEN shown ELSE $4 END
		WHERE key = $5 AND sent_at IS NULL`, now.UnixMilli(), ts, editAt, shown, key)
	if err != nil {
		return "", err
	}
	m, err := messageByKey(ctx, tx, key)
	if err != nil || n == 0 {
		return m.TS, err
	}
	// Nobody corrects what is not posted, so an expiry that moved, or was answered
	// to, while this one was under way is looked at now; and a renewal is announced as soon as it is
	// known that the channel was told of the older expiry.
	about, err := database.Collect(ctx, tx, func(scan func(...any) error) (s plan.InstanceKey, err error) {
		err = scan(&s.Service, &s.Instance)
		return s, err
	}, `SELECT r.service, r.instance FROM reminder r JOIN instance i ON i.service = r.service AND i.id = r.instance
		WHERE r.message = $1 AND (i.expires_at <> r.expires_at OR EXISTS (SELECT 1 FROM pause p
			WHERE p.service = r.service AND p.instance = r.instance AND p.expires_at = r.expires_at))`, key)
	if err != nil || len(about) == 0 {
		return m.TS, err
	}
	if err := markEdit(ctx, tx, now, key, m.Parent); err != nil {
		return m.TS, err
	}
	return m.TS, checkAgain(ctx, tx, about)
}

// Failure is why a message was certainly not posted, and what to do about it.
type Failure struct {
	Next    time.Time // no attempt before
	Plain   bool      // the richer form was rejected
	Alone   bool      // its thread was rejected
	Scatter bool      // so was its plainest form
	Doubt   bool      // it may stand there all the same, and nobody can look
	Reason  string
}

// Failed notes that the attempt c did not post its message.
func (l Outbox) Failed(ctx context.Context, c *Claim, s Failure) error {
	return l.DB.Write(ctx, "recording the failure of "+c.Key, func(tx *sql.Tx) error {
		n, err := database.Exec(ctx, tx, `UPDATE message SET unresolved = CASE WHEN $1 = 1 THEN 0 ELSE unresolved END, next_at = $2,
				plain = CASE WHEN $3 = 1 THEN 1 ELSE plain END, parent = CASE WHEN $4 = 1 THEN '' ELSE parent END, last_error = $5
			WHERE key = $6 AND attempt = $7 AND sent_at IS NULL`,
			database.BoolToInt(c.sole && !s.Doubt), s.Next.UnixMilli(), database.BoolToInt(s.Plain), database.BoolToInt(s.Alone), plan.Storable(s.Reason), c.Key, c.Attempt)
		if err != nil || n == 0 || !s.Scatter {
			return err
		}
		return split(ctx, tx, c.Message, s.Next, c.sole)
	})
}

// split keeps what Slack rejects in every form from taking others with it:
// its thread goes into the channel itself, and half of the reminders that it
// carries go into another message, until what is rejected stands alone. As long
// as an earlier attempt may have succeeded, the reminders stay together.
func split(ctx context.Context, tx *sql.Tx, m plan.Message, next time.Time, sole bool) error {
	if _, err := database.Exec(ctx, tx, `UPDATE message SET parent = '' WHERE parent = $1`, m.Key); err != nil {
		return err
	}
	switch {
	case m.Kind == plan.KindCollected:
		_, err := database.Exec(ctx, tx, `UPDATE message SET settled_at = $1, unresolved = 0 WHERE key = $2`, next.UnixMilli(), m.Key)
		return err
	case m.Kind == plan.KindDigest || !sole:
		return nil
	}
	own, err := database.Collect(ctx, tx, func(scan func(...any) error) (r plan.Reminder, err error) {
		return r, scan(reminderFields(&r)...)
	}, `SELECT `+reminderColumns+` FROM reminder r WHERE r.message = $1 ORDER BY r.service, r.expires_at, r.instance`, m.Key)
	if err != nil || len(own) < 2 {
		return err
	}
	if _, err := database.Exec(ctx, tx, `DELETE FROM reminder WHERE message = $1`, m.Key); err != nil {
		return err
	}
	if _, err := database.Exec(ctx, tx, `DELETE FROM message WHERE key = $1`, m.Key); err != nil {
		return err
	}
	var drafts []plan.Draft
	for half := range slices.Chunk(own, (len(own)+1)/2) {
		all := make([]plan.Due, len(half))
		for i, r := range half {
			all[i] = plan.Due{Reminder: r, At: m.Due, Earliest: m.Earliest, Decided: m.Created}
		}
		d := plan.NewDraft(m.Kind, all, m.Next)
		d.Plain = true
		drafts = append(drafts, d)
	}
	return putDrafts(ctx, tx, drafts)
}

// InDoubt notes the error of an attempt whose outcome is not known.
func (l Outbox) InDoubt(ctx context.Context, c *Claim, reason string) error {
	return l.DB.Write(ctx, "recording the failure of "+c.Key, func(tx *sql.Tx) error {
		_, err := database.Exec(ctx, tx, `UPDATE message SET last_error = $1 WHERE key = $2 AND attempt = $3 AND sent_at IS NULL`, plan.Storable(reason), c.Key, c.Attempt)
		return err
	})
}

// Backoff is a wait that concerns everything sent to a channel.
type Backoff struct {
	Until    time.Time
	Set      time.Time
	Refusals int // in a row
	Reason   string
}

// Backoff returns the wait of a channel; a zero one when there is none.
func (l Channels) Backoff(ctx context.Context, channel string) (Backoff, error) {
	return backoffOf(ctx, l.DB, channel)
}

func backoffOf(ctx context.Context, q database.Querier, channel string) (Backoff, error) {
	all, err := database.Collect(ctx, q, func(scan func(...any) error) (h Backoff, err error) {
		err = scan((*database.Instant)(&h.Until), (*database.Instant)(&h.Set), &h.Refusals, &h.Reason)
		return h, err
	}, `SELECT next_at, set_at, refusals, reason FROM channel WHERE id = $1`, channel)
	if err != nil || len(all) == 0 {
		return Backoff{}, err
	}
	return all[0], nil
}

// SetBackoff makes a channel wait; a zero hold lets it go on.
func (l Channels) SetBackoff(ctx context.Context, channel string, h Backoff) error {
	var err error
	if h == (Backoff{}) {
		_, err = database.Exec(ctx, l.DB, `DELETE FROM channel WHERE id = $1`, channel)
	} else {
		_, err = database.Exec(ctx, l.DB, `INSERT INTO channel (id, next_at, set_at, refusals, reason) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (id) DO UPDATE SET next_at = excluded.next_at, set_at = excluded.set_at,
				refusals = excluded.refusals, reason = excluded.reason`,
			channel, h.Until.UnixMilli(), h.Set.UnixMilli(), h.Refusals, plan.Storable(h.Reason))
	}
	if err != nil {
		return fmt.Errorf("recording the wait of channel %s: %w", channel, err)
	}
	return nil
}

// ForgiveRefusals lets every channel be tried again that waits because it was
// refused: whoever starts the bot anew may have put it right.
func (l Channels) ForgiveRefusals(ctx context.Context) error {
	if _, err := database.Exec(ctx, l.DB, `DELETE FROM channel WHERE refusals > 0`); err != nil {
		return fmt.Errorf("forgetting refusals: %w", err)
	}
	return nil
}

// Backlog tells how far delivery is behind.
func (l Outbox) Backlog(ctx context.Context) (plan.Backlog, error) {
	g, err := l.Decisions.Pending(ctx, time.Time{})
	if err != nil {
		return plan.Backlog{}, fmt.Errorf("reading the backlog: %w", err)
	}
	return plan.Backlog{Messages: g.Waiting, Oldest: g.Oldest}, nil
}
