package ledger

import (
	"errors"
	"testing"
	"time"
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
