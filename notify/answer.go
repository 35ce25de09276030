package notify

import (
	"cmp"
	"context"
	"database/sql"
	"maps"
	"slices"
	"strings"
	"time"
)

// answersAtOnce is how many expiries one transaction answers to. Passes and
// other people wait for it.
const answersAtOnce = 1000

// decision makes of the pause that an expiry has the one that it gets. Of the
// Answer it sets what only it knows.
type decision func(in instance, was pause, ladder Ladder) (pause, Answer)

// answer makes of each pause what decide makes of it, with one row of the audit
// for each that changes, and has every message looked at that shows it. There is
// an Answer for each expiry, in their order; fewer when it fails, be it because
// ctx ends: the others are as they were.
func (n *Notifier) answer(ctx context.Context, c Change, what string, about []Expiry, decide decision) (answers []Answer, err error) {
	for chunk := range slices.Chunk(about, answersAtOnce) {
		var some []Answer
		if some, err = n.Ledger.answer(ctx, n.Settings, c, what, chunk, decide); err != nil {
			break
		}
		answers = append(answers, some...)
	}
	if slices.ContainsFunc(answers, func(a Answer) bool { return a.Changed }) {
		n.Nudge()
	}
	return answers, err
}

// undone is what the audit calls it when a pause is taken back.
func (p pause) undone() string {
	if p.Acknowledged() {
		return "unacknowledge"
	}
	return "unsnooze"
}

// answer makes of each pause what decide makes of it, all in one transaction.
func (l *Ledger) answer(ctx context.Context, s Settings, c Change, what string, about []Expiry, decide decision) (answers []Answer, err error) {
	err = l.change(ctx, "recording an answer", func(tx *sql.Tx) error {
		answers = nil
		p, err := policyOf(ctx, tx, s)
		if err != nil {
			return err
		}
		ins, err := instancesAbout(ctx, tx, about)
		if err != nil {
			return err
		}
		held, err := pausesAbout(ctx, tx, about)
		if err != nil {
			return err
		}
		var changes []pauseChange
		for _, e := range about {
			e.Expires = e.Expires.UTC()
			was := held.of(e.about(), e.Expires)
			is, a := p.answer(ins[e.about()], was, c, e, decide)
			answers = append(answers, a)
			if a.Changed {
				held[moot{e.about(), e.Expires.UnixMilli()}] = is // it may be named twice
				changes = append(changes, pauseChange{is, Entry{Change: c, What: cmp.Or(what, was.undone()), About: e, Was: was.String(), Become: is.String()}})
			}
		}
		return putPauses(ctx, tx, c, changes)
	})
	if err != nil {
		return nil, err
	}
	return answers, nil
}

// answer decides about one expiry. in is the instance; a zero one when it is not
// known.
func (p policy) answer(in instance, was pause, c Change, e Expiry, decide decision) (is pause, a Answer) {
	is, a.Obstacle = was, ObstacleUnknown
	if in.id != "" && p.watches(e.Service) && in.prepaid() && in.matters(c.At) {
		a.Obstacle = ObstacleRenewed
		if in.expires.Equal(e.Expires) {
			is, a = decide(in, was, p.ladderOf(e.Service))
		}
		a.Present = in.expires
	}
	a.Expiry, a.By, a.At, a.Changed = e, is.By, is.At, is != was
	if a.Pause = is.shown(c.At); is.ended(c.At) && !is.lifted {
		a.By, a.At = "", time.Time{} // nobody made it stand so, time did
	}
	return is, a
}

// expiryRows are expiries as rows of a table in a statement.
func expiryRows(about []Expiry) [][]any {
	rows := make([][]any, len(about))
	for i, e := range about {
		rows[i] = []any{e.Service, e.Instance, e.Expires.UnixMilli()}
	}
	return rows
}

// instancesAbout returns those of the instances that the ledger knows.
func instancesAbout(ctx context.Context, q querier, about []Expiry) (map[subject]instance, error) {
	known := make(map[subject]instance, len(about))
	for chunk := range slices.Chunk(expiryRows(about), rowsPerTable) {
		var p params
		rows, err := collect(ctx, q, scanInstance, `SELECT `+prefixed("i.", instanceColumns)+` FROM `+p.table("TEXT TEXT BIGINT", chunk)+` AS v
			CROSS JOIN instance i WHERE i.service = v.column1 AND i.id = v.column2`, p...)
		if err != nil {
			return nil, err
		}
		for _, in := range rows {
			known[subject{in.service, in.id}] = in
		}
	}
	return known, nil
}

// pausesAbout returns what people answered to the reminders of these expiries.
func pausesAbout(ctx context.Context, q querier, about []Expiry) (pauses, error) {
	held := make(pauses)
	for chunk := range slices.Chunk(expiryRows(about), rowsPerTable) {
		var p params
		some, err := pausesFrom(ctx, q, p.table("TEXT TEXT BIGINT", chunk)+` AS v
			CROSS JOIN pause p WHERE p.service = v.column1 AND p.instance = v.column2 AND p.expires_at = v.column3`, p...)
		if err != nil {
			return nil, err
		}
		maps.Copy(held, some)
	}
	return held, nil
}

// pauseChange is what a pause becomes, and its row of the audit.
type pauseChange struct {
	pause
	entry Entry
}

// putPauses writes pauses and their rows of the audit, and has the messages
// looked at that told of the expiries, which then show it. No expiry is there
// twice.
func putPauses(ctx context.Context, tx *sql.Tx, c Change, changes []pauseChange) error {
	about := make([]subject, len(changes))
	entries := make([]Entry, len(changes))
	for i, one := range changes {
		about[i], entries[i] = one.entry.About.about(), one.entry
	}
	for chunk := range slices.Chunk(changes, rowsPerInsert) {
		var p params
		values := make([]string, len(chunk))
		for i, one := range chunk {
			e := one.entry.About
			values[i] = p.list(e.Service, e.Instance, e.Expires.UnixMilli(), moment(one.Until), one.By, one.At.UnixMilli(), truth(one.lifted))
		}
		if _, err := exec(ctx, tx, `INSERT INTO pause (service, instance, expires_at, until, by_user, at, lifted) VALUES `+strings.Join(values, ",")+`
			ON CONFLICT (service, instance, expires_at) DO UPDATE SET until = excluded.until, by_user = excluded.by_user,
				at = excluded.at, lifted = excluded.lifted`, p...); err != nil {
			return err
		}
	}
	if err := audit(ctx, tx, entries...); err != nil {
		return err
	}
	if err := markCarriers(ctx, tx, c.At, about); err != nil {
		return err
	}
	return checkAgain(ctx, tx, about)
}
