package bot_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"computeunits/bot/slacksim"
	"computeunits/notify/plan"
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

// says is what a person writes and what the answer must tell.

type says struct {
	who, text string
	wants     []string
}

// converse writes one text after the other as direct messages.

func (w *world) converse(lines ...says) {
	w.Helper()
	for _, line := range lines {
		answer := w.writes(line.who, line.text)
		for _, want := range line.wants {
			if !strings.Contains(answer.BlocksPlain(), want) || !strings.Contains(answer.Plain(), want) {
				w.Errorf("%s wrote %q, and nothing says %q in:\n%s\n--- text:\n%s", line.who, line.text, want, answer.BlocksPlain(), answer.Plain())
			}
		}
	}
}

func TestWhatExpiresIsToldInTheReadersLanguage(t *testing.T) {
	prepare := both(both(expiring("svco-chat", 5*day, "cu-chat1", "cu-chat2"), expiring("svco-embed", 40*day, "cu-embed")), watching("en", "svco-chat", "svco-embed"))
	inAWorld(t, prepare, func(w *world) {
		time.Sleep(30 * time.Second) // the services are read
		w.converse(
			says{alice, "what expires within 7 days?", []string{"2 prepaid instances", "8 replicas", "cu-chat1", "cu-chat2", "5 days left"}},
			says{alice, "Hi! Could you please tell me what expires within 60d", []string{"3 prepaid instances", "cu-embed"}},
			says{alice, "what expires within 2d", []string{"Nothing known to me expires before"}},
			says{alice, "next", []string{"Next to expire:", "cu-chat1"}},
			says{alice, "services", []string{"2 services are watched:", "svco-chat", "svco-embed", "by NOTIFY_SERVICES"}},
			says{alice, "expiring svco-embed 60d", []string{"1 prepaid instance", "cu-embed"}},
			says{mei, "7 天内到期", []string{"2 个预付费实例", "cu-chat1", "还剩 5 天"}},
			says{mei, "what expires within 2d", []string{"之前没有实例到期"}}, // her language, whatever she writes in
			says{mei, "下一个到期", []string{"接下来到期的是", "cu-chat1"}},
			says{mei, "服务列表", []string{"关注了 2 个服务", "svco-embed"}},
			says{mei, "你好", []string{"你好"}},
			says{mei, "谢谢", []string{"不客气"}},
			says{mei, "帮助", []string{"我可以查看千帆服务的算力单元实例", "30 天内到期"}},
		)
		w.content()
	})
}

func TestWithoutALedgerQianfanIsAsked(t *testing.T) {
	prepare := both(expiring("svco-chat", 5*day, "cu-chat1"), func(w *world) {
		w.bot.Services = []plan.Service{{ID: "svco-chat", Label: "Chat prod"}, {ID: "svco-gone1"}}
	})
	inAWorld(t, prepare, func(w *world) {
		w.converse(
			says{alice, "what expires within 7d", []string{"1 prepaid instance", "Chat prod", "cu-chat1", "1 service could not be read"}},
			says{alice, "chat prod prepaid", []string{"svco-chat"}},
			says{alice, "watch svco-chat", []string{"cannot watch anything", "NOTIFY_CHANNEL"}},
			says{alice, "snooze cu-chat1 3d", []string{"no reminder to answer"}},
			says{alice, "services", []string{"2 services are watched:", "by NOTIFY_SERVICES"}},
		)
		w.content()
	})
}

func TestAServiceIsWatchedAndUnwatchedByWords(t *testing.T) {
	prepare := both(expiring("svco-chat", 5*day, "cu-chat1"), watching("en", "svco-fixed"))
	inAWorld(t, prepare, func(w *world) {
		w.converse(
			says{alice, `watch svco-chat "Chat prod"`, []string{"Now watching", "Chat prod", "1 instance", "5 reminders", "due now"}},
			says{bob, "watch svco-chat", []string{"is watched already; nothing was changed"}},
			says{alice, "watch svco-nope1", []string{"Qianfan does not know this service", "I did not start watching"}},
			says{alice, "unwatch svco-fixed", []string{"NOTIFY_SERVICES names", "stays watched"}},
			says{mei, "取消关注 svco-chat", []string{"已取消关注", "提醒"}},
			says{bob, "unwatch svco-chat", []string{"is not watched; nothing was changed", "@U0MEI stopped watching it"}},
			says{mei, "关注 svco-chat", []string{"已开始关注"}},
		)
		entries, err := w.bot.Notifier.Ledger.Reports.Entries(w.Context(), 10)
		if err != nil || len(entries) != 3 {
			t.Fatalf("the audit has %+v, %v", entries, err)
		}
		if e := entries[2]; e.By != alice || e.What != "watch" || e.About.Service != "svco-chat" || e.Origin != "message" || e.Channel != w.slack.DM(alice) || e.Message == "" {
			t.Errorf("the audit says %+v", e)
		}
		w.content()
	})
}

