package qianfantest_test

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/baidubce/bce-sdk-go/auth"
	bcehttp "github.com/baidubce/bce-sdk-go/http"

	"computeunits/qianfan/qianfantest"
)

const (
	host      = "qianfan.baidubce.com"
	path      = "/v2/serviceresources"
	docsBody  = `{"serviceId": "svco-48exxxa594", "paymentTiming": "Prepaid"}`
	emptySeen = `Signature is invalid: Signature is empty.`
)

// The request of Baidu's documentation with the signature of the published
// vector V1, byte by byte: nothing of this module had a hand in it.
func TestTheDocumentedRequestGetsTheDocumentedAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)))
		s := newServer(t)
		s.Set("svco-48exxxa594", qianfantest.Instance{
			ID: "a0085162xxx9d19e58e", PaymentTiming: "Prepaid", ReplicasCount: 5, Status: "Running",
			StartTime: "2024-04-01T10:00:00Z", ExpiredTime: time.Date(2024, 5, 1, 18, 0, 0, 0, time.FixedZone("CST", 8*3600)),
		})
		req, err := http.NewRequest("POST", "https://"+host+path+"?Action=DescribeComputeUnits", strings.NewReader(docsBody))
		if err != nil {
			t.Fatal(err)
		}
		req.Header = http.Header{
			"Content-Type": {"application/json"},
			"X-Bce-Date":   {"2026-01-02T03:04:05Z"},
			"Authorization": {"bce-auth-v1/ALTAKfakeAccessKeyForTests/2026-01-02T03:04:05Z/1800/host;x-bce-date/" +
				"92b78970b977f4a883aeeaa5cda17e3e5c7290a2a125433b5aa62b88950319e4"},
		}
		got := send(t, s, req)
		want := `{"requestId":"qianfantest-000001","result":{"instances":[{"instanceId":"a0085162xxx9d19e58e",` +
			`"paymentTiming":"Prepaid","replicasCount":5,"status":"Running",` +
			`"startTime":"2024-04-01T10:00:00Z","expiredTime":"2024-05-01T10:00:00Z"}]}}`
		if got.status != http.StatusOK || got.body != want {
			t.Errorf("answered %d\n%s, want\n%s", got.status, got.body, want)
		}
		if id := got.header.Get("X-Bce-Request-Id"); id != "qianfantest-000001" {
			t.Errorf("the header says request %q", id)
		}
	})
}

// order is a request that is in order until a test spoils it.
type order struct {
	server               qianfantest.Server
	method, path, query  string
	accessKey, secretKey string
	token                string
	signedHost           string
	signed               []string // names of the headers that are signed
	at                   time.Time
	seconds              int
	header               map[string]string // set after signing; "" removes
	body                 string
}

