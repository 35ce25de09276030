package qianfan_test

import (
	"context"
	"errors"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"computeunits/qianfan"
	"computeunits/qianfan/qianfantest"
)

func TestTheSameQuestionGoesUpstreamOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, client := start(t)
		server.Latency = time.Second
		server.Set("svco-other")
		readings := make([]qianfan.Reading, 30)
		var crowd sync.WaitGroup
		for i := range readings {
			crowd.Go(func() {
				time.Sleep(time.Duration(i) * time.Millisecond)
				reading, err := client.ComputeUnits(t.Context(), qianfan.Query{ServiceID: service, Background: i%3 == 0})
				if err != nil {
					t.Error(err)
				}
				readings[i] = reading
			})
		}
		ask(t, &crowd, client, qianfan.Query{ServiceID: service, Timing: qianfan.Prepaid}) // another question
		ask(t, &crowd, client, qianfan.Query{ServiceID: "svco-other"})                     // and another
		crowd.Wait()
		if n := server.CallCount(); n != 3 {
			t.Errorf("%d calls for three questions", n)
		}

		// Everybody may do as they like with their own list.
		readings[0].Instances[0].ID = "mine"
		for i, reading := range readings[1:] {
			if len(reading.Instances) != 1 || reading.Instances[0].ID != "a0085162xxx9d19e58e" || reading.RequestID != readings[0].RequestID {
				t.Errorf("caller %d got %+v", i+1, reading)
			}
		}
		if _, err := client.ComputeUnits(t.Context(), qianfan.Query{ServiceID: service}); err != nil || server.CallCount() != 4 {
			t.Errorf("asked later: %d calls, %v", server.CallCount(), err)
		}
	})
}

func TestTheImpatientLeavesAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, client := start(t)
		server.Latency = 5 * time.Second
		var crowd sync.WaitGroup
		crowd.Go(func() { // the one who started the call
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			begin := time.Now()
			if _, err := client.ComputeUnits(ctx, qianfan.Query{ServiceID: service}); !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) != time.Second {
				t.Errorf("the impatient, after %v: %v", time.Since(begin), err)
			}
		})
		synctest.Wait()
		ask(t, &crowd, client, qianfan.Query{ServiceID: service})
		crowd.Wait()
		if calls := server.Calls(); len(calls) != 1 || calls[0].Outcome != "ok" {
			t.Errorf("calls: %+v", calls)
		}
	})
}

func TestTheLastWhoLeavesEndsTheCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, client := start(t)
		server.Latency = time.Minute
		var crowd sync.WaitGroup
		for i := range 3 {
			crowd.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i+1)*time.Second)
				defer cancel()
				client.ComputeUnits(ctx, qianfan.Query{ServiceID: service})
			})
		}
		crowd.Wait()
		synctest.Wait()
		if calls := server.Calls(); len(calls) != 1 || calls[0].Outcome != "caller left" {
			t.Errorf("calls: %+v", calls)
		}

		// Who asks now does not join what was given up.
		server.Inject(qianfantest.Fault{Status: 404})
		if _, err := client.ComputeUnits(t.Context(), qianfan.Query{ServiceID: service}); errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
}

// Each waiter's own deadline decides whether it waits for another attempt.
func TestWhoCannotWaitForTheNextAttemptIsToldAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, client := start(t)
		server.Inject(qianfantest.Fault{Times: 1, Status: 429, RetryAfter: 30 * time.Second})
		var crowd sync.WaitGroup
		within := func(who string, patience, want time.Duration, refused bool) {
			crowd.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), patience)
				defer cancel()
				begin := time.Now()
				_, err := client.ComputeUnits(ctx, qianfan.Query{ServiceID: service})
				if _, ok := err.(*qianfan.Error); ok != refused || (err != nil) != refused {
					t.Errorf("%s got %v", who, err)
				}
				if waited := time.Since(begin); waited < want || waited > want+500*time.Millisecond {
					t.Errorf("%s waited %v, want %v", who, waited, want)
				}
			})
		}
		within("the patient", time.Minute, 30*time.Second, false)
		within("the impatient", 10*time.Second, 0, true)
		synctest.Wait()
		time.Sleep(5 * time.Second)
		within("who comes late and has no time", 10*time.Second, 0, true)
		within("who comes late and has time", time.Minute, 25*time.Second, false)
		crowd.Wait()
		if n := server.CallCount(); n != 2 {
			t.Errorf("%d calls", n)
		}
	})
}

func TestWhoRunsOutOfTimeLearnsOfTheLastAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, client := start(t)
		server.Inject(qianfantest.Fault{Times: 1, Status: 500, Code: "Overload"})
		server.Inject(qianfantest.Fault{Delay: time.Hour})
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		_, err := client.ComputeUnits(ctx, qianfan.Query{ServiceID: service})
		refusal, ok := errors.AsType[*qianfan.Error](err)
		if !errors.Is(err, context.DeadlineExceeded) || !ok || refusal.Code != "Overload" {
			t.Errorf("got %v", err)
		}
	})
}

