package notify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"computeunits/notify/plan"
	"computeunits/qianfan"
)

const (
	// Readings are written to the ledger together, so many or so long after
	// the first of them.
	batchSize = 500
	batchWait = 2 * time.Second
)

// sweep reads every watched service once.
func (n sweeper) sweep(ctx context.Context) {
	n.setSweeping(true)
	defer n.setSweeping(false)
	if err := n.refresh(ctx); err != nil && ctx.Err() == nil {
		n.log.ErrorContext(ctx, "reading the services that were watched before", "error", err)
	}
	services := n.inOrder(ctx)
	n.readAll(ctx, services, true)
	if slow := n.setPace(); slow > 0 && ctx.Err() == nil {
		n.log.WarnContext(ctx, "reading all services takes longer than NOTIFY_CHECK_EVERY; raise QIANFAN_MAX_RPS or NOTIFY_CHECK_EVERY",
			"services", len(services), "took", slow.Round(time.Second), "check_every", n.Settings.CheckEvery)
	}
}

// inOrder returns the services to read, first those of which something is to be
// said.
func (n sweeper) inOrder(ctx context.Context) []string {
	p := n.evaluation()
	first, err := n.Ledger.Readings.DueServices(ctx, p.Now)
	if err != nil && ctx.Err() == nil {
		n.log.ErrorContext(ctx, "services are read in the order of their ids", "error", err)
	}
	first = slices.DeleteFunc(first, func(id string) bool { return !p.Watches(id) })
	rest := slices.DeleteFunc(p.Services(), func(id string) bool { _, found := slices.BinarySearch(first, id); return found })
	return append(first, rest...)
}

// readAll reads services, each by itself: what one does has no influence on the
// others. In the background people go first.
func (n sweeper) readAll(ctx context.Context, ids []string, background bool) {
	services := make(chan string)
	observations := make(chan plan.Observation)
	var readers sync.WaitGroup
	for range min(cmp.Or(n.Readers, defaultReaders), len(ids)) {
		readers.Go(func() {
			for id := range services {
				if o, ok := n.read(ctx, id, background); ok && ctx.Err() == nil {
					observations <- o
				}
			}
		})
	}
	go func() {
		defer close(observations)
		defer readers.Wait()
		defer close(services)
		for _, id := range ids {
			select {
			case services <- id:
			case <-ctx.Done():
				return
			}
		}
	}()
	n.record(ctx, observations)
}

func (n sweeper) setSweeping(on bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.sweeping = on; on {
		n.pace.began, n.pace.asked, n.pace.failed = time.Now(), 0, 0
	}
}

// read reads one service within its own deadline; ok is false when that is being
// done already: two readings at once are one, and gone is what two lack.
func (n sweeper) read(ctx context.Context, id string, background bool) (o plan.Observation, ok bool) {
	if !n.setReading(id, true) {
		return o, false
	}
	defer n.setReading(id, false)
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	defer func() {
		if v := recover(); v != nil {
			o = plan.Observation{Service: id, At: n.clock(), Err: fmt.Errorf("panic: %v\n%s", v, debug.Stack())}
			ok = true
		}
	}()
	reading, err := n.Units.ComputeUnits(ctx, qianfan.Query{ServiceID: id, Timing: qianfan.Prepaid, Background: background})
	clockCheck(n).hearDate(reading, err)
	o = plan.Observation{Service: id, At: n.clock(), Instances: reading.Instances, Err: err, RequestID: reading.RequestID}
	if refusal, isRefusal := errors.AsType[*qianfan.Error](err); isRefusal {
		o.Ahead, o.Dated = refusal.Ahead()
	} else {
		o.Ahead, o.Dated = reading.Ahead()
	}
	n.count(err)
	return o, true
}

// count counts a reading for the pace.
func (n sweeper) count(err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.pace.asked++
	if err != nil {
		n.pace.failed++
	}
}

// setReading notes whether a service is being read, and reports whether that is
// news.
func (n sweeper) setReading(id string, on bool) (news bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.reading[id] == on {
		return false
	}
	if n.reading == nil {
		n.reading = make(map[string]bool)
	}
	if n.reading[id] = on; !on {
		delete(n.reading, id)
	}
	return true
}

// record writes observations into the ledger until there are no more.
func (n sweeper) record(ctx context.Context, observations <-chan plan.Observation) {
	var batch []plan.Observation
	flush := func() {
		if len(batch) > 0 && ctx.Err() == nil {
			n.observe(ctx, batch)
		}
		batch = nil
	}
	defer flush()
	ticker := time.NewTicker(batchWait)
	defer ticker.Stop()
	for {
		select {
		case o, ok := <-observations:
			if !ok {
				return
			}
			if batch = append(batch, o); len(batch) == batchSize {
				flush()
			}
		case <-ticker.C:
			flush()
		}
	}
}

func (n sweeper) observe(ctx context.Context, batch []plan.Observation) {
	ctx, cancel := context.WithTimeout(ctx, passTimeout)
	defer cancel()
	if !clockCheck(n).trusted(ctx) {
		return // what was read is dated by a clock that is wrong
	}
	failed := 0
	for _, o := range batch {
		if o.Err == nil {
			continue
		}
		failed++
		n.log.DebugContext(ctx, "could not read a service", "service", o.Service, "error", o.Err)
	}
	if failed > 0 {
		n.log.WarnContext(ctx, "could not read services; what was known of them stands", "services", failed, "of", len(batch), "first", firstError(batch))
	}
	if err := n.Ledger.Readings.Observe(ctx, n.clock(), batch); err != nil && !errors.Is(err, context.Canceled) {
		n.log.ErrorContext(ctx, "observations are not stored; the next reading makes up for it", "services", len(batch), "error", err)
	}
}

func firstError(batch []plan.Observation) error {
	for _, o := range batch {
		if o.Err != nil {
			return o.Err
		}
	}
	return nil
}
