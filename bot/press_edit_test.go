package bot_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"computeunits/bot/slacksim"
)

// edits counts the requests to edit a message.
func (w *world) edits(ts string) int {
	n := 0
	for _, c := range w.slack.Calls("chat.update") {
		if c.Args["ts"] == ts {
			n++
		}
	}
	return n
}

// names are those of so many instances.
func names(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("cu-%03d", i)
	}
	return all
}

// Whoever presses sees the message edited at once, by one request, however many
// instances it is about.
func TestAPressOnSeveralEditsTheMessageAtOnce(t *testing.T) {
	for _, n := range []int{2, 60} {
		inAWorld(t, both(expiring("svco-a", 5*day, names(n)...), watching("en", "svco-a")), func(w *world) {
			m := w.reminded(alice, "cu-000")
			for i, c := range []struct{ button, told, shows string }{
				{"Acknowledge all", "Acknowledged: ", "[Un-acknowledge all]"},
				{"Un-acknowledge all", "No longer acknowledged: ", "[Acknowledge all]"},
			} {
				begun := time.Now()
				told := w.isTold(w.presses(alice, m, c.button), alice)
				w.sees(told, c.told)
				if strings.Contains(told.Plain(), "as soon as Slack accepts it") {
					t.Errorf("Slack is fine, and she is told %s", told.Plain())
				}
				m = w.stands(bob, m.TS, c.shows)
				if took := time.Since(begun); took > time.Second || w.edits(m.TS) != i+1 {
					t.Errorf("after %v the message of %d was edited %d times", took, n, w.edits(m.TS))
				}
			}
			time.Sleep(5 * time.Minute)
			if got := w.edits(m.TS); got != 2 {
				t.Errorf("the message of %d was edited %d times", n, got)
			}
			w.content()
		})
	}
}

// What is said of a message that nobody will edit is true.
func TestAMessageThatIsNotEditedDoesNotFollow(t *testing.T) {
	inAWorld(t, both(expiring("svco-a", 5*day, "cu-1"), watching("en", "svco-a")), func(w *world) {
		m := w.reminded(alice, "cu-1")
		at := time.Now().Add(5*day).UnixMilli() / 1000 * 1000
		old := w.old(fmt.Sprintf("v=1&do=ack&s=svco-a&i=cu-1&e=%d", at))
		if told := w.isTold(w.presses(alice, old, "old"), alice); strings.Contains(told.Plain(), "follows") || !strings.Contains(told.Plain(), "Acknowledged: 1 instance.") {
			t.Errorf("of a message that the ledger does not know she is told %s", told.Plain())
		}
		m = w.stands(bob, m.TS, "acknowledged by @U0ALICE")
		w.slack.Inject(slacksim.Fault{Method: "chat.update", Error: "edit_window_closed"})
		told := w.isTold(w.presses(bob, m, "Un-acknowledge"), bob)
		w.sees(told, "No longer acknowledged: 1 instance.", "does not let me change this message any more")
		time.Sleep(5 * time.Minute)
		if n := w.edits(m.TS); n != 2 {
			t.Errorf("Slack was asked %d times to edit it", n)
		}
	})
}

// A reminder of many instances in Chinese, of which each character takes three of
// the 4,000 bytes that an edit may have, is edited like any other.
func TestALongReminderInChineseCanBeEdited(t *testing.T) {
	inAWorld(t, both(expiring("svco-a", 5*day, names(60)...), watching("zh", "svco-a")), func(w *world) {
		m := w.reminded(alice, "cu-000")
		w.presses(mei, m, "全部认领")
		w.stands(bob, m.TS, "[全部取消认领]")
		expiring("svco-a", 300*day, names(60)...)(w)
		time.Sleep(11 * time.Minute)
		w.stands(bob, m.TS, "已续费至")
		w.content()
	})
}

// What Slack does not let be edited in any form is said below the message, once, and
// whoever presses a button in it reads so.
func TestWhatCannotBeEditedIsSaidBelowTheMessage(t *testing.T) {
	inAWorld(t, both(expiring("svco-a", 5*day, names(2)...), watching("en", "svco-a")), func(w *world) {
		m := w.reminded(alice, "cu-000")
		w.slack.Inject(slacksim.Fault{Method: "chat.update", Error: "edit_window_closed"})
		w.sees(w.isTold(w.presses(alice, m, "Acknowledge all"), alice), "What is true now is said in its thread")
		time.Sleep(20 * time.Minute)
		expiring("svco-a", 300*day, names(2)...)(w)
		time.Sleep(2 * time.Hour)
		var below []slacksim.Message
		for _, one := range w.slack.History(gpu, bob) {
			if one.ThreadTS == m.TS && one.TS != m.TS {
				below = append(below, one)
			}
		}
		if len(below) != 2 {
			t.Fatalf("below the message stand %d messages", len(below))
		}
		for i, want := range []string{"acknowledged by @U0ALICE", "renewed until"} {
			w.sees(below[i], "can no longer be changed", want)
		}
		w.content()
	})
}
