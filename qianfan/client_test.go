package qianfan_test

import (
	"bytes"
	"errors"
	"go/parser"
	"go/token"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"computeunits/qianfan"
	"computeunits/qianfan/qianfantest"
	"computeunits/qianfan/qianfantest/memnet"
)

const service = "svco-48exxxa594"

// start returns a simulated Qianfan that knows the service, with the instance
// of the documentation, and a client of it. Call it in a bubble.
func start(t *testing.T) (*qianfantest.Server, *qianfan.Client) {
	t.Helper()
	server := new(qianfantest.Server)
	server.Set(service, documented())
	client := server.Client()
	t.Cleanup(func() {
		client.Close()
		server.Close()
	})
	return server, client
}

// documented is the instance of qianfan-api/s/9mwbl2jxf.
func documented() qianfantest.Instance {
	return qianfantest.Instance{
		ID: "a0085162xxx9d19e58e", PaymentTiming: "Prepaid", ReplicasCount: 5, Status: "Running",
		StartTime: "2024-04-01T10:00:00Z", ExpiredTime: "2024-05-01T10:00:00Z",
	}
}

func TestTheDocumentedAnswerIsRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, client := start(t)
		time.Sleep(time.Hour)
		reading, err := client.ComputeUnits(t.Context(), qianfan.Query{ServiceID: service, Timing: qianfan.Prepaid})
		if err != nil {
			t.Fatal(err)
		}
		want := qianfan.Instance{
			ID: "a0085162xxx9d19e58e", Timing: qianfan.Prepaid, Replicas: 5, Status: qianfan.Running,
			Start:   time.Date(2024, 4, 1, 10, 0, 0, 0, time.UTC),
			Expires: time.Date(2024, 5, 1, 10, 0, 0, 0, time.UTC),
		}
		if len(reading.Instances) != 1 || reading.Instances[0] != want {
			t.Errorf("got %+v\nwant %+v", reading.Instances, want)
		}
		at := time.Date(2000, 1, 1, 1, 0, 0, 0, time.UTC) // bubbles begin in 2000
		if reading.ServiceID != service || reading.RequestID != "qianfantest-000001" || reading.At != at {
			t.Errorf("got %+v", reading)
		}
	})
}

// At the instant of the published vector V1 the request is known byte by byte.
func TestTheRequestIsTheDocumentedOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)))
		want := strings.ReplaceAll(`POST /v2/serviceresources?Action=DescribeComputeUnits HTTP/1.1
Host: qianfan.baidubce.com
User-Agent: computeunits
Content-Length: 57
Authorization: bce-auth-v1/ALTAKfakeAccessKeyForTests/2026-01-02T03:04:05Z/1800/host;x-bce-date/92b78970b977f4a883aeeaa5cda17e3e5c7290a2a125433b5aa62b88950319e4
Content-Type: application/json
X-Bce-Date: 2026-01-02T03:04:05Z

{"serviceId":"svco-48exxxa594","paymentTiming":"Prepaid"}`, "\n", "\r\n")

		listener := memnet.Listen()
		defer listener.Close()
		sent := make(chan string, 1)
		go func() {
			conn, err := listener.Accept()
			if err != nil {
				t.Error(err)
			}
			defer conn.Close()
			request := make([]byte, len(want))
			if _, err := io.ReadFull(conn, request); err != nil {
				t.Error(err)
			}
			sent <- string(request)
			const answer = `{"requestId":"1","result":{"instances":[]}}`
			io.WriteString(conn, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: "+strconv.Itoa(len(answer))+"\r\n\r\n"+answer)
		}()
		client := &qianfan.Client{
			AccessKey: "ALTAKfakeAccessKeyForTests",
			SecretKey: "fakeSecretKeyForTests0123456789ab",
			HTTP:      &http.Client{Transport: &http.Transport{DialTLSContext: listener.DialContext, DisableCompression: true}},
		}
		if _, err := client.ComputeUnits(t.Context(), qianfan.Query{ServiceID: service, Timing: qianfan.Prepaid}); err != nil {
			t.Error(err)
		}
		if got := <-sent; got != want {
			t.Errorf("sent\n%s\nwant\n%s", got, want)
		}
	})
}

