package notify

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"computeunits/qianfan"
)

// skewTolerance is how far Baidu's clock may be ahead of this one. An instance
// that is absent so shortly before its expiry is taken for expired, not gone.
const skewTolerance = 5 * time.Minute

// observation is the outcome of reading one service.
type observation struct {
	service   string
	at        time.Time // when the answer arrived, or the failure
	instances []qianfan.Instance
	err       error  // not nil: nothing was learnt about the instances
	requestID string // Baidu's id of the answer

	// ahead is how far the clock is ahead of the one that dated the answer, be it a
	// refusal; dated is false when nothing did.
	ahead time.Duration
	dated bool
}

// knowsLess says what a reading does not tell that was known before of the same
// instances, in words; "" when it tells all that. Such a reading is not complete,
// as after a change of the API: what is known stays, and ages.
func (o observation) knowsLess(stored []instance) string {
	read := make(map[string]qianfan.Instance, len(o.instances))
	nameless := 0
	for _, in := range o.instances {
		read[storable(in.ID)] = in
		if in.ID == "" {
			nameless++
		}
	}
	for _, was := range stored {
		if was.missed != listed || strings.Contains(was.id, "#") {
			continue
		}
		in, ok := read[was.id]
		switch {
		case !ok && nameless > 0:
			return fmt.Sprintf("instance %q is not listed, and %d instances have no id", was.id, nameless)
		case !ok || in.Timing == qianfan.Postpaid || in.Status == qianfan.Creating:
		case in.Timing == "" && was.timing == qianfan.Postpaid:
			return fmt.Sprintf("instance %q has no payment timing any more", was.id)
		case in.Expires.IsZero() && in.ExpiresRaw == "" && !was.expires.IsZero():
			return fmt.Sprintf("instance %q has no expiry any more", was.id)
		}
	}
	return ""
}

// rows turns a complete reading into the rows that stand for it, by id. What
// has no id, or one that stands for several expiries, is told apart by expiry:
// never by order, which would make one look like the renewal of another.
func (o observation) rows() []instance {
	first := make(map[string]time.Time, len(o.instances))
	several := make(map[string]bool)
	for _, in := range o.instances {
		expires, ok := first[in.ID]
		first[in.ID] = in.Expires
		several[in.ID] = several[in.ID] || in.ID == "" || ok && !expires.Equal(in.Expires)
	}
	rows := make([]instance, 0, len(o.instances))
	for _, in := range o.instances {
		row := instance{
			service: o.service, id: storable(in.ID), timing: cmp.Or(in.Timing, qianfan.Prepaid),
			replicas: in.Replicas, status: qianfan.Status(storable(string(in.Status))),
			start: wholeSeconds(in.Start), expires: wholeSeconds(in.Expires),
			expiresRaw: storable(in.ExpiresRaw), zoneAssumed: in.ExpiresAssumedZone,
			known: o.at, seen: o.at,
		}
		if several[in.ID] {
			row.id += "#"
			if !row.expires.IsZero() {
				row.id += row.expires.Format(time.RFC3339)
			}
		}
		rows = append(rows, row)
	}
	slices.SortStableFunc(rows, func(a, b instance) int {
		return cmp.Or(strings.Compare(a.id, b.id), cmp.Compare(b.replicas, a.replicas), strings.Compare(string(a.status), string(b.status)))
	})
	return mergeTwins(rows)
}

// mergeTwins leaves one row for each id. Twins without an id are two
// instances; twins with one are one instance that was listed twice.
func mergeTwins(rows []instance) []instance {
	merged := rows[:0]
	for _, row := range rows {
		last := len(merged) - 1
		if last < 0 || merged[last].id != row.id {
			merged = append(merged, row)
		} else if strings.HasPrefix(row.id, "#") {
			merged[last].replicas += row.replicas
		}
	}
	return merged
}

// fingerprint stands for rows in the ledger: equal fingerprints mean that
// nothing changed.
func fingerprint(rows []instance) string {
	h := sha256.New()
	var buf []byte
	text := func(s string) { buf = append(binary.AppendUvarint(buf, uint64(len(s))), s...) }
	for _, r := range rows {
		buf = buf[:0]
		text(r.id)
		text(string(r.timing))
		text(string(r.status))
		text(r.expiresRaw)
		buf = binary.AppendVarint(buf, int64(r.replicas))
		buf = binary.AppendVarint(buf, r.start.Unix())
		buf = binary.AppendVarint(buf, r.expires.Unix())
		buf = append(buf, byte(truth(r.zoneAssumed)))
		h.Write(buf)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// merge compares what is stored of a service with a complete reading of it, at
// the moment at; before is when the good read before this one was. It returns
// the rows to write, those of them whose expiry moved (with the old expiry),
// and whether an instance is being missed.
func merge(stored, read []instance, at, before time.Time) (changed []instance, moved []move, missed bool) {
	old := make(map[string]instance, len(stored))
	for _, in := range stored {
		old[in.id] = in
	}
	for _, in := range read {
		was, ok := old[in.id]
		delete(old, in.id)
		if in.expires.IsZero() { // what was known is not undone by what cannot be read
			in.expires, in.zoneAssumed = was.expires, was.zoneAssumed
		}
		switch {
		case !ok:
			in.knownAfter = before
		case was.expires.Equal(in.expires):
			in.known, in.knownAfter = was.known, was.knownAfter
		default:
			in.knownAfter = before
			moved = append(moved, move{in.service, in.id, was.expires, in.expires})
		}
		was.seen = in.seen
		if !ok || was != in {
			changed = append(changed, in)
		}
	}
	for _, in := range stored {
		if _, absent := old[in.id]; absent {
			if next := in.miss(at); next != in.missed {
				if in.missed == listed {
					in.seen = before
				}
				in.missed = next
				changed = append(changed, in)
			}
			missed = missed || in.missed == missing
		}
	}
	return changed, moved, missed
}

// move is an expiry that changed.
type move struct {
	service, instance string
	from, to          time.Time // zero: not known
}

// miss returns what missed becomes when a complete reading at the moment at
// does not list the instance.
func (in instance) miss(at time.Time) int {
	switch {
	case in.missed == gone || in.missed == unlisted:
		return in.missed
	case !in.expires.IsZero() && !at.Before(in.expires.Add(-skewTolerance)):
		return unlisted
	default:
		return in.missed + 1
	}
}

// failure writes what went wrong into the row of the service.
func (s *service) failure(o observation) {
	s.tried = o.at
	if s.failing.IsZero() {
		s.failing = o.at
	}
	s.refused, s.status, s.code, s.requestID = false, 0, "", ""
	s.message = storable(o.err.Error())
	if refusal, ok := errors.AsType[*qianfan.Error](o.err); ok {
		s.refused = !refusal.Temporary()
		s.status, s.code, s.requestID = refusal.Status, storable(refusal.Code), storable(refusal.RequestID)
		s.message = storable(refusal.Message)
	}
}

// success writes a good read into the row of the service.
func (s *service) success(at time.Time, fingerprint string) {
	if !s.failing.IsZero() {
		s.outageFrom, s.outageUntil = s.failing, at
	}
	s.read, s.tried, s.failing = at, at, time.Time{}
	s.refused, s.status, s.code, s.message, s.requestID = false, 0, "", "", ""
	s.fingerprint = fingerprint
}

// wholeSeconds normalises an instant before it becomes part of a key.
func wholeSeconds(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return time.Unix(t.Unix(), 0).UTC()
}

// storable is foreign text as both databases take it.
func storable(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
}
