package notify

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Watches returns every watched service, by id.
func (n *Notifier) Watches(ctx context.Context) ([]Watch, error) {
	return n.Ledger.watches(ctx, n.Settings)
}

// watches returns every watched service, by id.
func (l *Ledger) watches(ctx context.Context, s Settings) ([]Watch, error) {
	all, err := watchesInOrder(ctx, l.db, s)
	if err != nil {
		return nil, fmt.Errorf("reading what is watched: %w", err)
	}
	return all, nil
}

func watchesInOrder(ctx context.Context, q querier, s Settings) ([]Watch, error) {
	all, err := watchesOf(ctx, q, s)
	if err != nil {
		return nil, err
	}
	return slices.SortedFunc(maps.Values(all), func(a, b Watch) int { return strings.Compare(a.Service, b.Service) }), nil
}

// logWatches says what is watched, a line for each service: one that is missing
// here expires unsaid.
func (n *Notifier) logWatches(ctx context.Context) error {
	watches, err := n.Watches(ctx)
	if err != nil {
		return err
	}
	for _, w := range watches {
		by := "NOTIFY_SERVICES"
		if !w.Fixed {
			by = w.By
		}
		n.log.InfoContext(ctx, "watching", "service", w.Service, "label", w.Label, "channel", cmp.Or(w.Channel, n.Settings.Channel), "because_of", by)
	}
	if len(watches) == 0 {
		n.log.WarnContext(ctx, "nothing is watched: NOTIFY_SERVICES names no service, and nobody asked for one in Slack")
	}
	return nil
}

// Watch begins to watch a service, which is then read at once. One that is
// watched already stays as it is, but gets the label, if w has one: ChangeWatch
// changes the rest. The error names every fault of the watch in sentences, one a
// line; it is a *FixedError when NOTIFY_SERVICES gives the service its label.
func (n *Notifier) Watch(ctx context.Context, c Change, w Watch) (Watching, error) {
	return n.rewatch(ctx, c, w.Service, "watch", func(was *Watch) (*Watch, error) {
		switch {
		case was == nil:
			return &w, nil
		case w.Label == "" || w.Label == was.Label:
			return was, nil
		case was.Fixed:
			return nil, &FixedError{w.Service}
		}
		again := *was
		again.Label = w.Label
		return &again, nil
	})
}

// ChangeWatch changes label, channel, ladder and owners of a watched service,
// or begins to watch it. Of two people who do so at once the second counts, and
// is told what the first had made of it. The error is a *FixedError when
// NOTIFY_SERVICES names the service and more than its owners would change.
func (n *Notifier) ChangeWatch(ctx context.Context, c Change, w Watch) (Watching, error) {
	return n.rewatch(ctx, c, w.Service, "change", func(was *Watch) (*Watch, error) {
		w.Fixed = was != nil && was.Fixed
		if only := w.tidy(n.Settings); w.Fixed {
			if only.Owners = was.Owners; !only.equal(*was) {
				return nil, &FixedError{w.Service}
			}
		}
		return &w, nil
	})
}

// Unwatch stops watching a service. One that is not watched stays so, and By
// and At say who stopped it, if somebody did. The error is a *FixedError when
// NOTIFY_SERVICES names the service.
func (n *Notifier) Unwatch(ctx context.Context, c Change, service string) (Watching, error) {
	return n.rewatch(ctx, c, service, "unwatch", func(was *Watch) (*Watch, error) {
		if was != nil && was.Fixed {
			return nil, &FixedError{service}
		}
		return nil, nil
	})
}

// rewatch makes a watch what change makes of it; nil is no watch.
func (n *Notifier) rewatch(ctx context.Context, c Change, service, what string, change func(was *Watch) (*Watch, error)) (Watching, error) {
	out, err := n.Ledger.changeWatch(ctx, n.Settings, c, service, what, change)
	if err == nil && out.Changed {
		n.Nudge()
	}
	return out, err
}

