package slacksim_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"computeunits/bot/slacksim"
)

// reminder is a message with buttons and menus, as the bot might post it.
const reminder = `[
 {"type":"section","block_id":"cu-1","text":{"type":"mrkdwn","text":"*cu-1* expires in 6 days"},
  "accessory":{"type":"overflow","action_id":"more","options":[{"text":{"type":"plain_text","text":"Settings"},"value":"settings"},{"text":{"type":"plain_text","text":"Help"},"value":"help"}]}},
 {"type":"actions","block_id":"acts","elements":[
  {"type":"button","action_id":"ack","text":{"type":"plain_text","text":"Acknowledge"},"value":"cu-1","style":"primary"},
  {"type":"button","action_id":"drop","text":{"type":"plain_text","text":"Unwatch"},"style":"danger","confirm":{"title":{"type":"plain_text","text":"Sure?"},"text":{"type":"plain_text","text":"No more reminders."},"confirm":{"type":"plain_text","text":"Yes"},"deny":{"type":"plain_text","text":"No"}}},
  {"type":"button","text":{"type":"plain_text","text":"Open console"},"url":"https://console.example/cu-1"},
  {"type":"static_select","action_id":"snooze","placeholder":{"type":"plain_text","text":"Snooze"},"option_groups":[
    {"label":{"type":"plain_text","text":"Days"},"options":[{"text":{"type":"plain_text","text":"1 day"},"value":"1d"},{"text":{"type":"plain_text","text":"3 days"},"value":"3d"}]},
    {"label":{"type":"plain_text","text":"Longer"},"options":[{"text":{"type":"plain_text","text":"1 week"},"value":"1w"}]}]},
  {"type":"multi_users_select","action_id":"owners","max_selected_items":2,"placeholder":{"type":"plain_text","text":"Owners"}},
  {"type":"channels_select","action_id":"where"},
  {"type":"datepicker","action_id":"day","initial_date":"2026-12-01"},
  {"type":"timepicker","action_id":"hour"},
  {"type":"checkboxes","action_id":"boxes","options":[{"text":{"type":"plain_text","text":"Daily"},"value":"daily"},{"text":{"type":"plain_text","text":"Weekly"},"value":"weekly"}]},
  {"type":"radio_buttons","action_id":"lang","options":[{"text":{"type":"plain_text","text":"English"},"value":"en"},{"text":{"type":"plain_text","text":"中文"},"value":"zh"}]}
 ]}]`

// remind posts the reminder and returns it as Alice sees it.
func (w *world) remind() slacksim.Message {
	w.t.Helper()
	a := w.call("chat.postMessage", botAuth, url.Values{"channel": {"C0GPU"}, "text": {"cu-1 expires in 6 days"}, "blocks": {reminder}})
	if a.code() != "" {
		w.t.Fatal(a.Raw)
	}
	seen := w.History("C0GPU", "U0ALICE")
	return seen[len(seen)-1]
}

// payload reads an envelope, acknowledges it and returns what it carries.
func (a *app) payload() payload {
	a.t.Helper()
	frame := a.read()
	a.ack(frame)
	return payloadOf(a.t, frame)
}

func payloadOf(t *testing.T, frame map[string]any) payload {
	t.Helper()
	p, _ := frame["payload"].(map[string]any)
	if frame["type"] != "interactive" || frame["accepts_response_payload"] != (p["type"] != "block_actions") || frame["retry_attempt"] != nil {
		t.Errorf("the envelope is %v", frame)
	}
	return payload(p)
}

type payload map[string]any

// at is a string in the payload, or the JSON of another value; "" when it is
// absent.
func (p payload) at(path ...string) string {
	var v any = map[string]any(p)
	for _, name := range path {
		switch in := v.(type) {
		case map[string]any:
			var there bool
			if v, there = in[name]; !there {
				return ""
			}
		case []any:
			if name != "0" || len(in) == 0 {
				return ""
			}
			v = in[0]
		default:
			return ""
		}
	}
	if text, is := v.(string); is {
		return text
	}
	text, _ := json.Marshal(v)
	return string(text)
}

