package bot_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"computeunits/bot/golden"
	"computeunits/bot/slacksim"
	"computeunits/notify/plan"
	"computeunits/qianfan/qianfantest"
)

// A story is what a person did and read, in their language, as it was agreed: a
// golden file of each language.
type story struct {
	*world
	language string
	who      string
	text     strings.Builder
}

// tell tells a story in each language, and compares it with its golden file.
func tell(t *testing.T, name string, prepare func(language string) func(*world), body func(*story)) {
	for language, who := range map[string]string{"en": alice, "zh": mei} {
		t.Run(language, func(t *testing.T) {
			inAWorld(t, prepare(language), func(w *world) {
				s := &story{world: w, language: language, who: who}
				body(s)
				s.agreed("story-" + name + "-" + language + ".txt")
			})
		})
	}
}

// changing are the ids that are new each time.
var changing = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}|qianfantest-[0-9]+`)

func (s *story) agreed(name string) {
	s.Helper()
	got := changing.ReplaceAllString(s.text.String(), "THE-ID")
	golden.File(s, name, []byte(got))
}

// in is what the person of the story says or sees.
func (s *story) in(english, chinese string) string {
	if s.language == "zh" {
		return chinese
	}
	return english
}

// does notes what the person does.
func (s *story) does(format string, args ...any) {
	fmt.Fprintf(&s.text, "> "+format+"\n", args...)
}

// reads notes what they read then.
func (s *story) reads(m slacksim.Message) slacksim.Message {
	if m.VisibleTo != "" {
		s.text.WriteString("  (only they see this)\n")
	}
	s.notes(m.BlocksPlain())
	return m
}

func (s *story) notes(text string) {
	for line := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		s.text.WriteString("  " + line + "\n")
	}
	s.text.WriteString("\n")
}

// types types a command in the channel, writes a direct message.
func (s *story) types(line string) slacksim.Message {
	s.Helper()
	s.does("types %s", line)
	return s.reads(s.asksIn(s.who, gpu, line))
}

func (s *story) writes(text string) slacksim.Message {
	s.Helper()
	s.does("writes %s", text)
	return s.reads(s.world.writes(s.who, text))
}

// clicks presses a button, or chooses in a menu.
func (s *story) clicks(on slacksim.Place, button string, choice ...string) *slacksim.Interaction {
	s.Helper()
	s.does("presses %s", strings.Join(append([]string{button}, choice...), " › "))
	return s.presses(s.who, on, button, choice...)
}

// then is what comes of a press: the same message again, or another one.
func (s *story) then(pressed *slacksim.Interaction) slacksim.Message {
	s.Helper()
	return s.reads(s.gets(pressed))
}

// becomes waits until a message that the person alone sees says something.
func (s *story) becomes(was slacksim.Message, saying string) slacksim.Message {
	s.Helper()
	m, err := s.slack.Await(s.Context(), was.Channel, s.who, func(m slacksim.Message) bool { return m.TS == was.TS && strings.Contains(m.BlocksPlain(), saying) })
	if err != nil {
		s.Fatalf("it does not say %q: %v", saying, err)
	}
	return m
}

// finds is what the message of the channel says that says something.
func (s *story) finds(saying string) slacksim.Message {
	s.Helper()
	return s.reads(s.reminded(s.who, saying))
}

// sees is the modal that says something.
func (s *story) sees(saying string) slacksim.View {
	s.Helper()
	v := s.modal(s.who, saying)
	s.notes(v.Plain())
	for field, fault := range v.Errors {
		s.notes(field + ": " + fault)
	}
	return v
}

// sends fills in a form and submits it.
func (s *story) sends(form slacksim.View, fields map[string][]string) *slacksim.Interaction {
	s.Helper()
	s.does("submits %v", fields)
	sent := s.submits(s.who, form, fields)
	if err := sent.Acked(s.Context()); err != nil {
		s.Fatal(err)
	}
	return sent
}

// opens opens the App Home.
func (s *story) opens(saying string) slacksim.View {
	s.Helper()
	s.does("opens the Home")
	v := s.opensHome(s.who, saying)
	s.notes(v.Plain())
	return v
}

func TestTheStoryOfATalk(t *testing.T) {
	prepare := func(language string) func(*world) {
		return both(both(expiring("svco-chat", 5*day, "cu-chat1"), expiring("svco-embed", 40*day, "cu-embed")), watching(language, "svco-chat"))
	}
	tell(t, "talk", prepare, func(s *story) {
		time.Sleep(30 * time.Second)
		s.writes(s.in("hello", "你好"))
		s.writes(s.in("gibberish", "乱七八糟"))
		s.writes(s.in("what expires within 7 days?", "7 天内有哪些到期？"))
		s.writes(s.in("what postpaid expires", "后付费的哪些到期"))
		s.writes(s.in("expiring svco-embed 2d", "svco-embed 两天内到期"))
		s.writes(s.in("services", "服务列表"))
		s.writes(s.in("when does cu-chat1 expire", "cu-chat1 什么时候到期"))
		s.writes(s.in("when does cu-other1 expire", "cu-other1 什么时候到期"))
		s.writes("svco-nosuch1")
		s.fails(qianfantest.Fault{Status: 503})
		time.Sleep(2 * time.Hour)
		s.writes("svco-chat")
		s.writes(s.in("thanks", "谢谢"))
	})
}

func TestTheStoryOfWatching(t *testing.T) {
	prepare := func(language string) func(*world) {
		return both(both(expiring("svco-chat", 5*day, "cu-chat1"), both(expiring("svco-last", time.Hour, "cu-last1"), expiring("svco-none"+"1", time.Hour))), watching(language, "svco-fixed"))
	}
	tell(t, "watching", prepare, func(s *story) {
		s.qianfan.Set("svco-fixed", qianfantest.Instance{ID: "cu-fixed1", PaymentTiming: "Postpaid", ReplicasCount: 1, Status: "Running", StartTime: time.Now().UTC()})
		s.types(s.in(`/computeunits watch svco-chat "Chat prod"`, "/computeunits 关注 svco-chat 叫 聊天"))
		s.types(s.in("/computeunits watch svco-chat", "/computeunits 关注 svco-chat"))
		s.types(s.in("/computeunits watch svco-last", "/computeunits 关注 svco-last"))
		s.types(s.in("/computeunits watch svco-none1", "/computeunits 关注 svco-none1"))
		s.types(s.in("/computeunits watch svco-nosuch1", "/computeunits 关注 svco-nosuch1"))
		s.types(s.in(`/computeunits watch svco-fixed "Mine"`, `/computeunits 关注 svco-fixed "我的"`))
		s.types(s.in("/computeunits unwatch svco-fixed", "/computeunits 取消关注 svco-fixed"))
		s.types(s.in("/computeunits unwatch svco-chat", "/computeunits 取消关注 svco-chat"))
		s.types(s.in("/computeunits unwatch svco-chat", "/computeunits 取消关注 svco-chat"))
	})
}

func TestTheStoryOfABotWithoutReminders(t *testing.T) {
	prepare := func(string) func(*world) {
		return both(expiring("svco-chat", 5*day, "cu-chat1"), func(w *world) { w.bot.Services = []plan.Service{{ID: "svco-chat", Label: "Chat"}} })
	}
	tell(t, "without", prepare, func(s *story) {
		s.writes(s.in("what expires within 7 days?", "7 天内有哪些到期？"))
		s.writes(s.in("watch svco-chat", "关注 svco-chat"))
		s.writes(s.in("snooze cu-chat1 3d", "延后 cu-chat1 三天"))
		s.then(s.clicks(s.old("v=1&do=ack&s=svco-chat&i=cu-chat1&e=1000"), "old"))
	})
}

func TestTheStoryOfThoseWhoMayNot(t *testing.T) {
	const guest, stranger = "U0GUEST", "U0OTHER"
	prepare := func(language string) func(*world) {
		return both(watching(language, "svco-chat"), func(w *world) {
			w.bot.AllowUserGroups = []string{"S0OPS"}
			locale := map[string]string{"en": "en-US", "zh": "zh-CN"}[language]
			w.slack.AddUser(slacksim.User{ID: guest, Name: "gus", Guest: true, Locale: locale})
			w.slack.AddUser(slacksim.User{ID: stranger, Name: "otto", Stranger: true, Locale: locale})
			w.slack.AddChannel(slacksim.Channel{ID: gpu, Name: "gpu-capacity", Members: []string{alice, mei, "U0COMPUTE", guest, stranger}})
		})
	}
	tell(t, "refused", prepare, func(s *story) {
		person := s.who
		for _, s.who = range []string{guest, stranger} {
			s.does("mentions the bot: %s", service)
			s.reads(s.hears(s.who, s.slack.Write(s.who, gpu, "<@U0COMPUTE> "+service)))
			s.does("opens the Home")
			s.notes(s.opensHome(s.who, s.in("I am sorry", "抱歉")).Plain())
		}
		s.who = person
		s.slack.Inject(slacksim.Fault{Method: "users.info", Status: 500})
		s.world.writes(s.who, s.in("hello", "你好")) // the language of the message is all that is known
		s.writes(s.in("watch svco-chat", "关注 svco-chat"))
		s.slack.Mend()
		time.Sleep(2 * time.Minute) // until it asks again
		s.slack.Inject(slacksim.Fault{Method: "usergroups.users.list", Body: `{"ok":false,"error":"missing_scope"}`})
		s.writes(s.in("unwatch svco-chat", "取消关注 svco-chat"))
	})
}

func TestTheStoryOfButtons(t *testing.T) {
	prepare := func(language string) func(*world) {
		return both(expiring("svco-chat", 5*day, "cu-chat1", "cu-chat2"), watching(language, "svco-chat"))
	}
	tell(t, "buttons", prepare, func(s *story) {
		acknowledged, snoozed := s.in("acknowledged by @U0ALICE", "@U0MEI 已认领"), s.in("snoozed until", "@U0MEI 已将提醒推迟到")
		m := s.finds("cu-chat2")
		s.then(s.clicks(m, s.in("Acknowledge all", "全部认领")))
		s.finds(acknowledged)
		s.then(s.clicks(m, s.in("Un-acknowledge all", "全部取消认领")))
		s.then(s.clicks(m, s.in("Snooze all…", "全部稍后提醒…"), s.in("1 day", "1 天")))
		s.finds(snoozed)
		s.clicks(m, s.in("Choose instances…", "选择实例…"))
		form := s.sees(s.in("Which instances", "哪些实例"))
		s.sends(form, map[string][]string{"which/value": {s.in("cu-chat2 · Wed 5 Jan", "cu-chat2 · 1月6日 周四")}, "what/value": {s.in("Acknowledge", "认领")}})
		s.sees(s.in("Acknowledged: 1 instance.", "已认领 1 个实例"))

		s.slack.Inject(slacksim.Fault{Method: "chat.update", Status: 503})
		s.then(s.clicks(m, s.in("Acknowledge all", "全部认领")))
		s.slack.Mend()
		s.then(s.clicks(s.old("v=1&do=ack"), "old"))
		s.then(s.clicks(s.old("v=9&do=explode"), "old"))

		s.slack.Inject(slacksim.Fault{Method: "views.open", Status: 503})
		s.then(s.clicks(m, s.in("Choose instances…", "选择实例…")))
		s.slack.Mend()
		s.bot.Notifier.Ledger.Close()
		s.clicks(m, s.in("Choose instances…", "选择实例…"))
		s.sees(s.in("Something went wrong", "由于我或 Slack"))
	})
}

func TestTheStoryOfSharing(t *testing.T) {
	tell(t, "sharing", func(language string) func(*world) { return func(w *world) { w.bot.Language = language } }, func(s *story) {
		answer := s.types(lookup)
		share := s.in("Post to channel", "发到频道")
		s.slack.Inject(slacksim.Fault{Method: "chat.postMessage", Error: "not_in_channel", Times: 1})
		s.slack.Inject(slacksim.Fault{Method: "response_url", Status: 404, Times: 1})
		s.then(s.clicks(answer, share))
		s.slack.Mend()
		s.slack.Inject(slacksim.Fault{Method: "chat.postMessage", Drop: true, Times: 1})
		s.then(s.clicks(answer, share))
		s.slack.Inject(slacksim.Fault{Method: "chat.postMessage", Error: "invalid_arguments"})
		s.then(s.clicks(answer, share))
		s.slack.Mend()
		first, second := s.slack.Press(s.who, answer, share), s.slack.Press(s.who, answer, share)
		s.does("presses %s twice", share)
		for _, p := range []*slacksim.Interaction{first, second} {
			if err := p.Acked(s.Context()); err != nil {
				s.Fatal(err)
			}
		}
		told := s.gets(second)
		if !strings.Contains(told.BlocksPlain(), s.in("already", "已经")) {
			told = s.gets(first)
		}
		s.reads(told)
		posted, err := s.slack.Await(s.Context(), gpu, bob, func(m slacksim.Message) bool { return m.BotID != "" })
		if err != nil {
			s.Fatal(err)
		}
		s.reads(posted)
		s.reads(s.becomes(answer, s.in("Posted to the channel", "已发到频道")))

		s.does("types in a channel that the bot is not in: %s", lookup)
		elsewhere := s.asksIn(s.who, general, lookup)
		s.clicks(elsewhere, share)
		s.reads(s.becomes(elsewhere, s.in("no member", "不是该频道的成员")))

		s.does("mentions the bot: %s", service)
		asked := s.hears(s.who, s.slack.Write(s.who, gpu, "<@U0COMPUTE> "+service+" postpaid"))
		s.clicks(asked, s.in("Refresh", "刷新"))
		s.reads(s.stands(bob, asked.TS, s.in("Shown by", "切换显示")))
	})
}

func TestTheStoryOfASettingsModal(t *testing.T) {
	prepare := func(language string) func(*world) {
		return both(expiring("svco-chat", 40*day, "cu-chat1", "cu-chat2"), watching(language))
	}
	tell(t, "settings", prepare, func(s *story) {
		s.slack.AddChannel(slacksim.Channel{ID: "C0FAR", Name: "far", Members: []string{alice, mei}})
		answer := s.asksIn(s.who, gpu, "/computeunits svco-chat")
		open, again := s.in("Watch…", "关注…"), s.in("Watch settings…", "关注设置…")
		s.clicks(answer, open)
		form := s.sees(s.in("is not watched yet", "尚未关注"))
		s.sends(form, map[string][]string{"more/value": {s.in("soon", "很快")}})
		form = s.sees(s.in("is not watched yet", "尚未关注"))
		s.sends(form, map[string][]string{"more/value": {"10d"}, "channel/value": {"far"}, "label/value": {s.in("Chat", "聊天")}})
		s.sees(s.in("Saved.", "已保存"))

		s.presses(s.who, answer, s.in("Refresh", "刷新"))
		time.Sleep(time.Minute) // and the service is read
		for _, m := range s.slack.History(gpu, s.who) {
			if m.TS == answer.TS {
				answer = m
			}
		}
		s.clicks(answer, again)
		form = s.sees(s.in("is watched.", "已被关注"))
		s.sends(form, map[string][]string{"more/value": {"9d, 8d"}})
		s.sees(s.in("This adds", "增加"))
		s.clicks(answer, again)
		s.sends(s.modal(s.who, s.in("is watched.", "已被关注")), nil)
		s.sees(s.in("Nothing was changed", "没有更改"))
	})
}

func TestTheStoryOfTroubles(t *testing.T) {
	prepare := func(language string) func(*world) {
		return both(expiring("svco-chat", 5*day, "cu-chat1"), watching(language, "svco-chat"))
	}
	tell(t, "troubles", prepare, func(s *story) {
		s.slack.Inject(slacksim.Fault{Method: "chat.postMessage", Times: 1, Drop: true})
		s.writes(s.in("services", "服务列表"))
		s.slack.Inject(slacksim.Fault{Method: "views.publish", Error: "invalid_arguments", Times: 1})
		s.opens(s.in("Slack did not take", "没有接受"))
		s.slack.Inject(slacksim.Fault{Method: "views.publish", Status: 404})
		s.does("opens the Home")
		if err := s.slack.OpenHome(s.who).Acked(s.Context()); err != nil {
			s.Fatal(err)
		}
		s.reads(s.tells(s.who, s.in("App Home", "应用主页")))
		s.slack.Mend()
		s.fails(qianfantest.Fault{Status: 500, Code: "InternalError"})
		s.clicks(s.opensHome(s.who, "cu-chat1"), "service", s.in("Show instances", "查看实例"))
		s.sees("HTTP 500")
		s.qianfan.Mend()

		s.bot.Notifier.Ledger.Close()
		s.writes(s.in("services", "服务列表"))
		synctest.Wait()
		s.fails(qianfantest.Fault{Delay: 20 * time.Second})
		for range 8 {
			s.slack.Slash(s.who, general, lookup)
		}
		time.Sleep(time.Second)
		s.writes(service)
		time.Sleep(time.Minute)
		s.fails(qianfantest.Fault{Delay: 20 * time.Second})
		s.crowded(256)
		time.Sleep(time.Second)
		s.writes(service)
		s.stop()
		time.Sleep(time.Second)
		s.writes(service)
	})
}
