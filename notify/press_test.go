package notify

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"computeunits/notify/delivery"
	"computeunits/notify/ledger"
	"computeunits/notify/plan"
	"computeunits/qianfan"
)

// pressing has a service with so many instances that expire after some time, and
// one reminder of them. It returns that, and what it carries.
func pressing(t *testing.T, w *world, instances int, left time.Duration) (*posted, []plan.Expiry) {
	t.Helper()
	w.settings.DigestCron = noDigest
	w.room.pressed = true
	for i := range instances {
		w.platform.put("svco-a", fmt.Sprintf("i%03d", i), 1, start.Add(left))
	}
	w.up()
	w.pass(time.Minute)
	p := w.room.standing()[0]
	return p, must[[]plan.Expiry](t)(w.n.Reports().RemindersIn(t.Context(), p.Channel, p.ts))
}

// Whoever presses sees the message edited at once, by one request, however many
// instances it is about.
func TestAPressShowsAtOnce(t *testing.T) {
	for _, instances := range []int{1, 2, 60, 200} {
		t.Run(fmt.Sprint(instances), func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				p, about := pressing(t, w, instances, 7*day)
				if len(about) != instances {
					t.Fatalf("the message carries %d", len(about))
				}
				pressed := time.Now()
				must[[]plan.Answer](t)(w.n.Changes().Acknowledge(t.Context(), by(ann), about...))
				shown := must[plan.Shown](t)(w.n.Changes().Correct(t.Context(), channelID, p.ts))
				if took := time.Since(pressed); shown != plan.ShownNow || took > delivery.CorrectRest || len(p.edits) != 1 {
					t.Fatalf("after %v it shows %v, with %d edits", took, shown, len(p.edits))
				}
				w.pass(10 * time.Minute)
				for _, p := range w.room.standing() {
					for _, i := range p.shows().Items {
						if !i.Pause.Acknowledged() {
							t.Errorf("%s is not shown as acknowledged", i.Instance)
						}
					}
					if len(p.edits) != 1 {
						t.Errorf("%s was edited %d times", p.Key, len(p.edits))
					}
				}
			}, "svco-a")
		})
	}
}

// Other messages that tell of the same follow by themselves, each once.
func TestOtherMessagesFollowAPress(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		p, about := pressing(t, w, 30, 3*day+time.Hour)
		w.until(start.Add(time.Hour + 5*time.Minute)) // 3d is said
		last := w.room.standing()[1]
		must[[]plan.Answer](t)(w.n.Changes().Acknowledge(t.Context(), by(ann), about...))
		if shown := must[plan.Shown](t)(w.n.Changes().Correct(t.Context(), channelID, last.ts)); shown != plan.ShownNow || len(last.edits) != 1 {
			t.Errorf("it shows %v, with %d edits", shown, len(last.edits))
		}
		w.pass(5 * time.Minute)
		if len(p.edits) != 1 || len(last.edits) != 1 || !p.shows().Items[29].Pause.Acknowledged() {
			t.Errorf("the older message was edited %d times, the pressed one %d times", len(p.edits), len(last.edits))
		}
	}, "svco-a")
}

// Who presses while the message is being edited waits until that is over, and
// then sees both.
func TestAPressDuringAnEdit(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		p, about := pressing(t, w, 3, 7*day)
		w.room.editing = func(string) fault { time.Sleep(2 * time.Second); return fine }
		var pressing sync.WaitGroup
		for i, e := range about {
			pressing.Go(func() {
				time.Sleep(time.Duration(i) * time.Millisecond)
				must[[]plan.Answer](t)(w.n.Changes().Acknowledge(t.Context(), by(fmt.Sprint("U", i)), e))
				if shown := must[plan.Shown](t)(w.n.Changes().Correct(t.Context(), channelID, p.ts)); shown != plan.ShownNow {
					t.Errorf("who pressed as number %d is told %v", i, shown)
				}
			})
		}
		pressing.Wait()
		w.pass(time.Minute)
		for i, item := range p.shows().Items {
			if item.Pause.By != fmt.Sprint("U", i) {
				t.Errorf("the message shows %+v", item.Pause)
			}
		}
		if len(p.edits) > 3 {
			t.Errorf("the message was edited %d times", len(p.edits))
		}
	}, "svco-a")
}

