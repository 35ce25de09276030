package ledger

import (
	"errors"
	"testing"
	"time"

	"computeunits/notify/plan"
)

// A process that was held up between its look-up and its claim, while another
// attempt was made and its lease ended, must not post by what it saw before.
func TestAnOldLookUpIsNoGround(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, url string) {
		l, m := withReminder(t, url)
		p := withoutDigest(at(noon, "svco-a"))
		must[*Claim](t)(l.Outbox.Claim(t.Context(), m, p, true)) // the other's, whose answer is lost
		p.Now = p.Now.Add(p.Settings.Lease + time.Second)
		if c, err := l.Outbox.Claim(t.Context(), m, p, true); !errors.Is(err, ErrOvertaken) {
			t.Errorf("claimed %+v, %v", c, err)
		}
	})
}

// One that appears late, after an earlier message was found that says most of it, is
// edited to leave that out.
func TestALateMessageThatCarriesMoreIsEdited(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, url string) {
		l := open(t, url)
		ok(t, l.Readings.Observe(t.Context(), noon, []plan.Observation{seen(noon, unit("x", noon.Add(day)), unit("y", noon.Add(day)))}))
		must[Pending](t)(l.Decisions.Decide(t.Context(), withoutDigest(at(noon, "svco-a"))))
		m := must[[]plan.Message](t)(l.Outbox.Waiting(t.Context(), channelID, noon))[0]
		c := must[*Claim](t)(l.Outbox.Claim(t.Context(), m, at(noon, "svco-a"), true))
		ids := c.Announcement.Reminders
		ok(t, l.Outbox.InDoubt(t.Context(), c, "no answer"))
		first := plan.Delivery{TS: plan.SlackTS(noon), Key: "expiry:another", Ledger: "other", Reminders: ids[:1]}
		late := plan.Delivery{TS: plan.SlackTS(noon.Add(4 * time.Second)), Key: m.Key, Reminders: ids}
		for _, found := range []plan.Delivery{first, late} {
			if doubles := must[[]plan.Duplicate](t)(l.Channels.Reconcile(t.Context(), channelID, []plan.Delivery{found}, noon.Add(5*time.Second))); len(doubles) != 0 {
				t.Fatalf("%v are to be removed", doubles)
			}
		}
		e := must[*Correction](t)(l.Edits.Correct(t.Context(), m.Key, at(noon.Add(time.Minute), "svco-a"), false))
		if e == nil || len(e.Announcement.Items) != 1 {
			t.Errorf("it is edited to %+v", e)
		}
	})
}
