package notify

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"computeunits/notify/delivery"
	"computeunits/notify/plan"
)

// second is another copy of the program, with a ledger of its own, that reminds
// the same channel of the same services.
func (w *world) second() *world {
	w.t.Helper()
	other := *w
	other.file = filepath.Join(w.t.TempDir(), "other.db")
	other.n, other.tracks = nil, nil
	other.open()
	return &other
}

// Two ledgers in one channel: each finds what the other announced. The first
// message counts for both; no reminder is deleted but one that stands twice.
func TestTwoLedgersInOneChannel(t *testing.T) {
	for name, answer := range map[string]func() func(plan.Announcement) fault{
		"in peace":             func() func(plan.Announcement) fault { return nil },
		"answers are lost":     func() func(plan.Announcement) fault { return alternate(commitDrop, fine, drop) },
		"429 after the commit": func() func(plan.Announcement) fault { return alternate(limitedButPosted, fine) },
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				log := &bytes.Buffer{}
				w.log = log
				w.settings.DigestCron = noDigest
				for i := range 6 {
					w.platform.put(fmt.Sprintf("svco-%d", i%2), fmt.Sprintf("i%d", i), 2, start.Add(time.Duration(i+1)*7*time.Hour))
				}
				other := w.second()
				defer other.close()
				w.room.answer = answer()
				for hour := range 60 {
					first, last := w, other
					if hour%3 == 1 {
						first, last = other, w
					}
					if hour%4 == 0 { // killed, and started again
						first.restart()
					}
					first.turn()
					last.turn()
					w.pass(time.Hour)
				}
				w.room.answer = nil
				for range 3 {
					w.turn()
					other.turn()
					w.pass(15 * time.Minute)
				}
				for i := range 6 {
					id := fmt.Sprintf("i%d@0h", i)
					n := 0
					for _, p := range w.room.of(plan.KindExpiry) {
						if strings.Contains(p.String()+" ", id[:len(id)-1]) && strings.Contains(p.String(), id[:2]+"@0") {
							n++
						}
					}
					if n != 1 {
						t.Errorf("the channel was told %d times that i%d expires", n, i)
					}
				}
				if n := strings.Count(log.String(), "a second ledger announces"); n == 0 || n > 2 {
					t.Errorf("the second ledger was said %d times", n)
				}
			}, "svco-0", "svco-1")
		})
	}
}

// alternate returns faults in turn.
func alternate(faults ...fault) func(plan.Announcement) fault {
	n := 0
	return func(plan.Announcement) fault {
		n++
		return faults[n%len(faults)]
	}
}

// A busy channel with a reminder in doubt some days old: the channel is read once,
// and what was never tried is posted.
func TestABusyChannelIsReadOnce(t *testing.T) {
	inQueue(t, 1, func(t *testing.T, w *world) {
		w.room.answer = once(drop)
		w.turn() // in doubt from now on
		w.down()
		w.room.chatter(channelID, 3000)
		w.pass(3 * day)
		w.room.chatter(channelID, 3000)
		w.pass(2 * time.Hour)
		w.platform.put("svco-0", "new", 1, time.Now().Add(2*day))
		w.turn()
		w.pass(time.Minute)
		w.turn()
		if got := len(w.room.of(plan.KindExpiry)); got == 0 {
			t.Fatal("nothing was announced in a busy channel")
		}
		before := w.room.pages
		w.platform.put("svco-0", "newer", 1, time.Now().Add(2*day))
		w.pass(2 * time.Hour)
		w.turn()
		if pages := w.room.pages - before; pages > 3 {
			t.Errorf("the channel was read again: %d pages", pages)
		}
	})
}

// A look-up over many pages goes on after a restart where it was.
func TestALookUpGoesOnAfterARestart(t *testing.T) {
	inQueue(t, 1, func(t *testing.T, w *world) {
		w.room.chatter(channelID, 30*pageSize)
		n := 0
		w.room.looking = func() error {
			if n++; n == 12 {
				return &delivery.SendError{Outcome: delivery.NotSent}
			}
			return nil
		}
		w.turn()
		w.restart()
		w.pass(time.Minute)
		w.turn()
		w.room.expect("expiry i0@3d")
		if w.room.pages > 35 {
			t.Errorf("%d pages were read, of 31", w.room.pages)
		}
	})
}