// What a person is told of the message that they pressed is true.
func TestWhatAMessageShows(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		p, about := pressing(t, w, 2, 7*day)
		correct := func(ts string) plan.Shown {
			return must[plan.Shown](t)(w.n.Changes().Correct(t.Context(), channelID, ts))
		}
		if shown := correct("1.000001"); shown != plan.ShownUnknown {
			t.Errorf("of a message that nobody knows: %v", shown)
		}
		if shown := correct(p.ts); shown != plan.ShownNow || len(p.edits) != 0 {
			t.Errorf("of one that is true: %v, with %d edits", shown, len(p.edits))
		}

		// An edit that is lost is owed. Who presses again does not wait for the
		// courier's rest.
		w.room.editing = func(string) fault { return drop }
		must[[]plan.Answer](t)(w.n.Changes().Acknowledge(t.Context(), by(ann), about[0]))
		if shown := correct(p.ts); shown != plan.ShownLater {
			t.Errorf("after a lost edit: %v", shown)
		}
		w.room.editing = nil
		must[[]plan.Answer](t)(w.n.Changes().Acknowledge(t.Context(), by(ann), about[1]))
		if shown := correct(p.ts); shown != plan.ShownNow || !p.shows().Items[0].Pause.Acknowledged() {
			t.Errorf("after the next press: %v, %+v", shown, p.shows())
		}

		// An edit whose answer is lost may have arrived: taking back edits again.
		w.room.editing = func(string) fault { return commitDrop }
		must[[]plan.Answer](t)(w.n.Changes().Unacknowledge(t.Context(), by(ann), about[0]))
		correct(p.ts)
		w.room.editing = nil
		must[[]plan.Answer](t)(w.n.Changes().Acknowledge(t.Context(), by(ann), about[0]))
		if shown := correct(p.ts); shown != plan.ShownNow || !p.shows().Items[0].Pause.Acknowledged() {
			t.Errorf("after it was taken back: %v, %+v", shown, p.shows())
		}

		// Slack does not let a message be edited for ever.
		w.room.editing = func(string) fault { return rejected }
		must[[]plan.Answer](t)(w.n.Changes().Unacknowledge(t.Context(), by(ann), about...))
		if shown := correct(p.ts); shown != plan.ShownNever {
			t.Errorf("of one that cannot be edited: %v", shown)
		}
		w.pass(2 * time.Minute) // what is true now is said below it
		w.room.editing = func(string) fault { return limited }
		must[[]plan.Answer](t)(w.n.Changes().Acknowledge(t.Context(), by(bob), about...))
		correct(p.ts)
		requests := w.room.requests
		if shown := correct(p.ts); shown != plan.ShownLater || w.room.requests != requests {
			t.Errorf("while Slack asks to wait: %v, with %d requests more", shown, w.room.requests-requests)
		}
		w.room.editing = nil
	}, "svco-a")
}

