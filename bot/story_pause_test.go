package bot_test

import (
	"strings"
	"testing"
	"time"

	"computeunits/bot/slacksim"
	"computeunits/notify/plan"
)

// waits lets time pass, and notes what is new in the channel then.
func (s *story) waits(during time.Duration, words string) {
	s.Helper()
	before := s.said()
	s.does("waits %s", words)
	s.sleeps(during)
	s.news(before)
}

// sleeps lets time pass. Over a long one nobody needs the socket, whose pings
// would take most of the time of a test.
func (w *world) sleeps(during time.Duration) {
	if during < 12*time.Hour {
		time.Sleep(during)
		return
	}
	if w.hangUp != nil {
		w.hangUp()
	} else {
		w.stop()
		<-w.ended
	}
	time.Sleep(during)
	w.hangUp = w.another()
}

// clicksAndSees presses a button, and notes what is new in the channel then.
func (s *story) clicksAndSees(on slacksim.Place, button string, choice ...string) {
	s.Helper()
	before := s.said()
	s.clicks(on, button, choice...)
	time.Sleep(time.Minute)
	s.news(before)
}

// news notes every message of the bot that did not stand in the channel before,
// or says something else by now.
func (s *story) news(before map[string]string) {
	s.Helper()
	nothing := true
	for _, m := range s.slack.History(gpu, s.who) {
		was, stood := before[m.TS]
		switch now := m.BlocksPlain(); {
		case m.BotID == "" || now == was:
			continue
		case stood:
			s.text.WriteString("  (this message has changed)\n")
		case m.VisibleTo == "" && m.ThreadTS != "":
			s.text.WriteString("  (this message is new, in the thread)\n")
		case m.VisibleTo == "":
			s.text.WriteString("  (this message is new)\n")
		}
		nothing = false
		s.reads(m)
	}
	if nothing {
		s.notes("(nothing)")
	}
}

// said is what each message of the channel says.
func (s *story) said() map[string]string {
	all := make(map[string]string)
	for _, m := range s.slack.History(gpu, s.who) {
		all[m.TS] = m.BlocksPlain()
	}
	return all
}

// last is the latest message of the bot in the channel.
func (s *story) last() slacksim.Message {
	s.Helper()
	var last slacksim.Message
	for _, m := range s.slack.History(gpu, s.who) {
		if m.BotID != "" && m.VisibleTo == "" {
			last = m
		}
	}
	return last
}

// reply is the latest message of the bot in a thread of the channel.
func (s *story) reply() slacksim.Message {
	s.Helper()
	var last slacksim.Message
	for _, m := range s.slack.History(gpu, s.who) {
		if m.BotID != "" && m.VisibleTo == "" && m.ThreadTS != "" && m.ThreadTS != m.TS {
			last = m
		}
	}
	return last
}

// alone has a service with one instance, which expires after some time, and no
// digest.
func alone(after time.Duration) func(language string) func(*world) {
	return func(language string) func(*world) {
		return both(expiring("svco-chat", after, "cu-chat1"),
			watchingBy(func(s *plan.Settings) { s.DigestCron = "0 9 31 12 *" }, language, "svco-chat"))
	}
}

// Somebody takes care: nothing more is said but on the last day and at the
// expiry.
func TestTheStoryOfAnAcknowledgement(t *testing.T) {
	tell(t, "acknowledged", alone(3*day+12*time.Hour), func(s *story) {
		m := s.finds("cu-chat1")
		s.clicksAndSees(m, s.in("Acknowledge", "认领"))
		s.waits(2*day, s.in("over the 3rd day before the expiry", "过了到期前第 3 天"))
		s.waits(day, s.in("until the last day has begun", "到最后一天开始"))
		s.waits(day, s.in("over the expiry", "过了到期"))
		s.waits(day, s.in("a day more", "再过一天"))
	})
}