// Look-ups that are limited for ever hold nothing back in its last useful hour.
func TestLimitedLookUpsInTheLastHour(t *testing.T) {
	for name, after := range map[string]time.Duration{"a minute": time.Minute, "a day": day, "ten days": 10 * day} {
		t.Run(name, func(t *testing.T) {
			inQueue(t, 1, func(t *testing.T, w *world) {
				asked := 0
				w.room.looking = func() error {
					asked++
					return &delivery.SendError{Outcome: delivery.RateLimited, RetryAfter: after}
				}
				w.turn()
				w.room.expect()
				w.until(start.Add(2*day - 30*time.Minute)) // the step of a day is due in half an hour
				w.turn()
				if got := w.room.of(plan.KindExpiry); len(got) != 1 || !got[0].PossiblyRepeated {
					t.Errorf("in its last useful hour the channel shows %v", got)
				}
				if after > day && asked < 2 {
					t.Error("a wait of days was obeyed to its end")
				}
			})
		})
	}
}

// Replies whose answers are lost stand once, whatever the channel's history says
// of their thread: every thread is read in which something is in doubt.
func TestRepliesInDoubtStandOnce(t *testing.T) {
	for name, during := range map[string]func(w *world){
		"":                       func(*world) {},
		"the parent was deleted": func(w *world) { w.room.messages[0].deleted = true },
	} {
		t.Run(name, func(t *testing.T) {
			inQueue(t, 7, func(t *testing.T, w *world) {
				n := 0
				w.room.answer = func(a plan.Announcement) fault {
					if a.ThreadTS == "" {
						return fine
					}
					if n++; n == 1 {
						return commitDrop
					}
					return fine
				}
				w.turn()
				during(w)
				w.pass(time.Minute)
				w.turn()
				w.pass(time.Minute)
				w.turn()
				for i := range 7 {
					told := 0
					for _, p := range w.room.of(plan.KindExpiry) {
						told += strings.Count(p.String()+" ", fmt.Sprintf("i%d@3d ", i))
					}
					if told != 1 {
						t.Errorf("the channel was told %d times of i%d", told, i)
					}
				}
			})
		})
	}
}

// A reply to a message that is gone is put into the channel by Slack, without an
// error. It is taken away there, and said as a message of its own.
func TestAReplyWhoseParentIsGone(t *testing.T) {
	inQueue(t, 7, func(t *testing.T, w *world) {
		gone := false
		w.room.during = func(a plan.Announcement) {
			if a.ThreadTS != "" && !gone {
				gone = true
				w.room.messages[0].deleted = true
			}
		}
		w.turn()
		w.pass(time.Minute)
		w.turn()
		told := 0
		for _, p := range w.room.of(plan.KindExpiry) {
			if p.ThreadTS != "" {
				t.Errorf("%v stands below a message that is gone", p)
			}
			told += len(p.Items)
		}
		if told != 7 {
			t.Errorf("the channel was told of %d instances of 7", told)
		}
	})
}

// Answers that say "not posted" and are not true do no harm.
func TestLimitedAfterTheCommit(t *testing.T) {
	for name, prepare := range map[string]func(w *world){
		"once":               func(w *world) { w.room.answer = once(limitedButPosted) },
		"three times":        func(w *world) { w.room.answer = once(limitedButPosted, limitedButPosted, limitedButPosted) },
		"every other answer": func(w *world) { w.room.answer = alternate(fine, limitedButPosted) },
		"every fourth look-up is limited, too": func(w *world) {
			w.room.answer = once(limitedButPosted, limitedButPosted)
			n := 0
			w.room.looking = func() error {
				if n++; n%4 == 0 {
					return &delivery.SendError{Outcome: delivery.RateLimited, RetryAfter: 5 * time.Second}
				}
				return nil
			}
		},
		"then another is due": func(w *world) {
			w.room.answer = once(limitedButPosted)
			w.room.during = func(plan.Announcement) { w.platform.put("svco-0", "also", 1, start.Add(3*day)) }
		},
	} {
		t.Run(name, func(t *testing.T) {
			inQueue(t, 3, func(t *testing.T, w *world) {
				prepare(w)
				for range 6 {
					w.turn()
					w.pass(time.Minute)
				}
				for i := range 3 {
					told := 0
					for _, p := range w.room.of(plan.KindExpiry) {
						told += strings.Count(p.String()+" ", fmt.Sprintf("i%d@3d ", i))
					}
					if told != 1 {
						t.Errorf("the channel was told %d times of i%d", told, i)
					}
				}
			})
		})
	}
}

