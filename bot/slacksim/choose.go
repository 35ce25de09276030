package slacksim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"computeunits/bot/slacksim/blockkit"
)

// slot is where the state has the value of a control.
type slot struct{ block, action string }

// choices are the values that a person gave to controls; nil: none.
type choices map[slot]json.RawMessage

// with returns the choices and one more.
func (c choices) with(of blockkit.Control, value json.RawMessage) choices {
	if c == nil {
		c = choices{}
	}
	c[slot{of.BlockID, of.ActionID}] = value
	return c
}

// value is what a control holds: what was chosen, what it began with, or the
// nothing of its type.
func (c choices) value(of blockkit.Control) json.RawMessage {
	if v, given := c[slot{of.BlockID, of.ActionID}]; given {
		return v
	}
	switch {
	case of.Initial != nil:
		return of.Initial
	case of.Many:
		return json.RawMessage("[]")
	}
	return json.RawMessage("null")
}

// stateOf is the state of all controls of blocks that hold a value, as payloads
// have it: state.values[block_id][action_id].
func stateOf(blocks json.RawMessage, value func(blockkit.Control) json.RawMessage) map[string]any {
	values := map[string]map[string]any{}
	for _, c := range blockkit.Controls(blocks) {
		if c.Holds == "" {
			continue
		}
		if values[c.BlockID] == nil {
			values[c.BlockID] = map[string]any{}
		}
		values[c.BlockID][c.ActionID] = map[string]any{"type": c.Type, c.Holds: value(c)}
	}
	return map[string]any{"values": values}
}

// isEmpty reports whether a value is nothing.
func isEmpty(value json.RawMessage) bool {
	text := string(bytes.TrimSpace(value))
	return text == "null" || text == "[]" || text == `""` || text == ""
}

// findControl finds the control that a person means: by block_id/action_id, by
// action_id, by what it says, or by the value of a button.
func findControl(blocks json.RawMessage, what string) (blockkit.Control, *Failure) {
	all := blockkit.Controls(blocks)
	for _, is := range []func(blockkit.Control) bool{
		func(c blockkit.Control) bool { return c.BlockID+"/"+c.ActionID == what },
		func(c blockkit.Control) bool { return c.ActionID == what },
		func(c blockkit.Control) bool { return c.Label == what },
		func(c blockkit.Control) bool { return c.Value == what },
	} {
		var found []blockkit.Control
		for _, c := range all {
			if is(c) {
				found = append(found, c)
			}
		}
		switch len(found) {
		case 0:
		case 1:
			return found[0], nil
		default:
			return found[0], &Failure{"ambiguous", fmt.Sprintf("several are called %q; say which by block_id/action_id: %s", what, names(found))}
		}
	}
	return blockkit.Control{}, &Failure{"no_such_control", fmt.Sprintf("there is no %q; there are: %s", what, names(all))}
}

func names(controls []blockkit.Control) string {
	if len(controls) == 0 {
		return "no controls"
	}
	list := make([]string, len(controls))
	for i, c := range controls {
		list[i] = fmt.Sprintf("%s %q (%s/%s)", c.Type, c.Label, c.BlockID, c.ActionID)
	}
	return strings.Join(list, ", ")
}

// choose turns what a person says into the value of a control. w.mu is held.
func (w *Workspace) choose(user string, c blockkit.Control, said []string) (json.RawMessage, *Failure) {
	var values []json.RawMessage
	for _, text := range said {
		v, f := w.chooseOne(user, c, text)
		if f != nil {
			return nil, f
		}
		values = append(values, v)
	}
	switch {
	case c.Many && c.MaxItems > 0 && len(values) > c.MaxItems:
		return nil, &Failure{"no_such_choice", fmt.Sprintf("%q takes at most %d", c.Label, c.MaxItems)}
	case c.Many && len(values) == 0:
		return json.RawMessage("[]"), nil
	case c.Many:
		return encode(values), nil
	case len(values) > 1:
		return nil, &Failure{"no_such_choice", fmt.Sprintf("%q takes one", c.Label)}
	case len(values) == 1:
		return values[0], nil
	case c.Type == "overflow", c.Type == "radio_buttons":
		return nil, &Failure{"no_such_choice", fmt.Sprintf("%q cannot be left", c.Type)}
	}
	return json.RawMessage("null"), nil // what was chosen is taken back
}

