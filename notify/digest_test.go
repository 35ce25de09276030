package notify

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"computeunits/notify/plan"
)

func TestOneDigestADay(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.platform.put("svco-a", "one", 4, start.Add(28*day))
		w.turns(2*time.Hour, 3*day)
		digests := w.room.of(plan.KindDigest)
		if len(digests) != 3 {
			t.Fatalf("in three days there are %d digests", len(digests))
		}
		for i, p := range digests {
			if p.Digest.Day != plan.ParseDate("2000-01-01").Plus(i) || p.Items[0].Instance != "one" || p.Digest.Late > 2*time.Hour {
				t.Errorf("digest %d: %+v", i, p.Digest)
			}
		}
	}, "svco-a")
}

func TestDigestAfterDowntime(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.platform.put("svco-a", "one", 4, start.Add(28*day))
		w.turns(time.Minute, 5*time.Minute)
		w.until(start.Add(2*day + 15*time.Hour + 50*time.Minute)) // 23:50 in Shanghai
		w.turns(time.Minute, 6*time.Minute)
		digests := w.room.of(plan.KindDigest)
		if len(digests) != 1 || digests[0].Digest.Day != plan.ParseDate("2000-01-03") || digests[0].Digest.Late < 14*time.Hour {
			t.Fatalf("after downtime there are the digests %v", digests)
		}
		w.turns(10*time.Minute, time.Hour) // the next day begins; its digest is not due
		if n := len(w.room.of(plan.KindDigest)); n != 1 {
			t.Errorf("there are %d digests", n)
		}
	}, "svco-a")
}

// Nobody was there when it was due, but nobody had asked for it either.
func TestTheFirstDigestOfALedgerIsNotLate(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.platform.put("svco-a", "one", 4, start.Add(28*day))
		w.until(start.Add(8 * time.Hour)) // 16:00 in Shanghai
		w.turns(time.Minute, 6*time.Minute)
		digests := w.room.of(plan.KindDigest)
		if len(digests) != 1 || digests[0].Digest.Late != 0 {
			t.Errorf("the digests are %v", digests)
		}
	}, "svco-a")
}

// Yesterday's digest that Slack did not take is not read by anybody today.
func TestDigestOfADayOfOutage(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.platform.put("svco-a", "one", 4, start.Add(31*day))
		w.room.answer = func(plan.Announcement) fault { return unwritten }
		w.turns(time.Hour, 26*time.Hour) // into the second day's digest
		w.room.answer = nil
		w.turns(time.Minute, 5*time.Minute)
		digests := w.room.of(plan.KindDigest)
		if len(digests) != 1 || digests[0].Digest.Day != plan.ParseDate("2000-01-02") || digests[0].Digest.Late == 0 || digests[0].Digest.LateWhy != plan.LateSlack {
			t.Errorf("the digests are %v", digests)
		}
	}, "svco-a")
}

func TestDigestHeals(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		for i := range plan.DigestTop + plan.MaxCarried { // in the thread, too
			w.platform.put("svco-a", fmt.Sprintf("i%02d", i), 1, start.Add(25*day+time.Duration(i)*time.Minute))
		}
		w.turns(time.Hour, 3*time.Hour)
		for _, id := range []string{"i03", "i57"} {
			w.platform.put("svco-a", id, 1, start.Add(80*day))
		}
		w.turns(time.Hour, 2*time.Hour)
		digests := w.room.of(plan.KindDigest)
		if len(digests) != 2 || digests[1].ThreadTS != digests[0].ts || len(digests[0].Items) != plan.DigestTop || digests[0].More != plan.MaxCarried {
			t.Fatalf("the digest has %d messages, the first with %d items", len(digests), len(digests[0].Items))
		}
		if d := digests[0].shows(); d.Digest.Counts[0].Instances != plan.DigestTop+plan.MaxCarried-2 || !d.Items[3].Renewed() || digests[0].Digest.Counts[0].Instances != plan.DigestTop+plan.MaxCarried {
			t.Errorf("the digest shows %+v", d.Digest)
		}
		if d := digests[1].shows(); d.Digest != nil || !d.Items[57-plan.DigestTop].Renewed() {
			t.Errorf("its thread shows %s", line(d))
		}
		edits := len(digests[0].edits)
		w.turns(2*time.Hour, 12*time.Hour) // the day ends
		w.platform.put("svco-a", "i04", 1, start.Add(80*day))
		w.turn()
		if p := w.room.of(plan.KindDigest)[0]; len(p.edits) != edits {
			t.Errorf("yesterday's digest was edited: %v", p)
		}
	}, "svco-a")
}

