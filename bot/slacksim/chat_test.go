package slacksim_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"computeunits/bot/slacksim"
)

const section = `[{"type":"section","text":{"type":"mrkdwn","text":"*5* units"}}]`

func text(s string) slack.MsgOption { return slack.MsgOptionText(s, false) }

// code is the error code that the real client reports.
func code(err error) string {
	if refused, is := errors.AsType[slack.SlackErrorResponse](err); is {
		return refused.Err
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

func TestPostedMessageIsSeenByEverybody(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		blocks := slack.MsgOptionBlocks(slack.NewSectionBlock(slack.NewTextBlockObject("mrkdwn", "*5* units", false, false), nil, nil))
		metadata := slack.MsgOptionMetadata(slack.SlackMetadata{EventType: "cu_delivery", EventPayload: map[string]any{"key": "digest:1"}})
		channel, ts, err := w.slack().PostMessageContext(t.Context(), "C0GPU", text("5 units &amp; more"), blocks, metadata)
		ok(t, err)
		seen := w.History("C0GPU", "U0BOB")
		if len(seen) != 1 {
			t.Fatalf("Bob sees %v", seen)
		}
		m := seen[0]
		if channel != "C0GPU" || m.TS != ts || m.User != "U0COMPUTE" || m.BotID != "B0COMPUTE" || m.AppID != "A0COMPUTE" || m.Via != "chat.postMessage" {
			t.Errorf("posted in %s at %s: %+v", channel, ts, m)
		}
		if m.Plain() != "5 units & more" || !strings.Contains(m.BlocksPlain(), "5") || !strings.Contains(string(m.Metadata), "digest:1") {
			t.Errorf("it says %q, blocks %q, metadata %s", m.Plain(), m.BlocksPlain(), m.Metadata)
		}
		if seen := w.History("C0GPU", "U0STRANGER"); len(seen) != 1 {
			t.Errorf("a public channel is hidden: %v", seen)
		}
		w.uncomplaining()
	})
}

func TestAnswerToAPostShowsTheMessage(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		a := w.call("chat.postMessage", botAuth, url.Values{"channel": {"C0GPU"}, "text": {"hi"},
			"metadata": {`{"event_type":"cu","event_payload":{"key":"1"}}`}})
		m, _ := a.Body["message"].(map[string]any)
		if a.Body["channel"] != "C0GPU" || a.Body["ts"] == "" || m["text"] != "hi" || m["bot_id"] != "B0COMPUTE" || m["app_id"] != "A0COMPUTE" {
			t.Errorf("answer %s", a.Raw)
		}
		if m["thread_ts"] != nil {
			t.Error("thread_ts outside a thread")
		}
	})
}

func TestPlacesToPost(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.AddChannel(slacksim.Channel{ID: "C0OLD", Name: "old", Archived: true, Members: []string{"U0COMPUTE"}})
		w.AddChannel(slacksim.Channel{ID: "C0READ", Name: "read", ReadOnly: true, Members: []string{"U0COMPUTE"}})
		w.AddChannel(slacksim.Channel{ID: "C0THREADS", Name: "threads", ThreadOnly: true, Members: []string{"U0COMPUTE", "U0BOB"}})
		w.AddChannel(slacksim.Channel{ID: "G0SECRET", Name: "secret", Private: true, Members: []string{"U0BOB"}})
		w.AddChannel(slacksim.Channel{ID: "G0OURS", Name: "ours", Private: true, Members: []string{"U0BOB", "U0COMPUTE"}})
		for _, c := range []struct{ channel, code string }{
			{"C0GPU", ""}, {"#gpu-capacity", ""}, {"gpu-capacity", ""}, {"G0OURS", ""},
			{"U0ALICE", ""}, {w.DM("U0BOB"), ""},
			{"C0GENERAL", "not_in_channel"},
			{"G0SECRET", "channel_not_found"}, {"secret", "channel_not_found"},
			{"C0NOWHERE", "channel_not_found"}, {"U0NOBODY", "channel_not_found"}, {"", "channel_not_found"},
			{"C0OLD", "is_archived"},
			{"C0READ", "restricted_action_read_only_channel"},
			{"C0THREADS", "restricted_action_thread_only_channel"},
		} {
			_, _, err := w.slack().PostMessageContext(t.Context(), c.channel, text("hi"))
			if code(err) != c.code {
				t.Errorf("posting in %q: %v, not %q", c.channel, err, c.code)
			}
		}
		parent := w.Write("U0BOB", "C0THREADS", "a question")
		if _, _, err := w.slack().PostMessageContext(t.Context(), "C0THREADS", text("an answer"), slack.MsgOptionTS(parent.TS)); err != nil {
			t.Errorf("a reply in the channel for threads: %v", err)
		}
	})
}

