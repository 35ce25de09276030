package messages

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"computeunits/bot/golden"
	"computeunits/bot/phrase"
	"computeunits/qianfan"
)

// noon is when every reading of these tests was taken.
var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func reading(instances ...qianfan.Instance) qianfan.Reading {
	return qianfan.Reading{ServiceID: "svco-48exxxa594", RequestID: "1bef3f87-cxxxx50f9884f10d4", At: noon, Instances: instances}
}

// running is a prepaid instance that expires after left.
func running(id string, replicas int, left time.Duration) qianfan.Instance {
	return qianfan.Instance{ID: id, Timing: qianfan.Prepaid, Replicas: replicas, Status: qianfan.Running,
		Start: noon.AddDate(0, -1, 0), Expires: noon.Add(left)}
}

const day = 24 * time.Hour

// everything has one instance of each kind that Qianfan can report, in no order.
func everything() qianfan.Reading {
	deleted := running("a1gone", 2, -3*day)
	deleted.Status = qianfan.Deleted
	early := running("a2gone", 2, 20*day)
	early.Status = qianfan.Deleted
	odd := running("a5odd", 1, 0)
	odd.Expires, odd.ExpiresRaw, odd.Status = time.Time{}, "next <Friday> & *soon*", "Re`config`uring <!channel>"
	zoneless := running("a6zoneless", 1, 40*day)
	zoneless.ExpiresAssumedZone = true
	return reading(
		qianfan.Instance{ID: "a3creating", Timing: qianfan.Prepaid, Replicas: 4, Status: qianfan.Creating},
		deleted,
		running("a4tomorrow", 3, 30*time.Hour),
		qianfan.Instance{ID: "a7postpaid", Timing: qianfan.Postpaid, Replicas: 1, Status: qianfan.Running, Start: noon.AddDate(0, -1, 0)},
		early, odd, zoneless,
		running("a8hours", 8, 5*time.Hour+59*time.Minute),
		qianfan.Instance{ID: "a0085162xxx9d19e58e", Timing: qianfan.Prepaid, Replicas: 5, Status: qianfan.Running,
			Start: time.Date(2024, 4, 1, 10, 0, 0, 0, time.UTC), Expires: time.Date(2024, 5, 1, 10, 0, 0, 0, time.UTC)},
	)
}

func many(n int) qianfan.Reading {
	list := make([]qianfan.Instance, n)
	for i := range list {
		list[i] = running(fmt.Sprintf("%019x", i*7919%104729), 1+i%9, time.Duration(i)*7*time.Hour-day)
	}
	return reading(list...)
}

// commandReply is a message for the person who typed a command, as the golden files have
// it.
type commandReply struct {
	ResponseType string        `json:"response_type"`
	Text         string        `json:"text"`
	Blocks       []slack.Block `json:"blocks"`
	UnfurlLinks  bool          `json:"unfurl_links"`
	UnfurlMedia  bool          `json:"unfurl_media"`
}

