package bot_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"computeunits/bot/slacksim"
	"computeunits/qianfan/qianfantest"
)

func TestAnOutageIsNeverNothingExpires(t *testing.T) {
	prepare := both(expiring("svco-chat", 5*day, "cu-chat1"), watching("en", "svco-chat", "svco-gone"))
	inAWorld(t, prepare, func(w *world) {
		time.Sleep(30 * time.Second)
		w.fails(qianfantest.Fault{Status: 500, Code: "InternalError"})
		time.Sleep(3 * time.Hour)
		w.converse(
			says{alice, "what expires within 7d", []string{"cu-chat1", "3 hours ago"}},
			says{alice, "what expires within 1d", []string{"I do not know everything"}},
			says{mei, "1 天内到期", []string{"我所知并不完整"}},
		)
	})
}

func TestAnAnswerIsPostedAtMostOnce(t *testing.T) {
	for name, c := range map[string]struct {
		fault  slacksim.Fault
		stands int    // messages of the bot in the end, those only Alice sees among them
		says   string // in one of them
	}{
		"rate limited":        {slacksim.Fault{Method: "chat.postMessage", Times: 1, RetryAfter: 5 * time.Second}, 1, "a0085162xxx9d19e58e"},
		"taken, answer lost":  {slacksim.Fault{Method: "chat.postMessage", Times: 1, Commit: true, Drop: true}, 2, "Slack did not confirm my answer."},
		"lost, answer too":    {slacksim.Fault{Method: "chat.postMessage", Times: 1, Drop: true}, 1, "Slack did not confirm my answer."},
		"internal error":      {slacksim.Fault{Method: "chat.postMessage", Times: 1, Error: "internal_error"}, 1, "Slack did not confirm my answer."},
		"blocks not accepted": {slacksim.Fault{Method: "chat.postMessage", Times: 1, Error: "invalid_blocks"}, 1, "a0085162xxx9d19e58e"},
	} {
		t.Run(name, func(t *testing.T) {
			inAWorld(t, nil, func(w *world) {
				w.slack.Inject(c.fault)
				dm := w.slack.DM(alice)
				w.slack.Write(alice, dm, service+" prepaid")
				if n := w.said(alice, dm); n != c.stands {
					t.Errorf("%d messages stand there, not %d\n%s", n, c.stands, w.log)
				}
				found := false
				for _, m := range w.slack.History(dm, alice) {
					found = found || m.BotID != "" && strings.Contains(m.Plain(), c.says)
				}
				if !found {
					t.Errorf("nothing says %q", c.says)
				}
			})
		})
	}
}

func TestAnAnswerThatTheChannelDoesNotTakeComesAsADirectMessage(t *testing.T) {
	inAWorld(t, nil, func(w *world) {
		w.slack.AddChannel(slacksim.Channel{ID: gpu, Name: "gpu-capacity", ReadOnly: true, Members: []string{alice, "U0COMPUTE"}})
		w.slack.Write(alice, gpu, "<@U0COMPUTE> "+service)
		if n := w.said(alice, w.slack.DM(alice)); n != 1 {
			t.Errorf("%d direct messages\n%s", n, w.log)
		}
	})
}

func TestAFailureWithinTheBotIsToldWithAnId(t *testing.T) {
	inAWorld(t, watching("en", "svco-chat"), func(w *world) {
		w.bot.Notifier.Ledger.Close()
		for who, want := range map[string]string{alice: "Something went wrong on my side", mei: "我内部出错了"} {
			asked := w.slack.Write(who, w.slack.DM(who), "services")
			answer := w.hears(who, asked)
			w.sees(answer, want, asked.EnvelopeID())
			if !strings.Contains(w.log.String(), "envelope="+asked.EnvelopeID()) {
				t.Errorf("the log does not have the id %s", asked.EnvelopeID())
			}
		}
	})
}

func TestAFullHouseIsToldInDirectMessagesToo(t *testing.T) {
	inAWorld(t, nil, func(w *world) {
		w.fails(qianfantest.Fault{Delay: 20 * time.Second})
		w.crowded(256)
		time.Sleep(time.Second)
		w.converse(says{alice, service, []string{"I am busy: 256 questions are ahead of yours."}}, says{mei, "你好，7 天内到期", []string{"我正忙"}})
		w.stop()
		time.Sleep(time.Second)
		w.converse(says{alice, service, []string{"I am just being restarted."}})
	})
}

// One person cannot take all places: others are answered meanwhile.
func TestOnePersonHasEightPlaces(t *testing.T) {
	for language, c := range map[string]struct{ who, other, many string }{
		"en": {alice, mei, "I am still working on 8 questions of yours."},
		"zh": {mei, alice, "你有 8 个问题还在处理中"},
	} {
		inAWorld(t, both(expiring("svco-chat", 5*day, "cu-1"), watching(language, "svco-chat")), func(w *world) {
			time.Sleep(30 * time.Second)
			w.qianfan.Latency = 20 * time.Second
			told := 0
			for i := range 40 {
				typed := w.slack.Slash(c.who, general, fmt.Sprintf("/computeunits svco-%06d", i))
				if err := typed.Acked(w.Context()); err != nil {
					t.Fatal(err)
				}
				synctest.Wait()
			}
			for _, m := range w.slack.History(general, c.who) {
				told += strings.Count(m.Plain(), c.many)
			}
			if told != 32 {
				t.Errorf("told %d times", told)
			}
			w.qianfan.Latency = 0
			answer, err := w.slack.Slash(c.other, general, "/computeunits svco-chat prepaid").Reply(w.Context())
			if err != nil {
				t.Fatal(err)
			}
			w.sees(answer, "cu-1")
		})
	}
}

func TestAnErrorIsForThePersonWhoAskedAndForTheLog(t *testing.T) {
	for language, c := range map[string]struct{ who, why, last, watch, not string }{
		"en": {alice, "trouble answering", "What it said last, 3 hours ago:", "watch svco-other", "I did not start watching"},
		"zh": {mei, "千帆暂时无法正常响应", "千帆上一次的回答（3 小时前）：", "关注 svco-other", "我没有开始关注"},
	} {
		inAWorld(t, both(expiring("svco-chat", 5*day, "cu-chat1"), watching(language, "svco-chat")), func(w *world) {
			time.Sleep(30 * time.Second)
			w.fails(qianfantest.Fault{Status: 500, Code: "InternalError"})
			time.Sleep(3 * time.Hour)
			for line, wants := range map[string][]string{
				"svco-chat prepaid":       {c.why, c.last, "cu-chat1"},
				"expiring svco-other 30d": {c.why},
				c.watch:                   {c.why, c.not},
			} {
				asked := w.slack.Write(c.who, gpu, "<@U0COMPUTE> "+line)
				m := w.hears(c.who, asked)
				w.sees(m, append(wants, asked.EnvelopeID())...)
				if m.VisibleTo != c.who {
					t.Errorf("%s: visible to %q", line, m.VisibleTo)
				}
				if !strings.Contains(w.log.String(), asked.EnvelopeID()) {
					t.Errorf("%s: the log does not have the id", line)
				}
			}
			w.content()
		})
	}
}
