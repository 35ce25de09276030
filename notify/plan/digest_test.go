package plan

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestBodyOfADigest(t *testing.T) {
	p := defaults("svco-a", "svco-b").Policy()
	shanghai := zone(t, "Asia/Shanghai")
	in := func(service, id string, replicas int, left time.Duration) Instance {
		i := prepaid(id, left)
		i.Service, i.Replicas = service, replicas
		return i
	}
	s := Snapshot{
		At: noon,
		Services: map[string]ServiceState{
			"svco-a": {ID: "svco-a", Read: noon},
			"svco-b": {ID: "svco-b", Read: noon.Add(-time.Hour), Failing: noon.Add(-time.Minute), Status: 503},
		},
		Window: []Instance{ // soonest first
			in("svco-a", "expired", 7, -day),
			in("svco-b", "tonight", 2, 3*time.Hour),  // 23:00 in Shanghai
			in("svco-a", "tomorrow", 1, 5*time.Hour), // 01:00 of the next day
			in("svco-a", "noon", 3, day),
			in("svco-a", "week", 4, 7*day),
			in("svco-a", "month", 5, 30*day),
		},
		Alive:   map[string]Count{"svco-a": {Instances: 10, Replicas: 20}, "svco-b": {Instances: 1, Replicas: 2}},
		Unknown: []Instance{in("svco-a", "odd", 1, 0)},
	}
	d := s.body(p, shanghai, ParseDate("2026-11-24"), noon, 4)
	if got := fmt.Sprint(d.Counts); got != "[{expired 1 7} {day 3 6} {week 1 4} {month 1 5}]" {
		t.Errorf("the counts are %s", got)
	}
	var losses []string
	for _, l := range d.Losses {
		losses = append(losses, fmt.Sprintf("%v %s: %d in %d, %d left", l.Day, l.Service, l.Replicas, l.Instances, l.Left))
	}
	if want := []string{
		"2026-11-24 svco-b: 2 in 1, 0 left", "2026-11-25 svco-a: 4 in 2, 16 left",
		"2026-12-01 svco-a: 4 in 1, 12 left", "2026-12-24 svco-a: 5 in 1, 7 left",
	}; !slices.Equal(losses, want) {
		t.Errorf("the losses are\n%s", strings.Join(losses, "\n"))
	}
	if d.AllClear || d.Beyond != 2 || len(d.Unknown) != 1 || len(d.Unread) != 1 || d.Unread[0].Service != "svco-b" || d.Services != 2 || d.Instances != 11 || d.Replicas != 22 {
		t.Errorf("the digest is %+v", d)
	}
}

// Old knowledge, unread services and unknown expiries are never an all-clear.
func TestWhatIsNotAllClear(t *testing.T) {
	p := defaults("svco-a").Policy()
	for name, c := range map[string]struct {
		s    ServiceState
		more int
		want bool
	}{
		"read":                                  {ServiceState{ID: "svco-a", Read: noon}, 0, true},
		"read an hour ago, while many are read": {ServiceState{ID: "svco-a", Read: noon.Add(-time.Hour)}, 0, true},
		"never read":                            {ServiceState{ID: "svco-a"}, 0, false},
		"failing":                               {ServiceState{ID: "svco-a", Read: noon.Add(-time.Minute), Failing: noon}, 0, false},
		"read long ago":                         {ServiceState{ID: "svco-a", Read: noon.Add(-25 * time.Hour)}, 0, false},
		"expiry unknown":                        {ServiceState{ID: "svco-a", Read: noon}, 1, false},
	} {
		s := Snapshot{At: noon, Services: map[string]ServiceState{"svco-a": c.s}, Unknown: make([]Instance, c.more)}
		if got := s.body(p, time.UTC, ParseDate("2026-11-24"), noon, 0).AllClear; got != c.want {
			t.Errorf("%s: all clear is %v", name, got)
		}
	}
}
