package ledger

import (
	"errors"
	"testing"

	"computeunits/notify/plan"
)

// The tests here hold bounds and guards that no story depends on: a mutation
// tester changed each, and nothing else failed.

// TestAClaimMissesNoAttemptSinceItsLookUp has another process attempt a message,
// in vain as it seems, between a process's look-up and its claim: what the
// look-up did not find may stand there by now, so the claim must fail, although
// the message waits and its lease is over.
func TestAClaimMissesNoAttemptSinceItsLookUp(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, url string) {
		l, lookedUp := withReminder(t, url)
		p := withoutDigest(at(noon, "svco-a"))
		other := must[*Claim](t)(open(t, url).Outbox.Claim(t.Context(), lookedUp, p, true))
		ok(t, l.Outbox.Failed(t.Context(), other, Failure{Next: p.Now, Reason: "timeout"}))
		if c, err := l.Outbox.Claim(t.Context(), lookedUp, p, true); !errors.Is(err, ErrOvertaken) {
			t.Errorf("it is claimed on an old look-up: %v, %v", c, err)
		}
		again := must[[]plan.Message](t)(l.Outbox.Waiting(t.Context(), channelID, p.Now))[0]
		if c := must[*Claim](t)(l.Outbox.Claim(t.Context(), again, p, true)); c == nil || c.Attempt != 2 {
			t.Errorf("after another look-up the claim is %v", c)
		}
	})
}

func TestADigestKnowsWhatALongLadderReaches(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, url string) {
		l := open(t, url)
		ok(t, l.Readings.Observe(t.Context(), noon, []plan.Observation{seen(noon, unit("x", noon.Add(day)))}))
		settings := defaults("svco-a")
		settings.Before = plan.Ladder{0, -plan.MaxThreshold}
		s := must[plan.Snapshot](t)(surveyAt(t.Context(), l.DB, settings.Policy(), noon.Add(day+plan.MaxThreshold)))
		if len(s.Window) != 1 {
			t.Errorf("on the day of the last step the digest has %d instances", len(s.Window))
		}
	})
}
