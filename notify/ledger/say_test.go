package ledger

import (
	"errors"
	"testing"
	"time"

	"computeunits/notify/plan"
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
		old.Started, old.Now = noon.Add(2*time.Hour), noon.Add(3*time.Hour)
		if _, err := l.Outbox.Claim(ctx, m, old, true); !errors.Is(err, ErrUnread) {
			t.Fatalf("claimed from old knowledge: %v", err)
		}
		ok(t, l.Outbox.Postpone(ctx, m, old.Now.Add(plan.UnreadRest)))
		if got := must[plan.Message](t)(messageByKey(ctx, l.DB, m.Key)); got.Attempt != m.Attempt || got.Unresolved || !got.Next.Equal(old.Now.Add(plan.UnreadRest)) {
			t.Errorf("postponed, it is %+v", got)
		}
		if ids := must[[]string](t)(l.Readings.DueServices(ctx, noon)); len(ids) != 1 || ids[0] != "svco-a" {
			t.Errorf("read first are %v", ids)
		}

		// It is posted once it was read, in a channel that is then called otherwise.
		p.Now = old.Now.Add(plan.UnreadRest)
		ok(t, l.Readings.Observe(ctx, p.Now, []plan.Observation{seen(p.Now, unit("x", noon.Add(day)))}))
		c := must[*Claim](t)(l.Outbox.Claim(ctx, m, p, true))
		must[[]plan.Duplicate](t)(l.Outbox.Sent(ctx, channelID, c.Key, "1.000001", p.Now))
		ok(t, l.Channels.ChannelMoved(ctx, channelID, "C0NEW", p.Now))
		ok(t, l.Channels.ChannelMoved(ctx, "C0NEW", "C0NEWER", p.Now.Add(time.Minute)))
		ids := must[plan.Addresses](t)(addressesOf(ctx, l.DB))
		if ids.Name("C0NEWER") != channelID || ids.Name("C0NEW") != channelID || ids.ID(channelID) != "C0NEWER" || ids.Name("C0OTHER") != "C0OTHER" {
			t.Errorf("the ids are %+v", ids)
		}
		for _, id := range []string{channelID, "C0NEW", "C0NEWER", "C0NOBODYTOLD"} {
			if got := must[plan.Message](t)(messageAt(ctx, l.DB, id, "1.000001")); got.Key != m.Key {
				t.Errorf("in %s stands %q", id, got.Key)
			}
		}
		if _, err := messageAt(ctx, l.DB, channelID, "2.000001"); err == nil {
			t.Error("there is a message that nobody posted")
		}

		// Renewed, which cannot be shown and is said below it; and back.
		b := noon.Add(100 * day)
		ok(t, l.Readings.Observe(ctx, p.Now, []plan.Observation{seen(p.Now, unit("x", b))}))
		must[Pending](t)(l.Decisions.Decide(ctx, p))
		e := must[*Correction](t)(l.Edits.Correct(ctx, m.Key, p, false))
		ok(t, l.Edits.CorrectBelow(ctx, e, p.Now, "edit_window_closed"))
		for _, waiting := range must[[]plan.Message](t)(l.Outbox.Waiting(ctx, channelID, p.Now)) {
			c := must[*Claim](t)(l.Outbox.Claim(ctx, waiting, p, true))
			if waiting.Kind == plan.KindCorrection && (c.Announcement.ThreadTS != "1.000001" || !c.Announcement.Items[0].Renewed()) {
				t.Errorf("below it is said %+v", c.Announcement)
			}
			must[[]plan.Duplicate](t)(l.Outbox.Sent(ctx, channelID, c.Key, map[plan.Kind]string{plan.KindCorrection: "1.000002", plan.KindRenewed: "1.000003"}[waiting.Kind], p.Now))
		}
		if got := states(t, l); got != "correction sent, expiry sent, renewed sent" {
			t.Errorf("the ledger shows %s", got)
		}
		ok(t, l.Readings.Observe(ctx, p.Now, []plan.Observation{seen(p.Now, unit("x", noon.Add(day)))}))
		must[Pending](t)(l.Decisions.Decide(ctx, p))
		must[Pending](t)(l.Decisions.Decide(ctx, p))
		waiting := must[[]plan.Message](t)(l.Outbox.Waiting(ctx, channelID, p.Now))
		if len(waiting) != 1 || waiting[0].Kind != plan.KindReverted {
			t.Fatalf("then waits %+v", waiting)
		}
		if c := must[*Claim](t)(l.Outbox.Claim(ctx, waiting[0], p, true)); !c.Announcement.Items[0].Before.Equal(b) {
			t.Errorf("it takes back %+v", c.Announcement.Items)
		}

		// A refusal is known as one.
		ok(t, l.Channels.SetBackoff(ctx, channelID, Backoff{Until: p.Now.Add(time.Hour), Set: p.Now, Refusals: 1, Reason: "archived"}))
		if lanes := must[[]Queue](t)(l.Outbox.Queues(ctx)); len(lanes) != 1 || !lanes[0].Refused || lanes[0].Ready.Before(p.Now.Add(time.Hour)) {
			t.Errorf("the lanes are %+v", lanes)
		}
	})
}
