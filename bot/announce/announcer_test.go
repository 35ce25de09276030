package announce_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"computeunits/bot/announce"
	"computeunits/bot/slacksim"
	"computeunits/notify/delivery"
	"computeunits/notify/plan"
	"computeunits/qianfan"
	"computeunits/qianfan/qianfantest/memnet"
)

const (
	gpu     = "C0GPU"
	alice   = "U0ALICE"
	service = "svco-48exxxa594"
)

// A channelWorld is a workspace in which the bot announces, in a bubble.
type channelWorld struct {
	*testing.T
	slack     *slacksim.Workspace
	announcer *announce.Announcer
}

// announcing tells a story in a bubble. The scopes in declined were not granted.
func announcing(t *testing.T, declined []string, story func(*channelWorld)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		manifest, err := os.ReadFile("../../manifest.yml")
		if err != nil {
			t.Fatal(err)
		}
		w := &channelWorld{T: t}
		w.slack, err = slacksim.New(slacksim.Config{Manifest: manifest, URL: "http://slack.test", Declined: declined})
		if err != nil {
			t.Fatal(err)
		}
		w.announcer = &announce.Announcer{BotToken: "xoxb-simulated", APIURL: "http://slack.test/api", Dial: serve(t, w.slack)}
		defer w.slack.Close()
		defer w.announcer.Close()
		story(w)
	})
}

// serve listens in memory for as long as the test lasts.
func serve(t testing.TB, h http.Handler) func(context.Context, string, string) (net.Conn, error) {
	l := memnet.Listen()
	server := &http.Server{Handler: h}
	var serving sync.WaitGroup
	serving.Go(func() { server.Serve(l) })
	t.Cleanup(func() {
		server.Close()
		serving.Wait()
	})
	return l.DialContext
}

// reminder is an announcement with so many reminders in it.
func reminder(key string, n int) plan.Announcement {
	a := plan.Announcement{Key: key, Channel: gpu, Kind: plan.KindExpiry, At: time.Now()}
	for i := range n {
		a.Reminders = append(a.Reminders, fmt.Sprintf("reminder%08d", i))
		a.Items = append(a.Items, plan.Item{Service: service, Label: "Chat prod", Instance: fmt.Sprintf("a%03d", i), Replicas: 2,
			Status: qianfan.Running, Expires: a.At.Add(24 * time.Hour), ReadAt: a.At})
	}
	return a
}

// posts posts as the notifier does: with ten seconds of time.
func (w *channelWorld) posts(a plan.Announcement) (string, error) {
	ctx, cancel := context.WithTimeout(w.Context(), 10*time.Second)
	defer cancel()
	r, err := w.announcer.Post(ctx, a)
	return r.TS, err
}

// found is what a look-up shows of the channel and of its threads since a moment.
func (w *channelWorld) found(ctx context.Context, since time.Time) (found []plan.Delivery, err error) {
	window := delivery.Window{From: since}
	for {
		page, err := w.announcer.History(ctx, gpu, window)
		if err != nil {
			return nil, err
		}
		for _, d := range page.Deliveries {
			thread, err := w.announcer.Thread(ctx, gpu, d.TS)
			if err != nil {
				return nil, err
			}
			found = append(found, thread...)
		}
		if window.Before = page.Oldest; !page.More {
			return found, nil
		}
	}
}

// stands returns what people see in the channel.
func (w *channelWorld) stands() []slacksim.Message { return w.slack.History(gpu, alice) }

// fails checks that err is a SendError with an outcome and holds no secret.
func (w *channelWorld) fails(err error, want delivery.Outcome) *delivery.SendError {
	w.Helper()
	e, ok := errors.AsType[*delivery.SendError](err)
	if !ok || e.Outcome != want {
		w.Fatalf("got %v, want %v", err, want)
	}
	for _, secret := range []string{"xoxb-", "http://"} {
		if strings.Contains(err.Error(), secret) {
			w.Errorf("the error holds a secret: %v", err)
		}
	}
	return e
}

