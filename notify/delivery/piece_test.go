package delivery

import (
	"testing"
	"time"

	"computeunits/notify/ledger"
)

// What a process remembers of a channel ends when the channel rests.
func TestAChannelThatRestsIsForgotten(t *testing.T) {
	now := time.Now()
	tracks := map[string]*ChannelQueue{"busy": {}, "waits": {}, "rests": {}, "paces": {Next: now.Add(time.Minute)}, "done": {}}
	resting := map[string]time.Time{"rests": now.Add(time.Minute), "done": now.Add(-time.Minute), "waits": now}
	forget(tracks, map[string]bool{"busy": true}, resting, []ledger.Queue{{Channel: "waits"}})
	if len(tracks) != 4 || tracks["done"] != nil || len(resting) != 2 {
		t.Errorf("remembered are %v, %v", tracks, resting)
	}
}