func TestItsOwnHTTPClientAddsNoHeaderOfItsOwn(t *testing.T) {
	var server qianfantest.Server
	server.Set(service)
	loopback := httptest.NewServer(&server)
	defer loopback.Close()
	client := &qianfan.Client{AccessKey: qianfantest.AccessKey, SecretKey: qianfantest.SecretKey, BaseURL: loopback.URL}
	defer client.Close()
	if _, err := client.ComputeUnits(t.Context(), qianfan.Query{ServiceID: service}); err != nil {
		t.Fatal(err)
	}
	call := server.Calls()[0]
	got := slices.Sorted(maps.Keys(call.Header))
	want := []string{"Authorization", "Content-Length", "Content-Type", "User-Agent", "X-Bce-Date"}
	if !slices.Equal(got, want) {
		t.Errorf("sent %q, want %q", got, want)
	}
	if call.Host != strings.TrimPrefix(loopback.URL, "http://") {
		t.Errorf("sent to %q, with what port was it signed?", call.Host)
	}
}

func TestTheBodySaysWhatWasAsked(t *testing.T) {
	for _, tt := range []struct {
		query qianfan.Query
		want  string
	}{
		{qianfan.Query{ServiceID: "svco-a"}, `{"serviceId":"svco-a"}`},
		{qianfan.Query{ServiceID: "svco-a", Background: true}, `{"serviceId":"svco-a"}`},
		{qianfan.Query{ServiceID: "svco-a", Timing: qianfan.Postpaid}, `{"serviceId":"svco-a","paymentTiming":"Postpaid"}`},
		{qianfan.Query{ServiceID: ` <a&b> "服务" `}, `{"serviceId":" <a&b> \"服务\" "}`},
	} {
		synctest.Test(t, func(t *testing.T) {
			server, client := start(t)
			server.Set(tt.query.ServiceID)
			if _, err := client.ComputeUnits(t.Context(), tt.query); err != nil {
				t.Error(err)
			}
			if got := server.Calls()[0].Body; got != tt.want {
				t.Errorf("%+v was sent as %s, want %s", tt.query, got, tt.want)
			}
		})
	}
}

func TestTheBaseURLMayHaveASlashAPortAndAPath(t *testing.T) {
	for _, tt := range []struct{ base, prefix, host, uri string }{
		{"https://qianfan.baidubce.com", "", "qianfan.baidubce.com", "/v2/serviceresources"},
		{"https://qianfan.baidubce.com/", "", "qianfan.baidubce.com", "/v2/serviceresources"},
		{"http://127.0.0.1:8080", "", "127.0.0.1:8080", "/v2/serviceresources"},
		{"https://gateway.example:8443/qianfan/bj", "/qianfan/bj", "gateway.example:8443", "/qianfan/bj/v2/serviceresources"},
		{"https://gateway.example/qianfan%20bj/", "/qianfan bj", "gateway.example", "/qianfan%20bj/v2/serviceresources"},
		{"http://[::1]:8080/", "", "[::1]:8080", "/v2/serviceresources"},
		{"HTTPS://Qianfan.BaiduBCE.com:", "", "Qianfan.BaiduBCE.com", "/v2/serviceresources"},
	} {
		t.Run(tt.base, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server, client := start(t)
				server.Prefix = tt.prefix
				client.BaseURL = tt.base
				if err := qianfan.CheckBaseURL(tt.base); err != nil {
					t.Error(err)
				}
				if _, err := client.ComputeUnits(t.Context(), qianfan.Query{ServiceID: service}); err != nil {
					t.Error(err)
				}
				call := server.Calls()[0]
				if want := tt.uri + "?Action=DescribeComputeUnits"; call.Host != tt.host || call.URI != want {
					t.Errorf("asked %s for %s, want %s for %s", call.Host, call.URI, tt.host, want)
				}
			})
		})
	}
}

