package ledger

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"computeunits/notify/database"
	"computeunits/notify/plan"
)

// ErrUnread is why a message is not claimed: its services are to be read first.
var ErrUnread = errors.New("services are to be read before it can be said")

// Postpone has a message looked at again a little later, without an attempt.
func (l Outbox) Postpone(ctx context.Context, m plan.Message, until time.Time) error {
	return l.DB.Write(ctx, "postponing "+m.Key, func(tx *sql.Tx) error {
		_, err := database.Exec(ctx, tx, `UPDATE message SET next_at = $1 WHERE key = $2 AND attempt = $3 AND sent_at IS NULL AND next_at < $1`,
			until.UnixMilli(), m.Key, m.Attempt)
		return err
	})
}

// DueServices returns the services of which something is to be decided or said: they
// are read before the others.
func (l Readings) DueServices(ctx context.Context, now time.Time) ([]string, error) {
	return database.Collect(ctx, l.DB, database.ScanString, `SELECT service FROM instance WHERE check_at <= $1
		UNION SELECT r.service FROM message m JOIN reminder r ON r.message = m.key WHERE m.sent_at IS NULL AND m.settled_at IS NULL
		ORDER BY service`, now.UnixMilli())
}
