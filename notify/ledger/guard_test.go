package ledger

import (
	"testing"

	"computeunits/notify/plan"
)

// What cannot be written without a panic is undone, and a message that panics rests
// while others are said.
func TestAPoisonedMessageRests(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, url string) {
		l, m := withReminder(t, url)
		ok(t, l.Outbox.Poisoned(t.Context(), m.Key, noon.Add(plan.PoisonRest), ErrOvertaken))
		if got := must[[]plan.Message](t)(l.Outbox.Waiting(t.Context(), channelID, noon)); len(got) != 0 {
			t.Errorf("it is tried again at once: %+v", got)
		}
		if got := must[[]plan.Message](t)(l.Outbox.Waiting(t.Context(), channelID, noon.Add(plan.PoisonRest))); len(got) != 1 {
			t.Errorf("it is never tried again: %+v", got)
		}
	})
}
