package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"

	"computeunits/notify/database"
	"computeunits/notify/plan"
)

// Watches returns every watched service, by id.
func (l Reports) Watches(ctx context.Context, s plan.Settings) ([]plan.Watch, error) {
	all, err := watchesInOrder(ctx, l.DB, s)
	if err != nil {
		return nil, fmt.Errorf("reading what is watched: %w", err)
	}
	return all, nil
}

func watchesInOrder(ctx context.Context, q database.Querier, s plan.Settings) ([]plan.Watch, error) {
	all, err := watchesOf(ctx, q, s)
	if err != nil {
		return nil, err
	}
	return slices.SortedFunc(maps.Values(all), func(a, b plan.Watch) int { return strings.Compare(a.Service, b.Service) }), nil
}

// ChangeWatch makes a watch what change makes of it; nil is no watch.
func (l Changes) ChangeWatch(ctx context.Context, s plan.Settings, c plan.Change, service, what string, change func(was *plan.Watch) (*plan.Watch, error)) (plan.WatchChange, error) {
	var out plan.WatchChange
	err := l.change(ctx, "changing the watch of "+service, func(tx *sql.Tx) error {
		var err error
		out, err = changeWatch(ctx, tx, s, c, service, what, change)
		return err
	})
	return out, err
}

func changeWatch(ctx context.Context, tx *sql.Tx, s plan.Settings, c plan.Change, service, what string, change func(was *plan.Watch) (*plan.Watch, error)) (plan.WatchChange, error) {
	before, err := policyOf(ctx, tx, s)
	if err != nil {
		return plan.WatchChange{}, err
	}
	all, err := watchesOf(ctx, tx, s)
	if err != nil {
		return plan.WatchChange{}, err
	}
	var out plan.WatchChange
	if was, ok := all[service]; ok {
		out.Was = &was
	}
	to, err := change(out.Was)
	if err != nil {
		return plan.WatchChange{}, err
	}
	switch {
	case to == nil && out.Was == nil:
		out.Watch, err = lastUnwatch(ctx, tx, service)
		return out, err
	case to == nil:
		out.Watch, out.Changed = *out.Was, true
		err = dropWatch(ctx, tx, c, out.Watch)
	default:
		if faults := to.Faults(); faults != nil {
			return plan.WatchChange{}, plan.Sentences(faults)
		}
		if out.Watch = to.Tidy(s); out.Was != nil && out.Watch.Equal(out.Was.Tidy(s)) {
			out.Watch = *out.Was
			return out, nil
		}
		out.Changed = true
		out.Watch, err = keepWatch(ctx, tx, c, what, out.Was, out.Watch)
	}
	if err != nil {
		return plan.WatchChange{}, err
	}
	after, err := policyOf(ctx, tx, s)
	if err != nil {
		return plan.WatchChange{}, err
	}
	out.ReminderDiff, err = effectOf(ctx, tx, before, after, service, c.At)
	return out, err
}

// keepWatch writes a watch that differs from what it was.
func keepWatch(ctx context.Context, tx *sql.Tx, c plan.Change, what string, was *plan.Watch, w plan.Watch) (plan.Watch, error) {
	w.By, w.At, w.Since = c.By, c.At, c.At
	entry := plan.Entry{Change: c, What: what, About: plan.Expiry{Service: w.Service}, Become: w.String()}
	if was != nil {
		entry.What, entry.Was = "change", was.String()
		if was.Channel == w.Channel && slices.Equal(was.Ladder, w.Ladder) {
			w.Since = was.Since // the same reminders as before
		} else if err := cancelPending(ctx, tx, w.Service); err != nil {
			return w, err
		}
	}
	if err := putWatch(ctx, tx, w); err != nil {
		return w, err
	}
	return w, audit(ctx, tx, entry)
}

func dropWatch(ctx context.Context, tx *sql.Tx, c plan.Change, w plan.Watch) error {
	if err := cancelPending(ctx, tx, w.Service); err != nil {
		return err
	}
	if _, err := database.Exec(ctx, tx, `DELETE FROM watch WHERE service = $1`, w.Service); err != nil {
		return err
	}
	if err := serviceAgain(ctx, tx, w.Service); err != nil {
		return err
	}
	return audit(ctx, tx, plan.Entry{Change: c, What: "unwatch", About: plan.Expiry{Service: w.Service}, Was: w.String()})
}

// lastUnwatch says who stopped watching a service last, and when.
func lastUnwatch(ctx context.Context, tx *sql.Tx, service string) (plan.Watch, error) {
	w := plan.Watch{Service: service}
	entries, err := database.Collect(ctx, tx, scanEntry, `SELECT `+auditColumns+` FROM audit
		WHERE service = $1 AND what = 'unwatch' ORDER BY at DESC LIMIT 1`, service)
	if err == nil && len(entries) > 0 {
		w.By, w.At = entries[0].By, entries[0].At
	}
	return w, err
}