// Thousands are answered to as one, on each database: nothing is named twice in
// the audit, and what is not done when the time is up is as it was.
func TestAnsweringThousands(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, url string) {
		many := 3*ledger.AnswersAtOnce + 7
		if underRace {
			many = ledger.AnswersAtOnce + 7
		}
		l, n := thousands(t, url, many)
		expires := noon.Add(7 * day)
		about := []plan.Expiry{{Service: "svco-a", Instance: "nobody", Expires: expires}}
		for i := range many {
			about = append(about, plan.Expiry{Service: "svco-a", Instance: fmt.Sprint("i", i), Expires: expires})
		}
		about = append(about, about[1])
		c := plan.Change{By: ann, At: noon.Add(time.Hour), Origin: "button"}
		ended, end := context.WithCancel(t.Context())
		end()
		if answers, err := n.Changes().Acknowledge(ended, c, about...); err == nil || len(answers) != 0 {
			t.Errorf("when the time is up %d are answered to: %v", len(answers), err)
		}
		running, end := context.WithCancel(t.Context())
		decided := 0
		some, err := n.Changes().answer(running, c, "acknowledge", about, func(_ plan.Instance, was plan.HeldPause, _ plan.Ladder) (plan.HeldPause, plan.Answer) {
			if decided++; decided == ledger.AnswersAtOnce+5 {
				end()
			}
			return plan.HeldPause{Pause: plan.Pause{By: bob, At: c.At}}, plan.Answer{}
		})
		held := must[map[plan.Expiry]plan.Pause](t)(n.Reports().Pauses(t.Context(), "svco-a"))
		if len(some) != ledger.AnswersAtOnce || err == nil || len(held) != ledger.AnswersAtOnce-1 {
			t.Errorf("when the time is up meanwhile %d are answered to, and %d acknowledged: %v", len(some), len(held), err)
		}
		must[[]plan.Answer](t)(n.Changes().Unacknowledge(t.Context(), c, about...))

		begun := time.Now()
		answers := must[[]plan.Answer](t)(n.Changes().Acknowledge(t.Context(), c, about...))
		t.Logf("%d took %v", len(about), time.Since(begun))
		changed := 0
		for i, a := range answers {
			if a.Expiry != about[i] {
				t.Fatalf("answer %d is about %v and not %v", i, a.Expiry, about[i])
			}
			if a.Changed {
				changed++
			}
		}
		if first, last := answers[0], answers[len(answers)-1]; changed != many || len(answers) != len(about) || first.Reason != plan.ReasonUnknown || last.Changed || last.By != ann {
			t.Errorf("%d changed; the first is %+v, the last %+v", changed, first, last)
		}
		if entries := must[[]plan.Entry](t)(l.Reports.Entries(t.Context(), 10*many)); len(entries) != many+2*len(held) {
			t.Errorf("the audit has %d rows", len(entries))
		}
		if held = must[map[plan.Expiry]plan.Pause](t)(n.Reports().Pauses(t.Context(), "svco-a")); len(held) != many || !held[about[1]].Acknowledged() {
			t.Errorf("%d are acknowledged", len(held))
		}
	})
}

// thousands is a ledger that knows so many instances, which expire in 7 days.
func thousands(t testing.TB, url string, many int) (*ledger.Ledger, *Notifier) {
	l := open(t, url)
	units := make([]qianfan.Instance, many)
	for i := range units {
		units[i] = unit(fmt.Sprint("i", i), noon.Add(7*day))
	}
	ok(t, l.Readings.Observe(t.Context(), noon, []plan.Observation{seen(noon, units...)}))
	return l, &Notifier{Ledger: l, Settings: defaults("svco-a")}
}

// However often a message is marked, it stays due, and an edit under way is
// followed by another one.
func TestMarking(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, url string) {
		l, m := withReminder(t, url)
		ctx := t.Context()
		p := withoutDigest(at(noon.Add(time.Minute), "svco-a"))
		must[[]plan.Duplicate](t)(l.Outbox.Sent(ctx, channelID, m.Key, "1.1", noon))
		n := &Notifier{Ledger: l, Settings: p.Settings}
		c := plan.Change{By: ann, At: p.Now}
		about := plan.Expiry{Service: "svco-a", Instance: "x", Expires: noon.Add(day)}
		press := func() {
			must[[]plan.Answer](t)(n.Changes().Acknowledge(ctx, c, about))
			must[[]plan.Answer](t)(n.Changes().Unacknowledge(ctx, c, about))
			must[[]plan.Answer](t)(n.Changes().Acknowledge(ctx, c, about))
		}
		press()
		first := must[*ledger.Correction](t)(l.Edits.Correct(ctx, m.Key, p, false))
		if first == nil {
			t.Fatal("it is not due")
		}
		press()
		if _, err := l.Edits.Correct(ctx, m.Key, p, true); !errors.Is(err, ledger.ErrUnderWay) {
			t.Errorf("while an edit is under way: %v", err)
		}
		must[[]plan.Answer](t)(n.Changes().Unacknowledge(ctx, c, about))
		ok(t, l.Edits.Corrected(ctx, first, p.Now))
		if second := must[*ledger.Correction](t)(l.Edits.Correct(ctx, m.Key, p, false)); second == nil || second.Announcement.Items[0].Pause.By != "" {
			t.Errorf("then comes %+v", second)
		} else {
			ok(t, l.Edits.Corrected(ctx, second, p.Now))
		}
		if _, _, shown, err := l.Edits.Shown(ctx, channelID, "1.1"); shown != plan.ShownNow || err != nil {
			t.Errorf("it shows %v, %v", shown, err)
		}
	})
}

