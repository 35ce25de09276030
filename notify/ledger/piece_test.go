package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"computeunits/notify/plan"
)

// While 10,000 instances are decided about, nobody waits for more than a piece of
// that: neither what is written for a command nor what is read.
func TestPeopleDoNotWaitForALongDecision(t *testing.T) {
	l := open(t, "sqlite://"+filepath.Join(t.TempDir(), "ledger.db"))
	p := withoutDigest(at(noon))
	p.Labels = make(map[string]string)
	var sweep []plan.Observation
	for s := range 500 {
		o := plan.Observation{Service: fmt.Sprintf("svco-%04d", s), At: noon}
		p.Labels[o.Service] = ""
		for i := range 20 {
			o.Instances = append(o.Instances, unit(fmt.Sprintf("i%05d-%02d", s, i), noon.Add(400*day)))
		}
		sweep = append(sweep, o)
	}
	ok(t, l.Readings.Observe(t.Context(), noon, sweep))

	var deciding sync.WaitGroup
	begun := time.Now()
	var took time.Duration
	done := make(chan struct{})
	deciding.Go(func() {
		defer close(done)
		if _, err := l.Decisions.Decide(context.Background(), p); err != nil {
			t.Error(err)
		}
		took = time.Since(begun)
	})
	var longest time.Duration
	commands := 0
	for running := true; running; commands++ {
		asked := time.Now()
		must[bool](t)(l.People.MarkSeen(t.Context(), fmt.Sprint("command ", commands), noon))
		must[plan.Preference](t)(l.People.Preference(t.Context(), ann))
		longest = max(longest, time.Since(asked))
		select {
		case <-done:
			running = false
		default:
		}
	}
	deciding.Wait()
	t.Logf("%d commands, the longest waited %v of the %v that the decision took", commands, longest, took)
	if longest > took/3 || commands < 5 {
		t.Errorf("a command waited %v of the %v that the decision took (%d commands)", longest, took, commands)
	}
}

// What is due at once is said at once, also when many are decided about.
func TestWhatIsDueTogetherIsSaidTogether(t *testing.T) {
	l := open(t, "sqlite://"+filepath.Join(t.TempDir(), "ledger.db"))
	p := withoutDigest(at(noon, "svco-a"))
	o := plan.Observation{Service: "svco-a", At: noon}
	for i := range 3 * pieceSize {
		expires := noon.Add(400 * day)
		if i%pieceSize == 7 { // one in each piece
			expires = noon.Add(3 * day)
		}
		o.Instances = append(o.Instances, unit(fmt.Sprintf("i%05d", i), expires))
	}
	ok(t, l.Readings.Observe(t.Context(), noon, []plan.Observation{o}))
	must[Pending](t)(l.Decisions.Decide(t.Context(), p))
	waiting := must[[]plan.Message](t)(l.Outbox.Waiting(t.Context(), channelID, noon))
	if len(waiting) != 1 {
		t.Errorf("%d messages wait", len(waiting))
	}
	if left := must[Pending](t)(l.Decisions.Pending(t.Context(), noon)); left.candidates {
		t.Error("not all were decided about")
	}
}

// The outbox is read a piece at a time. What cannot be said yet, because it goes
// into the thread of what waits for longer, takes nobody's place.
func TestTheOutboxIsReadInPieces(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, url string) {
		l := open(t, url)
		put := func(m plan.Message) {
			m.Channel, m.Kind, m.Created, m.Due, m.Earliest, m.Next = channelID, plan.KindExpiry, noon, noon, noon, noon
			if m.Key == "parent" {
				m.Next = noon.Add(time.Hour)
			}
			ok(t, l.DB.Write(t.Context(), "putting", func(tx *sql.Tx) error { return putMessage(t.Context(), tx, m) }))
		}
		put(plan.Message{Key: "parent", Soonest: noon})
		for i := range outboxSize {
			put(plan.Message{Key: fmt.Sprintf("reply%04d", i), Parent: "parent", Soonest: noon.Add(time.Minute)})
		}
		for i := range outboxSize + 50 {
			put(plan.Message{Key: fmt.Sprintf("own%04d", i), Soonest: noon.Add(time.Hour)})
		}
		first := must[[]plan.Message](t)(l.Outbox.Waiting(t.Context(), channelID, noon))
		if len(first) != outboxSize || first[0].Key != "own0000" {
			t.Errorf("%d messages are read, the first is %s", len(first), first[0].Key)
		}
		later := must[[]plan.Message](t)(l.Outbox.Waiting(t.Context(), channelID, noon.Add(time.Hour)))
		if len(later) != outboxSize || later[0].Key != "parent" {
			t.Errorf("%d messages are read then, the first is %s", len(later), later[0].Key)
		}
		if some := must[[]plan.Message](t)(l.Outbox.WaitingOf(t.Context(), channelID, noon, []string{"", "reply0001", "own0249", "own0007"})); len(some) != 2 || some[0].Key != "own0007" {
			t.Errorf("of those asked for there are %v", some)
		}
	})
}
