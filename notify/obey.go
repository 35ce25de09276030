package notify

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// This file has what people do in Slack obeyed at once.

// Nudge has the next pass made now, and services read that were not since
// somebody began to watch them. The methods that change something do so
// themselves; it is for whoever changes the ledger otherwise.
func (n *Notifier) Nudge() {
	select {
	case n.nudged() <- struct{}{}:
	default:
	}
}

func (n *Notifier) nudged() chan struct{} {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.changed == nil {
		n.changed = make(chan struct{}, 1)
	}
	return n.changed
}

// obey acts on each Nudge until ctx is done.
func (n *Notifier) obey(ctx context.Context) {
	for {
		select {
		case <-n.nudged():
		case <-ctx.Done():
			return
		}
		n.catchUp(ctx)
	}
}

// catchUp makes a pass, and another one when services had to be read for it.
func (n *Notifier) catchUp(ctx context.Context) {
	n.step(ctx)
	ids, err := n.Ledger.unread(ctx)
	if err != nil {
		if ctx.Err() == nil {
			n.log.ErrorContext(ctx, "a service that is watched now is read only with the others", "error", err)
		}
		return
	}
	if len(ids) > 0 {
		n.readAll(ctx, ids, false)
		n.step(ctx)
	}
}

// unread returns the services that nobody tried to read since somebody began to
// watch them.
func (l *Ledger) unread(ctx context.Context) ([]string, error) {
	return collect(ctx, l.db, scanString, `SELECT w.service FROM watch w LEFT JOIN service s ON s.id = w.service
		WHERE w.fixed = 0 AND (s.tried_at IS NULL OR s.tried_at < w.since) ORDER BY w.service`)
}

// Remembered returns what was watched when the ledger was last read, by id: it is
// for those who cannot wait until it can be read again. At first it is what the
// settings say.
func (n *Notifier) Remembered() []Watch {
	n.mu.Lock()
	p := n.policy
	n.mu.Unlock()
	if p.labels == nil {
		p = n.Settings.policy()
	}
	fixed := n.Settings.policy()
	all := make([]Watch, 0, len(p.labels))
	for _, id := range p.services() {
		w := p.own[id]
		w.Service, w.Label, w.Fixed = id, p.labels[id], fixed.watches(id)
		all = append(all, w)
	}
	return all
}

// refresh reads what is watched now.
func (n *Notifier) refresh(ctx context.Context) error {
	p, err := n.Ledger.policy(ctx, n.Settings)
	if err != nil {
		return err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.policy = p
	return nil
}

// Carried returns the expiries that a posted message reminds of, with those in
// its thread, soonest first. There are none when the ledger does not know the
// message, or not any more.
func (n *Notifier) Carried(ctx context.Context, channel, ts string) ([]Expiry, error) {
	return n.Ledger.carried(ctx, channel, ts)
}

// policy reads what is watched now.
func (l *Ledger) policy(ctx context.Context, s Settings) (policy, error) {
	p, err := policyOf(ctx, l.db, s)
	if err != nil {
		return p, fmt.Errorf("reading what is watched: %w", err)
	}
	return p, nil
}

// carried returns the expiries that a posted message reminds of, with those in
// its thread, soonest first.
func (l *Ledger) carried(ctx context.Context, channel, ts string) ([]Expiry, error) {
	m, err := messageAt(ctx, l.db, channel, ts)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("looking for the message %s: %w", ts, err)
	}
	all, err := collect(ctx, l.db, func(scan func(...any) error) (e Expiry, err error) {
		err = scan(&e.Service, &e.Instance, (*instant)(&e.Expires))
		return e, err
	}, `SELECT DISTINCT r.service, r.instance, r.expires_at FROM message o JOIN reminder r ON r.message = o.key
		WHERE (o.key = $1 OR o.parent = $1) AND r.kind IN ('expiry', 'reverted', 'digest') ORDER BY r.expires_at, r.service, r.instance`, m.key)
	if err != nil {
		return nil, fmt.Errorf("reading what the message %s reminds of: %w", ts, err)
	}
	return all, nil
}
