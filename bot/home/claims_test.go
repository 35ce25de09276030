package home

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"computeunits/bot/chat"
)

// While a Home is published its viewer is not forgotten: somebody else would
// publish it at the same time.
func TestAViewerWhoseHomeIsHeldIsNotForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := New(&chat.Chat{}, "", nil, nil)
		v, _ := h.touch("U0ALICE", 0)
		v.enter(t.Context())
		for i := range 2 * maxViewers {
			time.Sleep(time.Second)
			h.touch(fmt.Sprint(i), 0)
		}
		time.Sleep(2 * homeLooked)
		h.looking()
		again, _ := h.touch("U0ALICE", 0)
		if again != v {
			t.Error("two hold the turn of one Home")
		}
		v.leave()
		time.Sleep(homeLooked)
		if n := len(h.looking()); n != 0 {
			t.Errorf("%d are taken to look", n)
		}
	})
}

// Since when the bot is connected is one moment, however it is measured.
func TestSinceWhenTheSocketIsOpenStandsStill(t *testing.T) {
	up := 90*time.Second + 500*time.Millisecond
	h := New(&chat.Chat{}, "", func() time.Duration { return up }, nil)
	begun := time.Now()
	moments := make(map[time.Time]bool)
	for i := range 200 {
		up = time.Since(begun) + 90*time.Second + time.Duration(i%3-1)*500*time.Millisecond
		moments[h.since()] = true
	}
	if len(moments) != 1 {
		t.Errorf("it is %d moments", len(moments))
	}
	up = time.Second
	if since := h.since(); time.Since(since) > 3*time.Second {
		t.Errorf("another socket is open since %v", since)
	}
	up = 0
	if !h.since().IsZero() {
		t.Error("no socket is open")
	}
}