func TestAReminderIsPostedEditedFoundAndRemoved(t *testing.T) {
	announcing(t, nil, func(w *channelWorld) {
		begun := time.Now()
		a := reminder("expiry:1", 90)
		ts, err := w.posts(a)
		if err != nil {
			t.Fatal(err)
		}
		reply := reminder("expiry:2", 1)
		reply.ThreadTS = ts
		under, err := w.posts(reply)
		if err != nil {
			t.Fatal(err)
		}
		for i := range a.Items {
			a.Items[i].Present = a.Items[i].Expires.Add(365 * 24 * time.Hour)
		}
		if err := w.announcer.Update(w.Context(), ts, a); err != nil {
			t.Fatal(err)
		}
		if seen := w.stands(); len(seen) != 2 || !strings.Contains(seen[0].BlocksPlain(), "Renewed: ") || seen[0].Edited == "" || seen[1].ThreadTS != ts {
			t.Errorf("in the channel stands %+v", seen)
		}
		found, err := w.found(w.Context(), begun)
		if err != nil || len(found) != 2 || found[0].TS != ts || found[0].Key != "expiry:1" || len(found[0].Reminders) != 90 ||
			found[0].Reminders[89] != "reminder00000089" || found[1].TS != under || found[1].Key != "expiry:2" {
			t.Errorf("found %+v, %v", found, err)
		}
		for _, one := range []string{under, ts, ts} { // what is gone already is removed
			if err := w.announcer.Delete(w.Context(), gpu, one); err != nil {
				t.Error(err)
			}
		}
		if seen := w.stands(); len(seen) != 0 {
			t.Errorf("still there: %+v", seen)
		}
		for _, c := range w.slack.Calls("chat.postMessage") {
			if c.Args["unfurl_links"] != "false" || c.Args["unfurl_media"] != "false" || c.Args["link_names"] != "" || c.Args["parse"] != "" {
				t.Errorf("posted with %v", c.Args)
			}
		}
		for _, c := range w.slack.Complaints() {
			t.Errorf("Slack complains: %s", c)
		}
	})
}