// says fails the test unless the payload has the values.
func (p payload) says(t *testing.T, want map[string]string) {
	t.Helper()
	for path, value := range want {
		if got := p.at(strings.Split(path, " ")...); got != value {
			t.Errorf("%s is %s, not %s", path, got, value)
		}
	}
}

func TestPressingAButtonTellsTheAppEverything(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		a := w.connect()
		m := w.remind()
		press := w.Press("U0ALICE", m, "Acknowledge")
		p := a.payload()
		ok(t, press.Acked(t.Context()))
		p.says(t, map[string]string{
			"type": "block_actions", "api_app_id": "A0COMPUTE", "enterprise": "null", "is_enterprise_install": "false",
			"user id": "U0ALICE", "user username": "alice", "user name": "alice", "user team_id": "T0SIM",
			"team id": "T0SIM", "team domain": "simulated", "channel id": "C0GPU", "channel name": "gpu-capacity",
			"container type": "message", "container message_ts": m.TS, "container channel_id": "C0GPU", "container is_ephemeral": "false",
			"message ts": m.TS, "message bot_id": "B0COMPUTE", "message text": "cu-1 expires in 6 days",
			"trigger_id": press.TriggerID(), "response_url": press.ResponseURL(), "view": "",
			"actions 0 type": "button", "actions 0 action_id": "ack", "actions 0 block_id": "acts",
			"actions 0 value": "cu-1", "actions 0 text text": "Acknowledge", "actions 0 style": "primary",
			"state values acts snooze type": "static_select", "state values acts snooze selected_option": "null",
			"state values acts owners selected_users": "[]", "state values acts day selected_date": "2026-12-01",
			"state values acts ack": "", "state values cu-1": "",
		})
		if ts := p.at("actions", "0", "action_ts"); ts <= m.TS {
			t.Errorf("pressed at %s, before the message of %s", ts, m.TS)
		}
		w.uncomplaining()
	})
}

func TestAnAnswerReplacesThePressedMessage(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		a := w.connect()
		m := w.remind()
		press := w.Press("U0ALICE", m, "ack")
		a.payload()
		for _, body := range []string{
			`{"text":"noted","replace_original":false}`,
			`{"text":"a word to all","response_type":"in_channel"}`,
			`{"text":"Alice acknowledged cu-1","replace_original":true}`,
		} {
			if got := w.respond(press.ResponseURL(), body); got.Status != 200 {
				t.Fatalf("%s: %s", body, got.Raw)
			}
		}
		for _, want := range []struct{ text, to, ts string }{{"noted", "U0ALICE", ""}, {"a word to all", "", ""}, {"Alice acknowledged cu-1", "", m.TS}} {
			got, err := press.Reply(t.Context())
			ok(t, err)
			if got.Plain() != want.text || got.VisibleTo != want.to || want.ts != "" && got.TS != want.ts {
				t.Errorf("got %q for %q at %s, want %+v", got.Plain(), got.VisibleTo, got.TS, want)
			}
		}
		if seen := w.History("C0GPU", "U0BOB"); len(seen) != 2 || seen[0].Plain() != "Alice acknowledged cu-1" {
			t.Errorf("Bob sees %+v", seen)
		}
		// The button is gone with the message that had it.
		if err := w.Press("U0BOB", m, "ack").Acked(t.Context()); failure(err) != "no_such_control" {
			t.Errorf("pressing it again: %v", err)
		}
		if got := w.respond(press.ResponseURL(), `{"delete_original":true}`); got.Status != 200 {
			t.Error(got.Raw)
		}
		if err := w.Press("U0BOB", m, "ack").Acked(t.Context()); failure(err) != "message_not_found" {
			t.Errorf("pressing in a deleted message: %v", err)
		}
		w.respond(press.ResponseURL(), `{"text":"five"}`)
		if got := w.respond(press.ResponseURL(), `{"text":"six"}`); got.Status != 404 || got.code() != "used_url" {
			t.Errorf("a sixth use: %s", got.Raw)
		}
	}, unlimited)
}

