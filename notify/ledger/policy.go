package ledger

import (
	"context"

	"computeunits/notify/database"
	"computeunits/notify/plan"
)

// policyOf is that of the settings and of what the ledger holds now.
func policyOf(ctx context.Context, q database.Querier, s plan.Settings) (plan.Policy, error) {
	p := s.Policy()
	rows, err := watchRows(ctx, q)
	if err != nil {
		return p, err
	}
	if p.IDs, err = addressesOf(ctx, q); err != nil {
		return p, err
	}
	p.Channel = p.IDs.Name(p.Channel)
	for i, w := range rows {
		if w.Channel != "" {
			rows[i].Channel = p.IDs.Name(w.Channel)
		}
	}
	return p.With(rows), nil
}