// message is what Slack gets for an answer.
func message(t *testing.T, q qianfan.Query, r qianfan.Reading) []byte {
	t.Helper()
	said := NewAnswer(q, r).Message(command(phrase.English))
	body, err := json.Marshal(commandReply{ResponseType: "ephemeral", Text: said.Text, Blocks: said.Blocks})
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func TestMessagesAreAsTheyWereAgreed(t *testing.T) {
	prepaid := qianfan.Query{ServiceID: "svco-48exxxa594", Timing: qianfan.Prepaid}
	all := qianfan.Query{ServiceID: "svco-48exxxa594"}
	for name, m := range map[string]struct {
		q qianfan.Query
		r qianfan.Reading
	}{
		"one":        {prepaid, reading(running("a0085162xxx9d19e58e", 5, 6*day+2*time.Hour))},
		"everything": {all, everything()},
		"none":       {prepaid, reading()},
		"none-all":   {all, reading()},
		"table":      {prepaid, many(11)},
	} {
		t.Run(name, func(t *testing.T) {
			body := message(t, m.q, m.r)
			golden.Acceptable(t, body)
			golden.JSON(t, name, body)
		})
	}
}

func TestTheMostUrgentComesFirst(t *testing.T) {
	plain := NewAnswer(qianfan.Query{ServiceID: "svco-48exxxa594"}, everything()).Plain(time.UTC)
	var order []string
	for line := range strings.Lines(plain) {
		if id, _, ok := strings.Cut(strings.TrimPrefix(line, "• "), ":"); ok && strings.HasPrefix(line, "• ") {
			order = append(order, id)
		}
	}
	want := "a8hours a4tomorrow a6zoneless a5odd a7postpaid a3creating a1gone a2gone a0085162xxx9d19e58e"
	if got := strings.Join(order, " "); got != want {
		t.Errorf("got  %s\nwant %s\n%s", got, want, plain)
	}
}

func TestAnyNumberOfInstancesFits(t *testing.T) {
	for _, n := range []int{0, 1, 10, 11, 50, 99, 100, 101, 130, 1000, 5000} {
		r := many(n)
		body := message(t, qianfan.Query{ServiceID: r.ServiceID}, r)
		golden.Acceptable(t, body)
		if shown := strings.Count(string(body), `"raw_text"`); n > 100 && !strings.Contains(string(body), "more are not shown") {
			t.Errorf("%d instances: nothing says that only some are shown (%d cells)", n, shown)
		}
	}
}

func TestForeignTextOfAnyLengthFits(t *testing.T) {
	long := strings.Repeat("<&`*_~\x00\u202e界", 2000)
	for _, n := range []int{1, 10, 60} {
		var list []qianfan.Instance
		for range n {
			list = append(list, qianfan.Instance{ID: long, Timing: qianfan.PaymentTiming(long), Status: qianfan.Status(long), ExpiresRaw: long, Replicas: 1 << 60})
		}
		r := reading(list...)
		r.RequestID = long
		golden.Acceptable(t, message(t, qianfan.Query{ServiceID: "svco-48exxxa594"}, r))
	}
}

func TestAnUnknownExpiryIsNeverNoExpiry(t *testing.T) {
	plain := NewAnswer(qianfan.Query{}, everything()).Plain(time.UTC)
	for _, want := range []string{
		"a5odd: ❔ Re`config`uring <!channel>, Prepaid, 1 replica, since 2026-10-24 12:00 UTC, expires unknown: Qianfan wrote “next <Friday> & *soon*”",
		"a7postpaid: 🟢 Running, Postpaid, 1 replica, since 2026-10-24 12:00 UTC, expires on no date",
		"a3creating: ⏳ Creating, Prepaid, 4 replicas, since not yet, expires not yet",
		"a1gone: ⛔ Expired, Prepaid, 2 replicas, since 2026-10-24 12:00 UTC, expired 2026-11-21 12:00 UTC, 🔴 expired 3 days ago, usually restorable by renewal until 2026-11-28 12:00 UTC",
		"Beijing time assumed",
	} {
		if !strings.Contains(plain, want) {
			t.Errorf("missing: %s\nin: %s", want, plain)
		}
	}
}

func TestAnswerAsJSON(t *testing.T) {
	body, err := json.Marshal(NewAnswer(qianfan.Query{ServiceID: "svco-48exxxa594"}, everything()))
	if err != nil {
		t.Fatal(err)
	}
	golden.JSON(t, "json", body)
}

func BenchmarkRender(b *testing.B) {
	for _, n := range []int{5, 100} {
		r := many(n)
		q := qianfan.Query{ServiceID: r.ServiceID, Timing: qianfan.Prepaid}
		b.Run(fmt.Sprintf("instances=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				said := NewAnswer(q, r).Message(command(phrase.English))
				if _, err := json.Marshal(commandReply{ResponseType: "ephemeral", Text: said.Text, Blocks: said.Blocks}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
