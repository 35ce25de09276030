package notify

import (
	"testing"
	"time"
)

// noDigest is a day that never comes in these stories.
const noDigest = "0 9 31 12 *"

func TestStepsOfALadder(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.settings.DigestCron = noDigest
		expires := start.Add(15*day + time.Hour)
		w.platform.put("svco-a", "one", 4, expires)
		w.turns(time.Hour, 25*day)
		w.room.expect("expiry one@30d", "expiry one@14d", "expiry one@7d", "expiry one@3d", "expiry one@1d", "expiry one@0d",
			"expiry one@-1d", "expiry one@-6d")
		for i, p := range w.room.standing() {
			item := p.Items[0]
			if i == 0 {
				if item.LateWhy != LateFirstSeen || item.Late < 14*day {
					t.Errorf("the first reminder is %v late because %q", item.Late, item.LateWhy)
				}
				continue
			}
			if late := p.at.Sub(expires.Add(-item.Threshold)); late < 0 || late > time.Hour || item.Late != 0 {
				t.Errorf("step %v came %v after its time and says %v", item.Threshold, late, item.Late)
			}
		}
	}, "svco-a")
}
