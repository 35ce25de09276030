package notify

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"computeunits/notify/database"
	"computeunits/notify/ledger"
	"computeunits/notify/plan"
	"computeunits/qianfan"
)

const (
	ann = "U0ANN"
	bob = "U0BOB"
)

// by is a change that somebody makes now, in the bubble's time.
func by(person string) plan.Change {
	return plan.Change{By: person, At: time.Now().UTC().Truncate(time.Millisecond), Origin: "button", Channel: channelID}
}

// about is the expiry that a world's instance has.
func about(id string, expires time.Time) plan.Expiry {
	return plan.Expiry{Service: "svco-a", Instance: id, Expires: expires}
}

func TestWatchingFromSlack(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		const other = "C0OTHER"
		w.settings.DigestCron = noDigest
		expires := start.Add(5*day + time.Hour)
		w.platform.put("svco-a", "one", 4, expires)
		w.up()
		w.pass(time.Minute)
		w.room.expect()

		ladder := must[plan.Ladder](t)(plan.ParseLadder("6d,2d,0d"))
		watch := plan.Watch{Service: "svco-a", Label: "Chat", Channel: other, Ladder: ladder, Owners: []string{"U0ANN", "S0OPS", "U0ANN"}}
		first := must[plan.WatchChange](t)(w.n.Changes().Watch(t.Context(), by(ann), watch))
		second := must[plan.WatchChange](t)(w.n.Changes().Watch(t.Context(), by(bob), plan.Watch{Service: "svco-a"}))
		if !first.Changed || second.Changed || second.By != ann || second.Label != "Chat" {
			t.Errorf("the first is told %+v, the second %+v", first, second)
		}
		w.pass(10 * time.Second)
		w.room.expect("expiry one@6d")
		p := w.room.standing()[0]
		if item := p.Items[0]; p.Channel != other || item.Label != "Chat" || item.LateWhy != plan.LateFirstSeen || !slices.Equal(p.Owners, []string{"S0OPS", "U0ANN"}) {
			t.Errorf("the reminder is %+v", p.Announcement)
		}
		w.until(expires.Add(-2*day + 2*time.Minute))
		w.room.expect("expiry one@6d", "expiry one@2d")

		gone := must[plan.WatchChange](t)(w.n.Changes().Unwatch(t.Context(), by(bob), "svco-a"))
		again := must[plan.WatchChange](t)(w.n.Changes().Unwatch(t.Context(), by(ann), "svco-a"))
		if !gone.Changed || len(gone.Dropped) != 1 || gone.Dropped[0].Threshold != 0 || again.Changed || again.By != bob {
			t.Errorf("they are told %+v and %+v", gone, again)
		}
		w.until(expires.Add(day))
		w.room.expect("expiry one@6d", "expiry one@2d")
	})
}

func TestEveryChannelHasItsDigest(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		for i, id := range []string{"svco-a", "svco-b"} {
			w.platform.put(id, "one", i+1, start.Add(20*day))
		}
		w.settings.Before = must[plan.Ladder](t)(plan.ParseLadder("0d"))
		w.turn()
		must[plan.WatchChange](t)(w.n.Changes().Watch(t.Context(), by(ann), plan.Watch{Service: "svco-b", Channel: "C0OTHER"}))
		w.until(start.Add(2 * time.Hour))
		w.turn()
		digests := w.room.of(plan.KindDigest)
		if len(digests) != 2 {
			t.Fatalf("there are %d digests", len(digests))
		}
		for i, p := range digests {
			if want := []string{channelID, "C0OTHER"}[i]; p.Channel != want || len(p.Items) != 1 || p.Digest.Services != 1 || p.Digest.Replicas != i+1 {
				t.Errorf("digest %d is %+v in %s with %v", i, p.Digest, p.Channel, p.Items)
			}
		}
	}, "svco-a")
}

