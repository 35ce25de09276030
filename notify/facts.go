package notify

import (
	"context"
	"database/sql"
	"maps"
	"slices"
	"strings"
	"time"
)

// facts are what the ledger knows now of what some messages are about.
type facts struct {
	instances map[subject]instance
	services  map[string]service
	pauses    pauses // of the expiries that the reminders are about
}

// factsOf loads the facts for the reminders that messages carry.
func factsOf(ctx context.Context, q querier, keys []string) (facts, error) {
	f := facts{make(map[subject]instance), make(map[string]service), make(pauses)}
	for chunk := range slices.Chunk(keys, rowsPerStatement) {
		var p params
		rows, err := collect(ctx, q, scanInstance, `SELECT DISTINCT `+prefixed("i.", instanceColumns)+`
			FROM reminder r JOIN instance i ON i.service = r.service AND i.id = r.instance
			WHERE r.message IN `+p.list(anys(chunk)...), p...)
		if err != nil {
			return f, err
		}
		for _, i := range rows {
			f.instances[subject{i.service, i.id}] = i
		}
		p = nil
		services, err := collect(ctx, q, scanService, `SELECT `+serviceColumns+` FROM service
			WHERE id IN (SELECT service FROM reminder WHERE message IN `+p.list(anys(chunk)...)+`)`, p...)
		if err != nil {
			return f, err
		}
		for _, s := range services {
			f.services[s.id] = s
		}
		p = nil
		held, err := pausesWhere(ctx, q, `JOIN reminder r ON r.service = p.service AND r.instance = p.instance AND r.expires_at = p.expires_at
			WHERE r.message IN `+p.list(anys(chunk)...), p...)
		if err != nil {
			return f, err
		}
		maps.Copy(f.pauses, held)
	}
	return f, nil
}

// putDrafts writes messages and the reminders they carry. A reminder that has a
// row already, with whichever message, is left out, and a message that would
// carry nothing is not kept.
func putDrafts(ctx context.Context, tx *sql.Tx, drafts []draft) error {
	emptied := make(map[string]bool)
	for _, d := range drafts {
		if err := putMessage(ctx, tx, d.message); err != nil {
			return err
		}
		for chunk := range slices.Chunk(d.reminders, rowsPerInsert) {
			n, err := putReminders(ctx, tx, d.key, chunk)
			if err != nil {
				return err
			}
			if n < len(chunk) {
				emptied[d.key] = true
				emptied[d.parent] = true
			}
		}
	}
	// Replies come after their parents in drafts, so backwards a parent is
	// looked at last.
	for _, d := range slices.Backward(drafts) {
		if emptied[d.key] {
			if err := dropEmpty(ctx, tx, d.key); err != nil {
				return err
			}
		}
	}
	return nil
}

// putMessage makes a message due. One with this key that was given up because
// there was nothing left to say is due again.
func putMessage(ctx context.Context, tx *sql.Tx, m message) error {
	_, err := exec(ctx, tx, `INSERT INTO message (key, channel, kind, parent, day, created_at, due_at, earliest_at, priority, soonest_at,
			attempt, unresolved, next_at, plain, sent_at, ts, settled_at, shown, edit_at, edit_attempt, last_error)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, 0, $11, $12, $13, $14, $15, $16, $17, 0, '')
		ON CONFLICT (key) DO UPDATE SET settled_at = NULL, parent = excluded.parent, created_at = excluded.created_at,
			due_at = excluded.due_at, next_at = excluded.next_at
		WHERE message.sent_at IS NULL AND message.settled_at IS NOT NULL`,
		m.key, m.channel, string(m.kind), m.parent, m.day, moment(m.created), moment(m.due), moment(m.earliest), m.kind.priority(),
		moment(m.soonest), moment(m.next), truth(m.plain), moment(m.sent), m.ts, moment(m.settled), m.shown, moment(m.editAt))
	return err
}

// putReminders returns how many of them are carried by nothing else.
func putReminders(ctx context.Context, tx *sql.Tx, key string, reminders []reminder) (int, error) {
	var p params
	values := make([]string, len(reminders))
	for i, r := range reminders {
		values[i] = p.list(r.service, r.instance, moment(r.expires), r.threshold.Milliseconds(), r.channel, string(r.kind), key)
	}
	n, err := exec(ctx, tx, `INSERT INTO reminder (service, instance, expires_at, threshold, channel, kind, message)
		VALUES `+strings.Join(values, ",")+` ON CONFLICT DO NOTHING`, p...)
	return int(n), err
}

// dropEmpty removes a message that was not posted and carries nothing, neither
// itself nor in its thread.
func dropEmpty(ctx context.Context, tx *sql.Tx, key string) error {
	_, err := exec(ctx, tx, `DELETE FROM message WHERE key = $1 AND sent_at IS NULL AND unresolved = 0
		AND NOT EXISTS (SELECT 1 FROM reminder WHERE reminder.message = message.key)
		AND NOT EXISTS (SELECT 1 FROM message AS reply WHERE reply.parent = message.key)`, key)
	return err
}

// dropReminders removes reminders that nobody needs to hear any more and has
// their instances decided about anew.
func dropReminders(ctx context.Context, tx *sql.Tx, reminders []reminder) error {
	again := make(map[subject]bool)
	for _, r := range reminders {
		if _, err := exec(ctx, tx, `DELETE FROM reminder WHERE service = $1 AND instance = $2 AND expires_at = $3
			AND threshold = $4 AND channel = $5 AND kind = $6`,
			r.service, r.instance, moment(r.expires), r.threshold.Milliseconds(), r.channel, string(r.kind)); err != nil {
			return err
		}
		again[r.about()] = true
		var err error
		switch r.kind {
		case KindUnreadable: // the channel does not know of the failure
			err = setNoticed(ctx, tx, []string{r.service}, time.Time{})
		case KindReadable: // it knows of the failure, not of its end
			err = setNoticed(ctx, tx, []string{r.service}, r.expires)
		}
		if err != nil {
			return err
		}
	}
	return checkAgain(ctx, tx, slices.Collect(maps.Keys(again)))
}

// checkAgain has instances decided about in the next pass.
func checkAgain(ctx context.Context, q querier, about []subject) error {
	for chunk := range slices.Chunk(subjectRows(about), rowsPerTable) {
		var p params
		if _, err := exec(ctx, q, `UPDATE instance SET check_at = 0 FROM `+p.table("TEXT TEXT", chunk)+` AS v
			WHERE instance.service = v.column1 AND instance.id = v.column2`, p...); err != nil {
			return err
		}
	}
	return nil
}

// prefixed names columns of a table by its alias.
func prefixed(alias, columns string) string {
	names := strings.Split(columns, ",")
	for i, name := range names {
		names[i] = alias + strings.TrimSpace(name)
	}
	return strings.Join(names, ", ")
}
