package qianfan_test

import (
	"bytes"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"computeunits/qianfan"
	"computeunits/qianfan/qianfantest"
)

// Every other form of a field that occurs, or may, and what is made of it. The
// row it stands in always survives.
func TestAFieldMayTakeManyForms(t *testing.T) {
	instant := time.Date(2030, 1, 25, 12, 30, 30, 0, time.UTC)
	type (
		wire   = qianfantest.Instance
		parsed = qianfan.Instance
	)
	absent := qianfantest.Absent{}
	for _, tt := range []struct {
		name   string
		change func(*wire)
		want   func(*parsed)
		warns  string // contained in the log; "": silent
	}{
		{"as documented", func(*wire) {}, func(*parsed) {}, ""},

		{"Creating", func(w *wire) { w.Status, w.StartTime, w.ExpiredTime = "Creating", "", "" },
			func(p *parsed) { p.Status, p.Start, p.Expires = qianfan.Creating, time.Time{}, time.Time{} }, ""},
		{"status 1", func(w *wire) { w.Status = 1 }, func(p *parsed) { p.Status = qianfan.Creating }, ""},
		{"status 2", func(w *wire) { w.Status = 2 }, func(p *parsed) { p.Status = qianfan.Running }, ""},
		{"status 3", func(w *wire) { w.Status = 3 }, func(p *parsed) { p.Status = qianfan.Deleted }, ""},
		{"status 1 in a string", func(w *wire) { w.Status = "1" }, func(p *parsed) { p.Status = qianfan.Creating }, ""},
		{"status in capitals", func(w *wire) { w.Status = "DELETED" }, func(p *parsed) { p.Status = qianfan.Deleted }, ""},
		{"an unknown status", func(w *wire) { w.Status = "Hibernated" }, func(p *parsed) { p.Status = "Hibernated" }, ""},
		{"an unknown number", func(w *wire) { w.Status = 12 }, func(p *parsed) { p.Status = "12" }, ""},
		{"status in Chinese", func(w *wire) { w.Status = "运行\n\"中\"" }, func(p *parsed) { p.Status = "运行\n\"中\"" }, ""},
		{"no status", func(w *wire) { w.Status = absent }, func(p *parsed) { p.Status = "" }, ""},
		{"status null", func(w *wire) { w.Status = nil }, func(p *parsed) { p.Status = "" }, ""},
		{"status that is an object", func(w *wire) { w.Status = map[string]int{"code": 2} }, func(p *parsed) { p.Status = "" }, `status \"{\\\"code\\\":2}\"`},

		{"timing in lower case", func(w *wire) { w.PaymentTiming = "prepaid" }, func(*parsed) {}, ""},
		{"postpaid", func(w *wire) { w.PaymentTiming = "Postpaid" }, func(p *parsed) { p.Timing = qianfan.Postpaid }, ""},
		{"another action's word", func(w *wire) { w.PaymentTiming = "Prepay" }, func(p *parsed) { p.Timing = "Prepay" }, ""},
		{"no timing", func(w *wire) { w.PaymentTiming = absent }, func(p *parsed) { p.Timing = "" }, ""},
		{"timing that is a list", func(w *wire) { w.PaymentTiming = []int{} }, func(p *parsed) { p.Timing = "" }, "paymentTiming"},

		{"replicas in a string", func(w *wire) { w.ReplicasCount = "5" }, func(*parsed) {}, ""},
		{"replicas with a fraction of zero", func(w *wire) { w.ReplicasCount = 5.0 }, func(*parsed) {}, ""},
		{"no replicas", func(w *wire) { w.ReplicasCount = absent }, func(p *parsed) { p.Replicas = 0 }, ""},
		{"replicas null", func(w *wire) { w.ReplicasCount = nil }, func(p *parsed) { p.Replicas = 0 }, ""},
		{"replicas in words", func(w *wire) { w.ReplicasCount = "five" }, func(p *parsed) { p.Replicas = 0 }, "replicasCount"},
		{"half a replica", func(w *wire) { w.ReplicasCount = 2.5 }, func(p *parsed) { p.Replicas = 0 }, "replicasCount"},
		{"less than no replicas", func(w *wire) { w.ReplicasCount = -1 }, func(p *parsed) { p.Replicas = 0 }, "replicasCount"},
		{"replicas without end", func(w *wire) { w.ReplicasCount = "1e300" }, func(p *parsed) { p.Replicas = 0 }, "replicasCount"},
		{"replicas that are no number", func(w *wire) { w.ReplicasCount = "NaN" }, func(p *parsed) { p.Replicas = 0 }, "replicasCount"},
		{"replicas that are true", func(w *wire) { w.ReplicasCount = true }, func(p *parsed) { p.Replicas = 0 }, "replicasCount"},

		{"expiry null", func(w *wire) { w.ExpiredTime = nil }, func(p *parsed) { p.Expires = time.Time{} }, ""},
		{"no expiry", func(w *wire) { w.ExpiredTime = absent }, func(p *parsed) { p.Expires = time.Time{} }, ""},
		{"expiry -", func(w *wire) { w.ExpiredTime = "-" }, func(p *parsed) { p.Expires = time.Time{} }, ""},
		{"expiry blank", func(w *wire) { w.ExpiredTime = " " }, func(p *parsed) { p.Expires = time.Time{} }, ""},
		{"Go's zero time", func(w *wire) { w.ExpiredTime = "0001-01-01T00:00:00Z" }, func(p *parsed) { p.Expires = time.Time{} }, ""},
		{"with an offset", func(w *wire) { w.ExpiredTime = "2030-01-25T20:30:30+08:00" }, func(*parsed) {}, ""},
		{"between blanks", func(w *wire) { w.ExpiredTime = " 2030-01-25T12:30:30Z " }, func(*parsed) {}, ""},
		{"without a zone", func(w *wire) { w.ExpiredTime = "2030-01-25 20:30:30" }, func(p *parsed) { p.ExpiresAssumedZone = true }, ""},
		{"expiry in words", func(w *wire) { w.ExpiredTime = "next spring" },
			func(p *parsed) { p.Expires, p.ExpiresRaw = time.Time{}, "next spring" }, "next spring"},
		{"expiry in a number", func(w *wire) { w.ExpiredTime = 1895574630 },
			func(p *parsed) { p.Expires, p.ExpiresRaw = time.Time{}, "1895574630" }, "1895574630"},
		{"expiry that is an object", func(w *wire) { w.ExpiredTime = map[string]int{"$date": 1} },
			func(p *parsed) { p.Expires, p.ExpiresRaw = time.Time{}, `{"$date":1}` }, "expiredTime"},
		{"expiry as long as a book", func(w *wire) { w.ExpiredTime = strings.Repeat("长", 1000) },
			func(p *parsed) { p.Expires, p.ExpiresRaw = time.Time{}, strings.Repeat("长", 66) }, "expiredTime"},
		{"start in words", func(w *wire) { w.StartTime = "long ago" }, func(p *parsed) { p.Start = time.Time{} }, "startTime"},
		{"start without a zone", func(w *wire) { w.StartTime = "2030-01-25 20:30:30" }, func(p *parsed) { p.Start = instant }, ""},

		{"no id", func(w *wire) { w.ID = "" }, func(p *parsed) { p.ID = "" }, "no instanceId"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				row := wire{ID: "a", PaymentTiming: "Prepaid", ReplicasCount: 5, Status: "Running",
					StartTime: "2030-01-25T12:30:30Z", ExpiredTime: "2030-01-25T12:30:30Z"}
				want := parsed{ID: "a", Timing: qianfan.Prepaid, Replicas: 5, Status: qianfan.Running, Start: instant, Expires: instant}
				neighbour, wantNeighbour := row, want
				tt.change(&row)
				tt.want(&want)

				server, client := start(t)
				var log bytes.Buffer
				client.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn}))
				server.Set(service, neighbour, row, neighbour)
				reading, err := client.ComputeUnits(t.Context(), qianfan.Query{ServiceID: service})
				if err != nil {
					t.Fatal(err)
				}
				if all := []parsed{wantNeighbour, want, wantNeighbour}; !slices.Equal(reading.Instances, all) {
					t.Errorf("got  %+v\nwant %+v", reading.Instances, all)
				}
				if got := reading.Instances[1]; got.ExpiryKnown() != !want.Expires.IsZero() {
					t.Errorf("expiry known: %v of %+v", got.ExpiryKnown(), got)
				}
				if got := log.String(); (got == "") != (tt.warns == "") || !strings.Contains(got, tt.warns) || strings.Count(got, "\n") > 1 {
					t.Errorf("logged %q, want something about %q in one line", got, tt.warns)
				}
			})
		})
	}
}