// changeWatch makes a watch what change makes of it; nil is no watch.
func (l *Ledger) changeWatch(ctx context.Context, s Settings, c Change, service, what string, change func(was *Watch) (*Watch, error)) (Watching, error) {
	var out Watching
	err := l.change(ctx, "changing the watch of "+service, func(tx *sql.Tx) error {
		var err error
		out, err = changeWatch(ctx, tx, s, c, service, what, change)
		return err
	})
	return out, err
}

func changeWatch(ctx context.Context, tx *sql.Tx, s Settings, c Change, service, what string, change func(was *Watch) (*Watch, error)) (Watching, error) {
	before, err := policyOf(ctx, tx, s)
	if err != nil {
		return Watching{}, err
	}
	all, err := watchesOf(ctx, tx, s)
	if err != nil {
		return Watching{}, err
	}
	var out Watching
	if was, ok := all[service]; ok {
		out.Was = &was
	}
	to, err := change(out.Was)
	if err != nil {
		return Watching{}, err
	}
	switch {
	case to == nil && out.Was == nil:
		out.Watch, err = lastUnwatch(ctx, tx, service)
		return out, err
	case to == nil:
		out.Watch, out.Changed = *out.Was, true
		err = dropWatch(ctx, tx, c, out.Watch)
	default:
		if faults := to.faults(); faults != nil {
			return Watching{}, sentences(faults)
		}
		if out.Watch = to.tidy(s); out.Was != nil && out.Watch.equal(out.Was.tidy(s)) {
			out.Watch = *out.Was
			return out, nil
		}
		out.Changed = true
		out.Watch, err = keepWatch(ctx, tx, c, what, out.Was, out.Watch)
	}
	if err != nil {
		return Watching{}, err
	}
	after, err := policyOf(ctx, tx, s)
	if err != nil {
		return Watching{}, err
	}
	out.Effect, err = effectOf(ctx, tx, before, after, service, c.At)
	return out, err
}

// keepWatch writes a watch that differs from what it was.
func keepWatch(ctx context.Context, tx *sql.Tx, c Change, what string, was *Watch, w Watch) (Watch, error) {
	w.By, w.At, w.since = c.By, c.At, c.At
	entry := Entry{Change: c, What: what, About: Expiry{Service: w.Service}, Become: w.String()}
	if was != nil {
		entry.What, entry.Was = "change", was.String()
		if was.Channel == w.Channel && slices.Equal(was.Ladder, w.Ladder) {
			w.since = was.since // the same reminders as before
		} else if err := giveUp(ctx, tx, w.Service); err != nil {
			return w, err
		}
	}
	if err := putWatch(ctx, tx, w); err != nil {
		return w, err
	}
	return w, audit(ctx, tx, entry)
}

func dropWatch(ctx context.Context, tx *sql.Tx, c Change, w Watch) error {
	if err := giveUp(ctx, tx, w.Service); err != nil {
		return err
	}
	if _, err := exec(ctx, tx, `DELETE FROM watch WHERE service = $1`, w.Service); err != nil {
		return err
	}
	if err := serviceAgain(ctx, tx, w.Service); err != nil {
		return err
	}
	return audit(ctx, tx, Entry{Change: c, What: "unwatch", About: Expiry{Service: w.Service}, Was: w.String()})
}

// lastUnwatch says who stopped watching a service last, and when.
func lastUnwatch(ctx context.Context, tx *sql.Tx, service string) (Watch, error) {
	w := Watch{Service: service}
	entries, err := collect(ctx, tx, scanEntry, `SELECT `+auditColumns+` FROM audit
		WHERE service = $1 AND what = 'unwatch' ORDER BY at DESC LIMIT 1`, service)
	if err == nil && len(entries) > 0 {
		w.By, w.At = entries[0].By, entries[0].At
	}
	return w, err
}