func TestItRefusesWhatTheOriginalRefuses(t *testing.T) {
	for _, tt := range []struct {
		name    string
		spoil   func(*order)
		status  int
		code    string
		message string
	}{
		{"nothing wrong", func(*order) {}, 200, "", ""},
		{"no signature", func(o *order) { o.header["Authorization"] = "" }, 400, "SignatureEmpty", emptySeen},
		{"a Bearer token", func(o *order) { o.header["Authorization"] = "Bearer bce-v3/ALTAK-x/y" }, 400, "InvalidHTTPAuthHeader", "authorization header is invalid"},
		{"another version", func(o *order) {
			o.header["Authorization"] = "bce-auth-v2/ak/2026-01-02T03:04:05Z/1800/host/00"
		}, 400, "InvalidHTTPAuthHeader", ""},
		{"a time that is none", func(o *order) { o.header["Authorization"] = "bce-auth-v1/ak/today/1800/host/00" }, 400, "InvalidHTTPAuthHeader", ""},
		{"a term that is none", func(o *order) { o.seconds = 0 }, 400, "InvalidHTTPAuthHeader", ""},
		{"host not signed", func(o *order) { o.signed = []string{"x-bce-date"} }, 400, "InvalidHTTPAuthHeader", ""},
		{"headers out of order", func(o *order) {
			o.header["Authorization"] = "bce-auth-v1/" + qianfantest.AccessKey + "/" + stamp(o.at) + "/1800/x-bce-date;host/00"
		}, 400, "InvalidHTTPAuthHeader", ""},
		{"no x-bce-date", func(o *order) { o.header["X-Bce-Date"] = "" }, 400, "InvalidHTTPAuthHeader", ""},
		{"another x-bce-date", func(o *order) { o.header["X-Bce-Date"] = stamp(o.at.Add(time.Second)) }, 400, "InvalidHTTPAuthHeader", ""},

		{"an unknown access key", func(o *order) { o.accessKey = "ALTAKunknown" }, 403, "InvalidAccessKeyId", "NotFound, cause: Could not find credential."},
		{"a wrong secret key", func(o *order) { o.secretKey = "wrong" }, 400, "SignatureDoesNotMatch", "SignatureDoesNotMatch, cause: Fail to authn user: Signature does not match"},
		{"host signed without its port", func(o *order) { o.header["Host"] = host + ":8443" }, 400, "SignatureDoesNotMatch", ""},
		{"host signed with its port", func(o *order) { o.signedHost, o.header["Host"] = host+":8443", host+":8443" }, 200, "", ""},
		{"a query that was not signed", func(o *order) { o.query += "&marker=1" }, 400, "SignatureDoesNotMatch", ""},
		{"a signed header that changed", func(o *order) {
			o.signed = append(o.signed, "content-type")
			o.header["Content-Type"] = "application/json;charset=utf-8"
		}, 400, "SignatureDoesNotMatch", ""},

		{"29 minutes old", func(o *order) { o.at = o.at.Add(-29 * time.Minute) }, 200, "", ""},
		{"31 minutes old", func(o *order) { o.at, o.seconds = o.at.Add(-31*time.Minute), 3600 }, 400, "RequestExpired", "Request has expired"},
		{"31 minutes early", func(o *order) { o.at = o.at.Add(31 * time.Minute) }, 400, "RequestExpired", ""},
		{"past its own term", func(o *order) { o.at, o.seconds = o.at.Add(-6*time.Minute), 300 }, 400, "RequestExpired", ""},

		{"temporary keys without their token", func(o *order) { o.server.SessionToken = "t" }, 403, "InvalidAccessKeyId", ""},
		{"temporary keys with another token", func(o *order) {
			o.server.SessionToken, o.token = "t", "u"
			o.signed = append(o.signed, "x-bce-security-token")
		}, 403, "InvalidAccessKeyId", ""},
		{"temporary keys that do not sign the token", func(o *order) {
			o.server.SessionToken, o.header["X-Bce-Security-Token"] = "t", "t"
		}, 400, "InvalidHTTPAuthHeader", ""},
		{"temporary keys", func(o *order) {
			o.server.SessionToken, o.token = "fakeSTStoken/with+chars==", "fakeSTStoken/with+chars=="
			o.signed = append(o.signed, "x-bce-security-token")
		}, 200, "", ""},
		{"a token beside permanent keys", func(o *order) { o.header["X-Bce-Security-Token"] = "t" }, 403, "InvalidAccessKeyId", ""},

		{"GET", func(o *order) { o.method = "GET" }, 400, "InvalidHTTPRequest", ""},
		{"another path", func(o *order) { o.path = "/v2/computeunit" }, 404, "InvalidVersion", ""},
		{"a slash at the end", func(o *order) { o.path += "/" }, 404, "InvalidVersion", ""},
		{"another Action", func(o *order) { o.query = "Action=DescribeComputeUnit" }, 404, "InvalidVersion", ""},
		{"no Action", func(o *order) { o.query = "" }, 404, "InvalidVersion", ""},
		{"behind a gateway's prefix", func(o *order) { o.server.Prefix, o.path = "/proxy", "/proxy"+path }, 200, "", ""},
		{"without the gateway's prefix", func(o *order) { o.server.Prefix = "/proxy" }, 404, "InvalidVersion", ""},

		{"a form", func(o *order) { o.header["Content-Type"] = "application/x-www-form-urlencoded" }, 400, "InvalidHTTPRequest", ""},
		{"no body", func(o *order) { o.body = "" }, 400, "MalformedJSON", "not well-formed"},
		{"half a body", func(o *order) { o.body = `{"serviceId": "svco-a"` }, 400, "MalformedJSON", ""},
		{"two bodies", func(o *order) { o.body = docsBody + docsBody }, 400, "MalformedJSON", ""},
		{"a list", func(o *order) { o.body = `["svco-a"]` }, 400, "InappropriateJSON", "not appropriate"},
		{"null", func(o *order) { o.body = `null` }, 400, "InappropriateJSON", ""},
		{"no serviceId", func(o *order) { o.body = `{"serviceid": "svco-a"}` }, 400, "InappropriateJSON", ""},
		{"a serviceId that is no string", func(o *order) { o.body = `{"serviceId": 48}` }, 400, "InappropriateJSON", ""},
		{"an empty serviceId", func(o *order) { o.body = `{"serviceId": ""}` }, 400, "InappropriateJSON", ""},
		{"prepaid in lower case", func(o *order) { o.body = `{"serviceId": "svco-a", "paymentTiming": "prepaid"}` }, 400, "InappropriateJSON", ""},
		{"an empty paymentTiming", func(o *order) { o.body = `{"serviceId": "svco-a", "paymentTiming": ""}` }, 400, "InappropriateJSON", ""},
		{"a paymentTiming of null", func(o *order) { o.body = `{"serviceId": "svco-a", "paymentTiming": null}` }, 400, "InappropriateJSON", ""},
		{"a field it does not know", func(o *order) { o.body = `{"serviceId": "svco-a", "region": "bj"}` }, 200, "", ""},

		{"an unknown service", func(o *order) { o.body = `{"serviceId": "svco-unknown"}` }, 404, "ResourceNotFound", ""},
		{"an unknown service, refused in another way", func(o *order) {
			o.body = `{"serviceId": "svco-unknown"}`
			o.server.UnknownService = qianfantest.Refusal{Status: 400, Code: "InvalidService", Message: "who?"}
		}, 400, "InvalidService", "who?"},
		{"an unknown service, taken for an empty one", func(o *order) {
			o.body = `{"serviceId": "svco-unknown"}`
			o.server.UnknownService.Status = 200
		}, 200, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := newOrder()
				tt.spoil(o)
				o.server.Set("svco-a")
				o.server.Set("svco-48exxxa594")
				t.Cleanup(o.server.Close)
				got := send(t, &o.server, o.request(t))

				var answer struct {
					RequestID, Code, Message string
					Result                   *struct{ Instances []any }
				}
				if err := json.Unmarshal([]byte(got.body), &answer); err != nil {
					t.Fatalf("the answer is not JSON: %s", got.body)
				}
				if got.status != tt.status || answer.Code != tt.code || !strings.Contains(answer.Message, tt.message) {
					t.Errorf("answered %d %s, want %d %s %q", got.status, got.body, tt.status, tt.code, tt.message)
				}
				if (answer.Result != nil && answer.Result.Instances != nil) != (tt.status == 200) {
					t.Errorf("a result belongs to 200 alone: %d %s", got.status, got.body)
				}
				if answer.RequestID != got.header.Get("X-Bce-Request-Id") || (answer.RequestID == "") != (tt.code == "SignatureEmpty") {
					t.Errorf("request id %q in the body, %q in the header", answer.RequestID, got.header.Get("X-Bce-Request-Id"))
				}
				outcome := tt.code
				if outcome == "" {
					outcome = "ok"
				}
				if calls := o.server.Calls(); len(calls) != 1 || calls[0].Outcome != outcome || calls[0].Status != tt.status || calls[0].Body != o.body {
					t.Errorf("recorded %+v", calls)
				}
			})
		})
	}
}