// Without permission to look, what was answered with 429 is said to be perhaps a
// repetition.
func TestLimitedWithoutPermissionToLook(t *testing.T) {
	inQueue(t, 1, func(t *testing.T, w *world) {
		w.room.looking = func() error {
			return &delivery.SendError{Outcome: delivery.Refused, Reason: "missing_scope", Err: delivery.ErrNoHistory}
		}
		w.room.answer = once(limited)
		w.turn()
		w.pass(time.Minute)
		w.turn()
		w.room.expect("expiry i0@3d possibly repeated")
	})
}

// What a request led to may appear minutes after its answer, when it was said
// again already. The first in the channel counts.
func TestACommitLaterThanItsAnswer(t *testing.T) {
	for _, late := range []time.Duration{time.Minute, 90 * time.Second, 8 * time.Minute} {
		t.Run(late.String(), func(t *testing.T) {
			inQueue(t, 1, func(t *testing.T, w *world) {
				var lost plan.Announcement
				w.room.answer = func(a plan.Announcement) fault {
					if lost.Key == "" {
						lost = a
						return drop
					}
					return fine
				}
				w.turn()
				begun := time.Now()
				w.until(begun.Add(late - 2*time.Minute))
				w.turn()
				w.until(begun.Add(late))
				w.room.answer = nil
				w.room.last = map[string]time.Time{}
				if _, err := w.room.Post(t.Context(), lost); err != nil {
					t.Fatal(err)
				}
				w.pass(2 * time.Second)
				w.until(begun.Add(15 * time.Minute))
				w.turn()
				if got := w.room.of(plan.KindExpiry); len(got) != 1 {
					t.Errorf("the channel shows %v", got)
				}
			})
		})
	}
}

// A message that stands there although Slack answered 429, and whose instance is
// renewed before anybody looked: the channel was told, so it is told of the renewal.
func TestRenewedAfterA429ThatWasPosted(t *testing.T) {
	inQueue(t, 1, func(t *testing.T, w *world) {
		w.room.answer = once(limitedButPosted)
		w.room.during = func(plan.Announcement) {
			w.room.during = nil
			w.platform.put("svco-0", "i0", 1, start.Add(300*day))
			w.platform.put("svco-0", "also", 1, start.Add(3*day)) // what waits is put together anew
			w.room.looking = func() error {
				return &delivery.SendError{Outcome: delivery.RateLimited, RetryAfter: 5 * time.Second}
			}
		}
		w.turn()
		w.pass(time.Minute)
		w.turn() // decides, and cannot look
		w.room.looking = nil
		for range 4 {
			w.pass(time.Minute)
			w.turn()
		}
		w.room.expect("expiry i0@3d -> expiry i0@3d(renewed)", "expiry also@3d", "renewed i0")
	})
}

// A reply that Slack put into the channel itself, because the message above it is
// gone, is left there: it says what it should, and others may count it already.
func TestAReplyThatStandsInTheChannelStays(t *testing.T) {
	inQueue(t, 7, func(t *testing.T, w *world) {
		gone := false
		w.room.during = func(a plan.Announcement) {
			if a.ThreadTS != "" && !gone {
				gone = true
				w.room.messages[0].deleted = true
			}
		}
		for range 3 {
			w.turn()
			w.pass(time.Minute)
		}
		for _, p := range w.room.messages[1:] {
			if p.deleted {
				t.Errorf("%v was taken away", p)
			}
		}
	})
}

