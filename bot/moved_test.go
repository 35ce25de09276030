package bot_test

import (
	"testing"
	"time"

	"computeunits/notify"
	"computeunits/notify/plan"
)

// A channel gets another id while a reminder stands in it: whether Slack tells so
// by an event, by what it answers to the next post, or only by the press itself,
// buttons in it go on working, nothing is said twice, and ALLOW_CHANNELS is of the
// same channel.
func TestAChannelWhoseIdChangesKeepsItsButtonsAndItsReminders(t *testing.T) {
	const moved = "C0SHARED"
	for name, c := range map[string]struct{ told, posted bool }{
		"told by an event": {told: true}, "told by a post": {posted: true}, "told by the press": {},
	} {
		t.Run(name, func(t *testing.T) {
			inAWorld(t, both(expiring("svco-a", 3*day-time.Minute, "cu-1", "cu-2"), watchingBy(func(s *plan.Settings) { s.DigestCron = "0 9 1 6 *" }, "en", "svco-a")), func(w *world) {
				m := w.reminded(alice, "cu-1")
				w.slack.ChangeChannelID(gpu, moved, c.told)
				if c.posted {
					time.Sleep(2 * day)
					w.reminded(alice, "1 day")
				}
				m.Channel = moved
				w.isTold(w.presses(alice, m, "Acknowledge all"), alice)
				w.stands(bob, m.TS, "[Un-acknowledge all]")
				time.Sleep(10 * time.Minute)
				reminders := 0
				for _, one := range w.slack.History(moved, bob) {
					if one.BotID != "" {
						reminders++
					}
				}
				if want := 1 + map[bool]int{true: 1}[c.posted]; reminders != want {
					t.Errorf("%d messages stand in the channel, of %d", reminders, want)
				}
				if c.told || c.posted {
					if !w.bot.Notifier.Reports().SameChannel(gpu, moved) {
						t.Error("the ids are of two channels")
					}
				}
				w.content()
			})
		})
	}
}

// Who sets NOTIFY_CHANNEL to the new id starts no second channel, in which all
// would be said again; and ALLOW_CHANNELS of the old id lets people act.
func TestTheNewIdOfAChannelInTheSettingsIsTheSameChannel(t *testing.T) {
	const moved = "C0SHARED"
	inAWorld(t, both(expiring("svco-a", 3*day-time.Minute, "cu-1", "cu-2"), both(watching("en", "svco-a"), func(w *world) {
		w.bot.AllowChannels = []string{gpu}
	})), func(w *world) {
		m := w.reminded(alice, "cu-1")
		w.slack.ChangeChannelID(gpu, moved, true)
		time.Sleep(time.Second)
		w.rest()
		was := w.bot.Notifier
		settings := was.Settings
		settings.Channel = moved
		n := &notify.Notifier{Units: was.Units, Sender: was.Sender, Ledger: was.Ledger, Settings: settings, Logger: was.Logger}
		w.rest = w.reminds(n)
		time.Sleep(time.Hour)
		m.Channel = moved
		w.isTold(w.presses(alice, m, "Acknowledge all"), alice)
		w.stands(bob, m.TS, "[Un-acknowledge all]")
		for _, one := range w.slack.History(moved, bob) {
			if one.BotID != "" && one.TS != m.TS {
				t.Errorf("said again: %s", one.BlocksPlain())
			}
		}
		w.content()
	})
}
