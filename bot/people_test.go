package bot_test

import (
	"testing"
	"time"

	"computeunits/bot/slacksim"
)

func TestGuestsAndStrangersAreRefusedPolitely(t *testing.T) {
	inAWorld(t, watching("en", "svco-chat"), func(w *world) {
		w.slack.AddUser(slacksim.User{ID: "U0GUEST", Name: "gus", Guest: true})
		w.slack.AddUser(slacksim.User{ID: "U0OTHER", Name: "otto", Stranger: true, Locale: "zh-CN"})
		w.slack.AddChannel(slacksim.Channel{ID: gpu, Name: "gpu-capacity", Members: []string{alice, mei, "U0COMPUTE", "U0GUEST", "U0OTHER"}})
		w.converse(
			says{"U0GUEST", service, []string{"I am sorry: I answer members of this workspace only"}},
			says{"U0GUEST", "watch " + service, []string{"I am sorry"}},
			says{"U0GUEST", "gibberish", []string{"I am sorry"}},
		)
		for who, want := range map[string]string{"U0GUEST": "members of this workspace only", "U0OTHER": "抱歉：我只回答本组织的成员"} {
			m := w.hears(who, w.slack.Write(who, gpu, "<@U0COMPUTE> "+service))
			w.sees(m, want)
			if m.VisibleTo != who {
				t.Errorf("the refusal is visible to %q", m.VisibleTo)
			}
		}
		if watches, _ := w.bot.Notifier.Reports().Watches(w.Context()); len(watches) != 1 {
			t.Errorf("watched: %v", watches)
		}
		w.content()
	})
}

func TestOnlyThoseNamedMayChange(t *testing.T) {
	prepare := both(expiring("svco-chat", 5*day, "cu-chat1"), both(watching("en", "svco-fixed"), func(w *world) {
		w.bot.AllowUsers, w.bot.AllowUserGroups, w.bot.AllowChannels = []string{bob}, []string{"S0OPS"}, []string{gpu}
		w.slack.AddUserGroup(slacksim.UserGroup{ID: "S0OPS", Handle: "ops", Members: []string{mei}})
	}))
	inAWorld(t, prepare, func(w *world) {
		w.converse(
			says{alice, "watch svco-chat", []string{"may be changed in", "You may ask me anything"}},
			says{alice, "svco-chat", []string{"cu-chat1"}},
			says{bob, "watch svco-chat", []string{"Now watching"}},
			says{mei, "取消关注 svco-chat", []string{"已取消关注"}},
		)
		m := w.hears(alice, w.slack.Write(alice, gpu, "<@U0COMPUTE> watch svco-chat"))
		w.sees(m, "Now watching")
		if n := len(w.slack.Calls("usergroups.users.list")); n != 2 { // for Alice and, later, nobody: it is remembered
			t.Logf("%d calls of usergroups.users.list", n)
		}
		w.content()
	})
}

func TestWhenSlackCannotTellWhoSomebodyIsNothingIsChanged(t *testing.T) {
	prepare := both(expiring("svco-chat", 5*day, "cu-chat1"), watching("en", "svco-fixed"))
	inAWorld(t, prepare, func(w *world) {
		w.slack.Inject(slacksim.Fault{Method: "users.info", Status: 500})
		w.converse(
			says{alice, "watch svco-chat", []string{"Slack does not tell me just now"}},
			says{alice, "svco-chat", []string{"cu-chat1"}},
		)
		w.slack.Mend()
		time.Sleep(2 * time.Minute)
		w.converse(says{alice, "watch svco-chat", []string{"Now watching"}})
	})
}

func TestWithoutTheScopeTheLanguageIsThatOfTheMessage(t *testing.T) {
	inAWorld(t, nil, func(w *world) {
		w.slack.Inject(slacksim.Fault{Method: "users.info", Body: `{"ok":false,"error":"missing_scope","needed":"users:read","provided":"chat:write"}`})
		w.converse(
			says{mei, service + " 预付费", []string{"预付费"}},
			says{mei, service, []string{"个实例"}}, // an id says no language: that of the last message
			says{mei, "help", []string{"what expires next"}},
			says{alice, service, []string{"replicas"}},
		)
		if n := len(w.slack.Calls("users.info")); n != 1 {
			t.Errorf("%d calls of users.info", n)
		}
		w.content()
	})
}

func TestWhoSomebodyIsIsAskedOnceADay(t *testing.T) {
	inAWorld(t, nil, func(w *world) {
		for range 3 {
			w.writes(alice, "help")
		}
		if n := len(w.slack.Calls("users.info")); n != 1 {
			t.Errorf("%d calls of users.info", n)
		}
		time.Sleep(25 * time.Hour)
		w.writes(alice, "help")
		if n := len(w.slack.Calls("users.info")); n != 2 {
			t.Errorf("%d calls of users.info after a day", n)
		}
	})
}

func TestASlowUsersInfoDelaysNoAcknowledgement(t *testing.T) {
	inAWorld(t, nil, func(w *world) {
		w.slack.Inject(slacksim.Fault{Method: "users.info", Delay: time.Hour})
		asked := w.slack.Write(alice, w.slack.DM(alice), service)
		begun := time.Now()
		w.sees(w.hears(alice, asked), "replicas")
		if took := asked.AckedAfter(); took > time.Second {
			t.Errorf("acknowledged after %v", took)
		}
		if took := time.Since(begun); took > 5*time.Second {
			t.Errorf("answered after %v", took)
		}
		w.content()
	})
}

func TestWhoSomebodyIsIsAskedOnceHoweverManyWantToKnow(t *testing.T) {
	inAWorld(t, nil, func(w *world) {
		w.slack.Inject(slacksim.Fault{Method: "users.info", Delay: time.Second})
		var asked []*slacksim.Invocation
		for range 8 { // as many as one person has places
			asked = append(asked, w.slack.Slash(alice, general, lookup))
		}
		for _, one := range asked {
			w.sees(w.reads(one), "a0085162xxx9d19e58e")
		}
		if n := len(w.slack.Calls("users.info")); n != 1 {
			t.Errorf("%d calls of users.info", n)
		}
		w.content()
	})
}