func TestPublicChannelsWithTheScopeForThem(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		if _, _, err := w.slack().PostMessageContext(t.Context(), "C0GENERAL", text("hi")); err != nil {
			t.Error(err)
		}
		if _, err := w.slack().PostEphemeralContext(t.Context(), "C0GENERAL", "U0BOB", text("hi")); code(err) != "not_in_channel" {
			t.Errorf("ephemeral: %v", err)
		}
	}, granting("chat:write.public"))
}

func TestMessagesTabOff(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		if _, _, err := w.slack().PostMessageContext(t.Context(), "U0ALICE", text("hi")); code(err) != "messages_tab_disabled" {
			t.Errorf("the bot writes: %v", err)
		}
		if err := w.Write("U0ALICE", w.DM("U0ALICE"), "hi").Acked(t.Context()); failure(err) != "messages_tab_disabled" {
			t.Errorf("Alice writes: %v", err)
		}
	}, without("messages_tab_enabled"))
}

func TestContentThatSlackRefuses(t *testing.T) {
	x := func(n int) string { return strings.Repeat("x", n) }
	tooLong := `[{"type":"section","text":{"type":"mrkdwn","text":"` + x(3001) + `"}}]`
	for _, c := range []struct {
		name string
		args url.Values
		code string
	}{
		{"nothing", url.Values{}, "no_text"},
		{"spaces", url.Values{"text": {" \n"}}, "no_text"},
		{"no blocks", url.Values{"blocks": {"[]"}}, "no_text"},
		{"blocks alone", url.Values{"blocks": {section}}, ""},
		{"broken blocks", url.Values{"text": {"t"}, "blocks": {"[{"}}, "invalid_blocks_format"},
		{"a block that is none", url.Values{"text": {"t"}, "blocks": {`[{"type":"nonsense"}]`}}, "invalid_blocks"},
		{"a section too long", url.Values{"text": {"t"}, "blocks": {tooLong}}, "invalid_blocks"},
		{"all blocks too long", url.Values{"text": {"t"}, "blocks": {manySections(5, 2999)}}, "msg_blocks_too_long"},
		{"markdown", url.Values{"markdown_text": {"**5**"}}, ""},
		{"markdown and text", url.Values{"markdown_text": {"**5**"}, "text": {"t"}}, "markdown_text_conflict"},
		{"markdown and blocks", url.Values{"markdown_text": {"**5**"}, "blocks": {section}}, "markdown_text_conflict"},
		{"the longest markdown", url.Values{"markdown_text": {x(12_000)}}, ""},
		{"too much markdown", url.Values{"markdown_text": {x(12_001)}}, "msg_too_long"},
		{"an attachment alone", url.Values{"attachments": {`[{"text":"a"}]`}}, ""},
		{"broken attachments", url.Values{"attachments": {`{}`}}, "invalid_attachments"},
		{"blocks in an attachment", url.Values{"attachments": {`[{"blocks":[{"type":"nonsense"}]}]`}}, "invalid_attachments"},
		{"100 attachments", url.Values{"attachments": {"[" + strings.Repeat(`{"text":"a"},`, 99) + `{"text":"a"}]`}}, ""},
		{"101 attachments", url.Values{"attachments": {"[" + strings.Repeat(`{"text":"a"},`, 100) + `{"text":"a"}]`}}, "too_many_attachments"},
		{"metadata", url.Values{"text": {"t"}, "metadata": {`{"event_type":"cu","event_payload":{"n":1,"s":"x","b":true,"o":{"k":"v"},"l":["a",{"k":1}]}}`}}, ""},
		{"broken metadata", url.Values{"text": {"t"}, "metadata": {`{`}}, "invalid_metadata_format"},
		{"metadata without a type", url.Values{"text": {"t"}, "metadata": {`{"event_payload":{}}`}}, "invalid_metadata_format"},
		{"metadata without a payload", url.Values{"text": {"t"}, "metadata": {`{"event_type":"cu"}`}}, "invalid_metadata_format"},
		{"deep metadata", url.Values{"text": {"t"}, "metadata": {`{"event_type":"cu","event_payload":{"o":{"p":{"q":1}}}}`}}, "invalid_metadata_schema"},
		{"null in metadata", url.Values{"text": {"t"}, "metadata": {`{"event_type":"cu","event_payload":{"l":[null]}}`}}, "invalid_metadata_schema"},
		{"large metadata", url.Values{"text": {"t"}, "metadata": {`{"event_type":"cu","event_payload":{"k":"` + x(16<<10) + `"}}`}}, "metadata_too_large"},
	} {
		t.Run(c.name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				c.args.Set("channel", "C0GPU")
				if a := w.call("chat.postMessage", botAuth, c.args); a.code() != c.code {
					t.Errorf("answer %s, not %q", a.Raw, c.code)
				}
				if seen := w.History("C0GPU", "U0BOB"); (len(seen) == 1) != (c.code == "") {
					t.Errorf("Bob sees %d messages", len(seen))
				}
			})
		})
	}
}