func TestAPersonLiftsABackgroundQuestion(t *testing.T) {
	t.Run("out of the line", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			server, client := start(t)
			client.MaxRPS = 1
			var crowd sync.WaitGroup
			for i := range 50 {
				ask(t, &crowd, client, qianfan.Query{ServiceID: name(server, "background", i), Background: true})
			}
			synctest.Wait() // all stand in line
			ask(t, &crowd, client, qianfan.Query{ServiceID: service, Background: true})
			synctest.Wait()
			begin := time.Now()
			if _, err := client.ComputeUnits(t.Context(), qianfan.Query{ServiceID: service}); err != nil || time.Since(begin) > time.Second {
				t.Errorf("after %v: %v", time.Since(begin), err)
			}
			crowd.Wait()
			if n := server.CallCount(); n != 51 {
				t.Errorf("%d calls", n)
			}
		})
	})
	t.Run("out of a pause that nobody asked for", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			server, client := start(t)
			// The pauses grow long, with the background's patience.
			server.Inject(qianfantest.Fault{Times: 40, Status: 500})
			var crowd sync.WaitGroup
			crowd.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
				defer cancel()
				if _, err := client.ComputeUnits(ctx, qianfan.Query{ServiceID: service, Background: true}); err != nil {
					t.Error(err)
				}
			})
			for range 20 { // at any moment of the pauses
				time.Sleep(1234 * time.Millisecond)
			}
			server.Mend()
			begin := time.Now()
			if _, err := client.ComputeUnits(t.Context(), qianfan.Query{ServiceID: service}); err != nil || time.Since(begin) != 0 {
				t.Errorf("after %v: %v", time.Since(begin), err)
			}
			crowd.Wait()
		})
	})
	t.Run("but not out of one the API asked for", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			server, client := start(t)
			server.Inject(qianfantest.Fault{Times: 1, Status: 429, RetryAfter: 20 * time.Second})
			var crowd sync.WaitGroup
			ask(t, &crowd, client, qianfan.Query{ServiceID: service, Background: true})
			synctest.Wait()
			begin := time.Now()
			if _, err := client.ComputeUnits(t.Context(), qianfan.Query{ServiceID: service}); err != nil || time.Since(begin) < 20*time.Second {
				t.Errorf("after %v: %v", time.Since(begin), err)
			}
			crowd.Wait()
		})
	})
}

func TestAPanicReachesEverybodyAsAnError(t *testing.T) {
	for name, misbehave := range map[string]func(){
		"panicked": func() { panic("the transport broke") },
		"ended":    runtime.Goexit,
	} {
		synctest.Test(t, func(t *testing.T) {
			client := &qianfan.Client{AccessKey: "a", SecretKey: "s", HTTP: &http.Client{
				Transport: roundTripper(func(*http.Request) (*http.Response, error) {
					time.Sleep(time.Second)
					misbehave()
					return nil, nil
				}),
			}}
			var crowd sync.WaitGroup
			for range 3 {
				crowd.Go(func() {
					_, err := client.ComputeUnits(t.Context(), qianfan.Query{ServiceID: service})
					if err == nil || name == "panicked" && !strings.Contains(err.Error(), "the transport broke") {
						t.Errorf("%s: got %v", name, err)
					}
				})
			}
			crowd.Wait()
		})
	}
}

func TestCloseEndsWhatIsUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, client := start(t)
		server.Latency = time.Minute
		outcomes := make(chan error, 2)
		for _, background := range []bool{true, false} {
			go func() {
				_, err := client.ComputeUnits(t.Context(), qianfan.Query{ServiceID: service, Background: background})
				outcomes <- err
			}()
		}
		time.Sleep(time.Second)
		begin := time.Now()
		client.Close()
		for range 2 {
			if err := <-outcomes; !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
		}
		if waited := time.Since(begin); waited != 0 {
			t.Errorf("Close took %v", waited)
		}
		client.Close() // again
		new(qianfan.Client).Close()
	})
}

// Many callers with all kinds of patience, against a server with all kinds of
// faults: everybody gets an answer or an error in time, and nothing is left.
func TestACrowdInTroubleIsServed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, client := start(t)
		client.MaxRPS, client.MaxConcurrent = 50, 3
		server.Latency = 30 * time.Millisecond
		for i := range 40 {
			server.Inject([]qianfantest.Fault{
				{Times: 3, Status: 500}, {Times: 2, DropAfter: true}, {Times: 1, Delay: 20 * time.Second},
				{Times: 2, Truncate: true}, {Times: 1, RetryAfter: 2 * time.Second}, {Times: 1, Status: 404},
			}[i%6])
		}
		services := []string{service, "svco-b", "svco-c"}
		server.Set("svco-b")
		server.Set("svco-c", documented(), documented())
		var crowd sync.WaitGroup
		for i := range 300 {
			crowd.Go(func() {
				time.Sleep(time.Duration(i*37%5000) * time.Millisecond)
				patience := time.Duration(i*7919%15000) * time.Millisecond
				ctx, cancel := context.WithTimeout(t.Context(), patience)
				defer cancel()
				begin := time.Now()
				which := i % 3
				reading, err := client.ComputeUnits(ctx, qianfan.Query{ServiceID: services[which], Background: i%5 == 0})
				if time.Since(begin) > patience {
					t.Errorf("caller %d got its answer after %v of %v", i, time.Since(begin), patience)
				}
				if want := []int{1, 0, 2}[which]; err == nil && len(reading.Instances) != want {
					t.Errorf("caller %d got %+v", i, reading)
				}
			})
		}
		crowd.Wait()
		server.Mend()
		if _, err := client.ComputeUnits(t.Context(), qianfan.Query{ServiceID: service}); err != nil {
			t.Error(err)
		}
		outcomes := make(map[string]int)
		for _, call := range server.Calls() {
			outcomes[call.Outcome]++
		}
		if faults := []string{"HTTP 500", "dropped after", "truncated", "HTTP 429", "HTTP 404"}; !slices.ContainsFunc(faults, func(f string) bool { return outcomes[f] > 0 }) {
			t.Errorf("there was no trouble: %v", outcomes)
		}
	})
}
