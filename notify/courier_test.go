package notify

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"computeunits/notify/delivery"
	"computeunits/notify/plan"
)

// inQueue runs a story in which reminders of several services wait.
func inQueue(t *testing.T, services int, story func(t *testing.T, w *world)) {
	var ids []string
	for i := range services {
		ids = append(ids, fmt.Sprintf("svco-%d", i))
	}
	inWorld(t, func(t *testing.T, w *world) {
		w.settings.DigestCron = noDigest
		for i, id := range ids {
			w.platform.put(id, fmt.Sprintf("i%d", i), 1, start.Add(3*day))
		}
		story(t, w)
	}, ids...)
}

// once has the first post meet a fault.
func once(faults ...fault) func(plan.Announcement) fault {
	n := 0
	return func(plan.Announcement) fault {
		if n++; n > len(faults) {
			return fine
		}
		return faults[n-1]
	}
}

// Every row of delivery.md's table of Slack's answers.
func TestSlacksAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		faults []fault
		within time.Duration // until the message stands, or is known to
		want   string
	}{
		"ok":                               {nil, 0, "expiry i0@3d"},
		"429":                              {[]fault{limited}, 30 * time.Second, "expiry i0@3d"},
		"429 twice":                        {[]fault{limited, limited}, time.Minute, "expiry i0@3d"},
		"never written":                    {[]fault{unwritten}, 30 * time.Second, "expiry i0@3d"},
		"refused":                          {[]fault{refused}, time.Minute, "expiry i0@3d"},
		"refused twice":                    {[]fault{refused, refused}, 3 * time.Minute, "expiry i0@3d"},
		"blocks rejected":                  {[]fault{rejected}, time.Second, "expiry i0@3d plain"},
		"posted, answer lost":              {[]fault{commitDrop}, 45 * time.Second, "expiry i0@3d"},
		"request lost":                     {[]fault{drop}, 45 * time.Second, "expiry i0@3d"},
		"request lost, then answer lost":   {[]fault{drop, commitDrop}, 90 * time.Second, "expiry i0@3d"},
		"request lost, then 429":           {[]fault{drop, limited}, 75 * time.Second, "expiry i0@3d"},
		"a panic":                          {[]fault{panics}, 45 * time.Second, "expiry i0@3d"},
		"rejected twice":                   {[]fault{rejected, rejected}, 2*time.Minute + time.Second, "expiry i0@3d plain"},
		"request lost, then rejected":      {[]fault{drop, rejected}, 46 * time.Second, "expiry i0@3d plain"},
		"never written, then request lost": {[]fault{unwritten, drop}, 75 * time.Second, "expiry i0@3d"},
	} {
		t.Run(name, func(t *testing.T) {
			inQueue(t, 1, func(t *testing.T, w *world) {
				w.room.answer = once(c.faults...)
				w.up()
				w.pass(time.Second)
				w.pass(c.within)
				w.pass(15 * time.Second) // a channel may have been resting
				w.room.expect(c.want)
				if got := states(t, w.ledger); got != "expiry sent" {
					t.Errorf("the ledger shows %s", got)
				}
				w.pass(5 * time.Minute)
				w.room.expect(c.want)
			})
		})
	}
}

func TestRetryAfterOutlivesARestart(t *testing.T) {
	inQueue(t, 1, func(t *testing.T, w *world) {
		w.room.retryAfter = time.Hour
		w.room.answer = once(refused, limited)
		w.up()
		w.pass(2 * time.Minute) // refused, and a minute later asked to wait
		for range 6 {           // the room complains about requests that come too early
			w.down()
			w.up()
			w.pass(9 * time.Minute)
			w.room.expect()
		}
		w.pass(9 * time.Minute)
		w.room.expect("expiry i0@3d")
	})
}

