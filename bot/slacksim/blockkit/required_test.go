package blockkit_test

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"computeunits/bot/slacksim/blockkit"
)

// Every object with the fields that Slack insists on, one by one taken away.
func TestNothingRequiredMayBeMissing(t *testing.T) {
	table := `{"type":"table","rows":[[{"type":"raw_text","text":"t"},{"type":"raw_number","value":1}]]}`
	dataTable := `{"type":"data_table","caption":"c","rows":[[{"type":"raw_text","text":"h"}],[{"type":"raw_text","text":"r"}]]}`
	plot := chart(`["c"]`, `{"name":"s","data":[{"label":"c","value":1}]}`)
	pie := `{"type":"data_visualization","title":"t","chart":{"type":"pie","segments":[{"label":"a","value":1}]}}`
	for _, c := range []struct {
		block    string
		object   string // pointer within the block
		required string
	}{
		{section("t"), "/text", "type text"},
		{`{"type":"section","text":{"type":"mrkdwn","text":"t"}}`, "/text", "type text"},
		{`{"type":"header","text":` + label + `}`, "", "type text"},
		{`{"type":"header","text":` + label + `}`, "/text", "type text"},
		{`{"type":"context","elements":[` + label + `]}`, "", "elements"},
		{`{"type":"context_actions","elements":[{"type":"icon_button","icon":"trash","text":` + label + `}]}`, "", "elements"},
		{`{"type":"context_actions","elements":[{"type":"icon_button","icon":"trash","text":` + label + `}]}`, "/elements/0", "type icon text"},
		{feedback(`"text":` + label + `,"value":"v"`), "/elements/0", "positive_button negative_button"},
		{feedback(`"text":` + label + `,"value":"v"`), "/elements/0/positive_button", "text value"},
		{`{"type":"image","alt_text":"a","image_url":"https://x.example"}`, "", "alt_text"},
		{`{"type":"context","elements":[{"type":"image","alt_text":"a","image_url":"https://x.example"}]}`, "/elements/0", "alt_text"},
		{video(`"alt_text":"a","title":` + label), "", "alt_text title video_url thumbnail_url"},
		{`{"type":"markdown","text":"t"}`, "", "text"},
		{button(`"text":` + label + `,"confirm":` + confirm), "/elements/0/confirm", "title text confirm deny"},
		{workflowButton(`"text":` + label), "/elements/0", "text workflow"},
		{workflowButton(`"text":` + label), "/elements/0/workflow", "trigger"},
		{action("workflow_button", `"text":`+label+`,"workflow":{"trigger":{"url":"https://x.example","customizable_input_parameters":[{"name":"n","value":"v"}]}}`), "/elements/0/workflow/trigger", "url"},
		{action("workflow_button", `"text":`+label+`,"workflow":{"trigger":{"url":"https://x.example","customizable_input_parameters":[{"name":"n","value":"v"}]}}`), "/elements/0/workflow/trigger/customizable_input_parameters/0", "name value"},
		{action("overflow", `"options":[`+option+`]`), "/elements/0", "options"},
		{action("overflow", `"options":[`+option+`]`), "/elements/0/options/0", "text value"},
		{action("checkboxes", `"options":[`+option+`]`), "/elements/0", "options"},
		{action("radio_buttons", `"options":[`+option+`]`), "/elements/0", "options"},
		{selectOf(option), "/elements/0/options/0", "text value"},
		{action("static_select", `"option_groups":[{"label":`+label+`,"options":[`+option+`]}]`), "/elements/0/option_groups/0", "label options"},
		{table, "", "rows"},
		{table, "/rows/0/0", "type text"},
		{table, "/rows/0/1", "value"},
		{dataTable, "", "caption rows"},
		{plot, "", "title chart"},
		{plot, "/chart", "series axis_config"},
		{plot, "/chart/series/0", "name data"},
		{plot, "/chart/series/0/data/0", "label value"},
		{plot, "/chart/axis_config", "categories"},
		{pie, "/chart", "type segments"},
		{pie, "/chart/segments/0", "label value"},
		{rich(`{"type":"text","text":"t"}`), "", "elements"},
		{rich(`{"type":"text","text":"t"}`), "/elements/0", "elements"},
		{rich(`{"type":"text","text":"t"}`), "/elements/0/elements/0", "type text"},
		{rich(`{"type":"link","url":"https://x.example"}`), "/elements/0/elements/0", "url"},
		{rich(`{"type":"user","user_id":"U1"}`), "/elements/0/elements/0", "user_id"},
		{rich(`{"type":"usergroup","usergroup_id":"S1"}`), "/elements/0/elements/0", "usergroup_id"},
		{rich(`{"type":"team","team_id":"T1"}`), "/elements/0/elements/0", "team_id"},
		{rich(`{"type":"channel","channel_id":"C1"}`), "/elements/0/elements/0", "channel_id"},
		{rich(`{"type":"broadcast","range":"here"}`), "/elements/0/elements/0", "range"},
		{rich(`{"type":"color","value":"#daa038"}`), "/elements/0/elements/0", "value"},
		{rich(`{"type":"emoji","name":"wave"}`), "/elements/0/elements/0", "name"},
		{rich(`{"type":"date","timestamp":1,"format":"{date}"}`), "/elements/0/elements/0", "timestamp format"},
		{`{"type":"rich_text","elements":[{"type":"rich_text_list","style":"bullet","elements":[{"type":"rich_text_section","elements":[]}]}]}`, "/elements/0", "style elements"},
		{`{"type":"rich_text","elements":[{"type":"rich_text_quote","elements":[]}]}`, "/elements/0", "elements"},
		{`{"type":"rich_text","elements":[{"type":"rich_text_preformatted","elements":[]}]}`, "/elements/0", "elements"},
		{`{"type":"container","title":` + label + `,"child_blocks":[{"type":"divider"}]}`, "", "child_blocks"},
		{`{"type":"carousel","elements":[{"type":"card","title":` + label + `}]}`, "", "elements"},
		{`{"type":"card","title":` + label + `,"slack_icon":{"type":"icon","name":"bug"}}`, "/slack_icon", "type name"},
		{`{"type":"plan","title":"t","tasks":[{"task_id":"1","title":"t"}]}`, "", "title"},
		{`{"type":"plan","title":"t","tasks":[{"task_id":"1","title":"t"}]}`, "/tasks/0", "task_id title"},
		{`{"type":"task_card","task_id":"1","title":"t","sources":[{"type":"url","url":"https://x.example","text":"x"}]}`, "", "task_id title"},
		{`{"type":"task_card","task_id":"1","title":"t","sources":[{"type":"url","url":"https://x.example","text":"x"}]}`, "/sources/0", "type url text"},
		{`{"type":"alert","text":` + label + `}`, "", "text"},
		{`{"type":"input","label":` + label + `,"element":{"type":"number_input","is_decimal_allowed":false}}`, "", "label element"},
		{`{"type":"input","label":` + label + `,"element":{"type":"number_input","is_decimal_allowed":false}}`, "/element", "type is_decimal_allowed"},
		{`{"type":"input","label":` + label + `,"element":{"type":"plain_text_input","dispatch_action_config":{"trigger_actions_on":["on_enter_pressed"]}}}`, "/element/dispatch_action_config", "trigger_actions_on"},
	} {
		for name := range strings.FieldsSeq(c.required) {
			surface, pointer := blockkit.Message, "/blocks/0"
			if strings.Contains(c.block, `"type":"input"`) || strings.Contains(c.block, `"type":"alert"`) {
				surface, pointer = blockkit.Modal, "/view/blocks/0"
			}
			want := "missing required field: " + name + " " + pointer + c.object
			if got := said(blockkit.Check(surface, without(t, c.block, c.object, name))); !strings.Contains(got, want) {
				t.Errorf("%s without %s/%s: got %q, want %q", c.block, c.object, name, got, want)
			}
		}
	}
}

