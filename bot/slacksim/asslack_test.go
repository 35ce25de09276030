package slacksim_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// Slack does what it was asked and adds what it minds about the request.
func TestWhatSlackMindsAboutARequest(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		for _, c := range []struct{ kind, body, want string }{
			{"application/json", `{"channel":"C0GPU","text":"x"}`, "missing_charset"},
			{"application/json; charset=utf-8", `{"channel":"C0GPU","text":"x"}`, ""},
			{"application/x-www-form-urlencoded", "channel=C0GPU&text=x", ""},
			{"application/x-www-form-urlencoded; charset=utf-8", "channel=C0GPU&text=x", "superfluous_charset"},
			{"application/json", `{"channel":"C0GPU","text":"` + strings.Repeat("x", 40_001) + `"}`, "message_truncated,missing_charset"},
		} {
			req, err := http.NewRequestWithContext(t.Context(), "POST", address+"/api/chat.postMessage", strings.NewReader(c.body))
			ok(t, err)
			req.Header.Set("Content-Type", c.kind)
			req.Header.Set("Authorization", "Bearer "+botAuth)
			got := w.do(req)
			warnings := strings.Join(got.list("response_metadata", "warnings"), ",")
			if got.Body["ok"] != true || payload(got.Body).at("warning") != c.want || warnings != c.want {
				t.Errorf("%s: %s", c.kind, got.Raw)
			}
		}
	}, unlimited)
}

// What Slack has and the simulation has not is told from what nobody has.
func TestWhatIsNotSimulatedSaysSo(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		for method, want := range map[string]string{"reactions.add": "not_simulated", "conversations.list": "not_simulated", "chat.postMesage": "unknown_method"} {
			if got := w.call(method, botAuth, nil); got.code() != want || got.Body["req_method"] != method {
				t.Errorf("%s: %s", method, got.Raw)
			}
		}
		w.complains("conversations.list exists in Slack and is not simulated")
	})
}

// A reply that was sent to the channel, too, carries the message that it answers.
func TestABroadcastCarriesItsRoot(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		parent := w.post("parent", "").ts()
		w.call("chat.postMessage", botAuth, url.Values{"channel": {"C0GPU"}, "text": {"reply"}, "thread_ts": {parent}, "reply_broadcast": {"true"}})
		got := w.call("conversations.history", botAuth, url.Values{"channel": {"C0GPU"}})
		payload(got.Body).says(t, map[string]string{
			"messages 0 subtype": "thread_broadcast", "messages 0 root ts": parent, "messages 0 root text": "parent", "messages 0 root reply_count": "1",
		})
	}, readingAll)
}

// Messages come back as Slack keeps them, with what the app left out.
func TestBlocksComeBackWithTheirDefaults(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		sent := `[{"type":"section","text":{"type":"mrkdwn","text":"*a*"},"accessory":{"type":"button","text":{"type":"plain_text","text":"b"}}},
			{"type":"header","text":{"type":"plain_text","text":"c","emoji":false}},
			{"type":"layout","label":"l","rows":[{"items":[{"block":{"type":"divider"}}]}]}]`
		got := w.call("chat.postMessage", botAuth, url.Values{"channel": {"C0GPU"}, "text": {"x"}, "blocks": {sent}})
		message, _ := got.Body["message"].(map[string]any)
		blocks, _ := message["blocks"].([]any)
		if len(blocks) != 3 {
			t.Fatal(got.Raw)
		}
		payload(blocks[0].(map[string]any)).says(t, map[string]string{"text verbatim": "false", "accessory text emoji": "true"})
		payload(blocks[1].(map[string]any)).says(t, map[string]string{"text emoji": "false"})
		layout := payload(blocks[2].(map[string]any))
		layout.says(t, map[string]string{"fallback": "[]"})
		if layout.at("block_id") == "" || layout.at("rows", "0", "items", "0", "block", "block_id") == "" {
			t.Errorf("without identifiers: %s", got.Raw)
		}
	})
}