func TestRetryAfterWhileTheClockJumps(t *testing.T) {
	inQueue(t, 1, func(t *testing.T, w *world) {
		var ahead atomic.Int64
		w.now = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
		w.room.retryAfter = time.Hour
		w.room.answer = once(limited)
		w.up()
		w.pass(2 * time.Minute)
		ahead.Store(int64(2 * time.Hour))
		w.pass(30 * time.Minute)
		ahead.Store(0)
		w.pass(20 * time.Minute)
		w.room.expect()
		w.pass(10 * time.Minute)
		w.room.expect("expiry i0@3d")
	})
}

// A channel that was put right is noticed within 90 seconds, also after hours, and
// nothing is posted meanwhile to find out; what asking does not show is tried again
// at the pace of refusals.
func TestARefusalThatHealsIsNoticed(t *testing.T) {
	for name, seen := range map[string]bool{"archived": true, "who may post is restricted": false} {
		t.Run(name, func(t *testing.T) {
			inQueue(t, 1, func(t *testing.T, w *world) {
				var mended atomic.Bool
				var posts atomic.Int64
				w.room.answer = func(plan.Announcement) fault {
					if posts.Add(1); !mended.Load() {
						return refused
					}
					return fine
				}
				w.room.checking = func() error {
					if seen && !mended.Load() {
						return &delivery.SendError{Outcome: delivery.Refused, Reason: "is_archived"}
					}
					return nil
				}
				w.up()
				w.pass(9*time.Hour + 30*time.Second)
				if n := posts.Load(); seen && n != 1 || !seen && n < 8 {
					t.Errorf("tried %d times in vain", n)
				}
				mended.Store(true)
				w.pass(90 * time.Second)
				if got := len(w.room.standing()); seen && got != 1 {
					t.Errorf("after 90 seconds %d messages stand there", got)
				}
				w.pass(time.Hour)
				w.room.expect("expiry i0@3d")
			})
		})
	}
}

func TestARefusalIsTriedAgainAtOnceAfterARestart(t *testing.T) {
	inQueue(t, 1, func(t *testing.T, w *world) {
		var log strings.Builder
		w.log = &log
		var mended atomic.Bool
		w.room.answer = func(plan.Announcement) fault {
			if mended.Load() {
				return fine
			}
			return refused
		}
		w.up()
		w.pass(3 * time.Hour)
		if n := w.room.requests; n < 8 || n > 20 { // posts and look-ups
			t.Errorf("in three hours of refusals it made %d requests", n)
		}
		w.down()
		if !strings.Contains(log.String(), "nobody is reminded until somebody changes that") || !strings.Contains(log.String(), "channel_not_found") {
			t.Error("the log does not say loudly what is wrong")
		}
		mended.Store(true)
		w.up()
		w.pass(time.Second)
		w.room.expect("expiry i0@3d")
	})
}

// A message that Slack rejects in every form blocks neither the others, nor the
// reminders in it, nor its thread.
func TestAPoisonedReminderStaysAlone(t *testing.T) {
	for name, poison := range map[string]string{"an instance": "i042", "a service": "svco-poison"} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				w.settings.DigestCron = noDigest
				for i := range 95 {
					w.platform.put("svco-a", fmt.Sprintf("i%03d", i), 1, start.Add(3*day))
				}
				for i := range 7 {
					w.platform.put(fmt.Sprintf("svco-%d", i), "x", 1, start.Add(3*day))
				}
				w.platform.put("svco-poison", "y", 1, start.Add(3*day))
				w.room.answer = func(a plan.Announcement) fault {
					if strings.Contains(line(a), poison) {
						return rejected
					}
					return fine
				}
				w.turn()
				w.turns(2*time.Minute, 10*time.Minute)
				said := make(map[string]int)
				for _, p := range w.room.of(plan.KindExpiry) {
					for _, i := range p.Items {
						said[i.Service+i.Instance]++
					}
				}
				want := 95 + 7 + 1
				if poison == "i042" {
					want--
				}
				if len(said) != want {
					t.Errorf("%d of %d instances were reminded of", len(said), want)
				}

				// What falls due later is not drawn in, and the poisoned one comes
				// when Slack takes it.
				for i := range 7 {
					w.platform.put(fmt.Sprintf("svco-%d", i), "later", 1, start.Add(3*day+time.Hour))
				}
				w.turns(10*time.Minute, 2*time.Hour)
				if n := len(w.room.of(plan.KindExpiry)); !slices.ContainsFunc(w.room.standing()[n-1:], func(p *posted) bool { return strings.Contains(line(p.Announcement), "later") }) {
					t.Errorf("the last message is %v", w.room.standing()[n-1])
				}
				w.room.answer = nil
				w.turns(10*time.Minute, 2*time.Hour)
				if got := states(t, w.ledger); strings.Contains(got, "waiting") || strings.Contains(got, "due") {
					t.Errorf("the ledger shows %s", got)
				}
			}, "svco-a", "svco-0", "svco-1", "svco-2", "svco-3", "svco-4", "svco-5", "svco-6", "svco-poison")
		})
	}
}