func manySections(n, size int) string {
	one := `{"type":"section","text":{"type":"plain_text","text":"` + strings.Repeat("y", size) + `"}}`
	return "[" + strings.TrimSuffix(strings.Repeat(one+",", n), ",") + "]"
}

func TestRefusedBlocksArePointedAt(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		long := `[{"type":"divider"},{"type":"section","text":{"type":"mrkdwn","text":"` + strings.Repeat("x", 3001) + `"}}]`
		a := w.call("chat.postMessage", botAuth, url.Values{"channel": {"C0GPU"}, "text": {"t"}, "blocks": {long}})
		want := "must be less than 3001 characters [json-pointer:/blocks/1/text/text]"
		if got := strings.Join(a.list("response_metadata", "messages"), "\n"); !strings.Contains(got, "[ERROR] "+want) {
			t.Errorf("messages %q", got)
		}
		if got := strings.Join(a.list("errors"), "\n"); !strings.Contains(got, want) || strings.Contains(got, "[ERROR]") {
			t.Errorf("errors %q", got)
		}
		a = w.call("chat.postMessage", botAuth, url.Values{"channel": {"C0GPU"}, "attachments": {`[{"text":"a"},{"blocks":` + long + `}]`}})
		if got := strings.Join(a.list("errors"), "\n"); !strings.Contains(got, "/attachments/1/blocks/1/text/text") {
			t.Errorf("errors of an attachment %q", got)
		}
	})
}

func TestLongTextIsCut(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		a := w.call("chat.postMessage", botAuth, url.Values{"channel": {"C0GPU"}, "text": {strings.Repeat("\u5355", 40_001)}})
		if a.code() != "" || a.Body["warning"] != "message_truncated" {
			t.Errorf("answer %.200s", a.Raw)
		}
		if n := len([]rune(w.History("C0GPU", "U0BOB")[0].Text)); n != 40_000 {
			t.Errorf("Bob sees %d characters", n)
		}
		w.complains("more than 40000 characters")
	})
}

func TestMetadataWithAnOddTypeIsLost(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		a := w.call("chat.postMessage", botAuth, url.Values{"channel": {"C0GPU"}, "text": {"t"}, "metadata": {`{"event_type":"cu.delivery","event_payload":{"k":1}}`}})
		if m := w.History("C0GPU", "U0BOB")[0]; a.code() != "" || m.Metadata != nil {
			t.Errorf("answer %s, metadata %s", a.Raw, m.Metadata)
		}
		w.complains("metadata was lost")
	})
}

