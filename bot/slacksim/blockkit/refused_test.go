package blockkit_test

import (
	"encoding/json"
	"strings"
	"testing"

	"computeunits/bot/slacksim/blockkit"
)

func TestSlackRefuses(t *testing.T) {
	const divider = `{"type":"divider"}`
	for _, c := range []struct{ name, block, want string }{
		// What is not a block at all.
		{"a string", `"divider"`, "must provide an object /blocks/0"},
		{"no type", `{"text":` + label + `}`, "missing required field: type /blocks/0"},
		{"a numeric type", `{"type":7}`, "must provide a string /blocks/0/type"},
		{"an invented type", `{"type":"banner"}`, "unsupported type: banner /blocks/0/type"},
		{"a file, which apps cannot send", `{"type":"file","external_id":"1","source":"remote"}`, "unsupported type: file /blocks/0/type"},

		// Texts.
		{"an empty text", `{"type":"section","text":{"type":"mrkdwn","text":""}}`, "must be more than 0 characters /blocks/0/text/text"},
		{"a text that is null", `{"type":"section","text":null}`, "must provide an object /blocks/0/text"},
		{"a text that is a string", `{"type":"section","text":"hello"}`, "must provide an object /blocks/0/text"},
		{"a text without text", `{"type":"section","text":{"type":"mrkdwn"}}`, "missing required field: text /blocks/0/text"},
		{"markdown as a type of text", `{"type":"section","text":{"type":"markdown","text":"t"}}`, "unsupported type: markdown /blocks/0/text/type"},
		{"emoji in mrkdwn", `{"type":"section","text":{"type":"mrkdwn","text":"t","emoji":true}}`, "invalid additional property: emoji /blocks/0/text"},
		{"verbatim in plain text", `{"type":"section","text":{"type":"plain_text","text":"t","verbatim":true}}`, "invalid additional property: verbatim /blocks/0/text"},
		{"a header in mrkdwn", `{"type":"header","text":{"type":"mrkdwn","text":"t"}}`, "must be a valid enum value /blocks/0/text/type"},
		{"a header of level 5", `{"type":"header","level":5,"text":` + label + `}`, "must be less than 4 /blocks/0/level"},
		{"a header of level 1.0", `{"type":"header","level":1.0,"text":` + label + `}`, "must provide an integer /blocks/0/level"},

		// Sections, contexts and actions.
		{"an empty section", `{"type":"section"}`, "must define either `text` or `fields` /blocks/0"},
		{"no fields", `{"type":"section","fields":[]}`, "must provide at least 1 items /blocks/0/fields"},
		{"fields that are an object", `{"type":"section","fields":{}}`, "must provide an array /blocks/0/fields"},
		{"a section with an unknown field", `{"type":"section","text":` + label + `,"color":"red"}`, "invalid additional property: color /blocks/0"},
		{"a divider with text", `{"type":"divider","text":` + label + `}`, "invalid additional property: text /blocks/0"},
		{"a date and time picker beside a section", `{"type":"section","text":` + label + `,"accessory":{"type":"datetimepicker"}}`, "unsupported type: datetimepicker /blocks/0/accessory/type"},
		{"a button in a context", `{"type":"context","elements":[{"type":"button","text":` + label + `}]}`, "unsupported type: button /blocks/0/elements/0/type"},
		{"no elements", `{"type":"actions","elements":[]}`, "must provide at least 1 items /blocks/0/elements"},
		{"a text among actions", `{"type":"actions","elements":[` + label + `]}`, "unsupported type: plain_text /blocks/0/elements/0/type"},
		{"an empty block_id", `{"type":"divider","block_id":""}`, "must be more than 0 characters /blocks/0/block_id"},
		{"a block_id used before", divider + `,{"type":"divider","block_id":"d"},{"type":"container","title":` + label + `,"child_blocks":[{"type":"divider","block_id":"d"}]}`,
			"duplicate block_id: d /blocks/2/child_blocks/0/block_id"},
		{"an action_id used before in the block", `{"type":"actions","elements":[{"type":"button","text":` + label + `,"action_id":"a"},{"type":"button","text":` + label + `,"action_id":"a"}]}`,
			"duplicate action_id: a /blocks/0/elements/1/action_id"},

		// Buttons.
		{"a button without text", button(`"value":"v"`), "missing required field: text /blocks/0/elements/0"},
		{"a disabled button", button(`"text":` + label + `,"disabled":true`), "invalid additional property: disabled /blocks/0/elements/0"},
		{"a purple button", button(`"text":` + label + `,"style":"purple"`), "must be a valid enum value /blocks/0/elements/0/style"},
		{"a button without style said with null", button(`"text":` + label + `,"style":null`), "must provide a string /blocks/0/elements/0/style"},
		{"a button that leads nowhere", button(`"text":` + label + `,"url":"somewhere"`), "input must be a valid: uri /blocks/0/elements/0/url"},
		{"a confirmation without a way out", button(`"text":` + label + `,"confirm":{"title":` + label + `,"text":` + label + `,"confirm":` + label + `}`), "missing required field: deny /blocks/0/elements/0/confirm"},
		{"an icon button with a star", `{"type":"context_actions","elements":[{"type":"icon_button","icon":"star","text":` + label + `}]}`, "must be a valid enum value /blocks/0/elements/0/icon"},
		{"feedback in one direction", `{"type":"context_actions","elements":[{"type":"feedback_buttons","positive_button":{"text":` + label + `,"value":"v"}}]}`, "missing required field: negative_button /blocks/0/elements/0"},

		// Menus and pickers.
		{"a select of nothing", action("static_select", `"options":[]`), "must provide at least 1 items /blocks/0/elements/0/options"},
		{"a select without options", action("static_select", `"placeholder":`+label), "must define either `options` or `option_groups` /blocks/0/elements/0"},
		{"a select with options and groups", action("static_select", `"options":[`+option+`],"option_groups":[{"label":`+label+`,"options":[`+option+`]}]`), "must define only one of `options` and `option_groups` /blocks/0/elements/0"},
		{"an option with a url outside an overflow menu", selectOf(`{"text":` + label + `,"value":"v","url":"https://x.example"}`), "invalid additional property: url /blocks/0/elements/0/options/0"},
		{"an option without a value", selectOf(`{"text":` + label + `}`), "missing required field: value /blocks/0/elements/0/options/0"},
		{"an option in mrkdwn", selectOf(`{"text":{"type":"mrkdwn","text":"t"},"value":"v"}`), "must be a valid enum value /blocks/0/elements/0/options/0/text/type"},
		{"a first choice that is no option", action("static_select", `"options":[`+option+`],"initial_option":{"text":`+label+`,"value":"w"}`), "must be one of the options /blocks/0/elements/0/initial_option"},
		{"first choices that are no options", action("checkboxes", `"options":[`+option+`],"initial_options":[`+option+`,{"text":`+label+`,"value":"w"}]`), "must be one of the options /blocks/0/elements/0/initial_options/1"},
		{"a filter of nothing", action("conversations_select", `"filter":{}`), "must provide at least 1 properties /blocks/0/elements/0/filter"},
		{"a menu for no choice", action("multi_users_select", `"max_selected_items":0`), "must be greater than 1 /blocks/0/elements/0/max_selected_items"},
		{"the 30th of February", action("datepicker", `"initial_date":"2026-02-30"`), "input must be a valid: date /blocks/0/elements/0/initial_date"},
		{"half past nine in short", action("timepicker", `"initial_time":"9:30"`), "input must be a valid: time /blocks/0/elements/0/initial_time"},
		{"milliseconds", action("datetimepicker", `"initial_date_time":1763942400000`), "must be less than 9999999999 /blocks/0/elements/0/initial_date_time"},
		{"two elements that want the focus", `{"type":"actions","elements":[{"type":"users_select","focus_on_load":true},{"type":"users_select","focus_on_load":true}]}`, "only one element can have focus_on_load /blocks/0/elements/1/focus_on_load"},

		// Inputs, which only views take.
		{"an input without a label", `{"type":"input","element":{"type":"plain_text_input"}}`, "missing required field: label /view/blocks/0"},
		{"a button as an input", `{"type":"input","label":` + label + `,"element":{"type":"button","text":` + label + `}}`, "unsupported type: button /view/blocks/0/element/type"},
		{"more at least than at most", `{"type":"input","label":` + label + `,"element":{"type":"plain_text_input","min_length":2,"max_length":1}}`, "must not be greater than `max_length` /view/blocks/0/element/min_length"},
		{"three ways to dispatch", `{"type":"input","label":` + label + `,"element":{"type":"plain_text_input","dispatch_action_config":{"trigger_actions_on":["on_enter_pressed","on_character_entered","on_enter_pressed"]}}}`, "no more than 2 items allowed /view/blocks/0/element/dispatch_action_config/trigger_actions_on"},
		{"a number in words", `{"type":"input","label":` + label + `,"element":{"type":"number_input","is_decimal_allowed":false,"initial_value":"ten"}}`, "input must be a valid: number /view/blocks/0/element/initial_value"},
		{"a truth in words", `{"type":"input","label":` + label + `,"optional":"yes","element":{"type":"plain_text_input"}}`, "must be a boolean /view/blocks/0/optional"},

		// Pictures.
		{"an image of nothing", `{"type":"image","alt_text":"a"}`, "must define either `image_url` or `slack_file` /blocks/0"},
		{"an image of two things", `{"type":"image","alt_text":"a","image_url":"https://x.example","slack_file":{"id":"F1"}}`, "must define only one of `image_url` and `slack_file` /blocks/0"},
		{"an image without alt_text", `{"type":"image","image_url":"https://x.example"}`, "missing required field: alt_text /blocks/0"},
		{"a file of neither name nor address", `{"type":"image","alt_text":"a","slack_file":{}}`, "must define either `url` or `id` /blocks/0/slack_file"},
		{"a video over plain HTTP", `{"type":"video","alt_text":"a","title":` + label + `,"video_url":"http://v.example","thumbnail_url":"https://v.example"}`, "input must be a valid: https uri /blocks/0/video_url"},

		// Tables.
		{"an empty cell", `{"type":"table","rows":[[{"type":"raw_text","text":""}]]}`, "must be more than 0 characters /blocks/0/rows/0/0/text"},
		{"a cell of rich text that shows nothing", `{"type":"table","rows":[[{"type":"rich_text","elements":[]}]]}`, "must be more than 0 characters /blocks/0/rows/0/0"},
		{"a cell in mrkdwn", `{"type":"table","rows":[[{"type":"mrkdwn","text":"t"}]]}`, "unsupported type: mrkdwn /blocks/0/rows/0/0/type"},
		{"a table without rows", `{"type":"table","rows":[]}`, "must provide at least 1 items /blocks/0/rows"},
		{"an empty row", `{"type":"table","rows":[[]]}`, "must provide at least 1 items /blocks/0/rows/0"},
		{"a column aligned to nothing, as slack-go once sent it", `{"type":"table","rows":[[{"type":"raw_text","text":"t"}]],"column_settings":[{"align":"","is_wrapped":true}]}`, "must be a valid enum value /blocks/0/column_settings/0/align"},
		{"a number that is a string", `{"type":"table","rows":[[{"type":"raw_number","value":"1"}]]}`, "must provide a number /blocks/0/rows/0/0/value"},
		{"a number no double can hold", `{"type":"table","rows":[[{"type":"raw_number","value":1e999}]]}`, "must provide a number /blocks/0/rows/0/0/value"},
		{"a second table within a container", `{"type":"table","rows":[[{"type":"raw_text","text":"t"}]]},{"type":"container","title":` + label + `,"child_blocks":[{"type":"table","rows":[[{"type":"raw_text","text":"t"}]]}]}`,
			"only_one_table_allowed /blocks/1/child_blocks/0"},
		{"a data table of a header", `{"type":"data_table","caption":"c","rows":[[{"type":"raw_text","text":"h"}]]}`, "must provide at least 2 items /blocks/0/rows"},
		{"a data table without a caption", `{"type":"data_table","rows":[[{"type":"raw_text","text":"h"}],[{"type":"raw_text","text":"r"}]]}`, "missing required field: caption /blocks/0"},
		{"a data table with a short row", `{"type":"data_table","caption":"c","rows":[[{"type":"raw_text","text":"h"},{"type":"raw_text","text":"h"}],[{"type":"raw_text","text":"r"}]]}`, "must provide 2 items as the first row does /blocks/0/rows/1"},
		{"a data table with a rich header", `{"type":"data_table","caption":"c","rows":[[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"h"}]}]}],[{"type":"raw_text","text":"r"}]]}`, "unsupported type: rich_text /blocks/0/rows/0/0/type"},
		{"a data table with pages of nothing", `{"type":"data_table","caption":"c","page_size":0,"rows":[[{"type":"raw_text","text":"h"}],[{"type":"raw_text","text":"r"}]]}`, "must be greater than 1 /blocks/0/page_size"},
		{"a header column that is not there", `{"type":"data_table","caption":"c","row_header_column_index":1,"rows":[[{"type":"raw_text","text":"h"}],[{"type":"raw_text","text":"r"}]]}`, "must be less than 0 /blocks/0/row_header_column_index"},

		// Charts.
		{"a donut", `{"type":"data_visualization","title":"t","chart":{"type":"donut"}}`, "unsupported type: donut /blocks/0/chart/type"},
		{"a slice of nothing", `{"type":"data_visualization","title":"t","chart":{"type":"pie","segments":[{"label":"a","value":0}]}}`, "must be greater than 0 /blocks/0/chart/segments/0/value"},
		{"a chart without axes", `{"type":"data_visualization","title":"t","chart":{"type":"bar","series":[{"name":"s","data":[{"label":"c","value":1}]}]}}`, "missing required field: axis_config /blocks/0/chart"},
		{"a category twice", chart(`["c","c"]`, `{"name":"s","data":[{"label":"c","value":1}]}`), "Input contains duplicate items /blocks/0/chart/axis_config/categories"},
		{"two series of one name", chart(`["c"]`, `{"name":"s","data":[{"label":"c","value":1}]},{"name":"s","data":[{"label":"c","value":2}]}`), "duplicate series name: s /blocks/0/chart/series/1/name"},
		{"a point of no category", chart(`["c"]`, `{"name":"s","data":[{"label":"c","value":1},{"label":"d","value":1}]}`), "label must be one of the categories: d /blocks/0/chart/series/0/data/1"},
		{"two points of a category", chart(`["c"]`, `{"name":"s","data":[{"label":"c","value":1},{"label":"c","value":2}]}`), "duplicate data point: c /blocks/0/chart/series/0/data/1"},
		{"a category without a point", chart(`["c","d"]`, `{"name":"s","data":[{"label":"c","value":1}]}`), "missing data point: d /blocks/0/chart/series/0/data"},

		// Rich text.
		{"an empty run of text", rich(`{"type":"text","text":""}`), "must be more than 0 characters /blocks/0/elements/0/elements/0/text"},
		{"a style that is a word", rich(`{"type":"text","text":"t","style":"bold"}`), "must provide an object /blocks/0/elements/0/elements/0/style"},
		{"a style that does not exist", rich(`{"type":"text","text":"t","style":{"blink":true}}`), "invalid additional property: blink /blocks/0/elements/0/elements/0/style"},
		{"mrkdwn within rich text", rich(`{"type":"mrkdwn","text":"t"}`), "unsupported type: mrkdwn /blocks/0/elements/0/elements/0/type"},
		{"a date without a moment", rich(`{"type":"date","format":"{date}"}`), "missing required field: timestamp /blocks/0/elements/0/elements/0"},
		{"a date without a format", rich(`{"type":"date","timestamp":1}`), "missing required field: format /blocks/0/elements/0/elements/0"},
		{"a moment that is a string", rich(`{"type":"date","timestamp":"1","format":"{date}"}`), "must provide an integer /blocks/0/elements/0/elements/0/timestamp"},
		{"a broadcast to nobody", rich(`{"type":"broadcast","range":"nobody"}`), "must be a valid enum value /blocks/0/elements/0/elements/0/range"},
		{"text outside a section", `{"type":"rich_text","elements":[{"type":"text","text":"t"}]}`, "unsupported type: text /blocks/0/elements/0/type"},
		{"a list of no style", `{"type":"rich_text","elements":[{"type":"rich_text_list","elements":[{"type":"rich_text_section","elements":[]}]}]}`, "missing required field: style /blocks/0/elements/0"},
		{"a list within a list", `{"type":"rich_text","elements":[{"type":"rich_text_list","style":"bullet","elements":[{"type":"rich_text_list","style":"bullet","elements":[]}]}]}`, "must be a valid enum value /blocks/0/elements/0/elements/0/type, invalid additional property: style /blocks/0/elements/0/elements/0"},
		{"a mention in preformatted text", `{"type":"rich_text","elements":[{"type":"rich_text_preformatted","elements":[{"type":"user","user_id":"U1"}]}]}`, "unsupported type: user /blocks/0/elements/0/elements/0/type"},

		// Cards, containers, plans.
		{"a card of nothing", `{"type":"card","subtitle":` + label + `}`, "must define either `hero_image` or `title` or `actions` or `body` /blocks/0"},
		{"a card with a title that is a string", `{"type":"card","title":"t"}`, "must provide an object /blocks/0/title"},
		{"a card with two icons", `{"type":"card","title":` + label + `,"icon":{"type":"image","alt_text":"a","image_url":"https://x.example"},"slack_icon":{"type":"icon","name":"bug"}}`, "must define only one of `icon` and `slack_icon` /blocks/0"},
		{"a carousel of sections", `{"type":"carousel","elements":[{"type":"section","text":` + label + `}]}`, "unsupported type: section /blocks/0/elements/0/type"},
		{"a container without a title", `{"type":"container","child_blocks":[{"type":"divider"}]}`, "must define either `title` or `rich_text_title` /blocks/0"},
		{"a container in a container", `{"type":"container","title":` + label + `,"child_blocks":[{"type":"container","title":` + label + `,"child_blocks":[{"type":"divider"}]}]}`, "unsupported type: container /blocks/0/child_blocks/0/type"},
		{"a container folded for good", `{"type":"container","title":` + label + `,"default_collapsed":true,"child_blocks":[{"type":"divider"}]}`, "requires `is_collapsible` /blocks/0/default_collapsed"},
		{"a plan with a title that is an object", `{"type":"plan","title":` + label + `}`, "must provide a string /blocks/0/title"},
		{"a lone task that is pending", `{"type":"task_card","task_id":"1","title":"t","status":"pending"}`, "must be a valid enum value /blocks/0/status"},
	} {
		t.Run(c.name, func(t *testing.T) {
			surface, code := blockkit.Message, "invalid_blocks"
			if strings.Contains(c.want, " /view/") {
				surface, code = blockkit.Modal, "invalid_arguments"
			}
			problems := blockkit.Check(surface, json.RawMessage("["+c.block+"]"))
			if got := said(problems); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			for _, p := range problems {
				if p.Code != code && p.Code != p.Message { // only_one_table_allowed
					t.Errorf("got code %s, want %s", p.Code, code)
				}
			}
		})
	}
}
