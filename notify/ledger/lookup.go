package ledger

import (
	"context"
	"database/sql"
	"maps"
	"slices"
	"time"

	"computeunits/notify/database"
	"computeunits/notify/plan"
)

// rechecks are the times after an answer in doubt at which the channel is looked
// at once more: what a request led to may appear after its answer.
func rechecks() []time.Duration {
	return []time.Duration{15 * time.Second, 2 * time.Minute, 10 * time.Minute}
}

// Scan returns how far a channel is known.
func (l Channels) Scan(ctx context.Context, channel string) (plan.Scan, error) {
	all, err := database.Collect(ctx, l.DB, func(read func(...any) error) (s plan.Scan, err error) {
		return s, read((*database.Instant)(&s.Known), (*database.Instant)(&s.Until), &s.Reached, (*database.Instant)(&s.Next))
	}, `SELECT known_until, scan_until, reached, next_at FROM lookup WHERE channel = $1`, channel)
	if err != nil || len(all) == 0 {
		return plan.Scan{}, err
	}
	return all[0], nil
}

// SetScan notes how far a channel is known.
func (l Channels) SetScan(ctx context.Context, channel string, s plan.Scan) error {
	_, err := database.Exec(ctx, l.DB, `INSERT INTO lookup (channel, known_until, scan_until, reached, next_at) VALUES ($1, CAST($2 AS BIGINT), CAST($3 AS BIGINT), $4, CAST($5 AS BIGINT))
		ON CONFLICT (channel) DO UPDATE SET known_until = excluded.known_until, scan_until = excluded.scan_until,
			reached = excluded.reached, next_at = excluded.next_at`,
		channel, database.Millis(s.Known), database.Millis(s.Until), s.Reached, database.Millis(s.Next))
	return err
}

// ThreadAt returns where the message with a key stands; "" when it does not.
func (l Outbox) ThreadAt(ctx context.Context, key string) (ts string, err error) {
	all, err := database.Collect(ctx, l.DB, database.ScanString, `SELECT COALESCE((SELECT above.ts FROM message above WHERE above.key = m.parent), m.ts)
		FROM message m WHERE m.key = $1`, key)
	if err != nil || len(all) == 0 {
		return "", err
	}
	return all[0], nil
}

// OtherLedgers are the messages that another ledger announced since this one is
// there: one for each ledger.
func (l Channels) OtherLedgers(found []plan.Delivery) []plan.Delivery {
	var others []plan.Delivery
	since := plan.SlackTS(l.Identity().created)
	for _, d := range found {
		if d.Ledger != "" && d.Ledger != l.Identity().ID && plan.CompareTS(d.TS, since) > 0 &&
			!slices.ContainsFunc(others, func(o plan.Delivery) bool { return o.Ledger == d.Ledger }) {
			others = append(others, d)
		}
	}
	return others
}

// otherLedger begins the names of the settings that note other ledgers.
const otherLedger = "other_ledger:"

// NoteOtherLedger notes that another ledger announces into the same channel, and
// reports whether that is news.
func (l Channels) NoteOtherLedger(ctx context.Context, d plan.Delivery) (news bool, err error) {
	n, err := database.Exec(ctx, l.DB, `INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING`, otherLedger+plan.Storable(d.Ledger), d.TS)
	return n > 0, err
}

// Rechecking returns the posted messages that are to be looked for once more.
func (l Outbox) Rechecking(ctx context.Context, channel string, now time.Time) ([]plan.Message, error) {
	return database.Collect(ctx, l.DB, ScanMessage, `SELECT `+MessageColumns+` FROM message WHERE channel = $1 AND recheck_at <= $2
		ORDER BY recheck_at LIMIT 100`, channel, now.UnixMilli())
}

