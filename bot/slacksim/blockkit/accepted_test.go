package blockkit_test

import (
	"encoding/json"
	"testing"

	"computeunits/bot/slacksim/blockkit"
)

func TestSlackTakesWhatTheBotPosts(t *testing.T) {
	if got := blockkit.Check(blockkit.Message, answer(t)); got != nil {
		t.Errorf("refused: %v", got)
	}
}

func TestSlackTakes(t *testing.T) {
	for surface, payloads := range accepted {
		for name, blocks := range payloads {
			t.Run(name, func(t *testing.T) {
				if got := blockkit.Check(surface, json.RawMessage(blocks)); got != nil {
					t.Errorf("refused: %v", got)
				}
			})
		}
	}
}

// accepted are blocks as the reference pages show them, and as clients send them.
var accepted = map[blockkit.Surface]map[string]string{
	blockkit.Message: {
		"nothing at all":  ``,
		"null":            `null`,
		"no blocks":       `[]`,
		"odd white space": " [ {\n\"type\"\t:\r\"divider\" } ] ",

		"a section with a date picker": `[{"type":"section","text":{"type":"mrkdwn","text":"Set a deadline"},
			"accessory":{"type":"datepicker","initial_date":"2026-02-28","placeholder":` + label + `}}]`,
		"a section with an image": `[{"type":"section","expand":true,"fields":[{"type":"plain_text","text":"f","emoji":true}],
			"accessory":{"type":"image","alt_text":"a","slack_file":{"id":"F123"}}}]`,
		"the least of every number": `[{"type":"header","level":1,"text":` + label + `},
			{"type":"actions","elements":[{"type":"multi_external_select","min_query_length":0},{"type":"datetimepicker","initial_date_time":1000000000}]},
			` + rich(`{"type":"emoji","name":"wave","skin_tone":1},{"type":"date","timestamp":0,"format":"{date}"}`) + `,
			{"type":"rich_text","elements":[{"type":"rich_text_list","style":"ordered","offset":0,"indent":0,"border":0,"elements":[{"type":"rich_text_section","elements":[]}]}]}]`,
		"a header of level 2": `[{"type":"header","level":2,"text":` + label + `}]`,
		"every menu": `[{"type":"actions","elements":[
			{"type":"external_select","min_query_length":0,"initial_option":` + option + `},
			{"type":"users_select","initial_user":"U1","focus_on_load":true},
			{"type":"conversations_select","default_to_current_conversation":true,"filter":{"include":["im","public"],"exclude_bot_users":true}},
			{"type":"channels_select","initial_channel":"C1"},
			{"type":"multi_static_select","options":[` + option + `],"initial_options":[{"value":"v","text":` + label + `}],"max_selected_items":1},
			{"type":"multi_external_select"},
			{"type":"multi_users_select","initial_users":["U1"]},
			{"type":"multi_conversations_select","filter":{"exclude_external_shared_channels":true}},
			{"type":"multi_channels_select","initial_channels":["C1","C2"]},
			{"type":"static_select","option_groups":[{"label":` + label + `,"options":[` + option + `]}],"initial_option":` + option + `}]}]`,
		"buttons with everything": `[` + button(`"text":`+label+`,"action_id":"a","url":"https://x.example","value":"v","style":"danger","accessibility_label":"a","confirm":`+confirm) +
			`,` + workflowButton(`"text":`+label+`,"style":"primary","accessibility_label":"a","confirm":`+confirm) +
			`,` + iconButton(`"text":`+label+`,"value":"v","accessibility_label":"a","visible_to_user_ids":["U1"],"confirm":`+confirm) +
			`,` + action("overflow", `"confirm":`+confirm+`,"options":[{"text":`+label+`,"value":"v","url":"https://x.example","description":`+label+`}]`) + `]`,
		"menus with everything": `[{"type":"actions","elements":[
			{"type":"multi_external_select","initial_options":[` + option + `],"min_query_length":3},
			{"type":"conversations_select","initial_conversation":"C1"},
			{"type":"multi_conversations_select","initial_conversations":["C1"],"default_to_current_conversation":false},
			{"type":"users_select","confirm":` + confirm + `},{"type":"checkboxes","options":[` + option + `],"initial_options":[` + option + `],"confirm":` + confirm + `},
			{"type":"radio_buttons","options":[` + option + `],"confirm":` + confirm + `},{"type":"datetimepicker","confirm":` + confirm + `}]}]`,
		"every picker": `[{"type":"actions","elements":[
			{"type":"timepicker","initial_time":"09:30","timezone":"Asia/Shanghai"},
			{"type":"datetimepicker","initial_date_time":1763942400},
			{"type":"checkboxes","options":[{"text":{"type":"mrkdwn","text":"*b*"},"value":"b"}]},
			{"type":"radio_buttons","options":[` + option + `],"initial_option":` + option + `},
			{"type":"workflow_button","text":` + label + `,"workflow":{"trigger":{"url":"https://slack.com/shortcuts/Ft1/x","customizable_input_parameters":[{"name":"n","value":"v"}]}}}]}]`,
		"a table with styles, gaps and rows of unequal length": `[{"type":"table","column_settings":[null,{"is_wrapped":true},{}],"rows":[
			[{"type":"raw_text","text":"Instance"},{"type":"raw_text","text":"Units"}],
			[{"type":"raw_text","text":"-"}],
			[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"emoji","name":"tada"}]}]},{"type":"raw_number","value":1.5e1}]]}]`,
		"a data table": `[{"type":"data_table","caption":"Units","page_size":1,"row_header_column_index":0,"rows":[
			[{"type":"raw_text","text":"Region"}],[{"type":"raw_number","value":96}],[{"type":"raw_number","value":7,"text":"seven"}]]}]`,
		"rich text of every kind": `[{"type":"rich_text","elements":[
			{"type":"rich_text_section","elements":[
				{"type":"text","text":"t","style":{"bold":true,"italic":true,"strike":true,"code":true,"underline":false,"highlight":true,"client_highlight":true,"unlink":true}},
				{"type":"link","url":"https://x.example","text":"x","unsafe":false},{"type":"link","url":"mailto:a@x.example"},
				{"type":"user","user_id":"U1"},{"type":"usergroup","usergroup_id":"S1"},{"type":"team","team_id":"T1"},
				{"type":"channel","channel_id":"C1"},{"type":"broadcast","range":"here"},{"type":"color","value":"#a30200"},
				{"type":"emoji","name":"wave","unicode":"1f44b","skin_tone":2,"url":"https://x.example/wave.png"},
				{"type":"date","timestamp":1763942400,"format":"{date_short} at {time}","url":"https://x.example","fallback":"24 Nov"}]},
			{"type":"rich_text_quote","border":1,"elements":[{"type":"text","text":"q"}]},
			{"type":"rich_text_preformatted","language":"go","elements":[{"type":"text","text":"p"},{"type":"link","url":"https://x.example"}]},
			{"type":"rich_text_list","style":"ordered","offset":4,"elements":[{"type":"rich_text_section","elements":[]}]}]}]`,
		"a plan of tasks with the identifiers of Slack's example": `[{"type":"plan","title":"Thinking","tasks":[
			{"task_id":"1","title":"t","status":"pending","details":{"type":"rich_text","block_id":"same","elements":[]},
			 "output":{"type":"rich_text","block_id":"same","elements":[]}},
			{"type":"task_card","block_id":"b","task_id":"2","title":"t","sources":[{"type":"url","url":"https://x.example","text":"x"}]}]}]`,
		"charts": `[` + chart(`["Dec","Jan"]`, `{"name":"a","data":[{"label":"Jan","value":-1},{"label":"Dec","value":0.5}]},{"name":"b","data":[{"label":"Dec","value":1},{"label":"Jan","value":2}]}`) +
			`,{"type":"data_visualization","title":"t","chart":{"type":"pie","segments":[{"label":"a","value":1e2}]}}]`,
		"what people may think of it": `[` + feedback(`"text":`+label+`,"value":"v"`) + `]`,
		"a carousel":                  `[{"type":"carousel","elements":[{"type":"card","block_id":"c","body":` + label + `,"actions":[{"type":"button","text":` + label + `}]}]}]`,
		"a picture":                   `[{"type":"image","alt_text":"a","slack_file":{"url":"https://files.slack.com/f.png"},"title":` + label + `}]`,
		"a task":                      `[{"type":"task_card","task_id":"1","title":"t","status":"complete"}]`,
		"a card with an icon":         `[{"type":"card","slack_icon":{"type":"icon","name":"sparkle"},"hero_image":{"type":"image","alt_text":"a","image_url":"https://x.example"}}]`,
		"a container with everything": `[{"type":"container","title":` + label + `,"subtitle":` + label + `,"has_header_divider":true,"icon":{"type":"image","alt_text":"a","image_url":"https://x.example"},
			"child_blocks":[{"type":"divider"}]}]`,
		"a folded container": `[{"type":"container","rich_text_title":{"type":"rich_text","elements":[]},"width":"full","is_collapsible":true,
			"default_collapsed":true,"child_blocks":[{"type":"section","text":` + label + `},{"type":"table","rows":[[{"type":"raw_text","text":"c"}]]}]}]`,
		"a video":                          `[` + video(`"alt_text":"a","title":`+label+`,"title_url":"https://v.example","provider_icon_url":"http://v.example/i.png"`) + `]`,
		"the same action_id in two blocks": `[` + button(`"text":`+label+`,"action_id":"a"`) + `,` + button(`"text":`+label+`,"action_id":"a"`) + `]`,
	},
	blockkit.Modal: {
		"an input": `[{"type":"input","dispatch_action":true,"optional":true,"label":` + label + `,"element":
			{"type":"plain_text_input","min_length":1,"max_length":1,"multiline":true,"dispatch_action_config":{"trigger_actions_on":["on_enter_pressed"]}}}]`,
		"numbers to type": `[{"type":"input","label":` + label + `,"element":
			{"type":"number_input","is_decimal_allowed":true,"min_value":"-10","max_value":"9.5","initial_value":"0.25"}}]`,
		"every other input": `[
			{"type":"input","label":` + label + `,"element":{"type":"email_text_input","initial_value":""}},
			{"type":"input","label":` + label + `,"element":{"type":"url_text_input","placeholder":` + label + `}},
			{"type":"input","label":` + label + `,"element":{"type":"rich_text_input","min_lines":1,"max_lines":100,"initial_value":{"type":"rich_text","elements":[]}}},
			{"type":"input","label":` + label + `,"element":{"type":"file_input","filetypes":["csv"],"max_files":1}}]`,
		"the least of every number to type": `[
			{"type":"input","label":` + label + `,"element":{"type":"plain_text_input","min_length":0,"max_length":1}},
			{"type":"input","label":` + label + `,"element":{"type":"rich_text_input","min_lines":1,"max_lines":1}}]`,
		"an alert": `[{"type":"alert","level":"success","text":` + label + `}]`,
	},
}
