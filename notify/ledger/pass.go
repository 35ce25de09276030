package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"time"

	"computeunits/notify/database"
	"computeunits/notify/guard"
	"computeunits/notify/plan"
)

// Pending is what a look at the ledger shows without deciding anything.
type Pending struct {
	candidates bool      // instances need a decision
	troubles   bool      // services fail, or did and the channel was told
	Waiting    int       // messages not posted yet
	Oldest     time.Time // since when the oldest of them waits
	Edits      bool      // posted messages to be looked at
}

const pendingQuery = `SELECT
	EXISTS (SELECT 1 FROM instance WHERE check_at <= $1),
	EXISTS (SELECT 1 FROM service WHERE failing_since IS NOT NULL OR noticed IS NOT NULL),
	(SELECT COUNT(*) FROM message WHERE sent_at IS NULL AND settled_at IS NULL),
	(SELECT MIN(CASE WHEN due_at > created_at THEN due_at ELSE created_at END) FROM message WHERE sent_at IS NULL AND settled_at IS NULL),
	EXISTS (SELECT 1 FROM message WHERE edit_at IS NOT NULL)`

// Pending looks whether there is anything to do. It is all that most passes
// cost, however much the ledger holds.
func (l Decisions) Pending(ctx context.Context, now time.Time) (Pending, error) {
	return pendingAt(ctx, l.DB, now)
}

func pendingAt(ctx context.Context, q database.Querier, now time.Time) (Pending, error) {
	all, err := database.Collect(ctx, q, func(scan func(...any) error) (g Pending, err error) {
		err = scan(&g.candidates, &g.troubles, &g.Waiting, (*database.Instant)(&g.Oldest), &g.Edits)
		return g, err
	}, pendingQuery, now.UnixMilli())
	if err != nil {
		return Pending{}, err
	}
	return all[0], nil
}

