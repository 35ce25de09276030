package ledger

import (
	"cmp"
	"context"
	"database/sql"
	"maps"
	"slices"
	"strings"

	"computeunits/notify/database"
	"computeunits/notify/plan"
)

// AnswersAtOnce is how many expiries one transaction answers to. Passes and
// other people wait for it.
const AnswersAtOnce = 1000

// Answer makes of each pause what decide makes of it, all in one transaction.
func (l Changes) Answer(ctx context.Context, s plan.Settings, c plan.Change, what string, about []plan.Expiry, decide plan.AnswerFunc) (answers []plan.Answer, err error) {
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
			was := held.Of(e.About(), e.Expires)
			is, a := p.Answer(ins[e.About()], was, c, e, decide)
			answers = append(answers, a)
			if a.Changed {
				held[plan.ExpiryKey{InstanceKey: e.About(), Expires: e.Expires.UnixMilli()}] = is // it may be named twice
				changes = append(changes, pauseChange{is, plan.Entry{Change: c, What: cmp.Or(what, was.Undone()), About: e, Was: was.String(), Become: is.String()}})
			}
		}
		return putPauses(ctx, tx, c, changes)
	})
	if err != nil {
		return nil, err
	}
	return answers, nil
}

// expiryRows are expiries as rows of a table in a statement.
func expiryRows(about []plan.Expiry) [][]any {
	rows := make([][]any, len(about))
	for i, e := range about {
		rows[i] = []any{e.Service, e.Instance, e.Expires.UnixMilli()}
	}
	return rows
}

// instancesAbout returns those of the instances that the ledger knows.
func instancesAbout(ctx context.Context, q database.Querier, about []plan.Expiry) (map[plan.InstanceKey]plan.Instance, error) {
	known := make(map[plan.InstanceKey]plan.Instance, len(about))
	for chunk := range slices.Chunk(expiryRows(about), rowsPerTable) {
		var p database.Params
		rows, err := database.Collect(ctx, q, scanInstance, `SELECT `+database.Prefixed("i.", instanceColumns)+` FROM `+p.Table("TEXT TEXT BIGINT", chunk)+` AS v
			CROSS JOIN instance i WHERE i.service = v.column1 AND i.id = v.column2`, p...)
		if err != nil {
			return nil, err
		}
		for _, in := range rows {
			known[plan.InstanceKey{Service: in.Service, Instance: in.ID}] = in
		}
	}
	return known, nil
}

// pausesAbout returns what people answered to the reminders of these expiries.
func pausesAbout(ctx context.Context, q database.Querier, about []plan.Expiry) (plan.Pauses, error) {
	held := make(plan.Pauses)
	for chunk := range slices.Chunk(expiryRows(about), rowsPerTable) {
		var p database.Params
		some, err := pausesFrom(ctx, q, p.Table("TEXT TEXT BIGINT", chunk)+` AS v
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
	plan.HeldPause
	entry plan.Entry
}

// putPauses writes pauses and their rows of the audit, and has the messages
// looked at that told of the expiries, which then show it. No expiry is there
// twice.
func putPauses(ctx context.Context, tx *sql.Tx, c plan.Change, changes []pauseChange) error {
	about := make([]plan.InstanceKey, len(changes))
	entries := make([]plan.Entry, len(changes))
	for i, one := range changes {
		about[i], entries[i] = one.entry.About.About(), one.entry
	}
	for chunk := range slices.Chunk(changes, rowsPerInsert) {
		var p database.Params
		values := make([]string, len(chunk))
		for i, one := range chunk {
			e := one.entry.About
			values[i] = p.List(e.Service, e.Instance, e.Expires.UnixMilli(), database.Millis(one.Until), one.By, one.At.UnixMilli(), database.BoolToInt(one.Lifted))
		}
		if _, err := database.Exec(ctx, tx, `INSERT INTO pause (service, instance, expires_at, until, by_user, at, lifted) VALUES `+strings.Join(values, ",")+`
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
