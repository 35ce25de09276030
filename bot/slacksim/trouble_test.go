package slacksim_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack"

	"computeunits/bot/slacksim"
)

// post has the app say something, in a thread when there is one.
func (w *world) post(text, thread string) answer {
	w.t.Helper()
	args := url.Values{"channel": {"C0GPU"}, "text": {text}}
	if thread != "" {
		args.Set("thread_ts", thread)
	}
	return w.call("chat.postMessage", botAuth, args)
}

func (a answer) ts() string { ts, _ := a.Body["ts"].(string); return ts }

// heard are the events that arrived, by what is at a path in their event.
func heard(frames []map[string]any, path string) (all []string) {
	for _, f := range frames {
		all = append(all, payload(f).at("payload", "event", path))
	}
	return all
}

// listen collects and acknowledges what arrives at an app.
func (a *app) listen(n int) (frames []map[string]any) {
	a.t.Helper()
	for range n {
		f := a.read()
		a.ack(f)
		frames = append(frames, f)
	}
	return frames
}

var readingAll = func(cfg *slacksim.Config) {
	subscribing("message.channels")(cfg)
	granting("channels:history", "channels:read")(cfg)
	cfg.Unlimited = true
}

// Whoever deletes a message with replies, a tombstone remains as long as they
// do, and the app hears of a change.
func TestATombstoneStandsAsLongAsThereAreReplies(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		a := w.connect()
		parent := w.Write("U0BOB", "C0GPU", "what expires?")
		reply := w.Write("U0ALICE", "C0GPU", "nothing", slacksim.InThread(parent.TS))
		w.DeleteAs("U0BOB", "C0GPU", parent.TS)
		frames := a.listen(3)
		if got := heard(frames, "subtype"); got[2] != "message_changed" {
			t.Errorf("the app hears %q", got)
		}
		payload(frames[2]).says(t, map[string]string{
			"payload event message subtype": "tombstone", "payload event message user": "USLACKBOT", "payload event message reply_count": "1",
			"payload event message hidden": "true", "payload event previous_message text": "what expires?",
		})
		w.DeleteAs("U0ALICE", "C0GPU", reply.TS)
		if got := heard(a.listen(1), "subtype"); got[0] != "message_deleted" {
			t.Errorf("the app hears %q", got)
		}
		if seen := w.History("C0GPU", "U0MEI"); len(seen) != 0 {
			t.Errorf("after the last reply went there is %+v", seen)
		}
	}, readingAll)
}

// A reply to a message that is gone without a trace stands in the channel, and
// only the answer tells. The app could not know; of what never was it could.
func TestAReplyToWhatIsGoneStandsInTheChannel(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		parent := w.post("parent", "").ts()
		w.Purge("C0GPU", parent)
		got := w.post("reply", parent)
		message, _ := got.Body["message"].(map[string]any)
		if _, threaded := message["thread_ts"]; threaded || got.code() != "" {
			t.Errorf("the answer is %s", got.Raw)
		}
		if seen := w.History("C0GPU", "U0BOB"); len(seen) != 1 || seen[0].ThreadTS != "" {
			t.Errorf("the channel shows %+v", seen)
		}
		w.uncomplaining()
		w.post("reply", "1512085950.000216")
		w.complains("does not exist")
	}, unlimited)
}

// What an edit may say is counted in bytes, with entities for what the app did
// not escape.
func TestAnEditIsCountedAfterEscaping(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		ts := w.post("x", "").ts()
		for _, c := range []struct {
			text string
			want string
		}{
			{strings.Repeat("&amp;", 800), ""}, {strings.Repeat("&", 800), ""}, {strings.Repeat("&", 801), "msg_too_long"},
			{strings.Repeat("<", 1000), ""}, {strings.Repeat("<", 1001), "msg_too_long"}, {strings.Repeat("a > b ", 445), "msg_too_long"},
			{"<https://a.b|" + strings.Repeat("x", 3986) + ">", ""}, {"<@U0BOB>" + strings.Repeat("x", 3993), "msg_too_long"},
		} {
			if got := w.call("chat.update", botAuth, url.Values{"channel": {"C0GPU"}, "ts": {ts}, "text": {c.text}}); got.code() != c.want {
				t.Errorf("%d bytes of %.10q…: %q", len(c.text), c.text, got.code())
			}
		}
	}, unlimited)
}

