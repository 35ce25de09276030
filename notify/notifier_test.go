package notify

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"computeunits/notify/delivery"
	"computeunits/notify/plan"
	"computeunits/qianfan"
)

func TestStepsOfALadder(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.settings.DigestCron = noDigest
		expires := start.Add(15*day + 4*time.Hour)
		w.platform.put("svco-a", "one", 4, expires)
		w.turns(4*time.Hour, 25*day)
		w.room.expect("expiry one@30d", "expiry one@14d", "expiry one@7d", "expiry one@3d", "expiry one@1d", "expiry one@0d",
			"expiry one@-1d", "expiry one@-6d")
		for i, p := range w.room.standing() {
			item := p.Items[0]
			if i == 0 {
				if item.LateWhy != plan.LateFirstSeen || item.Late < 14*day {
					t.Errorf("the first reminder is %v late because %q", item.Late, item.LateWhy)
				}
				continue
			}
			if late := p.at.Sub(expires.Add(-item.Threshold)); late < 0 || late > 90*time.Second || item.Late != 0 {
				t.Errorf("step %v came %v after its time and says %v", item.Threshold, late, item.Late)
			}
		}
	}, "svco-a")
}

func TestAfterDowntimeOnlyTheMostUrgentStep(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.settings.DigestCron = noDigest
		w.platform.put("svco-a", "one", 4, start.Add(31*day))
		w.turn()
		w.restart()
		w.until(start.Add(30 * day)) // 30, 14, 7, 3 and 1 days were crossed meanwhile
		w.pass(3 * time.Hour)
		w.turn()
		w.room.expect("expiry one@1d")
		if i := w.room.standing()[0].Items[0]; i.Late < 3*time.Hour || i.LateWhy != plan.LateNotRunning {
			t.Errorf("it is %v late because %q", i.Late, i.LateWhy)
		}
	}, "svco-a")
}

func TestRenewal(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.settings.DigestCron = noDigest
		a, b := start.Add(3*day), start.Add(33*day)
		w.platform.put("svco-a", "one", 4, a)
		w.turn()
		w.platform.put("svco-a", "one", 4, b)
		w.turns(time.Hour, 12*time.Hour)
		w.room.expect("expiry one@3d -> expiry one@3d(renewed)", "renewed one")
		if i := w.room.standing()[1].Items[0]; !i.Before.Equal(a) || !i.Expires.Equal(b) {
			t.Errorf("it was renewed from %v until %v", i.Before, i.Expires)
		}

		// Back and forth: that the renewal does not hold is said, once; nothing is
		// said twice, and what stands is true.
		for range 3 {
			w.platform.put("svco-a", "one", 4, a)
			w.turns(time.Hour, 2*time.Hour)
			w.room.expect("expiry one@3d", "renewed one -> renewed one(revoked)", "reverted one")
			if i := w.room.standing()[2].Items[0]; !i.Before.Equal(b) || !i.Expires.Equal(a) {
				t.Errorf("it goes back from %v to %v", i.Before, i.Expires)
			}
			w.platform.put("svco-a", "one", 4, b)
			w.turns(time.Hour, 2*time.Hour)
			w.room.expect("expiry one@3d -> expiry one@3d(renewed)", "renewed one", "reverted one -> reverted one(renewed)")
		}
		w.turns(3*time.Hour, 3*day)
		w.room.expect("expiry one@3d -> expiry one@3d(renewed)", "renewed one", "reverted one -> reverted one(renewed)", "expiry one@30d")
	}, "svco-a")
}

// A message stays true over every later move, not only over the first.
func TestTheExpiryMovesTwice(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.settings.DigestCron = noDigest
		w.platform.put("svco-a", "one", 4, start.Add(12*day))
		w.turn()
		w.platform.put("svco-a", "one", 4, start.Add(10*day))
		w.turn()
		w.room.expect("expiry one@14d -> expiry one@14d(revoked)", "expiry one@14d")
		for _, until := range []time.Duration{60 * day, 90 * day} {
			w.platform.put("svco-a", "one", 4, start.Add(until))
			w.turn()
			w.turn()
		}
		w.room.expect("expiry one@14d -> expiry one@14d(renewed)", "expiry one@14d -> expiry one@14d(renewed)",
			"renewed one -> renewed one(renewed)", "renewed one")
		if n := len(w.room.standing()[1].edits); n != 1 {
			t.Errorf("a message that is struck through was edited %d times", n)
		}
	}, "svco-a")
}

func TestPostpaidIsNotRemindedOf(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.platform.put("svco-a", "one", 4, start.Add(day))
		in := w.platform.services["svco-a"]["one"]
		in.Timing = qianfan.Postpaid
		w.platform.services["svco-a"]["one"] = in
		w.settings.AllClear = plan.AllClearDaily
		w.turns(time.Hour, 8*time.Hour)
		w.room.expect("digest all clear")
	}, "svco-a")
}

