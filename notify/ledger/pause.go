package ledger

import (
	"context"

	"computeunits/notify/database"
	"computeunits/notify/plan"
)

// pausesWhere reads pauses, which are p, with a clause that chooses them.
func pausesWhere(ctx context.Context, q database.Querier, clause string, args ...any) (plan.Pauses, error) {
	return pausesFrom(ctx, q, `pause p `+clause, args...)
}

// pausesFrom is pausesWhere with all of the tables, of which one is pause p.
func pausesFrom(ctx context.Context, q database.Querier, from string, args ...any) (plan.Pauses, error) {
	all := make(plan.Pauses)
	_, err := database.Collect(ctx, q, func(scan func(...any) error) (_ struct{}, err error) {
		var key plan.ExpiryKey
		var one plan.HeldPause
		err = scan(&key.Service, &key.Instance, &key.Expires, (*database.Instant)(&one.Until), &one.By, (*database.Instant)(&one.At), &one.Lifted)
		all[key] = one
		return struct{}{}, err
	}, `SELECT DISTINCT p.service, p.instance, p.expires_at, p.until, p.by_user, p.at, p.lifted FROM `+from, args...)
	return all, err
}
