package ledger

import (
	"context"
	"fmt"
	"time"

	"computeunits/notify/database"
	"computeunits/notify/plan"
)

// Service returns, of one moment, whether a service is watched, and what people
// answered to its reminders.
func (l Reports) Service(ctx context.Context, s plan.Settings, service string, now time.Time) (watched bool, held map[plan.Expiry]plan.Pause, err error) {
	err = l.DB.Read(ctx, func(q database.Querier) error {
		p, err := policyOf(ctx, q, s)
		if err != nil {
			return err
		}
		watched = p.Watches(service)
		held, err = shownPauses(ctx, q, service, now)
		return err
	})
	if err != nil {
		return false, nil, fmt.Errorf("reading what people answered to the reminders of %s: %w", service, err)
	}
	return watched, held, nil
}

func shownPauses(ctx context.Context, q database.Querier, service string, now time.Time) (map[plan.Expiry]plan.Pause, error) {
	all, err := pausesWhere(ctx, q, `WHERE p.service = $1`, service)
	if err != nil {
		return nil, err
	}
	held := make(map[plan.Expiry]plan.Pause)
	for about, one := range all {
		if shown := one.Shown(now); shown != (plan.Pause{}) {
			held[plan.Expiry{Service: about.Service, Instance: about.Instance, Expires: time.UnixMilli(about.Expires).UTC()}] = shown
		}
	}
	return held, nil
}
