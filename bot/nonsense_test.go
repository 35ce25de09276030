package bot_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"computeunits/bot/slacksim"
	"computeunits/qianfan/qianfantest"
)

// channelSays waits until the channel shows a message of the bot that says all of it.
func (w *world) channelSays(who string, saying ...string) {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.Context(), 2*time.Minute)
	defer cancel()
	_, err := w.slack.Await(ctx, gpu, who, func(m slacksim.Message) bool {
		for _, want := range saying {
			if !strings.Contains(m.Plain(), want) {
				return false
			}
		}
		return m.BotID != ""
	})
	if err != nil {
		w.Fatalf("nobody reads %q: %v\n%s", saying, err, w.log)
	}
}

// The day on which Qianfan's API changed: nobody reads that nothing expires.
func TestTheStoryOfAnswersThatSayNothing(t *testing.T) {
	inAWorld(t, both(expiring("svco-chat", 5*day, "cu-chat1"), watching("en", "svco-chat")), func(w *world) {
		w.channelSays(alice, "cu-chat1", "5 days left")
		w.qianfan.Inject(qianfantest.Fault{Form: qianfantest.RenamedList})
		time.Sleep(30 * time.Minute)
		w.channelSays(bob, "Qianfan could not be read for", "a form that this version does not know", "request `qianfantest-", "This does not mean that nothing expires")
		w.opensHome(alice, "cu-chat1", "a form that this version does not know", "1 service could not be read")
		w.converse(
			says{alice, "expiring 30d", []string{"cu-chat1", "1 service could not be read", "a form that this version does not know", "request `qianfantest-"}},
			says{mei, "7 天内到期", []string{"cu-chat1", "当前版本无法识别", "请求 ID：`qianfantest-"}},
			says{bob, "svco-chat", []string{"a form that this version does not know", "What it said last", "cu-chat1"}},
		)
		w.content()
	})
}

// What somebody wrote in the place of an expiry is named wherever expiries are, and
// said at once; and what vanishes is asked about.
func TestTheStoryOfAnExpiryNobodyCanRead(t *testing.T) {
	prepare := func(w *world) {
		expiring("svco-chat", 200*day, "cu-fine")(w)
		w.qianfan.Set("svco-odd", qianfantest.Instance{ID: "cu-odd1", PaymentTiming: "Prepaid", ReplicasCount: 2, Status: "Running",
			StartTime: "2026-01-01T00:00:00Z", ExpiredTime: "1795694400000"})
		watching("en", "svco-chat", "svco-odd")(w)
	}
	inAWorld(t, prepare, func(w *world) {
		w.channelSays(alice, "Nobody knows when 1 prepaid instance expires", "cu-odd1", "Qianfan wrote “1795694400000”")
		w.qianfan.Set("svco-chat")
		time.Sleep(30 * time.Minute)
		w.channelSays(bob, "no longer listed by Qianfan, 199 days before expiry. Deleted on purpose?", "cu-fine")
		w.opensHome(alice, "Qianfan wrote “1795694400000”", "1 instance is no longer listed", "1 with an expiry not known", "1 no longer listed")
		w.converse(
			says{alice, "expiring 30d", []string{"I do not know everything", "cu-odd1", "Qianfan wrote “1795694400000”", "cu-fine"}},
			says{mei, "关注列表", []string{"1 个到期时间未知", "1 个已不再列出"}},
			says{alice, "when does cu-odd1 expire?", []string{"What I know of the instance", "Qianfan wrote “1795694400000”"}},
			says{bob, "svco-odd", []string{"cu-odd1", "unknown: Qianfan wrote “1795694400000”"}},
		)
		time.Sleep(time.Until(time.Date(2000, 1, 1, 9, 10, 0, 0, time.UTC)))
		w.channelSays(mei, "What expires", "not everything is known", "Qianfan wrote “1795694400000”", "1 instance is no longer listed")
		w.content()
	})
}
