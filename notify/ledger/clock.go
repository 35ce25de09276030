package ledger

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"computeunits/notify/database"
	"computeunits/notify/plan"
)

// LatestReading returns the latest moment at which the ledger knows that services were
// read; zero when none was.
func (l Readings) LatestReading(ctx context.Context) (at time.Time, err error) {
	if err := l.DB.QueryRowContext(ctx, `SELECT MAX(tried_at) FROM service`).Scan((*database.Instant)(&at)); err != nil {
		return at, fmt.Errorf("reading when services were last read: %w", err)
	}
	return at, nil
}

// Identify gives a ledger its id, once, and reads it. The id travels in the
// metadata of every message: messages of another ledger in the same channel are
// recognised by it.
func (l *Ledger) Identify(ctx context.Context, now time.Time) error {
	return l.DB.Write(ctx, "naming the ledger", func(tx *sql.Tx) error {
		if _, err := database.Exec(ctx, tx, `INSERT INTO setting (name, value) VALUES ('ledger', $1) ON CONFLICT (name) DO NOTHING`, rand.Text()[:10]); err != nil {
			return err
		}
		if _, err := database.Exec(ctx, tx, `INSERT INTO setting (name, value) VALUES ('ledger_created', $1) ON CONFLICT (name) DO NOTHING`, now.Format(time.RFC3339)); err != nil {
			return err
		}
		var who identity
		var created string
		if err := tx.QueryRowContext(ctx, `SELECT a.value, b.value FROM setting a, setting b WHERE a.name = 'ledger' AND b.name = 'ledger_created'`).Scan(&who.ID, &created); err != nil {
			return err
		}
		var err error
		who.created, err = time.Parse(time.RFC3339, created)
		l.who.Store(&who)
		return err
	})
}

// Rewind follows a clock that was set back: waits end when they would have
// ended, and every instance is decided about anew, for what was not due any
// more may be due again.
func (l *Ledger) Rewind(ctx context.Context, now time.Time, back time.Duration) error {
	return l.DB.Write(ctx, "following the clock", func(tx *sql.Tx) error {
		for _, statement := range []string{
			`UPDATE message SET next_at = next_at - $1 WHERE sent_at IS NULL AND settled_at IS NULL AND next_at > $2`,
			`UPDATE message SET edit_at = edit_at - $1 WHERE edit_at > $2`,
			`UPDATE message SET recheck_at = recheck_at - $1 WHERE recheck_at > $2`,
			`UPDATE lookup SET known_until = known_until - $1 WHERE known_until > $2`,
			`UPDATE lookup SET next_at = next_at - $1 WHERE next_at > $2`,
			`UPDATE channel SET next_at = next_at - $1, set_at = set_at - $1 WHERE next_at > $2`,
			`UPDATE service SET failing_since = failing_since - $1 WHERE failing_since > $2`,
			`UPDATE service SET read_at = read_at - $1 WHERE read_at > $2`,
			`UPDATE service SET tried_at = tried_at - $1 WHERE tried_at > $2`,
		} {
			if _, err := database.Exec(ctx, tx, statement, back.Milliseconds(), now.UnixMilli()); err != nil {
				return err
			}
		}
		_, err := database.Exec(ctx, tx, `UPDATE instance SET check_at = 0`)
		return err
	})
}

// Configure has every instance decided about anew if the settings on which
// decisions depend are not those of the last time.
func (l *Ledger) Configure(ctx context.Context, s plan.Settings, p plan.Policy, now time.Time) error {
	ids := make([]string, len(s.Services))
	for i, service := range s.Services {
		ids[i] = service.ID
	}
	slices.Sort(ids)
	decisions := s.Channel + "\n" + s.Before.String() + "\n" + strings.Join(ids, ",")
	return l.DB.Write(ctx, "comparing the settings", func(tx *sql.Tx) error {
		changed, err := database.Exec(ctx, tx, `INSERT INTO setting (name, value) VALUES ('decisions', $1)
			ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE setting.value <> excluded.value`, decisions)
		if err != nil || changed == 0 {
			return err
		}
		if _, err = database.Exec(ctx, tx, `UPDATE instance SET check_at = 0`); err != nil {
			return err
		}
		return leaveChannels(ctx, tx, append(p.Channels(), s.Channel), now)
	})
}

// leaveChannels gives up what waits for channels other than these, which is
// decided about anew.
func leaveChannels(ctx context.Context, tx *sql.Tx, channels []string, now time.Time) error {
	var p database.Params
	if _, err := database.Exec(ctx, tx, `DELETE FROM reminder WHERE message IN (
		SELECT key FROM message WHERE channel NOT IN `+p.List(database.Anys(channels)...)+` AND sent_at IS NULL AND settled_at IS NULL)`, p...); err != nil {
		return err
	}
	p = database.Params{now.UnixMilli()}
	if _, err := database.Exec(ctx, tx, `UPDATE message SET settled_at = CAST($1 AS BIGINT), unresolved = 0
		WHERE channel NOT IN `+p.List(database.Anys(channels)...)+` AND sent_at IS NULL AND settled_at IS NULL`, p...); err != nil {
		return err
	}
	p = nil
	_, err := database.Exec(ctx, tx, `UPDATE service SET noticed = NULL WHERE noticed IS NOT NULL AND NOT EXISTS (SELECT 1 FROM reminder r
		WHERE r.service = service.id AND r.kind = 'unreadable' AND r.channel IN `+p.List(database.Anys(channels)...)+` AND r.expires_at = service.noticed)`, p...)
	return err
}

