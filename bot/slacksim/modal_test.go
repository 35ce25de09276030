package slacksim_test

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"computeunits/bot/slacksim"
)

// watchForm is a modal with a form.
const watchForm = `{"type":"modal","callback_id":"watch","private_metadata":"svco-1","notify_on_close":true,
 "title":{"type":"plain_text","text":"Watch a service"},"submit":{"type":"plain_text","text":"Save"},"close":{"type":"plain_text","text":"Cancel"},
 "blocks":[
  {"type":"section","block_id":"intro","text":{"type":"mrkdwn","text":"*svco-1*"},"accessory":{"type":"button","action_id":"check","text":{"type":"plain_text","text":"Check"}}},
  {"type":"input","block_id":"label","label":{"type":"plain_text","text":"Label"},"element":{"type":"plain_text_input","action_id":"text","min_length":2,"max_length":10}},
  {"type":"input","block_id":"channel","label":{"type":"plain_text","text":"Channel"},"element":{"type":"conversations_select","action_id":"pick","default_to_current_conversation":true,"response_url_enabled":true,"filter":{"include":["public","private"]}}},
  {"type":"input","block_id":"owners","optional":true,"label":{"type":"plain_text","text":"Owners"},"element":{"type":"multi_users_select","action_id":"pick"}},
  {"type":"input","block_id":"days","optional":true,"label":{"type":"plain_text","text":"Days"},"element":{"type":"number_input","action_id":"n","is_decimal_allowed":false,"min_value":"1","max_value":"60"}}
 ]}`

// notice is a modal with nothing to fill in.
func notice(title string) string {
	return `{"type":"modal","title":{"type":"plain_text","text":"` + title + `"},"blocks":[{"type":"section","text":{"type":"plain_text","text":"words"}}]}`
}

// openForm has Alice type a command and the app open a modal with it.
func (w *world) openForm(a *app, view string) slacksim.View {
	w.t.Helper()
	command := w.Slash("U0ALICE", "C0GPU", "/computeunits watch")
	a.ack(a.read())
	if got := w.call("views.open", botAuth, url.Values{"trigger_id": {command.TriggerID()}, "view": {view}}); got.code() != "" {
		w.t.Fatal(got.Raw)
	}
	v, open := w.Modal("U0ALICE")
	if !open {
		w.t.Fatal("no modal is open")
	}
	return v
}

func TestAFormIsFilledInAndSubmitted(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		a := w.connect()
		form := w.openForm(a, watchForm)
		want := "Watch a service\n*svco-1*\n[Check]\nLabel\nChannel: [#C0GPU ▾]\nOwners: [▾]\nDays\n[Cancel] [Save]"
		if got := form.Plain(); got != want {
			t.Errorf("Alice sees\n%s\nnot\n%s", got, want)
		}

		// She cannot send it half filled in: Slack tells her, not the app.
		send := w.Submit("U0ALICE", form)
		if err := send.Acked(t.Context()); failure(err) != "invalid_form" || send.Delivered() != 0 {
			t.Errorf("an empty form: %v", err)
		}
		form, _ = w.Modal("U0ALICE")
		if got := form.Errors["label"]; !strings.Contains(got, "required") || len(form.Errors) != 1 || !strings.Contains(form.Plain(), "! Label: "+got) {
			t.Errorf("she sees\n%s", form.Plain())
		}

		ok(t, w.Fill("U0ALICE", form, "Label", "training"))
		ok(t, w.Fill("U0ALICE", form, "Owners", "bob", "mei"))
		ok(t, w.Fill("U0ALICE", form, "Days", "30"))
		form, _ = w.Modal("U0ALICE")
		for _, want := range []string{"Label: [training]", "Owners: [@U0BOB, @U0MEI ▾]", "Days: [30]"} {
			if !strings.Contains(form.Plain(), want) {
				t.Errorf("%q is missing in\n%s", want, form.Plain())
			}
		}
		send = w.Submit("U0ALICE", form)
		p := a.payload()
		ok(t, send.Acked(t.Context()))
		p.says(t, map[string]string{
			"type": "view_submission", "user id": "U0ALICE", "team id": "T0SIM", "trigger_id": send.TriggerID(),
			"view id": form.ID, "view hash": form.Hash, "view callback_id": "watch", "view private_metadata": "svco-1",
			"view root_view_id": form.ID, "view previous_view_id": "null", "view bot_id": "B0COMPUTE", "view title text": "Watch a service",
			"view state values label text type": "plain_text_input", "view state values label text value": "training",
			"view state values channel pick selected_conversation": "C0GPU",
			"view state values owners pick selected_users":         `["U0BOB","U0MEI"]`,
			"view state values days n value":                       "30",
			"response_urls 0 channel_id":                           "C0GPU", "response_urls 0 block_id": "channel", "channel": "", "response_url": "",
		})
		if _, open := w.Modal("U0ALICE"); open {
			t.Error("the modal is still open")
		}
		if got := w.respond(p.at("response_urls", "0", "response_url"), `{"text":"watched","response_type":"in_channel"}`); got.Status != 200 {
			t.Error(got.Raw)
		}
		if m, err := send.Reply(t.Context()); err != nil || m.Plain() != "watched" {
			t.Errorf("got %q, %v", m.Plain(), err)
		}
		w.uncomplaining()
	})
}