func TestABaseURLThatCannotBeUsedIsRefusedInWords(t *testing.T) {
	for base, want := range map[string]string{
		"qianfan.baidubce.com":                "form https://host",
		"ftp://qianfan.baidubce.com":          "form https://host",
		"https://":                            "form https://host",
		"https://ho st":                       "not a URL",
		"https://u:hunter2@host":              "user name",
		"https://u:hunter2@ho st":             "not a URL",
		"https://host?Action=Other":           "query",
		"https://host/#top":                   "fragment",
		"https://千帆.example":                  "ASCII",
		"http://[fe80::1%25eth0]:80":          "ASCII",
		"https://host/\x00":                   "not a URL",
		"mailto:somebody@qianfan.baidubce.cn": "form https://host",
	} {
		err := qianfan.CheckBaseURL(base)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: %v, want something about %q", base, err, want)
		}
		client := &qianfan.Client{AccessKey: "a", SecretKey: "s", BaseURL: base}
		if _, asked := client.ComputeUnits(t.Context(), qianfan.Query{ServiceID: service}); asked == nil || !strings.Contains(asked.Error(), err.Error()) {
			t.Errorf("%q: asking says %v", base, asked)
		}
	}
}

func TestKeysThatCannotSignAreRefusedInWords(t *testing.T) {
	for _, tt := range []struct{ accessKey, secretKey, want string }{
		{"", "", "the access key is missing"},
		{"ALTAKx", "", "the secret key is missing"},
		{"", "s3cr3t", "the access key is missing"},
		{"bce-v3/ALTAK-s3cr3t/00", "s3cr3t", "the access key is an API key for model calls"},
		{"ALTAKx", "bce-v3/ALTAK-s3cr3t/00", "the secret key is an API key for model calls"},
		{"ALTAKx\n", "s3cr3t", "the access key contains white space"},
		{"ALTAKx", "s3cr3t ", "the secret key contains white space"},
		{"ALTAKx", "s3cr3t\x00", "the secret key contains white space or a control character"},
		{"ALTAKx", "s3cr3t", ""},
	} {
		err := qianfan.CheckKey(tt.accessKey, tt.secretKey)
		if (err == nil) != (tt.want == "") {
			t.Errorf("%q, %q: %v", tt.accessKey, tt.secretKey, err)
		}
		if err == nil {
			continue
		}
		if !strings.HasPrefix(err.Error(), tt.want) || strings.Contains(err.Error(), "s3cr3t") {
			t.Errorf("%q, %q: %v, want %s", tt.accessKey, tt.secretKey, err, tt.want)
		}
		if missing := strings.Contains(tt.want, "API key") || strings.Contains(tt.want, "missing"); missing && !strings.Contains(err.Error(), "QianfanServiceReadAccessPolicy") {
			t.Errorf("%v does not say what to use instead", err)
		}
		client := &qianfan.Client{AccessKey: tt.accessKey, SecretKey: tt.secretKey}
		if _, asked := client.ComputeUnits(t.Context(), qianfan.Query{ServiceID: service}); asked == nil || !strings.Contains(asked.Error(), err.Error()) {
			t.Errorf("asking says %v", asked)
		}
	}
}

func TestTemporaryKeysSendAndSignTheirToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, _ := start(t)
		server.SessionToken = "fakeSTStoken/with+chars=="
		client := server.Client()
		if _, err := client.ComputeUnits(t.Context(), qianfan.Query{ServiceID: service}); err != nil {
			t.Error(err)
		}
		if auth := server.Calls()[0].Header.Get("Authorization"); !strings.Contains(auth, "/host;x-bce-date;x-bce-security-token/") {
			t.Errorf("signed %s", auth)
		}
	})
}

func TestAQuestionThatIsNoneIsNotSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, client := start(t)
		for _, q := range []qianfan.Query{{}, {ServiceID: service, Timing: "prepaid"}} {
			if reading, err := client.ComputeUnits(t.Context(), q); err == nil {
				t.Errorf("%+v: %+v", q, reading)
			}
		}
		if n := server.CallCount(); n != 0 {
			t.Errorf("%d calls", n)
		}
	})
}

func TestARedirectIsNotFollowed(t *testing.T) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		var elsewhere atomic.Int32
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/elsewhere" {
				elsewhere.Add(1)
				return
			}
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(status)
		}))
		theirs := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return nil }}
		client := &qianfan.Client{AccessKey: "a", SecretKey: "s", BaseURL: server.URL, HTTP: theirs}
		_, err := client.ComputeUnits(t.Context(), qianfan.Query{ServiceID: service})
		if refusal, ok := err.(*qianfan.Error); !ok || refusal.Status != status || elsewhere.Load() != 0 {
			t.Errorf("%d: got %v after %d requests elsewhere", status, err, elsewhere.Load())
		}
		server.Close()
	}
}