func TestAcknowledging(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.settings.DigestCron = noDigest
		w.room.pressed = true
		expires := start.Add(7 * day)
		w.platform.put("svco-a", "one", 4, expires)
		w.platform.put("svco-a", "two", 4, expires)
		w.up()
		w.pass(time.Minute)
		w.room.expect("expiry one@7d two@7d")
		ts := w.room.standing()[0].ts

		carried := must[[]plan.Expiry](t)(w.n.Reports().RemindersIn(t.Context(), channelID, ts))
		if !slices.Equal(carried, []plan.Expiry{about("one", expires), about("two", expires)}) {
			t.Errorf("the message carries %v", carried)
		}
		first := must[[]plan.Answer](t)(w.n.Changes().Acknowledge(t.Context(), by(ann), carried[0]))[0]
		second := must[[]plan.Answer](t)(w.n.Changes().Acknowledge(t.Context(), by(bob), carried[0]))[0]
		if !first.Changed || second.Changed || second.By != ann || !second.Pause.Acknowledged() {
			t.Errorf("the first is told %+v, the second %+v", first, second)
		}
		must[plan.Shown](t)(w.n.Changes().Correct(t.Context(), channelID, ts))
		shown := w.room.standing()[0].shows().Items // at once: no time has passed
		if shown[0].Pause.By != ann || shown[1].Pause.By != "" {
			t.Errorf("the message shows %+v and %+v", shown[0].Pause, shown[1].Pause)
		}
		w.down()
		w.up()
		w.until(expires.Add(2 * day))
		w.room.expect("expiry one@7d two@7d", "expiry two@3d", "expiry one@1d two@1d", "expiry one@0d two@0d", "expiry two@-1d")
		if edits := len(w.room.standing()[0].edits); edits != 1 {
			t.Errorf("the message was edited %d times", edits)
		}
	}, "svco-a")
}

// What is pressed while Slack takes no edits shows when it does, also after a
// restart.
func TestAnAnswerSurvivesAnOutage(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.settings.DigestCron = noDigest
		w.room.pressed = true
		expires := start.Add(7 * day)
		w.platform.put("svco-a", "one", 4, expires)
		w.up()
		w.pass(time.Minute)
		ts := w.room.standing()[0].ts
		w.down()
		w.room.editing = func(string) fault { return drop }
		w.up()
		w.pass(time.Minute)
		must[[]plan.Answer](t)(w.n.Changes().Snooze(t.Context(), by(ann), time.Now().Add(2*day), about("one", expires)))
		must[plan.Shown](t)(w.n.Changes().Correct(t.Context(), channelID, ts))
		w.pass(time.Minute)
		w.down()
		w.room.editing = nil
		w.up()
		w.pass(time.Hour)
		if shown := w.room.standing()[0].shows().Items[0].Pause; !shown.Snoozed() || shown.By != ann {
			t.Errorf("the message shows %+v", shown)
		}
	}, "svco-a")
}

func TestUnacknowledging(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.settings.DigestCron = noDigest
		expires := start.Add(8 * day)
		w.platform.put("svco-a", "one", 4, expires)
		w.turns(time.Hour, 2*day)
		must[[]plan.Answer](t)(w.n.Changes().Acknowledge(t.Context(), by(ann), about("one", expires)))
		w.turns(time.Hour, 4*day)
		w.room.expect("expiry one@14d", "expiry one@7d")
		lifted := must[[]plan.Answer](t)(w.n.Changes().Unacknowledge(t.Context(), by(bob), about("one", expires)))[0]
		again := must[[]plan.Answer](t)(w.n.Changes().Unacknowledge(t.Context(), by(ann), about("one", expires)))[0]
		if !lifted.Changed || again.Changed || again.By != bob || again.Pause.By != "" {
			t.Errorf("they are told %+v and %+v", lifted, again)
		}
		w.turns(time.Hour, 12*time.Hour)
		w.room.expect("expiry one@14d", "expiry one@7d", "expiry one@3d")
		if item := w.room.standing()[2].Items[0]; item.Late != 0 || item.Pause.By != "" {
			t.Errorf("what was held back says %+v", item)
		}
		if shown := w.room.standing()[1].shows().Items[0].Pause; shown.By != "" {
			t.Errorf("the older reminder still shows %+v", shown)
		}
	}, "svco-a")
}

