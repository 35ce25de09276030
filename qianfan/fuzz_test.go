package qianfan

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"
)

// FuzzAnswer feeds any body under any status to the decoder and holds it to
// what the package promises.
func FuzzAnswer(f *testing.F) {
	const documented = `{"requestId":"1bef3f87-cxxxx50f9884f10d4","result":{"instances":[{"instanceId":"a0085162xxx9d19e58e",` +
		`"paymentTiming":"Prepaid","replicasCount":5,"status":"Running","startTime":"2024-04-01T10:00:00Z","expiredTime":"2024-05-01T10:00:00Z"}]}}`
	for _, body := range []string{
		documented, documented[:100], "", "null", "[]", "{}", `{"result":null}`, `{"result":{"instances":null}}`,
		`{"result":{"instances":[]},"code":0}`, `{"result":{"instances":[]},"code":"AccessDenied"}`,
		`{"error_code":336501,"error_msg":"x"}`, `{"code":18,"msg":"x"}`, `<html><script>x`, "\xff\xfe", `{"code":"\ud800"}`,
		`{"result":{"instances":[1,null,{"status":3,"replicasCount":"x","startTime":"-","expiredTime":"2030-01-25 12:30:30"}]}}`,
		`{"RESULT":{"Instances":[{"expiredTime":{},"status":[],"instanceId":false}]}}`,
		`{"result":{"instances":[],"units":[{"id":"a"}]}}`, `{"result":{"instances":[],"isTruncated":true}}`,
		`{"success":false,"result":{"instances":[]}}`, `{"result":{"instances":[{"instanceId":"a"}],"instances":[]}}`,
		`{"result":{"instances":[],"pageInfo":{"nextMarker":"x","totalCount":7}},"error":{"code":"x"}}`,
	} {
		f.Add(200, body)
		f.Add(503, body)
	}
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	f.Fuzz(func(t *testing.T, status int, body string) {
		reading, unread, refusal := interpret(status, http.Header{}, []byte(body), nil, now)
		if refusal != nil {
			if reading.Instances != nil || unread != nil {
				t.Fatalf("%+v stands beside %v", reading, refusal)
			}
			new(Client).finish(refusal, question{serviceID: "svco-a"}, &http.Request{})
			checkShown(t, refusal)
			return
		}
		if status/100 != 2 || status == http.StatusPartialContent || reading.Instances == nil {
			t.Fatalf("%d %q is read as %+v", status, body, reading)
		}
		whole := strings.TrimSpace(body)
		for _, n := range []int{len(whole) - 1, len(whole) / 2, len(whole) / 3} {
			if cut, _, refusal := interpret(status, http.Header{}, []byte(whole[:n]), nil, now); refusal == nil {
				t.Fatalf("%q cut after %d bytes is read as %+v", body, n, cut)
			}
		}
		if odd := oddness(body); len(reading.Instances) == 0 && odd != "" {
			t.Fatalf("%q is read as an empty list, with %s", body, odd)
		}
		if want := countInstances(body); len(reading.Instances) != want {
			t.Fatalf("%q has %d instances, read %d", body, want, len(reading.Instances))
		}
		for _, in := range reading.Instances {
			switch {
			case in.ExpiryKnown() && in.ExpiresRaw != "",
				in.ExpiresAssumedZone && !in.ExpiryKnown(),
				in.Replicas < 0, len(in.ExpiresRaw) > maxUnread,
				in.Expires.Location() != time.UTC, in.Start.Location() != time.UTC:
				t.Fatalf("%q is read as %+v", body, in)
			}
		}
	})
}

// countInstances counts them without the types of the decoder. It knows only
// bodies without repeated keys; -1 is none.
func countInstances(body string) int {
	member := func(raw json.RawMessage, name string) json.RawMessage {
		var members map[string]json.RawMessage
		json.Unmarshal(raw, &members)
		for key, value := range members {
			if strings.EqualFold(key, name) {
				return value
			}
		}
		return nil
	}
	var list []json.RawMessage
	if json.Unmarshal(member(member([]byte(body), "result"), "instances"), &list) != nil {
		return -1
	}
	return len(list)
}

// oddness finds in a body what an empty list may not stand beside, without the
// code of the decoder.
func oddness(body string) string {
	var find func(v any, depth int) string
	find = func(v any, depth int) string {
		switch v := v.(type) {
		case map[string]any:
			for key, value := range v {
				if flag, isFlag := value.(bool); isFlag && flag == (key == "isTruncated") && (key == "success" || key == "isTruncated") {
					return key
				}
				if odd := find(value, depth+1); odd != "" {
					return odd
				}
			}
		case []any:
			for _, element := range v {
				if object, ok := element.(map[string]any); ok && len(object) > 0 && depth <= maxDepth {
					return "a list of objects"
				}
			}
		}
		return ""
	}
	var whole any
	if json.Unmarshal([]byte(body), &whole) != nil {
		return "no JSON"
	}
	return find(whole, 0)
}

// checkShown checks that a refusal can be shown: short lines of visible text.
func checkShown(t *testing.T, e *Error) {
	t.Helper()
	for _, text := range []struct {
		value string
		limit int
	}{{e.Message, 500}, {e.Code, 100}, {e.RequestID, 100}} {
		if len(text.value) > text.limit || !utf8.ValidString(text.value) ||
			strings.ContainsFunc(text.value, func(r rune) bool { return !unicode.IsGraphic(r) || unicode.IsSpace(r) && r != ' ' }) {
			t.Fatalf("not fit to be shown: %q", text.value)
		}
	}
	if e.Error() == "" {
		t.Fatal("no text")
	}
}
