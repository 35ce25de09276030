package notify

import (
	"testing"
	"time"

	"computeunits/notify/ledger"
	"computeunits/notify/plan"
)

// pausesShown is who paused what, by all that people see of it.
func pausesShown(t *testing.T, w *world) (who []string) {
	t.Helper()
	for _, p := range w.room.standing() {
		for _, i := range p.shows().Items {
			if i.Pause.By != "" {
				who = append(who, string(p.Kind)+" "+i.Pause.By)
			}
		}
	}
	for about, p := range must[map[plan.Expiry]plan.Pause](t)(w.n.Reports().Pauses(t.Context(), "svco-a")) {
		who = append(who, "pauses "+about.Instance+" "+p.By)
	}
	for _, i := range must[plan.Outlook](t)(w.n.Reports().Expiring(t.Context(), time.Now(), time.Now().Add(60*day), 0, 10)).Items {
		if i.Pause.By != "" {
			who = append(who, "outlook "+i.Pause.By)
		}
	}
	return who
}

// A snooze that has ended is none: nothing that people see says that it is one.
func TestAnEndedSnoozeIsNone(t *testing.T) {
	for name, meanwhile := range map[string]func(w *world){
		"":                  func(*world) {},
		", down over it":    func(w *world) { w.down() },
		", without Slack":   func(w *world) { w.room.editing = func(string) fault { return drop } },
		", without Qianfan": func(w *world) { w.platform.fail("", errUnavailable) },
	} {
		t.Run("snoozed"+name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				expires, until := start.Add(12*day), start.Add(6*time.Hour)
				w.room.pressed = true
				for _, id := range []string{"one", "two"} {
					w.platform.put("svco-a", id, 4, expires)
				}
				w.up()
				w.pass(time.Minute)
				about := []plan.Expiry{about("one", expires), about("two", expires)}
				must[[]plan.Answer](t)(w.n.Changes().Snooze(t.Context(), by(ann), until, about...))
				w.until(start.Add(2 * time.Hour)) // the digest comes
				if who := pausesShown(t, w); len(who) != 2*2+2+2 {
					t.Errorf("while it lasts these show it: %v", who)
				}
				meanwhile(w)
				w.until(until.Add(-time.Minute))
				if w.stop != nil {
					if early := must[[]plan.Answer](t)(w.n.Changes().Unsnooze(t.Context(), by(bob), plan.Expiry{Service: "svco-a", Instance: "three", Expires: expires})); early[0].Changed {
						t.Errorf("what nobody snoozed is %+v", early)
					}
				}
				w.until(until.Add(20 * time.Minute))
				w.down()
				w.room.editing = nil
				w.platform.fail("", nil)
				w.up()
				w.pass(40 * time.Minute)
				if who := pausesShown(t, w); len(who) > 0 {
					t.Errorf("an hour after its end these show it: %v", who)
				}
				standing, reminders := w.room.standing(), w.room.of(plan.KindExpiry)
				if p := reminders[len(reminders)-1]; p.Kind != plan.KindExpiry || !p.Items[0].Expires.Add(-p.Items[0].Threshold).Equal(until) || len(p.edits) != 0 {
					t.Errorf("its end is said by %v, with %d edits", p, len(p.edits))
				}
				edits := len(standing[0].edits)
				if name == "" && (edits != 2 || len(standing[1].edits) != 1) {
					t.Errorf("the reminder before it was edited %d times, the digest %d times", edits, len(standing[1].edits))
				}

				late := must[[]plan.Answer](t)(w.n.Changes().Unsnooze(t.Context(), by(bob), about[0]))[0]
				if late.Changed || late.By != "" || late.Pause != (plan.Pause{}) {
					t.Errorf("who ends it afterwards is told %+v", late)
				}
				w.until(start.Add(32 * time.Hour))
				if who := pausesShown(t, w); len(who) > 0 {
					t.Errorf("a day later these show it: %v", who)
				}
				if n := len(standing[0].edits); n != edits {
					t.Errorf("a day later the reminder was edited %d times more", n-edits)
				}
				again := must[[]plan.Answer](t)(w.n.Changes().Acknowledge(t.Context(), by(bob), about[0]))[0]
				if !again.Changed || !again.Pause.Acknowledged() {
					t.Errorf("who acknowledges then is told %+v", again)
				}
			}, "svco-a")
		})
	}
}

// Many snoozes that end together cost each message one edit.
func TestSnoozesEndTogether(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		_, about := pressing(t, w, 3*plan.MaxCarried-1, 7*day)
		until := start.Add(2 * time.Hour)
		must[[]plan.Answer](t)(w.n.Changes().Snooze(t.Context(), by(ann), until, about...))
		w.until(until.Add(5 * time.Minute))
		w.until(until.Add(25 * time.Hour)) // each was decided about again since
		for i, p := range w.room.standing() {
			want := 0
			if i < 3 { // the reminder and its thread
				want = 2
			}
			if len(p.edits) != want {
				t.Errorf("message %d was edited %d times, not %d", i, len(p.edits), want)
			}
		}
		if who := pausesShown(t, w); len(who) > 0 {
			t.Errorf("these show it still: %v", who)
		}
	}, "svco-a")
}

// The end of a snooze is noticed once, on each database, whenever the pass after
// it comes.
func TestTheEndOfASnoozeIsNoticedOnce(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, url string) {
		l, ctx := open(t, url), t.Context()
		expires, until := noon.Add(12*day), noon.Add(2*day)
		ok(t, l.Readings.Observe(ctx, noon, []plan.Observation{seen(noon, unit("x", expires))}))
		p := withoutDigest(at(noon, "svco-a"))
		must[ledger.Pending](t)(l.Decisions.Decide(ctx, p))
		first := must[[]plan.Message](t)(l.Outbox.Waiting(ctx, channelID, noon))[0]
		must[[]plan.Duplicate](t)(l.Outbox.Sent(ctx, channelID, first.Key, "1.1", noon))
		n := &Notifier{Ledger: l, Settings: p.Settings}
		must[[]plan.Answer](t)(n.Changes().Snooze(ctx, plan.Change{By: ann, At: noon}, until, plan.Expiry{Service: "svco-a", Instance: "x", Expires: expires}))
		edit := func(now time.Time) *ledger.Correction {
			p.Now = now
			must[ledger.Pending](t)(l.Decisions.Decide(ctx, p))
			c := must[*ledger.Correction](t)(l.Edits.Correct(ctx, first.Key, p, false))
			if c != nil {
				ok(t, l.Edits.Corrected(ctx, c, now))
			}
			return c
		}
		for _, c := range []struct {
			at   time.Time
			want bool
		}{
			{noon, true}, {noon.Add(day), false}, {until.Add(-time.Second), false},
			{until.Add(17 * time.Hour), true}, {until.Add(18 * time.Hour), false}, {until.Add(3 * day), false},
		} {
			got := edit(c.at)
			if got != nil != c.want || c.want && got.Announcement.Items[0].Pause.Snoozed() != c.at.Before(until) {
				t.Errorf("at %v the edit is %+v", c.at, got)
			}
		}
	})
}
