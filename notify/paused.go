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
	_, held, err := n.Service(ctx, service)
	return held, err
}

// Service returns, of one moment, whether a service is watched, and what Pauses
// returns.
func (n *Notifier) Service(ctx context.Context, service string) (watched bool, held map[Expiry]Pause, err error) {
	return n.Ledger.service(ctx, n.Settings, service, n.clock())
}

// service returns, of one moment, whether a service is watched, and what people
// answered to its reminders.
func (l *Ledger) service(ctx context.Context, s Settings, service string, now time.Time) (watched bool, held map[Expiry]Pause, err error) {
	err = l.db.read(ctx, func(q querier) error {
		p, err := policyOf(ctx, q, s)
		if err != nil {
			return err
		}
		watched = p.watches(service)
		held, err = shownPauses(ctx, q, service, now)
		return err
	})
	if err != nil {
		return false, nil, fmt.Errorf("reading what people answered to the reminders of %s: %w", service, err)
	}
	return watched, held, nil
}

func shownPauses(ctx context.Context, q querier, service string, now time.Time) (map[Expiry]Pause, error) {
	all, err := pausesWhere(ctx, q, `WHERE p.service = $1`, service)
	if err != nil {
		return nil, err
	}
	held := make(map[Expiry]Pause)
	for about, one := range all {
		if shown := one.shown(now); shown != (Pause{}) {
			held[Expiry{about.service, about.instance, time.UnixMilli(about.expires).UTC()}] = shown
		}
	}
	return held, nil
}
