package bot_test

import (
	"context"
	"testing"
	"time"

	"computeunits/bot/slacksim"
)

const (
	bob = "U0BOB"
	mei = "U0MEI"
)

// hears waits for what the bot posts after a message in its conversation and in
// its thread, which the person sees.
func (w *world) hears(user string, after *slacksim.Posted) slacksim.Message {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.Context(), time.Minute)
	defer cancel()
	if err := after.Acked(ctx); err != nil {
		w.Fatalf("the message was not acknowledged: %v\n%s", err, w.log)
	}
	m, err := w.slack.Await(ctx, after.Channel, user, func(m slacksim.Message) bool {
		return m.BotID != "" && m.TS > after.TS
	})
	if err != nil {
		w.Fatalf("no answer came: %v\n%s", err, w.log)
	}
	return m
}

// writes sends a direct message to the bot and returns its answer.
func (w *world) writes(user, text string) slacksim.Message {
	w.Helper()
	return w.hears(user, w.slack.Write(user, w.slack.DM(user), text))
}

func TestSomeoneWritesADirectMessageAndIsAnswered(t *testing.T) {
	inAWorld(t, nil, func(w *world) {
		answer := w.writes(alice, service+" prepaid")
		w.sees(answer, "a0085162xxx9d19e58e")
		if answer.Via != "chat.postMessage" || answer.ThreadTS != "" || answer.VisibleTo != "" {
			t.Errorf("it should stand in the direct message like any other: %+v", answer)
		}
		w.content()
	})
}

func TestAMentionIsAnsweredInItsThread(t *testing.T) {
	inAWorld(t, nil, func(w *world) {
		asked := w.slack.Write(alice, gpu, "<@U0COMPUTE> "+service+" prepaid")
		answer := w.hears(bob, asked)
		w.sees(answer, "a0085162xxx9d19e58e")
		if answer.ThreadTS != asked.TS {
			t.Errorf("it should stand in the thread of %s: %+v", asked.TS, answer)
		}
		w.content()
	})
}
