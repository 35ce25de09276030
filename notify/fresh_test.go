package notify

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"computeunits/notify/plan"
)

// What was renewed while the bot was down is not announced as expiring, however
// late it is read: because there are many services, or because the message was due
// before.
func TestAfterARestartNothingIsSaidFromOldKnowledge(t *testing.T) {
	const services = 30
	var ids []string
	for i := range services {
		ids = append(ids, fmt.Sprintf("svco-%02d", i))
	}
	for _, before := range []string{"due while it was down", "due before it went down"} {
		t.Run(before, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				w.settings.DigestCron = noDigest
				expires := start.Add(8 * day)
				for _, id := range ids {
					w.platform.put(id, "one", 1, expires)
				}
				var refusing atomic.Bool
				w.room.answer = func(plan.Announcement) fault {
					if refusing.Load() {
						return refused
					}
					return fine
				}
				w.up()
				w.pass(time.Hour)
				n := len(w.room.standing()) // 14 days before, collected
				if before == "due before it went down" {
					refusing.Store(true)
					w.until(expires.Add(-7*day + time.Hour))
				}
				w.down()
				w.until(expires.Add(-7*day + 3*time.Hour))
				for _, id := range ids {
					w.platform.put(id, "one", 1, expires.Add(365*day))
				}
				refusing.Store(false)
				w.slowly(20*time.Second, 1) // the last is read after 10 minutes
				w.pass(time.Hour)
				for _, p := range w.room.standing()[n:] {
					if p.Kind != plan.KindRenewed {
						t.Errorf("said from old knowledge: %s", p)
					}
				}
				if got := len(w.room.of(plan.KindRenewed)); got == 0 {
					t.Error("the renewals are not said")
				}
			}, ids...)
		})
	}
}

// slowly starts a notifier that reads so many services at once, each of which takes
// so long.
func (w *world) slowly(each time.Duration, readers int) {
	w.begin(func(n *Notifier) { n.Units, n.Readers = &slowPlatform{platform: w.platform, each: each}, readers })
}

// What cannot be read is said by what is known, and begins with how old that is.
func TestWhatCannotBeReadIsSaidWithItsAge(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.settings.DigestCron = noDigest
		expires := start.Add(8 * day)
		w.platform.put("svco-a", "one", 1, expires)
		w.up()
		w.pass(time.Hour)
		w.down()
		read := time.Now()
		w.platform.fail("svco-a", errUnavailable)
		w.until(expires.Add(-7*day + time.Hour))
		w.up()
		w.pass(10 * time.Minute)
		w.room.expect("expiry one@14d", "expiry one@7d")
		if p := w.room.standing()[1]; p.AgedFrom.IsZero() || read.Sub(p.AgedFrom) > 11*time.Minute || !w.room.standing()[0].AgedFrom.IsZero() {
			t.Errorf("it begins with %v; that was read %v", p.AgedFrom, read)
		}
	}, "svco-a")
}

// A process that was frozen for days reads before it says anything.
func TestAfterBeingFrozenNothingIsSaidFromOldKnowledge(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.settings.DigestCron = "0 9 * * *"
		expires := start.Add(8 * day)
		w.platform.put("svco-a", "one", 1, expires)
		w.turn()
		n := len(w.room.standing())
		w.pass(5 * day)
		w.platform.put("svco-a", "one", 1, expires.Add(365*day))
		w.deliver() // the pass comes before the sweep
		for _, p := range w.room.standing()[n:] {
			t.Errorf("said from old knowledge: %s", p)
		}
		w.turn()
		if len(w.room.of(plan.KindRenewed)) != 1 {
			t.Errorf("then it says %v", w.room.standing()[n:])
		}
	}, "svco-a")
}