func TestSnoozing(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.settings.DigestCron = noDigest
		expires := start.Add(8 * day)
		w.platform.put("svco-a", "one", 4, expires)
		w.turns(time.Hour, 26*time.Hour) // 7d is said
		until := start.Add(6 * day)
		a := must[[]plan.Answer](t)(w.n.Changes().Snooze(t.Context(), by(ann), until, about("one", expires)))[0]
		if !a.Changed || a.Shortened || !a.Pause.Until.Equal(until) {
			t.Errorf("she is told %+v", a)
		}
		w.turns(time.Hour, 3*day) // 3d is not
		w.room.expect("expiry one@14d", "expiry one@7d")
		w.restart()
		w.turns(time.Hour, 2*day)
		w.room.expect("expiry one@14d", "expiry one@7d", "expiry one@2d")
		if p := w.room.standing()[2]; p.at.Sub(until) > time.Hour || p.Items[0].Late != 0 {
			t.Errorf("it came at %v: %+v", p.at, p.Items[0])
		}
		long := must[[]plan.Answer](t)(w.n.Changes().Snooze(t.Context(), by(bob), expires.Add(day), about("one", expires)))[0]
		if !long.Shortened || !long.Pause.Until.Equal(expires.Add(-day)) {
			t.Errorf("who asks for too long is told %+v", long)
		}

		w.platform.put("svco-a", "one", 4, expires.Add(8*day)) // a renewal clears it
		w.turns(time.Hour, 3*day)
		w.room.expect("expiry one@14d -> expiry one@14d(renewed)", "expiry one@7d -> expiry one@7d(renewed)",
			"expiry one@2d -> expiry one@2d(renewed)", "expiry one@14d", "renewed one", "expiry one@7d")
		stale := must[[]plan.Answer](t)(w.n.Changes().Acknowledge(t.Context(), by(ann), about("one", expires)))[0]
		if stale.Changed || stale.Reason != plan.ReasonRenewed || !stale.Present.Equal(expires.Add(8*day)) {
			t.Errorf("who answers to the old expiry is told %+v", stale)
		}
	}, "svco-a")
}

func TestServicesOfTheSettingsStay(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.settings.DigestCron = noDigest
		w.turn()
		_, gone := w.n.Changes().Unwatch(t.Context(), by(ann), "svco-a")
		_, moved := w.n.Changes().ChangeWatch(t.Context(), by(ann), plan.Watch{Service: "svco-a", Channel: "C0OTHER"})
		for _, err := range []error{gone, moved} {
			if fixed, ok := errors.AsType[*plan.FixedError](err); !ok || fixed.Service != "svco-a" {
				t.Errorf("the error is %v", err)
			}
		}
		if owned := must[plan.WatchChange](t)(w.n.Changes().ChangeWatch(t.Context(), by(ann), plan.Watch{Service: "svco-a", Owners: []string{ann}})); !owned.Changed {
			t.Errorf("it has no owner: %+v", owned)
		}
		w.settings.Services = nil // not named any more: owners alone are no watch
		w.restart()
		w.turn()
		if all := must[[]plan.Watch](t)(w.n.Reports().Watches(t.Context())); len(all) != 0 {
			t.Errorf("%+v is watched", all)
		}
	}, "svco-a")
}

