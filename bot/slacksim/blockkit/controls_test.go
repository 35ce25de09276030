package blockkit_test

import (
	"encoding/json"
	"strings"
	"testing"

	"computeunits/bot/slacksim/blockkit"
)

const board = `[
 {"type":"header","text":{"type":"plain_text","text":"H"}},
 {"type":"section","block_id":"s","text":{"type":"mrkdwn","text":"<a&b>"},"accessory":{"type":"button","action_id":"go","text":{"type":"plain_text","text":"Go"},"value":"v","url":"https://x.example",
  "confirm":{"title":{"type":"plain_text","text":"T"},"text":{"type":"mrkdwn","text":"&amp;"},"confirm":{"type":"plain_text","text":"Y"},"deny":{"type":"plain_text","text":"N"}}}},
 {"type":"actions","elements":[{"type":"static_select","option_groups":[{"label":{"type":"plain_text","text":"G"},"options":[` + option + `]}]},{"type":"button","text":{"type":"plain_text","text":"B"}}]},
 {"type":"context","elements":[{"type":"mrkdwn","text":"c"}]},
 {"type":"input","block_id":"i","optional":true,"dispatch_action":true,"label":{"type":"plain_text","text":"L"},"element":{"type":"multi_users_select","action_id":"u","max_selected_items":2,"initial_users":["U1"]}},
 {"type":"container","title":{"type":"plain_text","text":"C"},"child_blocks":[{"type":"actions","elements":[{"type":"datepicker","action_id":"d"}]}]},
 {"type":"carousel","elements":[{"type":"card","title":{"type":"plain_text","text":"K"},"actions":[{"type":"button","action_id":"k","text":{"type":"plain_text","text":"K"}}]}]}
]`

func TestControlsAreListedInOrder(t *testing.T) {
	controls := blockkit.Controls(json.RawMessage(board))
	var kinds []string
	for _, c := range controls {
		kinds = append(kinds, c.Type)
	}
	if got := strings.Join(kinds, " "); got != "button static_select button multi_users_select datepicker button" {
		t.Fatalf("controls %s", got)
	}
	c := controls[0]
	if c.BlockID != "s" || c.ActionID != "go" || c.Label != "Go" || c.Value != "v" || c.URL != "https://x.example" || c.Holds != "" || *c.Confirm != (blockkit.Dialog{Title: "T", Text: "&", Confirm: "Y", Deny: "N"}) {
		t.Errorf("the button is %+v", c)
	}
	if o := controls[1].Options; len(o) != 1 || o[0].Group != "G" || o[0].Label != "label" || string(o[0].JSON) != option {
		t.Errorf("the options are %+v", o)
	}
	if c := controls[3]; !c.Field || !c.Optional || !c.Dispatch || !c.Many || c.Label != "L" || c.MaxItems != 2 || c.Holds != "selected_users" || string(c.Initial) != `["U1"]` {
		t.Errorf("the field is %+v", c)
	}
}

func TestIdentifiersAreMadeUpWhereTheyAreMissing(t *testing.T) {
	made := blockkit.WithIDs(json.RawMessage(board), "one")
	seen := map[string]bool{}
	for _, c := range blockkit.Controls(made) {
		id := c.BlockID + "/" + c.ActionID
		if c.BlockID == "" || c.ActionID == "" || seen[id] {
			t.Errorf("%s is called %q", c.Type, id)
		}
		seen[id] = true
	}
	if !seen["s/go"] || !seen["i/u"] {
		t.Errorf("given identifiers are gone: %v", seen)
	}
	if problems := blockkit.Check(blockkit.Message, made); len(problems) > 0 && !strings.Contains(problems[0].Message, "unsupported type: input") {
		t.Errorf("Slack would refuse them: %v", problems)
	}
	if blockkit.PlainText(made) != blockkit.PlainText(json.RawMessage(board)) {
		t.Error("they read otherwise")
	}
	if string(blockkit.WithIDs(json.RawMessage(board), "one")) != string(made) || string(blockkit.WithIDs(made, "two")) != string(made) {
		t.Error("they change by themselves")
	}
	if string(blockkit.WithIDs(json.RawMessage(board), "two")) == string(made) {
		t.Error("they do not depend on the seed")
	}
	for _, other := range []string{"", "{", `{"type":"home"}`, "null"} {
		if got := blockkit.WithIDs(json.RawMessage(other), "x"); string(got) != other {
			t.Errorf("%s became %s", other, got)
		}
	}
}

func TestWhatPeopleChoseIsShown(t *testing.T) {
	boxes := `{"type":"checkboxes","action_id":"c","options":[{"text":{"type":"plain_text","text":"One"},"value":"1"},{"text":{"type":"plain_text","text":"Two"},"value":"2"}]}`
	menu := func(kind, more string) string {
		return `{"type":"` + kind + `","action_id":"c"` + more + `,"placeholder":{"type":"plain_text","text":"P"}}`
	}
	for _, c := range []struct{ element, value, want string }{
		{menu("static_select", `,"options":[`+option+`]`), option, "[label ▾]"},
		{menu("static_select", `,"options":[`+option+`],"initial_option":`+option), "null", "[P ▾]"},
		{menu("multi_static_select", `,"options":[`+option+`]`), `[` + option + `,` + option + `]`, "[label, label ▾]"},
		{menu("users_select", ""), `"U1"`, "[@U1 ▾]"},
		{menu("multi_users_select", ""), `["U1","U2"]`, "[@U1, @U2 ▾]"},
		{menu("multi_users_select", ""), `[]`, "[P ▾]"},
		{menu("conversations_select", ""), `"C1"`, "[#C1 ▾]"},
		{menu("multi_channels_select", ""), `["C1"]`, "[#C1 ▾]"},
		{menu("plain_text_input", ""), `"typed"`, "[typed]"},
		{menu("plain_text_input", `,"initial_value":"x"`), `null`, "[P]"},
		{menu("datepicker", ""), `"2026-12-24"`, "[2026-12-24]"},
		{menu("timepicker", ""), `"09:30"`, "[09:30]"},
		{`{"type":"datetimepicker","action_id":"c"}`, `1763942400`, "[2025-11-24 00:00 UTC]"},
		{boxes, `[{"text":{"type":"plain_text","text":"Two"},"value":"2"}]`, "[One] [✓ Two]"},
		{strings.Replace(boxes, "checkboxes", "radio_buttons", 1), `{"text":{"type":"plain_text","text":"One"},"value":"1"}`, "[✓ One] [Two]"},
		{`{"type":"button","action_id":"c","text":{"type":"plain_text","text":"B"}}`, `"x"`, "[B]"},
	} {
		blocks := `[{"type":"actions","block_id":"b","elements":[` + c.element + `]}]`
		held := blockkit.WithValues(json.RawMessage(blocks), func(block, action string) json.RawMessage {
			if block != "b" || action != "c" {
				t.Errorf("asked for %s/%s", block, action)
			}
			return json.RawMessage(c.value)
		})
		if got := blockkit.PlainText(held); got != c.want {
			t.Errorf("%s with %s: got %s, want %s", c.element, c.value, got, c.want)
		}
	}
	same := blockkit.WithValues(json.RawMessage(board), func(string, string) json.RawMessage { return nil })
	if blockkit.PlainText(same) != blockkit.PlainText(json.RawMessage(board)) {
		t.Error("nothing chosen reads otherwise")
	}
}
