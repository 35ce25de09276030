package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"computeunits/notify/database"
	"computeunits/notify/plan"
)

// UnreadServices returns the services that nobody tried to read since somebody began to
// watch them.
func (l Readings) UnreadServices(ctx context.Context) ([]string, error) {
	return database.Collect(ctx, l.DB, database.ScanString, `SELECT w.service FROM watch w LEFT JOIN service s ON s.id = w.service
		WHERE w.fixed = 0 AND (s.tried_at IS NULL OR s.tried_at < w.since) ORDER BY w.service`)
}

// Policy reads what is watched now.
func (l Reports) Policy(ctx context.Context, s plan.Settings) (plan.Policy, error) {
	p, err := policyOf(ctx, l.DB, s)
	if err != nil {
		return p, fmt.Errorf("reading what is watched: %w", err)
	}
	return p, nil
}

// RemindersIn returns the expiries that a posted message reminds of, with those in
// its thread, soonest first.
func (l Reports) RemindersIn(ctx context.Context, channel, ts string) ([]plan.Expiry, error) {
	m, err := messageAt(ctx, l.DB, channel, ts)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("looking for the message %s: %w", ts, err)
	}
	all, err := database.Collect(ctx, l.DB, func(scan func(...any) error) (e plan.Expiry, err error) {
		err = scan(&e.Service, &e.Instance, (*database.Instant)(&e.Expires))
		return e, err
	}, `SELECT DISTINCT r.service, r.instance, r.expires_at FROM message o JOIN reminder r ON r.message = o.key
		WHERE (o.key = $1 OR o.parent = $1) AND r.kind IN ('expiry', 'reverted', 'digest') ORDER BY r.expires_at, r.service, r.instance`, m.Key)
	if err != nil {
		return nil, fmt.Errorf("reading what the message %s reminds of: %w", ts, err)
	}
	return all, nil
}
