package notify

import (
	"context"
	"time"

	"computeunits/notify/plan"
)

// Expiring returns what expires until a moment, after skipping so many items;
// at most limit of them.
func (n Reports) Expiring(ctx context.Context, now, until time.Time, skip, limit int) (plan.Outlook, error) {
	return n.Ledger.Reports.Expiring(ctx, n.Settings, now, until, skip, limit)
}

// Health reads how the notifier is doing.
func (n Reports) Health(ctx context.Context, now time.Time) (plan.Health, error) {
	return n.Ledger.Reports.Health(ctx, n.Settings, now)
}

// Overview reads what expires until a moment, after skipping so many items; at
// most limit of them.
func (n Reports) Overview(ctx context.Context, now, until time.Time, skip, limit int) (plan.Overview, error) {
	return n.Ledger.Reports.Overview(ctx, n.Settings, now, until, skip, limit)
}