func TestAnAnswerReplacesAnEphemeralMessageToo(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		a := w.connect()
		w.call("chat.postEphemeral", botAuth, url.Values{"channel": {"C0GPU"}, "user": {"U0ALICE"}, "text": {"page 1"}, "blocks": {reminder}})
		m := w.History("C0GPU", "U0ALICE")[0]
		if err := w.Press("U0BOB", m, "ack").Acked(t.Context()); failure(err) != "message_not_found" {
			t.Errorf("Bob presses what only Alice sees: %v", err)
		}
		press := w.Press("U0ALICE", m, "ack")
		p := a.payload()
		p.says(t, map[string]string{"container is_ephemeral": "true", "container message_ts": m.TS, "message": "", "channel id": "C0GPU"})
		w.respond(press.ResponseURL(), `{"text":"page 2","replace_original":"true"}`)
		if seen := w.History("C0GPU", "U0ALICE"); len(seen) != 1 || seen[0].Plain() != "page 2" || seen[0].VisibleTo != "U0ALICE" {
			t.Errorf("Alice sees %+v", seen)
		}
		time.Sleep(31 * time.Minute)
		if got := w.respond(press.ResponseURL(), `{"text":"page 3","replace_original":true}`); got.code() != "expired_url" {
			t.Errorf("after half an hour: %s", got.Raw)
		}
	})
}

func TestChoosing(t *testing.T) {
	for _, c := range []struct {
		menu   string
		values []string
		want   map[string]string // in actions 0
		state  string            // member of the state, then the same value
	}{
		{"snooze", []string{"3d"}, map[string]string{"type": "static_select", "selected_option value": "3d", "selected_option text text": "3 days"}, "selected_option value"},
		{"Snooze", []string{"1 week"}, map[string]string{"selected_option value": "1w"}, "selected_option value"},
		{"snooze", nil, map[string]string{"selected_option": "null"}, "selected_option"},
		{"owners", []string{"@bob", "U0MEI"}, map[string]string{"selected_users": `["U0BOB","U0MEI"]`}, "selected_users"},
		{"where", []string{"#general"}, map[string]string{"selected_channel": "C0GENERAL"}, "selected_channel"},
		{"day", []string{"2026-12-24"}, map[string]string{"selected_date": "2026-12-24", "initial_date": "2026-12-01"}, "selected_date"},
		{"hour", []string{"09:30"}, map[string]string{"selected_time": "09:30"}, "selected_time"},
		{"boxes", []string{"weekly"}, map[string]string{"selected_options 0 value": "weekly"}, "selected_options 0 value"},
		{"lang", []string{"中文"}, map[string]string{"selected_option value": "zh"}, "selected_option value"},
		{"more", []string{"Help"}, map[string]string{"type": "overflow", "block_id": "cu-1", "selected_option value": "help"}, ""},
	} {
		t.Run(c.menu+" "+strings.Join(c.values, " "), func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				a := w.connect()
				choice := w.Select("U0ALICE", w.remind(), c.menu, c.values...)
				p := a.payload()
				ok(t, choice.Acked(t.Context()))
				action := p.at("actions", "0", "action_id")
				for path, value := range c.want {
					p.says(t, map[string]string{"actions 0 " + path: value})
					if path == c.state {
						p.says(t, map[string]string{"state values acts " + action + " " + path: value})
					}
				}
			})
		})
	}
}

func TestWhatOnePersonChoosesOthersDoNotSee(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		a := w.connect()
		m := w.remind()
		w.Select("U0ALICE", m, "snooze", "3d")
		a.payload()
		w.Press("U0ALICE", m, "ack")
		a.payload().says(t, map[string]string{"state values acts snooze selected_option value": "3d"})
		w.Press("U0BOB", m, "ack")
		a.payload().says(t, map[string]string{"state values acts snooze selected_option": "null"})
	})
}

