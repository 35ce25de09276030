package notify

import (
	"errors"
	"testing"
	"time"
)

// What is said again, corrected, postponed, and said in a channel that has another
// id, is written the same in every database.
func TestWhatIsSaidAgainOnEachDatabase(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, url string) {
		l, m := withReminder(t, url)
		p := withoutDigest(at(noon, "svco-a"))
		ctx := t.Context()

		// A day later nothing was read: it waits for that, at no cost of an attempt.
		old := p
		old.started, old.now = noon.Add(2*time.Hour), noon.Add(3*time.Hour)
		if _, err := l.claim(ctx, m, old, true); !errors.Is(err, errUnread) {
			t.Fatalf("claimed from old knowledge: %v", err)
		}
		ok(t, l.postpone(ctx, m, old.now.Add(unreadRest)))
		if got := must[message](t)(messageByKey(ctx, l.db, m.key)); got.attempt != m.attempt || got.unresolved || !got.next.Equal(old.now.Add(unreadRest)) {
			t.Errorf("postponed, it is %+v", got)
		}
		if ids := must[[]string](t)(l.pressing(ctx, noon)); len(ids) != 1 || ids[0] != "svco-a" {
			t.Errorf("read first are %v", ids)
		}

		// It is posted once it was read, in a channel that is then called otherwise.
		p.now = old.now.Add(unreadRest)
		ok(t, l.observe(ctx, p.now, []observation{seen(p.now, unit("x", noon.Add(day)))}))
		c := must[*claim](t)(l.claim(ctx, m, p, true))
		must[[]double](t)(l.sent(ctx, channelID, c.key, "1.000001", p.now))
		ok(t, l.moved(ctx, channelID, "C0NEW", p.now))
		ok(t, l.moved(ctx, "C0NEW", "C0NEWER", p.now.Add(time.Minute)))
		ids := must[addresses](t)(addressesOf(ctx, l.db))
		if ids.name("C0NEWER") != channelID || ids.name("C0NEW") != channelID || ids.id(channelID) != "C0NEWER" || ids.name("C0OTHER") != "C0OTHER" {
			t.Errorf("the ids are %+v", ids)
		}
		for _, id := range []string{channelID, "C0NEW", "C0NEWER", "C0NOBODYTOLD"} {
			if got := must[message](t)(messageAt(ctx, l.db, id, "1.000001")); got.key != m.key {
				t.Errorf("in %s stands %q", id, got.key)
			}
		}
		if _, err := messageAt(ctx, l.db, channelID, "2.000001"); err == nil {
			t.Error("there is a message that nobody posted")
		}

		// Renewed, which cannot be shown and is said below it; and back.
		b := noon.Add(100 * day)
		ok(t, l.observe(ctx, p.now, []observation{seen(p.now, unit("x", b))}))
		must[glance](t)(l.decide(ctx, p))
		e := must[*correction](t)(l.correct(ctx, m.key, p, false))
		ok(t, l.correctBelow(ctx, e, p.now, "edit_window_closed"))
		for _, waiting := range must[[]message](t)(l.outbox(ctx, channelID, p.now)) {
			c := must[*claim](t)(l.claim(ctx, waiting, p, true))
			if waiting.kind == KindCorrection && (c.announcement.ThreadTS != "1.000001" || !c.announcement.Items[0].Renewed()) {
				t.Errorf("below it is said %+v", c.announcement)
			}
			must[[]double](t)(l.sent(ctx, channelID, c.key, map[Kind]string{KindCorrection: "1.000002", KindRenewed: "1.000003"}[waiting.kind], p.now))
		}
		if got := states(t, l); got != "correction sent, expiry sent, renewed sent" {
			t.Errorf("the ledger shows %s", got)
		}
		ok(t, l.observe(ctx, p.now, []observation{seen(p.now, unit("x", noon.Add(day)))}))
		must[glance](t)(l.decide(ctx, p))
		must[glance](t)(l.decide(ctx, p))
		waiting := must[[]message](t)(l.outbox(ctx, channelID, p.now))
		if len(waiting) != 1 || waiting[0].kind != KindReverted {
			t.Fatalf("then waits %+v", waiting)
		}
		if c := must[*claim](t)(l.claim(ctx, waiting[0], p, true)); !c.announcement.Items[0].Before.Equal(b) {
			t.Errorf("it takes back %+v", c.announcement.Items)
		}

		// A refusal is known as one.
		ok(t, l.setHold(ctx, channelID, hold{until: p.now.Add(time.Hour), set: p.now, refusals: 1, reason: "archived"}))
		if lanes := must[[]lane](t)(l.lanes(ctx)); len(lanes) != 1 || !lanes[0].refused || lanes[0].ready.Before(p.now.Add(time.Hour)) {
			t.Errorf("the lanes are %+v", lanes)
		}
	})
}
