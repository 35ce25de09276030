package bot

import (
	"strings"
	"testing"
	"time"

	"computeunits/qianfan"
)

func TestADeedIsReadAsItWasWritten(t *testing.T) {
	at := time.Date(2026, 11, 24, 3, 4, 5, 6e6, time.UTC)
	for _, d := range []deed{
		{act: actAsk, service: "svco-48exxxa594", timing: qianfan.Prepaid, skip: 90},
		{act: actSnooze, service: "svco-48exxxa594", instance: "a0085162xxx9d19e58e", expires: at, span: 72 * time.Hour},
		{act: actSay, line: `watch svco-1 "聊天 & <生产>"`},
		{act: actPick, channel: "C0GPU", ts: "1764000000.000100"},
		{act: actShare, service: "svco-1", drawn: at},
	} {
		value := d.encode()
		if got, ok := decodeDeed(value); !ok || got != d {
			t.Errorf("%s became %+v, %v; want %+v", value, got, ok, d)
		}
	}
}

// Buttons of last month must do what they did then: these values stand in
// messages and may not change their meaning.
func TestDeedsOfLastMonthAreUnderstood(t *testing.T) {
	for value, want := range map[string]deed{
		"do=ask&s=svco-1&t=Prepaid&v=1":                           {act: actAsk, service: "svco-1", timing: qianfan.Prepaid},
		"do=ack&e=1764000000000&i=cu-1&s=svco-1&v=1":              {act: actAcknowledge, service: "svco-1", instance: "cu-1", expires: time.Unix(1764000000, 0).UTC()},
		"do=snooze&e=1764000000000&f=86400&i=cu-1&s=svco-1&v=1":   {act: actSnooze, service: "svco-1", instance: "cu-1", expires: time.Unix(1764000000, 0).UTC(), span: 24 * time.Hour},
		"do=say&l=svco-1+prepaid&v=1&something=of+a+newer+writer": {act: actSay, line: "svco-1 prepaid"},
	} {
		if got, ok := decodeDeed(value); !ok || got != want {
			t.Errorf("%s became %+v, %v; want %+v", value, got, ok, want)
		}
	}
	for _, value := range []string{"", "v=1", "do=ask", "v=2&do=ask", "v=x&do=ask", "v=1&do=ask&p=-1", "v=1&do=snooze&f=9999999999999", "%zz", strings.Repeat("a", 5000)} {
		if d, ok := decodeDeed(value); ok {
			t.Errorf("%q was read as %+v", value, d)
		}
	}
}

func FuzzDecodeDeed(f *testing.F) {
	for _, d := range []deed{
		{act: actAsk, service: "svco-1", timing: qianfan.Prepaid, skip: 3},
		{act: actSnooze, service: "svco-1", instance: "cu-1#é", expires: time.UnixMilli(1), span: time.Hour},
		{act: actSay, line: "next"},
	} {
		f.Add(d.encode())
	}
	f.Add("v=1&do=ask&e=-9223372036854775808")
	f.Fuzz(func(t *testing.T, value string) {
		d, ok := decodeDeed(value)
		if !ok {
			return
		}
		again, ok := decodeDeed(d.encode())
		if len(d.encode()) <= maxButtonValue && (!ok || again != d) {
			t.Errorf("%q: %+v became %+v, %v", value, d, again, ok)
		}
	})
}