func TestMistakesOfTheTestAreFailures(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		m := w.remind()
		gone := m
		gone.TS = "1512085950.000216"
		for name, c := range map[string]struct {
			did  *slacksim.Interaction
			code string
		}{
			"no such button":         {w.Press("U0ALICE", m, "Renew"), "no_such_control"},
			"a menu is no button":    {w.Press("U0ALICE", m, "snooze"), "no_such_control"},
			"a button is no menu":    {w.Select("U0ALICE", m, "ack", "x"), "no_such_control"},
			"no such option":         {w.Select("U0ALICE", m, "snooze", "5d"), "no_such_choice"},
			"two of one":             {w.Select("U0ALICE", m, "snooze", "1d", "3d"), "no_such_choice"},
			"three of two":           {w.Select("U0ALICE", m, "owners", "alice", "bob", "mei"), "no_such_choice"},
			"no such person":         {w.Select("U0ALICE", m, "owners", "nobody"), "no_such_choice"},
			"no such channel":        {w.Select("U0ALICE", m, "where", "nowhere"), "no_such_choice"},
			"no date":                {w.Select("U0ALICE", m, "day", "tomorrow"), "no_such_choice"},
			"no time":                {w.Select("U0ALICE", m, "hour", "9:30"), "no_such_choice"},
			"an overflow left":       {w.Select("U0ALICE", m, "more"), "no_such_choice"},
			"no such message":        {w.Press("U0ALICE", gone, "ack"), "message_not_found"},
			"no such person presses": {w.Press("U0NOBODY", m, "ack"), "user_not_found"},
			"a Home never published": {w.Press("U0ALICE", w.Home("U0ALICE"), "ack"), "view_not_found"},
			"no confirmation asked":  {w.Press("U0ALICE", m, "Renew").Confirm(), "not_asked"},
		} {
			if err := c.did.Acked(t.Context()); failure(err) != c.code {
				t.Errorf("%s: %v, not %s", name, err, c.code)
			}
		}
		if err := w.Press("U0ALICE", m, "Renew").Acked(t.Context()); !strings.Contains(err.Error(), `button "Acknowledge" (acts/ack)`) {
			t.Errorf("the mistake does not say what there is: %v", err)
		}
	})
}

func TestAButtonThatAsksFirst(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		a := w.connect()
		press := w.Press("U0ALICE", w.remind(), "Unwatch")
		if err := press.Acked(t.Context()); failure(err) != "unconfirmed" || press.Asked().Text != "No more reminders." {
			t.Errorf("before she answers: %v", err)
		}
		if press.Delivered() != 0 {
			t.Error("the app knows already")
		}
		press.Confirm()
		a.payload().says(t, map[string]string{"actions 0 action_id": "drop"})
		ok(t, press.Acked(t.Context()))
	})
}

func TestAButtonWithAURLAlsoTellsTheApp(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		a := w.connect()
		m := w.remind()
		press := w.Press("U0ALICE", m, "Open console")
		p := a.payload()
		made := p.at("actions", "0", "action_id")
		if press.Opened() != "https://console.example/cu-1" || made == "" || !strings.Contains(p.at("message", "blocks"), made) {
			t.Errorf("opened %q, action_id %q", press.Opened(), made)
		}
		again := w.Press("U0BOB", m, made)
		a.payload()
		ok(t, again.Acked(t.Context()))
	})
}

func TestAPressThatNobodyAcknowledgesShowsAWarning(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		m := w.remind()
		if err := w.Press("U0ALICE", m, "ack").Acked(t.Context()); failure(err) != "dispatch_failed" {
			t.Errorf("without a connection: %v", err)
		}
		a := w.connect()
		press := w.Press("U0ALICE", m, "ack")
		frame := a.read()
		if err := press.Acked(t.Context()); failure(err) != "operation_timeout" || !strings.Contains(err.Error(), "warning sign") {
			t.Errorf("after three seconds: %v", err)
		}
		a.ack(frame)
		if press.Delivered() != 1 {
			t.Errorf("delivered %d times", press.Delivered())
		}
		w.complains("was not acknowledged within 3s")
	})
}

