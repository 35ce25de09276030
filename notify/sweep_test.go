package notify

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"
)

// Who watches more than can be read in time hears of it, in the log and with the
// digest, also while the first reading of all still goes on.
func TestReadingTakesLongerThanItMay(t *testing.T) {
	var services []string
	for i := range 20 {
		services = append(services, fmt.Sprintf("svco-%02d", i))
	}
	for name, c := range map[string]struct {
		each   time.Duration
		broken error
		want   bool
	}{
		"in time":                   {time.Second, nil, false},
		"too long":                  {50 * time.Second, nil, true},
		"Qianfan is down all along": {50 * time.Second, errUnavailable, false},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				var log bytes.Buffer
				w.log = &log
				w.platform.fail("", c.broken)
				w.n = w.notifier()
				w.n.Units, w.n.Readers = &slowPlatform{platform: w.platform, each: c.each}, 1
				ok(t, runner{w.n}.begin(t.Context()))
				began := time.Now()
				go func() {
					time.Sleep(11 * time.Minute)
					if slow := w.n.evaluation().Slow; (slow == 11*time.Minute) != c.want {
						t.Errorf("after 11 minutes it takes %v", slow)
					}
				}()
				for range 3 {
					sweeper{w.n}.sweep(t.Context())
				}
				if slow := w.n.evaluation().Slow; (slow == 20*c.each) != c.want {
					t.Errorf("it takes %v", slow)
				}
				if said := strings.Count(log.String(), "longer than NOTIFY_CHECK_EVERY"); (said == 1) != c.want || said > 1 {
					t.Errorf("the log says so %d times:\n%s", said, log.String())
				}
				w.until(began.Add(12 * time.Minute))
			}, services...)
		})
	}
}
