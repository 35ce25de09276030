package notify

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"computeunits/notify/database"
	"computeunits/notify/delivery"
	"computeunits/notify/ledger"
	"computeunits/notify/plan"
)

// A process that is frozen past its lease, before or after its request reached
// Slack, leaves one message in the channel.
func TestAFrozenCourier(t *testing.T) {
	for name, late := range map[string]bool{"before its request": true, "after its request": false} {
		t.Run(name, func(t *testing.T) {
			inQueue(t, 1, func(t *testing.T, w *world) {
				frozen := &frozenSender{room: w.room, late: late, thaw: make(chan struct{})}
				n := w.notifier()
				n.Sender = frozen
				w.n = n
				ok(t, runner{n}.begin(t.Context()))
				sweeper{n}.sweep(t.Context())
				passes{n}.runPass(t.Context())
				var round sync.WaitGroup
				round.Go(func() { n.deliverer.Round(t.Context(), &delivery.ChannelQueue{Channel: channelID}) })
				synctest.Wait()

				w.n = nil // a second process on the same ledger
				w.turn()
				w.pass(time.Minute)
				w.turn()
				w.room.expect("expiry i0@3d")
				close(frozen.thaw)
				round.Wait()
				w.turn()
				w.room.expect("expiry i0@3d")
				m := must[[]plan.Message](t)(database.Collect(t.Context(), w.ledger.DB, ledger.ScanMessage, `SELECT `+ledger.MessageColumns+` FROM message`))
				if len(m) != 1 || w.room.byTS(m[0].TS) == nil {
					t.Errorf("the ledger holds %+v", m)
				}
			})
		})
	}
}

// frozenSender stops in the middle of a post until it thaws.
type frozenSender struct {
	*room
	late bool // its request reaches Slack only then
	thaw chan struct{}
}

func (f *frozenSender) Post(ctx context.Context, a plan.Announcement) (r delivery.Receipt, err error) {
	if f.late {
		<-f.thaw
	}
	r, err = f.room.Post(ctx, a)
	if !f.late {
		<-f.thaw
	}
	return r, err
}

// A process that is killed between any two steps of a delivery is followed by
// one that makes up for it, without a double.
func TestKilledBetweenTheSteps(t *testing.T) {
	for name, kill := range map[string]func(t *testing.T, w *world, m plan.Message){
		"before the claim": func(*testing.T, *world, plan.Message) {},
		"after the claim": func(t *testing.T, w *world, m plan.Message) {
			must[*ledger.Claim](t)(w.ledger.Outbox.Claim(t.Context(), m, w.n.evaluation(), true))
		},
		"after the post": func(t *testing.T, w *world, m plan.Message) {
			c := must[*ledger.Claim](t)(w.ledger.Outbox.Claim(t.Context(), m, w.n.evaluation(), true))
			must[delivery.Receipt](t)(w.room.Post(t.Context(), c.Announcement))
		},
		"after the record": func(t *testing.T, w *world, m plan.Message) {
			c := must[*ledger.Claim](t)(w.ledger.Outbox.Claim(t.Context(), m, w.n.evaluation(), true))
			r := must[delivery.Receipt](t)(w.room.Post(t.Context(), c.Announcement))
			must[[]plan.Duplicate](t)(w.ledger.Outbox.Sent(t.Context(), channelID, m.Key, r.TS, w.n.clock()))
		},
		"after a double, before it was removed": func(t *testing.T, w *world, m plan.Message) {
			c := must[*ledger.Claim](t)(w.ledger.Outbox.Claim(t.Context(), m, w.n.evaluation(), true))
			must[delivery.Receipt](t)(w.room.Post(t.Context(), c.Announcement))
			time.Sleep(delivery.PostEvery)
			must[delivery.Receipt](t)(w.room.Post(t.Context(), c.Announcement))
		},
	} {
		t.Run(name, func(t *testing.T) {
			inQueue(t, 1, func(t *testing.T, w *world) {
				w.n = w.notifier()
				ok(t, runner{w.n}.begin(t.Context()))
				sweeper{w.n}.sweep(t.Context())
				passes{w.n}.runPass(t.Context())
				kill(t, w, must[[]plan.Message](t)(w.ledger.Outbox.Waiting(t.Context(), channelID, w.n.clock()))[0])
				w.restart()
				w.pass(2 * time.Second)
				w.turn()
				w.pass(time.Minute)
				w.turn()
				w.room.expect("expiry i0@3d")
				if got := states(t, w.ledger); got != "expiry sent" {
					t.Errorf("the ledger shows %s", got)
				}
			})
		})
	}
}
