package notify

import (
	"slices"
	"testing"
	"time"

	"computeunits/notify/plan"
	"computeunits/qianfan"
)

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
				for _, p := range w.room.of(plan.KindDigest) {
					if p.Digest.AllClear || len(p.Digest.Counts) == 0 {
						t.Errorf("a digest says %+v", p.Digest)
					}
				}
				trouble := w.room.of(plan.KindUnreadable)
				if len(trouble) == 0 || trouble[0].Troubles[0].Code != qianfan.UnknownForm {
					t.Errorf("the trouble is not told: %v", trouble)
				}
				w.until(start.Add(2*day + time.Hour))
				w.turn()
				if got := w.room.of(plan.KindExpiry); len(got) != 2 || !got[1].Items[0].Stale {
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
		w.settings.AllClear = plan.AllClearDaily
		w.platform.put("svco-a", "one", 4, start.Add(18*day))
		w.platform.put("svco-a", "far", 4, start.Add(200*day))
		w.turn()
		w.platform.remove("svco-a", "one")
		w.platform.remove("svco-a", "far")
		w.turns(6*time.Hour, 20*day)
		var said []string
		for _, p := range w.room.standing() {
			if p.Kind != plan.KindDigest {
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
		unknown := w.room.of(plan.KindUnknown)
		if len(unknown) != 1 || len(unknown[0].Items) != 2 {
			t.Fatalf("the channel shows %v", unknown)
		}
		for _, p := range w.room.of(plan.KindDigest) {
			if p.Digest.AllClear || len(p.Digest.Unknown) != 2 || p.Digest.Unknown[1].Raw != "1795694400000" {
				t.Errorf("a digest says %+v", p.Digest)
			}
		}
		if len(w.room.of(plan.KindDigest)) != 3 {
			t.Errorf("%d digests", len(w.room.of(plan.KindDigest)))
		}
	}, "svco-a")
}
