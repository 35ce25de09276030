package notify

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// While 10,000 instances are decided about, nobody waits for more than a piece of
// that: neither what is written for a command nor what is read.
func TestPeopleDoNotWaitForALongDecision(t *testing.T) {
	l := open(t, "sqlite://"+filepath.Join(t.TempDir(), "ledger.db"))
	p := withoutDigest(at(noon))
	p.labels = make(map[string]string)
	var sweep []observation
	for s := range 500 {
		o := observation{service: fmt.Sprintf("svco-%04d", s), at: noon}
		p.labels[o.service] = ""
		for i := range 20 {
			o.instances = append(o.instances, unit(fmt.Sprintf("i%05d-%02d", s, i), noon.Add(400*day)))
		}
		sweep = append(sweep, o)
	}
	ok(t, l.observe(t.Context(), noon, sweep))

	var deciding sync.WaitGroup
	begun := time.Now()
	var took time.Duration
	done := make(chan struct{})
	deciding.Go(func() {
		defer close(done)
		if _, err := l.decide(context.Background(), p); err != nil {
			t.Error(err)
		}
		took = time.Since(begun)
	})
	var longest time.Duration
	commands := 0
	for running := true; running; commands++ {
		asked := time.Now()
		must[bool](t)(l.Hear(t.Context(), fmt.Sprint("command ", commands), noon))
		must[Preference](t)(l.Preference(t.Context(), ann))
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
	o := observation{service: "svco-a", at: noon}
	for i := range 3 * pieceSize {
		expires := noon.Add(400 * day)
		if i%pieceSize == 7 { // one in each piece
			expires = noon.Add(3 * day)
		}
		o.instances = append(o.instances, unit(fmt.Sprintf("i%05d", i), expires))
	}
	ok(t, l.observe(t.Context(), noon, []observation{o}))
	must[glance](t)(l.decide(t.Context(), p))
	waiting := must[[]message](t)(l.outbox(t.Context(), channelID, noon))
	if len(waiting) != 1 {
		t.Errorf("%d messages wait", len(waiting))
	}
	if left := must[glance](t)(l.glance(t.Context(), noon)); left.candidates {
		t.Error("not all were decided about")
	}
}

// The outbox is read a piece at a time. What cannot be said yet, because it goes
// into the thread of what waits for longer, takes nobody's place.
func TestTheOutboxIsReadInPieces(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, url string) {
		l := open(t, url)
		put := func(m message) {
			m.channel, m.kind, m.created, m.due, m.earliest, m.next = channelID, KindExpiry, noon, noon, noon, noon
			if m.key == "parent" {
				m.next = noon.Add(time.Hour)
			}
			ok(t, l.db.write(t.Context(), "putting", func(tx *sql.Tx) error { return putMessage(t.Context(), tx, m) }))
		}
		put(message{key: "parent", soonest: noon})
		for i := range outboxSize {
			put(message{key: fmt.Sprintf("reply%04d", i), parent: "parent", soonest: noon.Add(time.Minute)})
		}
		for i := range outboxSize + 50 {
			put(message{key: fmt.Sprintf("own%04d", i), soonest: noon.Add(time.Hour)})
		}
		first := must[[]message](t)(l.outbox(t.Context(), channelID, noon))
		if len(first) != outboxSize || first[0].key != "own0000" {
			t.Errorf("%d messages are read, the first is %s", len(first), first[0].key)
		}
		later := must[[]message](t)(l.outbox(t.Context(), channelID, noon.Add(time.Hour)))
		if len(later) != outboxSize || later[0].key != "parent" {
			t.Errorf("%d messages are read then, the first is %s", len(later), later[0].key)
		}
		if some := must[[]message](t)(l.outboxOf(t.Context(), channelID, noon, []string{"", "reply0001", "own0249", "own0007"})); len(some) != 2 || some[0].key != "own0007" {
			t.Errorf("of those asked for there are %v", some)
		}
	})
}

// What a process remembers of a channel ends when the channel rests.
func TestAChannelThatRestsIsForgotten(t *testing.T) {
	now := time.Now()
	tracks := map[string]*track{"busy": {}, "waits": {}, "rests": {}, "paces": {next: now.Add(time.Minute)}, "done": {}}
	resting := map[string]time.Time{"rests": now.Add(time.Minute), "done": now.Add(-time.Minute), "waits": now}
	forget(tracks, map[string]bool{"busy": true}, resting, []lane{{channel: "waits"}})
	if len(tracks) != 4 || tracks["done"] != nil || len(resting) != 2 {
		t.Errorf("remembered are %v, %v", tracks, resting)
	}
}

// Whatever was answered is taken back by one change, and the audit calls each what
// it was.
func TestAllAnswersAreTakenBackTogether(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		_, about := pressing(t, w, 3, 7*day)
		must[[]Answer](t)(w.n.Acknowledge(t.Context(), by(ann), about[0]))
		must[[]Answer](t)(w.n.Snooze(t.Context(), by(ann), time.Time{}, about[1]))
		for i, a := range must[[]Answer](t)(w.n.Lift(t.Context(), by(bob), about...)) {
			if a.Changed != (i < 2) || a.Pause.By != "" {
				t.Errorf("%s: changed %v, stands %+v", a.Instance, a.Changed, a.Pause)
			}
		}
		what := make(map[string]int)
		for _, e := range must[[]Entry](t)(w.ledger.Entries(t.Context(), 100)) {
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
				if _, err := n.Watch(changing, by(ann), Watch{Service: "svco-b"}); err != nil && changing.Err() == nil {
					t.Error(err)
				}
				if _, err := n.Unwatch(changing, by(ann), "svco-b"); err != nil && changing.Err() == nil {
					t.Error(err)
				}
			}
		})
		seen := make(map[int]bool)
		for range 300 {
			s := must[Snapshot](t)(n.Snapshot(t.Context(), noon, noon.Add(day), 0, 10))
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
