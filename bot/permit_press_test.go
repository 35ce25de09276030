package bot_test

import (
	"testing"

	"computeunits/bot/slacksim"
)

func TestWhoMayNotChangeIsRefusedAtTheButtonToo(t *testing.T) {
	for _, c := range []struct{ language, person, acknowledge, day, refusal string }{
		{"en", alice, "Acknowledge", "1 day", "not everybody may change"},
		{"zh", mei, "认领", "1 天", "抱歉"},
	} {
		prepare := both(expiring("svco-a", 5*day, "cu-1"), both(watching(c.language, "svco-a"), func(w *world) {
			w.bot.AllowUsers = []string{bob}
		}))
		inAWorld(t, prepare, func(w *world) {
			m := w.reminded(alice, "cu-1", c.acknowledge)
			w.sees(w.isTold(w.presses(c.person, m, c.acknowledge), c.person), c.refusal)
			w.sees(w.isTold(w.presses(c.person, m, "snooze", c.day), c.person), c.refusal)
			if now := w.reminded(alice, "cu-1"); now.Edited != "" {
				t.Errorf("the reminder was changed all the same:\n%s", now.BlocksPlain())
			}
			if entries, err := w.bot.Notifier.Ledger.Reports.Entries(w.Context(), 10); err != nil || len(entries) != 0 {
				t.Errorf("the audit has %+v, %v", entries, err)
			}
			w.presses(bob, m, c.acknowledge)
			w.reminded(alice, "@U0BOB")
			w.content()
		})
	}
}

func TestGuestsAndStrangersAreRefusedAtTheButtonToo(t *testing.T) {
	prepare := both(expiring("svco-a", 5*day, "cu-1"), both(watching("en", "svco-a"), func(w *world) {
		w.slack.AddUser(slacksim.User{ID: "U0GUEST", Name: "gus", Guest: true})
		w.slack.AddUser(slacksim.User{ID: "U0OTHER", Name: "otto", Stranger: true, Locale: "zh-CN"})
		w.slack.AddChannel(slacksim.Channel{ID: gpu, Name: "gpu-capacity", Members: []string{alice, bob, mei, "U0GUEST", "U0OTHER", "U0COMPUTE"}})
	}))
	inAWorld(t, prepare, func(w *world) {
		m := w.reminded("U0GUEST", "cu-1", "Acknowledge")
		for who, want := range map[string]string{"U0GUEST": "members of this workspace only", "U0OTHER": "抱歉：我只回答本组织的成员"} {
			w.sees(w.isTold(w.presses(who, m, "Acknowledge"), who), want)
		}
		if now := w.reminded(alice, "cu-1"); now.Edited != "" {
			t.Errorf("the reminder was changed all the same:\n%s", now.BlocksPlain())
		}
		w.content()
	})
}

// Without the scope users:read the press itself still tells where somebody is from.
func TestStrangersAreRefusedAtTheButtonWithoutTheScopeToo(t *testing.T) {
	prepare := both(expiring("svco-a", 5*day, "cu-1"), both(watching("en", "svco-a"), func(w *world) {
		w.slack.AddUser(slacksim.User{ID: "U0OTHER", Name: "otto", Stranger: true})
		w.slack.AddChannel(slacksim.Channel{ID: gpu, Name: "gpu-capacity", Members: []string{alice, "U0OTHER", "U0COMPUTE"}})
		w.slack.Inject(slacksim.Fault{Method: "users.info", Body: `{"ok":false,"error":"missing_scope","needed":"users:read","provided":"chat:write"}`})
	}))
	inAWorld(t, prepare, func(w *world) {
		m := w.reminded("U0OTHER", "cu-1", "Acknowledge")
		w.sees(w.isTold(w.presses("U0OTHER", m, "Acknowledge"), "U0OTHER"), "members of my own organisation only")
		if now := w.reminded(alice, "cu-1"); now.Edited != "" {
			t.Errorf("the reminder was changed all the same:\n%s", now.BlocksPlain())
		}
	})
}

// What only one person reads stands where they look: not in the thread of a
// reminder that somebody replied to.
func TestARefusalStandsBesideTheReminderNotInItsThread(t *testing.T) {
	prepare := both(expiring("svco-a", 5*day, "cu-1"), both(watching("en", "svco-a"), func(w *world) { w.bot.AllowUsers = []string{bob} }))
	inAWorld(t, prepare, func(w *world) {
		m := w.reminded(alice, "cu-1", "Acknowledge")
		w.slack.Write(bob, gpu, "who takes this?", slacksim.InThread(m.TS))
		told := w.isTold(w.presses(alice, w.reminded(alice, "cu-1"), "Acknowledge"), alice)
		if told.ThreadTS != "" {
			t.Errorf("it stands in the thread of %s", told.ThreadTS)
		}
		w.sees(told, "not everybody may change")
		w.content()
	})
}

// Whoever cannot be told from others is told why, and how long that lasts.
func TestAUserGroupThatCannotBeReadIsExplained(t *testing.T) {
	for fault, wants := range map[string][2]string{
		"missing_scope":  {"An operator can give me the scope usergroups:read", "运维人员可以为我添加权限 usergroups:read"},
		"internal_error": {"Slack does not tell me just now", "Slack 现在没有告诉我"},
	} {
		prepare := both(expiring("svco-a", 5*day, "cu-1"), both(watching("en", "svco-a"), func(w *world) {
			w.bot.AllowUserGroups = []string{"S0OPS"}
			w.slack.Inject(slacksim.Fault{Method: "usergroups.users.list", Body: `{"ok":false,"error":"` + fault + `","needed":"usergroups:read","provided":"chat:write"}`})
		}))
		inAWorld(t, prepare, func(w *world) {
			w.converse(
				says{alice, "unwatch svco-a", []string{wants[0]}},
				says{alice, "unwatch svco-a", []string{wants[0]}}, // at once again: still so
				says{mei, "取消关注 svco-a", []string{wants[1]}},
			)
		})
	}
}

// What others need not read goes to the direct message when Slack does not take
// it for the person alone.
func TestARefusalIsNeverReadByOthers(t *testing.T) {
	prepare := both(expiring("svco-a", 40*day, "cu-1"), both(watching("en", "svco-a"), func(w *world) { w.bot.AllowUsers = []string{bob} }))
	inAWorld(t, prepare, func(w *world) {
		w.slack.Inject(slacksim.Fault{Method: "chat.postEphemeral", Error: "user_not_in_channel"})
		w.slack.Write(alice, gpu, "<@U0COMPUTE> unwatch svco-a")
		w.tells(alice, "not everybody may change")
		if n := w.said(bob, gpu); n != 0 {
			t.Errorf("%d messages stand in the channel", n)
		}
	})
}