// An expiry that moves while the message about it is under way is corrected.
func TestRenewedWhileThePostIsUnderWay(t *testing.T) {
	inQueue(t, 1, func(t *testing.T, w *world) {
		w.room.during = func(a plan.Announcement) {
			if a.Kind == plan.KindExpiry {
				w.platform.put("svco-0", "i0", 1, start.Add(100*day))
				sweeper{w.n}.sweep(context.WithoutCancel(t.Context()))
			}
		}
		w.turn()
		w.turn()
		w.room.expect("expiry i0@3d -> expiry i0@3d(renewed)", "renewed i0")
	})
}

// Nobody looks: nothing is posted until waiting would mean silence.
func TestWhileLookingFails(t *testing.T) {
	inQueue(t, 1, func(t *testing.T, w *world) {
		w.room.looking = func() error { return &delivery.SendError{Outcome: delivery.Ambiguous, Err: errors.New("503")} }
		w.turn()
		w.until(start.Add(2*day - 65*time.Minute)) // the 1 day step comes at 2 days
		w.turn()
		w.room.expect()
		w.until(start.Add(2*day - 59*time.Minute))
		w.turn()
		w.room.expect("expiry i0@3d possibly repeated")
		w.room.looking = nil
		w.until(start.Add(2*day + time.Minute))
		w.turn()
		w.room.expect("expiry i0@3d possibly repeated", "expiry i0@1d")
	})
}

func TestWithoutPermissionToLook(t *testing.T) {
	inQueue(t, 2, func(t *testing.T, w *world) {
		var log strings.Builder
		w.log = &log
		w.room.looking = func() error { return fmt.Errorf("missing_scope: %w", delivery.ErrNoHistory) }
		w.room.answer = once(drop)
		w.turn()
		w.turn()
		w.room.expect("expiry i0@3d", "expiry i1@3d possibly repeated")
		if strings.Count(log.String(), "delivered at least once, not exactly once") != 1 {
			t.Error("the log does not say once what is missing")
		}
	})
}

// What waits for a channel that is not the one to tell any more is given up,
// and the new one is told instead.
func TestAnotherChannel(t *testing.T) {
	inQueue(t, 1, func(t *testing.T, w *world) {
		w.room.answer = func(a plan.Announcement) fault {
			if a.Channel == channelID {
				return refused
			}
			return fine
		}
		w.platform.put("svco-0", "i0", 1, start.Add(3*day))
		w.turn()
		w.room.expect()
		w.settings.Channel = "C9876543210"
		w.restart()
		w.turn()
		w.room.expect("expiry i0@3d")
		requests := w.room.requests
		w.turns(time.Hour, 6*time.Hour)
		if w.room.requests != requests {
			t.Errorf("it went on with %d requests", w.room.requests-requests)
		}
	})
}

