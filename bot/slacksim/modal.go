package slacksim

import (
	"encoding/json"
	"fmt"
	"net/mail"
	"net/url"
	"slices"
	"strconv"
	"unicode/utf8"

	"computeunits/bot/slacksim/blockkit"
)

// trouble is what a modal shows when the app failed a submission.
const trouble = "We had some trouble connecting. Try again?"

// Fill fills a field of the form that a person sees: a control of an input
// block, named by its label or as Press names a button; values as for Select, a
// text for fields to type into, none to empty it. What is filled in is checked
// by Submit. A field with dispatch_action also tells the app at once, without
// waiting. The error is a *Failure: the mistake of filling in what is not there.
func (w *Workspace) Fill(user string, on Place, field string, values ...string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	s, f := w.surface(user, on.place())
	if f != nil {
		return f
	}
	c, f := findControl(s.blocks, field)
	if f != nil {
		return f
	}
	if !c.Field {
		return &Failure{"no_such_control", fmt.Sprintf("%q is no field of a form; use Press or Select", field)}
	}
	value, f := w.choose(user, c, values)
	if f != nil {
		return f
	}
	if c.Dispatch {
		w.dispatch(w.newInteraction(fmt.Sprintf("%q", field)), user, s, c, value)
		return nil
	}
	s.keep(user, c, value)
	return nil
}

// Submit presses the submit button of the modal that a person sees, and does
// not wait. What Slack finds wrong with the form by itself it shows at the
// fields, and the app hears nothing: Acked is then the *Failure "invalid_form".
// When Acked returns nil, the app's answer has taken effect: the view is closed,
// replaced, or shows the app's errors.
func (w *Workspace) Submit(user string, modal View) *Interaction {
	w.mu.Lock()
	defer w.mu.Unlock()
	in := w.newInteraction("the submission of " + strconv.Quote(modal.Title))
	s, f := w.surface(user, modal.place())
	switch {
	case f != nil:
	case s.view.Type != "modal" || s.view.Submit == nil:
		f = &Failure{"no_such_control", "the view has no submit button"}
	case !w.complete(s.view):
		f = &Failure{"invalid_form", fmt.Sprintf("the form shows %q", s.view.errors)}
	case !w.app.interactive:
		f = notInteractive()
	}
	if f != nil {
		in.settle(f, 0)
		return in
	}
	v := s.view
	v.trouble = ""
	in.triggerID = w.newTrigger(user, v.channel, v.id)
	payload := w.interaction("view_submission", user)
	payload["trigger_id"], payload["view"] = in.triggerID, v.object()
	payload["response_urls"] = w.responseURLs(v, in.replies)
	in.payload = encode(payload)
	in.fails = func(code string) *Failure { return &Failure{code, trouble} }
	in.missed = func(*Failure) { v.trouble = trouble; w.tellView(v) }
	in.conclude = func(answer json.RawMessage) *Failure { return w.concludeSubmission(v, answer) }
	w.send(in.Delivery, false)
	return in
}

// complete checks the form as Slack's client does, and notes what is wrong.
// The sentences are ours. w.mu is held.
func (w *Workspace) complete(v *view) bool {
	v.errors = map[string]string{}
	for _, c := range blockkit.Controls(v.blocks) {
		if !c.Field {
			continue
		}
		value := v.value(c)
		switch {
		case !isEmpty(value):
			if wrong := wrongText(c, value); wrong != "" {
				v.errors[c.BlockID] = wrong
			}
		case !c.Optional && c.Holds != "":
			v.errors[c.BlockID] = "Please complete this required field."
		}
	}
	w.tellView(v)
	return len(v.errors) == 0
}

// wrongText is what is wrong with what was typed into a field; "" nothing
// (https://docs.slack.dev/reference/block-kit/block-elements).
func wrongText(c blockkit.Control, value json.RawMessage) string {
	var text string
	if c.Holds != "value" || json.Unmarshal(value, &text) != nil {
		return ""
	}
	var rules struct {
		MinLength int    `json:"min_length"`
		MaxLength int    `json:"max_length"`
		Decimal   bool   `json:"is_decimal_allowed"`
		Least     string `json:"min_value"`
		Most      string `json:"max_value"`
	}
	json.Unmarshal(c.JSON, &rules) // checked when it was sent
	length := utf8.RuneCountInString(text)
	most := 3000
	if rules.MaxLength > 0 {
		most = rules.MaxLength
	}
	switch c.Type {
	case "email_text_input":
		if a, err := mail.ParseAddress(text); err != nil || a.Address != text {
			return "Please enter a valid email address."
		}
	case "url_text_input":
		if u, err := url.Parse(text); err != nil || u.Scheme == "" || u.Host == "" {
			return "Please enter a valid URL."
		}
	case "number_input":
		return wrongNumber(text, rules.Least, rules.Most, rules.Decimal)
	}
	switch {
	case length < rules.MinLength:
		return fmt.Sprintf("Please use at least %d characters.", rules.MinLength)
	case length > most:
		return fmt.Sprintf("Please use at most %d characters.", most)
	}
	return ""
}

func wrongNumber(text, least, most string, decimal bool) string {
	number, err := strconv.ParseFloat(text, 64)
	if _, whole := strconv.ParseInt(text, 10, 64); err != nil || !decimal && whole != nil {
		return "Please enter a valid number."
	}
	if bound, err := strconv.ParseFloat(least, 64); err == nil && number < bound {
		return "Please enter a number of at least " + least + "."
	}
	if bound, err := strconv.ParseFloat(most, 64); err == nil && number > bound {
		return "Please enter a number of at most " + most + "."
	}
	return ""
}

