package notify

import (
	"context"
	"sync"
	"testing"
	"time"

	"computeunits/notify/plan"
)

// Whatever was answered is taken back by one change, and the audit calls each what
// it was.
func TestAllAnswersAreTakenBackTogether(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		_, about := pressing(t, w, 3, 7*day)
		must[[]plan.Answer](t)(w.n.Changes().Acknowledge(t.Context(), by(ann), about[0]))
		must[[]plan.Answer](t)(w.n.Changes().Snooze(t.Context(), by(ann), time.Time{}, about[1]))
		for i, a := range must[[]plan.Answer](t)(w.n.Changes().Lift(t.Context(), by(bob), about...)) {
			if a.Changed != (i < 2) || a.Pause.By != "" {
				t.Errorf("%s: changed %v, stands %+v", a.Instance, a.Changed, a.Pause)
			}
		}
		what := make(map[string]int)
		for _, e := range must[[]plan.Entry](t)(w.ledger.Reports.Entries(t.Context(), 100)) {
			what[e.What]++
		}
		if what["unacknowledge"] != 1 || what["unsnooze"] != 1 {
			t.Errorf("the audit has %v", what)
		}
	}, "svco-a")
}

// What one page shows is of one moment: a service that is watched has its place in
// everything, one that is not has none, however often that changes meanwhile.
func TestAPageIsOfOneMoment(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, url string) {
		l := open(t, url)
		n := &Notifier{Ledger: l, Settings: defaults("svco-a")}
		changing, stop := context.WithCancel(t.Context())
		var people sync.WaitGroup
		defer people.Wait()
		defer stop()
		people.Go(func() {
			for changing.Err() == nil {
				if _, err := n.Changes().Watch(changing, by(ann), plan.Watch{Service: "svco-b"}); err != nil && changing.Err() == nil {
					t.Error(err)
				}
				if _, err := n.Changes().Unwatch(changing, by(ann), "svco-b"); err != nil && changing.Err() == nil {
					t.Error(err)
				}
			}
		})
		seen := make(map[int]bool)
		for range 300 {
			s := must[plan.Overview](t)(n.Reports().Overview(t.Context(), noon, noon.Add(day), 0, 10))
			seen[len(s.Watches)] = true
			if len(s.Watches) != len(s.Outlook.Unread) || len(s.Watches) != len(s.Health.Services) {
				t.Fatalf("%d services are watched, %d unread, and the state is of %d", len(s.Watches), len(s.Outlook.Unread), len(s.Health.Services))
			}
		}
		if len(seen) != 2 {
			t.Log("nothing changed meanwhile")
		}
	})
}
