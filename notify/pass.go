package notify

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"time"
)

// pass is one decision: what is due at a moment, by what the ledger holds then.
type pass struct {
	policy
	settings Settings
	now      time.Time
	started  time.Time // when the process began to read services
	sweeping bool      // services are being read just now
	doubt    bool      // now cannot be trusted: nothing may be said
	// slow is how long reading all services takes, if that is longer than it should.
	slow time.Duration

	panicked func(err error, what string, args ...any) // logs and counts; nil: nobody does
}

// report has a panic logged.
func (p pass) report(err error, what string, args ...any) {
	if p.panicked != nil {
		p.panicked(err, what, args...)
	}
}

// glance is what a look at the ledger shows without deciding anything.
type glance struct {
	candidates bool      // instances need a decision
	troubles   bool      // services fail, or did and the channel was told
	waiting    int       // messages not posted yet
	oldest     time.Time // since when the oldest of them waits
	edits      bool      // posted messages to be looked at
}

const glanceText = `SELECT
	EXISTS (SELECT 1 FROM instance WHERE check_at <= $1),
	EXISTS (SELECT 1 FROM service WHERE failing_since IS NOT NULL OR noticed IS NOT NULL),
	(SELECT COUNT(*) FROM message WHERE sent_at IS NULL AND settled_at IS NULL),
	(SELECT MIN(CASE WHEN due_at > created_at THEN due_at ELSE created_at END) FROM message WHERE sent_at IS NULL AND settled_at IS NULL),
	EXISTS (SELECT 1 FROM message WHERE edit_at IS NOT NULL)`

// glance looks whether there is anything to do. It is all that most passes
// cost, however much the ledger holds.
func (l *Ledger) glance(ctx context.Context, now time.Time) (glance, error) {
	return glanceAt(ctx, l.db, now)
}

func glanceAt(ctx context.Context, q querier, now time.Time) (glance, error) {
	all, err := collect(ctx, q, func(scan func(...any) error) (g glance, err error) {
		err = scan(&g.candidates, &g.troubles, &g.waiting, (*instant)(&g.oldest), &g.edits)
		return g, err
	}, glanceText, now.UnixMilli())
	if err != nil {
		return glance{}, err
	}
	return all[0], nil
}