func TestSlackFailsAfterOrLongAfterItDidWhatWasAsked(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		for i, c := range []struct {
			fault  slacksim.Fault
			status int
			after  time.Duration // when the message stands there
		}{
			{slacksim.Fault{Commit: true, RetryAfter: 30 * time.Second}, 429, 0},
			{slacksim.Fault{Commit: true, Status: 500}, 500, 0},
			{slacksim.Fault{Late: time.Minute, Status: 500}, 500, time.Minute},
			{slacksim.Fault{Late: time.Minute, RetryAfter: time.Second}, 429, time.Minute},
		} {
			c.fault.Method, c.fault.Times = "chat.postMessage", 1
			w.Inject(c.fault)
			got := w.post("hi", "")
			if got.Status != c.status || got.Header.Get("Retry-After") != strings.TrimSuffix(c.fault.RetryAfter.Truncate(time.Second).String(), "s") && c.status == 429 {
				t.Errorf("%+v: %d, Retry-After %s", c.fault, got.Status, got.Header.Get("Retry-After"))
			}
			if n := len(w.History("C0GPU", "U0BOB")); n != i && c.after > 0 {
				t.Errorf("%+v: it stands there at once", c.fault)
			}
			time.Sleep(c.after)
			synctest.Wait()
			if n := len(w.History("C0GPU", "U0BOB")); n != i+1 {
				t.Errorf("%+v: %d messages, not %d", c.fault, n, i+1)
			}
		}
	}, unlimited)
}

// The call times out, and the message appears when nobody waits any more.
func TestACallTimesOutAndTheMessageAppearsLater(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.Inject(slacksim.Fault{Method: "chat.postMessage", Times: 1, Delay: 30 * time.Second, Late: time.Minute})
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		if _, _, err := w.slack().PostMessageContext(ctx, "C0GPU", slack.MsgOptionText("hi", false)); ctx.Err() == nil {
			t.Errorf("the call ended with %v", err)
		}
		time.Sleep(70 * time.Second)
		if n := len(w.History("C0GPU", "U0BOB")); n != 0 {
			t.Errorf("%d messages already", n)
		}
		time.Sleep(20 * time.Second)
		if n := len(w.History("C0GPU", "U0BOB")); n != 1 {
			t.Errorf("%d messages", n)
		}
	}, unlimited)
}

func TestEachFourthLookUpIsLimitedAndOnlyInOneChannel(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.AddChannel(slacksim.Channel{ID: "C0OTHER", Name: "other", Members: []string{"U0COMPUTE"}})
		w.Inject(slacksim.Fault{Method: "conversations.history", Channel: "C0GPU", Every: 4, RetryAfter: 240 * time.Hour})
		var codes []string
		for range 8 {
			got := w.call("conversations.history", botAuth, url.Values{"channel": {"C0GPU"}})
			codes = append(codes, got.code()+got.Header.Get("Retry-After"))
			if got := w.call("conversations.history", botAuth, url.Values{"channel": {"C0OTHER"}}); got.code() != "" {
				t.Errorf("the other channel: %s", got.Raw)
			}
		}
		if want := "|||ratelimited864000||||ratelimited864000"; strings.Join(codes, "|") != want {
			t.Errorf("the answers are %s", strings.Join(codes, "|"))
		}
		w.Inject(slacksim.Fault{Method: "apps.connections.open", RetryAfter: 24 * time.Hour})
		if got := w.call("apps.connections.open", appAuth, nil); got.Status != 429 || got.Header.Get("Retry-After") != "86400" {
			t.Errorf("%d, Retry-After %s", got.Status, got.Header.Get("Retry-After"))
		}
	}, readingAll)
}

func TestTheNumberOfRepliesLags(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.LagReplyCounts(time.Minute)
		parent := w.post("parent", "").ts()
		w.post("reply", parent)
		count := func() string {
			got := w.call("conversations.history", botAuth, url.Values{"channel": {"C0GPU"}})
			m, _ := got.Body["messages"].([]any)[0].(map[string]any)
			return payload(m).at("reply_count") + payload(m).at("thread_ts")
		}
		if got := count(); got != "" {
			t.Errorf("at once the history tells of %s", got)
		}
		if got := w.call("conversations.replies", botAuth, url.Values{"channel": {"C0GPU"}, "ts": {parent}}); len(got.Body["messages"].([]any)) != 2 {
			t.Errorf("the thread is %s", got.Raw)
		}
		time.Sleep(2 * time.Minute)
		if got := count(); got != "1"+parent {
			t.Errorf("later the history tells of %s", got)
		}
	}, readingAll)
}