// Rechecked notes that messages were looked for once more.
func (l Outbox) Rechecked(ctx context.Context, all []plan.Message, now time.Time) error {
	return l.DB.Write(ctx, "recording a look-up", func(tx *sql.Tx) error {
		for _, m := range all {
			var next time.Time
			if n := m.Rechecks + 1; n < len(rechecks()) {
				next = now.Add(rechecks()[n] - rechecks()[n-1])
			}
			if _, err := database.Exec(ctx, tx, `UPDATE message SET recheck_at = CAST($1 AS BIGINT), rechecks = rechecks + 1 WHERE key = $2`, database.Millis(next), m.Key); err != nil {
				return err
			}
		}
		return nil
	})
}

// LastHour returns the keys of the messages to a channel whose last useful hour
// has begun: silence would be worse than a double now. For steps that follow
// each other closely it is the second half of their time.
func (l Outbox) LastHour(ctx context.Context, channel string, p plan.Evaluation) (map[string]bool, error) {
	all, err := database.Collect(ctx, l.DB, func(scan func(...any) error) (w waitingReminder, err error) {
		err = scan(append(reminderFields(&w.Reminder), &w.key, &w.parent)...)
		return w, err
	}, `SELECT `+reminderColumns+`, m.key, m.parent FROM message m JOIN reminder r ON r.message = m.key
		WHERE m.channel = $1 AND m.sent_at IS NULL AND m.settled_at IS NULL`, channel)
	if err != nil {
		return nil, err
	}
	keys := make(map[string]bool)
	for _, w := range all {
		if p.LastHour(w.Reminder) {
			keys[w.key], keys[w.parent] = true, true
		}
	}
	today, _ := p.DigestDay()
	if !p.Now.Before(today.Plus(1).Begins(p.Settings.Zone).Add(-time.Hour)) {
		keys[plan.DigestKey(today, channel)] = true
	}
	return keys, nil
}

// Reconcile compares what stands in a channel with what shall be posted there, and
// records what was posted already: by an attempt whose answer was lost, or by a
// process whose ledger was. Of messages with one key, and of those that carry one
// reminder, the first in the channel counts, for every ledger. A later one of which
// all stands in earlier ones is returned; of one that says more the ledger takes
// away what stands before it, so that its edit leaves that out.
func (l Channels) Reconcile(ctx context.Context, channel string, found []plan.Delivery, now time.Time) (doubles []plan.Duplicate, err error) {
	if len(found) == 0 {
		return nil, nil
	}
	found = slices.SortedFunc(slices.Values(found), func(a, b plan.Delivery) int { return plan.CompareTS(a.TS, b.TS) })
	err = l.DB.Write(ctx, "recording what stands in "+channel, func(tx *sql.Tx) error {
		doubles = nil
		open, err := openReminders(ctx, tx, channel, now)
		if err != nil {
			return err
		}
		for _, d := range found {
			some, err := l.reconcileOne(ctx, tx, channel, d, open, now)
			if err != nil {
				return err
			}
			doubles = append(doubles, some...)
		}
		return nil
	})
	return doubles, err
}

// overlap is how long after it was posted a message is compared with others that
// carry the same reminders: two ledgers that say the same do so in the same minutes.
const overlap = 2 * time.Hour

// openReminders returns, by id, what such messages to a channel carry.
func openReminders(ctx context.Context, tx *sql.Tx, channel string, now time.Time) (map[string]plan.OpenReminder, error) {
	all, err := database.Collect(ctx, tx, func(scan func(...any) error) (o plan.OpenReminder, err error) {
		err = scan(append(reminderFields(&o.Reminder), &o.Message, &o.TS)...)
		return o, err
	}, `SELECT `+reminderColumns+`, m.key, m.ts FROM message m JOIN reminder r ON r.message = m.key
		WHERE m.channel = $1 AND (m.sent_at IS NULL AND m.settled_at IS NULL OR m.sent_at > $2) AND r.kind <> 'digest'`,
		channel, now.Add(-overlap).UnixMilli())
	if err != nil {
		return nil, err
	}
	open := make(map[string]plan.OpenReminder, len(all))
	for _, o := range all {
		open[o.ID()] = o
	}
	return open, nil
}

