package blockkit

import (
	"encoding/json"
	"strconv"
)

// Control is an element that people press, choose from or type into.
type Control struct {
	Type     string // "button", "static_select", …
	BlockID  string
	ActionID string
	// Label is what people read on it: a button's text, the label of a form
	// field, otherwise a menu's placeholder; "" when there is none of these.
	Label string

	Value   string   // that a button carries
	URL     string   // that a button opens
	Options []Option // to choose from; nil when Slack offers users or channels
	Confirm *Dialog  // what people are asked before it counts; nil: nothing

	Field    bool // it stands in an input block, and counts when the form is submitted
	Optional bool // … and may be left empty
	Dispatch bool // … and also reports at once (dispatch_action)

	Holds    string // member of the state that holds its value: "selected_option"; "" for buttons
	Many     bool   // the value is a list
	MaxItems int    // of the list; 0: any number
	// Initial is the JSON value it begins with; nil: none.
	Initial json.RawMessage
	JSON    json.RawMessage // the whole element
}

// Option is one of the choices of a menu.
type Option struct {
	Label, Value string
	Group        string // the label of its option group
	JSON         json.RawMessage
}

// Dialog is the question of a confirm object.
type Dialog struct{ Title, Text, Confirm, Deny string }

// controlKind is how a type of control keeps its value: where the state has it,
// where the element begins with it.
type controlKind struct {
	holds, starts string
	many          bool
}

// controlKinds are the types of controls
// (/reference/block-kit/block-elements, /reference/interaction-payloads).
var controlKinds = map[string]controlKind{
	"button":           {},
	"workflow_button":  {},
	"icon_button":      {},
	"feedback_buttons": {},
	"overflow":         {},

	"static_select":              {"selected_option", "initial_option", false},
	"external_select":            {"selected_option", "initial_option", false},
	"radio_buttons":              {"selected_option", "initial_option", false},
	"users_select":               {"selected_user", "initial_user", false},
	"channels_select":            {"selected_channel", "initial_channel", false},
	"conversations_select":       {"selected_conversation", "initial_conversation", false},
	"multi_static_select":        {"selected_options", "initial_options", true},
	"multi_external_select":      {"selected_options", "initial_options", true},
	"checkboxes":                 {"selected_options", "initial_options", true},
	"multi_users_select":         {"selected_users", "initial_users", true},
	"multi_channels_select":      {"selected_channels", "initial_channels", true},
	"multi_conversations_select": {"selected_conversations", "initial_conversations", true},

	"datepicker":       {"selected_date", "initial_date", false},
	"timepicker":       {"selected_time", "initial_time", false},
	"datetimepicker":   {"selected_date_time", "initial_date_time", false},
	"plain_text_input": {"value", "initial_value", false},
	"email_text_input": {"value", "initial_value", false},
	"url_text_input":   {"value", "initial_value", false},
	"number_input":     {"value", "initial_value", false},
	"rich_text_input":  {"rich_text_value", "initial_value", false},
	"file_input":       {"files", "", true},
}

// Controls lists the controls of blocks in their order. It takes any bytes:
// what is not Block Kit has none.
func Controls(blocks json.RawMessage) []Control {
	doc, ok := decode(blocks)
	if !ok || doc.kind != jsonArray {
		return nil
	}
	var list []Control
	eachControl(doc.kids, func(block, element *node) {
		list = append(list, control(block, element))
	})
	return list
}

// eachControl calls f for every control and the block it stands in.
func eachControl(blocks []node, f func(block, element *node)) {
	for i := range blocks {
		controlsOf(&blocks[i], f)
	}
}

func controlsOf(block *node, f func(block, element *node)) {
	visit := func(element *node) {
		if _, is := controlKinds[element.str("type")]; is {
			f(block, element)
		}
	}
	switch block.str("type") {
	case "section":
		visit(block.member("accessory"))
	case "input":
		visit(block.member("element"))
	case "actions", "context_actions":
		for j := range block.elements("elements") {
			visit(&block.elements("elements")[j])
		}
	case "card":
		for j := range block.elements("actions") {
			visit(&block.elements("actions")[j])
		}
	case "container", "carousel":
		eachControl(block.elements(innerBlocks(block)), f)
	case "layout":
		for _, inner := range layoutItems(block) {
			controlsOf(inner, f)
		}
	}
}

