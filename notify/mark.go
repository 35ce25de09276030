package notify

import (
	"context"
	"maps"
	"slices"
	"time"
)

// markCarriers has the posted messages looked at that tell of instances, of
// whichever expiry, and the messages in whose thread they stand.
func markCarriers(ctx context.Context, q querier, now time.Time, about []subject) error {
	keys := make(map[string]bool)
	for chunk := range slices.Chunk(subjectRows(about), rowsPerTable) {
		var p params
		carriers, err := collect(ctx, q, scanStrings2, `SELECT DISTINCT m.key, m.parent FROM `+p.table("TEXT TEXT", chunk)+` AS v
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
func markDigests(ctx context.Context, q querier, now time.Time) error {
	keys, err := collect(ctx, q, scanString, `SELECT key FROM message WHERE kind = 'digest' AND parent = '' AND sent_at IS NOT NULL AND created_at > $1
		ORDER BY key`, now.Add(-vanishedToday).UnixMilli())
	if err != nil {
		return err
	}
	return markEdit(ctx, q, now, keys...)
}

// markEnded has the messages looked at that show a snooze which has ended since
// its instance was to be decided about again. paused are the pauses of those that
// are now; they are not put off yet.
func markEnded(ctx context.Context, q querier, now time.Time, paused pauses) error {
	var ended [][]any
	for about, p := range paused {
		if p.holds() && p.ended(now) {
			ended = append(ended, []any{about.service, about.instance, p.Until.UnixMilli()})
		}
	}
	var woken []subject
	for chunk := range slices.Chunk(ended, rowsPerTable) {
		var p params
		some, err := collect(ctx, q, func(scan func(...any) error) (s subject, err error) {
			err = scan(&s.service, &s.instance)
			return s, err
		}, `SELECT i.service, i.id FROM `+p.table("TEXT TEXT BIGINT", chunk)+` AS v CROSS JOIN instance i
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
func markEdit(ctx context.Context, q querier, now time.Time, keys ...string) error {
	for chunk := range slices.Chunk(keys, rowsPerStatement) {
		p := params{now.UnixMilli()}
		if _, err := exec(ctx, q, `UPDATE message SET edit_at = CASE WHEN edit_at > $1 THEN edit_at + 1 WHEN edit_at <= $1 THEN edit_at - 1 ELSE $1 END
			WHERE key IN `+p.list(anys(chunk)...)+` AND sent_at IS NOT NULL`, p...); err != nil {
			return err
		}
	}
	return nil
}

// subjectRows are subjects as rows of a table in a statement.
func subjectRows(about []subject) [][]any {
	rows := make([][]any, len(about))
	for i, s := range about {
		rows[i] = []any{s.service, s.instance}
	}
	return rows
}

func scanStrings2(scan func(...any) error) (s [2]string, err error) {
	err = scan(&s[0], &s[1])
	return s, err
}
