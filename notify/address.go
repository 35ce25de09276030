package notify

import (
	"cmp"
	"context"
	"database/sql"
	"log/slog"
	"time"
)

// This file follows channels whose id changes. The ledger goes on calling such a
// channel by the first id it had, which is part of the keys of what was said
// there; Slack is asked, and is understood, by the latest.

// addresses are the ids of channels whose id changed.
type addresses struct {
	known   map[string]string // what the ledger calls a channel, by each of its ids
	present map[string]string // what Slack calls it now, by what the ledger does
}

// name returns what the ledger calls the channel that has an id.
func (a addresses) name(id string) string { return cmp.Or(a.known[id], id) }

// id returns what Slack calls a channel now.
func (a addresses) id(channel string) string { return cmp.Or(a.present[channel], channel) }

func addressesOf(ctx context.Context, q querier) (addresses, error) {
	a := addresses{make(map[string]string), make(map[string]string)}
	rows, err := collect(ctx, q, scanStrings2, `SELECT id, channel FROM channel_id ORDER BY at, id`)
	for _, r := range rows {
		a.known[r[0]], a.present[r[1]] = r[1], r[0]
	}
	return a, err
}

// ChannelMoved notes that a channel has another id from now on. Buttons in its
// messages, settings that name either id, and what is to be said there go on
// under both.
func (n *Notifier) ChannelMoved(ctx context.Context, from, to string) error {
	if err := n.Ledger.moved(ctx, from, to, n.clock()); err != nil {
		return err
	}
	return n.refresh(ctx)
}

// SameChannel reports whether two ids are of one channel.
func (n *Notifier) SameChannel(a, b string) bool {
	ids := n.pass().ids
	return ids.name(a) == ids.name(b)
}

func (l *Ledger) moved(ctx context.Context, from, to string, now time.Time) error {
	if from == to || from == "" || to == "" {
		return nil
	}
	return l.db.write(ctx, "recording that channel "+from+" is "+to+" now", func(tx *sql.Tx) error {
		ids, err := addressesOf(ctx, tx)
		if err != nil {
			return err
		}
		_, err = exec(ctx, tx, `INSERT INTO channel_id (id, channel, at) VALUES ($1, $2, $3)
			ON CONFLICT (id) DO UPDATE SET channel = excluded.channel, at = excluded.at`, to, ids.name(from), now.UnixMilli())
		return err
	})
}

// messageAt returns the message that stands in a channel, by any of its ids, as
// ts, and sql.ErrNoRows when the ledger knows of none. An id that nobody told it of
// is the new one of the channel in which the message of this ts was posted: no two
// have the same.
func messageAt(ctx context.Context, q querier, channel, ts string) (message, error) {
	all, err := collect(ctx, q, scanMessage, `SELECT `+messageColumns+` FROM message WHERE ts = $1 AND ts <> ''`, ts)
	if err != nil {
		return message{}, err
	}
	ids, err := addressesOf(ctx, q)
	if err != nil {
		return message{}, err
	}
	for _, m := range all {
		if m.channel == channel || m.channel == ids.name(channel) {
			return m, nil
		}
	}
	known, err := collect(ctx, q, scanString, `SELECT channel FROM message WHERE channel = $1 LIMIT 1`, channel)
	if err != nil || len(known) > 0 || len(all) != 1 {
		return message{}, cmp.Or(err, sql.ErrNoRows)
	}
	return all[0], nil
}

// addressed is a Sender that takes channels as the ledger calls them.
type addressed struct {
	sender Sender
	ledger *Ledger
	log    *slog.Logger
	pass   func() pass
}

// Post posts, and notes under which id Slack knows the channel.
func (s addressed) Post(ctx context.Context, a Announcement) (Receipt, error) {
	to := s.pass().ids.id(a.Channel)
	a.Channel = to
	r, err := s.sender.Post(ctx, a)
	if err != nil || r.Channel == "" || r.Channel == to {
		return r, err
	}
	s.log.WarnContext(ctx, "Slack calls a channel by another id than before", "channel", to, "now", r.Channel)
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTimeout)
	defer cancel()
	if err := s.ledger.moved(limited, to, r.Channel, s.pass().now); err != nil {
		s.log.ErrorContext(ctx, "the new id of a channel is not recorded; the next message tells it again", "channel", to, "error", err)
	}
	return r, nil
}

// Update is that of the Sender.
func (s addressed) Update(ctx context.Context, ts string, a Announcement) error {
	a.Channel = s.pass().ids.id(a.Channel)
	return s.sender.Update(ctx, ts, a)
}

// History is that of the Sender.
func (s addressed) History(ctx context.Context, channel string, w Window) (Page, error) {
	return s.sender.History(ctx, s.pass().ids.id(channel), w)
}

// Thread is that of the Sender.
func (s addressed) Thread(ctx context.Context, channel, parent string) ([]Delivery, error) {
	return s.sender.Thread(ctx, s.pass().ids.id(channel), parent)
}

// Delete is that of the Sender.
func (s addressed) Delete(ctx context.Context, channel, ts string) error {
	return s.sender.Delete(ctx, s.pass().ids.id(channel), ts)
}

// Check is that of the Sender.
func (s addressed) Check(ctx context.Context, channel string) error {
	return s.sender.Check(ctx, s.pass().ids.id(channel))
}
