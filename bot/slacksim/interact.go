package slacksim

import (
	"context"
	"encoding/json"
	"fmt"

	"computeunits/bot/slacksim/blockkit"
)

// Place is something that a person sees and acts on: a Message or a View.
type Place interface{ place() place }

type place struct{ channel, ts, view string }

func (m Message) place() place { return place{channel: m.Channel, ts: m.TS} }

func (v View) place() place { return place{view: v.ID} }

// Interaction is something that a person did with a control or a view.
type Interaction struct {
	*Delivery
	responseURL string
	triggerID   string
	replies     *inbox[Message]

	// Guarded by Workspace.mu.
	opened string           // URL
	dialog *blockkit.Dialog // asked and not answered yet
	send   func()           // goes on when the person confirms
}

// surface is where a person acts, as it is now.
type surface struct {
	in     *conversation // of a message
	post   *post
	view   *view
	blocks json.RawMessage
}

// surface finds a place and checks that the person sees it. w.mu is held.
func (w *Workspace) surface(user string, at place) (surface, *Failure) {
	if u, known := w.users[user]; !known || u.Deleted {
		return surface{}, &Failure{"user_not_found", fmt.Sprintf("there is no active user %s", user)}
	}
	if at.view != "" || at.channel == "" {
		v := w.views[at.view]
		if v == nil || v.user != user || v != w.homes[user] && v != w.top(user) {
			return surface{}, &Failure{"view_not_found", fmt.Sprintf("%s does not see the view %q", user, at.view)}
		}
		return surface{view: v, blocks: v.blocks}, nil
	}
	in := w.channels[at.channel]
	stamp, _ := parseStamp(at.ts)
	if in == nil || !in.visible(user) || in.find(stamp) == nil || !in.find(stamp).shows(user) {
		return surface{}, &Failure{"message_not_found", fmt.Sprintf("%s does not see a message %s in %s", user, at.ts, at.channel)}
	}
	p := in.find(stamp)
	return surface{in: in, post: p, blocks: p.identified()}, nil
}

// value is what a control of the surface holds for a person.
func (s surface) value(user string, c blockkit.Control) json.RawMessage {
	if s.view != nil {
		return s.view.value(c)
	}
	return s.post.chosen[user].value(c)
}

// keep stores what a person chose.
func (s surface) keep(user string, c blockkit.Control, value json.RawMessage) {
	if s.view != nil {
		s.view.chosen = s.view.chosen.with(c, value)
		return
	}
	if s.post.chosen == nil {
		s.post.chosen = map[string]choices{}
	}
	s.post.chosen[user] = s.post.chosen[user].with(c, value)
}

// Press presses a button of a message, a Home or a modal as a person and does
// not wait. The button is named by its action_id, by what it says, by its value,
// or by block_id/action_id, in this order. The place may have changed since it
// was seen; the button must still be there. What becomes of it is told by Acked
// and Reply: a *Failure is also the mistake of pressing what is not there.
//
// A button with a confirm object only shows its dialog: Acked is then the
// *Failure "unconfirmed" until Confirm is called.
func (w *Workspace) Press(user string, on Place, button string) *Interaction {
	return w.act(user, on, button, func(c blockkit.Control) (json.RawMessage, *Failure) {
		switch c.Type {
		case "button", "icon_button":
			return nil, nil
		case "workflow_button", "feedback_buttons":
			return nil, &Failure{"not_simulated", c.Type + " is not simulated"}
		}
		return nil, &Failure{"no_such_control", fmt.Sprintf("%q is a %s, no button; use Select", button, c.Type)}
	})
}

// Select chooses in a menu, a picker, boxes or an overflow menu, as Press
// presses a button: options by value or label, people and channels by id or
// name, a date as 2026-01-31, a time as 15:04, both as Unix seconds. For menus
// of several choices the values are all that is chosen then. No value takes a
// choice back. Fields of a form are filled with Fill.
func (w *Workspace) Select(user string, on Place, menu string, values ...string) *Interaction {
	return w.act(user, on, menu, func(c blockkit.Control) (json.RawMessage, *Failure) {
		switch {
		case c.Field && !c.Dispatch:
			return nil, &Failure{"no_such_control", fmt.Sprintf("%q is a field of a form; use Fill and Submit", menu)}
		case c.Holds == "" && c.Type != "overflow":
			return nil, &Failure{"no_such_control", fmt.Sprintf("%q is a %s; use Press", menu, c.Type)}
		}
		return w.choose(user, c, values)
	})
}

