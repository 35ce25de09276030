package bot_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"computeunits/notify/plan"
)

// crowded has so many services with some instances each, which expire at once,
// so that one message names the services and its thread has the instances.
func crowded(language string, services, instances int) func(*world) {
	var ids []string
	prepare := func(*world) {}
	for i := range services {
		id := fmt.Sprintf("svco-%c", 'a'+i)
		ids = append(ids, id)
		var all []string
		for n := range instances {
			all = append(all, fmt.Sprintf("cu-%c%02d", 'a'+i, n))
		}
		prepare = both(prepare, expiring(id, 5*day, all...))
	}
	return both(prepare, watchingBy(func(s *plan.Settings) { s.DigestCron = "0 9 31 12 *" }, language, ids...))
}

// What a press on the message that only names the services does to those in its
// thread, and what all of them say then.
func TestTheStoryOfACollectedReminder(t *testing.T) {
	tell(t, "collected", func(language string) func(*world) { return crowded(language, 6, 2) }, func(s *story) {
		m := s.finds(s.in("6 services", "6 个服务"))
		time.Sleep(time.Minute) // and its thread
		s.clicksAndSees(m, s.in("Acknowledge all", "全部认领"))
		m = s.stands(s.who, m.TS, s.in("Un-acknowledge all", "全部取消认领"))
		s.clicksAndSees(m, s.in("Un-acknowledge all", "全部取消认领"))
		s.clicksAndSees(s.reply(), s.in("Acknowledge all", "全部认领"))
		s.clicksAndSees(m, "snooze", s.in("1 day", "1 天"))
		expiring("svco-a", 60*day, "cu-a00", "cu-a01")(s.world)
		s.waits(20*time.Minute, s.in("until somebody has renewed those of svco-a", "到有人续费 svco-a 的实例"))
		s.clicksAndSees(m, s.in("Acknowledge all", "全部认领"))
	})
}

// A press acts on all that the thread has, however many, and the message shows it
// at once.
func TestAPressOnACollectedReminderActsOnAll(t *testing.T) {
	inAWorld(t, crowded("en", 7, 80), func(w *world) {
		m := w.reminded(alice, "7 services")
		time.Sleep(time.Minute)
		for i, c := range []struct {
			button, choice string
			told, shows    string
		}{
			{"Acknowledge all", "", "Acknowledged: 560 instances.", "Acknowledged by @U0ALICE: 560 of 560 instances."},
			{"Un-acknowledge all", "", "No longer acknowledged: 560 instances.", "[Acknowledge all]"},
			{"snooze", "1 day", "Snoozed the reminders of 560 instances.", "560 of 560 instances."},
			{"Acknowledge all", "", "Acknowledged: 560 instances.", "[Un-acknowledge all]"},
		} {
			begun := time.Now()
			var choice []string
			if c.choice != "" {
				choice = []string{c.choice}
			}
			told := w.isTold(w.presses(alice, m, c.button, choice...), alice)
			w.sees(told, c.told)
			if strings.Contains(told.Plain(), "follows") || told.ThreadTS != "" {
				t.Errorf("she is told, in the thread %q, %s", told.ThreadTS, told.Plain())
			}
			m = w.stands(bob, m.TS, c.shows)
			if took := time.Since(begun); took > time.Second || w.edits(m.TS) != i+1 {
				t.Errorf("after %v it was edited %d times", took, w.edits(m.TS))
			}
			time.Sleep(2 * time.Minute) // the thread follows
		}
		if entries, err := w.bot.Notifier.Ledger.Reports.Entries(w.Context(), 10_000); err != nil || len(entries) != 4*560 {
			t.Errorf("the audit has %d rows, %v", len(entries), err)
		}
		for _, reply := range w.slack.History(gpu, bob) {
			if n := w.edits(reply.TS); reply.ThreadTS == m.TS && reply.BotID != "" && reply.TS != m.TS && n != 4 {
				t.Errorf("a reply was edited %d times", n)
			}
		}
		w.content()
	})
}
