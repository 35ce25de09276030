package ledger

import (
	"context"
	"time"

	"computeunits/notify/database"
	"computeunits/notify/plan"
)

// effectOf compares what two policies have to say about a service.
func effectOf(ctx context.Context, q database.Querier, before, after plan.Policy, service string, now time.Time) (plan.ReminderDiff, error) {
	all, err := knownOf(ctx, q, service)
	return plan.Diff(before, after, all, now), err
}

// knownOf returns what the ledger knows of the instances of a service.
func knownOf(ctx context.Context, q database.Querier, service string) ([]plan.KnownInstance, error) {
	rows, err := Instances(ctx, q, []string{service})
	if err != nil {
		return nil, err
	}
	pauses, err := pausesWhere(ctx, q, `WHERE p.service = $1`, service)
	if err != nil {
		return nil, err
	}
	said, err := carriedWhere(ctx, q, `WHERE r.service = $1 AND r.kind IN ('expiry', 'renewed', 'reverted')`, service)
	if err != nil {
		return nil, err
	}
	all := make([]plan.KnownInstance, len(rows[service]))
	for i, in := range rows[service] {
		about := plan.InstanceKey{Service: in.Service, Instance: in.ID}
		all[i] = plan.KnownInstance{Instance: in, Pause: pauses.Of(about, in.Expires), Said: said[about]}
	}
	return all, nil
}