func control(block, n *node) Control {
	kind := controlKinds[n.str("type")]
	c := Control{
		Type: n.str("type"), BlockID: block.str("block_id"), ActionID: n.str("action_id"),
		Label: textOf(n.member("text")), Value: n.str("value"), URL: n.str("url"),
		Holds: kind.holds, Many: kind.many, MaxItems: n.count("max_selected_items"),
		JSON: n.appendJSON(nil),
	}
	if c.Label == "" {
		c.Label = textOf(n.member("placeholder"))
	}
	if block.str("type") == "input" {
		c.Field, c.Optional, c.Dispatch = true, block.isTrue("optional"), block.isTrue("dispatch_action")
		c.Label = textOf(block.member("label"))
	}
	if first := n.member(kind.starts); kind.starts != "" && first != nil {
		c.Initial = first.appendJSON(nil)
	}
	if ask := n.member("confirm"); ask != nil {
		c.Confirm = &Dialog{
			Title: textOf(ask.member("title")), Text: textOf(ask.member("text")),
			Confirm: textOf(ask.member("confirm")), Deny: textOf(ask.member("deny")),
		}
	}
	c.Options = options(c.Options, n, "")
	for i := range n.elements("option_groups") {
		group := &n.elements("option_groups")[i]
		c.Options = options(c.Options, group, textOf(group.member("label")))
	}
	return c
}

func options(list []Option, of *node, group string) []Option {
	for i := range of.elements("options") {
		o := &of.elements("options")[i]
		list = append(list, Option{Label: textOf(o.member("text")), Value: o.str("value"), Group: group, JSON: o.appendJSON(nil)})
	}
	return list
}

// WithIDs returns blocks as Slack gives them back: every block has a block_id and
// every control an action_id, where one was left out as Slack makes one up, and
// texts say their defaults. Identifiers that are made up follow from the seed and
// the place. What is not Block Kit is returned as is.
func WithIDs(blocks json.RawMessage, seed string) json.RawMessage {
	doc, ok := decode(blocks)
	if !ok || doc.kind != jsonArray {
		return blocks
	}
	count := 0
	identify := func(n *node, name string) {
		count++
		if n.kind == jsonObject && n.member(name) == nil {
			n.set(name, node{kind: jsonString, text: madeUp(seed + "/" + strconv.Itoa(count))})
		}
	}
	identifyBlocks(doc.kids, identify)
	eachControl(doc.kids, func(_, element *node) { identify(element, "action_id") })
	normalise(doc)
	return doc.appendJSON(nil)
}

// normalise says what was left out of texts, as Slack does, and that a layout has
// no fallback.
func normalise(n *node) {
	switch kind := n.str("type"); {
	case n.kind != jsonObject:
	case kind == "plain_text" && n.member("emoji") == nil && n.member("text") != nil:
		n.set("emoji", node{kind: jsonBool, text: "true"})
	case kind == "mrkdwn" && n.member("verbatim") == nil && n.member("text") != nil:
		n.set("verbatim", node{kind: jsonBool, text: "false"})
	case kind == "layout" && n.member("fallback") == nil:
		n.set("fallback", node{kind: jsonArray})
	}
	for i := range n.kids {
		normalise(&n.kids[i])
	}
}

func identifyBlocks(blocks []node, identify func(*node, string)) {
	for i := range blocks {
		identifyBlock(&blocks[i], identify)
	}
}

func identifyBlock(block *node, identify func(*node, string)) {
	identify(block, "block_id")
	if inner := innerBlocks(block); inner == "child_blocks" || inner == "elements" {
		identifyBlocks(block.elements(inner), identify)
	}
	if block.str("type") == "layout" {
		for _, inner := range layoutItems(block) {
			identifyBlock(inner, identify)
		}
	}
}

// WithValues returns blocks whose controls begin with other values: what they
// hold after people chose and typed. value returns the JSON for a control; nil
// leaves it as it is, null empties it.
func WithValues(blocks json.RawMessage, value func(blockID, actionID string) json.RawMessage) json.RawMessage {
	doc, ok := decode(blocks)
	if !ok || doc.kind != jsonArray {
		return blocks
	}
	eachControl(doc.kids, func(block, element *node) {
		starts := controlKinds[element.str("type")].starts
		held := value(block.str("block_id"), element.str("action_id"))
		if starts == "" || held == nil {
			return
		}
		if v, ok := decode(held); ok {
			element.set(starts, *v)
		}
	})
	return doc.appendJSON(nil)
}
