package qianfan_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"computeunits/qianfan"
	"computeunits/qianfan/qianfantest"
)

// Whatever comes instead of an answer, nobody may read it as "no instances".
func TestAnOutageIsNeverAnEmptyList(t *testing.T) {
	type fault = qianfantest.Fault
	for name, f := range map[string]fault{
		"connection refused half way":     {DropBefore: true},
		"connection cut before an answer": {DropAfter: true},
		"connection cut in the answer":    {Truncate: true},
		"an answer that never comes":      {Delay: time.Hour},

		"a proxy's page":              {HTML: true},
		"a captive portal's page":     {HTML: true, Status: 200},
		"a gateway's headers":         {HeaderOnly: true, Code: "BackendError"},
		"a gateway's headers and 200": {HeaderOnly: true, Code: "BackendError", Status: 200},
		"an empty error":              {Status: 500},
		"no content":                  {Status: 204, Body: " "},
		"a redirect":                  {Status: 302, Body: `{"requestId":"1","result":{"instances":[]}}`},
		"an error with a list":        {Status: 500, Body: `{"requestId":"1","result":{"instances":[]}}`},

		"white space":                  {Body: " \n"},
		"null":                         {Body: `null`},
		"true":                         {Body: `true`},
		"a number":                     {Body: `0`},
		"a string":                     {Body: `"result"`},
		"a list":                       {Body: `[]`},
		"an empty object":              {Body: `{}`},
		"a request id alone":           {Body: `{"requestId":"1"}`},
		"a result of null":             {Body: `{"requestId":"1","result":null}`},
		"a result that is empty":       {Body: `{"requestId":"1","result":{}}`},
		"a result that is a list":      {Body: `{"requestId":"1","result":[]}`},
		"a result that is a string":    {Body: `{"requestId":"1","result":"ok"}`},
		"a result that is true":        {Body: `{"requestId":"1","result":true}`},
		"instances of null":            {Body: `{"requestId":"1","result":{"instances":null}}`},
		"instances in an object":       {Body: `{"requestId":"1","result":{"instances":{}}}`},
		"instances in a string":        {Body: `{"requestId":"1","result":{"instances":"[]"}}`},
		"instances that are a number":  {Body: `{"requestId":"1","result":{"instances":0}}`},
		"another action's list":        {Body: `{"requestId":"1","result":{"computeUnitInstanceList":[]}}`},
		"a list outside of the result": {Body: `{"requestId":"1","instances":[]}`},
		"half a body":                  {Body: `{"requestId":"1","result":{"instances":[`},
		"a body without its end":       {Body: `{"requestId":"1","result":{"instances":[]}`},
		"a body with another behind":   {Body: `{"requestId":"1","result":{"instances":[]}}{}`},
		"not JSON":                     {Body: `result: {instances: []}`},

		"an old code beside a list":        {Body: `{"error_code":336501,"result":{"instances":[]}}`},
		"an old code in a string":          {Body: `{"error_code":"18","result":{"instances":[]}}`},
		"a code in a number beside a list": {Body: `{"code":336501,"msg":"slow down","result":{"instances":[]}}`},
		"a code beside a list":             {Body: `{"code":"AccessDenied","result":{"instances":[]}}`},
		"a code that is an object":         {Body: `{"code":{},"result":{"instances":[]}}`},
		"a code that is false":             {Body: `{"code":false,"result":{"instances":[]}}`},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server, client := start(t)
				server.Inject(f)
				reading, err := client.ComputeUnits(t.Context(), qianfan.Query{ServiceID: service})
				if err == nil {
					t.Fatalf("read as %+v", reading)
				}
				if reading.Instances != nil || reading.ServiceID != "" {
					t.Errorf("beside the error %v stands %+v", err, reading)
				}
				for _, part := range []string{"DescribeComputeUnits", service} {
					if !strings.Contains(err.Error(), part) {
						t.Errorf("%q does not name %s", err, part)
					}
				}
			})
		})
	}
}

func TestAnEmptyListIsAnAnswer(t *testing.T) {
	for _, body := range []string{
		`{"requestId":"1","result":{"instances":[]}}`,
		`{"requestId":"1","code":"","message":"","result":{"instances":[]}}`,
		`{"requestId":"1","code":null,"error_code":0,"error_msg":"success","result":{"instances":[]}}`,
		` { "result" : { "instances" : [ ] , "next" : 1 } , "code" : "0" } `,
	} {
		synctest.Test(t, func(t *testing.T) {
			server, client := start(t)
			server.Inject(qianfantest.Fault{Body: body})
			reading, err := client.ComputeUnits(t.Context(), qianfan.Query{ServiceID: service})
			if err != nil || reading.Instances == nil || len(reading.Instances) != 0 {
				t.Errorf("%s: %+v, %v", body, reading, err)
			}
		})
	}
}