// The default transport keeps two idle connections a host; a crowd would dial
// for nearly every question.
func TestConnectionsAreReused(t *testing.T) {
	var server qianfantest.Server
	server.Set("svco-a")
	var dialed atomic.Int32
	loopback := httptest.NewUnstartedServer(&server)
	loopback.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			dialed.Add(1)
		}
	}
	loopback.Start()
	defer loopback.Close()
	client := &qianfan.Client{AccessKey: qianfantest.AccessKey, SecretKey: qianfantest.SecretKey, BaseURL: loopback.URL}
	defer client.Close()

	const people, questions = 20, 25
	var crowd sync.WaitGroup
	for person := range people {
		name := "svco-" + strconv.Itoa(person) // or they would share their calls
		server.Set(name)
		crowd.Go(func() {
			for range questions {
				if _, err := client.ComputeUnits(t.Context(), qianfan.Query{ServiceID: name}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	crowd.Wait()
	// A few more than people: a transport dials ahead when all are busy.
	if n := dialed.Load(); n > 2*people {
		t.Errorf("%d connections for %d questions of %d people", n, people*questions, people)
	}
	if n := server.CallCount(); n != people*questions {
		t.Errorf("%d calls", n)
	}
}

func TestAnAnswerWithoutEndIsNotReadToIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, client := start(t)
		filler := bytes.Repeat([]byte(" "), 8<<20)
		server.Inject(qianfantest.Fault{Body: string(filler) + `{"result":{"instances":[]}}`})
		_, err := client.ComputeUnits(t.Context(), qianfan.Query{ServiceID: service})
		if refusal, ok := err.(*qianfan.Error); !ok || refusal.Temporary() || !strings.Contains(err.Error(), "longer than") {
			t.Errorf("got %v", err)
		}
		time.Sleep(time.Second) // net/http lingers over what it could not write
	})
}

func TestProductionCodeNeedsTheStandardLibraryAlone(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range file.Imports {
			path, _ := strconv.Unquote(spec.Path.Value)
			if first, _, _ := strings.Cut(path, "/"); strings.Contains(first, ".") || first == "computeunits" {
				t.Errorf("%s imports %s", name, path)
			}
		}
	}
}

func TestASimulatedWorldHasItsOwnClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		later := func() time.Time { return time.Now().Add(7 * 24 * time.Hour) }
		server := &qianfantest.Server{Now: later}
		server.Set("svco-1")
		client := server.Client()
		defer server.Close()
		defer client.Close()
		client.Now = later
		reading, err := client.ComputeUnits(t.Context(), qianfan.Query{ServiceID: "svco-1"})
		if err != nil || !reading.At.Equal(later()) || reading.At.Location() != time.UTC {
			t.Errorf("%v, read at %v", err, reading.At)
		}
	})
}

// Whether the clock of this machine is right, every answer tells, also a refusal.
func TestAnswersTellHowFarTheClockIsAhead(t *testing.T) {
	for name, off := range map[string]time.Duration{"right": 0, "ahead": 400 * 24 * time.Hour, "behind": -90 * time.Minute} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server, client := start(t)
				server.Set(service, documented())
				client.Now = func() time.Time { return time.Now().Add(off) }
				server.Now = func() time.Time { return time.Now() }
				reading, err := client.ComputeUnits(t.Context(), qianfan.Query{ServiceID: service})
				tells := interface{ Ahead() (time.Duration, bool) }(reading)
				if refusal, ok := errors.AsType[*qianfan.Error](err); ok { // RequestExpired
					tells = refusal
				} else if err != nil {
					t.Fatal(err)
				}
				if by, ok := tells.Ahead(); !ok || by.Round(time.Second) != off {
					t.Errorf("the clock is ahead by %v, %v", by, ok)
				}
			})
		})
	}
	if _, ok := (qianfan.Reading{At: time.Now()}).Ahead(); ok {
		t.Error("an answer without a date tells the time")
	}
}