func TestRemindersAreAnsweredByWords(t *testing.T) {
	prepare := both(expiring("svco-chat", 5*day, "cu-chat1"), watching("en", "svco-chat"))
	inAWorld(t, prepare, func(w *world) {
		w.reminded(alice, "cu-chat1")
		w.converse(
			says{alice, "snooze cu-chat1 2d", []string{"cu-chat1", "svco-chat", "snoozed"}},
			says{bob, "unsnooze cu-chat1", []string{"cu-chat1"}},
			says{mei, "确认 cu-chat1", []string{"cu-chat1", "已认领"}},
			says{bob, "acknowledge cu-chat1", []string{"@U0MEI"}},
			says{bob, "unacknowledge cu-chat1", []string{"cu-chat1"}},
			says{bob, "snooze cu-nowhere1 2d", []string{"There is no reminder of `cu-nowhere1`"}},
			says{bob, "snooze cu-chat1", []string{"For how long?", "snooze cu-chat1 3d", "snooze cu-chat1 until the next reminder"}},
			says{bob, "please snooze cu-chat1 until the next reminder", []string{"Snoozed the reminders of 1 instance.", "snoozed until 2000-01-03 00:00 UTC"}},
			says{alice, "has anybody seen to cu-chat1?", []string{"I do not know the word", "expiring cu-chat1"}},
			says{alice, "when does cu-chat1 expire?", []string{"What I know of the instance", "5 days left", "snoozed until", "by @U0BOB"}},
			says{mei, "cu-chat1 什么时候到期", []string{"实例 `cu-chat1` 的情况", "还剩 5 天"}},
			says{mei, "延后 svco-chat 的 cu-chat1 到下一次提醒", []string{"无需重复操作"}},
			says{alice, "48exxxa594", []string{"I find no expiry of an instance", "Did you mean `svco-48exxxa594`"}},
			says{alice, "when does cu-chat1 of " + service + " expire", []string{"a0085162xxx9d19e58e"}},
			says{mei, "延后 cu-chat1", []string{"多长时间"}},
		)
		w.content()
	})
}

func TestAnAnswerToAThreadStaysInTheThread(t *testing.T) {
	inAWorld(t, nil, func(w *world) {
		for _, channel := range []string{w.slack.DM(alice), gpu} {
			first := w.slack.Write(alice, channel, "<@U0COMPUTE> help")
			w.hears(alice, first)
			asked := w.slack.Write(alice, channel, "<@U0COMPUTE> "+service, slacksim.InThread(first.TS))
			if answer := w.hears(alice, asked); answer.ThreadTS != first.TS {
				t.Errorf("in %s the answer stands in the thread %q, not in %s", channel, answer.ThreadTS, first.TS)
			}
		}
		w.content()
	})
}

// said counts what the bot posted in a conversation, as a person sees it.

func (w *world) said(user, channel string) int {
	time.Sleep(time.Minute)
	n := 0
	for _, m := range w.slack.History(channel, user) {
		if m.BotID != "" && m.User == w.slack.BotUserID() {
			n++
		}
	}
	return n
}

func TestWhatPeopleSayInOtherWaysIsAnsweredToo(t *testing.T) {
	inAWorld(t, nil, func(w *world) {
		dm := w.slack.DM(alice)
		for name, c := range map[string]struct {
			text string
			how  slacksim.WriteOption
			want string
		}{
			"with a file":      {service + " prepaid", slacksim.WithFile("invoice.pdf"), "a0085162xxx9d19e58e"},
			"nothing but one":  {"", slacksim.WithFile("screenshot.png"), "what expires next"},
			"as /me":           {service + " prepaid", slacksim.WithSubtype("me_message"), "a0085162xxx9d19e58e"},
			"and to the whole": {service + " prepaid", slacksim.WithSubtype("thread_broadcast"), "a0085162xxx9d19e58e"},
		} {
			t.Run(name, func(*testing.T) { w.sees(w.hears(alice, w.slack.Write(alice, dm, c.text, c.how)), c.want) })
		}
		w.content()
	})
}

