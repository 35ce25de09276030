package notify

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

// seen is a complete reading of svco-a at a moment.
func seen(at time.Time, instances ...qianfan.Instance) observation {
	return observation{service: "svco-a", at: at, instances: instances}
}

func unit(id string, expires time.Time) qianfan.Instance {
	return qianfan.Instance{ID: id, Timing: qianfan.Prepaid, Replicas: 2, Status: qianfan.Running, Expires: expires}
}

func ids(rows []instance) string {
	all := make([]string, len(rows))
	for i, r := range rows {
		all[i] = fmt.Sprintf("%s*%d", r.id, r.replicas)
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
		rows := seen(noon, c.in...).rows()
		if got := ids(rows); got != c.want {
			t.Errorf("%s: %s and not %s", c.name, got, c.want)
		}
		slices.Reverse(c.in)
		if again := seen(noon, c.in...).rows(); fingerprint(again) != fingerprint(rows) {
			t.Errorf("%s: the order in which they are listed matters", c.name)
		}
	}
}

// Everything that a row shows is in the fingerprint, and the moment of the
// reading is not.
func TestFingerprint(t *testing.T) {
	base := unit("x", noon.Add(day))
	same := fingerprint(seen(noon, base).rows())
	if fingerprint(seen(noon.Add(time.Hour), base).rows()) != same {
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
		if fingerprint(seen(noon, other).rows()) == same {
			t.Errorf("the fingerprint does not show a change of %s", name)
		}
	}
	if fingerprint(seen(noon).rows()) == same || fingerprint(nil) == "" {
		t.Error("no instances look like one, or like nothing known")
	}
}

// state follows one service over readings, as the ledger does.
type state struct {
	rows map[string]instance
	last time.Time
}

func (s *state) read(o observation) (moved []subject, missed bool) {
	c := merge(slices.Collect(func(yield func(instance) bool) {
		for _, r := range s.rows {
			if !yield(r) {
				return
			}
		}
	}), o.rows(), o.at, s.last)
	for _, r := range c.write {
		s.rows[r.id] = r
	}
	s.last = o.at
	return c.news, c.missed
}

func TestGoneIsAbsentFromTwoReadings(t *testing.T) {
	s := &state{rows: make(map[string]instance)}
	x := unit("x", noon.Add(10*day))
	at := func(n int) time.Time { return noon.Add(time.Duration(n) * 10 * time.Minute) }
	for n, c := range []struct {
		there  bool
		want   int
		missed bool
	}{{true, listed, false}, {false, missing, true}, {true, listed, false}, {false, missing, true}, {false, gone, false}, {false, gone, false}, {true, listed, false}} {
		var list []qianfan.Instance
		if c.there {
			list = append(list, x)
		}
		if _, missed := s.read(seen(at(n), list...)); missed != c.missed || s.rows["x"].missed != c.want {
			t.Errorf("after reading %d it is in state %d", n, s.rows["x"].missed)
		}
	}
	if in := s.rows["x"]; !in.known.Equal(noon) || !in.expires.Equal(x.Expires) {
		t.Errorf("its expiry is known since %v", in.known)
	}
}

func TestUnlistedOnceItExpired(t *testing.T) {
	s := &state{rows: make(map[string]instance)}
	s.read(seen(noon, unit("x", noon.Add(time.Hour)), unit("y", noon.Add(time.Hour)), unit("z", noon.Add(time.Hour))))
	s.read(seen(noon.Add(30*time.Minute), unit("x", noon.Add(time.Hour)), unit("z", noon.Add(time.Hour)))) // y: early
	s.read(seen(noon.Add(40*time.Minute), unit("x", noon.Add(time.Hour)), unit("z", noon.Add(time.Hour))))
	s.read(seen(noon.Add(time.Hour-skewTolerance), unit("z", noon.Add(time.Hour)))) // x: Baidu's clock is ahead
	s.read(seen(noon.Add(2 * time.Hour)))
	for id, want := range map[string]int{"x": unlisted, "y": gone, "z": unlisted} {
		if got := s.rows[id].missed; got != want {
			t.Errorf("%s is in state %d and not %d", id, got, want)
		}
	}
}

func TestMovesOfAnExpiry(t *testing.T) {
	s := &state{rows: make(map[string]instance)}
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
		if row := s.rows["x"]; c.want == 1 && (!row.known.Equal(at) || !row.knownAfter.Equal(at.Add(-time.Hour))) {
			t.Errorf("after reading %d the expiry is known since %v, and not before %v", n, row.known, row.knownAfter)
		}
		if s.rows["x"].expires.IsZero() {
			t.Errorf("after reading %d the expiry is forgotten", n)
		}
	}
}

// A reading that shows what the last one showed writes nothing, whatever came
// before them.
func TestTheSameReadingTwiceChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := &state{rows: make(map[string]instance)}
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
			rows := seen(at, list...).rows()
			var stored []instance
			for _, r := range s.rows {
				stored = append(stored, r)
			}
			c := merge(stored, rows, at.Add(time.Second), at)
			changed := slices.DeleteFunc(c.write, func(i instance) bool { return i.missed == gone })
			if len(changed) > 0 || len(c.news) > 0 || c.missed {
				t.Fatalf("reading %d again changes %v, moves %v, misses %v", n, changed, c.news, c.missed)
			}
			if slices.ContainsFunc(rows, func(r instance) bool { return s.rows[r.id].missed != listed || s.rows[r.id].replicas != r.replicas }) {
				t.Fatalf("after reading %d the ledger holds %v", n, s.rows)
			}
		}
	})
}