// decide makes a pass and returns what the ledger then holds for delivery.
func (l *Ledger) decide(ctx context.Context, p pass) (glance, error) {
	g, err := l.glance(ctx, p.now)
	if err != nil {
		return g, err
	}
	today, undigested, err := l.undigested(ctx, p)
	if err != nil {
		return g, err
	}
	if !g.candidates && !g.troubles && len(undigested) == 0 {
		return g, nil
	}
	if g.candidates {
		if err := l.decideInstances(ctx, p); err != nil {
			return g, err
		}
	}
	err = l.db.write(ctx, "deciding", func(tx *sql.Tx) error {
		if g.troubles {
			if err := decideTroubles(ctx, tx, p); err != nil {
				return err
			}
		}
		for _, channel := range undigested {
			if err := decideDigest(ctx, tx, p.only(channel), today); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return g, err
	}
	return l.glance(ctx, p.now)
}

// pieceSize is how many instances, or rows, one transaction writes about where
// there are many: whoever else wants to write waits for no more.
const pieceSize = 4 * rowsPerTable

// decideInstances decides about the instances whose time has come, a piece at a
// time. Those about which there is something to say come first and together, so
// that it can be said together.
func (l *Ledger) decideInstances(ctx context.Context, p pass) error {
	all, due, err := l.candidates(ctx, p)
	if err != nil {
		return err
	}
	pieces := slices.Collect(slices.Chunk(all, pieceSize))
	if len(due) > 0 {
		pieces = append([][]subject{due}, pieces...)
	}
	for _, piece := range pieces {
		if err := l.db.write(ctx, "deciding", func(tx *sql.Tx) error { return decideSome(ctx, tx, p, piece) }); err != nil {
			return err
		}
	}
	return nil
}

// candidates returns the instances whose time has come, and, where they do not
// make one piece, those of them about which there seems to be something to say.
func (l *Ledger) candidates(ctx context.Context, p pass) (all, due []subject, err error) {
	err = l.db.read(ctx, func(q querier) error {
		all, err = collect(ctx, q, func(scan func(...any) error) (s subject, err error) {
			err = scan(&s.service, &s.instance)
			return s, err
		}, `SELECT service, id FROM instance WHERE check_at <= $1 ORDER BY service, id`, p.now.UnixMilli())
		if err != nil || len(all) <= pieceSize {
			return err
		}
		for piece := range slices.Chunk(all, pieceSize) {
			f, err := findingsOf(ctx, q, p, piece)
			if err != nil {
				return err
			}
			for i, in := range f.instances {
				if f.verdicts[i].speaks() {
					due = append(due, subject{in.service, in.id})
				}
			}
		}
		return nil
	})
	return all, due, err
}

// findings are what is to be done about some instances.
type findings struct {
	instances []instance
	verdicts  []verdict // of each
	paused    pauses
}

// findingsOf judges those of some instances whose time has come.
func findingsOf(ctx context.Context, q querier, p pass, about []subject) (f findings, err error) {
	for chunk := range slices.Chunk(subjectRows(about), rowsPerTable) {
		var v params
		text := `SELECT ` + prefixed("i.", instanceColumns) + ` FROM ` + v.table("TEXT TEXT", chunk) + ` AS v
			CROSS JOIN instance i WHERE i.service = v.column1 AND i.id = v.column2 AND i.check_at <= ` + fmt.Sprintf("$%d", len(v)+1)
		some, err := collect(ctx, q, scanInstance, text, append(v, p.now.UnixMilli())...)
		if err != nil {
			return f, err
		}
		f.instances = append(f.instances, some...)
	}
	expiries := make([]Expiry, len(f.instances))
	for i, in := range f.instances {
		expiries[i] = Expiry{in.service, in.id, in.expires}
	}
	if f.paused, err = pausesAbout(ctx, q, expiries); err != nil {
		return f, err
	}
	said, err := saidAbout(ctx, q, p, about)
	if err != nil {
		return f, err
	}
	known, err := services(ctx, q, servicesOf(f.instances))
	if err != nil {
		return f, err
	}
	candidates := f.instances
	f.instances = nil
	for _, in := range candidates {
		var v verdict
		if err := safely(func() error {
			v = p.judge(in, f.paused.of(subject{in.service, in.id}, in.expires), said[subject{in.service, in.id}], p.now)
			return nil
		}); err != nil { // it keeps no other from being decided about
			p.report(err, "panic while deciding about an instance; it is decided about again in an hour", "service", in.service, "instance", in.id)
			v = verdict{next: p.now.Add(poisonRest)}
		}
		if slices.ContainsFunc(v.reminders(), func(r reminder) bool { return !p.mayTell(r, known[r.service]) }) {
			continue // once its service was read, it is asked about again
		}
		f.instances, f.verdicts = append(f.instances, in), append(f.verdicts, v)
	}
	return f, nil
}

// speaks reports whether there is anything to say.
func (v verdict) speaks() bool { return len(v.reminders()) > 0 }

// decideSome decides about those of some instances whose time has come.
func decideSome(ctx context.Context, tx *sql.Tx, p pass, about []subject) error {
	f, err := findingsOf(ctx, tx, p, about)
	if err != nil {
		return err
	}
	found := make(map[Kind][]due)
	next := make([]time.Time, len(f.instances))
	for i, in := range f.instances {
		next[i] = f.verdicts[i].next
		for _, r := range f.verdicts[i].reminders() {
			found[r.kind] = append(found[r.kind], p.due(r, in))
		}
	}
	if err := markEnded(ctx, tx, p.now, f.paused); err != nil {
		return err
	}
	for _, kind := range []Kind{KindExpiry, KindRenewed, KindReverted, KindVanished, KindUnknown} {
		if err := regroup(ctx, tx, p, kind, found[kind]); err != nil {
			return err
		}
	}
	return putChecks(ctx, tx, f.instances, next)
}

// servicesOf returns the services of instances, each once.
func servicesOf(all []instance) []string {
	ids := make([]string, len(all))
	for i, in := range all {
		ids[i] = in.service
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// due adds to a reminder about an instance when it should have been posted,
// and since when it can have been. That its expiry moved can have been announced,
// by a process whose ledger was lost, as soon as the one before was seen last.
func (p pass) due(r reminder, in instance) due {
	if r.kind == KindRenewed || r.kind == KindReverted {
		earliest := in.knownAfter
		if earliest.IsZero() {
			earliest = p.now.Add(-lookBack)
		}
		return due{reminder: r, at: in.known, earliest: earliest}
	}
	if r.kind == KindVanished || r.kind == KindUnknown {
		return due{reminder: r, at: p.now, earliest: p.now.Add(-lookBack)}
	}
	return due{reminder: r, at: r.crossed(), earliest: r.crossed()}
}

const reminderColumns = `r.service, r.instance, r.expires_at, r.threshold, r.channel, r.kind`

func reminderFields(r *reminder) []any {
	return []any{&r.service, &r.instance, (*instant)(&r.expires), (*span)(&r.threshold), &r.channel, &r.kind}
}

// saidAbout returns, by service and instance, what messages carry about some
// instances.
func saidAbout(ctx context.Context, q querier, p pass, about []subject) (map[subject][]carried, error) {
	said := make(map[subject][]carried)
	for chunk := range slices.Chunk(subjectRows(about), rowsPerTable) {
		var v params
		some, err := carriedFrom(ctx, q, v.table("TEXT TEXT", chunk)+` AS v CROSS JOIN reminder r JOIN message m ON m.key = r.message
			WHERE r.service = v.column1 AND r.instance = v.column2 AND r.kind IN ('expiry', 'renewed', 'reverted', 'vanished', 'unknown')`, v...)
		if err != nil {
			return nil, err
		}
		for about, all := range some {
			said[about] = toldIn(p.channelOf(about.service), all)
		}
	}
	return said, nil
}

// carriedWhere returns what messages carry, by what it is about; the clause
// chooses among the reminders, which are r.
func carriedWhere(ctx context.Context, q querier, clause string, args ...any) (map[subject][]carried, error) {
	return carriedFrom(ctx, q, `reminder r JOIN message m ON m.key = r.message `+clause, args...)
}

// carriedFrom is carriedWhere with all of the tables, of which one is reminder r
// and one message m.
func carriedFrom(ctx context.Context, q querier, from string, args ...any) (map[subject][]carried, error) {
	all, err := collect(ctx, q, func(scan func(...any) error) (c carried, err error) {
		err = scan(append(reminderFields(&c.reminder), &c.sent)...)
		return c, err
	}, `SELECT `+reminderColumns+`, m.sent_at IS NOT NULL FROM `+from, args...)
	said := make(map[subject][]carried)
	for _, c := range all {
		said[c.about()] = append(said[c.about()], c)
	}
	return said, err
}

// toldIn leaves what a channel was told.
func toldIn(channel string, said []carried) []carried {
	return slices.DeleteFunc(slices.Clone(said), func(c carried) bool { return c.channel != channel })
}

// putChecks writes when each instance needs its next decision.
func putChecks(ctx context.Context, tx *sql.Tx, decided []instance, next []time.Time) error {
	rows := make([][]any, len(decided))
	for i, in := range decided {
		rows[i] = []any{in.service, in.id, moment(next[i])}
	}
	for chunk := range slices.Chunk(rows, rowsPerTable) {
		var p params
		if _, err := exec(ctx, tx, `UPDATE instance SET check_at = v.column3 FROM `+p.table("TEXT TEXT BIGINT", chunk)+` AS v
			WHERE instance.service = v.column1 AND instance.id = v.column2`, p...); err != nil {
			return err
		}
	}
	return nil
}

// regroup puts reminders into messages, those of each channel into its own.
// Messages of the same kind that wait, certainly not posted, give up theirs to
// the new ones: what gathered while Slack could not be reached is said at once.
func regroup(ctx context.Context, tx *sql.Tx, p pass, kind Kind, fresh []due) error {
	byChannel := make(map[string][]due)
	for _, d := range fresh {
		byChannel[d.channel] = append(byChannel[d.channel], d)
	}
	for _, channel := range slices.Sorted(maps.Keys(byChannel)) {
		if err := regroupIn(ctx, tx, p, channel, kind, byChannel[channel]); err != nil {
			return err
		}
	}
	return nil
}

func regroupIn(ctx context.Context, tx *sql.Tx, p pass, channel string, kind Kind, fresh []due) error {
	waiting, err := unposted(ctx, tx, p, channel, kind)
	if err != nil {
		return err
	}
	if err := withdraw(ctx, tx, waiting); err != nil {
		return err
	}
	for _, w := range waiting {
		if w.stands {
			fresh = append(fresh, w.due)
		}
	}
	return putDrafts(ctx, tx, group(kind, fresh, p.now))
}

// waitingReminder is a reminder in a message that was certainly not posted.
type waitingReminder struct {
	due
	key    string // of the message
	parent string
	stands bool
}

// unposted returns what waits for a channel in messages that can still be made
// anew: they and the message in whose thread they go were certainly not posted.
// What Slack rejected stays apart, so that it cannot take others with it.
func unposted(ctx context.Context, tx *sql.Tx, p pass, channel string, kind Kind) ([]waitingReminder, error) {
	waiting, err := collect(ctx, tx, func(scan func(...any) error) (w waitingReminder, err error) {
		err = scan(append(reminderFields(&w.reminder), &w.key, &w.parent, (*instant)(&w.at), (*instant)(&w.earliest), (*instant)(&w.decided))...)
		return w, err
	}, `SELECT `+reminderColumns+`, m.key, m.parent, m.due_at, m.earliest_at, m.created_at
		FROM message m JOIN reminder r ON r.message = m.key
		WHERE m.channel = $1 AND m.kind = $2 AND m.sent_at IS NULL AND m.settled_at IS NULL AND m.unresolved = 0 AND m.plain = 0
			AND (m.parent = '' OR EXISTS (SELECT 1 FROM message u WHERE u.key = m.parent
				AND u.sent_at IS NULL AND u.settled_at IS NULL AND u.unresolved = 0))
		ORDER BY m.key`, channel, string(kind))
	if err != nil || len(waiting) == 0 {
		return nil, err
	}
	facts, err := factsOf(ctx, tx, keysOf(waiting))
	if err != nil {
		return nil, err
	}
	for i := range waiting {
		w := &waiting[i]
		w.stands = p.stands(w.reminder, facts, p.now)
		if w.kind == KindExpiry {
			w.at, w.earliest = w.crossed(), w.crossed()
		}
	}
	return waiting, nil
}

// keysOf returns the keys of their messages; they are sorted by it.
func keysOf(waiting []waitingReminder) []string {
	var keys []string
	for i, w := range waiting {
		if i == 0 || waiting[i-1].key != w.key {
			keys = append(keys, w.key)
		}
	}
	return keys
}

// withdraw removes waiting messages with their reminders, except one that was
// claimed in this moment.
func withdraw(ctx context.Context, tx *sql.Tx, waiting []waitingReminder) error {
	parents := make(map[string]bool)
	for i, w := range waiting {
		if i > 0 && waiting[i-1].key == w.key {
			continue
		}
		n, err := exec(ctx, tx, `DELETE FROM message WHERE key = $1 AND sent_at IS NULL AND unresolved = 0`, w.key)
		if err != nil {
			return err
		}
		if n == 0 {
			continue
		}
		if _, err := exec(ctx, tx, `DELETE FROM reminder WHERE message = $1`, w.key); err != nil {
			return err
		}
		if w.parent != "" {
			parents[w.parent] = true
		}
	}
	for key := range parents {
		if err := dropEmpty(ctx, tx, key); err != nil {
			return err
		}
	}
	return nil
}