func TestWhatNobodySaidIsNotAnswered(t *testing.T) {
	inAWorld(t, nil, func(w *world) {
		dm := w.slack.DM(alice)
		asked := w.slack.Write(alice, dm, "help")
		w.hears(alice, asked) // its own answer comes back as an event
		w.slack.EditAs(alice, dm, asked.TS, "help please")
		w.slack.DeleteAs(alice, dm, asked.TS)
		w.slack.AddUser(slacksim.User{ID: "U0ROBOT", Name: "robot", Bot: true})
		w.slack.AddChannel(slacksim.Channel{ID: gpu, Name: "gpu-capacity", Members: []string{alice, bob, mei, "U0COMPUTE", "U0ROBOT"}})
		w.slack.Write("U0ROBOT", gpu, "<@U0COMPUTE> help")
		w.slack.Write(alice, gpu, "<@U0COMPUTE> help", slacksim.AsWebhook("hook"))
		w.slack.Write(alice, gpu, "no mention, no answer")
		w.slack.Leave(bob, gpu)
		w.slack.Join(bob, gpu)
		if n := w.said(alice, dm); n != 1 {
			t.Errorf("%d answers in the direct message", n)
		}
		if n := w.said(alice, gpu); n != 0 {
			t.Errorf("%d answers in the channel", n)
		}
		w.content()
	})
}

func TestARepeatedEventIsAnsweredOnceAlsoAfterARestart(t *testing.T) {
	inAWorld(t, watching("en", "svco-chat"), func(w *world) {
		dm := w.slack.DM(alice)
		asked := w.slack.Write(alice, dm, "help")
		w.hears(alice, asked)
		if err := w.slack.Redeliver(asked.EnvelopeID()); err != nil {
			t.Fatal(err)
		}
		if n := w.said(alice, dm); n != 1 {
			t.Errorf("answered %d times", n)
		}
		w.stop()
		<-w.ended
		ctx, stop := context.WithCancel(context.Background())
		again := *w.bot
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			if err := again.Run(ctx); err != nil {
				t.Error(err)
			}
		}()
		time.Sleep(time.Minute)
		if err := w.slack.Redeliver(asked.EnvelopeID()); err != nil {
			t.Fatal(err)
		}
		if n := w.said(alice, dm); n != 1 {
			t.Errorf("answered %d times after a restart", n)
		}
		w.hears(alice, w.slack.Write(alice, dm, "thanks"))
		stop()
		<-ended
	})
}

func TestTheCommandUnderstandsTheSameWords(t *testing.T) {
	prepare := both(expiring("svco-chat", 5*day, "cu-chat1"), watching("en", "svco-chat"))
	inAWorld(t, prepare, func(w *world) {
		time.Sleep(30 * time.Second)
		for _, line := range []says{
			{alice, "/computeunits expiring 30d", []string{"1 prepaid instance", "cu-chat1"}},
			{alice, "/computeunits services", []string{"1 service is watched:"}},
			{alice, "/computeunits watch " + service + " Example", []string{"Example", "Now watching"}},
			{mei, "/computeunits 7天内到期", []string{"4 个预付费实例", "cu-chat1"}},
			{mei, "/computeunits 取消关注 Example", []string{"已取消关注"}},
			{mei, "/computeunits help", []string{"只有你能看到回答"}},
		} {
			answer := w.asksIn(line.who, general, line.text)
			w.sees(answer, line.wants...)
			if answer.VisibleTo != line.who {
				t.Errorf("%s: visible to %q", line.text, answer.VisibleTo)
			}
			time.Sleep(time.Second) // what is watched now is read meanwhile
		}
		w.content()
	})
}

// What goes wrong is for the person who asked, with an id that the log has; and

// with what was known before.

func TestTheExamplesOfHelpWorkWhenTheyAreCopied(t *testing.T) {
	inAWorld(t, both(expiring("svco-chat", 5*day, "cu-chat1"), watching("en", "svco-chat")), func(w *world) {
		time.Sleep(30 * time.Second)
		help := w.writes(alice, "help")
		w.sees(help, "svco-chat prepaid", "snooze cu-chat1 3d", "acknowledge cu-chat1")
		w.converse(
			says{alice, "svco-chat prepaid", []string{"cu-chat1"}},
			says{alice, "snooze cu-chat1 3d", []string{"Snoozed"}},
			says{mei, "帮助", []string{"推迟 cu-chat1 3 天"}},
			says{mei, "延后 cu-chat1 3 天", []string{"cu-chat1"}},
		)
	})
}