func TestWhatSlackItselfFindsWrongWithAForm(t *testing.T) {
	field := func(label, element string) string {
		return `{"type":"input","block_id":"` + label + `","label":{"type":"plain_text","text":"` + label + `"},"element":{"type":"` + element + `}}`
	}
	view := `{"type":"modal","title":{"type":"plain_text","text":"T"},"submit":{"type":"plain_text","text":"Go"},"blocks":[` + strings.Join([]string{
		field("short", `plain_text_input","max_length":3`), field("long", `plain_text_input","min_length":3`),
		field("mail", `email_text_input"`), field("link", `url_text_input"`),
		field("whole", `number_input","is_decimal_allowed":false,"min_value":"2","max_value":"9"`), field("part", `number_input","is_decimal_allowed":true`),
	}, ",") + `]}`
	good := map[string]string{"short": "中文字", "long": "abc", "mail": "a@b.example", "link": "https://x.example/", "whole": "9", "part": "1.5"}
	for _, c := range []struct{ field, text, wrong string }{
		{"short", "abcd", "at most 3"}, {"long", "ab", "at least 3"}, {"mail", "nobody", "email"}, {"mail", "A <a@b.example>", "email"},
		{"link", "example", "URL"}, {"whole", "1", "at least 2"}, {"whole", "10", "at most 9"}, {"whole", "2.5", "valid number"}, {"part", "many", "valid number"},
		{"part", "", "required"}, {"", "", ""},
	} {
		t.Run(c.field+" "+c.text, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				a := w.connect()
				form := w.openForm(a, view)
				for name, text := range good {
					if name == c.field {
						text = c.text
					}
					ok(t, w.Fill("U0ALICE", form, name, text))
				}
				send := w.Submit("U0ALICE", form)
				if c.field == "" {
					a.payload()
					ok(t, send.Acked(t.Context()))
					return
				}
				form, _ = w.Modal("U0ALICE")
				if failure(send.Acked(t.Context())) != "invalid_form" || len(form.Errors) != 1 || !strings.Contains(form.Errors[c.field], c.wrong) {
					t.Errorf("she sees %q", form.Errors)
				}
			})
		})
	}
}

