package ledger

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"time"

	"computeunits/notify/database"
	"computeunits/notify/plan"
	"computeunits/qianfan"
)

// Observe writes what was read into the ledger. What it writes is proportional
// to what changed: of a service that is as it was, only when it was read.
// Of several observations of one service the last counts.
func (l Readings) Observe(ctx context.Context, now time.Time, observations []plan.Observation) error {
	latest := make(map[string]plan.Observation, len(observations))
	for _, o := range observations {
		o.At = o.At.UTC().Truncate(time.Millisecond)
		latest[o.Service] = o
	}
	ids := make([]string, 0, len(latest))
	for id := range latest {
		ids = append(ids, id)
	}
	slices.Sort(ids) // so that two processes lock rows in the same order
	for len(ids) > 0 {
		n := pieceOf(ids, latest)
		if err := l.DB.Write(ctx, "recording observations", func(tx *sql.Tx) error { return observeChunk(ctx, tx, now, ids[:n], latest) }); err != nil {
			return err
		}
		ids = ids[n:]
	}
	return nil
}

// pieceOf returns how many of the services one transaction writes about, by how
// much was read of them.
func pieceOf(ids []string, read map[string]plan.Observation) (n int) {
	rows := 0
	for n < min(len(ids), rowsPerStatement) && (n == 0 || rows+len(read[ids[n]].Instances) <= pieceSize) {
		rows += len(read[ids[n]].Instances)
		n++
	}
	return n
}

func observeChunk(ctx context.Context, tx *sql.Tx, now time.Time, ids []string, latest map[string]plan.Observation) error {
	known, err := services(ctx, tx, ids)
	if err != nil {
		return err
	}
	var untouched, changed []string
	oldest := now
	rows := make(map[string][]plan.Instance)
	for _, id := range ids {
		o, s := latest[id], known[id]
		if o.Err != nil {
			s.Failure(o)
			known[id] = s
			continue
		}
		read := o.Rows()
		if s.Fingerprint != "" && s.Failing.IsZero() && s.Fingerprint == plan.Fingerprint(read) {
			untouched = append(untouched, id)
			if o.At.Before(oldest) {
				oldest = o.At
			}
			delete(known, id)
			continue
		}
		changed = append(changed, id)
		rows[id] = read
	}
	// One moment for all of them, the oldest, so that no data seems younger
	// than it is.
	if err := touch(ctx, tx, untouched, oldest.UTC().Truncate(time.Millisecond)); err != nil {
		return err
	}
	if err := mergeServices(ctx, tx, now, changed, known, rows, latest); err != nil {
		return err
	}
	return putServices(ctx, tx, ids, known)
}

// mergeServices stores the instances of services that changed, and has every
// message looked at again that told of an expiry which moved, or of nothing that
// expires when something vanished.
func mergeServices(ctx context.Context, tx *sql.Tx, now time.Time, ids []string, known map[string]plan.ServiceState, rows map[string][]plan.Instance, latest map[string]plan.Observation) error {
	stored, err := Instances(ctx, tx, ids)
	if err != nil {
		return err
	}
	var write []plan.Instance
	var news []plan.InstanceKey
	vanished := false
	for _, id := range ids {
		s, at := known[id], latest[id].At
		if less := latest[id].KnowsLess(stored[id]); less != "" {
			o := latest[id]
			o.Err = &qianfan.Error{Op: "DescribeComputeUnits", ServiceID: id, Status: 200, Code: qianfan.UnknownForm,
				Message: "the answer tells less than the one before: " + less, RequestID: o.RequestID}
			s.Failure(o)
			known[id] = s
			continue
		}
		c := plan.Merge(stored[id], rows[id], at, s.Read)
		write = append(write, c.Write...)
		news = append(news, c.News...)
		vanished = vanished || c.Vanished
		mark := ""
		if !c.Missed {
			mark = plan.Fingerprint(rows[id])
		}
		s.Success(at, mark)
		known[id] = s
	}
	if err := putInstances(ctx, tx, write); err != nil {
		return err
	}
	if vanished {
		if err := markDigests(ctx, tx, now); err != nil {
			return err
		}
	}
	return markCarriers(ctx, tx, now, news)
}

const serviceColumns = `id, fingerprint, read_at, tried_at, failing_since, refused, http_status, code, message, request_id,
	outage_from, outage_until, noticed`

func scanService(scan func(...any) error) (plan.ServiceState, error) {
	var s plan.ServiceState
	err := scan(&s.ID, &s.Fingerprint, (*database.Instant)(&s.Read), (*database.Instant)(&s.Tried), (*database.Instant)(&s.Failing), &s.Refused,
		&s.Status, &s.Code, &s.Message, &s.RequestID, (*database.Instant)(&s.OutageFrom), (*database.Instant)(&s.OutageUntil), (*database.Instant)(&s.Noticed))
	return s, err
}

// services returns the rows of these services, with an empty one for each that
// is not known yet.
func services(ctx context.Context, q database.Querier, ids []string) (map[string]plan.ServiceState, error) {
	known := make(map[string]plan.ServiceState, len(ids))
	for chunk := range slices.Chunk(ids, rowsPerStatement) {
		var p database.Params
		rows, err := database.Collect(ctx, q, scanService, `SELECT `+serviceColumns+` FROM service WHERE id IN `+p.List(database.Anys(chunk)...), p...)
		if err != nil {
			return nil, err
		}
		for _, id := range chunk {
			known[id] = plan.ServiceState{ID: id}
		}
		for _, s := range rows {
			known[s.ID] = s
		}
	}
	return known, nil
}