func (w *Workspace) chooseOne(user string, c blockkit.Control, text string) (json.RawMessage, *Failure) {
	var found any
	switch c.Type {
	case "overflow", "static_select", "multi_static_select", "radio_buttons", "checkboxes":
		i := slices.IndexFunc(c.Options, func(o blockkit.Option) bool { return o.Value == text })
		if i < 0 {
			i = slices.IndexFunc(c.Options, func(o blockkit.Option) bool { return o.Label == text })
		}
		if i >= 0 {
			return c.Options[i].JSON, nil
		}
	case "users_select", "multi_users_select":
		found = w.findUser(text)
	case "channels_select", "multi_channels_select", "conversations_select", "multi_conversations_select":
		found = w.findConversation(user, c, text)
	case "datepicker":
		if _, err := time.Parse(time.DateOnly, text); err == nil {
			found = text
		}
	case "timepicker":
		if _, err := time.Parse("15:04", text); err == nil && len(text) == 5 {
			found = text
		}
	case "datetimepicker":
		if seconds, err := strconv.ParseInt(text, 10, 64); err == nil && len(text) == 10 {
			found = seconds
		}
	case "plain_text_input", "email_text_input", "url_text_input", "number_input":
		if text == "" {
			return json.RawMessage("null"), nil
		}
		return encode(text), nil
	default:
		return nil, &Failure{"not_simulated", c.Type + " is not simulated"}
	}
	if found == nil || found == "" {
		return nil, &Failure{"no_such_choice", fmt.Sprintf("%q does not offer %q%s", c.Label, text, offered(c))}
	}
	return encode(found), nil
}

func offered(c blockkit.Control) string {
	if len(c.Options) == 0 {
		return ""
	}
	list := make([]string, len(c.Options))
	for i, o := range c.Options {
		list[i] = fmt.Sprintf("%q (%s)", o.Label, o.Value)
	}
	return "; it offers " + strings.Join(list, ", ")
}

// findUser is the id of a person that a menu offers, by id or name; "" for none.
func (w *Workspace) findUser(text string) string {
	u, known := w.users[text]
	if !known {
		u, known = w.named(strings.TrimPrefix(text, "@"))
	}
	if !known || u.Deleted {
		return ""
	}
	return u.ID
}

// findConversation is the id of a conversation that a menu offers to a person,
// by id or name; "" for none. Menus of channels offer public ones only
// (https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element).
func (w *Workspace) findConversation(user string, c blockkit.Control, text string) string {
	found := w.channels[text]
	if found == nil {
		found = w.channelNamed(text)
	}
	public := strings.Contains(c.Type, "channels_select")
	switch {
	case found == nil, found.Archived, !found.visible(user):
		return ""
	case public && (found.Private || found.IM), !w.passes(found, c):
		return ""
	}
	return found.ID
}

// passes applies the filter of a menu of conversations.
func (w *Workspace) passes(found *conversation, c blockkit.Control) bool {
	var menu struct {
		Filter struct {
			Include  []string `json:"include"`
			External bool     `json:"exclude_external_shared_channels"`
			Bots     bool     `json:"exclude_bot_users"`
		} `json:"filter"`
	}
	if err := json.Unmarshal(c.JSON, &menu); err != nil { // checked when it was sent
		return true
	}
	kind := map[string]string{"im": "im", "groups": "private", "channels": "public"}[found.kind()]
	switch f := menu.Filter; {
	case len(f.Include) > 0 && !slices.Contains(f.Include, kind):
		return false
	case f.External && w.shared(found), f.Bots && found.IM:
		return false
	}
	return true
}
