package notify

import (
	"bytes"
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"computeunits/notify/delivery"
	"computeunits/notify/guard"
	"computeunits/notify/plan"
)

// bug is a Sender with a bug that one kind of request meets, about one message.
type bug struct {
	*room
	in atomic.Value // the method, a string
	at func(a plan.Announcement) bool
}

func (b *bug) hits(method string) {
	if b.in.Load() == method {
		panic("a bug in " + method)
	}
}

func (b *bug) Post(ctx context.Context, a plan.Announcement) (delivery.Receipt, error) {
	if b.in.Load() == "Post" && b.at(a) {
		panic("a bug in Post")
	}
	return b.room.Post(ctx, a)
}

func (b *bug) Update(ctx context.Context, ts string, a plan.Announcement) error {
	if b.in.Load() == "Update" && b.at(a) {
		panic("a bug in Update")
	}
	return b.room.Update(ctx, ts, a)
}

func (b *bug) History(ctx context.Context, channel string, w delivery.Window) (delivery.Page, error) {
	b.hits("History")
	return b.room.History(ctx, channel, w)
}

func (b *bug) Thread(ctx context.Context, channel, parent string) ([]plan.Delivery, error) {
	b.hits("Thread")
	return b.room.Thread(ctx, channel, parent)
}

func (b *bug) Delete(ctx context.Context, channel, ts string) error {
	b.hits("Delete")
	return b.room.Delete(ctx, channel, ts)
}

func (b *bug) Check(ctx context.Context, channel string) error {
	b.hits("Check")
	return b.room.Check(ctx, channel)
}

// A bug of the sender ends neither the process nor what is said besides, and is
// logged with its stack and counted.
func TestABugOfTheSender(t *testing.T) {
	about := func(id string) func(plan.Announcement) bool {
		return func(a plan.Announcement) bool { return len(a.Items) > 0 && a.Items[0].Instance == id }
	}
	for _, method := range []string{"Post", "Update", "History", "Thread", "Check"} {
		t.Run(method, func(t *testing.T) {
			inQueue(t, 3, func(t *testing.T, w *world) {
				log := &bytes.Buffer{}
				w.log = log
				sender := &bug{room: w.room, at: about("i0")}
				sender.in.Store(method)
				n := w.notifier()
				n.Sender = sender
				ctx, cancel := context.WithCancel(t.Context())
				ended := make(chan error, 1)
				go func() { ended <- n.Run(ctx) }()
				w.pass(10 * time.Minute)
				w.platform.put("svco-0", "i0", 1, start.Add(100*day))
				w.platform.put("svco-1", "i1", 1, start.Add(100*day))
				w.pass(30 * time.Minute)
				if got := len(w.room.of(plan.KindExpiry)); method != "History" && got < 2 {
					t.Errorf("the channel shows %v", w.room.standing())
				}
				for _, p := range w.room.of(plan.KindExpiry) {
					if i := p.shows().Items[0]; method == "Update" && i.Instance == "i1" && !i.Renewed() {
						t.Errorf("the bug about one edit kept another: %v", w.room.standing())
					}
				}
				sender.in.Store("")
				w.pass(2 * time.Hour)
				for _, p := range w.room.of(plan.KindExpiry) {
					if i := p.shows().Items[0]; i.Instance != "i2" && !i.Renewed() {
						t.Errorf("after the bug was mended %v", p)
					}
				}
				if method != "Thread" && (n.Panics() == 0 || !strings.Contains(log.String(), "a bug in "+method) || !strings.Contains(log.String(), "guard_test.go")) && method != "Check" {
					t.Errorf("%d panics are counted; the log says %.2000s", n.Panics(), log.String())
				}
				cancel()
				if err := <-ended; err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// A log handler that panics, and a pass that does, end nothing either.
func TestABugInAPass(t *testing.T) {
	inQueue(t, 1, func(t *testing.T, w *world) {
		n := w.notifier()
		n.Now = func() time.Time { return time.Now() }
		ok(t, runner{n}.begin(t.Context()))
		err := guard.Safely(func() error { panic("x") })
		if !n.panicked(t.Context(), n.log, err, "a part") || n.Panics() != 1 {
			t.Errorf("%v is not counted", err)
		}
		broken := 0
		runner{n}.keepRunning(t.Context(), "a part", func() {
			if broken++; broken < 3 {
				panic("again")
			}
		})
		if broken != 3 || n.Panics() != 3 {
			t.Errorf("it began %d times, %d panics", broken, n.Panics())
		}
	})
}
