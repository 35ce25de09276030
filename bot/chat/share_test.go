package chat

import (
	"fmt"
	"testing"
)

// Room for a claim is made one by one: what holds longest is kept.
func TestManyPressesDoNotForgetOne(t *testing.T) {
	a := &Chat{}
	if !a.claimFor(shareKept, "posted") {
		t.Fatal("nobody posted it before")
	}
	for i := range 3 * maxKnown {
		if !a.claimFor(doubleClick, fmt.Sprint(i)) {
			t.Fatalf("press %d was not made before", i)
		}
		if a.claimFor(shareKept, "posted") {
			t.Fatalf("forgotten after %d other presses", i+1)
		}
		if i > 0 && a.claimFor(doubleClick, fmt.Sprint(i-1)) {
			t.Fatalf("the press before the %dth is forgotten", i+1)
		}
	}
	if len(a.done) > maxKnown {
		t.Errorf("%d are remembered", len(a.done))
	}
}
