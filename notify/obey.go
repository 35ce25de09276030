package notify

import (
	"context"

	"computeunits/notify/plan"
)

// This file has what people do in Slack obeyed at once.

// Wake has the next pass made now, and services read that were not since
// somebody began to watch them. The methods that change something do so
// themselves; it is for whoever changes the ledger otherwise.
func (n *Notifier) Wake() {
	select {
	case n.woken() <- struct{}{}:
	default:
	}
}

func (n *Notifier) woken() chan struct{} {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.changed == nil {
		n.changed = make(chan struct{}, 1)
	}
	return n.changed
}

// applyChanges acts on each Nudge until ctx is done.
func (n passes) applyChanges(ctx context.Context) {
	for {
		select {
		case <-n.woken():
		case <-ctx.Done():
			return
		}
		n.catchUp(ctx)
	}
}

// catchUp makes a pass, and another one when services had to be read for it.
func (n passes) catchUp(ctx context.Context) {
	n.runPass(ctx)
	ids, err := n.Ledger.Readings.UnreadServices(ctx)
	if err != nil {
		if ctx.Err() == nil {
			n.log.ErrorContext(ctx, "a service that is watched now is read only with the others", "error", err)
		}
		return
	}
	if len(ids) > 0 {
		sweeper(n).readAll(ctx, ids, false)
		n.runPass(ctx)
	}
}

// Remembered returns what was watched when the ledger was last read, by id: it is
// for those who cannot wait until it can be read again. At first it is what the
// settings say.
func (n Reports) Remembered() []plan.Watch {
	n.mu.Lock()
	p := n.policy
	n.mu.Unlock()
	if p.Labels == nil {
		p = n.Settings.Policy()
	}
	fixed := n.Settings.Policy()
	all := make([]plan.Watch, 0, len(p.Labels))
	for _, id := range p.Services() {
		w := p.Own[id]
		w.Service, w.Label, w.Fixed = id, p.Labels[id], fixed.Watches(id)
		all = append(all, w)
	}
	return all
}

// refresh reads what is watched now.
func (n *Notifier) refresh(ctx context.Context) error {
	p, err := n.Ledger.Reports.Policy(ctx, n.Settings)
	if err != nil {
		return err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.policy = p
	return nil
}

// RemindersIn returns the expiries that a posted message reminds of, with those in
// its thread, soonest first. There are none when the ledger does not know the
// message, or not any more.
func (n Reports) RemindersIn(ctx context.Context, channel, ts string) ([]plan.Expiry, error) {
	return n.Ledger.Reports.RemindersIn(ctx, channel, ts)
}
