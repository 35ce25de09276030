package slacksim_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"computeunits/bot/slacksim"
)

// A deleted message with replies leaves a tombstone, below which they stand.
func TestWhatRemainsOfADeletedThread(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		parent := w.call("chat.postMessage", botAuth, url.Values{"channel": {"C0GPU"}, "text": {"parent"}})
		ts := parent.Body["ts"].(string)
		w.call("chat.postMessage", botAuth, url.Values{"channel": {"C0GPU"}, "text": {"reply"}, "thread_ts": {ts}})
		if a := w.call("chat.delete", botAuth, url.Values{"channel": {"C0GPU"}, "ts": {ts}}); a.Body["ok"] != true {
			t.Fatal(a.Raw)
		}
		history := w.call("conversations.history", botAuth, url.Values{"channel": {"C0GPU"}}).Body["messages"].([]any)
		first := history[len(history)-1].(map[string]any)
		for _, m := range history {
			if m.(map[string]any)["ts"] == ts {
				first = m.(map[string]any)
			}
		}
		if first["subtype"] != "tombstone" || first["user"] != "USLACKBOT" || first["reply_count"] != 1.0 {
			t.Errorf("the history shows %v", first)
		}
		thread := w.call("conversations.replies", botAuth, url.Values{"channel": {"C0GPU"}, "ts": {ts}}).Body["messages"].([]any)
		if len(thread) != 2 || thread[1].(map[string]any)["text"] != "reply" {
			t.Errorf("the thread shows %v", thread)
		}
		for _, method := range []string{"chat.delete", "chat.update"} {
			if a := w.call(method, botAuth, url.Values{"channel": {"C0GPU"}, "ts": {ts}, "text": {"x"}}); a.code() != "message_not_found" {
				t.Errorf("%s of a tombstone: %v", method, a.Raw)
			}
		}
		w.HideReplyCounts(true)
		for _, m := range w.call("conversations.history", botAuth, url.Values{"channel": {"C0GPU"}}).Body["messages"].([]any) {
			if _, ok := m.(map[string]any)["reply_count"]; ok {
				t.Errorf("a count is shown: %v", m)
			}
		}
	})
}

// What Slack answered with an error may appear in the channel later.
func TestACommitAfterTheAnswer(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.Inject(slacksim.Fault{Method: "chat.postMessage", Times: 1, Late: time.Minute, Error: "internal_error"})
		if a := w.call("chat.postMessage", botAuth, url.Values{"channel": {"C0GPU"}, "text": {"late"}}); a.code() != "internal_error" {
			t.Fatal(a.Raw)
		}
		stands := func() bool {
			for _, m := range w.History("C0GPU", "U0ALICE") {
				if strings.Contains(m.Text, "late") {
					return true
				}
			}
			return false
		}
		if stands() {
			t.Error("it stands there at once")
		}
		time.Sleep(2 * time.Minute)
		if !stands() {
			t.Error("it never appeared")
		}
	})
}
