package qianfantest_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"computeunits/qianfan"
	"computeunits/qianfan/qianfantest"
)

func TestFaultsAnswerAsNetworksAndGatewaysDo(t *testing.T) {
	for _, tt := range []struct {
		name    string
		fault   qianfantest.Fault
		status  int
		body    string // contained
		header  string // "Name: value", contained
		outcome string
	}{
		{"an error of the API", qianfantest.Fault{Status: 403, Code: "AccessDenied", Message: "Access denied."}, 403,
			`{"requestId":"qianfantest-000001","code":"AccessDenied","message":"Access denied."}`, "Content-Type: application/json", "AccessDenied"},
		{"an error without a status", qianfantest.Fault{Code: "InternalError"}, 500, `"code":"InternalError"`, "", "InternalError"},
		{"too many requests", qianfantest.Fault{RetryAfter: 1500 * time.Millisecond}, 429, `"message":""`, "Retry-After: 2", "HTTP 429"},
		{"unavailable for a while", qianfantest.Fault{Status: 503, RetryAfter: time.Minute}, 503, "", "Retry-After: 60", "HTTP 503"},
		{"a proxy's page", qianfantest.Fault{HTML: true}, 502, "<h1>502 Bad Gateway</h1>", "Content-Type: text/html", "HTML"},
		{"a gateway without a body", qianfantest.Fault{HeaderOnly: true, Code: "BackendError", Message: "no backend"}, 503, "", "X-Bce-Error-Code: BackendError", "headers"},
		{"rubbish", qianfantest.Fault{Body: `{"error_code":336501,"error_msg":"slow down"}`}, 200, `{"error_code":336501,"error_msg":"slow down"}`, "", "body"},
		{"a body with a status", qianfantest.Fault{Status: 418, Body: "teapot"}, 418, "teapot", "", "body"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newServer(t)
				s.Inject(tt.fault)
				got := send(t, s, newOrder().request(t))
				name, value, _ := strings.Cut(tt.header, ": ")
				if got.status != tt.status || !strings.Contains(got.body, tt.body) || !strings.Contains(got.header.Get(name), value) {
					t.Errorf("answered %d %v\n%s", got.status, got.header, got.body)
				}
				if tt.fault.HeaderOnly && got.body != "" {
					t.Errorf("there is a body: %s", got.body)
				}
				if calls := s.Calls(); len(calls) != 1 || calls[0].Outcome != tt.outcome || calls[0].Status != tt.status {
					t.Errorf("recorded %+v", calls)
				}
			})
		})
	}
}

func TestConnectionsBreakWhereAFaultSaysSo(t *testing.T) {
	for _, tt := range []struct {
		fault   qianfantest.Fault
		outcome string
	}{
		{qianfantest.Fault{DropBefore: true}, "dropped before"},
		{qianfantest.Fault{DropAfter: true}, "dropped after"},
	} {
		t.Run(tt.outcome, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newServer(t)
				s.Inject(tt.fault)
				resp, err := s.Transport().RoundTrip(newOrder().request(t))
				if err == nil {
					t.Fatalf("answered %s", resp.Status)
				}
				if calls := s.Calls(); len(calls) != 1 || calls[0].Outcome != tt.outcome || calls[0].Status != 0 {
					t.Errorf("recorded %+v", calls)
				}
			})
		})
	}
	t.Run("truncated", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := newServer(t)
			s.Set("svco-48exxxa594", qianfantest.Instance{ID: "a"})
			s.Inject(qianfantest.Fault{Truncate: true})
			got := send(t, s, newOrder().request(t))
			if !errors.Is(got.err, io.ErrUnexpectedEOF) || !strings.HasPrefix(got.body, `{"requestId"`) || got.status != 200 {
				t.Errorf("answered %d %s, then %v", got.status, got.body, got.err)
			}
		})
	})
}

func TestAFaultHitsItsServiceSoManyTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t)
		s.Set("svco-a")
		s.Set("svco-b")
		status := func(service string) int {
			o := newOrder()
			o.body = `{"serviceId":"` + service + `"}`
			return send(t, s, o.request(t)).status
		}
		s.Inject(qianfantest.Fault{ServiceID: "svco-b", Times: 2, Status: 500})
		s.Inject(qianfantest.Fault{ServiceID: "svco-b", Status: 503})
		s.Inject(qianfantest.Fault{Times: 1, Status: 429})
		for i, want := range []struct {
			service string
			status  int
		}{
			{"svco-b", 500}, {"svco-a", 429}, {"svco-a", 200}, {"svco-b", 500},
			{"svco-b", 503}, {"svco-b", 503}, {"svco-a", 200},
		} {
			if got := status(want.service); got != want.status {
				t.Errorf("request %d, about %s: %d, want %d", i+1, want.service, got, want.status)
			}
		}
		s.Mend()
		if got := status("svco-b"); got != 200 {
			t.Errorf("mended: %d", got)
		}
	})
}

func TestABadSignatureIsRefusedWhateverElseGoesWrong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t)
		s.Inject(qianfantest.Fault{HTML: true})
		o := newOrder()
		o.secretKey = "wrong"
		if got := send(t, s, o.request(t)); !strings.Contains(got.body, "SignatureDoesNotMatch") {
			t.Errorf("answered %d %s", got.status, got.body)
		}
	})
}

func TestAnswersTakeTheirTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t)
		s.Latency = 20 * time.Millisecond
		s.Inject(qianfantest.Fault{Times: 1, Delay: time.Minute})
		start := time.Now()
		send(t, s, newOrder().request(t))
		slow := time.Since(start)
		send(t, s, newOrder().request(t))
		if usual := time.Since(start) - slow; slow != time.Minute+s.Latency || usual != s.Latency {
			t.Errorf("took %v, then %v", slow, usual)
		}

		s.Inject(qianfantest.Fault{Delay: time.Hour})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := s.Transport().RoundTrip(newOrder().request(t).WithContext(ctx)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a caller who leaves gets %v", err)
		}
		synctest.Wait()
		if calls := s.Calls(); len(calls) != 3 || calls[2].Outcome != "caller left" {
			t.Errorf("recorded %+v", calls)
		}
	})
}

func TestItWorksOnLoopbackToo(t *testing.T) {
	var s qianfantest.Server
	s.SeedExample(time.Now())
	loopback := httptest.NewServer(&s)
	defer loopback.Close()
	client := &qianfan.Client{AccessKey: qianfantest.AccessKey, SecretKey: qianfantest.SecretKey, BaseURL: loopback.URL}
	defer client.Close()
	reading, err := client.ComputeUnits(t.Context(), qianfan.Query{ServiceID: qianfantest.HealthyService})
	if err != nil || len(reading.Instances) != 2 {
		t.Errorf("got %+v, %v", reading, err)
	}
	s.Close() // nothing was started in memory
}

func TestTheRecordIsBounded(t *testing.T) {
	var s qianfantest.Server
	const calls = 10_003
	for range calls {
		s.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("POST", "/", http.NoBody))
	}
	record := s.Calls()
	if len(record) != 10_000 || s.CallCount() != calls {
		t.Errorf("remembers %d of %d calls", len(record), s.CallCount())
	}
	if oldest, newest := record[0].RequestID, record[len(record)-1].RequestID; oldest != "qianfantest-000004" || newest != "qianfantest-010003" {
		t.Errorf("remembers %s to %s", oldest, newest)
	}
}

func TestTheExampleIsAsPromised(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t)
		now := time.Now()
		s.SeedExample(now)
		client := s.Client()
		read := func(service string) []qianfan.Instance {
			t.Helper()
			reading, err := client.ComputeUnits(t.Context(), qianfan.Query{ServiceID: service})
			if err != nil {
				t.Fatal(err)
			}
			for _, in := range reading.Instances {
				if in.Start.After(now) && in.ID != "a0085162xxx9d19e58e" {
					t.Errorf("%s of %s starts only at %v", in.ID, service, in.Start)
				}
			}
			return reading.Instances
		}

		example := read(qianfantest.ExampleService)
		documented := qianfan.Instance{ID: "a0085162xxx9d19e58e", Timing: qianfan.Prepaid, Replicas: 5, Status: qianfan.Running,
			Start: time.Date(2024, 4, 1, 10, 0, 0, 0, time.UTC), Expires: time.Date(2024, 5, 1, 10, 0, 0, 0, time.UTC)}
		if len(example) != 7 || example[0] != documented {
			t.Errorf("got %+v", example)
		}
		const day = 24 * time.Hour
		for _, left := range []time.Duration{5 * time.Hour, 2*day + 3*time.Hour, 6 * day, 20 * day} {
			found := false
			for _, in := range example {
				found = found || in.Expires.Equal(now.Add(left)) && in.Timing == qianfan.Prepaid && in.Status == qianfan.Running
			}
			if !found {
				t.Errorf("nothing expires in %v", left)
			}
		}
		if creating := example[5]; creating.Status != qianfan.Creating || creating.ExpiryKnown() || !creating.Start.IsZero() {
			t.Errorf("got %+v", creating)
		}
		if example[6].Timing != qianfan.Postpaid {
			t.Errorf("got %+v", example[6])
		}
		if n := len(read(qianfantest.HealthyService)); n != 2 {
			t.Errorf("%d healthy instances", n)
		}
		if n := len(read(qianfantest.EmptyService)); n != 0 {
			t.Errorf("%d instances of the empty service", n)
		}
		ids := make(map[string]bool)
		for _, in := range read(qianfantest.BigService) {
			ids[in.ID] = true
		}
		if len(ids) != 130 {
			t.Errorf("%d different instances of the big service", len(ids))
		}
	})
}

// Each form differs from the right answer and from the others, and looks like a
// success.
func TestAnswersInOtherForms(t *testing.T) {
	seen := make(map[string]qianfantest.Form)
	for _, form := range append(qianfantest.Forms(), "") {
		synctest.Test(t, func(t *testing.T) {
			s := newServer(t)
			s.SeedExample(time.Now())
			s.Inject(qianfantest.Fault{Form: form})
			got := send(t, s, newOrder().request(t))
			if other, same := seen[got.body]; same || got.status != 200 || !strings.Contains(got.body, `"result":{`) {
				t.Errorf("%s: as %q, %d\n%s", form, other, got.status, got.body)
			}
			seen[got.body] = form
		})
	}
}