func TestAnswersToASubmission(t *testing.T) {
	simple := strings.Replace(watchForm, `"submit"`, `"clear_on_close":false,"submit"`, 1)
	for _, c := range []struct {
		name, payload string
		code, title   string // of the failure; of the view that is seen then
		complaint     string
	}{
		{"nothing", ``, "", "", ""},
		{"an empty object", `{}`, "", "", ""},
		{"clear", `{"response_action":"clear"}`, "", "", ""},
		{"errors", `{"response_action":"errors","errors":{"label":"taken"}}`, "", "Watch a service", ""},
		{"an update", `{"response_action":"update","view":` + notice("Saved") + `}`, "", "Saved", ""},
		{"a push", `{"response_action":"push","view":` + notice("More") + `}`, "", "More", ""},
		{"errors at no field", `{"response_action":"errors","errors":{"intro":"x"}}`, "invalid_response", "Watch a service", "no input block"},
		{"errors by action_id", `{"response_action":"errors","errors":{"text":"x"}}`, "invalid_response", "Watch a service", "no input block"},
		{"no errors", `{"response_action":"errors","errors":{}}`, "invalid_response", "Watch a service", "errors is empty"},
		{"a broken view", `{"response_action":"update","view":{"type":"modal","blocks":[]}}`, "invalid_response", "Watch a service", "missing required field: title"},
		{"a Home", `{"response_action":"update","view":{"type":"home","blocks":[]}}`, "invalid_response", "Watch a service", "unsupported type: home"},
		{"no view", `{"response_action":"update"}`, "invalid_response", "Watch a service", "missing required field: view"},
		{"nonsense", `{"response_action":"smile"}`, "invalid_response", "Watch a service", `no response_action "smile"`},
		{"a message", `"hello"`, "invalid_response", "Watch a service", "cannot unmarshal"},
	} {
		t.Run(c.name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				a := w.connect()
				form := w.openForm(a, simple)
				ok(t, w.Fill("U0ALICE", form, "Label", "training"))
				send := w.Submit("U0ALICE", form)
				frame := a.read()
				if c.payload == "" {
					a.ack(frame)
				} else {
					a.ack(frame, c.payload)
				}
				if err := send.Acked(t.Context()); failure(err) != c.code {
					t.Errorf("Acked: %v", err)
				}
				seen, open := w.Modal("U0ALICE")
				if open != (c.title != "") || seen.Title != c.title {
					t.Errorf("she sees %q", seen.Plain())
				}
				if c.complaint == "" {
					w.uncomplaining()
				} else {
					w.complains(c.complaint)
					if !strings.Contains(seen.Plain(), "We had some trouble connecting") {
						t.Errorf("she sees no trouble in\n%s", seen.Plain())
					}
				}
				if c.name == "errors" && (seen.Errors["label"] != "taken" || !strings.Contains(seen.Plain(), "Label: [training]")) {
					t.Errorf("she sees\n%s", seen.Plain())
				}
			})
		})
	}
}

func TestASubmissionThatNobodyAcknowledgesCanBeTriedAgain(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		a := w.connect()
		form := w.openForm(a, watchForm)
		ok(t, w.Fill("U0ALICE", form, "Label", "training"))
		send := w.Submit("U0ALICE", form)
		frame := a.read()
		if err := send.Acked(t.Context()); failure(err) != "operation_timeout" {
			t.Errorf("after three seconds: %v", err)
		}
		a.ack(frame, `{"response_action":"clear"}`) // too late to count
		form, open := w.Modal("U0ALICE")
		if !open || form.Trouble == "" {
			t.Fatalf("she sees %+v", form)
		}
		send = w.Submit("U0ALICE", form)
		a.payload()
		ok(t, send.Acked(t.Context()))
	})
}

func TestTriggersOfViews(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		a := w.connect()
		trigger := func() string {
			command := w.Slash("U0ALICE", "C0GPU", "/computeunits")
			a.ack(a.read())
			return command.TriggerID()
		}
		open := func(id, view string) string {
			return w.call("views.open", botAuth, url.Values{"trigger_id": {id}, "view": {view}}).code()
		}
		first := trigger()
		for _, c := range []struct{ name, got, want string }{
			{"no trigger", open("", watchForm), "invalid_arguments"},
			{"no view", open(first, ""), "invalid_arguments"},
			{"a Home", open(first, `{"type":"home","blocks":[]}`), "invalid_arguments"},
			{"a broken view", open(first, `{"type":"modal","blocks":[]}`), "invalid_arguments"},
			{"a view too large", open(first, `{"type":"modal","title":{"type":"plain_text","text":"T"},"blocks":[`+strings.TrimSuffix(strings.Repeat(`{"type":"section","text":{"type":"plain_text","text":"`+strings.Repeat("x", 3000)+`"}},`, 90), ",")+`]}`), "view_too_large"},
			{"made up", open("1.2.3", watchForm), "invalid_trigger_id"},
			{"after refusals", open(first, watchForm), ""},
			{"a second time", open(first, watchForm), "exchanged_trigger_id"},
		} {
			if c.got != c.want {
				t.Errorf("%s: %q, not %q", c.name, c.got, c.want)
			}
		}
		late := trigger()
		time.Sleep(3*time.Second + time.Millisecond)
		if got := open(late, watchForm); got != "expired_trigger_id" {
			t.Errorf("after three seconds: %q", got)
		}
	})
}