// While Qianfan cannot be read, reminders come from what was read last, and
// nothing is called gone, renewed or clear.
func TestQianfanIsDown(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.settings.AllClear = plan.AllClearDaily
		w.platform.put("svco-a", "one", 4, start.Add(14*day+2*time.Hour))
		w.turn()
		w.platform.fail("", errUnavailable)
		w.turns(10*time.Minute, 5*time.Hour)
		w.room.expect("expiry one@30d", "unreadable svco-a", "digest one", "expiry one@14d")
		if t.Failed() {
			return
		}
		notice, digest, reminder := w.room.standing()[1], w.room.standing()[2], w.room.standing()[3]
		if d := digest.Digest; len(d.Unread) != 1 || d.AllClear || d.Unread[0].ReadAt.After(start.Add(time.Minute)) {
			t.Errorf("the digest says %+v", d)
		}
		if at := notice.at.Sub(start); at < time.Hour || at > time.Hour+21*time.Minute {
			t.Errorf("the outage is told after %v", at)
		}
		if i := reminder.Items[0]; !i.Stale || i.ReadAt.After(start.Add(time.Minute)) || i.Late != 0 {
			t.Errorf("the reminder says %+v", i)
		}
		w.platform.fail("", nil)
		w.turns(10*time.Minute, time.Hour)
		w.room.expect("expiry one@30d", "unreadable svco-a", "digest one", "expiry one@14d", "readable svco-a")
		if r := w.room.standing()[4].Troubles[0]; r.Since.IsZero() || r.ReadAt.Before(start.Add(5*time.Hour)) {
			t.Errorf("the recovery says %+v", r)
		}
	}, "svco-a")
}

func TestARefusalIsToldAtOnce(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.settings.DigestCron = noDigest
		w.platform.fail("svco-b", errDenied)
		w.up()
		w.pass(30 * time.Second)
		w.room.expect("unreadable svco-b")
		if tr := w.room.standing()[0].Troubles[0]; !tr.Refused || tr.Code != "AccessDenied" || tr.RequestID != "r-1" || !tr.ReadAt.IsZero() {
			t.Errorf("it says %+v", tr)
		}
		w.pass(2 * time.Hour)
		w.room.expect("unreadable svco-b")
	}, "svco-a", "svco-b")
}

// A service that fails and recovers all the time is told about once a day.
func TestFlappingReadsAreNoFlood(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.settings.DigestCron = noDigest
		for range 60 {
			w.platform.fail("svco-a", errDenied)
			w.turns(20*time.Minute, 40*time.Minute)
			w.platform.fail("svco-a", nil)
			w.turns(20*time.Minute, 40*time.Minute)
		}
		w.room.expect("unreadable svco-a", "readable svco-a", "unreadable svco-a", "readable svco-a",
			"unreadable svco-a", "readable svco-a", "unreadable svco-a", "readable svco-a")
	}, "svco-a")
}

// An outage of many services is one message, and so is its end.
func TestAnOutageIsOneMessage(t *testing.T) {
	var services []string
	for i := range 40 {
		services = append(services, fmt.Sprintf("svco-%02d", i))
	}
	inWorld(t, func(t *testing.T, w *world) {
		w.settings.DigestCron = noDigest
		w.settings.CheckEvery = 15 * time.Minute
		slow := &slowPlatform{platform: w.platform, each: 20 * time.Second}
		w.platform.fail("", errUnavailable)
		n := w.notifier()
		n.Units, n.Readers = slow, 1 // a sweep takes 13 minutes
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- n.Run(ctx) }()
		w.pass(90 * time.Minute)
		w.platform.fail("", nil)
		w.pass(45 * time.Minute)
		cancel()
		ok(t, <-ended)
		all := w.room.standing()
		if len(all) != 2 || len(all[0].Troubles) != 40 || len(all[1].Troubles) != 40 {
			for _, p := range all {
				t.Errorf("%v after %v: %d services", p.Kind, p.at.Sub(start), len(p.Troubles))
			}
		}
	}, services...)
}

// slowPlatform takes its time for each answer.
type slowPlatform struct {
	*platform
	each time.Duration
}

func (s *slowPlatform) ComputeUnits(ctx context.Context, q qianfan.Query) (qianfan.Reading, error) {
	select {
	case <-time.After(s.each):
		return s.platform.ComputeUnits(ctx, q)
	case <-ctx.Done():
		return qianfan.Reading{}, ctx.Err()
	}
}

