package ledger

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"computeunits/notify/database"
	"computeunits/notify/plan"
	"computeunits/qianfan"
)

// Expiring reads what expires until a moment, after skipping so many items; at
// most limit of them.
func (l Reports) Expiring(ctx context.Context, s plan.Settings, now, until time.Time, skip, limit int) (plan.Outlook, error) {
	var o plan.Outlook
	err := l.DB.Read(ctx, func(q database.Querier) (err error) {
		o, err = outlookOf(ctx, q, s, now, until, skip, limit)
		return err
	})
	if err != nil {
		return plan.Outlook{}, fmt.Errorf("reading what expires: %w", err)
	}
	return o, nil
}

func outlookOf(ctx context.Context, q database.Querier, settings plan.Settings, now, until time.Time, skip, limit int) (plan.Outlook, error) {
	p, err := policyOf(ctx, q, settings)
	if err != nil {
		return plan.Outlook{}, err
	}
	s := plan.Snapshot{At: now, Services: make(map[string]plan.ServiceState, len(p.Labels))}
	rows, err := database.Collect(ctx, q, scanService, `SELECT `+serviceColumns+` FROM service`)
	if err != nil {
		return plan.Outlook{}, err
	}
	for id := range p.Labels {
		s.Services[id] = plan.ServiceState{ID: id}
	}
	for _, one := range rows {
		if p.Watches(one.ID) {
			s.Services[one.ID] = one
		}
	}
	// In the order of expiry alone, which an index has; ties are put in order here.
	s.Window, err = database.Collect(ctx, q, scanInstance, `SELECT `+instanceColumns+` FROM instance
		WHERE expires_at > $1 AND expires_at <= $2 ORDER BY expires_at, service, id`,
		now.Add(-plan.MaxThreshold-plan.Retention).UnixMilli(), until.UnixMilli())
	if err != nil {
		return plan.Outlook{}, err
	}
	s.Window = slices.DeleteFunc(s.Window, func(in plan.Instance) bool {
		return !p.MayRemind(in, now) || !now.Before(p.LadderOf(in.Service).End(in.Expires))
	})
	o := plan.Outlook{Unread: s.Unread(p), Instances: len(s.Window)}
	o.Services = s.Summaries(p)
	for _, one := range o.Services {
		o.Replicas += one.Replicas
	}
	page := s.Window[min(max(skip, 0), len(s.Window)):]
	page = page[:min(max(limit, 0), len(page))]
	if o.Items, err = items(ctx, q, plan.Evaluation{Policy: p, Settings: settings, Now: now}, s, page); err != nil {
		return o, err
	}
	unknown, err := unknownOf(ctx, q, p)
	if err != nil {
		return o, err
	}
	o.Unknown = p.UnknownItems(unknown)
	vanished, err := vanishedOf(ctx, q, p, now)
	o.Vanished = p.UnknownItems(vanished)
	return o, err
}

// items are instances as people are told of them.
func items(ctx context.Context, q database.Querier, p plan.Evaluation, s plan.Snapshot, page []plan.Instance) ([]plan.Item, error) {
	c := plan.Content{Facts: plan.Facts{Instances: make(map[plan.InstanceKey]plan.Instance, len(page)), Services: s.Services, Pauses: make(plan.Pauses)}}
	var ids []string
	for _, in := range page {
		c.Facts.Instances[plan.InstanceKey{Service: in.Service, Instance: in.ID}] = in
		ids = append(ids, in.Service)
	}
	slices.Sort(ids)
	for chunk := range slices.Chunk(slices.Compact(ids), rowsPerStatement) {
		var in database.Params
		held, err := pausesWhere(ctx, q, `WHERE p.service IN `+in.List(database.Anys(chunk)...), in...)
		if err != nil {
			return nil, err
		}
		maps.Copy(c.Facts.Pauses, held)
	}
	all := make([]plan.Item, len(page))
	for i, in := range page {
		all[i] = c.Item(plan.Reminder{Service: in.Service, Instance: in.ID, Expires: in.Expires, Kind: plan.KindDigest}, p)
	}
	return all, nil
}

