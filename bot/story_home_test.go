package bot_test

import (
	"testing"
	"time"

	"computeunits/bot/slacksim"
	"computeunits/qianfan/qianfantest"
)

func TestTheStoryOfTheHome(t *testing.T) {
	prepare := func(language string) func(*world) {
		return both(both(expiring("svco-chat", 5*day, "cu-chat1"), expiring("svco-embed", 40*day, "cu-embed")), watching(language, "svco-embed"))
	}
	tell(t, "home", prepare, func(s *story) {
		time.Sleep(30 * time.Second)
		watched, watch := s.in("Watched: 1 service", "已关注 1 个服务"), s.in("Watch a service…", "关注服务…")
		s.clicks(s.opens(watched), watch)
		form := s.sees(s.in("Its ID begins with svco-", "服务 ID 以 svco- 开头"))
		s.sends(form, map[string][]string{"service/value": {"chat"}})
		form = s.sees(s.in("is not the ID of a service", "不是服务 ID"))
		s.sends(form, map[string][]string{"service/value": {"svco-chat"}})
		form = s.sees(s.in("is not watched yet", "尚未关注"))
		s.sends(form, map[string][]string{"label/value": {s.in("Chat prod", "聊天")}, "people/value": {"bob"}})
		s.sees(s.in("Saved.", "已保存"))

		time.Sleep(time.Minute) // and it is read
		home := s.opens(s.in("Watched: 2 services", "已关注 2 个服务"))
		choose := func(entry string) { // in the menu of the service, of the Home as it is then
			label := s.in("Chat prod", "聊天")
			s.does("presses the menu of %s › %s", label, entry)
			time.Sleep(15 * time.Second) // until nothing refreshes it any more
			home = s.slack.Home(s.who)
			s.presses(s.who, home, s.menuOf(home, label), entry)
		}
		choose(s.in("Show instances", "查看实例"))
		s.sees("cu-chat1")
		choose(s.in("Watch settings…", "关注设置…"))
		s.sees(s.in("is watched.", "已被关注"))
		choose(s.in("Stop watching…", "取消关注…"))
		s.sends(s.sees(s.in("Shall I stop", "要取消")), nil)
		s.sees(s.in("Stopped watching", "已取消关注"))
		s.opens(watched)

		s.clicks(s.slack.Home(s.who), "lang", s.in("简体中文", "English"))
		s.opens(s.in("已关注 1 个服务", "Watched: 1 service"))
	})
}

func TestTheStoryOfAThread(t *testing.T) {
	prepare := func(language string) func(*world) {
		return both(expiring("svco-chat", 5*day, "cu-chat1"), watching(language, "svco-chat"))
	}
	tell(t, "thread", prepare, func(s *story) {
		time.Sleep(30 * time.Second)
		s.does("mentions the bot: %s", s.in("hi, what exipres within 7 days?", "你好，7 天内有哪些到起？"))
		asked := s.slack.Write(s.who, gpu, "<@U0COMPUTE> "+s.in("hi, what exipres within 7 days?", "你好，7 天内有哪些到起？"))
		answer := s.reads(s.hears(s.who, asked))
		if answer.ThreadTS != asked.TS {
			t.Errorf("the answer stands in the thread of %q", answer.ThreadTS)
		}
		s.clicks(answer, "expiring 7d")
		m, err := s.slack.Await(s.Context(), gpu, s.who, func(m slacksim.Message) bool { return m.ThreadTS == asked.TS && m.TS > answer.TS && m.BotID != "" })
		if err != nil {
			s.Fatal(err)
		}
		s.reads(m)
		s.does("writes in the thread: %s", s.in("@computeunits thanks!", "@computeunits 谢谢！"))
		again := s.slack.Write(s.who, gpu, "<@U0COMPUTE> "+s.in("thanks!", "谢谢！"), slacksim.InThread(asked.TS))
		s.reads(s.hears(s.who, again))
	})
}

func TestTheStoryOfOwners(t *testing.T) {
	prepare := func(language string) func(*world) {
		return both(expiring("svco-chat", day), watching(language, "svco-chat"))
	}
	tell(t, "owners", prepare, func(s *story) {
		s.slack.AddUserGroup(slacksim.UserGroup{ID: "S0OPS", Handle: "ops", Members: []string{bob}})
		s.clicks(s.asksIn(s.who, gpu, "/computeunits svco-chat"), s.in("Watch settings…", "关注设置…"))
		s.sends(s.sees(s.in("only its owners", "只能更改其负责人")), map[string][]string{"people/value": {"bob"}, "groups/value": {"@ops"}})
		s.sees(s.in("Saved.", "已保存"))
		expiring("svco-chat", 7*day+2*time.Hour, "cu-chat1")(s.world)
		time.Sleep(time.Hour)
		s.does("more than 7 days before")
		s.finds(s.in("Acknowledge", "认领"))
		time.Sleep(time.Hour)
		s.does("7 days before")
		s.finds(s.in("For @", "负责人："))
		s.qianfan.Update("svco-chat", "cu-chat1", func(in *qianfantest.Instance) { in.ExpiredTime = time.Now().Add(400 * day).UTC().Truncate(time.Second) })
		time.Sleep(time.Hour)
		s.does("renewed")
		s.finds(s.in("renewed until", "已续费至"))
	})
}