func TestAllClear(t *testing.T) {
	for policy, want := range map[string]string{plan.AllClearWeekly: "2000-01-03", plan.AllClearDaily: "2000-01-01 2000-01-02 2000-01-03 2000-01-04", plan.AllClearNever: ""} {
		t.Run(policy, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				w.settings.AllClear = policy
				w.platform.put("svco-a", "one", 4, start.Add(90*day))
				w.turns(6*time.Hour, 4*day)
				var days []string
				for _, p := range w.room.standing() {
					if !p.Digest.AllClear {
						t.Errorf("it says %+v", p.Digest)
					}
					days = append(days, p.Digest.Day.String())
				}
				if got := strings.Join(days, " "); got != want {
					t.Errorf("all clear is said on %s", got)
				}
			}, "svco-a")
		})
	}
}

// An outage during the night is never "nothing expires" in the morning.
func TestDigestDuringAnOutage(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.settings.AllClear = plan.AllClearDaily
		w.platform.put("svco-a", "one", 4, start.Add(90*day))
		w.turn()
		w.platform.fail("svco-a", errUnavailable)
		w.up()
		w.pass(65 * time.Minute)
		digests := w.room.of(plan.KindDigest)
		if len(digests) != 1 || digests[0].Digest.AllClear || len(digests[0].Digest.Unread) != 1 || digests[0].Digest.Unread[0].Status != 503 {
			t.Errorf("the digests are %v", digests)
		}
	}, "svco-a")
}

// A digest that begins while services are still to be read waits for them.
func TestDigestWaitsForTheFirstReadings(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.settings.AllClear = plan.AllClearDaily
		w.platform.put("svco-b", "one", 4, start.Add(10*day))
		w.until(start.Add(2 * time.Hour)) // an hour after its time
		n := w.notifier()
		n.Units, n.Readers = &slowPlatform{platform: w.platform, each: 90 * time.Second}, 1
		w.n = n
		ok(t, runner{n}.begin(t.Context()))
		go sweeper{n}.sweep(t.Context())
		w.pass(100 * time.Second) // svco-a was read
		passes{n}.runPass(t.Context())
		if got := states(t, w.ledger); strings.Contains(got, "digest") {
			t.Errorf("the ledger shows %s", got)
		}
		w.pass(time.Minute)
		passes{n}.runPass(t.Context())
		if got := states(t, w.ledger); !strings.Contains(got, "digest due") {
			t.Errorf("the ledger shows %s", got)
		}
	}, "svco-a", "svco-b")
}

// When the thread of a digest is refused, its items do not become a second one.
func TestDigestWithoutItsThread(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		for i := range plan.DigestTop + plan.MaxCarried {
			w.platform.put("svco-a", fmt.Sprintf("i%02d", i), 1, start.Add(25*day))
		}
		w.room.answer = func(a plan.Announcement) fault {
			if a.ThreadTS != "" && a.Kind == plan.KindDigest {
				return rejected
			}
			return fine
		}
		w.turns(time.Hour, 3*time.Hour)
		digests := w.room.of(plan.KindDigest)
		if len(digests) != 2 || digests[0].Digest == nil || digests[1].Digest != nil || digests[1].ThreadTS != "" || len(digests[1].Items) != plan.MaxCarried {
			t.Errorf("the digests are %v", digests)
		}
	}, "svco-a")
}

func TestTheClockIsSet(t *testing.T) {
	for name, steps := range map[string][]time.Duration{
		"ahead and back": {2 * time.Hour, 0}, "back and ahead": {-2 * time.Hour, 0}, "back for good": {-2 * time.Hour, -2 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				off := time.Duration(0)
				w.now = func() time.Time { return time.Now().Add(off) }
				w.platform.put("svco-a", "one", 4, start.Add(3*day+8*time.Hour))
				w.turns(30*time.Minute, 6*time.Hour)
				for _, off = range steps {
					w.turns(30*time.Minute, 8*time.Hour)
				}
				kinds := make(map[string]int)
				for _, p := range w.room.standing() {
					kinds[line(p.Announcement)]++
				}
				if len(kinds) != 3 || kinds["expiry one@7d"] != 1 || kinds["expiry one@3d"] != 1 || kinds["digest one"] != 1 {
					t.Errorf("the channel shows %v", kinds)
				}
			}, "svco-a")
		})
	}
}
