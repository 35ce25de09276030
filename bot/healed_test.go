package bot_test

import (
	"testing"
	"time"

	"computeunits/bot/slacksim"
)

// A channel that is unarchived, or into which the bot is invited, hears what waits
// within 90 seconds, however long it took.
func TestAChannelThatIsPutRightHearsWhatWaits(t *testing.T) {
	all := []string{alice, bob, mei, "U0COMPUTE"}
	for name, broken := range map[string]slacksim.Channel{
		"archived":    {ID: gpu, Name: "gpu-capacity", Members: all, Archived: true},
		"not invited": {ID: gpu, Name: "gpu-capacity", Members: all[:3]},
		"hidden":      {ID: gpu, Name: "gpu-capacity", Members: all[:3], Private: true},
	} {
		t.Run(name, func(t *testing.T) {
			inAWorld(t, both(both(expiring("svco-a", 5*day, "cu-1"), func(w *world) { w.slack.AddChannel(broken) }), watching("en", "svco-a")), func(w *world) {
				time.Sleep(7*time.Hour + 40*time.Minute)
				if n := len(w.slack.Calls("chat.postMessage")); n > 1 {
					t.Errorf("posted %d times in vain", n)
				}
				w.slack.AddChannel(slacksim.Channel{ID: gpu, Name: "gpu-capacity", Members: all, Private: broken.Private})
				begun := time.Now()
				w.reminded(alice, "cu-1")
				if took := time.Since(begun); took > 90*time.Second {
					t.Errorf("it took %v", took)
				}
				w.content()
			})
		})
	}
}
