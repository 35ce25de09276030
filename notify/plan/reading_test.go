package plan

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"computeunits/qianfan"
)

func ids(rows []Instance) string {
	all := make([]string, len(rows))
	for i, r := range rows {
		all[i] = fmt.Sprintf("%s*%d", r.ID, r.Replicas)
	}
	return strings.Join(all, " ")
}

func TestInstancesAreToldApart(t *testing.T) {
	a, b := noon.Add(day), noon.Add(2*day)
	for _, c := range []struct {
		name string
		in   []qianfan.Instance
		want string
	}{
		{"plain", []qianfan.Instance{unit("y", a), unit("x", a)}, "x*2 y*2"},
		{"one listed twice", []qianfan.Instance{unit("x", a), unit("x", a)}, "x*2"},
		{"two of one id", []qianfan.Instance{unit("x", b), unit("x", a)}, "x#2026-11-25T12:00:00Z*2 x#2026-11-26T12:00:00Z*2"},
		{"without an id", []qianfan.Instance{unit("", a)}, "#2026-11-25T12:00:00Z*2"},
		{"twins without an id", []qianfan.Instance{unit("", a), unit("", a), unit("", time.Time{})}, "#*2 #2026-11-25T12:00:00Z*2 #2026-11-25T12:00:00Z#2*2"},
		{"three without an id and without an expiry", []qianfan.Instance{unit("", time.Time{}), unit("", time.Time{}), unit("", time.Time{})}, "#*2 ##2*2 ##3*2"},
		{"odd bytes", []qianfan.Instance{unit("x\x00\xff", a)}, "x\uFFFD*2"},
	} {
		rows := seen(noon, c.in...).Rows()
		if got := ids(rows); got != c.want {
			t.Errorf("%s: %s and not %s", c.name, got, c.want)
		}
		slices.Reverse(c.in)
		if again := seen(noon, c.in...).Rows(); Fingerprint(again) != Fingerprint(rows) {
			t.Errorf("%s: the order in which they are listed matters", c.name)
		}
	}
}

// Everything that a row shows is in the fingerprint, and the moment of the
// reading is not.
func TestFingerprint(t *testing.T) {
	base := unit("x", noon.Add(day))
	same := Fingerprint(seen(noon, base).Rows())
	if Fingerprint(seen(noon.Add(time.Hour), base).Rows()) != same {
		t.Error("the moment of a reading changes the fingerprint")
	}
	for name, change := range map[string]func(*qianfan.Instance){
		"id":       func(i *qianfan.Instance) { i.ID = "z" },
		"timing":   func(i *qianfan.Instance) { i.Timing = qianfan.Postpaid },
		"replicas": func(i *qianfan.Instance) { i.Replicas++ },
		"status":   func(i *qianfan.Instance) { i.Status = qianfan.Deleted },
		"start":    func(i *qianfan.Instance) { i.Start = noon },
		"expires":  func(i *qianfan.Instance) { i.Expires = i.Expires.Add(time.Second) },
		"raw":      func(i *qianfan.Instance) { i.ExpiresRaw = "soon" },
		"zone":     func(i *qianfan.Instance) { i.ExpiresAssumedZone = true },
	} {
		other := base
		change(&other)
		if Fingerprint(seen(noon, other).Rows()) == same {
			t.Errorf("the fingerprint does not show a change of %s", name)
		}
	}
	if Fingerprint(seen(noon).Rows()) == same || Fingerprint(nil) == "" {
		t.Error("no instances look like one, or like nothing known")
	}
}

// state follows one service over readings, as the ledger does.
type state struct {
	rows map[string]Instance
	last time.Time
}

func (s *state) read(o Observation) (moved []InstanceKey, missed bool) {
	c := Merge(slices.Collect(func(yield func(Instance) bool) {
		for _, r := range s.rows {
			if !yield(r) {
				return
			}
		}
	}), o.Rows(), o.At, s.last)
	for _, r := range c.Write {
		s.rows[r.ID] = r
	}
	s.last = o.At
	return c.News, c.Missed
}

func TestGoneIsAbsentFromTwoReadings(t *testing.T) {
	s := &state{rows: make(map[string]Instance)}
	x := unit("x", noon.Add(10*day))
	at := func(n int) time.Time { return noon.Add(time.Duration(n) * 10 * time.Minute) }
	for n, c := range []struct {
		there  bool
		want   int
		missed bool
	}{{true, Listed, false}, {false, Missing, true}, {true, Listed, false}, {false, Missing, true}, {false, Gone, false}, {false, Gone, false}, {true, Listed, false}} {
		var list []qianfan.Instance
		if c.there {
			list = append(list, x)
		}
		if _, missed := s.read(seen(at(n), list...)); missed != c.missed || s.rows["x"].Missed != c.want {
			t.Errorf("after reading %d it is in state %d", n, s.rows["x"].Missed)
		}
	}
	if in := s.rows["x"]; !in.Known.Equal(noon) || !in.Expires.Equal(x.Expires) {
		t.Errorf("its expiry is known since %v", in.Known)
	}
}

