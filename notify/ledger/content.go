package ledger

import (
	"context"
	"time"

	"computeunits/notify/database"
	"computeunits/notify/plan"
)

// contentOf loads the content of a message.
func contentOf(ctx context.Context, q database.Querier, p plan.Policy, m plan.Message, now time.Time) (plan.Content, error) {
	c := plan.Content{Message: m}
	rows, err := database.Collect(ctx, q, func(scan func(...any) error) (w waitingReminder, err error) {
		err = scan(append(reminderFields(&w.Reminder), &w.key)...)
		return w, err
	}, `SELECT `+reminderColumns+`, r.message FROM reminder r
		WHERE r.message = $1 OR r.message = $2 OR r.message IN (SELECT key FROM message WHERE parent = $1)
		ORDER BY r.message, r.expires_at, r.service, r.instance`, m.Key, plan.Corrected(m))
	if err != nil {
		return c, err
	}
	for _, r := range rows {
		if r.key == m.Key || m.Kind == plan.KindCorrection {
			c.Own = append(c.Own, r.Reminder)
		} else {
			c.Thread = append(c.Thread, r.Reminder)
		}
	}
	if c.Facts, err = factsOf(ctx, q, keysOf(rows)); err != nil {
		return c, err
	}
	switch {
	case m.Kind == plan.KindRenewed:
		c.Before, err = toldBefore(ctx, q, c.Own)
	case m.OpensDigest():
		c.Survey, err = surveyAt(ctx, q, p.Only(m.Channel), now)
	}
	return c, err
}

// toldBefore returns for each renewal the latest expiry, of those before the
// new one, that the channel was told.
func toldBefore(ctx context.Context, q database.Querier, renewals []plan.Reminder) (map[plan.InstanceKey]time.Time, error) {
	before := make(map[plan.InstanceKey]time.Time, len(renewals))
	for _, r := range renewals {
		times, err := database.Collect(ctx, q, func(scan func(...any) error) (t time.Time, err error) {
			err = scan((*database.Instant)(&t))
			return t, err
		}, `SELECT MAX(r.expires_at) FROM reminder r JOIN message m ON m.key = r.message
			WHERE r.service = $1 AND r.instance = $2 AND r.expires_at < $3 AND r.channel = $4 AND r.kind = 'expiry' AND m.sent_at IS NOT NULL`,
			r.Service, r.Instance, r.Expires.UnixMilli(), r.Channel)
		if err != nil {
			return nil, err
		}
		before[r.About()] = times[0]
	}
	return before, nil
}
