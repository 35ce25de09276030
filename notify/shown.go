package notify

import (
	"context"
	"fmt"
)

// Shown reports whether a posted message shows all that is known, as far as the
// ledger can tell: no edit of it is to come, and the last one did not fail. It
// is false for a message that the ledger does not know.
func (n *Notifier) Shown(ctx context.Context, channel, ts string) (bool, error) {
	shown, err := collect(ctx, n.Ledger.db, scanString, `SELECT key FROM message
		WHERE channel = $1 AND ts = $2 AND ts <> '' AND edit_at IS NULL AND last_error = ''`, channel, ts)
	if err != nil {
		return false, fmt.Errorf("reading whether the message %s is up to date: %w", ts, err)
	}
	return len(shown) > 0, nil
}