// A message that cannot be edited stays as it is, and keeps nothing else.
func TestEdits(t *testing.T) {
	for name, c := range map[string]struct {
		faults []fault
		edited bool
	}{
		"fine":        {nil, true},
		"lost":        {[]fault{drop, commitDrop}, true},
		"429":         {[]fault{limited}, true},
		"unreachable": {[]fault{unwritten, unwritten}, true},
		"refused":     {[]fault{refused}, true},
		"rejected":    {[]fault{rejected, rejected}, false},
	} {
		t.Run(name, func(t *testing.T) {
			inQueue(t, 1, func(t *testing.T, w *world) {
				w.turn()
				w.platform.put("svco-0", "i0", 1, start.Add(100*day))
				n := 0
				w.room.editing = func(string) fault {
					if n++; n > len(c.faults) {
						return fine
					}
					return c.faults[n-1]
				}
				w.turns(time.Minute, 10*time.Minute)
				want := "expiry i0@3d"
				if c.edited {
					want += " -> expiry i0@3d(renewed)"
				}
				all := []string{want, "renewed i0"}
				if !c.edited {
					all = append(all, "  correction i0(renewed)")
				}
				w.room.expect(all...)
			})
		})
	}
}

// A reply that cannot be edited is corrected in the thread in which it stands, and
// of its instances only those that it is wrong about.
func TestARejectedEditOfAReply(t *testing.T) {
	inQueue(t, 1, func(t *testing.T, w *world) {
		for i := range plan.MaxCarried + 2 {
			w.platform.put("svco-0", fmt.Sprintf("i%03d", i), 1, start.Add(3*day))
		}
		w.turn()
		replies := slices.DeleteFunc(w.room.standing(), func(p *posted) bool { return p.ThreadTS == "" })
		if len(replies) != 1 {
			t.Fatalf("%d replies", len(replies))
		}
		w.room.editing = func(ts string) fault {
			if ts == replies[0].ts {
				return rejected
			}
			return fine
		}
		last := replies[0].Items[len(replies[0].Items)-1].Instance
		w.platform.put("svco-0", last, 1, start.Add(300*day))
		for range 3 {
			w.turn()
			w.pass(time.Hour)
		}
		corrections := w.room.of(plan.KindCorrection)
		if len(corrections) != 1 || corrections[0].ThreadTS != replies[0].ThreadTS || corrections[0].String() != "  correction "+last+"(renewed)" {
			t.Errorf("below it stands %v", corrections)
		}
	})
}

// What Slack does not let be edited as it is, is edited without blocks; what it
// does not let be edited at all is said below the message, once.
func TestARejectedEdit(t *testing.T) {
	for name, want := range map[string][]string{
		"as it is": {"expiry i0@3d -> expiry i0@3d(renewed) plain", "renewed i0"},
		"for ever": {"expiry i0@3d", "renewed i0", "  correction i0(renewed)"},
	} {
		t.Run(name, func(t *testing.T) {
			inQueue(t, 1, func(t *testing.T, w *world) {
				w.turn()
				n := 0
				w.room.editing = func(string) fault {
					if n++; n == 1 || name == "for ever" {
						return rejected
					}
					return fine
				}
				w.platform.put("svco-0", "i0", 1, start.Add(300*day))
				for range 4 {
					w.turn()
					w.pass(time.Hour)
				}
				w.room.expect(want...)
			})
		})
	}
}

// An expiry that was announced as renewed and stands after all is said again, once.
func TestARenewalThatDidNotLast(t *testing.T) {
	inQueue(t, 1, func(t *testing.T, w *world) {
		w.turn()
		for range 2 {
			for _, expires := range []time.Time{start.Add(300 * day), start.Add(3 * day)} {
				w.platform.put("svco-0", "i0", 1, expires)
				w.turn()
				w.pass(time.Hour)
			}
		}
		w.room.expect("expiry i0@3d", "renewed i0 -> renewed i0(revoked)", "reverted i0")
	})
}