// A list of whose instances one is unreadable from end to end is not complete.
func TestARowThatIsNoneMakesTheListIncomplete(t *testing.T) {
	for _, row := range []string{`"a"`, `null`, `7`, `{}`, `{"id":"b","expires":"2026-01-01"}`, `[]`, `{"instanceId":null}`} {
		synctest.Test(t, func(t *testing.T) {
			server, client := start(t)
			server.SetRawResult(service, `{"instances":[{"instanceId":"b"},`+row+`]}`)
			reading, err := client.ComputeUnits(t.Context(), qianfan.Query{ServiceID: service})
			if e, ok := errors.AsType[*qianfan.Error](err); !ok || e.Code != qianfan.UnknownForm || e.Temporary() {
				t.Errorf("%s: %+v, %v", row, reading, err)
			}
		})
	}
}

// What beside a list says that it is not all there is, is believed.
func TestAListThatIsNotCompleteByItsOwnWords(t *testing.T) {
	for _, body := range []string{
		`{"requestId":"r","success":false,"result":{"instances":[]}}`,
		`{"requestId":"r","success":"false","result":{"instances":[]}}`,
		`{"requestId":"r","error":{"code":"InternalError"},"result":{"instances":[]}}`,
		`{"requestId":"r","result":{"instances":[],"error":"upstream timeout"}}`,
		`{"requestId":"r","result":{"instances":[],"errors":["upstream timeout"]}}`,
		`{"requestId":"r","result":{"instances":[],"code":"InternalError"}}`,
		`{"requestId":"r","result":{"instances":[],"success":false}}`,
		`{"requestId":"r","result":{"instances":[],"isTruncated":true}}`,
		`{"requestId":"r","result":{"instances":[{"instanceId":"a"}],"isTruncated":"true","nextMarker":"m"}}`,
		`{"requestId":"r","result":{"instances":[{"instanceId":"a"}],"nextMarker":"m"}}`,
		`{"requestId":"r","result":{"instances":[{"instanceId":"a"}],"pageInfo":{"isTruncated":true}}}`,
		`{"requestId":"r","result":{"instances":[{"instanceId":"a"}],"total":2}}`,
		`{"requestId":"r","result":{"instances":[],"totalCount":"3"}}`,
		`{"requestId":"r","result":{"computeUnits":[{"instanceId":"a"}]}}`,
		`{"requestId":"r","data":{"instances":[]}}`,
		`{"requestId":"r","result":{"instances":[],"computeUnits":[{"unitId":"a","endsAt":"2030-01-25T12:30:30Z"}]}}`,
		`{"requestId":"r","result":{"instances":[]},"data":{"instances":[{"instanceId":"a"}]}}`,
		`{"requestId":"r","result":{"instances":[{"instanceId":"a"}],"instancesBd":[{"instanceId":"b"}]}}`,
		`{"requestId":"r","result":{"instances":[],"byId":{"a":{"expiredTime":"2030-01-25T12:30:30Z"}}}}`,
		`{"requestId":"r","result":{"instances":[{"instanceId":"a"}],"instances":[]}}`,
		`{"requestId":"r","result":{"instances":[{"instanceId":"a"}],"Instances":[]}}`,
		`{"requestId":"r","result":{"instances":[{"instanceId":"a"}]},"result":{"instances":[]}}`,
		`{"requestId":"r","result":{"instances":[],"marker":"m"}}`,
		`{"requestId":"r","result":{"instances":[],"page_info":{"has_more":1}}}`,
		`{"requestId":"r","result":{"instances":[]},"pageInfo":{"totalCount":3}}`,
		`{"requestId":"r","result":{"instances":[],"errorCode":"InternalError"}}`,
		`{"requestId":"r","result":{"instances":[],"status":{"code":500}}}`,
		`{"requestId":"r","status":"failed","result":{"instances":[]}}`,
		`{"requestId":"r","result":{"instances":{}}}`,
	} {
		synctest.Test(t, func(t *testing.T) {
			server, client := start(t)
			server.Inject(qianfantest.Fault{Body: body})
			reading, err := client.ComputeUnits(t.Context(), qianfan.Query{ServiceID: service})
			if e, ok := errors.AsType[*qianfan.Error](err); !ok || e.Code != qianfan.UnknownForm || e.RequestID != "r" {
				t.Errorf("%s: %+v, %v", body, reading, err)
			}
		})
	}
	synctest.Test(t, func(t *testing.T) {
		server, client := start(t)
		server.Inject(qianfantest.Fault{Status: 206, Body: `{"requestId":"r","result":{"instances":[]}}`})
		if reading, err := client.ComputeUnits(t.Context(), qianfan.Query{ServiceID: service}); err == nil {
			t.Errorf("partial content is read as %+v", reading)
		}
	})
	for _, body := range []string{ // nothing here says otherwise
		`{"requestId":"r","success":true,"error":null,"result":{"instances":[],"isTruncated":false,"nextMarker":"","total":0,"errors":[]}}`,
		`{"requestId":"r","code":"0","result":{"instances":[{"instanceId":"a"}],"totalCount":1,"pageInfo":{"isTruncated":false,"maxKeys":10}}}`,
		`{"requestId":"r","status":"success","result":{"instances":[{"instanceId":"a"}],"code":200,"regions":[{"name":"bj"}],"tags":["x"],"total":1}}`,
	} {
		synctest.Test(t, func(t *testing.T) {
			server, client := start(t)
			server.Inject(qianfantest.Fault{Body: body})
			if _, err := client.ComputeUnits(t.Context(), qianfan.Query{ServiceID: service}); err != nil {
				t.Errorf("%s: %v", body, err)
			}
		})
	}
}

func TestAttemptsAreLoggedForThoseWhoLook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, client := start(t)
		var log bytes.Buffer
		client.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		server.Inject(qianfantest.Fault{Times: 1, Status: 500, Message: "down"})
		if _, err := client.ComputeUnits(t.Context(), qianfan.Query{ServiceID: service, Timing: qianfan.Prepaid}); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSpace(log.String()), "\n")
		if len(lines) != 2 || !strings.Contains(lines[0], "attempt=1") || !strings.Contains(lines[0], "HTTP 500: down") ||
			!strings.Contains(lines[1], "attempt=2") || !strings.Contains(lines[1], "request_id=qianfantest-000002") || !strings.Contains(lines[1], "timing=Prepaid") {
			t.Errorf("logged\n%s", log.String())
		}
	})
}