// TestEveryAnswerOfSlackIsUnderstood holds the table of delivery.md, and that
// nothing is posted a second time whatever Slack answers.
func TestEveryAnswerOfSlackIsUnderstood(t *testing.T) {
	code := func(c string) slacksim.Fault { return slacksim.Fault{Error: c} }
	for name, c := range map[string]struct {
		fault   slacksim.Fault
		outcome delivery.Outcome
		stands  int
	}{
		"429":                       {slacksim.Fault{RetryAfter: 30 * time.Second}, delivery.RateLimited, 0},
		"429 without Retry-After":   {slacksim.Fault{Status: 429}, delivery.RateLimited, 0},
		"rate_limited":              {code("rate_limited"), delivery.RateLimited, 0},
		"internal_error":            {code("internal_error"), delivery.Ambiguous, 0},
		"internal_error, posted":    {slacksim.Fault{Error: "internal_error", Commit: true}, delivery.Ambiguous, 1},
		"fatal_error":               {code("fatal_error"), delivery.Ambiguous, 0},
		"service_unavailable":       {code("service_unavailable"), delivery.Ambiguous, 0},
		"request_timeout":           {code("request_timeout"), delivery.Ambiguous, 0},
		"nobody knows it":           {code("solar_flare"), delivery.Ambiguous, 0},
		"new kind of block fault":   {code("invalid_block_nesting"), delivery.Rejected, 0},
		"new kind of restriction":   {code("restricted_action_at_night"), delivery.Refused, 0},
		"reset before":              {slacksim.Fault{Drop: true}, delivery.Ambiguous, 0},
		"reset after":               {slacksim.Fault{Drop: true, Commit: true}, delivery.Ambiguous, 1},
		"500":                       {slacksim.Fault{Status: 500}, delivery.Ambiguous, 0},
		"503 after":                 {slacksim.Fault{Status: 503, Commit: true}, delivery.Ambiguous, 1},
		"502 of a gateway":          {slacksim.Fault{Status: 502}, delivery.Ambiguous, 0},
		"403 of a proxy":            {slacksim.Fault{Status: 403}, delivery.Ambiguous, 0},
		"307 that repeats the post": {slacksim.Fault{Status: 307}, delivery.Ambiguous, 0},
		"no JSON":                   {slacksim.Fault{Status: 200, Body: "<html>", Commit: true}, delivery.Ambiguous, 1},
		"half a JSON":               {slacksim.Fault{Status: 200, Body: `{"ok":tr`, Commit: true}, delivery.Ambiguous, 1},
		"empty":                     {slacksim.Fault{Status: 200, Body: " ", Commit: true}, delivery.Ambiguous, 1},
		"ok without a timestamp":    {slacksim.Fault{Status: 200, Body: `{"ok":true}`, Commit: true}, delivery.Ambiguous, 1},
		"not ok, without a code":    {slacksim.Fault{Status: 200, Body: `{"ok":false}`}, delivery.Ambiguous, 0},
		"timeout":                   {slacksim.Fault{Delay: time.Hour, Status: 500}, delivery.Ambiguous, 0},
		"timeout after":             {slacksim.Fault{Delay: time.Hour, Commit: true}, delivery.Ambiguous, 1},
	} {
		t.Run(name, func(t *testing.T) {
			announcing(t, nil, func(w *channelWorld) {
				c.fault.Method, c.fault.Times = "chat.postMessage", 1
				w.slack.Inject(c.fault)
				_, err := w.posts(reminder("k", 1))
				e := w.fails(err, c.outcome)
				if c.fault.RetryAfter > 0 && e.RetryAfter != c.fault.RetryAfter || c.outcome == delivery.RateLimited && e.RetryAfter <= 0 {
					t.Errorf("waits %v", e.RetryAfter)
				}
				if c.fault.Error != "" && e.Reason != c.fault.Error {
					t.Errorf("the reason is %q", e.Reason)
				}
				w.slack.Mend()
				time.Sleep(time.Hour)
				if calls, seen := w.slack.Calls("chat.postMessage"), w.stands(); len(calls) > 1 || len(seen) != c.stands {
					t.Errorf("%d requests, %d messages", len(calls), len(seen))
				}
			})
		})
	}
	for outcome, codes := range map[delivery.Outcome][]string{
		delivery.Refused: {"channel_not_found", "not_in_channel", "is_archived", "invalid_auth", "not_authed", "token_revoked", "token_expired",
			"account_inactive", "missing_scope", "no_permission", "not_allowed_token_type", "restricted_action", "restricted_action_read_only_channel",
			"restricted_action_thread_only_channel", "messages_tab_disabled", "team_added_to_org", "ekm_access_denied", "access_denied"},
		delivery.Rejected: {"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long", "metadata_too_large", "no_text",
			"invalid_metadata_format", "cannot_reply_to_message", "restricted_action_thread_locked", "message_not_found", "cant_update_message",
			"edit_window_closed", "too_many_attachments", "invalid_arguments"},
	} {
		for _, one := range codes {
			t.Run(one, func(t *testing.T) {
				announcing(t, nil, func(w *channelWorld) {
					w.slack.Inject(slacksim.Fault{Method: "chat.postMessage", Times: 1, Error: one})
					_, err := w.posts(reminder("k", 1))
					if e := w.fails(err, outcome); e.Reason != one {
						t.Errorf("the reason is %q", e.Reason)
					}
					w.slack.Inject(slacksim.Fault{Method: "chat.update", Times: 1, Error: one})
					w.fails(w.announcer.Update(w.Context(), "1.000001", reminder("k", 1)), outcome)
				})
			})
		}
	}
}

func TestARequestThatWasNotWrittenIsNotSent(t *testing.T) {
	for name, dial := range map[string]func(context.Context, string, string) (net.Conn, error){
		"refused": func(context.Context, string, string) (net.Conn, error) {
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
		},
		"DNS": func(context.Context, string, string) (net.Conn, error) {
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "slack.test", IsNotFound: true}}
		},
		"silent": func(ctx context.Context, _, _ string) (net.Conn, error) { <-ctx.Done(); return nil, ctx.Err() },
		"odd":    func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("the proxy says no") },
	} {
		t.Run(name, func(t *testing.T) {
			announcing(t, nil, func(w *channelWorld) {
				w.announcer.Dial = dial
				_, err := w.posts(reminder("k", 1))
				w.fails(err, delivery.NotSent)
				begun := time.Now()
				ctx, cancel := context.WithTimeout(w.Context(), 30*time.Second)
				defer cancel()
				_, err = w.found(ctx, begun)
				w.fails(err, delivery.NotSent)
			})
		})
	}
}