// Decide makes a pass and returns what the ledger then holds for delivery.
func (l Decisions) Decide(ctx context.Context, p plan.Evaluation) (Pending, error) {
	g, err := l.Pending(ctx, p.Now)
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
	err = l.DB.Write(ctx, "deciding", func(tx *sql.Tx) error {
		if g.troubles {
			if err := decideTroubles(ctx, tx, p); err != nil {
				return err
			}
		}
		for _, channel := range undigested {
			if err := decideDigest(ctx, tx, p.Only(channel), today); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return g, err
	}
	return l.Pending(ctx, p.Now)
}

// pieceSize is how many instances, or rows, one transaction writes about where
// there are many: whoever else wants to write waits for no more.
const pieceSize = 4 * rowsPerTable

// decideInstances decides about the instances whose time has come, a piece at a
// time. Those about which there is something to say come first and together, so
// that it can be said together.
func (l Decisions) decideInstances(ctx context.Context, p plan.Evaluation) error {
	all, due, err := l.candidates(ctx, p)
	if err != nil {
		return err
	}
	pieces := slices.Collect(slices.Chunk(all, pieceSize))
	if len(due) > 0 {
		pieces = append([][]plan.InstanceKey{due}, pieces...)
	}
	for _, piece := range pieces {
		if err := l.DB.Write(ctx, "deciding", func(tx *sql.Tx) error { return l.decideSome(ctx, tx, p, piece) }); err != nil {
			return err
		}
	}
	return nil
}

// candidates returns the instances whose time has come, and, where they do not
// make one piece, those of them about which there seems to be something to say.
func (l Decisions) candidates(ctx context.Context, p plan.Evaluation) (all, due []plan.InstanceKey, err error) {
	err = l.DB.Read(ctx, func(q database.Querier) error {
		all, err = database.Collect(ctx, q, func(scan func(...any) error) (s plan.InstanceKey, err error) {
			err = scan(&s.Service, &s.Instance)
			return s, err
		}, `SELECT service, id FROM instance WHERE check_at <= $1 ORDER BY service, id`, p.Now.UnixMilli())
		if err != nil || len(all) <= pieceSize {
			return err
		}
		for piece := range slices.Chunk(all, pieceSize) {
			f, err := findingsOf(ctx, q, p, piece)
			if err != nil {
				return err
			}
			for i, in := range f.instances {
				if f.verdicts[i].Speaks() {
					due = append(due, plan.InstanceKey{Service: in.Service, Instance: in.ID})
				}
			}
		}
		return nil
	})
	return all, due, err
}

// findings are what is to be done about some instances.
type findings struct {
	instances []plan.Instance
	verdicts  []plan.Decision // of each
	paused    plan.Pauses
}

// findingsOf judges those of some instances whose time has come.
func findingsOf(ctx context.Context, q database.Querier, p plan.Evaluation, about []plan.InstanceKey) (f findings, err error) {
	for chunk := range slices.Chunk(subjectRows(about), rowsPerTable) {
		var v database.Params
		text := `SELECT ` + database.Prefixed("i.", instanceColumns) + ` FROM ` + v.Table("TEXT TEXT", chunk) + ` AS v
			CROSS JOIN instance i WHERE i.service = v.column1 AND i.id = v.column2 AND i.check_at <= ` + fmt.Sprintf("$%d", len(v)+1)
		some, err := database.Collect(ctx, q, scanInstance, text, append(v, p.Now.UnixMilli())...)
		if err != nil {
			return f, err
		}
		f.instances = append(f.instances, some...)
	}
	expiries := make([]plan.Expiry, len(f.instances))
	for i, in := range f.instances {
		expiries[i] = plan.Expiry{Service: in.Service, Instance: in.ID, Expires: in.Expires}
	}
	if f.paused, err = pausesAbout(ctx, q, expiries); err != nil {
		return f, err
	}
	said, err := saidAbout(ctx, q, p, about)
	if err != nil {
		return f, err
	}
	known, err := services(ctx, q, plan.ServicesOf(f.instances))
	if err != nil {
		return f, err
	}
	candidates := f.instances
	f.instances = nil
	for _, in := range candidates {
		var v plan.Decision
		if err := guard.Safely(func() error {
			v = p.Decide(in, f.paused.Of(plan.InstanceKey{Service: in.Service, Instance: in.ID}, in.Expires), said[plan.InstanceKey{Service: in.Service, Instance: in.ID}], p.Now)
			return nil
		}); err != nil { // it keeps no other from being decided about
			p.Report(err, "panic while deciding about an instance; it is decided about again in an hour", "service", in.Service, "instance", in.ID)
			v = plan.Decision{Next: p.Now.Add(plan.PoisonRest)}
		}
		if slices.ContainsFunc(v.Reminders(), func(r plan.Reminder) bool { return !p.MayTell(r, known[r.Service]) }) {
			continue // once its service was read, it is asked about again
		}
		f.instances, f.verdicts = append(f.instances, in), append(f.verdicts, v)
	}
	return f, nil
}

// decideSome decides about those of some instances whose time has come.
func (l Decisions) decideSome(ctx context.Context, tx *sql.Tx, p plan.Evaluation, about []plan.InstanceKey) error {
	for chunk := range slices.Chunk(subjectRows(about), rowsPerTable) {
		var v database.Params
		if err := l.hold(ctx, tx, v.Table("TEXT TEXT", chunk)+` AS v CROSS JOIN instance i WHERE i.service = v.column1 AND i.id = v.column2`, v...); err != nil {
			return err
		}
	}
	f, err := findingsOf(ctx, tx, p, about)
	if err != nil {
		return err
	}
	found := make(map[plan.Kind][]plan.Due)
	next := make([]time.Time, len(f.instances))
	for i, in := range f.instances {
		next[i] = f.verdicts[i].Next
		for _, r := range f.verdicts[i].Reminders() {
			found[r.Kind] = append(found[r.Kind], p.Due(r, in))
		}
	}
	if err := markEnded(ctx, tx, p.Now, f.paused); err != nil {
		return err
	}
	for _, kind := range []plan.Kind{plan.KindExpiry, plan.KindRenewed, plan.KindReverted, plan.KindVanished, plan.KindUnknown} {
		if err := regroup(ctx, tx, p, kind, found[kind]); err != nil {
			return err
		}
	}
	return putChecks(ctx, tx, f.instances, next)
}

const reminderColumns = `r.service, r.instance, r.expires_at, r.threshold, r.channel, r.kind`

func reminderFields(r *plan.Reminder) []any {
	return []any{&r.Service, &r.Instance, (*database.Instant)(&r.Expires), (*database.Duration)(&r.Threshold), &r.Channel, &r.Kind}
}

// saidAbout returns, by service and instance, what messages carry about some
// instances.
func saidAbout(ctx context.Context, q database.Querier, p plan.Evaluation, about []plan.InstanceKey) (map[plan.InstanceKey][]plan.Carried, error) {
	said := make(map[plan.InstanceKey][]plan.Carried)
	for chunk := range slices.Chunk(subjectRows(about), rowsPerTable) {
		var v database.Params
		some, err := carriedFrom(ctx, q, v.Table("TEXT TEXT", chunk)+` AS v CROSS JOIN reminder r JOIN message m ON m.key = r.message
			WHERE r.service = v.column1 AND r.instance = v.column2 AND r.kind IN ('expiry', 'renewed', 'reverted', 'vanished', 'unknown')`, v...)
		if err != nil {
			return nil, err
		}
		for about, all := range some {
			said[about] = plan.ToldIn(p.ChannelOf(about.Service), all)
		}
	}
	return said, nil
}

// carriedWhere returns what messages carry, by what it is about; the clause
// chooses among the reminders, which are r.
func carriedWhere(ctx context.Context, q database.Querier, clause string, args ...any) (map[plan.InstanceKey][]plan.Carried, error) {
	return carriedFrom(ctx, q, `reminder r JOIN message m ON m.key = r.message `+clause, args...)
}

// carriedFrom is carriedWhere with all of the tables, of which one is reminder r
// and one message m.
func carriedFrom(ctx context.Context, q database.Querier, from string, args ...any) (map[plan.InstanceKey][]plan.Carried, error) {
	all, err := database.Collect(ctx, q, func(scan func(...any) error) (c plan.Carried, err error) {
		err = scan(append(reminderFields(&c.Reminder), &c.Sent)...)
		return c, err
	}, `SELECT `+reminderColumns+`, m.sent_at IS NOT NULL FROM `+from, args...)
	said := make(map[plan.InstanceKey][]plan.Carried)
	for _, c := range all {
		said[c.About()] = append(said[c.About()], c)
	}
	return said, err
}

// putChecks writes when each instance needs its next decision.
func putChecks(ctx context.Context, tx *sql.Tx, decided []plan.Instance, next []time.Time) error {
	rows := make([][]any, len(decided))
	for i, in := range decided {
		rows[i] = []any{in.Service, in.ID, database.Millis(next[i])}
	}
	for chunk := range slices.Chunk(rows, rowsPerTable) {
		var p database.Params
		if _, err := database.Exec(ctx, tx, `UPDATE instance SET check_at = v.column3 FROM `+p.Table("TEXT TEXT BIGINT", chunk)+` AS v
			WHERE instance.service = v.column1 AND instance.id = v.column2`, p...); err != nil {
			return err
		}
	}
	return nil
}

// regroup puts reminders into messages, those of each channel into its own.
// Messages of the same kind that wait, certainly not posted, give up theirs to
// the new ones: what gathered while Slack could not be reached is said at once.
func regroup(ctx context.Context, tx *sql.Tx, p plan.Evaluation, kind plan.Kind, fresh []plan.Due) error {
	byChannel := make(map[string][]plan.Due)
	for _, d := range fresh {
		byChannel[d.Channel] = append(byChannel[d.Channel], d)
	}
	for _, channel := range slices.Sorted(maps.Keys(byChannel)) {
		if err := regroupIn(ctx, tx, p, channel, kind, byChannel[channel]); err != nil {
			return err
		}
	}
	return nil
}

func regroupIn(ctx context.Context, tx *sql.Tx, p plan.Evaluation, channel string, kind plan.Kind, fresh []plan.Due) error {
	waiting, err := unposted(ctx, tx, p, channel, kind)
	if err != nil {
		return err
	}
	if err := deletePending(ctx, tx, waiting); err != nil {
		return err
	}
	for _, w := range waiting {
		if w.stands {
			fresh = append(fresh, w.Due)
		}
	}
	return putDrafts(ctx, tx, plan.Group(kind, fresh, p.Now))
}

// waitingReminder is a reminder in a message that was certainly not posted.
type waitingReminder struct {
	plan.Due
	key    string // of the message
	parent string
	stands bool
}

// unposted returns what waits for a channel in messages that can still be made
// anew: they and the message in whose thread they go were certainly not posted.
// What Slack rejected stays apart, so that it cannot take others with it.
func unposted(ctx context.Context, tx *sql.Tx, p plan.Evaluation, channel string, kind plan.Kind) ([]waitingReminder, error) {
	waiting, err := database.Collect(ctx, tx, func(scan func(...any) error) (w waitingReminder, err error) {
		err = scan(append(reminderFields(&w.Reminder), &w.key, &w.parent, (*database.Instant)(&w.At), (*database.Instant)(&w.Earliest), (*database.Instant)(&w.Decided))...)
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
		w.stands = p.StillRelevant(w.Reminder, facts, p.Now)
		if w.Kind == plan.KindExpiry {
			w.At, w.Earliest = w.DueAt(), w.DueAt()
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

// deletePending removes waiting messages with their reminders, except one that was
// claimed in this moment.
func deletePending(ctx context.Context, tx *sql.Tx, waiting []waitingReminder) error {
	parents := make(map[string]bool)
	for i, w := range waiting {
		if i > 0 && waiting[i-1].key == w.key {
			continue
		}
		n, err := database.Exec(ctx, tx, `DELETE FROM message WHERE key = $1 AND sent_at IS NULL AND unresolved = 0`, w.key)
		if err != nil {
			return err
		}
		if n == 0 {
			continue
		}
		if _, err := database.Exec(ctx, tx, `DELETE FROM reminder WHERE message = $1`, w.key); err != nil {
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
