package plan

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

// Observation is the outcome of reading one service.
type Observation struct {
	Service   string
	At        time.Time // when the answer arrived, or the failure
	Instances []qianfan.Instance
	Err       error  // not nil: nothing was learnt about the instances
	RequestID string // Baidu's id of the answer

	// ahead is how far the clock is ahead of the one that dated the answer, be it a
	// refusal; dated is false when nothing did.
	Ahead time.Duration
	Dated bool
}

// KnowsLess says what a reading does not tell that was known before of the same
// instances, in words; "" when it tells all that. Such a reading is not complete,
// as after a change of the API: what is known stays, and ages. What expired so
// long ago that it is usually cleared for good is nothing that can be lost, so
// that this ends by itself. What is written in the place of an expiry and cannot
// be read is not less: it is named, and what was known of it stays.
func (o Observation) KnowsLess(stored []Instance) string {
	read := make(map[string]qianfan.Instance, len(o.Instances))
	nameless := 0
	for _, in := range o.Instances {
		if id := Storable(in.ID); id == "" {
			nameless++
		} else if other, twice := read[id]; !twice || other.Expires.IsZero() {
			read[id] = in
		}
	}
	known := slices.DeleteFunc(slices.Clone(stored), func(was Instance) bool {
		return was.Missed != Listed && was.Missed != Missing || !was.Expires.IsZero() && o.At.After(was.Expires.Add(Retention))
	})
	for _, was := range known {
		if named(was.ID) == "" {
			nameless-- // it had none before either
		}
	}
	for _, was := range known {
		id := named(was.ID)
		if id == "" {
			continue
		}
		in, ok := read[id]
		switch {
		case !ok && nameless > 0:
			return fmt.Sprintf("instance %q is not listed, and %d more than before have no id", id, nameless)
		case ok && documented(was.Timing) && !documented(in.Timing):
			return fmt.Sprintf("instance %q had the payment timing %s and has %q", id, was.Timing, in.Timing)
		case !ok || in.Timing == qianfan.Postpaid || in.Status == qianfan.Creating || in.Status == qianfan.Deleted:
		case in.Expires.IsZero() && in.ExpiresRaw == "" && !was.Expires.IsZero():
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
func (in Instance) prepaid() bool { return in.Timing != qianfan.Postpaid }

// named is the id that Qianfan gave to the instance of a row; "" if none.
func named(row string) string {
	id, _, _ := strings.Cut(row, "#")
	return id
}

// Rows turns a complete reading into the rows that stand for it, by id. What
// has no id, or one that stands for several expiries, is told apart by expiry:
// never by order, which would make one look like the renewal of another. Those
// without an id that expire together are counted.
func (o Observation) Rows() []Instance {
	first := make(map[string]time.Time, len(o.Instances))
	several := make(map[string]bool)
	for _, in := range o.Instances {
		expires, ok := first[in.ID]
		first[in.ID] = in.Expires
		several[in.ID] = several[in.ID] || in.ID == "" || ok && !expires.Equal(in.Expires)
	}
	rows := make([]Instance, 0, len(o.Instances))
	for _, in := range o.Instances {
		row := Instance{
			Service: o.Service, ID: Storable(in.ID), Timing: qianfan.PaymentTiming(Storable(string(in.Timing))),
			Replicas: in.Replicas, Status: qianfan.Status(Storable(string(in.Status))),
			Start: wholeSeconds(in.Start), Expires: wholeSeconds(in.Expires),
			ExpiresRaw: Storable(in.ExpiresRaw), ZoneAssumed: in.ExpiresAssumedZone,
			Known: o.At, Seen: o.At,
		}
		if several[in.ID] {
			row.ID += "#"
			if !row.Expires.IsZero() {
				row.ID += row.Expires.Format(time.RFC3339)
			}
		}
		rows = append(rows, row)
	}
	slices.SortStableFunc(rows, func(a, b Instance) int {
		return cmp.Or(strings.Compare(a.ID, b.ID), cmp.Compare(b.Replicas, a.Replicas), strings.Compare(string(a.Status), string(b.Status)),
			a.Start.Compare(b.Start), strings.Compare(a.ExpiresRaw, b.ExpiresRaw))
	})
	return apart(rows)
}

// apart leaves one row for each id. Twins without an id are two instances, of
// which the second is called so; twins with one are one that was listed twice.
func apart(rows []Instance) []Instance {
	kept := rows[:0]
	twins := 1
	for _, row := range rows {
		twin := len(kept) > 0 && kept[len(kept)-twins].ID == row.ID
		switch {
		case !twin:
			twins = 1
		case named(row.ID) != "":
			continue
		default:
			twins++
			row.ID += "#" + strconv.Itoa(twins)
		}
		kept = append(kept, row)
	}
	return kept
}

// Fingerprint stands for rows in the ledger: equal fingerprints mean that
// nothing changed.
func Fingerprint(rows []Instance) string {
	h := sha256.New()
	var buf []byte
	text := func(s string) { buf = append(binary.AppendUvarint(buf, uint64(len(s))), s...) }
	for _, r := range rows {
		buf = buf[:0]
		text(r.ID)
		text(string(r.Timing))
		text(string(r.Status))
		text(r.ExpiresRaw)
		buf = binary.AppendVarint(buf, int64(r.Replicas))
		buf = binary.AppendVarint(buf, r.Start.Unix())
		buf = binary.AppendVarint(buf, r.Expires.Unix())
		var assumed byte
		if r.ZoneAssumed {
			assumed = 1
		}
		buf = append(buf, assumed)
		h.Write(buf)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// Merge compares what is stored of a service with a complete reading of it, at
// the moment at; before is when the good read before this one was.
func Merge(stored, read []Instance, at, before time.Time) (c comparison) {
	old := make(map[string]Instance, len(stored))
	for _, in := range stored {
		old[in.ID] = in
	}
	for _, in := range read {
		was, ok := old[in.ID]
		delete(old, in.ID)
		if in.Expires.IsZero() { // what was known is not undone by what cannot be read
			in.Expires, in.ZoneAssumed = was.Expires, was.ZoneAssumed
		}
		if ok && was.Missed == Gone {
			c.News = append(c.News, InstanceKey{in.Service, in.ID})
		}
		switch {
		case !ok:
			in.KnownAfter = before
		case was.Expires.Equal(in.Expires):
			in.Known, in.KnownAfter = was.Known, was.KnownAfter
		default:
			in.KnownAfter = before
			c.News = append(c.News, InstanceKey{in.Service, in.ID})
		}
		was.Seen = in.Seen
		if !ok || was != in {
			c.Write = append(c.Write, in)
		}
	}
	heirs := heirsAmong(stored, read)
	for _, in := range stored {
		if _, absent := old[in.ID]; absent {
			if next := in.miss(at); next != in.Missed {
				switch {
				case next == Gone && (in.over() || heirs.take(in)):
					in.Seen = time.Unix(0, 0).UTC()
				case next == Gone:
					in.Seen, c.Vanished = at, true
				case in.Missed == Listed:
					in.Seen = before
				}
				in.Missed = next
				c.Write = append(c.Write, in)
			}
			c.Missed = c.Missed || in.Missed == Missing
		}
	}
	return c
}

// comparison is what a complete reading changes.
type comparison struct {
	Write    []Instance    // rows
	News     []InstanceKey // whose expiry moved, or that are listed again
	Missed   bool          // an instance is absent for the first time
	Vanished bool          // one is believed to be gone
}

// over reports whether nobody misses an instance when it is not listed any more.
func (in Instance) over() bool { return in.Status == qianfan.Deleted || in.Status == qianfan.Creating }

// heirs are the rows that took the place of others of the same instances: those
// of an id, and how many without an id by the last reading before they were known.
type heirs struct {
	named    map[string]bool
	nameless map[time.Time]int
}

func heirsAmong(stored, read []Instance) heirs {
	h := heirs{make(map[string]bool, len(read)), make(map[time.Time]int)}
	listed := make(map[string]bool, len(read))
	for _, in := range read {
		h.named[named(in.ID)], listed[in.ID] = true, true
	}
	for _, in := range stored {
		if named(in.ID) == "" && listed[in.ID] {
			h.nameless[in.KnownAfter]++
		}
	}
	return h
}

// take reports whether a row that is gone has an heir: of the same id, or without
// an id like itself and known since the reading that did not list it any more.
func (h heirs) take(in Instance) bool {
	if id := named(in.ID); id != "" {
		return h.named[id]
	}
	h.nameless[in.Seen]--
	return h.nameless[in.Seen] >= 0
}

// miss returns what missed becomes when a complete reading at the moment at
// does not list the instance.
func (in Instance) miss(at time.Time) int {
	switch {
	case in.Missed == Gone || in.Missed == Unlisted:
		return in.Missed
	case !in.Expires.IsZero() && !at.Before(in.Expires.Add(-skewTolerance)):
		return Unlisted
	default:
		return in.Missed + 1
	}
}

// Failure writes what went wrong into the row of the service.
func (s *ServiceState) Failure(o Observation) {
	s.Tried = o.At
	if s.Failing.IsZero() {
		s.Failing = o.At
	}
	s.Refused, s.Status, s.Code, s.RequestID = false, 0, "", ""
	s.Message = Storable(o.Err.Error())
	if refusal, ok := errors.AsType[*qianfan.Error](o.Err); ok {
		s.Refused = !refusal.Temporary()
		s.Status, s.Code, s.RequestID = refusal.Status, Storable(refusal.Code), Storable(refusal.RequestID)
		s.Message = Storable(refusal.Message)
	}
}

// Success writes a good read into the row of the service.
func (s *ServiceState) Success(at time.Time, fingerprint string) {
	if !s.Failing.IsZero() {
		s.OutageFrom, s.OutageUntil = s.Failing, at
	}
	s.Read, s.Tried, s.Failing = at, at, time.Time{}
	s.Refused, s.Status, s.Code, s.Message, s.RequestID = false, 0, "", "", ""
	s.Fingerprint = fingerprint
}

// wholeSeconds normalises an instant before it becomes part of a key.
func wholeSeconds(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return time.Unix(t.Unix(), 0).UTC()
}

// Storable is foreign text as both databases take it.
func Storable(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
}