func TestAConnectionIsUsedAgainAndAStaleOneDoublesNothing(t *testing.T) {
	announcing(t, nil, func(w *channelWorld) {
		dials, dial := 0, w.announcer.Dial
		w.announcer.Dial = func(ctx context.Context, n, a string) (net.Conn, error) { dials++; return dial(ctx, n, a) }
		for i := range 5 {
			if _, err := w.posts(reminder(fmt.Sprint(i), 1)); err != nil {
				t.Fatal(err)
			}
			time.Sleep(2 * time.Second)
		}
		if dials != 1 {
			t.Errorf("dialled %d times for five posts", dials)
		}
		w.slack.Inject(slacksim.Fault{Method: "chat.postMessage", Times: 1, Drop: true, Commit: true})
		_, err := w.posts(reminder("k", 1))
		w.fails(err, delivery.Ambiguous)
		if n := len(w.stands()); n != 6 {
			t.Errorf("%d messages stand there, of 6", n)
		}
	})
}

func TestLookingUpFindsEveryPageAndOnlyOnesOwn(t *testing.T) {
	announcing(t, nil, func(w *channelWorld) {
		early, err := w.posts(reminder("before", 1))
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		begun := time.Now()
		for i := range 1450 {
			w.slack.Write(alice, gpu, fmt.Sprint("people talk ", i))
		}
		parent, err := w.posts(reminder("parent", 0))
		if err != nil {
			t.Fatal(err)
		}
		for i := range 210 {
			time.Sleep(2 * time.Second)
			a := reminder(fmt.Sprint("reply ", i), 1)
			a.ThreadTS = parent
			if _, err := w.posts(a); err != nil {
				t.Fatal(err)
			}
		}
		for i := range 250 {
			w.slack.Write(alice, gpu, fmt.Sprint("people talk on ", i))
		}
		found, err := w.found(w.Context(), begun)
		if err != nil || len(found) != 211 {
			t.Fatalf("found %d, %v", len(found), err)
		}
		for _, d := range found {
			if d.TS == early {
				t.Error("found what is older")
			}
		}
		if n := len(w.slack.Calls("auth.test")); n != 1 {
			t.Errorf("asked %d times who the bot is", n)
		}
	})
}

func TestAListThatIsNotCompleteIsAnError(t *testing.T) {
	for name, fault := range map[string]slacksim.Fault{
		"broken":  {Method: "conversations.history", Status: 500},
		"cut":     {Method: "conversations.history", Drop: true},
		"silent":  {Method: "conversations.history", Delay: time.Hour},
		"replies": {Method: "conversations.replies", Status: 500},
		"no end":  {Method: "conversations.history", Body: `{"ok":true,"messages":[],"has_more":true}`, Status: 200},
		"circles": {Method: "conversations.replies", Body: `{"ok":true,"messages":[],"has_more":true,"response_metadata":{"next_cursor":"x"}}`, Status: 200},
		"no JSON": {Method: "conversations.history", Body: `<html>`, Status: 200},
	} {
		t.Run(name, func(t *testing.T) {
			announcing(t, nil, func(w *channelWorld) {
				begun := time.Now()
				ts, err := w.posts(reminder("k", 1))
				if err != nil {
					t.Fatal(err)
				}
				under := reminder("reply", 1)
				under.ThreadTS = ts
				if _, err := w.posts(under); err != nil {
					t.Fatal(err)
				}
				w.slack.Inject(fault)
				ctx, cancel := context.WithTimeout(w.Context(), 30*time.Second)
				defer cancel()
				found, err := w.found(ctx, begun)
				w.fails(err, delivery.Ambiguous)
				if found != nil {
					t.Errorf("found %v", found)
				}
			})
		})
	}
}

func TestReadingIsRepeatedWhereThatHelps(t *testing.T) {
	for name, fault := range map[string]slacksim.Fault{
		"429": {RetryAfter: 7 * time.Second}, "500": {Status: 500}, "cut": {Drop: true}, "internal": {Error: "internal_error"},
	} {
		t.Run(name, func(t *testing.T) {
			announcing(t, nil, func(w *channelWorld) {
				begun := time.Now()
				if _, err := w.posts(reminder("k", 1)); err != nil {
					t.Fatal(err)
				}
				fault.Method, fault.Times = "conversations.history", 2
				w.slack.Inject(fault)
				asked := time.Now()
				if found, err := w.found(w.Context(), begun); err != nil || len(found) != 1 {
					t.Errorf("found %v, %v", found, err)
				}
				if took := time.Since(asked); fault.RetryAfter > 0 && took < 2*fault.RetryAfter {
					t.Errorf("did not wait as Slack asked, but for %v", took)
				}
			})
		})
	}
	announcing(t, nil, func(w *channelWorld) { // a wait beyond the time there is, is the notifier's
		w.slack.Inject(slacksim.Fault{Method: "conversations.history", RetryAfter: time.Hour})
		ctx, cancel := context.WithTimeout(w.Context(), 30*time.Second)
		defer cancel()
		begun := time.Now()
		_, err := w.found(ctx, begun)
		if e := w.fails(err, delivery.RateLimited); e.RetryAfter != time.Hour || time.Since(begun) > time.Second {
			t.Errorf("%v after %v", e, time.Since(begun))
		}
	})
}

