package notify

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"computeunits/notify/database"
	"computeunits/notify/ledger"
	"computeunits/notify/plan"
)

// filled is a ledger of instances, five to a service, that all were decided
// about, and the sweep that would read the same again.
func filled(b *testing.B, instances int) (*ledger.Ledger, plan.Evaluation, []plan.Observation) {
	b.Helper()
	l := open(b, "sqlite://"+filepath.Join(b.TempDir(), "ledger.db"))
	var sweep []plan.Observation
	var names []string
	for s := range instances / 5 {
		o := plan.Observation{Service: fmt.Sprintf("svco-%06d", s), At: noon}
		for i := range 5 {
			n := s*5 + i
			o.Instances = append(o.Instances, unit(fmt.Sprintf("%020x", n), noon.Add(time.Duration(40+n%300)*day)))
		}
		sweep = append(sweep, o)
		names = append(names, o.Service)
	}
	observeAll(b, l, sweep, noon)
	p := at(noon, names...)
	p.Settings.DigestCron = noDigest
	if _, err := l.Decisions.Decide(context.Background(), p); err != nil {
		b.Fatal(err)
	}
	return l, p, sweep
}

// observeAll writes a sweep as the notifier does, in batches.
func observeAll(b *testing.B, l *ledger.Ledger, sweep []plan.Observation, at time.Time) {
	b.Helper()
	for len(sweep) > 0 {
		n := min(batchSize, len(sweep))
		if err := l.Readings.Observe(context.Background(), at, sweep[:n]); err != nil {
			b.Fatal(err)
		}
		sweep = sweep[n:]
	}
}

func reportHeap(b *testing.B) {
	b.Helper()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b.ReportMetric(float64(m.HeapAlloc)/(1<<20), "heap-MiB")
	b.ReportMetric(float64(m.Sys)/(1<<20), "sys-MiB")
}

// BenchmarkLedger shows what a pass and a sweep cost, and that it grows with
// what changed, or else linearly. The file is filled once for each size.
func BenchmarkLedger(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 50_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			l, p, sweep := filled(b, n)
			b.Run("pass", func(b *testing.B) { benchmarkPass(b, l, p) })
			b.Run("observe", func(b *testing.B) { benchmarkObserve(b, l, sweep) })
			b.Run("pass over all", func(b *testing.B) { benchmarkPassOverAll(b, l, p) })
		})
	}
}

// benchmarkPass is a pass over instances of which nothing changed.
func benchmarkPass(b *testing.B, l *ledger.Ledger, p plan.Evaluation) {
	for b.Loop() {
		if _, err := l.Decisions.Decide(context.Background(), p); err != nil {
			b.Fatal(err)
		}
	}
	reportHeap(b)
}

// benchmarkObserve writes a sweep that shows what the last one showed.
func benchmarkObserve(b *testing.B, l *ledger.Ledger, sweep []plan.Observation) {
	now := noon
	for b.Loop() {
		now = now.Add(10 * time.Minute)
		for i := range sweep {
			sweep[i].At = now
		}
		observeAll(b, l, sweep, now)
	}
	reportHeap(b)
}

// benchmarkPassOverAll decides about every instance, as after a restart with
// other settings, and writes when each is to be asked about again.
func benchmarkPassOverAll(b *testing.B, l *ledger.Ledger, p plan.Evaluation) {
	for b.Loop() {
		b.StopTimer()
		if _, err := database.Exec(context.Background(), l.DB, `UPDATE instance SET check_at = 0`); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		if _, err := l.Decisions.Decide(context.Background(), p); err != nil {
			b.Fatal(err)
		}
	}
	reportHeap(b)
}
