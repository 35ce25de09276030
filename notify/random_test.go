package notify

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"computeunits/notify/delivery"
	"computeunits/notify/plan"
	"computeunits/qianfan"
)

var (
	worlds    = flag.Int("worlds", 16, "how many random worlds to live through")
	oneWorld  = flag.Uint64("world", 0, "the seed of the only random world to live through")
	longWorld = flag.Int("events", 30, "how many events a random world has")
)

// TestRandomWorlds lives through histories of expiries, replicas, readings,
// restarts and faults of Slack that chance makes up, and has an oracle judge
// what the channel is told.
func TestRandomWorlds(t *testing.T) {
	first, n := uint64(1), *worlds
	if underRace && n == 16 {
		n = 2
	}
	if *oneWorld != 0 {
		first, n = *oneWorld, 1
	}
	for seed := first; seed < first+uint64(n); seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			chance := random(seed)
			var services []string
			for i := range 2 + chance.IntN(7) {
				services = append(services, fmt.Sprintf("svco-%d", i))
			}
			inWorld(t, func(t *testing.T, w *world) {
				h := &history{world: w, Rand: chance, oracle: newOracle(t, w.settings), expiries: make(map[plan.InstanceKey][]time.Time)}
				if *oneWorld != 0 {
					w.log = t.Output()
				}
				h.live(*longWorld)
			}, services...)
		})
	}
}

// history is a world in which things happen by chance.
type history struct {
	*world
	*rand.Rand
	oracle   *oracle
	expiries map[plan.InstanceKey][]time.Time // that each instance had
	slack    float64                          // how often Slack fails
}

// ComputeUnits lets the oracle hear what the notifier hears.
func (h *history) ComputeUnits(ctx context.Context, q qianfan.Query) (qianfan.Reading, error) {
	r, err := h.platform.ComputeUnits(ctx, q)
	h.oracle.read(q.ServiceID, r.Instances, err)
	return r, err
}

func (h *history) live(events int) {
	h.room.answer = func(a plan.Announcement) fault {
		f := h.fault(fine, commitDrop, drop, unwritten, limited, refused, panics)
		if f == fine || f == commitDrop {
			h.oracle.posted(a)
		}
		return f
	}
	h.room.editing = func(string) fault { return h.fault(fine, commitDrop, drop, unwritten, limited, refused) }
	h.room.looking = func() error {
		if h.Float64() < h.slack/3 {
			return &delivery.SendError{Outcome: delivery.Ambiguous, Err: errors.New("EOF")}
		}
		return nil
	}
	h.begin()
	for _, s := range h.settings.Services {
		for range 1 + h.IntN(3) {
			h.appear(s.ID)
		}
	}
	for n := range events {
		h.event()
		h.step()
		if n%6 == 5 {
			h.rest()
		}
		if h.t.Failed() {
			h.t.Fatalf("event %d failed; run it again with -world", n)
		}
	}
	h.rest()
}

// fault is one of the faults, or else what comes first.
func (h *history) fault(none fault, faults ...fault) fault {
	if h.Float64() >= h.slack {
		return none
	}
	return faults[h.IntN(len(faults))]
}

// begin starts a new process.
func (h *history) begin() {
	h.n, h.tracks = h.notifier(), make(map[string]*delivery.ChannelQueue)
	h.n.Units, h.n.Readers = h, 1
	ok(h.t, runner{h.n}.begin(h.t.Context()))
}

// step reads, decides and delivers.
func (h *history) step() {
	sweeper{h.n}.sweep(h.t.Context())
	h.oracle.morning()
	h.deliver()
}

// rest lets all faults of Slack end, and then everything must have been said.
func (h *history) rest() {
	before := h.slack
	h.slack = 0
	h.pass(delivery.MaxRest) // a refusal waits so long at most
	for range 4 {
		h.step()
		h.pass(time.Minute)
	}
	since := time.Now()
	h.step()
	h.oracle.nothingMissing(since, h.room.standing())
	h.slack = before
}

// event is something that happens, and the time until the next reading.
func (h *history) event() {
	service := h.settings.Services[h.IntN(len(h.settings.Services))].ID
	switch h.IntN(16) {
	case 0, 1:
		h.appear(service)
	case 2, 3, 4, 5:
		h.move(service)
	case 6:
		h.change(service, func(s plan.InstanceKey, in qianfan.Instance) { h.platform.remove(s.Service, s.Instance) })
	case 7:
		h.change(service, func(s plan.InstanceKey, in qianfan.Instance) {
			h.platform.put(s.Service, s.Instance, 1+h.IntN(9), in.Expires)
		})
	case 8:
		h.platform.fail(service, errUnavailable)
	case 9:
		h.platform.fail(service, errDenied)
	case 10:
		h.platform.fail("", errUnavailable)
	case 11, 12:
		for _, id := range append([]string{""}, service) {
			h.platform.fail(id, nil)
		}
	case 13:
		h.slack = []float64{0, 0.1, 0.5, 1}[h.IntN(4)]
	case 14:
		h.pass(2 * time.Second)
		h.begin()
	case 15: // a few days down
		h.pass(time.Duration(1+h.IntN(5*24)) * time.Hour)
		h.begin()
	}
	h.pass(time.Duration(10+h.IntN(12*60)) * time.Minute)
}

// appear makes an instance that expires somewhen around the steps of the ladder.
func (h *history) appear(service string) {
	s := plan.InstanceKey{Service: service, Instance: fmt.Sprintf("i%d", h.IntN(5))}
	h.set(s, 1+h.IntN(9), time.Now().Truncate(time.Second).Add(time.Duration(h.IntN(45*24*60)-5*24*60)*time.Minute))
}

func (h *history) set(s plan.InstanceKey, replicas int, expires time.Time) {
	expires = expires.UTC() // the oracle compares times as keys
	h.platform.put(s.Service, s.Instance, replicas, expires)
	h.expiries[s] = append(h.expiries[s], expires)
}

// move renews an instance, sets its expiry back, or to one that it had before.
func (h *history) move(service string) {
	h.change(service, func(s plan.InstanceKey, in qianfan.Instance) {
		expires := in.Expires.Add(time.Duration(1+h.IntN(35)) * day)
		switch h.IntN(4) {
		case 0:
			expires = h.expiries[s][h.IntN(len(h.expiries[s]))]
		case 1:
			expires = in.Expires.Add(-time.Duration(h.IntN(10)) * day)
		}
		h.set(s, in.Replicas, expires)
	})
}

// change does something to an instance of a service, if there is one.
func (h *history) change(service string, f func(plan.InstanceKey, qianfan.Instance)) {
	id := fmt.Sprintf("i%d", h.IntN(5))
	if in, ok := h.platform.services[service][id]; ok {
		f(plan.InstanceKey{Service: service, Instance: id}, in)
	}
}