func TestThreads(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		parent := w.Write("U0BOB", "C0GPU", "what expires?")
		post := func(threadTS string, more ...slack.MsgOption) slack.Message {
			_, _, m, err := w.slack().PostMessageWithResponseContext(t.Context(), "C0GPU", append(more, text("this"), slack.MsgOptionTS(threadTS))...)
			ok(t, err)
			time.Sleep(time.Second)
			return m
		}
		reply := post(parent.TS)
		if reply.ThreadTimestamp != parent.TS {
			t.Errorf("the reply is in thread %q", reply.ThreadTimestamp)
		}
		if toReply := post(reply.Timestamp); toReply.ThreadTimestamp != parent.TS {
			t.Errorf("a reply to a reply is in thread %q", toReply.ThreadTimestamp)
		}
		w.complains("the timestamp of a reply")
		if shown := post(parent.TS, slack.MsgOptionBroadcast()); shown.SubType != "thread_broadcast" {
			t.Errorf("a broadcast reply has subtype %q", shown.SubType)
		}
		for _, lost := range []string{"1512085950.000216", "yesterday"} {
			if m := post(lost); m.ThreadTimestamp != "" {
				t.Errorf("a reply to %s is in thread %q", lost, m.ThreadTimestamp)
			}
			w.complains("the thread " + lost + " of C0GPU, which does not exist")
		}
		ephemeral, err := w.slack().PostEphemeralContext(t.Context(), "C0GPU", "U0BOB", text("psst"))
		ok(t, err)
		if _, _, err := w.slack().PostMessageContext(t.Context(), "C0GPU", text("x"), slack.MsgOptionTS(ephemeral)); code(err) != "cannot_reply_to_message" {
			t.Errorf("a reply to an ephemeral message: %v", err)
		}
		if p := w.Write("U0BOB", "C0GPU", "x", slacksim.InThread("1512085950.000216")); failure(p.Acked(t.Context())) != "thread_not_found" {
			t.Errorf("Bob answers nobody: %v", p.Acked(t.Context()))
		}
	})
}

func TestEphemeralMessages(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		ts, err := w.slack().PostEphemeralContext(t.Context(), "C0GPU", "U0ALICE", text("only you"))
		ok(t, err)
		if seen := w.History("C0GPU", "U0ALICE"); len(seen) != 1 || seen[0].TS != ts || seen[0].VisibleTo != "U0ALICE" {
			t.Errorf("Alice sees %+v", seen)
		}
		if seen := w.History("C0GPU", "U0BOB"); len(seen) != 0 {
			t.Errorf("Bob sees %+v", seen)
		}
		if _, _, _, err := w.slack().UpdateMessageContext(t.Context(), "C0GPU", ts, text("x")); code(err) != "message_not_found" {
			t.Errorf("updating it: %v", err)
		}
		if _, _, err := w.slack().DeleteMessageContext(t.Context(), "C0GPU", ts); code(err) != "message_not_found" {
			t.Errorf("deleting it: %v", err)
		}
		w.AddUser(slacksim.User{ID: "U0EVE", Name: "eve"})
		w.AddChannel(slacksim.Channel{ID: "C0OLD", Name: "old", Archived: true, Members: []string{"U0COMPUTE", "U0BOB"}})
		for _, c := range []struct{ channel, user, text, code string }{
			{"C0GPU", "U0EVE", "x", "user_not_in_channel"},
			{"C0GPU", "", "x", "user_not_in_channel"},
			{"C0GENERAL", "U0BOB", "x", "not_in_channel"},
			{"C0NOWHERE", "U0BOB", "x", "channel_not_found"},
			{"C0OLD", "U0BOB", "x", "is_archived"},
			{"C0GPU", "U0BOB", "", "no_text"},
		} {
			if _, err := w.slack().PostEphemeralContext(t.Context(), c.channel, c.user, text(c.text)); code(err) != c.code {
				t.Errorf("to %q in %s: %v, not %s", c.user, c.channel, err, c.code)
			}
		}
	})
}

