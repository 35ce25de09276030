package ledger

import (
	"cmp"
	"context"
	"database/sql"
	"maps"
	"slices"
	"time"

	"computeunits/notify/database"
	"computeunits/notify/plan"
)

// decideTroubles decides about the services that fail, or did.
func decideTroubles(ctx context.Context, tx *sql.Tx, p plan.Evaluation) error {
	all, err := database.Collect(ctx, tx, scanService, `SELECT `+serviceColumns+` FROM service
		WHERE failing_since IS NOT NULL OR noticed IS NOT NULL ORDER BY id`)
	if err != nil {
		return err
	}
	failing := make(map[string][]plan.ServiceState) // by channel
	var recovered []plan.ServiceState
	for _, s := range all {
		switch {
		case !p.Watches(s.ID) || !p.Asked(s):
		case s.Noticed.IsZero():
			failing[p.ChannelOf(s.ID)] = append(failing[p.ChannelOf(s.ID)], s)
		case s.Failing.IsZero():
			recovered = append(recovered, s)
		}
	}
	for _, channel := range slices.Sorted(maps.Keys(failing)) {
		if err := decideUnreadable(ctx, tx, p, channel, p.Notice(failing[channel])); err != nil {
			return err
		}
	}
	if p.Sweeping { // so that the end of one outage is one message too
		return nil
	}
	return decideReadable(ctx, tx, p, recovered)
}

func decideUnreadable(ctx context.Context, tx *sql.Tx, p plan.Evaluation, channel string, failing []plan.ServiceState) error {
	if len(failing) == 0 {
		return nil
	}
	recent, err := database.Collect(ctx, tx, database.ScanString, `SELECT r.service FROM message m JOIN reminder r ON r.message = m.key
		WHERE m.created_at > $1 AND m.channel = $2 AND m.kind = 'unreadable'`, p.Now.Add(-plan.NoticeEvery).UnixMilli(), channel)
	if err != nil {
		return err
	}
	slices.Sort(recent)
	var tell []plan.Due
	var ids []string
	for _, s := range failing {
		if _, told := slices.BinarySearch(recent, s.ID); told {
			continue
		}
		at := s.Failing
		if !s.Refused {
			at = at.Add(plan.FailingFor)
		}
		// Told by a process whose ledger was lost, it was after the last good read.
		tell = append(tell, plan.Due{
			Reminder: plan.Reminder{Service: s.ID, Instance: "", Expires: plan.UTCDay(p.Now), Threshold: 0, Channel: channel, Kind: plan.KindUnreadable},
			At:       at, Earliest: plan.MinTime(at, cmp.Or(s.Read, p.Now.Add(-plan.LookBack))),
		})
		ids = append(ids, s.ID)
	}
	if err := regroup(ctx, tx, p, plan.KindUnreadable, tell); err != nil {
		return err
	}
	return setNoticed(ctx, tx, ids, plan.UTCDay(p.Now))
}

// decideReadable announces the recovery of services whose failure was announced.
func decideReadable(ctx context.Context, tx *sql.Tx, p plan.Evaluation, recovered []plan.ServiceState) error {
	if len(recovered) == 0 {
		return nil
	}
	var tell []plan.Due
	var ids []string
	for _, s := range recovered {
		// The channel that was told of the failure is told of its end, also when
		// the service has another one by now.
		carriers, err := database.Collect(ctx, tx, ScanMessage, `SELECT `+database.Prefixed("m.", MessageColumns)+` FROM reminder r JOIN message m ON m.key = r.message
			WHERE r.service = $1 AND r.instance = '' AND r.expires_at = $2 AND r.threshold = 0 AND r.kind = 'unreadable'
			ORDER BY m.created_at DESC`, s.ID, s.Noticed.UnixMilli())
		if err != nil {
			return err
		}
		notice := plan.Reminder{Service: s.ID, Instance: "", Expires: s.Noticed, Threshold: 0, Channel: "", Kind: plan.KindUnreadable}
		if len(carriers) > 0 {
			notice.Channel = carriers[0].Channel
		}
		switch {
		case len(carriers) == 0:
		case carriers[0].Unresolved:
			continue // when its fate is known
		case carriers[0].Sent.IsZero():
			if err := dropReminders(ctx, tx, []plan.Reminder{notice}); err != nil {
				return err
			}
			if err := dropEmpty(ctx, tx, carriers[0].Key); err != nil {
				return err
			}
		default:
			r := notice
			r.Kind = plan.KindReadable
			tell = append(tell, plan.Due{Reminder: r, At: cmp.Or(s.OutageUntil, p.Now), Earliest: cmp.Or(s.OutageFrom, p.Now)})
		}
		ids = append(ids, s.ID)
	}
	if err := regroup(ctx, tx, p, plan.KindReadable, tell); err != nil {
		return err
	}
	return setNoticed(ctx, tx, ids, time.Time{})
}

func setNoticed(ctx context.Context, tx *sql.Tx, ids []string, noticed time.Time) error {
	for chunk := range slices.Chunk(ids, rowsPerStatement) {
		p := database.Params{database.Millis(noticed)}
		if _, err := database.Exec(ctx, tx, `UPDATE service SET noticed = CAST($1 AS BIGINT) WHERE id IN `+p.List(database.Anys(chunk)...), p...); err != nil {
			return err
		}
	}
	return nil
}