// touch notes that services were read and are as they were.
func touch(ctx context.Context, tx *sql.Tx, ids []string, at time.Time) error {
	if len(ids) == 0 {
		return nil
	}
	p := database.Params{at.UnixMilli()}
	_, err := database.Exec(ctx, tx, `UPDATE service SET read_at = $1, tried_at = $1 WHERE id IN `+p.List(database.Anys(ids)...), p...)
	return err
}

func putServices(ctx context.Context, tx *sql.Tx, ids []string, rows map[string]plan.ServiceState) error {
	ids = slices.DeleteFunc(slices.Clone(ids), func(id string) bool { _, ok := rows[id]; return !ok })
	for chunk := range slices.Chunk(ids, rowsPerInsert) {
		if err := putServiceChunk(ctx, tx, chunk, rows); err != nil {
			return err
		}
	}
	return nil
}

func putServiceChunk(ctx context.Context, tx *sql.Tx, ids []string, rows map[string]plan.ServiceState) error {
	var p database.Params
	values := make([]string, len(ids))
	for i, id := range ids {
		s := rows[id]
		values[i] = p.List(s.ID, s.Fingerprint, database.Millis(s.Read), database.Millis(s.Tried), database.Millis(s.Failing), database.BoolToInt(s.Refused),
			s.Status, s.Code, s.Message, s.RequestID, database.Millis(s.OutageFrom), database.Millis(s.OutageUntil), database.Millis(s.Noticed))
	}
	_, err := database.Exec(ctx, tx, `INSERT INTO service (`+serviceColumns+`) VALUES `+strings.Join(values, ",")+`
		ON CONFLICT (id) DO UPDATE SET fingerprint = excluded.fingerprint, read_at = excluded.read_at, tried_at = excluded.tried_at,
			failing_since = excluded.failing_since, refused = excluded.refused, http_status = excluded.http_status,
			code = excluded.code, message = excluded.message, request_id = excluded.request_id,
			outage_from = excluded.outage_from, outage_until = excluded.outage_until`, p...)
	return err
}

const instanceColumns = `service, id, timing, replicas, status, start_at, expires_at, expires_raw, zone_assumed,
	known_at, known_after, seen_at, missed`

func scanInstance(scan func(...any) error) (plan.Instance, error) {
	var i plan.Instance
	err := scan(instanceFields(&i)...)
	return i, err
}

// fields are where the instanceColumns are scanned into.
func instanceFields(i *plan.Instance) []any {
	return []any{&i.Service, &i.ID, &i.Timing, &i.Replicas, &i.Status, (*database.Instant)(&i.Start), (*database.Instant)(&i.Expires), &i.ExpiresRaw,
		&i.ZoneAssumed, (*database.Instant)(&i.Known), (*database.Instant)(&i.KnownAfter), (*database.Instant)(&i.Seen), &i.Missed}
}

// Instances returns the rows of these services, also of instances that are gone.
func Instances(ctx context.Context, q database.Querier, serviceIDs []string) (map[string][]plan.Instance, error) {
	known := make(map[string][]plan.Instance, len(serviceIDs))
	for chunk := range slices.Chunk(serviceIDs, rowsPerStatement) {
		var p database.Params
		rows, err := database.Collect(ctx, q, scanInstance, `SELECT `+instanceColumns+` FROM instance WHERE service IN `+p.List(database.Anys(chunk)...), p...)
		if err != nil {
			return nil, err
		}
		for _, i := range rows {
			known[i.Service] = append(known[i.Service], i)
		}
	}
	return known, nil
}

// putInstances writes rows and has each decided about in the next pass.
func putInstances(ctx context.Context, tx *sql.Tx, rows []plan.Instance) error {
	for chunk := range slices.Chunk(rows, rowsPerInsert) {
		var p database.Params
		values := make([]string, len(chunk))
		for n, i := range chunk {
			values[n] = p.List(i.Service, i.ID, string(i.Timing), i.Replicas, string(i.Status), database.Millis(i.Start), database.Millis(i.Expires), i.ExpiresRaw,
				database.BoolToInt(i.ZoneAssumed), database.Millis(i.Known), database.Millis(i.KnownAfter), database.Millis(i.Seen), i.Missed, 0)
		}
		if _, err := database.Exec(ctx, tx, `INSERT INTO instance (`+instanceColumns+`, check_at) VALUES `+strings.Join(values, ",")+`
			ON CONFLICT (service, id) DO UPDATE SET timing = excluded.timing, replicas = excluded.replicas, status = excluded.status,
				start_at = excluded.start_at, expires_at = excluded.expires_at, expires_raw = excluded.expires_raw,
				zone_assumed = excluded.zone_assumed, known_at = excluded.known_at, known_after = excluded.known_after,
				seen_at = excluded.seen_at, missed = excluded.missed, check_at = excluded.check_at`, p...); err != nil {
			return err
		}
	}
	return nil
}