func TestPeopleInTheLedger(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, url string) {
		l := open(t, url)
		ctx := t.Context()
		n := &Notifier{Ledger: l, Settings: defaults("svco-a")}
		c := plan.Change{By: ann, At: noon, Origin: "command", Channel: channelID}
		expires := noon.Add(5 * day)
		ok(t, l.Readings.Observe(ctx, noon, []plan.Observation{seen(noon, unit("x", expires), unit("y", expires))}))

		var racing sync.WaitGroup
		var mu sync.Mutex
		first, changed, watched := 0, 0, 0
		for i := range 8 {
			racing.Go(func() {
				person := c
				person.By = fmt.Sprintf("U%d", i)
				heard, err := l.People.MarkSeen(ctx, "Ev1", noon)
				answers, err2 := n.Changes().Acknowledge(ctx, person, about("x", expires))
				w, err3 := n.Changes().Watch(ctx, person, plan.Watch{Service: "svco-b"})
				mu.Lock()
				defer mu.Unlock()
				if err := errors.Join(err, err2, err3); err != nil {
					t.Error(err)
					return
				}
				for count, hit := range map[*int]bool{&first: heard, &changed: answers[0].Changed, &watched: w.Changed} {
					if hit {
						*count++
					}
				}
			})
		}
		racing.Wait()
		if first != 1 || changed != 1 || watched != 1 {
			t.Errorf("%d hear it first, %d acknowledge it first, %d watch it first", first, changed, watched)
		}
		if audit := must[[]plan.Entry](t)(l.Reports.Entries(ctx, 10)); len(audit) != 2 {
			t.Errorf("the audit has %+v", audit)
		}
		ok(t, l.People.Unmark(ctx, "Ev1"))
		ok(t, l.People.Unmark(ctx, "Ev2")) // nobody heard of it
		if again, once := must[bool](t)(l.People.MarkSeen(ctx, "Ev1", noon)), must[bool](t)(l.People.MarkSeen(ctx, "Ev1", noon)); !again || once {
			t.Errorf("what was forgotten is heard first: %v, and then %v", again, once)
		}
		must[[]plan.Answer](t)(n.Changes().Snooze(ctx, c, time.Time{}, about("x", expires), about("z", expires)))
		o := must[plan.Outlook](t)(n.Reports().Expiring(ctx, noon, noon.Add(30*day), 0, 1))
		if o.Instances != 2 || len(o.Items) != 1 || !o.Items[0].Pause.Until.Equal(expires.Add(-3*day)) || len(o.Unread) != 1 {
			t.Errorf("the outlook is %+v", o)
		}
		if next := must[plan.Outlook](t)(n.Reports().Expiring(ctx, noon, noon.Add(30*day), 1, 9)); len(next.Items) != 1 || next.Items[0].Instance != "y" {
			t.Errorf("the next page is %+v", next)
		}
		h := must[plan.Health](t)(n.Reports().Health(ctx, noon))
		if len(h.Services) != 2 || !h.Services[0].ReadAt.Equal(noon) || !h.NextDigest.Equal(time.Date(2026, 11, 25, 1, 0, 0, 0, time.UTC)) {
			t.Errorf("the health is %+v", h)
		}
		ok(t, l.Channels.SetBackoff(ctx, channelID, ledger.Backoff{Until: noon.Add(time.Hour), Set: noon, Refusals: 1, Reason: "is_archived"}))
		if h := must[plan.Health](t)(n.Reports().Health(ctx, noon)); h.Problem.Reason != "is_archived" {
			t.Errorf("the problem is %+v", h.Problem)
		}
		must[plan.WatchChange](t)(n.Changes().ChangeWatch(ctx, c, plan.Watch{Service: "svco-b", Channel: "C0OTHER", Owners: []string{"S0OPS"}}))
		must[plan.WatchChange](t)(n.Changes().Unwatch(ctx, c, "svco-b"))

		zh := plan.Preference{Language: "zh", TimeFormat: "24h"}
		ok(t, l.People.SetPreference(ctx, c, zh))
		ok(t, l.People.SetPreference(ctx, c, zh))
		ok(t, l.People.View(ctx, ann, noon))
		ok(t, l.People.View(ctx, ann, noon))
		if p := must[plan.Preference](t)(l.People.Preference(ctx, ann)); p != zh {
			t.Errorf("the preference is %v", p)
		}
		if v := must[[]string](t)(l.People.Viewers(ctx, noon)); !slices.Equal(v, []string{ann}) {
			t.Errorf("the viewers are %v", v)
		}
		later := noon.Add(500 * day)
		must[int64](t)(l.Prune(ctx, later, n.Settings.Before))
		for table, rows := range map[string]int{"heard": 0, "viewer": 0, "pause": 0, "preference": 1, "audit": 6, "service": 0, "instance": 0} {
			if got := must[[]int](t)(database.Collect(ctx, l.DB, func(scan func(...any) error) (i int, err error) {
				err = scan(&i)
				return i, err
			}, `SELECT COUNT(*) FROM `+table)); got[0] != rows {
				t.Errorf("%s keeps %d rows and not %d", table, got[0], rows)
			}
		}
	})
}

func BenchmarkExpiring(b *testing.B) {
	l := open(b, "sqlite://"+b.TempDir()+"/ledger.db")
	n := &Notifier{Ledger: l, Settings: defaults()}
	for s := range 500 {
		id := fmt.Sprintf("svco-%03d", s)
		n.Settings.Services = append(n.Settings.Services, plan.Service{ID: id})
		units := make([]qianfan.Instance, 100)
		for i := range units {
			units[i] = unit(fmt.Sprint(i), noon.Add(time.Duration(s+i*500)*time.Hour/10))
		}
		ok(b, l.Readings.Observe(b.Context(), noon, []plan.Observation{{Service: id, At: noon, Instances: units}}))
	}
	for b.Loop() {
		must[plan.Outlook](b)(n.Reports().Expiring(b.Context(), noon, noon.Add(30*day), 0, 20))
	}
}
