package ledger

import (
	"context"
	"maps"
	"slices"
	"time"

	"computeunits/notify/database"
	"computeunits/notify/plan"
)

// markCarriers has the posted messages looked at that tell of instances, of
// whichever expiry, and the messages in whose thread they stand.
func markCarriers(ctx context.Context, q database.Querier, now time.Time, about []plan.InstanceKey) error {
	keys := make(map[string]bool)
	for chunk := range slices.Chunk(subjectRows(about), rowsPerTable) {
		var p database.Params
		carriers, err := database.Collect(ctx, q, database.ScanPair, `SELECT DISTINCT m.key, m.parent FROM `+p.Table("TEXT TEXT", chunk)+` AS v
			CROSS JOIN reminder r CROSS JOIN message m
			WHERE r.service = v.column1 AND r.instance = v.column2 AND m.key = r.message AND m.sent_at IS NOT NULL`, p...)
		if err != nil {
			return err
		}
		for _, c := range carriers {
			keys[c[0]], keys[c[1]] = true, true
		}
	}
	return markEdit(ctx, q, now, slices.Sorted(maps.Keys(keys))...) // in the same order everywhere, so that nobody waits in a circle
}

// markDigests has the digests looked at that people may still read: none may go on
// saying that all is clear.
func markDigests(ctx context.Context, q database.Querier, now time.Time) error {
	keys, err := database.Collect(ctx, q, database.ScanString, `SELECT key FROM message WHERE kind = 'digest' AND parent = '' AND sent_at IS NOT NULL AND created_at > $1
		ORDER BY key`, now.Add(-plan.VanishedToday).UnixMilli())
	if err != nil {
		return err
	}
	return markEdit(ctx, q, now, keys...)
}

// markEnded has the messages looked at that show a snooze which has ended since
// its instance was to be decided about again. paused are the pauses of those that
// are now; they are not put off yet.
func markEnded(ctx context.Context, q database.Querier, now time.Time, paused plan.Pauses) error {
	var ended [][]any
	for about, p := range paused {
		if p.Holds() && p.Ended(now) {
			ended = append(ended, []any{about.Service, about.Instance, p.Until.UnixMilli()})
		}
	}
	var woken []plan.InstanceKey
	for chunk := range slices.Chunk(ended, rowsPerTable) {
		var p database.Params
		some, err := database.Collect(ctx, q, func(scan func(...any) error) (s plan.InstanceKey, err error) {
			err = scan(&s.Service, &s.Instance)
			return s, err
		}, `SELECT i.service, i.id FROM `+p.Table("TEXT TEXT BIGINT", chunk)+` AS v CROSS JOIN instance i
			WHERE i.service = v.column1 AND i.id = v.column2 AND i.check_at <= v.column3`, p...)
		if err != nil {
			return err
		}
		woken = append(woken, some...)
	}
	return markCarriers(ctx, q, now, woken)
}

// markEdit has posted messages looked at now.
//
// The moment that it writes always differs from the one that is there: that
// tells an edit under way, whose lease ends later, and whoever is about to begin
// one, that what they know is out of date. What is due already stays due: who
// pressed a button waits for the edit.
func markEdit(ctx context.Context, q database.Querier, now time.Time, keys ...string) error {
	for chunk := range slices.Chunk(keys, rowsPerStatement) {
		p := database.Params{now.UnixMilli()}
		if _, err := database.Exec(ctx, q, `UPDATE message SET edit_at = CASE WHEN edit_at > $1 THEN edit_at + 1 WHEN edit_at <= $1 THEN edit_at - 1 ELSE $1 END
			WHERE key IN `+p.List(database.Anys(chunk)...)+` AND sent_at IS NOT NULL`, p...); err != nil {
			return err
		}
	}
	return nil
}

// subjectRows are subjects as rows of a table in a statement.
func subjectRows(about []plan.InstanceKey) [][]any {
	rows := make([][]any, len(about))
	for i, s := range about {
		rows[i] = []any{s.Service, s.Instance}
	}
	return rows
}