func TestItAnswersWhatAServiceHas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t)
		ids := func(body string) []string {
			o := newOrder()
			o.body = body
			var answer struct {
				Result struct {
					Instances []struct {
						InstanceID  string
						ExpiredTime any
					}
				}
			}
			got := send(t, s, o.request(t))
			if err := json.Unmarshal([]byte(got.body), &answer); err != nil || got.status != 200 {
				t.Fatalf("%d %s", got.status, got.body)
			}
			var ids []string
			for _, in := range answer.Result.Instances {
				ids = append(ids, in.InstanceID)
			}
			return ids
		}
		check := func(got []string, want ...string) {
			t.Helper()
			if !slices.Equal(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
		}

		s.Set("svco-a",
			qianfantest.Instance{ID: "pre", PaymentTiming: "Prepaid", StartTime: qianfantest.Absent{}},
			qianfantest.Instance{ID: "post", PaymentTiming: "Postpaid"},
			qianfantest.Instance{ID: "odd", PaymentTiming: 7})
		check(ids(`{"serviceId":"svco-a"}`), "pre", "post", "odd")
		check(ids(`{"serviceId":"svco-a","paymentTiming":"Prepaid"}`), "pre")
		check(ids(`{"serviceId":"svco-a","paymentTiming":"Postpaid"}`), "post")

		if !s.Update("svco-a", "pre", func(in *qianfantest.Instance) { in.ID = "renewed" }) {
			t.Error("found no instance to update")
		}
		if s.Update("svco-a", "pre", func(*qianfantest.Instance) {}) || s.Update("svco-b", "post", func(*qianfantest.Instance) {}) {
			t.Error("updated what is not there")
		}
		if !s.Update("", "post", func(in *qianfantest.Instance) { in.PaymentTiming = "Prepaid" }) {
			t.Error("found no instance in any service")
		}
		check(ids(`{"serviceId":"svco-a","paymentTiming":"Prepaid"}`), "renewed", "post")

		s.Remove("svco-a")
		o := newOrder()
		o.body = `{"serviceId":"svco-a"}`
		if got := send(t, s, o.request(t)); got.status != 404 {
			t.Errorf("a removed service answers %d %s", got.status, got.body)
		}
	})
}

