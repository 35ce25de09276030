package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"computeunits/notify/plan"
)

// Shown tells what a message shows, its key, and what the ledger calls its channel.
func (l Edits) Shown(ctx context.Context, channel, ts string) (key, name string, shown plan.Shown, err error) {
	m, err := messageAt(ctx, l.DB, channel, ts)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return "", "", plan.ShownUnknown, nil
	case err != nil:
		return "", "", plan.ShownUnknown, fmt.Errorf("reading what the message %s shows: %w", ts, err)
	case !m.EditAt.IsZero():
		return m.Key, m.Channel, plan.ShownLater, nil
	case m.LastError != "":
		return m.Key, m.Channel, plan.ShownNever, nil
	default:
		return m.Key, m.Channel, plan.ShownNow, nil
	}
}
