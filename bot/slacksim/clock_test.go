package slacksim_test

import (
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"computeunits/bot/slacksim"
)

// setClock returns a change of the configuration: the wall clock shows what the
// test says.
func setClock(shown *atomic.Pointer[time.Time]) func(*slacksim.Config) {
	return func(cfg *slacksim.Config) {
		cfg.Now = func() time.Time { return *shown.Load() }
	}
}

func TestAWeekPassesInASecond(t *testing.T) {
	var shown atomic.Pointer[time.Time]
	monday := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	shown.Store(&monday)
	inWorld(t, func(t *testing.T, w *world) {
		a := w.connect()
		command := w.Slash("U0ALICE", "C0GPU", "/computeunits x")
		a.ack(a.read())
		ok(t, command.Acked(t.Context()))
		w.Write("U0ALICE", "C0GPU", "on Monday")

		nextMonday := monday.AddDate(0, 0, 7)
		shown.Store(&nextMonday)
		w.Write("U0ALICE", "C0GPU", "a week later")
		a.say(t, w, nextMonday)

		// What was said carries the times shown, and so does the history.
		seen := w.History("C0GPU", "U0BOB")
		for i, want := range []time.Time{monday, nextMonday} {
			if got := seen[i].TS; got != strconv.FormatInt(want.Unix(), 10)+".000000" {
				t.Errorf("%q was said at %s, not at %v", seen[i].Plain(), got, want)
			}
		}
		page, err := w.slack().GetConversationHistoryContext(t.Context(), &slack.GetConversationHistoryParameters{
			ChannelID: "C0GPU", Oldest: strconv.FormatInt(monday.Add(time.Hour).Unix(), 10),
		})
		ok(t, err)
		if len(page.Messages) != 1 || page.Messages[0].Text != "a week later" {
			t.Errorf("the history since Monday is %+v", page.Messages)
		}

		// The week took no time: the response URL of Monday still works.
		if got := w.respond(command.ResponseURL(), `{"text":"still here"}`); got.Status != 200 {
			t.Errorf("the response URL answers %s", got.Raw)
		}
	}, setClock(&shown), granting("channels:history"))
}

// say has Alice write to the bot, and wants the event to be dated as given.
func (a *app) say(t *testing.T, w *world, at time.Time) {
	t.Helper()
	posted := w.Write("U0ALICE", w.DM("U0ALICE"), "hello")
	frame := a.read()
	a.ack(frame)
	ok(t, posted.Acked(t.Context()))
	payload, _ := frame["payload"].(map[string]any)
	if got, want := payload["event_time"], strconv.FormatInt(at.Unix(), 10); got == nil || numeral(got) != want {
		t.Errorf("event_time is %v, not %s", got, want)
	}
}

func numeral(v any) string {
	n, _ := v.(interface{ String() string })
	if n == nil {
		return ""
	}
	return n.String()
}

func TestTimestampsRiseWhenTheClockGoesBack(t *testing.T) {
	var shown atomic.Pointer[time.Time]
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	shown.Store(&noon)
	inWorld(t, func(t *testing.T, w *world) {
		last := ""
		for i := range 6 {
			at := noon.Add(-time.Duration(i) * time.Hour)
			shown.Store(&at)
			if p := w.Write("U0ALICE", "C0GPU", "tick"); p.TS <= last {
				t.Errorf("%s comes after %s", p.TS, last)
			} else {
				last = p.TS
			}
		}
	}, setClock(&shown))
}