// without returns a list of the block without a field of one of its objects.
func without(t *testing.T, block, object, field string) json.RawMessage {
	t.Helper()
	var doc any
	if err := json.Unmarshal([]byte(block), &doc); err != nil {
		t.Fatal(err)
	}
	value := doc
	for name := range strings.SplitSeq(strings.TrimPrefix(object, "/"), "/") {
		switch at := value.(type) {
		case map[string]any:
			if name != "" {
				value = at[name]
			}
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil {
				t.Fatal(err)
			}
			value = at[i]
		}
	}
	delete(value.(map[string]any), field)
	raw, err := json.Marshal([]any{doc})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// Every string that may not be empty, one by one emptied.
func TestHardlyAnyStringMayBeEmpty(t *testing.T) {
	for surface, payloads := range accepted {
		for _, blocks := range payloads {
			var doc any
			if json.Unmarshal([]byte(blocks), &doc) != nil {
				continue // nothing at all
			}
			empty(doc, func(name string) {
				raw, err := json.Marshal(doc)
				if err != nil {
					t.Fatal(err)
				}
				if blockkit.Check(surface, raw) == nil {
					t.Errorf("%s: taken with an empty %s", raw, name)
				}
			})
		}
	}
}

// empty calls f with each string replaced by an empty one in turn, except for those
// that may well be.
func empty(value any, f func(name string)) {
	switch value := value.(type) {
	case []any:
		for i, old := range value {
			if _, ok := old.(string); ok {
				value[i] = ""
				f("element")
				value[i] = old
			}
			empty(old, f)
		}
	case map[string]any:
		for name, old := range value {
			_, parameter := value["name"]
			fine := name == "initial_value" || name == "fallback" || name == "text" && value["type"] == "link" || name == "value" && parameter
			if _, ok := old.(string); ok && !fine {
				value[name] = ""
				f(name)
				value[name] = old
			}
			empty(old, f)
		}
	}
}
