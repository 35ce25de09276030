package slacksim_test

import (
	"net/url"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"computeunits/bot/slacksim"
)

// reading grants the scopes to look into conversations.
var reading = granting("channels:read", "groups:read", "im:read", "channels:history", "groups:history")

func TestWhatTheAppLearnsOfConversations(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.AddUser(slacksim.User{ID: "U0SAM", Name: "sam", Stranger: true})
		w.AddChannel(slacksim.Channel{ID: "G0OURS", Name: "ours", Private: true, Members: []string{"U0BOB", "U0COMPUTE"}})
		w.AddChannel(slacksim.Channel{ID: "G0THEIRS", Name: "theirs", Private: true, Members: []string{"U0BOB"}})
		w.AddChannel(slacksim.Channel{ID: "C0SHARED", Name: "shared", Members: []string{"U0SAM", "U0COMPUTE"}})
		for _, c := range []struct {
			id   string
			want map[string]string
		}{
			{"C0GPU", map[string]string{"name": "gpu-capacity", "is_channel": "true", "is_private": "false", "is_member": "true", "is_ext_shared": "false", "num_members": "4", "locale": "en-US"}},
			{"C0GENERAL", map[string]string{"is_member": "false"}},
			{"G0OURS", map[string]string{"is_group": "true", "is_private": "true", "is_channel": "false"}},
			{"C0SHARED", map[string]string{"is_ext_shared": "true"}},
			{w.DM("U0MEI"), map[string]string{"is_im": "true", "user": "U0MEI", "name": ""}},
		} {
			got := w.call("conversations.info", botAuth, url.Values{"channel": {c.id}, "include_num_members": {"true"}, "include_locale": {"1"}})
			channel, _ := got.Body["channel"].(map[string]any)
			payload(channel).says(t, c.want)
		}
		for _, hidden := range []string{"G0THEIRS", "C0NOWHERE"} {
			if got := w.call("conversations.info", botAuth, url.Values{"channel": {hidden}}); got.code() != "channel_not_found" {
				t.Errorf("%s: %s", hidden, got.Raw)
			}
		}
	}, reading)
}

func TestEachKindOfConversationHasItsScope(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.AddChannel(slacksim.Channel{ID: "G0OURS", Name: "ours", Private: true, Members: []string{"U0BOB", "U0COMPUTE"}})
		for id, needed := range map[string]string{"G0OURS": "groups:read", w.DM("U0BOB"): "im:read", "C0GPU": ""} {
			got := w.call("conversations.info", botAuth, url.Values{"channel": {id}})
			if needed == "" && got.code() != "" || needed != "" && got.Body["needed"] != needed {
				t.Errorf("%s: %s", id, got.Raw)
			}
		}
	}, granting("channels:read"))
}

func TestAThreadIsReadInPages(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		parent := w.Write("U0BOB", "C0GPU", "what expires?")
		var last *slacksim.Posted
		for _, said := range []string{"one", "two", "three"} {
			last = w.Write("U0ALICE", "C0GPU", said, slacksim.InThread(parent.TS))
		}
		w.Write("U0MEI", "C0GPU", "beside it")
		var said []string
		cursor := ""
		for range 2 {
			messages, more, next, err := w.slack().GetConversationRepliesContext(t.Context(), &slack.GetConversationRepliesParameters{
				ChannelID: "C0GPU", Timestamp: last.TS, Limit: 2, Cursor: cursor,
			})
			ok(t, err)
			for _, m := range messages {
				said = append(said, m.Text)
			}
			if more != (cursor == "") {
				t.Errorf("more after %q: %t", said, more)
			}
			cursor = next
		}
		if len(said) != 4 || said[0] != "what expires?" || said[3] != "three" {
			t.Errorf("the thread is %q", said)
		}
		history, err := w.slack().GetConversationHistoryContext(t.Context(), &slack.GetConversationHistoryParameters{ChannelID: "C0GPU"})
		ok(t, err)
		if len(history.Messages) != 2 || history.Messages[0].Text != "beside it" || history.Messages[1].ReplyCount != 3 || history.Messages[1].LatestReply != last.TS {
			t.Errorf("the channel has %+v", history.Messages)
		}
		for args, want := range map[string]string{
			"channel=C0GPU&ts=1512085950.000216":          "thread_not_found",
			"channel=C0GPU&ts=" + parent.TS + "&cursor=x": "invalid_cursor",
			"channel=C0NOWHERE&ts=" + parent.TS:           "channel_not_found",
			"channel=C0GENERAL&ts=" + parent.TS:           "not_in_channel",
			"channel=C0GPU&oldest=x&ts=" + parent.TS:      "invalid_ts_oldest",
			"channel=C0GPU&latest=x&ts=" + parent.TS:      "invalid_ts_latest",
			"channel=C0GPU&limit=x&ts=" + parent.TS:       "invalid_limit",
		} {
			values, err := url.ParseQuery(args)
			ok(t, err)
			if got := w.call("conversations.replies", botAuth, values); got.code() != want {
				t.Errorf("%s: %s", args, got.Raw)
			}
		}
	}, reading)
}

func TestAnEventThatNobodyAcknowledgesComesAgain(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		a := w.connect()
		posted := w.Write("U0ALICE", w.DM("U0ALICE"), "what expires?")
		first := a.read()
		outer, _ := first["payload"].(map[string]any)
		if id := payload(outer).at("event_id"); id != posted.EventID() || posted.EnvelopeID() != first["envelope_id"] {
			t.Errorf("event %s in %v, not %s in %s", id, first["envelope_id"], posted.EventID(), posted.EnvelopeID())
		}
		second := a.read() // three seconds later
		a.ack(second)
		ok(t, posted.Acked(t.Context()))
		payload(second).says(t, map[string]string{"type": "events_api", "retry_attempt": "1", "retry_reason": "timeout", "payload event_id": posted.EventID()})
		if posted.Delivered() != 2 || posted.AckedAfter() >= 3*time.Second {
			t.Errorf("delivered %d times, acknowledged after %v", posted.Delivered(), posted.AckedAfter())
		}
		ok(t, w.Redeliver(posted.EnvelopeID()))
		third := a.read()
		a.ack(third)
		payload(third).says(t, map[string]string{"retry_attempt": "2", "payload event_id": posted.EventID()})
	})
}
