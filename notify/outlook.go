package notify

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"computeunits/qianfan"
)

// Outlook is what expires, by the last good read of each watched service.
type Outlook struct {
	// Items are the soonest, as many as were asked for. What has expired and is
	// usually still restorable is among them.
	Items []Item
	// Services are all that have something to expire, the soonest first.
	// Instances and Replicas are their sums.
	Services  []Summary
	Instances int
	Replicas  int
	// Unread are the services that Qianfan does not tell about, by id: what they
	// have may be missing or old.
	Unread []Trouble
	// Unknown are the prepaid instances whose expiry is not given, or could not be
	// read. It never means that they do not expire.
	Unknown []Item
	// Vanished are the instances that are not listed any more since a day, before
	// their expiry, also those among Items.
	Vanished []Item
	// Partial says that services may be missing in it, of which nobody knows.
	Partial bool
}

// Expiring returns what expires until a moment, after skipping so many items;
// at most limit of them.
func (n *Notifier) Expiring(ctx context.Context, now, until time.Time, skip, limit int) (Outlook, error) {
	return n.Ledger.expiring(ctx, n.Settings, now, until, skip, limit)
}

// expiring reads what expires until a moment, after skipping so many items; at
// most limit of them.
func (l *Ledger) expiring(ctx context.Context, s Settings, now, until time.Time, skip, limit int) (Outlook, error) {
	var o Outlook
	err := l.db.read(ctx, func(q querier) (err error) {
		o, err = outlookOf(ctx, q, s, now, until, skip, limit)
		return err
	})
	if err != nil {
		return Outlook{}, fmt.Errorf("reading what expires: %w", err)
	}
	return o, nil
}

func outlookOf(ctx context.Context, q querier, settings Settings, now, until time.Time, skip, limit int) (Outlook, error) {
	p, err := policyOf(ctx, q, settings)
	if err != nil {
		return Outlook{}, err
	}
	s := survey{at: now, services: make(map[string]service, len(p.labels))}
	rows, err := collect(ctx, q, scanService, `SELECT `+serviceColumns+` FROM service`)
	if err != nil {
		return Outlook{}, err
	}
	for id := range p.labels {
		s.services[id] = service{id: id}
	}
	for _, one := range rows {
		if p.watches(one.id) {
			s.services[one.id] = one
		}
	}
	// In the order of expiry alone, which an index has; ties are put in order here.
	s.window, err = collect(ctx, q, scanInstance, `SELECT `+instanceColumns+` FROM instance
		WHERE expires_at > $1 AND expires_at <= $2 ORDER BY expires_at, service, id`,
		now.Add(-maxThreshold-retention).UnixMilli(), until.UnixMilli())
	if err != nil {
		return Outlook{}, err
	}
	s.window = slices.DeleteFunc(s.window, func(in instance) bool {
		return !p.mayRemind(in, now) || !now.Before(p.ladderOf(in.service).end(in.expires))
	})
	o := Outlook{Unread: s.unread(p), Instances: len(s.window)}
	o.Services = s.summaries(p)
	for _, one := range o.Services {
		o.Replicas += one.Replicas
	}
	page := s.window[min(max(skip, 0), len(s.window)):]
	page = page[:min(max(limit, 0), len(page))]
	if o.Items, err = items(ctx, q, pass{policy: p, settings: settings, now: now}, s, page); err != nil {
		return o, err
	}
	unknown, err := unknownOf(ctx, q, p)
	if err != nil {
		return o, err
	}
	o.Unknown = p.unknownItems(unknown)
	vanished, err := vanishedOf(ctx, q, p, now)
	o.Vanished = p.unknownItems(vanished)
	return o, err
}

// summaries are what each service contributes, the soonest first.
func (s survey) summaries(p policy) []Summary {
	index := make(map[string]int)
	var all []Summary
	for _, in := range s.window {
		i, ok := index[in.service]
		if !ok {
			i = len(all)
			index[in.service] = i
			all = append(all, Summary{Service: in.service, Label: p.labels[in.service], Soonest: in.expires})
		}
		all[i].Instances++
		all[i].Replicas += in.replicas
	}
	return all
}

// items are instances as people are told of them.
func items(ctx context.Context, q querier, p pass, s survey, page []instance) ([]Item, error) {
	c := content{facts: facts{instances: make(map[subject]instance, len(page)), services: s.services, pauses: make(pauses)}}
	var ids []string
	for _, in := range page {
		c.facts.instances[subject{in.service, in.id}] = in
		ids = append(ids, in.service)
	}
	slices.Sort(ids)
	for chunk := range slices.Chunk(slices.Compact(ids), rowsPerStatement) {
		var in params
		held, err := pausesWhere(ctx, q, `WHERE p.service IN `+in.list(anys(chunk)...), in...)
		if err != nil {
			return nil, err
		}
		maps.Copy(c.facts.pauses, held)
	}
	all := make([]Item, len(page))
	for i, in := range page {
		all[i] = c.item(reminder{service: in.service, instance: in.id, expires: in.expires, kind: KindDigest}, p)
	}
	return all, nil
}

// unknownOf returns the watched instances whose expiry is not known.
func unknownOf(ctx context.Context, q querier, p policy) ([]instance, error) {
	all, err := collect(ctx, q, scanInstance, `SELECT `+instanceColumns+` FROM instance
		WHERE timing <> $1 AND missed IN (0, 1) AND (expires_raw <> '' OR expires_at IS NULL) ORDER BY service, id`, string(qianfan.Postpaid))
	return slices.DeleteFunc(all, func(in instance) bool { return !p.watches(in.service) || !in.unknown() }), err
}