func TestThreeViewsStandOnEachOther(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		a := w.connect()
		button := `{"type":"modal","notify_on_close":true,"title":{"type":"plain_text","text":"View %d"},"blocks":[{"type":"actions","elements":[{"type":"button","action_id":"deeper","text":{"type":"plain_text","text":"Deeper"}}]}]}`
		v := w.openForm(a, fmt.Sprintf(button, 1))
		root := v.ID
		push := func(n int) string {
			w.Press("U0ALICE", v, "Deeper")
			p := a.payload()
			p.says(t, map[string]string{"container type": "view", "container view_id": v.ID, "view id": v.ID, "response_url": "", "channel": "", "message": "", "state": ""})
			got := w.call("views.push", botAuth, url.Values{"trigger_id": {p.at("trigger_id")}, "view": {fmt.Sprintf(button, n)}})
			v, _ = w.Modal("U0ALICE")
			return got.code()
		}
		if code := push(2); code != "" || v.Title != "View 2" {
			t.Fatalf("pushing: %s, she sees %q", code, v.Title)
		}
		push(3)
		if code := push(4); code != "push_limit_reached" || v.Title != "View 3" {
			t.Errorf("a fourth view: %s, she sees %q", code, v.Title)
		}
		// A trigger from outside the modal pushes nothing.
		press := w.Press("U0ALICE", w.remind(), "ack")
		a.payload()
		if got := w.call("views.push", botAuth, url.Values{"trigger_id": {press.TriggerID()}, "view": {notice("x")}}); got.code() != "invalid_arguments" {
			t.Errorf("from a message: %s", got.Raw)
		}
		below := w.openView(t, "U0ALICE")
		cancel := w.Cancel("U0ALICE", below)
		a.payload().says(t, map[string]string{"type": "view_closed", "is_cleared": "false", "view id": below.ID, "view root_view_id": root})
		ok(t, cancel.Acked(t.Context()))
		if below = w.openView(t, "U0ALICE"); below.Title != "View 2" {
			t.Errorf("she sees %q", below.Title)
		}
		w.Dismiss("U0ALICE", below)
		for range 2 {
			a.payload().says(t, map[string]string{"type": "view_closed", "is_cleared": "true"})
		}
		if _, open := w.Modal("U0ALICE"); open {
			t.Error("the modal is still open")
		}
		if err := w.Cancel("U0ALICE", below).Acked(t.Context()); failure(err) != "view_not_found" {
			t.Errorf("closing it again: %v", err)
		}
	}, unlimited)
}

// openView is the modal that a person sees.
func (w *world) openView(t *testing.T, user string) slacksim.View {
	t.Helper()
	v, open := w.Modal(user)
	if !open {
		t.Fatalf("%s sees no modal", user)
	}
	return v
}

func TestTheAppHearsOfAClosedViewOnlyWhenItAsked(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		a := w.connect()
		v := w.openForm(a, notice("Quiet"))
		if err := w.Cancel("U0ALICE", v).Acked(t.Context()); failure(err) != "no_event" {
			t.Errorf("closing: %v", err)
		}
	})
}

