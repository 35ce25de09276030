package qianfan_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"computeunits/qianfan"
)

var secrets = []string{"ALTAKverysecret", "s3cr3t/key", "t0ken+of==session"}

func secretive(transport http.RoundTripper) *qianfan.Client {
	return &qianfan.Client{
		AccessKey: secrets[0], SecretKey: secrets[1], SessionToken: secrets[2],
		MaxRPS: 5, MaxConcurrent: 3, HTTP: &http.Client{Transport: transport},
	}
}

func conceals(t *testing.T, what, text string) {
	t.Helper()
	for _, secret := range append(secrets, "bce-auth-v1/") {
		if strings.Contains(text, secret) {
			t.Errorf("%s shows %s: %s", what, secret, text)
		}
	}
}

func TestAClientDoesNotShowItsKeys(t *testing.T) {
	client := secretive(nil)
	type holder struct{ Client *qianfan.Client }
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
		for _, value := range []any{client, holder{client}, &holder{client}, []*qianfan.Client{client}} {
			conceals(t, verb, fmt.Sprintf(verb, value))
		}
	}
	if got, want := fmt.Sprint(client), "qianfan.Client(https://qianfan.baidubce.com, at most 5/s and 3 at once)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}

	var log bytes.Buffer
	for _, handler := range []slog.Handler{slog.NewTextHandler(&log, nil), slog.NewJSONHandler(&log, nil)} {
		slog.New(handler).Info("ready", "client", client, "held", holder{client})
	}
	conceals(t, "slog", log.String())
	if !strings.Contains(log.String(), "client.base_url=https://qianfan.baidubce.com") {
		t.Errorf("logged %s", log.String())
	}

	text, err := json.Marshal(client)
	conceals(t, "JSON", fmt.Sprint(string(text), err))

	client.BaseURL = "https://somebody:" + secrets[1] + "@host"
	conceals(t, "a bad base URL", fmt.Sprintf("%v", client))
	var none *qianfan.Client
	if got := fmt.Sprint(none); got != "qianfan.Client(nil)" {
		t.Errorf("got %q", got)
	}
	slog.New(slog.NewTextHandler(io.Discard, nil)).Info("none", "client", none)
}

// A proxy that explains itself repeats the request, signature and all.
func TestWhatAProxyRepeatsIsHidden(t *testing.T) {
	for name, status := range map[string]int{"an error": 400, "an answer that is none": 200} {
		synctest.Test(t, func(t *testing.T) {
			var log bytes.Buffer
			client := secretive(roundTripper(func(r *http.Request) (*http.Response, error) {
				var echo bytes.Buffer
				fmt.Fprintf(&echo, "<pre>Authorization: %s\nX-Bce-Security-Token: %s %s</pre>",
					r.Header.Get("Authorization"), r.Header.Get("X-Bce-Security-Token"), secrets[1])
				return &http.Response{StatusCode: status, Header: http.Header{
					"X-Bce-Error-Message": nil, "X-Bce-Request-Id": {secrets[0]},
				}, Body: io.NopCloser(&echo)}, nil
			}))
			client.Logger = slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
			_, err := client.ComputeUnits(t.Context(), qianfan.Query{ServiceID: service})
			refusal, ok := errors.AsType[*qianfan.Error](err)
			if !ok || !strings.Contains(refusal.Message, "Authorization: [hidden] X-Bce-Security-Token: [hidden] [hidden]") || refusal.RequestID != "[hidden]" {
				t.Errorf("%s: got %v", name, err)
			}
			conceals(t, name, fmt.Sprintf("%v %+v %#v", err, err, refusal))
			conceals(t, "the log", log.String())
			if log.Len() == 0 {
				t.Error("nothing was logged")
			}
		})
	}
}

func TestATransportErrorDoesNotRepeatTheRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cause := errors.New("no route to host")
		client := secretive(roundTripper(func(*http.Request) (*http.Response, error) { return nil, cause }))
		_, err := client.ComputeUnits(t.Context(), qianfan.Query{ServiceID: service})
		if !errors.Is(err, cause) || strings.Contains(err.Error(), "https://") {
			t.Errorf("got %v", err)
		}
		conceals(t, "a transport error", err.Error())

		client = secretive(nil)
		client.HTTP = nil
		client.SessionToken = secrets[2] + "\n" // which no header can carry
		_, err = client.ComputeUnits(t.Context(), qianfan.Query{ServiceID: service})
		if err == nil {
			t.Error("sent a broken header")
		}
		conceals(t, "a broken header", fmt.Sprint(err))
	})
}
