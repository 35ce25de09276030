package proof

import (
	"flag"
	"fmt"
	"strings"
	"testing"
	"time"

	"computeunits/bot/slacksim"
	"computeunits/qianfan/qianfantest"
)

// expiring is an instance of svco-one in the simulated Qianfan.
func (s *season) expiring(number int, expires time.Time) string {
	in := prepaid(number, expires)
	s.all = append(s.all, in)
	s.qianfan.Set("svco-one", s.all...)
	return in.ID
}

// move renews an instance, or takes that back.
func (s *season) move(id string, expires time.Time) {
	s.Helper()
	if !s.qianfan.Update("svco-one", id, func(in *qianfantest.Instance) { in.ExpiredTime = expires }) {
		s.Fatalf("there is no instance %s", id)
	}
}

var month = flag.Bool("month", false, "live through a whole month instead of nine days")

// TestAMonthByTheMinute lives through weeks in which the clock of a zone jumps:
// every step is announced once and in time, and every local day has its digest
// at nine.
func TestAMonthByTheMinute(t *testing.T) {
	for zone, jump := range map[string]int{"Europe/Berlin": 26, "America/New_York": 33} { // of March 2000
		t.Run(zone, func(t *testing.T) {
			t.Parallel()
			inASeason(t, func(s *season) {
				place, err := time.LoadLocation(zone)
				if err != nil {
					t.Fatal(err)
				}
				s.settings.Zone = place
				days := 9
				if *month {
					days = 31
				}
				begin := time.Date(2000, 3, jump-4, 1, 30, 0, 0, place)
				end := begin.Add(time.Duration(days) * day)
				expiries := map[string]time.Time{}
				for i := range 12 {
					at := begin.Add(time.Duration(i)*4*day + time.Duration(i)*97*time.Minute + 2*time.Hour)
					expiries[s.expiring(i, at)] = at
				}
				until(begin)
				s.run()
				until(end)
				s.stop()
				for id, expires := range expiries {
					moments := s.crossed(expires, begin, end)
					if first, late := s.lateStep(expires, begin); late {
						moments = append([]time.Time{first}, moments...)
					}
					s.steps(id, moments...)
				}
				s.daily(place, begin, days)
				s.content()
			})
		})
	}
}

// TestAClockThatJumps sets the notifier's clock two hours ahead, back, behind
// and back again: nothing is said early or twice, nothing is left out.
func TestAClockThatJumps(t *testing.T) {
	t.Parallel()
	inASeason(t, func(s *season) {
		begin := time.Now()
		expires := begin.Add(7*day + 2*time.Hour)
		id := s.expiring(1, expires)
		s.run()
		for n, skew := range []time.Duration{2 * time.Hour, 0, -2 * time.Hour, 0} {
			until(expires.Add(-7*day + time.Duration(n-1)*40*time.Minute))
			s.set(skew)
		}
		until(expires.Add(-3*day - time.Hour))
		s.set(2 * time.Hour) // by which the step would be crossed
		until(expires.Add(-3 * day))
		s.set(-2 * time.Hour)
		until(expires.Add(-2 * day))
		s.set(0)
		until(expires.Add(time.Hour))
		s.stop()
		if _, at := s.said("expiry", id); len(at) != 1+4 { // at first sight, and 7, 3, 1 and 0 days before
			t.Errorf("told %d times, at %v", len(at), at)
		} else if at[2].Before(expires.Add(-3 * day)) {
			t.Errorf("told early, at %v", at[2])
		}
		s.content()
	})
}

// TestDaysOfDowntime stops the notifier for days. When it is back it says the
// most urgent thing that was missed, with its lateness, and nothing else.
func TestDaysOfDowntime(t *testing.T) {
	for _, days := range []int{5, 40} {
		t.Run(fmt.Sprintf("%d days", days), func(t *testing.T) {
			t.Parallel()
			inASeason(t, func(s *season) {
				begin := time.Now()
				id := s.expiring(1, begin.Add(10*day))
				far := s.expiring(2, begin.Add(time.Duration(days)*day+9*day))
				s.run()
				until(begin.Add(day)) // said at first sight
				s.stop()
				back := begin.Add(time.Duration(1+days) * day)
				until(back)
				s.run()
				until(back.Add(5 * time.Minute))
				messages, at := s.said("expiry", id)
				switch days {
				case 5: // the step of 7 days was missed, and is three days late
					if len(at) != 2 || !strings.Contains(messages[1].Text, "3 days late") {
						t.Errorf("told at %v: %v", at, messages)
					}
				case 40: // it is gone for good
					if len(at) != 1 {
						t.Errorf("told at %v", at)
					}
				}
				if _, at := s.said("expiry", far); len(at) == 0 {
					t.Error("of the other instance nothing was said")
				}
				s.stop()
				s.content()
			})
		})
	}
}