func TestUpdate(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		first := url.Values{"channel": {"C0GPU"}, "text": {"5 units"}, "blocks": {section},
			"metadata": {`{"event_type":"cu","event_payload":{"k":"1"}}`}, "attachments": {`[{"text":"a"}]`}}
		ts, _ := w.call("chat.postMessage", botAuth, first).Body["ts"].(string)
		for _, c := range []struct {
			name                                string
			args                                url.Values
			text, blocks, metadata, attachments string
		}{
			{"text and blocks", url.Values{"text": {"6"}, "blocks": {section}}, "6", section, "cu", "a"},
			{"metadata alone", url.Values{"metadata": {`{"event_type":"cu2","event_payload":{}}`}}, "6", section, "cu2", "a"},
			{"metadata away", url.Values{"metadata": {`{}`}}, "6", section, "", "a"},
			{"attachments away", url.Values{"text": {"6"}, "blocks": {section}, "attachments": {"[]"}}, "6", section, "", ""},
			{"text alone takes the blocks away", url.Values{"text": {"7"}}, "7", "", "", ""},
		} {
			c.args.Set("channel", "C0GPU")
			c.args.Set("ts", ts)
			time.Sleep(time.Second)
			a := w.call("chat.update", botAuth, c.args)
			if a.code() != "" || a.Body["ts"] != ts || a.Body["text"] != c.text {
				t.Errorf("%s: %s", c.name, a.Raw)
			}
			m := w.History("C0GPU", "U0BOB")[0]
			if m.Text != c.text || string(m.Blocks) != c.blocks || m.Edited <= ts ||
				!strings.Contains(string(m.Metadata), c.metadata) || c.metadata == "" && m.Metadata != nil ||
				!strings.Contains(string(m.Attachments), c.attachments) || c.attachments == "" && m.Attachments != nil {
				t.Errorf("%s: Bob sees %+v", c.name, m)
			}
		}
	})
}

func TestUpdatesAndDeletionsThatSlackRefuses(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		_, mine, err := w.slack().PostMessageContext(t.Context(), "C0GPU", text("mine"))
		ok(t, err)
		his := w.Write("U0BOB", "C0GPU", "his").TS
		for _, c := range []struct {
			name   string
			method string
			args   url.Values
			code   string
		}{
			{"a person's message", "chat.update", url.Values{"ts": {his}, "text": {"x"}}, "cant_update_message"},
			{"a person's message", "chat.delete", url.Values{"ts": {his}}, "cant_delete_message"},
			{"no message", "chat.update", url.Values{"ts": {"1512085950.000216"}, "text": {"x"}}, "message_not_found"},
			{"no message", "chat.delete", url.Values{"ts": {"1512085950.000216"}}, "message_not_found"},
			{"no timestamp", "chat.delete", url.Values{"ts": {"now"}}, "message_not_found"},
			{"nothing to say", "chat.update", url.Values{"ts": {mine}}, "no_text"},
			{"the longest text", "chat.update", url.Values{"ts": {mine}, "text": {strings.Repeat("\u5355", 1333)}}, ""},
			{"too long a text", "chat.update", url.Values{"ts": {mine}, "text": {strings.Repeat("\u5355", 1334)}}, "msg_too_long"},
			{"bad blocks", "chat.update", url.Values{"ts": {mine}, "blocks": {`[{"type":"x"}]`}}, "invalid_blocks"},
			{"no channel", "chat.update", url.Values{"ts": {mine}, "text": {"x"}, "channel": {"C0NOWHERE"}}, "channel_not_found"},
			{"a channel by name", "chat.update", url.Values{"ts": {mine}, "text": {"x"}, "channel": {"gpu-capacity"}}, "channel_not_found"},
			{"no channel", "chat.delete", url.Values{"ts": {mine}, "channel": {""}}, "channel_not_found"},
			{"its own", "chat.delete", url.Values{"ts": {mine}}, ""},
			{"its own again", "chat.delete", url.Values{"ts": {mine}}, "message_not_found"},
		} {
			if !c.args.Has("channel") {
				c.args.Set("channel", "C0GPU")
			}
			if a := w.call(c.method, botAuth, c.args); a.code() != c.code {
				t.Errorf("%s of %s: %s, not %q", c.method, c.name, a.Raw, c.code)
			}
		}
		if seen := w.History("C0GPU", "U0BOB"); len(seen) != 1 || seen[0].TS != his {
			t.Errorf("Bob sees %+v", seen)
		}
		_, old, err := w.slack().PostMessageContext(t.Context(), "C0GPU", text("old"))
		ok(t, err)
		w.AddChannel(slacksim.Channel{ID: "C0GPU", Name: "gpu-capacity", Archived: true, Members: []string{"U0COMPUTE", "U0BOB"}})
		if _, _, _, err := w.slack().UpdateMessageContext(t.Context(), "C0GPU", old, text("x")); code(err) != "is_inactive" {
			t.Errorf("in an archived channel: %v", err)
		}
	})
}

