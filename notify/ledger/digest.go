package ledger

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"computeunits/notify/database"
	"computeunits/notify/plan"
	"computeunits/qianfan"
)

// surveyAt reads what the ledger knows at a moment.
func surveyAt(ctx context.Context, q database.Querier, p plan.Policy, at time.Time) (plan.Snapshot, error) {
	s := plan.Snapshot{At: at, Services: make(map[string]plan.ServiceState, len(p.Labels)), Alive: make(map[string]plan.Count)}
	for id := range p.Labels {
		s.Services[id] = plan.ServiceState{ID: id}
	}
	all, err := database.Collect(ctx, q, scanService, `SELECT `+serviceColumns+` FROM service`)
	if err != nil {
		return s, err
	}
	for _, one := range all {
		if p.Watches(one.ID) {
			s.Services[one.ID] = one
		}
	}
	near, err := database.Collect(ctx, q, scanInstance, `SELECT `+instanceColumns+` FROM instance
		WHERE expires_at > $1 AND expires_at <= $2 ORDER BY expires_at, service, id`,
		at.Add(-plan.MaxThreshold-plan.Retention).UnixMilli(), at.Add(plan.Horizon).UnixMilli())
	if err != nil {
		return s, err
	}
	s.Window = slices.DeleteFunc(near, func(in plan.Instance) bool {
		return !p.MayRemind(in, at) || !at.Before(p.LadderOf(in.Service).End(in.Expires))
	})

	type total struct {
		service string
		plan.Count
	}
	totals, err := database.Collect(ctx, q, func(scan func(...any) error) (t total, err error) {
		err = scan(&t.service, &t.Instances, &t.Replicas)
		return t, err
	}, `SELECT service,
			CAST(SUM(CASE WHEN expires_at <= $1 THEN 0 ELSE 1 END) AS BIGINT),
			CAST(SUM(CASE WHEN expires_at <= $1 THEN 0 ELSE replicas END) AS BIGINT)
		FROM instance WHERE timing <> $2 AND missed <> $3 AND missed <> $4 GROUP BY service`,
		at.UnixMilli(), string(qianfan.Postpaid), plan.Gone, plan.Unlisted)
	if err != nil {
		return s, err
	}
	for _, t := range totals {
		if p.Watches(t.service) {
			s.Alive[t.service] = t.Count
		}
	}
	if s.Unknown, err = unknownOf(ctx, q, p); err != nil {
		return s, err
	}
	vanished, err := vanishedOf(ctx, q, p, at)
	s.Vanished = len(vanished)
	return s, err
}

// vanishedOf returns the watched instances that are not listed any more since a
// day, before their expiry.
func vanishedOf(ctx context.Context, q database.Querier, p plan.Policy, at time.Time) ([]plan.Instance, error) {
	all, err := database.Collect(ctx, q, scanInstance, `SELECT `+instanceColumns+` FROM instance WHERE missed = $1 AND seen_at > $2 ORDER BY service, id`,
		plan.Gone, at.Add(-plan.VanishedToday).UnixMilli())
	return slices.DeleteFunc(all, func(in plan.Instance) bool { return !p.Watches(in.Service) || !in.Vanished(at) }), err
}

// undigested returns the channels whose digest of today is due and was not
// decided yet.
func (l Decisions) undigested(ctx context.Context, p plan.Evaluation) (today plan.Date, channels []string, err error) {
	today, isDue := p.DigestDay()
	if !isDue {
		return today, nil, nil
	}
	for chunk := range slices.Chunk(p.Channels(), rowsPerStatement) {
		keys := make([]any, len(chunk))
		for i, channel := range chunk {
			keys[i] = plan.DigestKey(today, channel)
		}
		var q database.Params
		decided, err := database.Collect(ctx, l.DB, database.ScanString, `SELECT channel FROM message WHERE key IN `+q.List(keys...), q...)
		if err != nil {
			return today, nil, err
		}
		channels = append(channels, slices.DeleteFunc(chunk, func(c string) bool { return slices.Contains(decided, c) })...)
	}
	return today, channels, nil
}

// decideDigest decides about today's digest in one channel, once.
func decideDigest(ctx context.Context, tx *sql.Tx, p plan.Evaluation, today plan.Date) error {
	s, err := surveyAt(ctx, tx, p.Policy, p.Now)
	if err != nil {
		return err
	}
	if at, _ := p.DigestAt(today); p.Awaits(s, at) {
		return nil // soon
	}
	return putDrafts(ctx, tx, p.Digest(s, today))
}