// gathering has so many services with some instances each, all of which expire
// in 7 days: one message names the services, and its thread has the instances.
func gathering(t *testing.T, services, instances int, story func(t *testing.T, w *world, parent *posted, about []plan.Expiry)) {
	var ids []string
	for i := range services {
		ids = append(ids, fmt.Sprintf("svco-%02d", i))
	}
	inWorld(t, func(t *testing.T, w *world) {
		w.settings.DigestCron = noDigest
		w.room.pressed = true
		for _, id := range ids {
			for i := range instances {
				w.platform.put(id, fmt.Sprintf("%s-i%03d", id, i), 2, start.Add(7*day))
			}
		}
		w.up()
		w.pass(time.Minute)
		parent := w.room.standing()[0]
		story(t, w, parent, must[[]plan.Expiry](t)(w.n.Reports().RemindersIn(t.Context(), channelID, parent.ts)))
	}, ids...)
}

// tallied is what a message says of who answered to how many.
func tallied(a plan.Announcement) string {
	open, shares := a.Answered()
	text := fmt.Sprint("of ", open)
	for _, s := range shares {
		text += fmt.Sprintf(" %s %d+%d", s.By, s.Acknowledged, s.Snoozed)
	}
	return text
}

// The message that only names the services shows who answered to how many of the
// instances in its thread, at once, and again after a restart.
func TestACollectedMessageShowsWhatWasAnswered(t *testing.T) {
	gathering(t, 7, 80, func(t *testing.T, w *world, parent *posted, about []plan.Expiry) {
		if parent.Kind != plan.KindCollected || len(about) != 560 || tallied(parent.Announcement) != "of 560" {
			t.Fatalf("the message %v carries %d: %s", parent, len(about), tallied(parent.Announcement))
		}
		expect := func(shown plan.Shown, edits int, want string) {
			t.Helper()
			if shown != plan.ShownNow || len(parent.edits) != edits || tallied(parent.shows()) != want {
				t.Errorf("after %d edits, %v, it says %s and not %s", len(parent.edits), shown, tallied(parent.shows()), want)
			}
		}
		correct := func() plan.Shown {
			return must[plan.Shown](t)(w.n.Changes().Correct(t.Context(), channelID, parent.ts))
		}
		must[[]plan.Answer](t)(w.n.Changes().Acknowledge(t.Context(), by(ann), about...))
		expect(correct(), 1, "of 560 U0ANN 560+0")
		w.pass(2 * time.Minute)
		for _, p := range w.room.standing()[1:] {
			if n := len(p.shows().Items); tallied(p.shows()) != fmt.Sprintf("of %d U0ANN %d+0", n, n) || len(p.edits) != 1 {
				t.Errorf("a reply says %s after %d edits", tallied(p.shows()), len(p.edits))
			}
		}
		must[[]plan.Answer](t)(w.n.Changes().Snooze(t.Context(), by(bob), start.Add(2*time.Hour), about[:100]...))
		expect(correct(), 2, "of 560 U0ANN 460+0 U0BOB 0+100")
		if s := parent.shows().Services[0]; s.Acknowledged() != 0 || s.Snoozed() != 80 || !s.Shares[0].Until.Equal(start.Add(2*time.Hour)) {
			t.Errorf("the first service is %+v", s)
		}
		w.platform.put("svco-00", "svco-00-i000", 2, start.Add(70*day)) // one is renewed
		w.platform.remove("svco-06", "svco-06-i079")                    // and one vanished, of which nobody is silent
		w.pass(30 * time.Minute)
		if s := parent.shows().Services; s[0].Instances != 80 || s[0].Renewed != 1 || s[0].Replicas != 79*2 || s[0].Open != 79 || s[0].Snoozed() != 79 {
			t.Errorf("with one renewed the first service is %+v", s[0])
		}
		must[[]plan.Answer](t)(w.n.Changes().Unacknowledge(t.Context(), by(bob), about[100:]...))
		w.down() // nobody edits it but who comes next
		w.up()
		w.pass(2 * time.Minute)
		expect(plan.ShownNow, len(parent.edits), "of 559 U0BOB 0+99")
		w.until(start.Add(3 * time.Hour))
		expect(plan.ShownNow, len(parent.edits), "of 559")
		if n := len(parent.edits); n > 5 {
			t.Errorf("it was edited %d times", n)
		}
	})
}