func TestAnInstanceCanHoldWhateverJSONCan(t *testing.T) {
	got, err := json.Marshal(qianfantest.Instance{
		PaymentTiming: qianfantest.Absent{}, ReplicasCount: "5", Status: 2, StartTime: nil, ExpiredTime: "2030-01-25 12:30:30",
	})
	want := `{"instanceId":"","replicasCount":"5","status":2,"startTime":null,"expiredTime":"2030-01-25 12:30:30"}`
	if string(got) != want || err != nil {
		t.Errorf("got %s, %v\nwant %s", got, err, want)
	}
}

func newServer(t *testing.T) *qianfantest.Server {
	s := new(qianfantest.Server)
	t.Cleanup(s.Close)
	return s
}

func newOrder() *order {
	return &order{
		method: "POST", path: path, query: "Action=DescribeComputeUnits",
		accessKey: qianfantest.AccessKey, secretKey: qianfantest.SecretKey,
		signedHost: host, signed: []string{"host", "x-bce-date"},
		at: time.Now(), seconds: 1800,
		header: map[string]string{"Content-Type": "application/json"},
		body:   docsBody,
	}
}

func stamp(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05Z") }

// request signs the order with Baidu's own signer. The headers of the order
// are set afterwards, so that they can contradict the signature.
func (o *order) request(t *testing.T) *http.Request {
	t.Helper()
	var signed bcehttp.Request
	signed.SetMethod(o.method)
	signed.SetUri(o.path)
	signed.SetParam("Action", "DescribeComputeUnits")
	signed.SetHeader("host", o.signedHost)
	signed.SetHeader("content-type", "application/json")
	if slices.Contains(o.signed, "x-bce-date") {
		signed.SetHeader("x-bce-date", stamp(o.at))
	}
	names := make(map[string]struct{})
	for _, name := range o.signed {
		names[name] = struct{}{}
	}
	new(auth.BceV1Signer).Sign(&signed,
		&auth.BceCredentials{AccessKeyId: o.accessKey, SecretAccessKey: o.secretKey, SessionToken: o.token},
		&auth.SignOptions{HeadersToSign: names, Timestamp: o.at.Unix(), ExpireSeconds: o.seconds})

	req, err := http.NewRequest(o.method, "https://"+host+o.path+"?"+o.query, bytes.NewReader([]byte(o.body)))
	if err != nil {
		t.Fatal(err)
	}
	header := map[string]string{
		"Authorization":        signed.Header("Authorization"),
		"X-Bce-Date":           stamp(o.at),
		"X-Bce-Security-Token": o.token,
	}
	maps.Copy(header, o.header)
	for name, value := range header {
		switch {
		case name == "Host":
			req.Host = value
		case value != "":
			req.Header.Set(name, value)
		}
	}
	return req
}

type response struct {
	status int
	header http.Header
	body   string
	err    error // of reading the body
}

func send(t *testing.T, s *qianfantest.Server, req *http.Request) response {
	t.Helper()
	resp, err := s.Transport().RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return response{resp.StatusCode, resp.Header, string(body), err}
}
