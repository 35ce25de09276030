package qianfan_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"computeunits/qianfan"
	"computeunits/qianfan/qianfantest"
)

func TestWhatMayPassIsAskedAgain(t *testing.T) {
	type fault = qianfantest.Fault
	for name, f := range map[string]fault{
		"too many requests":          {Status: 429},
		"broken":                     {Status: 500},
		"a proxy's page":             {HTML: true},
		"a gateway without backend":  {HeaderOnly: true},
		"high load, with 200":        {Body: `{"error_code":336100,"error_msg":"high load"}`},
		"too many a second, 400":     {Status: 400, Code: "18"},
		"internal, with 200":         {Body: `{"code":500000,"msg":"internal"}`},
		"cut before an answer":       {DropBefore: true},
		"cut instead of an answer":   {DropAfter: true},
		"cut in the answer":          {Truncate: true},
		"half an answer":             {Body: `{"result":{"instances":[`},
		"a captive portal, with 200": {HTML: true, Status: 200},
		"hung":                       {Delay: time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server, client := start(t)
				f.Times = 2
				server.Inject(f)
				reading, err := client.ComputeUnits(t.Context(), qianfan.Query{ServiceID: service})
				if err != nil || len(reading.Instances) != 1 || server.CallCount() != 3 {
					t.Errorf("after %d calls: %+v, %v", server.CallCount(), reading, err)
				}
			})
		})
	}
}

func TestWhatNeedsAPersonIsAskedOnce(t *testing.T) {
	type fault = qianfantest.Fault
	for name, f := range map[string]fault{
		"bad request":                {Status: 400},
		"forbidden":                  {Status: 403},
		"not found":                  {Status: 404},
		"access denied":              {Status: 403, Code: "AccessDenied"},
		"access denied, with 500":    {Status: 500, Code: "AccessDenied"},
		"expired, in headers of 503": {HeaderOnly: true, Code: "RequestExpired"},
		"access denied, cut short":   {Status: 500, Body: `{"code":"AccessDenied","message":"Acc`},
		"an unknown code, with 200":  {Body: `{"error_code":336501}`},
		"a 404 page":                 {HTML: true, Status: 404},
		"no result":                  {Body: `{"requestId":"1"}`},
		"not found, but wait":        {Status: 404, RetryAfter: time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server, client := start(t)
				f.Times = 1 // asked again, it would answer
				server.Inject(f)
				begin := time.Now()
				_, err := client.ComputeUnits(t.Context(), qianfan.Query{ServiceID: service})
				if _, ok := err.(*qianfan.Error); !ok || server.CallCount() != 1 || time.Since(begin) != 0 {
					t.Errorf("after %d calls and %v: %v", server.CallCount(), time.Since(begin), err)
				}
			})
		})
	}
	t.Run("a wrong key", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			server, client := start(t)
			client.SecretKey = "wrong"
			_, err := client.ComputeUnits(t.Context(), qianfan.Query{ServiceID: service})
			if refusal, ok := err.(*qianfan.Error); !ok || refusal.Code != "SignatureDoesNotMatch" || server.CallCount() != 1 {
				t.Errorf("after %d calls: %v", server.CallCount(), err)
			}
		})
	})
}

// A signature that waited is a signature that may have expired.
func TestEveryAttemptIsSignedWhenItStarts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, client := start(t)
		server.Inject(qianfantest.Fault{Times: 2, RetryAfter: 45 * time.Minute}) // beyond the term of a signature
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Hour)
		defer cancel()
		if _, err := client.ComputeUnits(ctx, qianfan.Query{ServiceID: service}); err != nil {
			t.Error(err)
		}
		signed := make(map[string]bool)
		for _, call := range server.Calls() {
			date := call.Header.Get("X-Bce-Date")
			signed[date] = true
			if date != call.Time.Format("2006-01-02T15:04:05Z") {
				t.Errorf("sent at %v what was signed at %s", call.Time, date)
			}
		}
		if len(signed) != 3 {
			t.Errorf("%d signatures for %d calls", len(signed), server.CallCount())
		}
	})
}

func TestSignaturesAreFreshAfterWaitingInLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, client := start(t)
		client.MaxRPS = 1.0 / 3600 // one an hour
		for range 3 {
			if _, err := client.ComputeUnits(t.Context(), qianfan.Query{ServiceID: service}); err != nil {
				t.Error(err) // the server refuses what is older than half an hour
			}
		}
	})
}

func TestRetryAfterIsHonoured(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, client := start(t)
		server.Inject(qianfantest.Fault{Times: 1, Status: 503, RetryAfter: 17 * time.Second})
		if _, err := client.ComputeUnits(t.Context(), qianfan.Query{ServiceID: service}); err != nil {
			t.Error(err)
		}
		calls := server.Calls()
		if gap := calls[1].Time.Sub(calls[0].Time); gap < 17*time.Second || gap > 18*time.Second {
			t.Errorf("asked again after %v", gap)
		}
	})
}

