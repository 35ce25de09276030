package ledger

import (
	"context"
	"database/sql"
	"maps"
	"slices"
	"strings"
	"time"

	"computeunits/notify/database"
	"computeunits/notify/plan"
)

// factsOf loads the facts for the reminders that messages carry.
func factsOf(ctx context.Context, q database.Querier, keys []string) (plan.Facts, error) {
	f := plan.Facts{Instances: make(map[plan.InstanceKey]plan.Instance), Services: make(map[string]plan.ServiceState), Pauses: make(plan.Pauses)}
	for chunk := range slices.Chunk(keys, rowsPerStatement) {
		var p database.Params
		rows, err := database.Collect(ctx, q, scanInstance, `SELECT DISTINCT `+database.Prefixed("i.", instanceColumns)+`
			FROM reminder r JOIN instance i ON i.service = r.service AND i.id = r.instance
			WHERE r.message IN `+p.List(database.Anys(chunk)...), p...)
		if err != nil {
			return f, err
		}
		for _, i := range rows {
			f.Instances[plan.InstanceKey{Service: i.Service, Instance: i.ID}] = i
		}
		p = nil
		services, err := database.Collect(ctx, q, scanService, `SELECT `+serviceColumns+` FROM service
			WHERE id IN (SELECT service FROM reminder WHERE message IN `+p.List(database.Anys(chunk)...)+`)`, p...)
		if err != nil {
			return f, err
		}
		for _, s := range services {
			f.Services[s.ID] = s
		}
		p = nil
		held, err := pausesWhere(ctx, q, `JOIN reminder r ON r.service = p.service AND r.instance = p.instance AND r.expires_at = p.expires_at
			WHERE r.message IN `+p.List(database.Anys(chunk)...), p...)
		if err != nil {
			return f, err
		}
		maps.Copy(f.Pauses, held)
	}
	return f, nil
}

// putDrafts writes messages and the reminders they carry. A reminder that has a
// row already, with whichever message, is left out, and a message that would
// carry nothing is not kept.
func putDrafts(ctx context.Context, tx *sql.Tx, drafts []plan.Draft) error {
	emptied := make(map[string]bool)
	for _, d := range drafts {
		if err := putMessage(ctx, tx, d.Message); err != nil {
			return err
		}
		for chunk := range slices.Chunk(d.Reminders, rowsPerInsert) {
			n, err := putReminders(ctx, tx, d.Key, chunk)
			if err != nil {
				return err
			}
			if n < len(chunk) {
				emptied[d.Key] = true
				emptied[d.Parent] = true
			}
		}
	}
	// Replies come after their parents in drafts, so backwards a parent is
	// looked at last.
	for _, d := range slices.Backward(drafts) {
		if emptied[d.Key] {
			if err := dropEmpty(ctx, tx, d.Key); err != nil {
				return err
			}
		}
	}
	return nil
}

// putMessage makes a message due. One with this key that was given up because
// there was nothing left to say is due again.
func putMessage(ctx context.Context, tx *sql.Tx, m plan.Message) error {
	_, err := database.Exec(ctx, tx, `INSERT INTO message (key, channel, kind, parent, day, created_at, due_at, earliest_at, priority, soonest_at,
			attempt, unresolved, next_at, plain, sent_at, ts, settled_at, shown, edit_at, edit_attempt, last_error)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, 0, $11, $12, $13, $14, $15, $16, $17, 0, '')
		ON CONFLICT (key) DO UPDATE SET settled_at = NULL, parent = excluded.parent, created_at = excluded.created_at,
			due_at = excluded.due_at, next_at = excluded.next_at
		WHERE message.sent_at IS NULL AND message.settled_at IS NOT NULL`,
		m.Key, m.Channel, string(m.Kind), m.Parent, m.Day, database.Millis(m.Created), database.Millis(m.Due), database.Millis(m.Earliest), m.Kind.Priority(),
		database.Millis(m.Soonest), database.Millis(m.Next), database.BoolToInt(m.Plain), database.Millis(m.Sent), m.TS, database.Millis(m.Settled), m.Shown, database.Millis(m.EditAt))
	return err
}

// putReminders returns how many of them are carried by nothing else.
func putReminders(ctx context.Context, tx *sql.Tx, key string, reminders []plan.Reminder) (int, error) {
	var p database.Params
	values := make([]string, len(reminders))
	for i, r := range reminders {
		values[i] = p.List(r.Service, r.Instance, database.Millis(r.Expires), r.Threshold.Milliseconds(), r.Channel, string(r.Kind), key)
	}
	n, err := database.Exec(ctx, tx, `INSERT INTO reminder (service, instance, expires_at, threshold, channel, kind, message)
		VALUES `+strings.Join(values, ",")+` ON CONFLICT DO NOTHING`, p...)
	return int(n), err
}

// dropEmpty removes a message that was not posted and carries nothing, neither
// itself nor in its thread.
func dropEmpty(ctx context.Context, tx *sql.Tx, key string) error {
	_, err := database.Exec(ctx, tx, `DELETE FROM message WHERE key = $1 AND sent_at IS NULL AND unresolved = 0
		AND NOT EXISTS (SELECT 1 FROM reminder WHERE reminder.message = message.key)
		AND NOT EXISTS (SELECT 1 FROM message AS reply WHERE reply.parent = message.key)`, key)
	return err
}

// dropReminders removes reminders that nobody needs to hear any more and has
// their instances decided about anew.
func dropReminders(ctx context.Context, tx *sql.Tx, reminders []plan.Reminder) error {
	again := make(map[plan.InstanceKey]bool)
	for _, r := range reminders {
		if _, err := database.Exec(ctx, tx, `DELETE FROM reminder WHERE service = $1 AND instance = $2 AND expires_at = $3
			AND threshold = $4 AND channel = $5 AND kind = $6`,
			r.Service, r.Instance, database.Millis(r.Expires), r.Threshold.Milliseconds(), r.Channel, string(r.Kind)); err != nil {
			return err
		}
		again[r.About()] = true
		var err error
		switch r.Kind {
		case plan.KindUnreadable: // the channel does not know of the failure
			err = setNoticed(ctx, tx, []string{r.Service}, time.Time{})
		case plan.KindReadable: // it knows of the failure, not of its end
			err = setNoticed(ctx, tx, []string{r.Service}, r.Expires)
		}
		if err != nil {
			return err
		}
	}
	return checkAgain(ctx, tx, slices.Collect(maps.Keys(again)))
}

// hold keeps other processes from observing some instances, recording that they were
// told of, or deciding about them, until the transaction ends. Without it one could
// have an instance decided about again, because of what it writes, in the moment in
// which another decides by what stood there before, and would not see it for half a
// day. Whoever writes both a message and instances holds the instances first. SQLite
// has one writer.
func (l *Ledger) hold(ctx context.Context, tx *sql.Tx, from string, args ...any) error {
	if !l.DB.Postgres {
		return nil
	}
	_, err := database.Exec(ctx, tx, `SELECT i.id FROM `+from+` ORDER BY i.service, i.id FOR UPDATE OF i`, args...)
	return err
}

// checkAgain has instances decided about in the next pass.
func checkAgain(ctx context.Context, q database.Querier, about []plan.InstanceKey) error {
	for chunk := range slices.Chunk(subjectRows(about), rowsPerTable) {
		var p database.Params
		if _, err := database.Exec(ctx, q, `UPDATE instance SET check_at = 0 FROM `+p.Table("TEXT TEXT", chunk)+` AS v
			WHERE instance.service = v.column1 AND instance.id = v.column2`, p...); err != nil {
			return err
		}
	}
	return nil
}