// A message whose answer was lost is found behind pages of what others wrote since.
func TestALostAnswerIsFoundBehindPages(t *testing.T) {
	inQueue(t, 1, func(t *testing.T, w *world) {
		w.room.answer = once(commitDrop)
		w.room.looking = func() error { // others write before the first look after the post
			if r := w.room; len(r.messages) == 1 {
				for i := range 5 * pageSize {
					r.messages = append(r.messages, &posted{Announcement: plan.Announcement{Channel: channelID},
						ts: fmt.Sprintf("%010d.%06d", time.Now().Unix(), i+2)})
				}
			}
			return nil
		}
		for range 3 {
			w.turn()
			w.pass(5 * time.Minute)
		}
		w.room.expect("expiry i0@3d")
	})
}

// A wait that Slack asks for before the channel is looked at again is kept.
func TestALookUpWaitsForAsLongAsSlackAsks(t *testing.T) {
	inQueue(t, 1, func(t *testing.T, w *world) {
		var looked time.Time
		w.room.looking = func() error {
			if gap := time.Since(looked); gap < 10*time.Minute {
				t.Errorf("looked again after %v", gap)
			}
			looked = time.Now()
			return &delivery.SendError{Outcome: delivery.RateLimited, RetryAfter: 10 * time.Minute}
		}
		for range 8 {
			w.turn()
			w.pass(time.Minute)
		}
	})
}

// A double stays when the first one does not stand there any more, whatever the
// ledger holds: it is all that people can read.
func TestTheLastCopyOfAMessageStays(t *testing.T) {
	inQueue(t, 1, func(t *testing.T, w *world) {
		var said plan.Announcement
		w.room.during = func(a plan.Announcement) { said = a }
		w.turn()
		w.room.during = nil
		w.pass(time.Minute)
		if _, err := w.room.Post(t.Context(), said); err != nil {
			t.Fatal(err)
		}
		w.room.messages[0].deleted = true // by an administrator
		w.pass(time.Minute)
		w.platform.put("svco-0", "new", 1, time.Now().Add(2*day))
		w.turn()
		if last := w.room.messages[1]; last.deleted || last.Key != said.Key {
			t.Errorf("%v was taken away", last)
		}
	})
}

// Of two equal replies the later one is taken away, and nothing else: not the other
// replies of its thread, and not the message above them.
func TestADoubleAmongReplies(t *testing.T) {
	for name, below := range map[string]string{"of one thread": "", "of another thread": "another"} {
		t.Run(name, func(t *testing.T) {
			inQueue(t, 7, func(t *testing.T, w *world) {
				w.turn() // seven services: a message with one reply
				reply := w.room.messages[1].Announcement
				w.pass(2 * time.Second)
				if below != "" {
					other := reply
					other.ThreadTS, other.Key, other.Reminders, other.Kind = "", "collected:another", nil, plan.KindCollected
					r, err := w.room.Post(t.Context(), other)
					if err != nil {
						t.Fatal(err)
					}
					w.pass(2 * time.Second)
					sibling := reply
					sibling.ThreadTS, sibling.Key, sibling.Reminders = r.TS, "expiry:sibling", []string{"sibling"}
					if _, err := w.room.Post(t.Context(), sibling); err != nil {
						t.Fatal(err)
					}
					w.pass(2 * time.Second)
					reply.ThreadTS = r.TS
				}
				w.pass(2 * time.Second)
				if _, err := w.room.Post(t.Context(), reply); err != nil {
					t.Fatal(err)
				}
				w.pass(time.Minute)
				w.platform.put("svco-0", "new", 1, time.Now().Add(2*day))
				w.turn()
				standing := 0
				for _, p := range w.room.messages {
					if p.Key == reply.Key && !p.deleted {
						standing++
					} else if p.deleted && p.Key != reply.Key {
						t.Errorf("%s was taken away", p.Key)
					}
				}
				if standing != 1 || w.room.messages[1].deleted {
					t.Errorf("it stands %d times; the first is deleted: %v", standing, w.room.messages[1].deleted)
				}
			})
		})
	}
}