// Whoever has no time left for another attempt is told at once, not when the
// time is up.
func TestAWaitBeyondTheDeadlineIsNotBegun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, client := start(t)
		server.Inject(qianfantest.Fault{Status: 429, Code: "RateLimited", RetryAfter: 30 * time.Second})
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		begin := time.Now()
		_, err := client.ComputeUnits(ctx, qianfan.Query{ServiceID: service})
		refusal, ok := err.(*qianfan.Error)
		if !ok || refusal.Code != "RateLimited" || refusal.RetryAfter != 30*time.Second || time.Since(begin) != 0 {
			t.Errorf("after %v: %v", time.Since(begin), err)
		}
	})
}

func TestAttemptsGoOnUntilTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, client := start(t)
		server.Inject(qianfantest.Fault{Status: 500, Message: "down"})
		const patience = 2 * time.Minute
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		begin := time.Now()
		_, err := client.ComputeUnits(ctx, qianfan.Query{ServiceID: service})
		if refusal, ok := err.(*qianfan.Error); !ok || refusal.Message != "down" {
			t.Errorf("got %v", err)
		}
		if took := time.Since(begin); took > patience || took < patience-8*time.Second {
			t.Errorf("gave up after %v", took)
		}
		if n := server.CallCount(); n < 10 || n > 200 {
			t.Errorf("%d calls", n)
		}
	})
}

func TestWithoutADeadlineThereIsAnAnswerAllTheSame(t *testing.T) {
	t.Run("after four attempts", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			server, client := start(t)
			server.Inject(qianfantest.Fault{Status: 500})
			if _, err := client.ComputeUnits(t.Context(), qianfan.Query{ServiceID: service}); err == nil || server.CallCount() != 4 {
				t.Errorf("after %d calls: %v", server.CallCount(), err)
			}
		})
	})
	t.Run("rather than in an hour", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			server, client := start(t)
			server.Inject(qianfantest.Fault{Status: 429, RetryAfter: time.Hour})
			begin := time.Now()
			_, err := client.ComputeUnits(t.Context(), qianfan.Query{ServiceID: service})
			if refusal, ok := err.(*qianfan.Error); !ok || refusal.RetryAfter != time.Hour || time.Since(begin) != 0 {
				t.Errorf("after %v: %v", time.Since(begin), err)
			}
		})
	})
}

func TestAHungAttemptIsReplacedAfterTenSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, client := start(t)
		server.Inject(qianfantest.Fault{Delay: time.Hour})
		ctx, cancel := context.WithTimeout(t.Context(), 11*time.Second)
		defer cancel()
		_, err := client.ComputeUnits(ctx, qianfan.Query{ServiceID: service})
		if !errors.Is(err, os.ErrDeadlineExceeded) || !strings.Contains(err.Error(), "no complete answer within 10s") {
			t.Errorf("got %v", err)
		}
		synctest.Wait()
		calls := server.Calls()
		if len(calls) != 2 {
			t.Fatalf("%d calls", len(calls))
		}
		if gap := calls[1].Time.Sub(calls[0].Time); gap < 10*time.Second {
			t.Errorf("the second came after %v", gap)
		}
	})
}

// The attempt's own limit is not the caller's: somebody who looks for the end
// of their context must not find it.
func TestAHungAttemptDoesNotLookLikeTheCallersDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, client := start(t)
		server.Inject(qianfantest.Fault{Delay: time.Hour})
		_, err := client.ComputeUnits(t.Context(), qianfan.Query{ServiceID: service})
		if err == nil || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
}

func TestWaitsAreRandomAndGrow(t *testing.T) {
	var gaps [3][]time.Duration // after the first, second and third attempt
	for range 200 {
		synctest.Test(t, func(t *testing.T) {
			client := &qianfan.Client{AccessKey: "a", SecretKey: "s"}
			var last time.Time
			attempts := 0
			client.HTTP = &http.Client{Transport: roundTripper(func(*http.Request) (*http.Response, error) {
				if attempts++; attempts > 1 {
					gaps[attempts-2] = append(gaps[attempts-2], time.Since(last))
				}
				last = time.Now()
				return nil, errors.New("down")
			})}
			client.ComputeUnits(t.Context(), qianfan.Query{ServiceID: service})
		})
	}
	for i, limit := range []time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second} {
		shortest, longest := slices.Min(gaps[i]), slices.Max(gaps[i])
		if len(gaps[i]) != 200 || shortest > limit/10 || longest > limit || longest < limit*9/10 {
			t.Errorf("%d waits after attempt %d, from %v to %v, want up to %v", len(gaps[i]), i+1, shortest, longest, limit)
		}
	}
}