// A message whose thread goes on with the same service says the same.
func TestAThreadedMessageShowsWhatWasAnswered(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		p, about := pressing(t, w, 200, 7*day)
		if len(p.Items) != plan.MaxCarried || tallied(p.Announcement) != "of 200" {
			t.Errorf("it carries %d itself: %s", len(p.Items), tallied(p.Announcement))
		}
		must[[]plan.Answer](t)(w.n.Changes().Acknowledge(t.Context(), by(ann), about[150:]...)) // in the thread
		must[plan.Shown](t)(w.n.Changes().Correct(t.Context(), channelID, p.ts))
		must[[]plan.Answer](t)(w.n.Changes().Acknowledge(t.Context(), by(bob), about...))
		must[plan.Shown](t)(w.n.Changes().Correct(t.Context(), channelID, p.ts))
		if got := tallied(p.shows()); len(p.edits) != 2 || got != "of 200 U0BOB 150+0 U0ANN 50+0" {
			t.Errorf("after %d edits it says %s", len(p.edits), got)
		}
	}, "svco-a")
}

// Who presses before the whole thread is posted loses nothing of it: what the
// message announced is said, and can be taken back.
func TestAPressBeforeTheThreadIsPosted(t *testing.T) {
	for name, press := range map[string]func(w *world, about []plan.Expiry) ([]plan.Answer, error){
		"acknowledged": func(w *world, about []plan.Expiry) ([]plan.Answer, error) {
			return w.n.Changes().Acknowledge(w.t.Context(), by(ann), about...)
		},
		"snoozed": func(w *world, about []plan.Expiry) ([]plan.Answer, error) {
			return w.n.Changes().Snooze(w.t.Context(), by(ann), start.Add(5*time.Hour), about...)
		},
	} {
		t.Run(name, func(t *testing.T) {
			gathering(t, 7, 80, func(t *testing.T, w *world, _ *posted, about []plan.Expiry) {
				until := start.Add(2 * time.Hour)
				must[[]plan.Answer](t)(w.n.Changes().Snooze(t.Context(), by(bob), until, about...))
				w.until(until.Add(3 * time.Second)) // it ends: some of the thread is posted
				var parent *posted
				for _, p := range w.room.of(plan.KindCollected) {
					parent = p
				}
				about = must[[]plan.Expiry](t)(w.n.Reports().RemindersIn(t.Context(), channelID, parent.ts))
				begun := len(w.room.standing())
				must[[]plan.Answer](t)(press(w, about))
				must[plan.Shown](t)(w.n.Changes().Correct(t.Context(), channelID, parent.ts))
				w.pass(5 * time.Minute)
				posted := make(map[string]bool)
				for _, p := range w.room.standing() {
					if p.ThreadTS == parent.ts {
						for _, i := range p.Items {
							posted[i.Instance] = true
						}
					}
				}
				if len(about) != 560 || len(posted) != 560 || len(w.room.standing()) == begun {
					t.Errorf("of %d in the thread %d were posted; before %d messages stood there, and now %d", len(about), len(posted), begun, len(w.room.standing()))
				}
			})
		})
	}
}
