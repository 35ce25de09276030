package notify

import (
	"cmp"
	"context"

	"computeunits/notify/plan"
)

// Watches returns every watched service, by id.
func (n Reports) Watches(ctx context.Context) ([]plan.Watch, error) {
	return n.Ledger.Reports.Watches(ctx, n.Settings)
}

// logWatches says what is watched, a line for each service: one that is missing
// here expires unsaid.
func (n runner) logWatches(ctx context.Context) error {
	watches, err := n.Reports().Watches(ctx)
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
func (n Changes) Watch(ctx context.Context, c plan.Change, w plan.Watch) (plan.WatchChange, error) {
	return n.rewatch(ctx, c, w.Service, "watch", func(was *plan.Watch) (*plan.Watch, error) {
		switch {
		case was == nil:
			return &w, nil
		case w.Label == "" || w.Label == was.Label:
			return was, nil
		case was.Fixed:
			return nil, &plan.FixedError{Service: w.Service}
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
func (n Changes) ChangeWatch(ctx context.Context, c plan.Change, w plan.Watch) (plan.WatchChange, error) {
	return n.rewatch(ctx, c, w.Service, "change", func(was *plan.Watch) (*plan.Watch, error) {
		w.Fixed = was != nil && was.Fixed
		if only := w.Tidy(n.Settings); w.Fixed {
			if only.Owners = was.Owners; !only.Equal(*was) {
				return nil, &plan.FixedError{Service: w.Service}
			}
		}
		return &w, nil
	})
}

// Unwatch stops watching a service. One that is not watched stays so, and By
// and At say who stopped it, if somebody did. The error is a *FixedError when
// NOTIFY_SERVICES names the service.
func (n Changes) Unwatch(ctx context.Context, c plan.Change, service string) (plan.WatchChange, error) {
	return n.rewatch(ctx, c, service, "unwatch", func(was *plan.Watch) (*plan.Watch, error) {
		if was != nil && was.Fixed {
			return nil, &plan.FixedError{Service: service}
		}
		return nil, nil
	})
}

// rewatch makes a watch what change makes of it; nil is no watch.
func (n Changes) rewatch(ctx context.Context, c plan.Change, service, what string, change func(was *plan.Watch) (*plan.Watch, error)) (plan.WatchChange, error) {
	out, err := n.Ledger.Changes.ChangeWatch(ctx, n.Settings, c, service, what, change)
	if err == nil && out.Changed {
		n.Wake()
	}
	return out, err
}