const (
	// Rows are of no use any more so long after the last thing they could
	// prevent from being said twice.
	keepReminders = 30 * 24 * time.Hour
	keepMessages  = 60 * 24 * time.Hour
)

// stale are the rows of a table that are of no use any more.
type stale struct {
	table, key string // its primary key
	where      string // of $1, and of $2 where it is about messages
}

// messageStays keeps what a look-up may still find in a channel, whatever it is
// about: $2 is since when it looks.
const messageStays = `(m.sent_at > $2 OR m.claimed_at > $2)`

// Prune removes what is of no use any more, once a day, and reports how many
// rows that were. What was said, or tried, within twice the time that a look-up
// goes back stays, so that nothing in a channel is strange to the ledger.
func (l *Ledger) Prune(ctx context.Context, now time.Time, ladder plan.Ladder) (removed int64, err error) {
	first, err := l.pruneFirst(ctx, now)
	if err != nil || !first {
		return 0, err
	}
	useful := ladder.End(time.Time{}).Sub(time.Time{}) // after an expiry
	past := now.Add(-keepReminders - useful)
	if len(ladder) > 0 {
		past = past.Add(-max(ladder[0], 0))
	}
	old := now.Add(-keepMessages)
	day := plan.UTCDay(old)
	const reminderKey = "service, instance, expires_at, threshold, channel, kind"
	said := ` AND NOT EXISTS (SELECT 1 FROM message m WHERE m.key = reminder.message AND ` + messageStays + `)`
	for _, step := range []struct {
		stale
		before time.Time
	}{
		{stale{"reminder", reminderKey, `kind IN ('expiry', 'renewed', 'reverted', 'vanished') AND expires_at < $1 AND expires_at <> 0` + said}, past},
		// Those about an expiry that is not known stay as long as the instance.
		{stale{"reminder", reminderKey, `kind IN ('vanished', 'unknown') AND expires_at = 0
			AND NOT EXISTS (SELECT 1 FROM instance i WHERE i.service = reminder.service AND i.id = reminder.instance)
			AND EXISTS (SELECT 1 FROM message m WHERE m.key = reminder.message AND m.created_at < $1)` + said}, old},
		{stale{"reminder", reminderKey, `kind IN ('unreadable', 'readable') AND expires_at < $1
			AND NOT EXISTS (SELECT 1 FROM service WHERE service.id = reminder.service AND service.noticed = reminder.expires_at)` + said}, day},
		{stale{"reminder", reminderKey, `kind = 'digest' AND threshold < $1` + said}, day},
		{stale{"message", "key", `created_at < $1 AND NOT EXISTS (SELECT 1 FROM message m WHERE m.key = message.key AND ` + messageStays + `)
			AND NOT EXISTS (SELECT 1 FROM reminder WHERE reminder.message = message.key)
			AND NOT EXISTS (SELECT 1 FROM message AS reply WHERE reply.parent = message.key)`}, old},
		{stale{"instance", "service, id", `missed IN (2, 3) AND seen_at < $1`}, old.Add(-useful)},
		// Nobody watches what nobody tried to read.
		{stale{"instance", "service, id", `service IN (SELECT id FROM service WHERE tried_at < $1)`}, old.Add(-useful)},
		{stale{"service", "id", `tried_at < $1`}, old.Add(-useful)},
		{stale{"pause", "service, instance, expires_at", `expires_at < $1`}, past},
		{stale{"heard", "id", `at < $1`}, now.Add(-seenKept)},
		{stale{"viewer", "person", `opened_at < $1`}, now.Add(-viewersKept)},
	} {
		n, err := l.remove(ctx, step.stale, step.before, now.Add(-2*plan.LookBack))
		if removed += n; err != nil {
			return removed, err
		}
	}
	return removed, nil
}

// pruneFirst reports whether nobody pruned the ledger today.
func (l *Ledger) pruneFirst(ctx context.Context, now time.Time) (first bool, err error) {
	err = l.DB.Write(ctx, "pruning the ledger", func(tx *sql.Tx) error {
		n, err := database.Exec(ctx, tx, `INSERT INTO setting (name, value) VALUES ('pruned', $1)
			ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE setting.value <> excluded.value`, plan.UTCDay(now).Format(time.DateOnly))
		first = n > 0
		return err
	})
	return first, err
}

// remove removes rows, a piece at a time.
func (l *Ledger) remove(ctx context.Context, s stale, before, said time.Time) (removed int64, err error) {
	args := []any{before.UnixMilli()}
	if strings.Contains(s.where, "$2") {
		args = append(args, said.UnixMilli())
	}
	statement := fmt.Sprintf(`DELETE FROM %s WHERE (%s) IN (SELECT %s FROM %s WHERE %s LIMIT %d)`, s.table, s.key, s.key, s.table, s.where, pieceSize)
	for {
		var n int64
		err := l.DB.Write(ctx, "pruning the ledger", func(tx *sql.Tx) (err error) {
			n, err = database.Exec(ctx, tx, statement, args...)
			return err
		})
		if removed += n; err != nil || n < pieceSize {
			return removed, err
		}
	}
}