func TestAwaitSeesOldNewAndEditedMessages(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		says := func(s string) func(slacksim.Message) bool {
			return func(m slacksim.Message) bool { return m.Text == s }
		}
		await := func(user, s string) (slacksim.Message, error) {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			return w.Await(ctx, "C0GPU", user, says(s))
		}
		_, ts, err := w.slack().PostMessageContext(t.Context(), "C0GPU", text("first"))
		ok(t, err)
		if m, err := await("U0BOB", "first"); err != nil || m.TS != ts {
			t.Errorf("an old message: %+v, %v", m, err)
		}
		time.AfterFunc(time.Second, func() {
			w.call("chat.update", botAuth, url.Values{"channel": {"C0GPU"}, "ts": {ts}, "text": {"second"}})
		})
		if m, err := await("U0BOB", "second"); err != nil || m.TS != ts || m.Edited == "" {
			t.Errorf("an edited message: %+v, %v", m, err)
		}
		time.AfterFunc(time.Second, func() {
			w.call("chat.postEphemeral", botAuth, url.Values{"channel": {"C0GPU"}, "user": {"U0ALICE"}, "text": {"third"}})
		})
		if m, err := await("U0BOB", "third"); err == nil {
			t.Errorf("Bob sees Alice's message %+v", m)
		}
		if m, err := await("U0ALICE", "third"); err != nil || m.VisibleTo != "U0ALICE" {
			t.Errorf("a new message: %+v, %v", m, err)
		}
	})
}

func TestHistoryIsBounded(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.Backfill("C0GPU", "U0BOB", 50_000, time.Now().Add(-time.Hour), time.Now())
		for range 6_000 {
			w.Write("U0BOB", "C0GPU", "x")
		}
		w.Write("U0BOB", "C0GPU", "last")
		seen := w.History("C0GPU", "U0BOB")
		if len(seen) < 50_000 || len(seen) > 55_000 || seen[len(seen)-1].Text != "last" {
			t.Errorf("%d messages are remembered", len(seen))
		}
	}, unlimited)
}

func FuzzPostMessage(f *testing.F) {
	f.Add("hi", section, `{"event_type":"cu","event_payload":{"k":[1]}}`, `[{"blocks":[]}]`)
	f.Add("", "null", "null", "null")
	f.Add("\xff", `[{"type":"section","text":{"type":"mrkdwn","text":"\ud800"}}]`, `{"event_type":"","event_payload":null}`, `[null]`)
	f.Fuzz(func(t *testing.T, text, blocks, metadata, attachments string) {
		inWorld(t, func(t *testing.T, w *world) {
			a := w.call("chat.postMessage", botAuth, url.Values{"channel": {"C0GPU"}, "text": {text}, "blocks": {blocks}, "metadata": {metadata}, "attachments": {attachments}})
			seen := w.History("C0GPU", "U0BOB")
			if a.Status != 200 || (a.code() == "") != (len(seen) == 1) {
				t.Fatalf("answer %d %s, Bob sees %d messages", a.Status, a.Raw, len(seen))
			}
			for _, m := range seen {
				for _, data := range []json.RawMessage{m.Blocks, m.Metadata, m.Attachments} {
					if data != nil && !json.Valid(data) {
						t.Errorf("stored %q", data)
					}
				}
				m.Plain()
				m.BlocksPlain()
			}
		})
	})
}