// responseURLs are those for the menus of the form with response_url_enabled.
// w.mu is held.
func (w *Workspace) responseURLs(v *view, replies *inbox[Message]) []map[string]any {
	list := []map[string]any{}
	for _, c := range blockkit.Controls(v.blocks) {
		var menu struct {
			Enabled bool `json:"response_url_enabled"`
		}
		var channel string
		json.Unmarshal(c.JSON, &menu) // checked when it was sent
		if !c.Field || !menu.Enabled || json.Unmarshal(v.value(c), &channel) != nil || channel == "" {
			continue
		}
		_, link := w.newResponse(channel, v.user, replies)
		list = append(list, map[string]any{
			"block_id": c.BlockID, "action_id": c.ActionID, "channel_id": channel, "response_url": link,
		})
	}
	return list
}

// submissionAnswer is what the acknowledgement of a submission may carry
// (https://docs.slack.dev/surfaces/modals, "response_action").
type submissionAnswer struct {
	Action string            `json:"response_action"`
	Errors map[string]string `json:"errors"`
	View   json.RawMessage   `json:"view"`
}

// concludeSubmission lets the app's answer take effect. w.mu is held.
func (w *Workspace) concludeSubmission(v *view, payload json.RawMessage) *Failure {
	if !slices.Contains(w.modals[v.user], v) {
		return nil // closed by the person in the meantime
	}
	if len(payload) == 0 {
		w.forget(v.user, slices.Index(w.modals[v.user], v))
		return nil
	}
	var a submissionAnswer
	err := json.Unmarshal(payload, &a)
	wrong := ""
	switch {
	case err != nil:
		wrong = err.Error()
	case a.Action == "errors":
		wrong = w.showErrors(v, a.Errors)
	case a.Action == "update" || a.Action == "push":
		wrong = w.showView(v, a)
	case a.Action == "clear":
		w.forget(v.user, 0)
	default:
		wrong = fmt.Sprintf("there is no response_action %q", a.Action)
	}
	if wrong == "" {
		return nil
	}
	w.complain("the answer to the submission of %q is refused: %s", v.Title.or(""), wrong)
	return &Failure{"invalid_response", trouble}
}

// showErrors shows errors at fields; they must name input blocks. w.mu is held.
func (w *Workspace) showErrors(v *view, errors map[string]string) (wrong string) {
	if len(errors) == 0 {
		return "errors is empty"
	}
	controls := blockkit.Controls(v.blocks)
	for block := range errors {
		if !slices.ContainsFunc(controls, func(c blockkit.Control) bool { return c.Field && c.BlockID == block }) {
			return fmt.Sprintf("errors names %q, which is no input block", block)
		}
	}
	v.errors = errors
	w.tellView(v)
	return ""
}

// showView replaces a submitted view or puts another one on it. w.mu is held.
func (w *Workspace) showView(v *view, a submissionAnswer) (wrong string) {
	source, refused := readView(string(a.View), "modal")
	if refused == nil {
		except := v
		if a.Action == "push" {
			except = nil
		}
		refused = w.taken(source.ExternalID, except)
	}
	switch {
	case refused != nil:
		return fmt.Sprintf("%s %v", refused.code, refused.more["response_metadata"])
	case a.Action == "update":
		w.fill(v, source)
		w.tellView(v)
	case len(w.modals[v.user]) >= maxStack:
		return "push_limit_reached"
	default:
		w.push(w.newView(v.user, v.channel, source))
	}
	return ""
}

// Cancel presses the cancel button of the modal that a person sees: the view
// below is seen again, unless clear_on_close closes all. The app is told when it
// asked for notify_on_close; otherwise Acked is the *Failure "no_event".
func (w *Workspace) Cancel(user string, modal View) *Interaction {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.close(user, modal, false)
}

// Dismiss closes the whole modal that a person sees, by the x in its corner.
// The app is told of each view with notify_on_close; the interaction is about
// the one that was seen.
func (w *Workspace) Dismiss(user string, modal View) *Interaction {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.close(user, modal, true)
}

// close closes the view on top, or all. w.mu is held.
func (w *Workspace) close(user string, modal View, all bool) *Interaction {
	s, f := w.surface(user, modal.place())
	if f == nil && s.view.Type != "modal" {
		f = &Failure{"view_not_found", "a Home is not closed"}
	}
	if f != nil {
		in := w.newInteraction("closing")
		in.settle(f, 0)
		return in
	}
	stack := w.modals[user]
	depth := len(stack) - 1
	if all || s.view.ClearOnClose {
		depth, all = 0, true
	}
	closed := slices.Clone(stack[depth:])
	w.forget(user, depth)
	var first *Interaction
	for _, v := range slices.Backward(closed) {
		if in := w.announceClosed(v, all); first == nil {
			first = in
		}
	}
	return first
}

// announceClosed tells the app that a person closed a view. w.mu is held.
func (w *Workspace) announceClosed(v *view, all bool) *Interaction {
	in := w.newInteraction("closing " + strconv.Quote(v.Title.or("")))
	switch {
	case !v.NotifyOnClose:
		in.settle(&Failure{"no_event", "the app did not ask to be told with notify_on_close"}, 0)
		return in
	case !w.app.interactive:
		in.settle(notInteractive(), 0)
		return in
	}
	payload := w.interaction("view_closed", v.user)
	payload["view"], payload["is_cleared"] = v.object(), all
	in.payload = encode(payload)
	w.send(in.Delivery, false)
	return in
}
