package bot_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"computeunits/bot/slacksim"
	"computeunits/qianfan/qianfantest"
)

func TestAcknowledgesAtOnceHoweverSlowQianfanIs(t *testing.T) {
	inAWorld(t, func(w *world) { w.qianfan.Latency = 8 * time.Second }, func(w *world) {
		typed := w.slack.Slash(alice, general, lookup)
		w.sees(w.reads(typed), "a0085162xxx9d19e58e")
		if after := typed.AckedAfter(); after > 100*time.Millisecond {
			t.Errorf("acknowledged after %v", after)
		}
		w.content()
	})
}

func TestWhoFindsEveryPlaceTakenIsToldSo(t *testing.T) {
	inAWorld(t, func(w *world) { w.qianfan.Latency = 5 * time.Second }, func(w *world) {
		typed := w.crowded(300)
		busy := 0
		for _, one := range typed {
			answer, err := one.Reply(w.Context())
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(answer.Plain(), "I am busy") {
				busy++
			}
		}
		if busy != 300-256 {
			t.Errorf("%d of 300 were told that the bot is busy", busy)
		}
		w.content()
	})
}

func TestARedeliveredCommandIsAnsweredOnce(t *testing.T) {
	inAWorld(t, nil, func(w *world) {
		typed := w.slack.Slash(alice, general, lookup)
		w.reads(typed)
		if err := w.slack.Redeliver(typed.EnvelopeID()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		if n := len(w.slack.Calls("response_url")); n != 1 {
			t.Errorf("answered %d times", n)
		}
	})
}

func TestABrokenHandlerTellsThePersonAndLivesOn(t *testing.T) {
	inAWorld(t, func(w *world) { w.bot.Units = nil }, func(w *world) { // asking panics
		typed := w.slack.Slash(alice, general, lookup)
		w.sees(w.reads(typed), "Something went wrong on my side", typed.EnvelopeID())
		if !strings.Contains(w.log.String(), typed.EnvelopeID()) || !strings.Contains(w.log.String(), "goroutine") {
			t.Errorf("the log does not say what broke: %s", w.log)
		}
		w.sees(w.asks("/computeunits help"), "Only you see the answers.")
	})
}

func TestWhatCannotBeReadIsAcknowledgedAndPassed(t *testing.T) {
	inAWorld(t, nil, func(w *world) {
		for _, frame := range []string{
			`{"type":"slash_commands","envelope_id":"e-1","payload":"no command"}`,
			`{"type":"something_new","envelope_id":"e-2","payload":{}}`,
			`{"type":"events_api","envelope_id":"e-3","payload":{"type":"event_callback","event":{"type":"no_such_event"}}}`,
			`[]`, `7`, `{"type":`, ``,
		} {
			if err := w.slack.SendRaw([]byte(frame)); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		w.sees(w.asks(lookup), "a0085162xxx9d19e58e")
		if w.opens() > 2 {
			t.Errorf("reconnected %d times", w.opens())
		}
	})
}

func TestAReplyIsRepeatedOnlyWhenSlackCertainlyDidNotTakeIt(t *testing.T) {
	for name, c := range map[string]struct {
		fault slacksim.Fault
		posts int // requests to the response_url
		sees  string
		dm    string // in the direct message, when nothing was seen
	}{
		"rate limited":            {slacksim.Fault{Method: "response_url", Times: 2, RetryAfter: 2 * time.Second}, 3, "a0085162xxx9d19e58e", ""},
		"blocks refused":          {slacksim.Fault{Method: "response_url", Times: 1, Error: "invalid_blocks"}, 2, "a0085162xxx9d19e58e", ""},
		"cut after it was shown":  {slacksim.Fault{Method: "response_url", Times: 1, Commit: true, Drop: true}, 1, "a0085162xxx9d19e58e", "Slack did not confirm my answer"},
		"failed after showing it": {slacksim.Fault{Method: "response_url", Times: 1, Commit: true, Status: 500}, 1, "a0085162xxx9d19e58e", "Slack did not confirm my answer"},
		"failed":                  {slacksim.Fault{Method: "response_url", Times: 1, Status: 503}, 1, "", "Slack did not confirm my answer"},
		"a proxy's login page":    {slacksim.Fault{Method: "response_url", Times: 1, Status: 200, Body: "<html>Please log in</html>"}, 1, "", "a0085162xxx9d19e58e"},
		"an empty page":           {slacksim.Fault{Method: "response_url", Times: 1, Status: 200, Body: " "}, 1, "", "a0085162xxx9d19e58e"},
		"json of somebody else's": {slacksim.Fault{Method: "response_url", Times: 1, Status: 200, Body: `{"login":"https://proxy.example"}`}, 1, "", "a0085162xxx9d19e58e"},
		"spent":                   {slacksim.Fault{Method: "response_url", Times: 1, Status: 404, Error: "expired_url"}, 1, "", "a0085162xxx9d19e58e"},
	} {
		t.Run(name, func(t *testing.T) {
			inAWorld(t, nil, func(w *world) {
				w.slack.Inject(c.fault)
				typed := w.slack.Slash(alice, general, lookup)
				time.Sleep(time.Minute)
				if n := len(w.slack.Calls("response_url")); n != c.posts {
					t.Errorf("posted %d times, want %d", n, c.posts)
				}
				ctx, cancel := context.WithTimeout(w.Context(), time.Second)
				defer cancel()
				answer, err := typed.Reply(ctx)
				switch {
				case c.sees == "" && err == nil:
					t.Errorf("something was shown: %s", answer.Plain())
				case c.sees != "":
					w.sees(answer, c.sees)
				}
				var told []string
				for _, m := range w.slack.History(w.slack.DM(alice), alice) {
					told = append(told, m.Plain())
				}
				if c.dm == "" && told != nil || c.dm != "" && (len(told) != 1 || !strings.Contains(told[0], c.dm)) {
					t.Errorf("the direct message holds %q, not %q", told, c.dm)
				}
			})
		})
	}
}

func TestWhenNothingReachesAPersonTheLogSaysSo(t *testing.T) {
	inAWorld(t, nil, func(w *world) {
		w.slack.Inject(slacksim.Fault{Method: "response_url", Status: 503})
		w.slack.Inject(slacksim.Fault{Method: "chat.postMessage", Error: "restricted_action"})
		w.slack.Slash(alice, general, lookup)
		time.Sleep(time.Minute)
		if !strings.Contains(w.log.String(), "left without an answer") {
			t.Errorf("the log does not say that a person was left without an answer: %s", w.log)
		}
	})
}

func TestStoppingLetsAnswersFinish(t *testing.T) {
	inAWorld(t, func(w *world) { w.qianfan.Latency = 5 * time.Second }, func(w *world) {
		typed := w.slack.Slash(alice, general, lookup)
		time.Sleep(time.Second)
		w.stop()
		time.Sleep(time.Second)
		w.sees(w.asks(lookup), "just being restarted")
		w.sees(w.reads(typed), "a0085162xxx9d19e58e")
		<-w.ended
		if w.err != nil {
			t.Errorf("stopped with %v", w.err)
		}
		w.content()
	})
}

func TestStoppingDoesNotWaitForEver(t *testing.T) {
	inAWorld(t, func(w *world) { w.qianfan.Inject(qianfantest.Fault{Delay: time.Hour}) }, func(w *world) {
		w.slack.Slash(alice, general, lookup)
		time.Sleep(time.Second)
		begun := time.Now()
		w.stop()
		<-w.ended
		if took := time.Since(begun); took > 30*time.Second {
			t.Errorf("stopping took %v", took)
		}
	})
}