func TestAnErrorKeepsWhatTheAnswerTold(t *testing.T) {
	type fault = qianfantest.Fault
	const id = "qianfantest-000001"
	for _, tt := range []struct {
		name  string
		fault fault
		want  qianfan.Error // without Op, ServiceID and Err
		text  string
	}{
		{
			"the documented form", fault{Status: 403, Code: "AccessDenied", Message: "Access denied."},
			qianfan.Error{Status: 403, Code: "AccessDenied", Message: "Access denied.", RequestID: id},
			`DescribeComputeUnits of "svco-48exxxa594": HTTP 403 AccessDenied: Access denied. (request id qianfantest-000001)`,
		},
		{
			"no signature, as a third party saw it", fault{Status: 400, Body: `{"message":"Signature is invalid: Signature is empty.","code":"SignatureEmpty"}`},
			qianfan.Error{Status: 400, Code: "SignatureEmpty", Message: "Signature is invalid: Signature is empty."},
			`DescribeComputeUnits of "svco-48exxxa594": HTTP 400 SignatureEmpty: Signature is invalid: Signature is empty.`,
		},
		{
			"a gateway's headers alone", fault{HeaderOnly: true, Status: 400, Code: "InvalidURI", Message: "Could not parse the specified URI."},
			qianfan.Error{Status: 400, Code: "InvalidURI", Message: "Could not parse the specified URI.", RequestID: id}, "",
		},
		{
			"the older half, with 200", fault{Body: `{"error_code":336501,"error_msg":"Rate limit reached"}`},
			qianfan.Error{Status: 200, Code: "336501", Message: "Rate limit reached"},
			`DescribeComputeUnits of "svco-48exxxa594": HTTP 200 336501: Rate limit reached`,
		},
		{
			"the older half's other form", fault{Body: `{"code":"336501","msg":"Rate limit reached"}`},
			qianfan.Error{Status: 200, Code: "336501", Message: "Rate limit reached"}, "",
		},
		{
			"a code in front of success", fault{Body: `{"code":0,"error_code":4,"error_msg":"no","result":{"instances":[]}}`},
			qianfan.Error{Status: 200, Code: "4", Message: "no"}, "",
		},
		{
			"a page", fault{HTML: true, Status: 404},
			qianfan.Error{Status: 404, Message: "404 Not Found 404 Not Found nginx"}, "",
		},
		{
			"a page with scripts", fault{Status: 403, Body: "\n<!DOCTYPE html><style>a{}</style><SCRIPT>alert('<b>')</SCRIPT><!-- <p>no</p> --><p class=\"x\n>y\">Zugriff&nbsp;&lt;verweigert&gt;\u202e\x07</p><script>"},
			qianfan.Error{Status: 403, Message: "y\">Zugriff <verweigert>"}, "",
		},
		{
			"a refusal cut short", fault{Status: 400, Body: `{"requestId":"1bef","code":"InvalidURI","extra":{"a":[1]},"message":"Could no`},
			qianfan.Error{Status: 400, Code: "InvalidURI", RequestID: "1bef", Message: `{"requestId":"1bef","code":"InvalidURI","extra":{"a":[1]},"message":"Could no`}, "",
		},
		{
			"text", fault{Status: 404, Body: "no\tsuch\r\n  thing"},
			qianfan.Error{Status: 404, Message: "no such thing"}, "",
		},
		{
			"nothing", fault{Status: 400, Body: " "},
			qianfan.Error{Status: 400, Message: "(empty body)"}, "",
		},
		{
			"a message that is an object", fault{Status: 400, Body: `{"code":"InvalidURI","message":{"en":"no"}}`},
			qianfan.Error{Status: 400, Code: "InvalidURI", Message: `{"en":"no"}`}, "",
		},
		{
			"no result", fault{Body: `{"requestId":"1bef","result":null}`},
			qianfan.Error{Status: 200, Code: qianfan.UnknownForm, RequestID: "1bef", Message: `the answer has no list of instances: {"requestId":"1bef","result":null}`}, "",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server, client := start(t)
				server.Inject(tt.fault)
				_, err := client.ComputeUnits(t.Context(), qianfan.Query{ServiceID: service})
				got, ok := errors.AsType[*qianfan.Error](err)
				if !ok {
					t.Fatalf("got %v", err)
				}
				tt.want.Op, tt.want.ServiceID = "DescribeComputeUnits", service
				tt.want.At, tt.want.Date = got.At, got.Date
				if *got != tt.want {
					t.Errorf("got  %#v\nwant %#v", *got, tt.want)
				}
				if tt.text != "" && err.Error() != tt.text {
					t.Errorf("got  %s\nwant %s", err, tt.text)
				}
			})
		})
	}
}

func TestALongRefusalIsCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, client := start(t)
		server.Inject(qianfantest.Fault{Status: 400, Code: strings.Repeat("长", 100), Message: strings.Repeat("长", 1000)})
		_, err := client.ComputeUnits(t.Context(), qianfan.Query{ServiceID: service})
		got, ok := errors.AsType[*qianfan.Error](err)
		if !ok || len(got.Message) > 500 || len(got.Message) < 490 || len(got.Code) > 100 || !strings.HasSuffix(got.Message, "长…") {
			t.Errorf("got %+v", got)
		}
	})
}

// The code decides before the status; see the reference's list.
func TestWhatMayPassIsToldFromWhatNeedsAPerson(t *testing.T) {
	for _, tt := range []struct {
		status    int
		code      string
		temporary bool
	}{
		{429, "", true}, {500, "", true}, {502, "", true}, {503, "Unheard", true}, {599, "", true},
		{400, "", false}, {401, "", false}, {403, "", false}, {404, "", false}, {412, "", false}, {302, "", false}, {200, "", false},
		{500, "InternalError", true}, {200, "InternalError", true}, {400, "18", true}, {200, "336100", true}, {403, "500000", true},
		{500, "AccessDenied", false}, {503, "SignatureDoesNotMatch", false}, {429, "OptInRequired", false}, {500, "RequestExpired", false},
		{500, "InvalidAccessKeyId", false}, {500, "ResourceNotFound", false}, {200, "336501", false},
	} {
		err := &qianfan.Error{Status: tt.status, Code: tt.code}
		if err.Temporary() != tt.temporary {
			t.Errorf("%v: temporary is %v", err, err.Temporary())
		}
	}
}

func TestANetworkFailureIsNoRefusal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, client := start(t)
		client.BaseURL = "https://qianfan.internal.example"
		server.Inject(qianfantest.Fault{DropBefore: true})
		_, err := client.ComputeUnits(t.Context(), qianfan.Query{ServiceID: service})
		if _, ok := errors.AsType[*qianfan.Error](err); ok || err == nil {
			t.Errorf("got %v", err)
		}
		if want := `DescribeComputeUnits of "svco-48exxxa594": EOF`; err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	})
}

func TestAnEndedContextIsNamed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, client := start(t)
		server.Latency = time.Hour
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := client.ComputeUnits(ctx, qianfan.Query{ServiceID: service}); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
			t.Errorf("after the deadline: %v", err)
		}
		ctx, cancel = context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		if _, err := client.ComputeUnits(ctx, qianfan.Query{ServiceID: service}); !errors.Is(err, context.Canceled) {
			t.Errorf("after the cancellation: %v", err)
		}
		synctest.Wait() // until the server has noted who left
		calls := server.CallCount()
		if _, err := client.ComputeUnits(ctx, qianfan.Query{ServiceID: service}); !errors.Is(err, context.Canceled) {
			t.Errorf("with a cancelled context: %v", err)
		}
		synctest.Wait()
		if server.CallCount() != calls {
			t.Error("a question went out for a caller who had left")
		}
	})
}

// A transport that panics or ends its goroutine must not take the process, or
// those who wait, with it.
func TestAMisbehavingTransportIsAnError(t *testing.T) {
	for name, transport := range map[string]roundTripper{
		"panic":   func(*http.Request) (*http.Response, error) { panic("the transport broke") },
		"nothing": func(*http.Request) (*http.Response, error) { return nil, nil },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client := &qianfan.Client{AccessKey: "a", SecretKey: "s", MaxConcurrent: 1, HTTP: &http.Client{Transport: transport}}
				for range 2 { // the slot of the first is free again
					ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
					_, err := client.ComputeUnits(ctx, qianfan.Query{ServiceID: service})
					cancel()
					if err == nil || name == "panic" && !strings.Contains(err.Error(), "the transport broke") {
						t.Errorf("got %v", err)
					}
				}
			})
		})
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
