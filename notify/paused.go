package notify

import (
	"context"
	"fmt"
	"time"
)

// Pauses returns what people answered to the reminders of a service, and did not
// take back, as far as the ledger remembers. A snooze that has ended is not among
// it.
func (n *Notifier) Pauses(ctx context.Context, service string) (map[Expiry]Pause, error) {
	all, err := pausesWhere(ctx, n.Ledger.db, `WHERE p.service = $1`, service)
	if err != nil {
		return nil, fmt.Errorf("reading what people answered to the reminders of %s: %w", service, err)
	}
	held, now := make(map[Expiry]Pause), n.clock()
	for about, one := range all {
		if shown := one.shown(now); shown != (Pause{}) {
			held[Expiry{about.service, about.instance, time.UnixMilli(about.expires).UTC()}] = shown
		}
	}
	return held, nil
}