// Health is how the notifier is doing.
type Health struct {
	Services []ServiceHealth // every watched service, by id
	Backlog  Backlog
	// NextDigest is when the next one is due, UTC; zero: never within a year.
	NextDigest time.Time
	// Problem is why a channel takes nothing at present, of the latest such one.
	Problem Problem
	// Outage is the latest that a channel was told of, be it over or not.
	Outage Outage
}

// Outage is that Qianfan did not tell about a service.
type Outage struct {
	Service, Label string    // Service "": none is known of
	ToldAt         time.Time // when a channel was told, UTC
}

// ServiceHealth is how far a watched service is known.
type ServiceHealth struct {
	Service, Label string
	Channel        string    // id of the channel that is told
	ReadAt         time.Time // the last good read, UTC; zero: never yet
	Trouble        *Trouble  // why it cannot be read; nil: it can
}

// Problem is why a channel takes nothing at present.
type Problem struct {
	Channel string    // id; "": there is none
	Reason  string    // Slack's word for it, or the network's. Foreign text: escape
	At      time.Time // when that was found, UTC
	Again   time.Time // when the next attempt is made, UTC
}

// Health reads how the notifier is doing.
func (n *Notifier) Health(ctx context.Context, now time.Time) (Health, error) {
	return n.Ledger.health(ctx, n.Settings, now)
}

// health reads how the notifier is doing.
func (l *Ledger) health(ctx context.Context, s Settings, now time.Time) (h Health, err error) {
	err = l.db.read(ctx, func(q querier) error {
		h, err = healthOf(ctx, q, s, now)
		return err
	})
	if err != nil {
		return h, fmt.Errorf("reading the state of the notifier: %w", err)
	}
	return h, nil
}

// Snapshot is what the ledger knows of everything that is watched, at one moment:
// what one page shows is read together.
type Snapshot struct {
	Watches []Watch // every watched service, by id
	Outlook Outlook
	Health  Health
}

// Snapshot reads what expires until a moment, after skipping so many items; at
// most limit of them.
func (n *Notifier) Snapshot(ctx context.Context, now, until time.Time, skip, limit int) (Snapshot, error) {
	return n.Ledger.snapshot(ctx, n.Settings, now, until, skip, limit)
}

// snapshot reads what expires until a moment, after skipping so many items; at
// most limit of them.
func (l *Ledger) snapshot(ctx context.Context, settings Settings, now, until time.Time, skip, limit int) (s Snapshot, err error) {
	err = l.db.read(ctx, func(q querier) error {
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
		return Snapshot{}, fmt.Errorf("reading what expires: %w", err)
	}
	return s, nil
}

func healthOf(ctx context.Context, q querier, settings Settings, now time.Time) (h Health, err error) {
	p, err := policyOf(ctx, q, settings)
	if err != nil {
		return h, err
	}
	rows, err := collect(ctx, q, scanService, `SELECT `+serviceColumns+` FROM service`)
	if err != nil {
		return h, err
	}
	known := make(map[string]service, len(rows))
	for _, s := range rows {
		known[s.id] = s
	}
	for _, id := range p.services() {
		s := known[id]
		one := ServiceHealth{Service: id, Label: p.labels[id], Channel: p.channelOf(id), ReadAt: s.read}
		if !s.failing.IsZero() {
			t := p.trouble(s)
			one.Trouble = &t
		}
		h.Services = append(h.Services, one)
	}
	g, err := glanceAt(ctx, q, time.Time{})
	if err != nil {
		return h, err
	}
	h.Backlog = Backlog{g.waiting, g.oldest}
	h.NextDigest = pass{policy: p, settings: settings, now: now}.nextDigest()
	if h.Problem, err = problem(ctx, q); err != nil {
		return h, err
	}
	h.Outage, err = outage(ctx, q)
	h.Outage.Label = p.labels[h.Outage.Service]
	return h, err
}

// outage returns the latest outage that was told, without its label.
func outage(ctx context.Context, q querier) (Outage, error) {
	all, err := collect(ctx, q, func(scan func(...any) error) (o Outage, err error) {
		err = scan(&o.Service, (*instant)(&o.ToldAt))
		return o, err
	}, `SELECT r.service, m.sent_at FROM reminder r JOIN message m ON m.key = r.message
		WHERE r.kind = 'unreadable' AND m.sent_at IS NOT NULL ORDER BY m.sent_at DESC, r.service LIMIT 1`)
	if err != nil || len(all) == 0 {
		return Outage{}, err
	}
	return all[0], nil
}

// nextDigest returns when the next digest is due.
func (p pass) nextDigest() time.Time {
	today := dateOf(p.now, p.settings.Zone)
	for ahead := range 367 {
		if at, ok := p.digestAt(today.plus(ahead)); ok && at.After(p.now) {
			return at
		}
	}
	return time.Time{}
}

// problem returns why a channel takes nothing, of the latest such one.
func problem(ctx context.Context, q querier) (Problem, error) {
	all, err := collect(ctx, q, func(scan func(...any) error) (p Problem, err error) {
		err = scan(&p.Channel, &p.Reason, (*instant)(&p.At), (*instant)(&p.Again))
		return p, err
	}, `SELECT id, reason, set_at, next_at FROM channel`)
	if err != nil || len(all) == 0 {
		return Problem{}, err
	}
	return slices.MaxFunc(all, func(a, b Problem) int { return cmp.Or(a.At.Compare(b.At), strings.Compare(a.Channel, b.Channel)) }), nil
}