func TestUnlistedOnceItExpired(t *testing.T) {
	s := &state{rows: make(map[string]Instance)}
	s.read(seen(noon, unit("x", noon.Add(time.Hour)), unit("y", noon.Add(time.Hour)), unit("z", noon.Add(time.Hour))))
	s.read(seen(noon.Add(30*time.Minute), unit("x", noon.Add(time.Hour)), unit("z", noon.Add(time.Hour)))) // y: early
	s.read(seen(noon.Add(40*time.Minute), unit("x", noon.Add(time.Hour)), unit("z", noon.Add(time.Hour))))
	s.read(seen(noon.Add(time.Hour-skewTolerance), unit("z", noon.Add(time.Hour)))) // x: Baidu's clock is ahead
	s.read(seen(noon.Add(2 * time.Hour)))
	for id, want := range map[string]int{"x": Unlisted, "y": Gone, "z": Unlisted} {
		if got := s.rows[id].Missed; got != want {
			t.Errorf("%s is in state %d and not %d", id, got, want)
		}
	}
}

func TestMovesOfAnExpiry(t *testing.T) {
	s := &state{rows: make(map[string]Instance)}
	a, b := noon.Add(day), noon.Add(31*day)
	unknown := unit("x", time.Time{})
	unknown.ExpiresRaw = "soon"
	for n, c := range []struct {
		in   qianfan.Instance
		want int
	}{{unit("x", a), 0}, {unit("x", b), 1}, {unknown, 0}, {unit("x", b), 0}, {unit("x", a), 1}} {
		at := noon.Add(time.Duration(n) * time.Hour)
		moved, _ := s.read(seen(at, c.in))
		if len(moved) != c.want {
			t.Errorf("reading %d shows the moves %v", n, moved)
		}
		if row := s.rows["x"]; c.want == 1 && (!row.Known.Equal(at) || !row.KnownAfter.Equal(at.Add(-time.Hour))) {
			t.Errorf("after reading %d the expiry is known since %v, and not before %v", n, row.Known, row.KnownAfter)
		}
		if s.rows["x"].Expires.IsZero() {
			t.Errorf("after reading %d the expiry is forgotten", n)
		}
	}
}

// A reading that shows what the last one showed writes nothing, whatever came
// before them.
func TestTheSameReadingTwiceChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := &state{rows: make(map[string]Instance)}
		readings := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) []qianfan.Instance {
			return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) qianfan.Instance {
				in := unit(rapid.SampledFrom([]string{"x", "y", "z", ""}).Draw(t, "id"), noon.Add(time.Duration(rapid.IntRange(1, 3).Draw(t, "expires"))*day))
				in.Replicas = rapid.IntRange(0, 2).Draw(t, "replicas")
				return in
			}), 0, 4).Draw(t, "instances")
		}), 1, 6).Draw(t, "readings")
		for n, list := range readings {
			at := noon.Add(time.Duration(n) * time.Minute)
			s.read(seen(at, list...))
			rows := seen(at, list...).Rows()
			var stored []Instance
			for _, r := range s.rows {
				stored = append(stored, r)
			}
			c := Merge(stored, rows, at.Add(time.Second), at)
			changed := slices.DeleteFunc(c.Write, func(i Instance) bool { return i.Missed == Gone })
			if len(changed) > 0 || len(c.News) > 0 || c.Missed {
				t.Fatalf("reading %d again changes %v, moves %v, misses %v", n, changed, c.News, c.Missed)
			}
			if slices.ContainsFunc(rows, func(r Instance) bool { return s.rows[r.ID].Missed != Listed || s.rows[r.ID].Replicas != r.Replicas }) {
				t.Fatalf("after reading %d the ledger holds %v", n, s.rows)
			}
		}
	})
}

func TestWhatAFailureTells(t *testing.T) {
	s := ServiceState{ID: "svco-a", Read: noon}
	s.Failure(Observation{Service: "svco-a", At: noon.Add(time.Minute), Err: errors.New("connection refused")})
	s.Failure(Observation{Service: "svco-a", At: noon.Add(time.Hour), Err: fmt.Errorf("asking: %w", errDenied)})
	if !s.Failing.Equal(noon.Add(time.Minute)) || !s.Refused || s.Code != "AccessDenied" || s.Status != 403 || s.RequestID != "r-1" || !s.Read.Equal(noon) {
		t.Errorf("the row is %+v", s)
	}
	s.Success(noon.Add(2*time.Hour), "f")
	if !s.Failing.IsZero() || s.Refused || s.Code+s.Message+s.RequestID != "" || !s.OutageFrom.Equal(noon.Add(time.Minute)) || !s.OutageUntil.Equal(noon.Add(2*time.Hour)) {
		t.Errorf("the row is %+v", s)
	}
}