func TestGroups(t *testing.T) {
	var services []string
	for i := range 6 {
		services = append(services, fmt.Sprintf("svco-%d", i))
	}
	t.Run("up to five services have a message each", func(t *testing.T) {
		inWorld(t, func(t *testing.T, w *world) {
			w.settings.DigestCron = noDigest
			for i, id := range services[:5] {
				w.platform.put(id, "x", 1, start.Add(3*day-time.Duration(i)*time.Minute))
				w.platform.put(id, "y", 1, start.Add(3*day-time.Duration(i)*time.Minute))
			}
			w.turns(time.Hour, time.Hour)
			want := "expiry x@3d y@3d"
			w.room.expect(want, want, want, want, want)
		}, services...)
	})
	t.Run("more share one, with a thread", func(t *testing.T) {
		inWorld(t, func(t *testing.T, w *world) {
			w.settings.DigestCron = noDigest
			for _, id := range services {
				w.platform.put(id, "x"+id, 1, start.Add(3*day-time.Hour))
			}
			w.turn()
			w.platform.put("svco-2", "xsvco-2", 1, start.Add(100*day))
			w.turns(time.Minute, 5*time.Minute)
			w.room.expect("collected svco-0:1 svco-1:1 svco-2:1 svco-3:1 svco-4:1 svco-5:1 -> "+
				"collected svco-0:1 svco-1:1 svco-2:1-1 svco-3:1 svco-4:1 svco-5:1",
				"  expiry xsvco-0@3d xsvco-1@3d xsvco-2@3d xsvco-3@3d xsvco-4@3d xsvco-5@3d -> "+
					"expiry xsvco-0@3d xsvco-1@3d xsvco-2@3d(renewed) xsvco-3@3d xsvco-4@3d xsvco-5@3d",
				"renewed xsvco-2")
		}, services...)
	})
	t.Run("what gathered in an outage is said at once", func(t *testing.T) {
		inWorld(t, func(t *testing.T, w *world) {
			w.settings.DigestCron = noDigest
			for i := range 200 {
				w.platform.put(services[i%len(services)], fmt.Sprintf("i%03d", i), 1, start.Add(7*day+time.Duration(i)*20*time.Minute))
			}
			down := func() error { return &delivery.SendError{Outcome: delivery.NotSent} }
			w.room.looking = down
			w.room.answer = func(plan.Announcement) fault { return unwritten }
			w.turns(6*time.Hour, 72*time.Hour)
			w.room.looking, w.room.answer = nil, nil
			w.turns(time.Minute, 10*time.Minute)
			parents := 0
			said := make(map[string]bool)
			for _, p := range w.room.standing() {
				if p.ThreadTS == "" {
					parents++
				}
				for _, i := range p.Items {
					said[i.Instance] = true
				}
			}
			if parents != 1 || len(said) != 200 {
				t.Errorf("%d messages tell of %d instances", parents, len(said))
			}
		}, services...)
	})
	t.Run("also that of one service", func(t *testing.T) {
		inWorld(t, func(t *testing.T, w *world) {
			w.settings.DigestCron = noDigest
			for i := range 20 {
				w.platform.put("svco-0", fmt.Sprintf("i%02d", i), 1, start.Add(7*day+time.Duration(i)*time.Hour))
			}
			w.room.answer = func(plan.Announcement) fault { return unwritten }
			w.turns(3*time.Hour, 23*time.Hour)
			w.room.answer = nil
			w.turns(time.Minute, 5*time.Minute)
			if all := w.room.standing(); len(all) != 1 || len(all[0].Items) != 20 {
				t.Errorf("%d messages tell of it", len(all))
			}
		}, services...)
	})
}

func TestThousandsInOneService(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.settings.DigestCron = noDigest
		n := 1000
		if underRace {
			n = 300
		}
		for i := range n {
			w.platform.put("svco-a", fmt.Sprintf("i%04d", i), 1, start.Add(3*day))
		}
		w.turn()
		w.turn()
		said := make(map[string]bool)
		for _, p := range w.room.standing() {
			for _, i := range p.Items {
				said[i.Instance] = true
			}
		}
		all := w.room.standing()
		if len(said) != n || all[0].ThreadTS != "" || all[0].More != n-plan.MaxCarried ||
			slices.ContainsFunc(all[1:], func(p *posted) bool { return p.ThreadTS != all[0].ts }) {
			t.Errorf("%d messages tell of %d instances, %d more in the thread", len(all), len(said), all[0].More)
		}
	}, "svco-a")
}

// Whoever deletes a reminder's row by hand finds that the channel is asked
// first, and that nothing is said twice.
func TestARowRemovedByHand(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.settings.DigestCron = noDigest
		w.platform.put("svco-a", "one", 4, start.Add(14*day))
		w.turn()
		_, err := w.ledger.DB.ExecContext(t.Context(), `DELETE FROM reminder`)
		ok(t, err)
		w.turns(time.Hour, 25*time.Hour)
		w.room.expect("expiry one@14d")
		var n int
		ok(t, w.ledger.DB.QueryRowContext(t.Context(), `SELECT COUNT(*) FROM reminder`).Scan(&n))
		if n != 1 {
			t.Errorf("%d reminders are recorded", n)
		}
	}, "svco-a")
}

func TestStoppedBeforeItBegan(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.up()
		w.down() // which complains about an error
		w.room.expect()
	}, "svco-a")
}

func TestSettingsWithFaults(t *testing.T) {
	n := &Notifier{}
	if err := n.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "NOTIFY_CHANNEL is missing") || !strings.Contains(err.Error(), "NOTIFY_LEASE") {
		t.Errorf("it ran: %v", err)
	}
}