// Somebody wants to hear of it later: nothing is said before, one reminder then,
// and what comes after it as usual. The last day is not slept through.
func TestTheStoryOfASnooze(t *testing.T) {
	tell(t, "snoozed", alone(3*day+12*time.Hour), func(s *story) {
		m := s.finds("cu-chat1")
		s.clicksAndSees(m, "snooze", s.in("1 day", "1 天"))
		s.waits(23*time.Hour, s.in("over the 3rd day before the expiry", "过了到期前第 3 天"))
		s.waits(2*time.Hour, s.in("until the snooze ends", "到推迟结束"))
		s.clicksAndSees(s.last(), "snooze", s.in("1 week", "1 周"))
		s.waits(day, s.in("a day more", "再过一天"))
		s.waits(day, s.in("until the last day has begun", "到最后一天开始"))
		s.waits(day, s.in("over the expiry", "过了到期"))
	})
}

// Whoever renews ends what was answered before: the next expiry knows nothing
// of it, and is reminded of in its own time.
func TestTheStoryOfARenewal(t *testing.T) {
	for name, press := range map[string]func(*story, slacksim.Message){
		"renewed-acknowledged": func(s *story, m slacksim.Message) { s.clicksAndSees(m, s.in("Acknowledge", "认领")) },
		"renewed-snoozed":      func(s *story, m slacksim.Message) { s.clicksAndSees(m, "snooze", s.in("1 day", "1 天")) },
	} {
		tell(t, name, alone(3*day+12*time.Hour), func(s *story) {
			press(s, s.finds("cu-chat1"))
			expiring("svco-chat", 7*day+12*time.Hour, "cu-chat1")(s.world)
			s.waits(time.Hour, s.in("until somebody has renewed it", "到有人续费"))
			s.waits(22*time.Hour, s.in("over the 7th day before the new expiry", "过了新的到期前第 7 天"))
			s.waits(2*time.Hour, s.in("over the time that was asked for", "过了所要求的时间"))
		})
	}
}

// A snooze that has ended is said nowhere.
func TestAnEndedSnoozeIsSaidNowhere(t *testing.T) {
	for _, c := range []struct{ language, user, snooze, span, snoozed, asks, next string }{
		{"en", alice, "snooze", "1 day", "snoozed until", "/computeunits svco-chat prepaid", "/computeunits next"},
		{"zh", mei, "snooze", "1 天", "推迟到", "/computeunits svco-chat 预付费", "/computeunits 下一个"},
	} {
		inAWorld(t, both(expiring("svco-chat", 12*day, "cu-chat1"), watching(c.language, "svco-chat")), func(w *world) {
			everywhere := func() string {
				var all strings.Builder
				for _, m := range w.slack.History(gpu, c.user) {
					if m.VisibleTo == "" {
						all.WriteString(m.BlocksPlain())
					}
				}
				all.WriteString(w.asksIn(c.user, gpu, c.asks).BlocksPlain())
				all.WriteString(w.asksIn(c.user, gpu, c.next).BlocksPlain())
				w.opensHome(c.user)
				time.Sleep(10 * time.Second)
				all.WriteString(w.slack.Home(c.user).Plain())
				return all.String()
			}
			m := w.reminded(c.user, "cu-chat1")
			time.Sleep(10 * time.Hour) // the first digest has come
			w.presses(c.user, m, c.snooze, c.span)
			time.Sleep(5 * time.Minute)
			if n := strings.Count(everywhere(), c.snoozed); n != 5 {
				t.Errorf("it is said %d times while it lasts: %s", n, everywhere())
			}
			time.Sleep(10 * time.Hour) // midnight: the digest of that day is not read any more
			time.Sleep(15 * time.Hour)
			text := everywhere()
			if n := strings.Count(text, c.snoozed); n != 1 { // in the digest of the day before
				t.Errorf("after its end it is said %d times: %s", n, text)
			}
		})
	}
}