// act finds a control and goes on with what the person does with it.
func (w *Workspace) act(user string, on Place, what string, choose func(blockkit.Control) (json.RawMessage, *Failure)) *Interaction {
	w.mu.Lock()
	defer w.mu.Unlock()
	in := w.newInteraction(fmt.Sprintf("%q", what))
	s, failure := w.surface(user, on.place())
	var c blockkit.Control
	var value json.RawMessage
	if failure == nil {
		c, failure = findControl(s.blocks, what)
	}
	if failure == nil {
		value, failure = choose(c)
	}
	if failure != nil {
		in.settle(failure, 0)
		return in
	}
	in.send = func() { w.dispatch(in, user, s, c, value) }
	if c.Confirm != nil {
		in.dialog = c.Confirm
		return in
	}
	in.send()
	return in
}

func (w *Workspace) newInteraction(what string) *Interaction {
	in := &Interaction{replies: newInbox[Message]()}
	in.Delivery = &Delivery{w: w, kind: interactive(), what: what, settled: make(chan struct{})}
	in.fails = func(code string) *Failure {
		return &Failure{code, "a warning sign stands at " + what + ": the app did not answer in time"}
	}
	return in
}

// dispatch sends what a person did with a control. w.mu is held.
func (w *Workspace) dispatch(in *Interaction, user string, s surface, c blockkit.Control, value json.RawMessage) {
	in.opened = c.URL
	if c.Holds != "" {
		s.keep(user, c, value)
	}
	if !w.app.interactive {
		in.settle(notInteractive(), 0)
		return
	}
	in.kind = unanswered()
	payload := w.interaction("block_actions", user)
	if s.view != nil {
		in.triggerID = w.newTrigger(user, "", s.view.id)
		w.viewAction(payload, s.view)
	} else {
		in.triggerID = w.newTrigger(user, s.in.ID, "")
		in.responseURL = w.messageAction(payload, user, s, in.replies)
	}
	payload["trigger_id"] = in.triggerID
	payload["actions"] = []map[string]any{w.action(c, value)}
	in.payload = encode(payload)
	w.send(in.Delivery, false)
}

// notInteractive is what people see when the manifest has no interactivity.
func notInteractive() *Failure {
	return &Failure{"interactivity_disabled", "This app is not configured to handle interactive responses."}
}

// Asked is the dialog that the person sees; nil when there is none, or none any
// more.
func (in *Interaction) Asked() *blockkit.Dialog {
	in.w.mu.Lock()
	defer in.w.mu.Unlock()
	return in.dialog
}

// Confirm answers the dialog of a control with yes, and returns the same
// interaction. Without a dialog that is a mistake, and Acked says so.
func (in *Interaction) Confirm() *Interaction {
	in.w.mu.Lock()
	defer in.w.mu.Unlock()
	if in.dialog == nil {
		again := in.w.newInteraction(in.what)
		again.settle(&Failure{"not_asked", in.what + " asks for no confirmation"}, 0)
		return again
	}
	in.dialog = nil
	in.send()
	return in
}

// Acked is Delivery.Acked; the *Failure "unconfirmed" while a dialog waits.
func (in *Interaction) Acked(ctx context.Context) error {
	if d := in.Asked(); d != nil {
		return &Failure{"unconfirmed", fmt.Sprintf("%s asks %q: %q [%s] [%s]", in.what, d.Title, d.Text, d.Deny, d.Confirm)}
	}
	return in.Delivery.Acked(ctx)
}

// Reply returns the next message that arrives by the interaction's
// response_url, as Invocation.Reply does for a command; a message with the
// pressed button, when it is replaced, is one.
func (in *Interaction) Reply(ctx context.Context) (Message, error) {
	if in.isSettled() && in.failure != nil && in.failure.Code != "operation_timeout" {
		return Message{}, in.failure
	}
	m, err := in.replies.next(ctx, in.w.done)
	if err != nil {
		return Message{}, fmt.Errorf("waiting for a reply to %s: %w", in.what, err)
	}
	return m, nil
}

// Opened is the URL that the pressed button opened in the person's browser.
func (in *Interaction) Opened() string {
	in.w.mu.Lock()
	defer in.w.mu.Unlock()
	return in.opened
}

// ResponseURL is the URL that the app may answer by; "" for views, and when
// nothing went out.
func (in *Interaction) ResponseURL() string {
	in.w.mu.Lock()
	defer in.w.mu.Unlock()
	return in.responseURL
}

// TriggerID is the trigger_id that the app may open a modal by; "" when nothing
// went out.
func (in *Interaction) TriggerID() string {
	in.w.mu.Lock()
	defer in.w.mu.Unlock()
	return in.triggerID
}
