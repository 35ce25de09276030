package notify

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"time"

	"computeunits/qianfan"
)

// observe writes what was read into the ledger. What it writes is proportional
// to what changed: of a service that is as it was, only when it was read.
// Of several observations of one service the last counts.
func (l *Ledger) observe(ctx context.Context, now time.Time, observations []observation) error {
	latest := make(map[string]observation, len(observations))
	for _, o := range observations {
		o.at = o.at.UTC().Truncate(time.Millisecond)
		latest[o.service] = o
	}
	ids := make([]string, 0, len(latest))
	for id := range latest {
		ids = append(ids, id)
	}
	slices.Sort(ids) // so that two processes lock rows in the same order
	for len(ids) > 0 {
		n := pieceOf(ids, latest)
		if err := l.db.write(ctx, "recording observations", func(tx *sql.Tx) error { return observeChunk(ctx, tx, now, ids[:n], latest) }); err != nil {
			return err
		}
		ids = ids[n:]
	}
	return nil
}

// pieceOf returns how many of the services one transaction writes about, by how
// much was read of them.
func pieceOf(ids []string, read map[string]observation) (n int) {
	rows := 0
	for n < min(len(ids), rowsPerStatement) && (n == 0 || rows+len(read[ids[n]].instances) <= pieceSize) {
		rows += len(read[ids[n]].instances)
		n++
	}
	return n
}

