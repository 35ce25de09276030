package ledger

import (
	"cmp"
	"context"
	"database/sql"
	"time"

	"computeunits/notify/database"
	"computeunits/notify/plan"
)

func addressesOf(ctx context.Context, q database.Querier) (plan.Addresses, error) {
	a := plan.Addresses{Known: make(map[string]string), Present: make(map[string]string)}
	rows, err := database.Collect(ctx, q, database.ScanPair, `SELECT id, channel FROM channel_id ORDER BY at, id`)
	for _, r := range rows {
		a.Known[r[0]], a.Present[r[1]] = r[1], r[0]
	}
	return a, err
}

// ChannelMoved notes that a channel has another id from now on.
func (l Channels) ChannelMoved(ctx context.Context, from, to string, now time.Time) error {
	if from == to || from == "" || to == "" {
		return nil
	}
	return l.DB.Write(ctx, "recording that channel "+from+" is "+to+" now", func(tx *sql.Tx) error {
		ids, err := addressesOf(ctx, tx)
		if err != nil {
			return err
		}
		_, err = database.Exec(ctx, tx, `INSERT INTO channel_id (id, channel, at) VALUES ($1, $2, $3)
			ON CONFLICT (id) DO UPDATE SET channel = excluded.channel, at = excluded.at`, to, ids.Name(from), now.UnixMilli())
		return err
	})
}

// messageAt returns the message that stands in a channel, by any of its ids, as
// ts, and sql.ErrNoRows when the ledger knows of none. An id that nobody told it of
// is the new one of the channel in which the message of this ts was posted: no two
// have the same.
func messageAt(ctx context.Context, q database.Querier, channel, ts string) (plan.Message, error) {
	all, err := database.Collect(ctx, q, ScanMessage, `SELECT `+MessageColumns+` FROM message WHERE ts = $1 AND ts <> ''`, ts)
	if err != nil {
		return plan.Message{}, err
	}
	ids, err := addressesOf(ctx, q)
	if err != nil {
		return plan.Message{}, err
	}
	for _, m := range all {
		if m.Channel == channel || m.Channel == ids.Name(channel) {
			return m, nil
		}
	}
	known, err := database.Collect(ctx, q, database.ScanString, `SELECT channel FROM message WHERE channel = $1 LIMIT 1`, channel)
	if err != nil || len(known) > 0 || len(all) != 1 {
		return plan.Message{}, cmp.Or(err, sql.ErrNoRows)
	}
	return all[0], nil
}
