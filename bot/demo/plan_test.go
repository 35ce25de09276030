package demo

import (
	"testing"
	"time"
)

// example is what the bot has to say of some instances and each morning, from
// the beginning on for so many days.
func example(days int) (from, end time.Time, all []course) {
	from = begins(time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC))
	for _, left := range []int{1, 3, 7, 14, 30, 45, 80} {
		c := course{}
		for _, step := range []int{30, 14, 7, 3, 1, 0, -1, -6} {
			c.at = append(c.at, from.Add(time.Duration(left-step)*dayLong))
		}
		all = append(all, c)
	}
	for d := range days + 1 {
		at := from.Add(5*time.Minute + time.Duration(d)*dayLong)
		all = append(all, course{at: []time.Time{at}, end: at.Truncate(dayLong).Add(dayLong)})
	}
	return from, from.Add(time.Duration(days) * dayLong), all
}

func TestAShortWayIsLivedThrough(t *testing.T) {
	from, end, courses := example(3)
	way, all := stops(from, end, courses)
	want := []string{"25 09:00", "26 08:55", "26 09:00", "27 08:55", "27 09:00", "28 08:55"}
	if len(way) != len(want) || all != len(way) {
		t.Fatalf("%v of %d", way, all)
	}
	for i, at := range way {
		if got := at.Format("02 15:04"); got != want[i] {
			t.Errorf("stop %d is at %s, not at %s", i, got, want[i])
		}
	}
}

func TestNothingIsLateAfterALeap(t *testing.T) {
	for _, days := range []int{15, 60, 366} {
		from, end, courses := example(days)
		way, all := stops(from, end, courses)
		if len(way) >= all || len(way) > 40 || !way[len(way)-1].Equal(end) {
			t.Errorf("%d days: %d stops of %d, the last at %v", days, len(way), all, way[len(way)-1])
		}
		stopped := make(map[time.Time]bool)
		for _, at := range way {
			stopped[at] = true
			for _, c := range courses {
				if due, ok := c.latest(at); ok && due.After(from) && !stopped[due] {
					t.Errorf("%d days: what was due at %v is said at %v", days, due, at)
				}
			}
		}
	}
}

func TestHowFarTimePasses(t *testing.T) {
	for text, want := range map[string]time.Duration{"3d": 3 * dayLong, "12H": 12 * time.Hour, "30m": 30 * time.Minute, "366d": 366 * dayLong,
		"": 0, "d": 0, "-1d": 0, "0d": 0, "367d": 0, "3": 0, "soon": 0, "1.5d": 0} {
		if got, ok := duration(text); ok != (want != 0) || ok && got != want {
			t.Errorf("%q: %v, %v", text, got, ok)
		}
	}
}