// TestARenewalIsSaidOnce renews an instance after a reminder: one notice, the
// old reminder is corrected, the old ladder ends and a new one begins. That
// the expiry flaps back and forth changes nothing.
func TestARenewalIsSaidOnce(t *testing.T) {
	t.Parallel()
	inASeason(t, func(s *season) {
		begin := time.Now()
		old, late := begin.Add(7*day+time.Hour), begin.Add(33*day+time.Hour)
		id := s.expiring(1, old)
		s.run()
		until(begin.Add(day)) // said: at first sight, and 7 days before
		s.move(id, late)
		until(begin.Add(day + 30*time.Minute))
		notices, _ := s.said("renewed", id)
		if len(notices) != 1 || !strings.Contains(notices[0].Text, "renewed until") {
			t.Fatalf("%d notices of the renewal: %v", len(notices), notices)
		}
		reminders, _ := s.said("expiry", id)
		for _, m := range reminders {
			if m.Edited == "" || !strings.Contains(m.Text, "~") || !strings.Contains(m.Text, "renewed") {
				t.Errorf("the old reminder still says: %s", m.Text)
			}
		}
		for range 3 {
			s.move(id, old)
			time.Sleep(time.Hour)
			s.move(id, late)
			time.Sleep(time.Hour)
		}
		end := begin.Add(5 * day)
		until(end)
		s.stop()
		if notices, _ := s.said("renewed", id); len(notices) != 1 {
			t.Errorf("%d notices of one renewal", len(notices))
		}
		moments := append([]time.Time{begin, begin.Add(time.Hour)}, s.crossed(late, begin.Add(day), end)...)
		s.steps(id, moments...)
		s.content()
	})
}

// TestThreeDaysWithoutSlack lets 200 reminders fall due while Slack refuses for
// three days, each time asking for an hour's patience. Nothing is lost, it
// comes as one message, and Slack was never asked before its time.
func TestThreeDaysWithoutSlack(t *testing.T) {
	t.Parallel()
	inASeason(t, func(s *season) {
		begin := time.Now()
		s.settings.Services = s.settings.Services[:0]
		var ids []string
		for service := range 20 {
			name := fmt.Sprintf("svco-%03d", service)
			s.settings.Services = append(s.settings.Services, serviceNamed(name))
			var all []qianfantest.Instance
			for i := range 10 {
				in := prepaid(service*10+i, begin.Add(7*day+time.Duration(service*10+i)*18*time.Minute+time.Hour).Truncate(time.Second))
				all, ids = append(all, in), append(ids, in.ID)
			}
			s.qianfan.Set(name, all...)
		}
		s.settings.Before = s.settings.Before[2:] // from 7 days on
		s.settings.DigestCron = "0 9 31 12 *"
		s.slack.Inject(slacksim.Fault{Method: "*", RetryAfter: time.Hour})
		s.run()
		until(begin.Add(3 * day))
		s.slack.Mend()
		until(begin.Add(3*day + time.Hour + 5*time.Minute))
		for _, id := range ids {
			if _, at := s.said("expiry", id); len(at) != 1 {
				t.Errorf("of %s the channel was told at %v", id, at)
			}
		}
		parents := 0
		for _, m := range s.slack.History(channel, "U0ALICE") {
			if m.ThreadTS == "" || m.ThreadTS == m.TS {
				parents++
			}
		}
		if parents != 1 {
			t.Errorf("%d messages in the channel outside threads, and should be one", parents)
		}
		s.patient(time.Hour)
		s.stop()
		s.content()
	})
}
