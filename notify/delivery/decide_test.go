package delivery

import (
	"testing"
	"time"
)

func TestBackoff(t *testing.T) {
	want := []time.Duration{time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 16 * time.Minute, 32 * time.Minute, time.Hour, time.Hour}
	for i, w := range want {
		if got := backoff(refusedRest, i+1); got != w {
			t.Errorf("after %d failures: %v and not %v", i+1, got, w)
		}
	}
	if got := backoff(refusedRest, 1<<30); got != MaxRest {
		t.Errorf("after very many failures: %v", got)
	}
}