func observeChunk(ctx context.Context, tx *sql.Tx, now time.Time, ids []string, latest map[string]observation) error {
	known, err := services(ctx, tx, ids)
	if err != nil {
		return err
	}
	var untouched, changed []string
	oldest := now
	rows := make(map[string][]instance)
	for _, id := range ids {
		o, s := latest[id], known[id]
		if o.err != nil {
			s.failure(o)
			known[id] = s
			continue
		}
		read := o.rows()
		if s.fingerprint != "" && s.failing.IsZero() && s.fingerprint == fingerprint(read) {
			untouched = append(untouched, id)
			if o.at.Before(oldest) {
				oldest = o.at
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
func mergeServices(ctx context.Context, tx *sql.Tx, now time.Time, ids []string, known map[string]service, rows map[string][]instance, latest map[string]observation) error {
	stored, err := instances(ctx, tx, ids)
	if err != nil {
		return err
	}
	var write []instance
	var news []subject
	vanished := false
	for _, id := range ids {
		s, at := known[id], latest[id].at
		if less := latest[id].knowsLess(stored[id]); less != "" {
			o := latest[id]
			o.err = &qianfan.Error{Op: "DescribeComputeUnits", ServiceID: id, Status: 200, Code: qianfan.UnknownForm,
				Message: "the answer tells less than the one before: " + less, RequestID: o.requestID}
			s.failure(o)
			known[id] = s
			continue
		}
		c := merge(stored[id], rows[id], at, s.read)
		write = append(write, c.write...)
		news = append(news, c.news...)
		vanished = vanished || c.vanished
		mark := ""
		if !c.missed {
			mark = fingerprint(rows[id])
		}
		s.success(at, mark)
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

func scanService(scan func(...any) error) (service, error) {
	var s service
	err := scan(&s.id, &s.fingerprint, (*instant)(&s.read), (*instant)(&s.tried), (*instant)(&s.failing), &s.refused,
		&s.status, &s.code, &s.message, &s.requestID, (*instant)(&s.outageFrom), (*instant)(&s.outageUntil), (*instant)(&s.noticed))
	return s, err
}

// services returns the rows of these services, with an empty one for each that
// is not known yet.
func services(ctx context.Context, q querier, ids []string) (map[string]service, error) {
	known := make(map[string]service, len(ids))
	for chunk := range slices.Chunk(ids, rowsPerStatement) {
		var p params
		rows, err := collect(ctx, q, scanService, `SELECT `+serviceColumns+` FROM service WHERE id IN `+p.list(anys(chunk)...), p...)
		if err != nil {
			return nil, err
		}
		for _, id := range chunk {
			known[id] = service{id: id}
		}
		for _, s := range rows {
			known[s.id] = s
		}
	}
	return known, nil
}

// touch notes that services were read and are as they were.
func touch(ctx context.Context, tx *sql.Tx, ids []string, at time.Time) error {
	if len(ids) == 0 {
		return nil
	}
	p := params{at.UnixMilli()}
	_, err := exec(ctx, tx, `UPDATE service SET read_at = $1, tried_at = $1 WHERE id IN `+p.list(anys(ids)...), p...)
	return err
}

func putServices(ctx context.Context, tx *sql.Tx, ids []string, rows map[string]service) error {
	ids = slices.DeleteFunc(slices.Clone(ids), func(id string) bool { _, ok := rows[id]; return !ok })
	for chunk := range slices.Chunk(ids, rowsPerInsert) {
		if err := putServiceChunk(ctx, tx, chunk, rows); err != nil {
			return err
		}
	}
	return nil
}

func putServiceChunk(ctx context.Context, tx *sql.Tx, ids []string, rows map[string]service) error {
	var p params
	values := make([]string, len(ids))
	for i, id := range ids {
		s := rows[id]
		values[i] = p.list(s.id, s.fingerprint, moment(s.read), moment(s.tried), moment(s.failing), truth(s.refused),
			s.status, s.code, s.message, s.requestID, moment(s.outageFrom), moment(s.outageUntil), moment(s.noticed))
	}
	_, err := exec(ctx, tx, `INSERT INTO service (`+serviceColumns+`) VALUES `+strings.Join(values, ",")+`
		ON CONFLICT (id) DO UPDATE SET fingerprint = excluded.fingerprint, read_at = excluded.read_at, tried_at = excluded.tried_at,
			failing_since = excluded.failing_since, refused = excluded.refused, http_status = excluded.http_status,
			code = excluded.code, message = excluded.message, request_id = excluded.request_id,
			outage_from = excluded.outage_from, outage_until = excluded.outage_until`, p...)
	return err
}

const instanceColumns = `service, id, timing, replicas, status, start_at, expires_at, expires_raw, zone_assumed,
	known_at, known_after, seen_at, missed`

func scanInstance(scan func(...any) error) (instance, error) {
	var i instance
	err := scan(instanceFields(&i)...)
	return i, err
}

// fields are where the instanceColumns are scanned into.
func instanceFields(i *instance) []any {
	return []any{&i.service, &i.id, &i.timing, &i.replicas, &i.status, (*instant)(&i.start), (*instant)(&i.expires), &i.expiresRaw,
		&i.zoneAssumed, (*instant)(&i.known), (*instant)(&i.knownAfter), (*instant)(&i.seen), &i.missed}
}

// instances returns the rows of these services, also of instances that are gone.
func instances(ctx context.Context, q querier, serviceIDs []string) (map[string][]instance, error) {
	known := make(map[string][]instance, len(serviceIDs))
	for chunk := range slices.Chunk(serviceIDs, rowsPerStatement) {
		var p params
		rows, err := collect(ctx, q, scanInstance, `SELECT `+instanceColumns+` FROM instance WHERE service IN `+p.list(anys(chunk)...), p...)
		if err != nil {
			return nil, err
		}
		for _, i := range rows {
			known[i.service] = append(known[i.service], i)
		}
	}
	return known, nil
}

// putInstances writes rows and has each decided about in the next pass.
func putInstances(ctx context.Context, tx *sql.Tx, rows []instance) error {
	for chunk := range slices.Chunk(rows, rowsPerInsert) {
		var p params
		values := make([]string, len(chunk))
		for n, i := range chunk {
			values[n] = p.list(i.service, i.id, string(i.timing), i.replicas, string(i.status), moment(i.start), moment(i.expires), i.expiresRaw,
				truth(i.zoneAssumed), moment(i.known), moment(i.knownAfter), moment(i.seen), i.missed, 0)
		}
		if _, err := exec(ctx, tx, `INSERT INTO instance (`+instanceColumns+`, check_at) VALUES `+strings.Join(values, ",")+`
			ON CONFLICT (service, id) DO UPDATE SET timing = excluded.timing, replicas = excluded.replicas, status = excluded.status,
				start_at = excluded.start_at, expires_at = excluded.expires_at, expires_raw = excluded.expires_raw,
				zone_assumed = excluded.zone_assumed, known_at = excluded.known_at, known_after = excluded.known_after,
				seen_at = excluded.seen_at, missed = excluded.missed, check_at = excluded.check_at`, p...); err != nil {
			return err
		}
	}
	return nil
}

// anys widens a slice for the parameters of a statement.
func anys[T any](values []T) []any {
	wide := make([]any, len(values))
	for i, v := range values {
		wide[i] = v
	}
	return wide
}