func TestWithoutInteractivityPressesGoNowhere(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.connect()
		press := w.Press("U0ALICE", w.remind(), "ack")
		if err := press.Acked(t.Context()); failure(err) != "interactivity_disabled" || press.Delivered() != 0 {
			t.Errorf("pressing: %v", err)
		}
	}, func(cfg *slacksim.Config) {
		cfg.Manifest = []byte(strings.Replace(string(cfg.Manifest), "interactivity:\n    is_enabled: true", "interactivity:\n    is_enabled: false", 1))
	})
}

func TestAnEnvelopeThatComesTwiceIsTheSamePress(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		a := w.connect()
		press := w.Press("U0ALICE", w.remind(), "ack")
		first := a.payload()
		ok(t, press.Acked(t.Context()))
		ok(t, w.Redeliver(press.EnvelopeID()))
		second := a.payload()
		for _, path := range []string{"trigger_id", "response_url", "actions"} {
			if first.at(path) == "" || first.at(path) != second.at(path) {
				t.Errorf("%s was %s, then %s", path, first.at(path), second.at(path))
			}
		}
		w.uncomplaining()
	})
}

func TestAnAcknowledgementOfAPressCarriesNothing(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		a := w.connect()
		press := w.Press("U0ALICE", w.remind(), "ack")
		a.ack(a.read(), `{"text":"hello"}`)
		ok(t, press.Acked(t.Context()))
		w.complains("carries a payload, which is ignored")
		if seen := w.History("C0GPU", "U0ALICE"); len(seen) != 1 {
			t.Errorf("she sees %+v", seen)
		}
	})
}

func TestTheHistoryShowsTheIdentifiersThatPressesCarry(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		a := w.connect()
		m := w.remind()
		page := w.call("conversations.history", botAuth, url.Values{"channel": {"C0GPU"}})
		w.Press("U0ALICE", m, "Open console")
		p := a.payload()
		messages, _ := page.Body["messages"].([]any)
		listed := payload{"messages": messages}
		if got, want := listed.at("messages", "0", "blocks"), p.at("message", "blocks"); got != want || !strings.Contains(got, p.at("actions", "0", "action_id")) {
			t.Errorf("the history has %s\nthe press %s", got, want)
		}
		var ids []string
		for _, c := range m.Controls() {
			ids = append(ids, c.ActionID)
		}
		if got := strings.Join(ids, " "); got != "more ack drop "+p.at("actions", "0", "action_id")+" snooze owners where day hour boxes lang" {
			t.Errorf("Alice can press %s", got)
		}
	}, granting("channels:history"))
}

func TestTwoButtonsOfOneNameNeedTheirBlock(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		a := w.connect()
		row := func(block, value string) string {
			return `{"type":"actions","block_id":"` + block + `","elements":[{"type":"button","action_id":"snooze","text":{"type":"plain_text","text":"Snooze"},"value":"` + value + `"}]}`
		}
		w.call("chat.postMessage", botAuth, url.Values{"channel": {"C0GPU"}, "text": {"two"}, "blocks": {"[" + row("one", "cu-1") + "," + row("two", "cu-2") + "]"}})
		m := w.History("C0GPU", "U0ALICE")[0]
		if err := w.Press("U0ALICE", m, "Snooze").Acked(t.Context()); failure(err) != "ambiguous" || !strings.Contains(err.Error(), "two/snooze") {
			t.Errorf("which one: %v", err)
		}
		w.Press("U0ALICE", m, "two/snooze")
		a.payload().says(t, map[string]string{"actions 0 value": "cu-2"})
		w.Press("U0ALICE", m, "cu-1")
		a.payload().says(t, map[string]string{"actions 0 block_id": "one"})
	})
}
