package notify

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
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
// as after a change of the API: what is known stays, and ages. What expired so
// long ago that it is usually cleared for good is nothing that can be lost, so
// that this ends by itself. What is written in the place of an expiry and cannot
// be read is not less: it is named, and what was known of it stays.
func (o observation) knowsLess(stored []instance) string {
	read := make(map[string]qianfan.Instance, len(o.instances))
	nameless := 0
	for _, in := range o.instances {
		if id := storable(in.ID); id == "" {
			nameless++
		} else if other, twice := read[id]; !twice || other.Expires.IsZero() {
			read[id] = in
		}
	}
	known := slices.DeleteFunc(slices.Clone(stored), func(was instance) bool {
		return was.missed != listed && was.missed != missing || !was.expires.IsZero() && o.at.After(was.expires.Add(retention))
	})
	for _, was := range known {
		if named(was.id) == "" {
			nameless-- // it had none before either
		}
	}
	for _, was := range known {
		id := named(was.id)
		if id == "" {
			continue
		}
		in, ok := read[id]
		switch {
		case !ok && nameless > 0:
			return fmt.Sprintf("instance %q is not listed, and %d more than before have no id", id, nameless)
		case ok && documented(was.timing) && !documented(in.Timing):
			return fmt.Sprintf("instance %q had the payment timing %s and has %q", id, was.timing, in.Timing)
		case !ok || in.Timing == qianfan.Postpaid || in.Status == qianfan.Creating || in.Status == qianfan.Deleted:
		case in.Expires.IsZero() && in.ExpiresRaw == "" && !was.expires.IsZero():
			return fmt.Sprintf("instance %q has no expiry any more", id)
		}
	}
	return ""
}

// documented reports whether a payment timing is one of the words that are.
func documented(t qianfan.PaymentTiming) bool { return t == qianfan.Prepaid || t == qianfan.Postpaid }

// prepaid reports whether an instance has an expiry that matters. Only prepaid
// ones are asked for, so one without a payment timing, or with an unknown word,
// is prepaid.
func (in instance) prepaid() bool { return in.timing != qianfan.Postpaid }

// named is the id that Qianfan gave to the instance of a row; "" if none.
func named(row string) string {
	id, _, _ := strings.Cut(row, "#")
	return id
}

// rows turns a complete reading into the rows that stand for it, by id. What
// has no id, or one that stands for several expiries, is told apart by expiry:
// never by order, which would make one look like the renewal of another. Those
// without an id that expire together are counted.
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
			service: o.service, id: storable(in.ID), timing: qianfan.PaymentTiming(storable(string(in.Timing))),
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
		return cmp.Or(strings.Compare(a.id, b.id), cmp.Compare(b.replicas, a.replicas), strings.Compare(string(a.status), string(b.status)),
			a.start.Compare(b.start), strings.Compare(a.expiresRaw, b.expiresRaw))
	})
	return apart(rows)
}

// apart leaves one row for each id. Twins without an id are two instances, of
// which the second is called so; twins with one are one that was listed twice.
func apart(rows []instance) []instance {
	kept := rows[:0]
	twins := 1
	for _, row := range rows {
		twin := len(kept) > 0 && kept[len(kept)-twins].id == row.id
		switch {
		case !twin:
			twins = 1
		case named(row.id) != "":
			continue
		default:
			twins++
			row.id += "#" + strconv.Itoa(twins)
		}
		kept = append(kept, row)
	}
	return kept
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
		var assumed byte
		if r.zoneAssumed {
			assumed = 1
		}
		buf = append(buf, assumed)
		h.Write(buf)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// merge compares what is stored of a service with a complete reading of it, at
// the moment at; before is when the good read before this one was.
func merge(stored, read []instance, at, before time.Time) (c comparison) {
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
		if ok && was.missed == gone {
			c.news = append(c.news, subject{in.service, in.id})
		}
		switch {
		case !ok:
			in.knownAfter = before
		case was.expires.Equal(in.expires):
			in.known, in.knownAfter = was.known, was.knownAfter
		default:
			in.knownAfter = before
			c.news = append(c.news, subject{in.service, in.id})
		}
		was.seen = in.seen
		if !ok || was != in {
			c.write = append(c.write, in)
		}
	}
	heirs := heirsAmong(stored, read)
	for _, in := range stored {
		if _, absent := old[in.id]; absent {
			if next := in.miss(at); next != in.missed {
				switch {
				case next == gone && (in.over() || heirs.take(in)):
					in.seen = time.Unix(0, 0).UTC()
				case next == gone:
					in.seen, c.vanished = at, true
				case in.missed == listed:
					in.seen = before
				}
				in.missed = next
				c.write = append(c.write, in)
			}
			c.missed = c.missed || in.missed == missing
		}
	}
	return c
}

// comparison is what a complete reading changes.
type comparison struct {
	write    []instance // rows
	news     []subject  // whose expiry moved, or that are listed again
	missed   bool       // an instance is absent for the first time
	vanished bool       // one is believed to be gone
}

// over reports whether nobody misses an instance when it is not listed any more.
func (in instance) over() bool { return in.status == qianfan.Deleted || in.status == qianfan.Creating }

// heirs are the rows that took the place of others of the same instances: those
// of an id, and how many without an id by the last reading before they were known.
type heirs struct {
	named    map[string]bool
	nameless map[time.Time]int
}

func heirsAmong(stored, read []instance) heirs {
	h := heirs{make(map[string]bool, len(read)), make(map[time.Time]int)}
	listed := make(map[string]bool, len(read))
	for _, in := range read {
		h.named[named(in.id)], listed[in.id] = true, true
	}
	for _, in := range stored {
		if named(in.id) == "" && listed[in.id] {
			h.nameless[in.knownAfter]++
		}
	}
	return h
}

// take reports whether a row that is gone has an heir: of the same id, or without
// an id like itself and known since the reading that did not list it any more.
func (h heirs) take(in instance) bool {
	if id := named(in.id); id != "" {
		return h.named[id]
	}
	h.nameless[in.seen]--
	return h.nameless[in.seen] >= 0
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
