package notify

import (
	"context"

	"computeunits/notify/plan"
)

// Pauses returns what people answered to the reminders of a service, and did not
// take back, as far as the ledger remembers. A snooze that has ended is not among
// it.
func (n Reports) Pauses(ctx context.Context, service string) (map[plan.Expiry]plan.Pause, error) {
	_, held, err := n.Service(ctx, service)
	return held, err
}

// Service returns, of one moment, whether a service is watched, and what Pauses
// returns.
func (n Reports) Service(ctx context.Context, service string) (watched bool, held map[plan.Expiry]plan.Pause, err error) {
	return n.Ledger.Reports.Service(ctx, n.Settings, service, n.clock())
}
