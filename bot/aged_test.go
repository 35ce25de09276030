package bot_test

import (
	"strings"
	"testing"
	"time"

	"computeunits/bot/slacksim"
	"computeunits/notify"
)

// Slack keeps messages for years, and people press what they see: after a month,
// over a restart, everything that stood there works.
func TestMessagesOfLastMonthStillWork(t *testing.T) {
	for _, c := range []struct {
		language, person string
		acknowledge, by  string
		snooze, next     string
		snoozed          string
		refresh, share   string
		shared           string
		settings, form   string
		say, said        string
	}{
		{"en", alice, "Acknowledge", "acknowledged by @U0ALICE", "snooze", "Until the next reminder", "snoozed until", "Refresh", "Post to channel",
			"Shared by @U0ALICE", "Watch settings…", "only its owners", "services", "1 service is watched:"},
		{"zh", mei, "认领", "@U0MEI 已认领", "snooze", "到下一次提醒", "已将提醒推迟到", "刷新", "发到频道",
			"由 @U0MEI 分享", "关注设置…", "只能更改其负责人", "关注列表", "关注了 1 个服务"},
	} {
		t.Run(c.language, func(t *testing.T) {
			inAWorld(t, both(expiring("svco-chat", 29*day, "cu-chat1"), watching(c.language, "svco-chat")), func(w *world) {
				reminder := w.reminded(c.person, "cu-chat1", c.acknowledge)
				alone := w.asksIn(c.person, gpu, "/computeunits svco-chat prepaid")
				direct := w.writes(c.person, "svco-chat")
				help := w.writes(c.person, "help")

				w.stop()
				<-w.ended
				w.rest()
				time.Sleep(27 * day)
				was := w.bot.Notifier
				w.bot.Notifier = &notify.Notifier{Units: was.Units, Sender: was.Sender, Ledger: was.Ledger, Settings: was.Settings, Logger: was.Logger}
				w.rest = w.reminds(w.bot.Notifier)
				defer w.another()()
				time.Sleep(day) // over the daily pruning, too

				again := w.gets(w.presses(c.person, direct, c.refresh))
				if again.TS != direct.TS {
					t.Errorf("refreshed in another message: %s, not %s", again.TS, direct.TS)
				}
				w.sees(again, "cu-chat1")
				w.presses(c.person, again, c.settings)
				w.modal(c.person, c.form)
				w.presses(c.person, alone, c.share)
				w.reminded(bob, c.shared, "cu-chat1")
				w.presses(c.person, help, c.say)
				w.tells(c.person, c.said)

				w.presses(c.person, reminder, c.snooze, c.next)
				w.stands(bob, reminder.TS, c.snoozed)
				w.presses(c.person, w.stands(c.person, reminder.TS, c.acknowledge), c.acknowledge)
				w.stands(bob, reminder.TS, c.by)
				w.content()
			})
		})
	}
}

// Slack repeats what it believes lost, also to the process after a restart.
func TestAPressThatSlackRepeatsIsDoneOnce(t *testing.T) {
	inAWorld(t, both(expiring("svco-chat", 5*day, "cu-chat1"), watching("en", "svco-chat")), func(w *world) {
		reminder := w.reminded(alice, "cu-chat1")
		acknowledged := w.presses(alice, reminder, "Acknowledge")
		done := w.stands(bob, reminder.TS, "acknowledged by @U0ALICE")
		answer := w.asksIn(alice, gpu, lookup)
		shared := w.presses(alice, answer, "Post to channel")
		w.reminded(bob, "Shared by @U0ALICE")
		w.presses(bob, done, "Un-acknowledge")
		w.stands(bob, reminder.TS, "[Acknowledge")
		messages := len(w.slack.History(gpu, alice))

		again := func() {
			t.Helper()
			for _, p := range []*slacksim.Interaction{acknowledged, shared} {
				if err := w.slack.Redeliver(p.EnvelopeID()); err != nil {
					t.Fatal(err)
				}
			}
			time.Sleep(time.Minute)
			if m := w.stands(bob, reminder.TS, "cu-chat1"); strings.Contains(m.BlocksPlain(), "acknowledged by") {
				t.Errorf("acknowledged once more, after Bob took it back:\n%s", m.BlocksPlain())
			}
			if n := len(w.slack.History(gpu, alice)); n != messages {
				t.Errorf("%d messages stand in the channel, and not %d", n, messages)
			}
		}
		again()
		w.stop()
		<-w.ended
		defer w.another()()
		again()
		w.content()
	})
}
