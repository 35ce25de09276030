package plan

import (
	"testing"
	"time"
)

// A reading that takes longer than two checks delays nothing, and a service that
// hangs for so long that a reminder would be useless is told of in its last hour.
func TestReadingSlowlyDelaysNothing(t *testing.T) {
	p := Evaluation{Policy: defaults("svco-a").Policy(), Settings: defaults("svco-a"), Now: noon, Started: noon.Add(-24 * time.Hour)}
	ago := func(d time.Duration) time.Time { return noon.Add(-d) }
	for name, c := range map[string]struct {
		s             ServiceState
		current, aged bool
	}{
		"read just now":                                {ServiceState{Read: ago(time.Minute), Tried: ago(time.Minute)}, true, false},
		"read two checks ago":                          {ServiceState{Read: ago(20 * time.Minute), Tried: ago(20 * time.Minute)}, true, false},
		"read by a slow sweep":                         {ServiceState{Read: ago(50 * time.Minute), Tried: ago(50 * time.Minute)}, true, false},
		"read before the start":                        {ServiceState{Read: ago(25 * time.Hour), Tried: ago(25 * time.Hour)}, false, true},
		"read before it was frozen":                    {ServiceState{Read: ago(5 * time.Hour), Tried: ago(5 * time.Hour)}, false, true},
		"never read":                                   {ServiceState{}, false, true},
		"fails since five minutes":                     {ServiceState{Read: ago(10 * time.Minute), Tried: ago(time.Minute), Failing: ago(5 * time.Minute)}, true, false},
		"fails since yesterday":                        {ServiceState{Read: ago(30 * time.Hour), Tried: ago(time.Minute), Failing: ago(29 * time.Hour)}, true, true},
		"failed before the start, not tried since":     {ServiceState{Read: ago(30 * time.Hour), Tried: ago(25 * time.Hour), Failing: ago(29 * time.Hour)}, false, true},
		"failed before it was frozen, not tried since": {ServiceState{Read: ago(9 * time.Hour), Tried: ago(8 * time.Hour), Failing: ago(8 * time.Hour)}, false, true},
	} {
		if p.current(c.s) != c.current || p.aged(c.s) != c.aged {
			t.Errorf("%s: current %v, aged %v", name, p.current(c.s), p.aged(c.s))
		}
	}
	never := ServiceState{}
	for expires, want := range map[time.Time]bool{noon.Add(2 * day): false, noon.Add(day + 30*time.Minute): true} {
		if got := p.MayTell(Reminder{"svco-a", "one", expires, 3 * day, channelID, KindExpiry}, never); got != want {
			t.Errorf("of %v it may be told: %v", expires, got)
		}
	}
}
