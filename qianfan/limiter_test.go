package qianfan_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"computeunits/qianfan"
	"computeunits/qianfan/qianfantest"
)

// ask asks about a service in a goroutine of crowd; names must differ, or the
// questions would share a call.
func ask(t *testing.T, crowd *sync.WaitGroup, client *qianfan.Client, q qianfan.Query) {
	crowd.Go(func() {
		if _, err := client.ComputeUnits(t.Context(), q); err != nil {
			t.Error(err)
		}
	})
}

// name numbers services, and makes the server know them.
func name(server *qianfantest.Server, kind string, number int) string {
	id := fmt.Sprintf("svco-%s-%03d", kind, number)
	server.Set(id)
	return id
}

func TestStartsAreEvenlySpaced(t *testing.T) {
	for _, tt := range []struct {
		rps float64
		gap time.Duration
	}{
		{5, 200 * time.Millisecond},
		{0.5, 2 * time.Second},
		{1000, time.Millisecond},
		{3, time.Second / 3},
	} {
		synctest.Test(t, func(t *testing.T) {
			server, client := start(t)
			server.Latency = 50 * time.Millisecond
			client.MaxRPS = tt.rps
			var crowd sync.WaitGroup
			for i := range 30 {
				ask(t, &crowd, client, qianfan.Query{ServiceID: name(server, "a", i)})
			}
			crowd.Wait()
			time.Sleep(time.Hour) // saves up nothing
			for i := range 30 {
				ask(t, &crowd, client, qianfan.Query{ServiceID: name(server, "b", i)})
			}
			crowd.Wait()

			times := arrivals(server)
			for i := range 29 {
				for _, from := range []int{0, 30} {
					if gap := times[from+i+1].Sub(times[from+i]); gap != tt.gap {
						t.Errorf("%g a second: %v between calls %d and %d", tt.rps, gap, from+i, from+i+1)
					}
				}
			}
			if pause := times[30].Sub(times[29]); pause < time.Hour || pause > time.Hour+time.Second {
				t.Errorf("%g a second: the second crowd began after %v", tt.rps, pause)
			}
		})
	}
}

// Also failed attempts and those that are repeated count.
func TestRepeatedAttemptsKeepTheLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, client := start(t)
		client.MaxRPS = 2
		server.Inject(qianfantest.Fault{Times: 10, Status: 500})
		var crowd sync.WaitGroup
		for i := range 5 {
			ask(t, &crowd, client, qianfan.Query{ServiceID: name(server, "a", i)})
		}
		crowd.Wait()
		times := arrivals(server)
		for i := range len(times) - 1 {
			if gap := times[i+1].Sub(times[i]); gap < 500*time.Millisecond {
				t.Errorf("%v between calls %d and %d", gap, i, i+1)
			}
		}
	})
}

func TestSoManyRunAtOnceAtMost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, client := start(t)
		server.Latency = time.Second
		client.MaxConcurrent = 3
		var crowd sync.WaitGroup
		begin := time.Now()
		for i := range 10 {
			ask(t, &crowd, client, qianfan.Query{ServiceID: name(server, "a", i)})
		}
		crowd.Wait()
		if took := time.Since(begin); took != 4*time.Second { // 3, 3, 3 and 1
			t.Errorf("took %v", took)
		}
		at := make(map[time.Time]int)
		for _, arrival := range arrivals(server) {
			at[arrival]++
		}
		for arrival, n := range at {
			if n > 3 {
				t.Errorf("%d at once at %v", n, arrival)
			}
		}
	})
}

func TestWithoutLimitsNobodyWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, client := start(t)
		server.Latency = time.Second
		client.MaxRPS, client.MaxConcurrent = 0, 0
		var crowd sync.WaitGroup
		begin := time.Now()
		for i := range 200 {
			ask(t, &crowd, client, qianfan.Query{ServiceID: name(server, "a", i), Background: i%2 == 0})
		}
		crowd.Wait()
		if took := time.Since(begin); took != time.Second {
			t.Errorf("took %v", took)
		}
	})
}

// A thousand services are read in the background. People who ask meanwhile get
// the next slot each, and the whole takes no longer than the limit demands.
func TestPeopleComeFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, client := start(t)
		server.Latency = 100 * time.Millisecond
		client.MaxRPS, client.MaxConcurrent = 5, 3
		const services, people = 1000, 20
		const slot = 200 * time.Millisecond

		var sweep, crowd sync.WaitGroup
		begin := time.Now()
		for i := range services {
			ask(t, &sweep, client, qianfan.Query{ServiceID: name(server, "background", i), Background: true})
		}
		for i := range people {
			time.Sleep(7 * time.Second)
			crowd.Go(func() {
				asked := time.Now()
				q := qianfan.Query{ServiceID: name(server, "person", i)}
				if _, err := client.ComputeUnits(t.Context(), q); err != nil {
					t.Error(err)
				}
				if waited := time.Since(asked); waited > slot+server.Latency {
					t.Errorf("person %d waited %v", i, waited)
				}
			})
		}
		crowd.Wait()
		sweep.Wait()

		least := (services+people-1)*slot + server.Latency
		if took := time.Since(begin); took != least {
			t.Errorf("took %v, the limit allows it in %v", took, least)
		}
	})
}

func TestAmongEqualsTheFirstComesFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, client := start(t)
		client.MaxRPS = 1
		var crowd sync.WaitGroup
		var want []string
		add := func(kind string, number int, background bool) {
			id := name(server, kind, number)
			ask(t, &crowd, client, qianfan.Query{ServiceID: id, Background: background})
			synctest.Wait() // until it stands in line
			want = append(want, id)
		}
		add("first", 0, true) // finds nobody in line
		for i := range 3 {
			add("background", i, true)
		}
		for i := range 3 {
			add("person", i, false)
		}
		crowd.Wait()
		// first, then people before the sweep, of which every third is.
		want = []string{want[0], want[4], want[5], want[1], want[6], want[2], want[3]}
		var got []string
		for _, call := range server.Calls() {
			got = append(got, call.ServiceID)
		}
		if !slices.Equal(got, want) {
			t.Errorf("asked in the order %q, want %q", got, want)
		}
	})
}

func TestWhoLeavesTheLineLeavesNoGap(t *testing.T) {
	for _, patience := range []time.Duration{100 * time.Millisecond, 1500 * time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			server, client := start(t)
			client.MaxRPS, client.MaxConcurrent = 1, 1
			var crowd sync.WaitGroup
			begin := time.Now()
			ask(t, &crowd, client, qianfan.Query{ServiceID: name(server, "first", 0)})
			synctest.Wait()
			for i := range 5 {
				leave(t, &crowd, client, name(server, "leaves", i), patience)
			}
			synctest.Wait()
			for i := range 3 {
				ask(t, &crowd, client, qianfan.Query{ServiceID: name(server, "stays", i)})
			}
			crowd.Wait()
			calls := server.CallCount()
			if took, want := time.Since(begin), time.Duration(calls-1)*time.Second; took != want {
				t.Errorf("patience %v: %d calls took %v, want %v", patience, calls, took, want)
			}
		})
	}
}

// Whoever gives up at the very moment of their turn does not keep it.
func TestATurnThatIsNotTakenIsHandedOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, client := start(t)
		server.Latency = time.Second
		client.MaxConcurrent = 1
		var crowd sync.WaitGroup
		for round := range 20 {
			ask(t, &crowd, client, qianfan.Query{ServiceID: name(server, "first", round)})
			synctest.Wait()
			for i := range 5 {
				leave(t, &crowd, client, name(server, "leaves", 5*round+i), server.Latency)
			}
			crowd.Wait()
		}
		begin := time.Now()
		if _, err := client.ComputeUnits(t.Context(), qianfan.Query{ServiceID: service}); err != nil || time.Since(begin) > 2*time.Second {
			t.Errorf("after %v: %v", time.Since(begin), err)
		}
	})
}

// leave asks in a goroutine of crowd and does not wait for long.
func leave(t *testing.T, crowd *sync.WaitGroup, client *qianfan.Client, id string, patience time.Duration) {
	crowd.Go(func() {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		_, err := client.ComputeUnits(ctx, qianfan.Query{ServiceID: id})
		if err != nil && !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
	})
}

func arrivals(server *qianfantest.Server) []time.Time {
	var times []time.Time
	for _, call := range server.Calls() {
		times = append(times, call.Time)
	}
	slices.SortFunc(times, time.Time.Compare)
	return times
}

// A flood of questions leaves the sweep a third of the starts, and the sweep leaves
// people the rest.
func TestAFloodOfQuestionsDoesNotStarveTheSweep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, client := start(t)
		server.Latency = 50 * time.Millisecond
		client.MaxRPS = 5
		var crowd, sweep sync.WaitGroup
		for i := range 200 { // 40 s of questions
			ask(t, &crowd, client, qianfan.Query{ServiceID: name(server, "flood", i)})
		}
		begin := time.Now()
		for i := range 30 {
			ask(t, &sweep, client, qianfan.Query{ServiceID: name(server, "swept", i), Background: true})
		}
		sweep.Wait()
		if took := time.Since(begin); took > 30*3*200*time.Millisecond+time.Second {
			t.Errorf("the sweep took %v", took)
		}
		crowd.Wait()
	})
}

// Slow answers to one kind of question leave a place for the other.
func TestSlowAnswersLeaveAPlaceForOthers(t *testing.T) {
	for _, background := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			server, client := start(t)
			server.Latency = 4 * time.Second
			client.MaxRPS, client.MaxConcurrent = 100, 3
			var many, one sync.WaitGroup
			for i := range 30 {
				ask(t, &many, client, qianfan.Query{ServiceID: name(server, "many", i), Background: background})
			}
			synctest.Wait()
			time.Sleep(time.Second)
			begin := time.Now()
			ask(t, &one, client, qianfan.Query{ServiceID: name(server, "one", 0), Background: !background})
			one.Wait()
			if took := time.Since(begin); took > 2*server.Latency {
				t.Errorf("among many in the background (%v) it took %v", background, took)
			}
			many.Wait()
		})
	}
}

// Who waits long for the self-limit is no secret, and said once a minute.
func TestAWaitForTheSelfLimitIsSaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, client := start(t)
		var log strings.Builder
		client.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn}))
		client.MaxRPS = 1
		var crowd sync.WaitGroup
		for i := range 90 {
			ask(t, &crowd, client, qianfan.Query{ServiceID: name(server, "flood", i)})
		}
		crowd.Wait()
		if n := strings.Count(log.String(), "self-limit"); n != 2 {
			t.Errorf("said %d times in 90 s: %s", n, log.String())
		}
	})
}