// reconcileOne records one message that stands in the channel, and returns the doubles
// that come to light by it.
func (l Channels) reconcileOne(ctx context.Context, tx *sql.Tx, channel string, d plan.Delivery, open map[string]plan.OpenReminder, now time.Time) ([]plan.Duplicate, error) {
	mine, firsts := plan.Claimed(d, open)
	known, err := database.Collect(ctx, tx, ScanMessage, `SELECT `+MessageColumns+` FROM message WHERE key = $1 AND channel = $2`, d.Key, channel)
	if err != nil {
		return nil, err
	}
	var doubles []plan.Duplicate
	switch {
	case len(firsts) > 0 && (len(known) == 0 || known[0].TS == d.TS):
		return []plan.Duplicate{{TS: d.TS, Firsts: firsts}}, nil
	case len(known) == 0 && len(mine) == 0:
		return nil, nil // older than the ledger, or pruned
	case len(known) == 0:
		like, err := messageByKey(ctx, tx, mine[0].Message)
		if err != nil {
			return nil, err
		}
		like.Key, like.Parent, like.Sent, like.TS, like.Shown, like.EditAt = d.Key, "", now, d.TS, plan.EditUnknown, now
		if err := putMessage(ctx, tx, like); err != nil {
			return nil, err
		}
	case known[0].Sent.IsZero():
		shown := plan.EditUnknown
		if plan.CarriesMore(d, open) {
			shown = plan.EditInDoubt // what stands before it is to be left out of it
		}
		if _, err := l.recordSent(ctx, tx, d.Key, d.TS, now, shown); err != nil {
			return nil, err
		}
	case known[0].TS == d.TS:
	case plan.CompareTS(known[0].TS, d.TS) < 0:
		return []plan.Duplicate{{TS: d.TS, Firsts: []string{known[0].TS}}}, nil
	default: // the ledger holds a later one
		if _, err := database.Exec(ctx, tx, `UPDATE message SET ts = $1, shown = $2, edit_at = $3 WHERE key = $4`, d.TS, plan.EditUnknown, now.UnixMilli(), d.Key); err != nil {
			return nil, err
		}
		doubles = append(doubles, plan.Duplicate{TS: known[0].TS, Firsts: []string{d.TS}})
	}
	emptied, err := moveReminders(ctx, tx, mine, d, open, now)
	return append(doubles, emptied...), err
}

// moveReminders notes that reminders stand in a message, and returns the posted
// messages that carry nothing any more. Those that carry less are edited.
func moveReminders(ctx context.Context, tx *sql.Tx, mine []plan.OpenReminder, d plan.Delivery, open map[string]plan.OpenReminder, now time.Time) (emptied []plan.Duplicate, err error) {
	about := make([]plan.InstanceKey, len(mine))
	later := make(map[string]string) // the timestamps of posted messages, by key
	for i, o := range mine {
		about[i] = o.About()
		if _, err := database.Exec(ctx, tx, `UPDATE reminder SET message = $1 WHERE service = $2 AND instance = $3 AND expires_at = $4
			AND threshold = $5 AND channel = $6 AND kind = $7`, d.Key,
			o.Service, o.Instance, database.Millis(o.Expires), o.Threshold.Milliseconds(), o.Channel, string(o.Kind)); err != nil {
			return nil, err
		}
		if o.TS != "" {
			later[o.Message] = o.TS
		}
		id := o.ID()
		o.Message, o.TS = d.Key, d.TS
		open[id] = o
	}
	for _, key := range slices.Sorted(maps.Keys(later)) {
		left, err := database.Collect(ctx, tx, database.ScanString, `SELECT message FROM reminder WHERE message = $1 LIMIT 1`, key)
		if err != nil {
			return nil, err
		}
		if len(left) == 0 {
			emptied = append(emptied, plan.Duplicate{TS: later[key], Firsts: []string{d.TS}})
			continue
		}
		if _, err := database.Exec(ctx, tx, `UPDATE message SET shown = $1 WHERE key = $2`, plan.EditInDoubt, key); err != nil {
			return nil, err
		}
		if err := markEdit(ctx, tx, now, key); err != nil {
			return nil, err
		}
	}
	return emptied, checkAgain(ctx, tx, about) // it may be renewed by now
}