func TestUpdatingAView(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		a := w.connect()
		form := w.openForm(a, strings.Replace(watchForm, `"callback_id"`, `"external_id":"watch-1","callback_id"`, 1))
		ok(t, w.Fill("U0ALICE", form, "Label", "training"))
		update := func(more url.Values) answer {
			args := url.Values{"view": {strings.Replace(watchForm, "*svco-1*", "*svco-1* has 5 units", 1)}}
			for name, values := range more {
				args[name] = values
			}
			return w.call("views.update", botAuth, args)
		}
		for _, c := range []struct {
			name string
			args url.Values
			code string
		}{
			{"which view", url.Values{}, "invalid_arguments"},
			{"no such view", url.Values{"view_id": {"V0"}}, "not_found"},
			{"no such external_id", url.Values{"external_id": {"watch-2"}}, "not_found"},
			{"another hash", url.Values{"view_id": {form.ID}, "hash": {"1.0"}}, "hash_conflict"},
			{"a Home", url.Values{"view_id": {form.ID}, "view": {`{"type":"home","blocks":[]}`}}, "invalid_arguments"},
			{"a broken view", url.Values{"view_id": {form.ID}, "view": {`{"type":"modal"}`}}, "invalid_arguments"},
			{"by external_id, with the hash", url.Values{"external_id": {"watch-1"}, "hash": {form.Hash}}, ""},
			{"the hash is another then", url.Values{"view_id": {form.ID}, "hash": {form.Hash}}, "hash_conflict"},
			{"by id, without a hash", url.Values{"view_id": {form.ID}}, ""},
		} {
			if got := update(c.args); got.code() != c.code {
				t.Errorf("%s: %s", c.name, got.Raw)
			}
		}
		// What she typed stays, because the field kept its identifiers.
		if seen := w.openView(t, "U0ALICE"); !strings.Contains(seen.Plain(), "5 units") || !strings.Contains(seen.Plain(), "Label: [training]") {
			t.Errorf("she sees\n%s", seen.Plain())
		}
		w.Dismiss("U0ALICE", form)
		a.payload()
		if got := update(url.Values{"view_id": {form.ID}}); got.code() != "not_found" {
			t.Errorf("after she closed it: %s", got.Raw)
		}
	})
}

func TestExternalIDsAreUnique(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		a := w.connect()
		named := strings.Replace(watchForm, `"callback_id"`, `"external_id":"one","callback_id"`, 1)
		w.openForm(a, named)
		bob := w.Slash("U0BOB", "C0GPU", "/computeunits watch")
		a.ack(a.read())
		if got := w.call("views.open", botAuth, url.Values{"trigger_id": {bob.TriggerID()}, "view": {named}}); got.code() != "duplicate_external_id" {
			t.Errorf("Bob gets the same: %s", got.Raw)
		}
	})
}

// The real client reads what comes back.
func TestRealClientOpensAModal(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		a := w.connect()
		press := w.Press("U0ALICE", w.remind(), "ack")
		a.payload()
		made, err := w.slack().OpenViewContext(t.Context(), press.TriggerID(), slack.ModalViewRequest{
			Type: slack.VTModal, Title: slack.NewTextBlockObject("plain_text", "Hi", false, false),
			Blocks: slack.Blocks{BlockSet: []slack.Block{slack.NewDividerBlock()}},
		})
		ok(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		seen, err := w.AwaitModal(ctx, "U0ALICE", func(v slacksim.View) bool { return v.Title == "Hi" })
		ok(t, err)
		if made.View.ID != seen.ID || made.View.Hash != seen.Hash || seen.Plain() != "Hi\n---\n[Close]" {
			t.Errorf("made %+v, she sees\n%s", made.View, seen.Plain())
		}
		made, err = w.slack().UpdateViewContext(t.Context(), slack.ModalViewRequest{
			Type: slack.VTModal, Title: slack.NewTextBlockObject("plain_text", "Hi again", false, false),
			Blocks: slack.Blocks{BlockSet: []slack.Block{slack.NewDividerBlock()}},
		}, "", seen.Hash, seen.ID)
		ok(t, err)
		if _, err := w.AwaitModal(ctx, "U0ALICE", func(v slacksim.View) bool { return v.Hash == made.View.Hash }); err != nil {
			t.Error(err)
		}
	})
}