func TestTheOperatorIsToldWhyNothingCanBeAnnounced(t *testing.T) {
	for name, c := range map[string]struct {
		channel  slacksim.Channel
		declined []string
		reason   string
		says     string
		history  bool
	}{
		"all is well":      {slacksim.Channel{ID: "C1", Members: []string{alice, "U0COMPUTE"}}, nil, "", "", true},
		"private":          {slacksim.Channel{ID: "C1", Private: true, Members: []string{alice, "U0COMPUTE"}}, nil, "", "", true},
		"unknown":          {slacksim.Channel{ID: "C2"}, nil, "channel_not_found", "check NOTIFY_CHANNEL", true},
		"hidden":           {slacksim.Channel{ID: "C1", Private: true, Members: []string{alice}}, nil, "channel_not_found", "/invite @computeunits", true},
		"no member":        {slacksim.Channel{ID: "C1", Members: []string{alice}}, nil, "not_in_channel", "type /invite @computeunits there", true},
		"archived":         {slacksim.Channel{ID: "C1", Archived: true, Members: []string{"U0COMPUTE"}}, nil, "is_archived", "unarchive it", true},
		"no history":       {slacksim.Channel{ID: "C1", Members: []string{"U0COMPUTE"}}, []string{"channels:history", "groups:history"}, "missing_scope", "channels:history", false},
		"blind, no member": {slacksim.Channel{ID: "C1", Members: []string{alice}}, []string{"channels:read", "groups:read"}, "not_in_channel", "/invite @computeunits", true},
		"blind, well":      {slacksim.Channel{ID: "C1", Members: []string{"U0COMPUTE"}}, []string{"channels:read", "groups:read"}, "", "", true},
	} {
		t.Run(name, func(t *testing.T) {
			announcing(t, c.declined, func(w *channelWorld) {
				w.slack.AddChannel(c.channel)
				err := w.announcer.Check(w.Context(), "C1")
				if c.reason == "" {
					if err != nil {
						t.Error(err)
					}
					return
				}
				e := w.fails(err, delivery.Refused)
				if e.Reason != c.reason || !strings.Contains(err.Error(), c.says) || errors.Is(err, delivery.ErrNoHistory) == c.history {
					t.Errorf("%v", err)
				}
			})
		})
	}
}

func TestWithoutTheScopeTheHistoryIsSaidToBeUnreadable(t *testing.T) {
	announcing(t, []string{"channels:history", "groups:history"}, func(w *channelWorld) {
		_, err := w.found(w.Context(), time.Now())
		if w.fails(err, delivery.Refused); !errors.Is(err, delivery.ErrNoHistory) {
			t.Error(err)
		}
	})
}

func TestThePlainFormReachesPeopleInTheirLanguage(t *testing.T) {
	announcing(t, nil, func(w *channelWorld) {
		w.announcer.Language = "zh-CN"
		rich, plain := reminder("k", 1), reminder("k", 1)
		plain.Plain = true
		for _, a := range []plan.Announcement{rich, plain} {
			time.Sleep(2 * time.Second)
			ts, err := w.posts(a)
			if err != nil {
				t.Fatal(err)
			}
			if err := w.announcer.Update(w.Context(), ts, plain); err != nil {
				t.Fatal(err)
			}
		}
		for _, m := range w.stands() {
			if m.BlocksPlain() != "" || !strings.Contains(m.Plain(), "的 *2 个副本* 将于") {
				t.Errorf("people read %q and %q", m.BlocksPlain(), m.Plain())
			}
		}
	})
}