func TestWhatAFailureTells(t *testing.T) {
	s := service{id: "svco-a", read: noon}
	s.failure(observation{service: "svco-a", at: noon.Add(time.Minute), err: errors.New("connection refused")})
	s.failure(observation{service: "svco-a", at: noon.Add(time.Hour), err: fmt.Errorf("asking: %w", errDenied)})
	if !s.failing.Equal(noon.Add(time.Minute)) || !s.refused || s.code != "AccessDenied" || s.status != 403 || s.requestID != "r-1" || !s.read.Equal(noon) {
		t.Errorf("the row is %+v", s)
	}
	s.success(noon.Add(2*time.Hour), "f")
	if !s.failing.IsZero() || s.refused || s.code+s.message+s.requestID != "" || !s.outageFrom.Equal(noon.Add(time.Minute)) || !s.outageUntil.Equal(noon.Add(2*time.Hour)) {
		t.Errorf("the row is %+v", s)
	}
}

// A reading that knows less than the one before is no reading: what is known stays
// and ages, and the trouble is told at once. Nobody concludes that nothing expires.
func TestAReadingThatKnowsLess(t *testing.T) {
	for name, list := range map[string][]qianfan.Instance{
		"without ids":      {{Timing: qianfan.Prepaid, Replicas: 4, Status: qianfan.Running, Expires: start.Add(3 * day)}},
		"without expiries": {{ID: "one", Timing: qianfan.Prepaid, Replicas: 4, Status: qianfan.Running}},
		"without anything": {{ID: "one", Replicas: 4}},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				w.platform.put("svco-a", "one", 4, start.Add(3*day))
				w.turn()
				w.platform.answer = list
				w.turns(time.Hour, 30*time.Hour)
				for _, p := range w.room.of(KindDigest) {
					if p.Digest.AllClear || len(p.Digest.Counts) == 0 {
						t.Errorf("a digest says %+v", p.Digest)
					}
				}
				trouble := w.room.of(KindUnreadable)
				if len(trouble) == 0 || trouble[0].Troubles[0].Code != qianfan.UnknownForm {
					t.Errorf("the trouble is not told: %v", trouble)
				}
				w.until(start.Add(2*day + time.Hour))
				w.turn()
				if got := w.room.of(KindExpiry); len(got) != 2 || !got[1].Items[0].Stale {
					t.Errorf("the reminders are %v", got)
				}
			}, "svco-a")
		})
	}
}

// Instances that vanish from a list are believed to be gone after two readings, but
// never silently: one message names them, nobody reads an all-clear, and what is due
// within a week is said.
func TestInstancesThatVanish(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.settings.AllClear = AllClearDaily
		w.platform.put("svco-a", "one", 4, start.Add(18*day))
		w.platform.put("svco-a", "far", 4, start.Add(200*day))
		w.turn()
		w.platform.remove("svco-a", "one")
		w.platform.remove("svco-a", "far")
		w.turns(6*time.Hour, 20*day)
		var said []string
		for _, p := range w.room.standing() {
			if p.Kind != KindDigest {
				said = append(said, p.String())
			} else if p.at.Before(start.Add(day)) && p.Digest.AllClear {
				t.Errorf("an all-clear on the day on which instances vanished: %+v", p.Digest)
			}
		}
		want := []string{"expiry one@30d", "vanished one far", "expiry one@14d"}
		if !slices.Equal(said, want) {
			t.Errorf("the channel was told\n%q and not\n%q", said, want)
		}
	}, "svco-a")
}

// An expiry that is not given or cannot be read is unknown, never nothing: it is
// said at once, once, and named in every digest.
func TestAnExpiryThatIsNotKnown(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.platform.answer = []qianfan.Instance{
			{ID: "odd", Timing: qianfan.Prepaid, Replicas: 2, Status: qianfan.Running, ExpiresRaw: "1795694400000"},
			{ID: "none", Timing: qianfan.Prepaid, Replicas: 1, Status: qianfan.Running},
			{ID: "new", Timing: qianfan.Prepaid, Replicas: 1, Status: qianfan.Creating},
		}
		w.turns(6*time.Hour, 3*day)
		unknown := w.room.of(KindUnknown)
		if len(unknown) != 1 || len(unknown[0].Items) != 2 {
			t.Fatalf("the channel shows %v", unknown)
		}
		for _, p := range w.room.of(KindDigest) {
			if p.Digest.AllClear || len(p.Digest.Unknown) != 2 || p.Digest.Unknown[1].Raw != "1795694400000" {
				t.Errorf("a digest says %+v", p.Digest)
			}
		}
		if len(w.room.of(KindDigest)) != 3 {
			t.Errorf("%d digests", len(w.room.of(KindDigest)))
		}
	}, "svco-a")
}