// unknownOf returns the watched instances whose expiry is not known.
func unknownOf(ctx context.Context, q database.Querier, p plan.Policy) ([]plan.Instance, error) {
	all, err := database.Collect(ctx, q, scanInstance, `SELECT `+instanceColumns+` FROM instance
		WHERE timing <> $1 AND missed IN (0, 1) AND (expires_raw <> '' OR expires_at IS NULL) ORDER BY service, id`, string(qianfan.Postpaid))
	return slices.DeleteFunc(all, func(in plan.Instance) bool { return !p.Watches(in.Service) || !in.Unknown() }), err
}

// Health reads how the notifier is doing.
func (l Reports) Health(ctx context.Context, s plan.Settings, now time.Time) (h plan.Health, err error) {
	err = l.DB.Read(ctx, func(q database.Querier) error {
		h, err = healthOf(ctx, q, s, now)
		return err
	})
	if err != nil {
		return h, fmt.Errorf("reading the state of the notifier: %w", err)
	}
	return h, nil
}

// Overview reads what expires until a moment, after skipping so many items; at
// most limit of them.
func (l Reports) Overview(ctx context.Context, settings plan.Settings, now, until time.Time, skip, limit int) (s plan.Overview, err error) {
	err = l.DB.Read(ctx, func(q database.Querier) error {
		if s.Watches, err = watchesInOrder(ctx, q, settings); err != nil {
			return err
		}
		if s.Outlook, err = outlookOf(ctx, q, settings, now, until, skip, limit); err != nil {
			return err
		}
		s.Health, err = healthOf(ctx, q, settings, now)
		return err
	})
	if err != nil {
		return plan.Overview{}, fmt.Errorf("reading what expires: %w", err)
	}
	return s, nil
}

func healthOf(ctx context.Context, q database.Querier, settings plan.Settings, now time.Time) (h plan.Health, err error) {
	p, err := policyOf(ctx, q, settings)
	if err != nil {
		return h, err
	}
	rows, err := database.Collect(ctx, q, scanService, `SELECT `+serviceColumns+` FROM service`)
	if err != nil {
		return h, err
	}
	known := make(map[string]plan.ServiceState, len(rows))
	for _, s := range rows {
		known[s.ID] = s
	}
	for _, id := range p.Services() {
		s := known[id]
		one := plan.ServiceHealth{Service: id, Label: p.Labels[id], Channel: p.ChannelOf(id), ReadAt: s.Read}
		if !s.Failing.IsZero() {
			t := p.Trouble(s)
			one.Trouble = &t
		}
		h.Services = append(h.Services, one)
	}
	g, err := pendingAt(ctx, q, time.Time{})
	if err != nil {
		return h, err
	}
	h.Backlog = plan.Backlog{Messages: g.Waiting, Oldest: g.Oldest}
	h.NextDigest = plan.Evaluation{Policy: p, Settings: settings, Now: now}.NextDigest()
	if h.Problem, err = problem(ctx, q); err != nil {
		return h, err
	}
	h.Outage, err = outage(ctx, q)
	h.Outage.Label = p.Labels[h.Outage.Service]
	return h, err
}

// outage returns the latest outage that was told, without its label.
func outage(ctx context.Context, q database.Querier) (plan.Outage, error) {
	all, err := database.Collect(ctx, q, func(scan func(...any) error) (o plan.Outage, err error) {
		err = scan(&o.Service, (*database.Instant)(&o.ToldAt))
		return o, err
	}, `SELECT r.service, m.sent_at FROM reminder r JOIN message m ON m.key = r.message
		WHERE r.kind = 'unreadable' AND m.sent_at IS NOT NULL ORDER BY m.sent_at DESC, r.service LIMIT 1`)
	if err != nil || len(all) == 0 {
		return plan.Outage{}, err
	}
	return all[0], nil
}

// problem returns why a channel takes nothing, of the latest such one.
func problem(ctx context.Context, q database.Querier) (plan.Problem, error) {
	all, err := database.Collect(ctx, q, func(scan func(...any) error) (p plan.Problem, err error) {
		err = scan(&p.Channel, &p.Reason, (*database.Instant)(&p.At), (*database.Instant)(&p.Again))
		return p, err
	}, `SELECT id, reason, set_at, next_at FROM channel`)
	if err != nil || len(all) == 0 {
		return plan.Problem{}, err
	}
	return slices.MaxFunc(all, func(a, b plan.Problem) int { return cmp.Or(a.At.Compare(b.At), strings.Compare(a.Channel, b.Channel)) }), nil
}
