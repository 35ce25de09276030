package action

import (
	"strings"
	"testing"
	"time"

	"computeunits/qianfan"
)

func TestADeedIsReadAsItWasWritten(t *testing.T) {
	at := time.Date(2026, 11, 24, 3, 4, 5, 6e6, time.UTC)
	for _, d := range []Action{
		{Kind: Ask, Service: "svco-48exxxa594", Timing: qianfan.Prepaid, Skip: 90},
		{Kind: Snooze, Service: "svco-48exxxa594", Instance: "a0085162xxx9d19e58e", Expires: at, Span: 72 * time.Hour},
		{Kind: Say, Line: `watch svco-1 "聊天 & <生产>"`},
		{Kind: Pick, Channel: "C0GPU", TS: "1764000000.000100"},
		{Kind: Share, Service: "svco-1", DrawnAt: at},
	} {
		value := d.Encode()
		if got, ok := Decode(value); !ok || got != d {
			t.Errorf("%s became %+v, %v; want %+v", value, got, ok, d)
		}
	}
}

// Buttons of last month must do what they did then: these values stand in
// messages and may not change their meaning.
func TestDeedsOfLastMonthAreUnderstood(t *testing.T) {
	for value, want := range map[string]Action{
		"do=ask&s=svco-1&t=Prepaid&v=1":                           {Kind: Ask, Service: "svco-1", Timing: qianfan.Prepaid},
		"do=ack&e=1764000000000&i=cu-1&s=svco-1&v=1":              {Kind: Acknowledge, Service: "svco-1", Instance: "cu-1", Expires: time.Unix(1764000000, 0).UTC()},
		"do=snooze&e=1764000000000&f=86400&i=cu-1&s=svco-1&v=1":   {Kind: Snooze, Service: "svco-1", Instance: "cu-1", Expires: time.Unix(1764000000, 0).UTC(), Span: 24 * time.Hour},
		"do=say&l=svco-1+prepaid&v=1&something=of+a+newer+writer": {Kind: Say, Line: "svco-1 prepaid"},
	} {
		if got, ok := Decode(value); !ok || got != want {
			t.Errorf("%s became %+v, %v; want %+v", value, got, ok, want)
		}
	}
	for _, value := range []string{"", "v=1", "do=ask", "v=2&do=ask", "v=x&do=ask", "v=1&do=ask&p=-1", "v=1&do=snooze&f=9999999999999", "%zz", strings.Repeat("a", 5000)} {
		if d, ok := Decode(value); ok {
			t.Errorf("%q was read as %+v", value, d)
		}
	}
}

func FuzzDecodeDeed(f *testing.F) {
	for _, d := range []Action{
		{Kind: Ask, Service: "svco-1", Timing: qianfan.Prepaid, Skip: 3},
		{Kind: Snooze, Service: "svco-1", Instance: "cu-1#é", Expires: time.UnixMilli(1), Span: time.Hour},
		{Kind: Say, Line: "next"},
	} {
		f.Add(d.Encode())
	}
	f.Add("v=1&do=ask&e=-9223372036854775808")
	f.Fuzz(func(t *testing.T, value string) {
		d, ok := Decode(value)
		if !ok {
			return
		}
		again, ok := Decode(d.Encode())
		if len(d.Encode()) <= MaxButtonValue && (!ok || again != d) {
			t.Errorf("%q: %+v became %+v, %v", value, d, again, ok)
		}
	})
}
