package demo

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"computeunits/qianfan"
)

// readings notes who was read.
type readings struct {
	mu  sync.Mutex
	ids []string
}

func (r *readings) ComputeUnits(_ context.Context, q qianfan.Query) (qianfan.Reading, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ids = append(r.ids, q.ServiceID)
	return qianfan.Reading{}, nil
}

func (r *readings) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.ids)
}

// sweeping reads two services again and again, as the notifier does.
func sweeping(ctx context.Context, g *gate) {
	for ctx.Err() == nil {
		var both sync.WaitGroup
		for _, id := range []string{"svco-a", "svco-b"} {
			both.Go(func() { g.ComputeUnits(ctx, qianfan.Query{ServiceID: id, Background: true}) })
		}
		both.Wait()
		time.Sleep(time.Second)
	}
}

func TestAGateLetsWholeSweepsThrough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		var sweeps sync.WaitGroup
		defer sweeps.Wait()
		defer cancel()
		r := &readings{}
		g := newGate(r)
		sweeps.Go(func() { sweeping(ctx, g) })
		time.Sleep(10 * time.Second)
		if n := r.count(); n < 18 {
			t.Errorf("open, it let %d readings through", n)
		}
		g.set(true, 0)
		g.wait(ctx, time.Minute)
		before := r.count()
		time.Sleep(10 * time.Second)
		if n := r.count(); n != before || n%2 != 0 {
			t.Errorf("closed, it let %d readings through after %d", n, before)
		}
		for range 3 {
			before = r.count()
			g.set(true, 1)
			g.wait(ctx, time.Minute)
			sweep := slices.Sorted(slices.Values(r.ids[before:]))
			if !slices.Equal(sweep, []string{"svco-a", "svco-b"}) {
				t.Errorf("one sweep read %v", sweep)
			}
		}
		if g.ComputeUnits(ctx, qianfan.Query{ServiceID: "svco-a"}); r.count() != before+3 {
			t.Error("a person waited before the gate")
		}
		g.set(false, 0)
		time.Sleep(3 * time.Second)
		if r.count() < before+5 {
			t.Error("it does not open any more")
		}
	})
}

func TestNobodyWaitsBeforeAGateForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(&readings{})
		g.set(true, 0)
		begun := time.Now()
		if g.wait(t.Context(), time.Minute); time.Since(begun) < time.Minute {
			t.Error("something waited that was not there")
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		q := qianfan.Query{ServiceID: "svco-a", Background: true}
		if _, err := g.ComputeUnits(ctx, q); err != nil {
			t.Errorf("the first of a sweep: %v", err)
		}
		if _, err := g.ComputeUnits(ctx, q); err == nil || g.waiting != 0 {
			t.Errorf("%v, and %d wait", err, g.waiting)
		}
	})
}
