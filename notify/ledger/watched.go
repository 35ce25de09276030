package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"strings"

	"computeunits/notify/database"
	"computeunits/notify/plan"
)

const watchColumns = `service, label, channel, ladder, owners, fixed, by_user, at, since`

func scanWatch(scan func(...any) error) (w plan.Watch, err error) {
	var ladder, owners string
	if err = scan(&w.Service, &w.Label, &w.Channel, &ladder, &owners, &w.Fixed, &w.By, (*database.Instant)(&w.At), (*database.Instant)(&w.Since)); err != nil {
		return w, err
	}
	if owners != "" {
		w.Owners = strings.Split(owners, ",")
	}
	if ladder != "" {
		if w.Ladder, err = plan.ParseLadder(ladder); err != nil {
			err = fmt.Errorf("the ladder of service %s: %w", w.Service, err)
		}
	}
	return w, err
}

// watchRows returns what people watch, by service.
func watchRows(ctx context.Context, q database.Querier) ([]plan.Watch, error) {
	return database.Collect(ctx, q, scanWatch, `SELECT `+watchColumns+` FROM watch ORDER BY service`)
}

// watchesOf returns all watches, those of the settings among them, by service.
func watchesOf(ctx context.Context, q database.Querier, s plan.Settings) (map[string]plan.Watch, error) {
	rows, err := watchRows(ctx, q)
	if err != nil {
		return nil, err
	}
	all := make(map[string]plan.Watch, len(rows)+len(s.Services))
	for _, w := range rows {
		all[w.Service] = w
	}
	named := make(map[string]bool, len(s.Services))
	for _, f := range s.Services {
		named[f.ID] = true
		row := all[f.ID]
		all[f.ID] = plan.Watch{Service: f.ID, Label: f.Label, Fixed: true, Owners: row.Owners, By: row.By, At: row.At}
	}
	maps.DeleteFunc(all, func(id string, w plan.Watch) bool { return w.Fixed && !named[id] }) // not named any more
	return all, nil
}

// putWatch writes a watch, and has its service decided about anew.
func putWatch(ctx context.Context, tx *sql.Tx, w plan.Watch) error {
	if _, err := database.Exec(ctx, tx, `INSERT INTO watch (`+watchColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (service) DO UPDATE SET label = excluded.label, channel = excluded.channel, ladder = excluded.ladder,
			owners = excluded.owners, fixed = excluded.fixed, by_user = excluded.by_user, at = excluded.at, since = excluded.since`,
		w.Service, w.Label, w.Channel, w.Ladder.String(), strings.Join(w.Owners, ","), database.BoolToInt(w.Fixed), w.By, w.At.UnixMilli(), w.Since.UnixMilli()); err != nil {
		return err
	}
	return serviceAgain(ctx, tx, w.Service)
}

// serviceAgain has all instances of a service decided about in the next pass.
func serviceAgain(ctx context.Context, tx *sql.Tx, service string) error {
	_, err := database.Exec(ctx, tx, `UPDATE instance SET check_at = 0 WHERE service = $1`, service)
	return err
}

// cancelPending withdraws what waits to be said about a service, and was certainly not
// posted: another channel, another ladder, or nobody, wants to hear of it.
func cancelPending(ctx context.Context, tx *sql.Tx, service string) error {
	waiting, err := database.Collect(ctx, tx, func(scan func(...any) error) (w waitingReminder, err error) {
		err = scan(append(reminderFields(&w.Reminder), &w.key, &w.parent)...)
		return w, err
	}, `SELECT `+reminderColumns+`, m.key, m.parent FROM reminder r JOIN message m ON m.key = r.message
		WHERE r.service = $1 AND r.kind <> 'digest' AND m.sent_at IS NULL AND m.settled_at IS NULL AND m.unresolved = 0
		ORDER BY m.key`, service)
	if err != nil || len(waiting) == 0 {
		return err
	}
	reminders := make([]plan.Reminder, len(waiting))
	for i, w := range waiting {
		reminders[i] = w.Reminder
	}
	if err := dropReminders(ctx, tx, reminders); err != nil {
		return err
	}
	for _, w := range waiting {
		for _, key := range []string{w.key, w.parent} {
			if err := dropEmpty(ctx, tx, key); err != nil {
				return err
			}
		}
	}
	return nil
}