// A page is nearest to latest; only with oldest alone it is nearest to oldest.
func TestWhereAPageOfABusyChannelLies(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		end := time.Now().Truncate(time.Second)
		begin := end.Add(-30_000 * time.Second)
		w.Backfill("C0GPU", "U0BOB", 30_000, begin, end)
		at := func(n int) string { return fmt.Sprintf("%d.000000", begin.Unix()+int64(n)) }
		for _, c := range []struct {
			args        url.Values
			first, last int // newest and oldest on the page
			next        int // first of the next; 0: none
		}{
			{url.Values{}, 29_999, 29_900, 29_899},
			{url.Values{"limit": {"999"}}, 29_999, 29_001, 29_000},
			{url.Values{"limit": {"2000"}}, 29_999, 29_001, 29_000},
			{url.Values{"latest": {at(1000)}}, 999, 900, 899},
			{url.Values{"latest": {at(1000)}, "inclusive": {"true"}}, 1000, 901, 900},
			{url.Values{"latest": {at(1000)}, "oldest": {at(10)}, "limit": {"999"}}, 999, 11, 0},
			{url.Values{"latest": {at(1000)}, "oldest": {at(10)}, "limit": {"999"}, "inclusive": {"1"}}, 1000, 10, 0},
			{url.Values{"latest": {at(1000)}, "oldest": {at(10)}}, 999, 900, 899},
			{url.Values{"oldest": {at(10)}}, 110, 11, 210},
			{url.Values{"oldest": {at(10)}, "inclusive": {"true"}}, 109, 10, 209},
		} {
			c.args.Set("channel", "C0GPU")
			got := w.call("conversations.history", botAuth, c.args)
			page := func(got answer) (first, last string) {
				list, _ := got.Body["messages"].([]any)
				if len(list) == 0 {
					return "", ""
				}
				return payload(list[0].(map[string]any)).at("ts"), payload(list[len(list)-1].(map[string]any)).at("ts")
			}
			first, last := page(got)
			if first != at(c.first) || last != at(c.last) || payload(got.Body).at("has_more") != fmt.Sprint(c.next > 0) {
				t.Errorf("%v: from %s to %s, more %s", c.args, first, last, payload(got.Body).at("has_more"))
			}
			cursor := payload(got.Body).at("response_metadata", "next_cursor")
			if cursor == "" {
				continue
			}
			c.args.Set("cursor", cursor)
			if first, _ := page(w.call("conversations.history", botAuth, c.args)); first != at(c.next) {
				t.Errorf("%v: the next page begins at %s, not %s", c.args, first, at(c.next))
			}
		}
	}, readingAll)
}

// A channel that is read forward is read whole.
func TestPagesForwardMissNothing(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		end := time.Now()
		w.Backfill("C0GPU", "U0BOB", 2_500, end.Add(-time.Hour), end)
		seen := map[string]bool{}
		for cursor, more := "", true; more; {
			page, err := w.slack().GetConversationHistoryContext(t.Context(), &slack.GetConversationHistoryParameters{
				ChannelID: "C0GPU", Oldest: "1", Limit: 999, Cursor: cursor,
			})
			ok(t, err)
			for _, m := range page.Messages {
				seen[m.Timestamp] = true
			}
			cursor, more = page.ResponseMetaData.NextCursor, page.HasMore
		}
		if len(seen) != 2_500 {
			t.Errorf("%d messages were read", len(seen))
		}
	}, readingAll)
}

// An app that says goodbye is no ghost: nothing is sent to it any more, and TCP
// is left to it. One that just goes is complained about, unless kills are
// expected.
func TestHowAnAppEndsItsSocket(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		a := w.connect()
		ok(t, a.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(1000, ""), time.Now().Add(time.Second)))
		if _, _, err := a.ReadMessage(); !websocket.IsCloseError(err, websocket.CloseNormalClosure) {
			t.Errorf("the answer to a close frame is %v", err)
		}
		synctest.Wait()
		if n := w.Connections(); n != 0 {
			t.Errorf("%d connections after the close frame", n)
		}
		a.SetReadDeadline(time.Now().Add(30 * time.Second))
		if _, err := a.NetConn().Read(make([]byte, 1)); err == nil || !strings.Contains(err.Error(), "timeout") {
			t.Errorf("TCP was closed by Slack: %v", err)
		}
		a.Close()
		w.ExpectKills(true)
		w.connect().NetConn().Close()
		synctest.Wait()
		w.ExpectKills(false)
		w.connect()
		w.Sever()
		w.connect()
		w.Disconnect("refresh_requested")
		synctest.Wait()
		w.uncomplaining()
		w.connect().NetConn().Close()
		synctest.Wait()
		w.complains("without a close frame")
	})
}

func TestTheBotsMembershipIsTold(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		info := func() payload {
			got := w.call("conversations.info", botAuth, url.Values{"channel": {"C0GPU"}})
			channel, _ := got.Body["channel"].(map[string]any)
			return channel
		}
		info().says(t, map[string]string{"is_archived": "false", "is_member": "true"})
		w.Leave("U0COMPUTE", "C0GPU")
		info().says(t, map[string]string{"is_archived": "false", "is_member": "false"})
		w.AddChannel(slacksim.Channel{ID: "C0GPU", Name: "gpu-capacity", Archived: true, Members: []string{"U0COMPUTE"}})
		info().says(t, map[string]string{"is_archived": "true", "is_member": "true"})
	}, readingAll)
}

// Every answer is dated by the workspace's clock, or wrongly, as told.
func TestAnswersAreDated(t *testing.T) {
	var shown atomic.Pointer[time.Time]
	inWorld(t, func(t *testing.T, w *world) {
		now := time.Now().AddDate(0, 0, 400).UTC().Truncate(time.Second)
		shown.Store(&now)
		for _, skew := range []time.Duration{0, 24 * time.Hour, -time.Hour} {
			w.SkewDate(skew)
			got, err := http.ParseTime(w.call("auth.test", botAuth, nil).Header.Get("Date"))
			if err != nil || !got.Equal(now.Add(skew)) {
				t.Errorf("dated %v, %v", got, err)
			}
		}
	}, setClock(&shown))
}
