package notify

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"computeunits/notify/plan"
)

// TestStarvation has 10,000 instances, of which 100 cross a step by the minute,
// while one service cannot be read, one is rejected by Slack in every form, and
// another channel, of former settings, takes nothing. All others are on time.
func TestStarvation(t *testing.T) {
	var services []string
	for i := range 100 {
		services = append(services, fmt.Sprintf("svco-%02d", i))
	}
	instances, every := 10_000, time.Minute
	if underRace {
		instances, every = 2_000, 5*time.Minute
	}
	inWorld(t, func(t *testing.T, w *world) {
		w.settings.DigestCron = noDigest
		for i := range instances {
			expires := start.Add(200 * day)
			if i%100 < 5 && i < 2_000 { // 20 instances of each of five services
				expires = start.Add(30*day + time.Duration(i/100+5)*time.Minute)
			}
			w.platform.put(services[i%100], fmt.Sprintf("i%05d", i), 1, expires)
		}
		w.settings.Channel = "C0000000000"
		w.room.answer = func(a plan.Announcement) fault {
			switch {
			case a.Channel != channelID:
				return refused
			case strings.Contains(line(a), "i00003"), strings.Contains(line(a), "i00103"): // of svco-03
				return rejected
			}
			return fine
		}
		w.platform.put("svco-99", "i99999", 1, start.Add(3*day))
		w.turn()
		w.settings.Channel = channelID
		w.restart()
		w.platform.fail("svco-98", errDenied)
		w.turn()
		w.turns(every, 30*time.Minute)

		said := 0
		for _, p := range w.room.of(plan.KindExpiry) {
			for _, i := range p.Items {
				if late := p.at.Sub(i.Expires.Add(-i.Threshold)); i.Instance != "i99999" && (late < 0 || late > every+2*time.Minute) {
					t.Errorf("%s came %v after its time", i.Instance, late)
				}
				said++
			}
		}
		if said != 100+1-2 {
			t.Errorf("%d instances were reminded of", said)
		}
		if len(w.room.of(plan.KindUnreadable)) != 1 {
			t.Error("nobody is told of the service that cannot be read")
		}
	}, services...)
}
