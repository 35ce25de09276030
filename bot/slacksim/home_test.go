package slacksim_test

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"computeunits/bot/slacksim"
)

const homeOfAlice = `{"type":"home","private_metadata":"page 1","blocks":[
 {"type":"header","text":{"type":"plain_text","text":"Expires next"}},
 {"type":"actions","block_id":"acts","elements":[{"type":"button","action_id":"refresh","text":{"type":"plain_text","text":"Refresh"}},
  {"type":"static_select","action_id":"language","placeholder":{"type":"plain_text","text":"Language"},"options":[{"text":{"type":"plain_text","text":"English"},"value":"en"},{"text":{"type":"plain_text","text":"中文"},"value":"zh"}]}]}]}`

func (w *world) publish(user, view, hash string) answer {
	w.t.Helper()
	return w.call("views.publish", botAuth, url.Values{"user_id": {user}, "view": {view}, "hash": {hash}})
}

func TestAliceOpensHerHome(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		a := w.connect()
		opened := w.OpenHome("U0ALICE")
		frame := a.read()
		a.ack(frame)
		ok(t, opened.Acked(t.Context()))
		outer, _ := frame["payload"].(map[string]any)
		event := payload(outer)
		event.says(t, map[string]string{
			"type": "event_callback", "event type": "app_home_opened", "event user": "U0ALICE", "event tab": "home",
			"event channel": w.DM("U0ALICE"), "event view": "",
		})
		if w.Home("U0ALICE").ID != "" {
			t.Error("she sees a Home that nobody published")
		}
		if got := w.publish("U0ALICE", homeOfAlice, ""); got.code() != "" {
			t.Fatal(got.Raw)
		}
		if seen := w.Home("U0ALICE"); seen.Plain() != "Expires next\n[Refresh] [Language ▾]" {
			t.Errorf("she sees\n%s", seen.Plain())
		}
		if bobs := w.Home("U0BOB"); bobs.ID != "" {
			t.Error("Bob sees her Home")
		}

		// The next time the app is told what she sees, and presses come from there.
		w.OpenHome("U0ALICE")
		frame = a.read()
		a.ack(frame)
		outer, _ = frame["payload"].(map[string]any)
		seen := w.Home("U0ALICE")
		payload(outer).says(t, map[string]string{"event view id": seen.ID, "event view hash": seen.Hash, "event view type": "home"})
		w.Select("U0ALICE", seen, "language", "zh")
		a.payload().says(t, map[string]string{
			"type": "block_actions", "container type": "view", "container view_id": seen.ID, "view private_metadata": "page 1",
			"view state values acts language selected_option value": "zh", "view close": "null", "view title": "null",
			"message": "", "channel": "", "response_url": "", "actions 0 selected_option value": "zh",
		})
		if seen := w.Home("U0ALICE"); seen.Plain() != "Expires next\n[Refresh] [中文 ▾]" {
			t.Errorf("she sees\n%s", seen.Plain())
		}
		w.uncomplaining()
	})
}

func TestTwoPublicationsAtOnce(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		if got := w.publish("U0ALICE", homeOfAlice, "1.2"); got.code() != "hash_conflict" {
			t.Errorf("a hash of nothing: %s", got.Raw)
		}
		w.publish("U0ALICE", homeOfAlice, "")
		first := w.Home("U0ALICE")
		if got := w.publish("U0ALICE", homeOfAlice, first.Hash); got.code() != "" {
			t.Errorf("with the hash: %s", got.Raw)
		}
		second := w.Home("U0ALICE")
		if second.ID != first.ID || second.Hash == first.Hash {
			t.Errorf("%s %s became %s %s", first.ID, first.Hash, second.ID, second.Hash)
		}
		if got := w.publish("U0ALICE", homeOfAlice, first.Hash); got.code() != "hash_conflict" {
			t.Errorf("with the old hash: %s", got.Raw)
		}
	})
}

func TestHomesThatSlackRefuses(t *testing.T) {
	section := `{"type":"section","text":{"type":"plain_text","text":"` + strings.Repeat("x", 3000) + `"}}`
	blocks := func(n int, block string) string {
		return `{"type":"home","blocks":[` + strings.TrimSuffix(strings.Repeat(block+",", n), ",") + `]}`
	}
	inWorld(t, func(t *testing.T, w *world) {
		w.AddUser(slacksim.User{ID: "U0GONE", Name: "gone", Deleted: true})
		for _, c := range []struct{ name, user, view, code string }{
			{"100 blocks", "U0ALICE", blocks(100, `{"type":"divider"}`), ""},
			{"101 blocks", "U0ALICE", blocks(101, `{"type":"divider"}`), "invalid_arguments"},
			{"too large", "U0ALICE", blocks(90, section), "view_too_large"},
			{"a modal", "U0ALICE", watchForm, "invalid_arguments"},
			{"a table", "U0ALICE", blocks(1, `{"type":"table","rows":[[{"type":"raw_text","text":"x"}]]}`), "invalid_arguments"},
			{"no view", "U0ALICE", "", "invalid_arguments"},
			{"nobody", "", homeOfAlice, "invalid_arguments"},
			{"a stranger to all", "U0NOBODY", homeOfAlice, "invalid_arguments"},
			{"one who left", "U0GONE", homeOfAlice, "invalid_arguments"},
			{"the bot", "U0COMPUTE", homeOfAlice, "invalid_arguments"},
		} {
			if got := w.publish(c.user, c.view, ""); got.code() != c.code {
				t.Errorf("%s: %.300s", c.name, got.Raw)
			}
		}
	})
}

func TestWithoutAHomeTab(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		if err := w.OpenHome("U0ALICE").Acked(t.Context()); failure(err) != "home_tab_disabled" {
			t.Errorf("opening it: %v", err)
		}
		if got := w.publish("U0ALICE", homeOfAlice, ""); got.code() != "not_enabled" {
			t.Errorf("publishing: %s", got.Raw)
		}
	}, without("home_tab_enabled"))
}

func TestWithoutASubscriptionNobodyHearsOfAHome(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		if err := w.OpenHome("U0ALICE").Acked(t.Context()); failure(err) != "no_event" {
			t.Errorf("opening it: %v", err)
		}
	}, without("app_home_opened"))
}

func TestOpeningTheMessagesTab(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		a := w.connect()
		w.publish("U0ALICE", homeOfAlice, "")
		opened := w.OpenMessages("U0ALICE")
		frame := a.read()
		a.ack(frame)
		ok(t, opened.Acked(t.Context()))
		outer, _ := frame["payload"].(map[string]any)
		payload(outer).says(t, map[string]string{"event type": "app_home_opened", "event tab": "messages", "event view": ""})
	})
}

// The real client publishes, and what a person sees is waited for.
func TestRealClientPublishesAHome(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		client := w.slack()
		go func() {
			time.Sleep(time.Second)
			client.PublishViewContext(context.WithoutCancel(t.Context()), slack.PublishViewContextRequest{UserID: "U0ALICE", View: slack.HomeTabViewRequest{
				Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: []slack.Block{slack.NewHeaderBlock(slack.NewTextBlockObject("plain_text", "Hello", false, false))}},
			}})
		}()
		seen, err := w.AwaitHome(t.Context(), "U0ALICE", func(v slacksim.View) bool { return v.Plain() == "Hello" })
		if err != nil || seen.User != "U0ALICE" {
			t.Errorf("she sees %+v, %v", seen, err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := w.AwaitHome(ctx, "U0BOB", func(slacksim.View) bool { return true }); err == nil {
			t.Error("Bob sees a Home too")
		}
	})
}
