package blockkit_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"computeunits/bot/slacksim/blockkit"
)

// limit is one of Slack's limits: the most that it takes of something and what it
// says to one more.
type limit struct {
	of      string
	surface blockkit.Surface        // "": Message
	blocks  func(amount int) string // blocks with that much of it
	most    int
	refused string // what is said to one more: messages, each with its pointer
}

var limits = []limit{
	{of: "blocks of a message", most: 50, refused: "no more than 50 items allowed /blocks",
		blocks: func(n int) string { return repeat(n, `{"type":"divider"}`) }},
	{of: "blocks of a modal", surface: blockkit.Modal, most: 100, refused: "no more than 100 items allowed /view/blocks",
		blocks: func(n int) string { return repeat(n, `{"type":"divider"}`) }},
	{of: "blocks of App Home", surface: blockkit.Home, most: 100, refused: "no more than 100 items allowed /view/blocks",
		blocks: func(n int) string { return repeat(n, `{"type":"divider"}`) }},

	chars("a block_id", 255, `{"type":"divider","block_id":"%s"}`, "/block_id"),
	chars("an action_id", 255, `{"type":"actions","elements":[{"type":"button","action_id":"%s","text":`+label+`}]}`, "/elements/0/action_id"),

	chars("a section's text", 3000, `{"type":"section","text":{"type":"mrkdwn","text":"%s"}}`, "/text/text"),
	chars("a section's plain text", 3000, `{"type":"section","text":{"type":"plain_text","text":"%s","emoji":false}}`, "/text/text"),
	chars("a field", 2000, `{"type":"section","fields":[{"type":"mrkdwn","text":"%s"}]}`, "/fields/0/text"),
	items("fields of a section", 10, `{"type":"section","fields":%s}`, `{"type":"plain_text","text":"f"}`, "/fields"),
	chars("a header", 150, `{"type":"header","text":{"type":"plain_text","text":"%s"}}`, "/text/text"),
	items("elements of a context", 10, `{"type":"context","elements":%s}`, `{"type":"mrkdwn","text":"c"}`, "/elements"),
	chars("a text in a context", 3000, `{"type":"context","elements":[{"type":"mrkdwn","text":"%s"}]}`, "/elements/0/text"),
	chars("a markdown block", 12000, `{"type":"markdown","text":"%s"}`, "/text"),
	items("elements of actions", 25, `{"type":"actions","elements":%s}`, `{"type":"button","text":`+label+`}`, "/elements"),
	items("elements of context_actions", 5, `{"type":"context_actions","elements":%s}`, `{"type":"icon_button","icon":"trash","text":`+label+`}`, "/elements"),

	chars("a button's text", 75, button(`"text":{"type":"plain_text","text":"%s"}`), "/elements/0/text/text"),
	chars("a button's value", 2000, button(`"text":`+label+`,"value":"%s"`), "/elements/0/value"),
	chars("a button's url", 3000, button(`"text":`+label+`,"url":"https:%s"`), "/elements/0/url", len("https:")),
	chars("a button's accessibility_label", 75, button(`"text":`+label+`,"accessibility_label":"%s"`), "/elements/0/accessibility_label"),
	chars("a workflow button's text", 75, workflowButton(`"text":{"type":"plain_text","text":"%s"}`), "/elements/0/text/text"),
	chars("a workflow button's accessibility_label", 75, workflowButton(`"text":`+label+`,"accessibility_label":"%s"`), "/elements/0/accessibility_label"),
	chars("an icon button's text", 75, iconButton(`"text":{"type":"plain_text","text":"%s"}`), "/elements/0/text/text"),
	chars("an icon button's value", 2000, iconButton(`"text":`+label+`,"value":"%s"`), "/elements/0/value"),
	chars("an icon button's accessibility_label", 75, iconButton(`"text":`+label+`,"accessibility_label":"%s"`), "/elements/0/accessibility_label"),
	chars("a confirmation's title", 100, confirmation("%s", "t", "c", "d"), "/elements/0/confirm/title/text"),
	chars("a confirmation's text", 300, confirmation("t", "%s", "c", "d"), "/elements/0/confirm/text/text"),
	chars("a confirmation's confirm", 30, confirmation("t", "t", "%s", "d"), "/elements/0/confirm/confirm/text"),
	chars("a confirmation's deny", 30, confirmation("t", "t", "c", "%s"), "/elements/0/confirm/deny/text"),

	chars("an option's text", 75, selectOf(`{"text":{"type":"plain_text","text":"%s"},"value":"v"}`), "/elements/0/options/0/text/text"),
	chars("an option's value", 150, selectOf(`{"text":`+label+`,"value":"%s"}`), "/elements/0/options/0/value"),
	chars("an option's description", 75, selectOf(`{"text":`+label+`,"value":"v","description":{"type":"plain_text","text":"%s"}}`), "/elements/0/options/0/description/text"),
	chars("an overflow option's url", 3000, action("overflow", `"options":[{"text":`+label+`,"value":"v","url":"https:%s"}]`), "/elements/0/options/0/url", len("https:")),
	items("options of a select", 100, action("static_select", `"options":%s`), option, "/elements/0/options"),
	items("groups of a select", 100, action("static_select", `"option_groups":%s`), `{"label":`+label+`,"options":[`+option+`]}`, "/elements/0/option_groups"),
	items("options of a multi-select", 100, action("multi_static_select", `"options":%s`), option, "/elements/0/options"),
	items("groups of a multi-select", 100, action("multi_static_select", `"option_groups":%s`), `{"label":`+label+`,"options":[`+option+`]}`, "/elements/0/option_groups"),
	items("options of a group", 100, action("multi_static_select", `"option_groups":[{"label":`+label+`,"options":%s}]`), option, "/elements/0/option_groups/0/options"),
	chars("a group's label", 75, action("static_select", `"option_groups":[{"label":{"type":"plain_text","text":"%s"},"options":[`+option+`]}]`), "/elements/0/option_groups/0/label/text"),
	chars("a select's placeholder", 150, action("users_select", `"placeholder":{"type":"plain_text","text":"%s"}`), "/elements/0/placeholder/text"),
	items("options of an overflow menu", 5, action("overflow", `"options":%s`), option, "/elements/0/options"),
	items("checkboxes", 10, action("checkboxes", `"options":%s`), option, "/elements/0/options"),
	items("radio buttons", 10, action("radio_buttons", `"options":%s`), option, "/elements/0/options"),
	chars("a feedback button's text", 75, feedback(`"text":{"type":"plain_text","text":"%s"},"value":"v"`), "/elements/0/positive_button/text/text"),
	chars("a feedback button's value", 2000, feedback(`"text":`+label+`,"value":"%s"`), "/elements/0/positive_button/value"),
	chars("a feedback button's accessibility_label", 75, feedback(`"text":`+label+`,"value":"v","accessibility_label":"%s"`), "/elements/0/positive_button/accessibility_label"),
	items("people who see an icon button", 10, `{"type":"context_actions","elements":[{"type":"icon_button","icon":"trash","text":`+label+`,"visible_to_user_ids":%s}]}`, `"U1"`, "/elements/0/visible_to_user_ids"),

	inModal(chars("an input's label", 2000, `{"type":"input","label":{"type":"plain_text","text":"%s"},"element":{"type":"plain_text_input"}}`, "/label/text")),
	inModal(chars("an input's hint", 2000, `{"type":"input","label":`+label+`,"hint":{"type":"plain_text","text":"%s"},"element":{"type":"plain_text_input"}}`, "/hint/text")),
	inModal(chars("an input's initial value", 3000, `{"type":"input","label":`+label+`,"element":{"type":"plain_text_input","initial_value":"%s"}}`, "/element/initial_value")),
	inModal(number("an input's max_length", 3000, `{"type":"input","label":`+label+`,"element":{"type":"plain_text_input","max_length":%d}}`, "/element/max_length")),
	inModal(number("an input's min_length", 3000, `{"type":"input","label":`+label+`,"element":{"type":"plain_text_input","min_length":%d}}`, "/element/min_length")),
	inModal(number("lines of a rich text input", 100, `{"type":"input","label":`+label+`,"element":{"type":"rich_text_input","max_lines":%d}}`, "/element/max_lines")),
	inModal(number("lines a rich text input starts with", 100, `{"type":"input","label":`+label+`,"element":{"type":"rich_text_input","min_lines":%d}}`, "/element/min_lines")),
	inModal(chars("an input's placeholder", 150, `{"type":"input","label":`+label+`,"element":{"type":"plain_text_input","placeholder":{"type":"plain_text","text":"%s"}}}`, "/element/placeholder/text")),
	inModal(number("files of a file input", 10, `{"type":"input","label":`+label+`,"element":{"type":"file_input","max_files":%d}}`, "/element/max_files")),

	chars("an image's address", 3000, `{"type":"image","alt_text":"a","image_url":"https:%s"}`, "/image_url", len("https:")),
	chars("an image's alt_text", 2000, `{"type":"image","alt_text":"%s","image_url":"https://x.example/a.png"}`, "/alt_text"),
	chars("an image's title", 2000, `{"type":"image","alt_text":"a","image_url":"https://x.example/a.png","title":{"type":"plain_text","text":"%s"}}`, "/title/text"),
	chars("a task's source", 3000, `{"type":"task_card","task_id":"1","title":"t","sources":[{"type":"url","url":"https:%s","text":"t"}]}`, "/sources/0/url", len("https:")),
	chars("the alt_text of an image in a context", 2000, `{"type":"context","elements":[{"type":"image","image_url":"https://x.example","alt_text":"%s"}]}`, "/elements/0/alt_text"),
	chars("a video's address", 3000, `{"type":"video","alt_text":"a","title":`+label+`,"thumbnail_url":"https://x.example","video_url":"https://%s"}`, "/video_url", len("https://")),
	chars("a video's alt_text", 200, video(`"alt_text":"%s","title":`+label), "/alt_text"),
	chars("a video's title", 200, video(`"alt_text":"a","title":{"type":"plain_text","text":"%s"}`), "/title/text"),
	chars("a video's description", 200, video(`"alt_text":"a","title":`+label+`,"description":{"type":"plain_text","text":"%s"}`), "/description/text"),
	chars("a video's author", 50, video(`"alt_text":"a","title":`+label+`,"author_name":"%s"`), "/author_name"),
	chars("a video's provider", 50, video(`"alt_text":"a","title":`+label+`,"provider_name":"%s"`), "/provider_name"),

	chars("a container's title", 150, `{"type":"container","title":{"type":"plain_text","text":"%s"},"child_blocks":[{"type":"divider"}]}`, "/title/text"),
	chars("a container's subtitle", 150, `{"type":"container","title":`+label+`,"subtitle":{"type":"mrkdwn","text":"%s"},"child_blocks":[{"type":"divider"}]}`, "/subtitle/text"),
	items("blocks of a container", 10, `{"type":"container","title":`+label+`,"child_blocks":%s}`, `{"type":"divider"}`, "/child_blocks"),
	chars("a card's title", 150, `{"type":"card","title":{"type":"mrkdwn","text":"%s"}}`, "/title/text"),
	chars("a card's subtitle", 150, `{"type":"card","title":`+label+`,"subtitle":{"type":"mrkdwn","text":"%s"}}`, "/subtitle/text"),
	chars("a card's body", 200, `{"type":"card","body":{"type":"mrkdwn","text":"%s"}}`, "/body/text"),
	chars("a card's subtext", 200, `{"type":"card","title":`+label+`,"subtext":{"type":"mrkdwn","text":"%s"}}`, "/subtext/text"),
	items("buttons of a card", 3, `{"type":"card","actions":%s}`, `{"type":"button","text":`+label+`}`, "/actions"),
	items("cards of a carousel", 10, `{"type":"carousel","elements":%s}`, `{"type":"card","title":`+label+`}`, "/elements"),
	inModal(chars("an alert", 200, `{"type":"alert","text":{"type":"mrkdwn","text":"%s"}}`, "/text/text")),
	items("tasks of a plan", 50, `{"type":"plan","title":"p","tasks":%s}`, `{"task_id":"1","title":"t"}`, "/tasks"),

	items("rows of a table", 100, `{"type":"table","rows":%s}`, `[{"type":"raw_text","text":"r"}]`, "/rows"),
	items("columns of a table", 20, `{"type":"table","rows":[%s]}`, `{"type":"raw_text","text":"c"}`, "/rows/0"),
	items("column settings of a table", 20, `{"type":"table","rows":[[{"type":"raw_text","text":"c"}]],"column_settings":%s}`, `{"align":"right"}`, "/column_settings"),
	{of: "characters of a table", most: 10_000, refused: "must be less than 10001 characters in all cells /blocks/0/rows",
		blocks: func(n int) string {
			return fmt.Sprintf(`[{"type":"table","rows":[[{"type":"raw_text","text":"%s"},{"type":"raw_text","text":"語"}]]}]`, strings.Repeat("語", n-1))
		}},
	items("rows of a data table", 101, `{"type":"data_table","caption":"c","rows":%s}`, `[{"type":"raw_text","text":"r"}]`, "/rows"),
	{of: "columns of a data table", most: 20, refused: "no more than 20 items allowed /blocks/0/rows/0, no more than 20 items allowed /blocks/0/rows/1",
		blocks: func(n int) string {
			row := repeat(n, `{"type":"raw_text","text":"c"}`)
			return fmt.Sprintf(`[{"type":"data_table","caption":"c","rows":[%s,%s]}]`, row, row)
		}},
	number("a data table's page", 100, `{"type":"data_table","caption":"c","page_size":%d,"rows":[[{"type":"raw_text","text":"h"}],[{"type":"raw_text","text":"r"}]]}`, "/page_size"),

	chars("a chart's title", 50, `{"type":"data_visualization","title":"%s","chart":{"type":"pie","segments":[{"label":"a","value":1}]}}`, "/title"),
	items("segments of a pie", 12, `{"type":"data_visualization","title":"t","chart":{"type":"pie","segments":%s}}`, `{"label":"a","value":0.5}`, "/chart/segments"),
	chars("a segment's label", 20, `{"type":"data_visualization","title":"t","chart":{"type":"pie","segments":[{"label":"%s","value":1}]}}`, "/chart/segments/0/label"),
	{of: "series of a chart", most: 12, refused: "no more than 12 items allowed /blocks/0/chart/series",
		blocks: func(n int) string { return plot(n, 1) }},
	{of: "categories of a chart", most: 20, refused: "no more than 20 items allowed /blocks/0/chart/series/0/data, no more than 20 items allowed /blocks/0/chart/axis_config/categories",
		blocks: func(n int) string { return plot(1, n) }},
	chars("an axis label", 50, `{"type":"data_visualization","title":"t","chart":{"type":"line","series":[{"name":"s","data":[{"label":"c","value":-1}]}],"axis_config":{"categories":["c"],"x_label":"%s"}}}`, "/chart/axis_config/x_label"),
	chars("another axis label", 50, `{"type":"data_visualization","title":"t","chart":{"type":"area","series":[{"name":"s","data":[{"label":"c","value":-1}]}],"axis_config":{"categories":["c"],"y_label":"%s"}}}`, "/chart/axis_config/y_label"),
	{of: "charts of a message", most: 2, refused: "no more than 2 data_visualization blocks allowed /blocks/2",
		blocks: func(n int) string {
			return repeat(n, `{"type":"data_visualization","title":"t","chart":{"type":"pie","segments":[{"label":"a","value":1}]}}`)
		}},
	{of: "tables of a message", most: 1, refused: "only_one_table_allowed /blocks/1",
		blocks: func(n int) string { return repeat(n, `{"type":"table","rows":[[{"type":"raw_text","text":"c"}]]}`) }},
	{of: "characters of all markdown blocks", most: 12_000, refused: "must be less than 12001 characters in all markdown blocks /blocks/1/text",
		blocks: func(n int) string {
			return fmt.Sprintf(`[{"type":"markdown","text":"%s"},{"type":"markdown","text":"%s"}]`, strings.Repeat("a", 6000), strings.Repeat("b", n-6000))
		}},
	{of: "characters of a message", most: 13_200, refused: "must be less than 13201 characters /blocks",
		blocks: func(n int) string {
			// Four sections of 3,000 characters, a rest, and the four line ends between them.
			sections := slices.Repeat([]string{section(strings.Repeat("x", 3000))}, 4)
			return "[" + strings.Join(append(sections, section(strings.Repeat("x", n-12_004))), ",") + "]"
		}},
	number("skin tones", 6, rich(`{"type":"emoji","name":"wave","skin_tone":%d}`), "/elements/0/elements/0/skin_tone"),
	number("indentation of a list", 8, `{"type":"rich_text","elements":[{"type":"rich_text_list","style":"bullet","indent":%d,"elements":[{"type":"rich_text_section","elements":[]}]}]}`, "/elements/0/indent"),
}

// The pieces that the payloads above are made of.
const (
	label   = `{"type":"plain_text","text":"label"}`
	option  = `{"text":` + label + `,"value":"v"}`
	confirm = `{"title":` + label + `,"text":` + label + `,"confirm":` + label + `,"deny":` + label + `,"style":"danger"}`
)

func section(text string) string {
	return `{"type":"section","text":{"type":"plain_text","text":"` + text + `"}}`
}

func action(kind, fields string) string {
	return `{"type":"actions","elements":[{"type":"` + kind + `",` + fields + `}]}`
}

func button(fields string) string { return action("button", fields) }

func workflowButton(fields string) string {
	return action("workflow_button", `"workflow":{"trigger":{"url":"https://slack.com/shortcuts/Ft1/x"}},`+fields)
}

func iconButton(fields string) string {
	return `{"type":"context_actions","elements":[{"type":"icon_button","icon":"trash",` + fields + `}]}`
}

func selectOf(option string) string { return action("static_select", `"options":[`+option+`]`) }

func confirmation(title, text, confirm, deny string) string {
	return button(fmt.Sprintf(`"text":%s,"confirm":{"title":{"type":"plain_text","text":"%s"},"text":{"type":"mrkdwn","text":"%s"},
		"confirm":{"type":"plain_text","text":"%s"},"deny":{"type":"plain_text","text":"%s"}}`, label, title, text, confirm, deny))
}

func feedback(fields string) string {
	return `{"type":"context_actions","elements":[{"type":"feedback_buttons","positive_button":{` + fields +
		`},"negative_button":{"text":` + label + `,"value":"v"}}]}`
}

func video(fields string) string {
	return `{"type":"video","video_url":"https://v.example/1","thumbnail_url":"https://v.example/1.png",` + fields + `}`
}

func chart(categories, series string) string {
	return `{"type":"data_visualization","title":"t","chart":{"type":"bar","axis_config":{"categories":` + categories + `},"series":[` + series + `]}}`
}

func rich(inline string) string {
	return `{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[` + inline + `]}]}`
}

func plot(series, categories int) string {
	var names, all []string
	for i := range categories {
		names = append(names, fmt.Sprintf(`"c%d"`, i))
	}
	for i := range series {
		var points []string
		for _, name := range names {
			points = append(points, fmt.Sprintf(`{"label":%s,"value":%d}`, name, i))
		}
		all = append(all, fmt.Sprintf(`{"name":"s%d","data":[%s]}`, i, strings.Join(points, ",")))
	}
	return fmt.Sprintf(`[{"type":"data_visualization","title":"t","chart":{"type":"bar","series":[%s],"axis_config":{"categories":[%s]}}}]`,
		strings.Join(all, ","), strings.Join(names, ","))
}

func repeat(n int, value string) string {
	return "[" + strings.Join(slices.Repeat([]string{value}, n), ",") + "]"
}

// chars is a limit of characters in the place of %s of the first block. They are
// Japanese, three bytes each, because Slack counts characters. Some strings have a
// beginning of their own that counts as well.
func chars(of string, most int, block, pointer string, beginning ...int) limit {
	return limit{of: of, most: most,
		refused: fmt.Sprintf("must be less than %d characters /blocks/0%s", most+1, pointer),
		blocks: func(n int) string {
			for _, length := range beginning {
				n -= length
			}
			return "[" + fmt.Sprintf(block, strings.Repeat("語", n)) + "]"
		}}
}

// items is a limit of elements of the array in the place of %s of the first block.
func items(of string, most int, block, item, pointer string) limit {
	return limit{of: of, most: most,
		refused: fmt.Sprintf("no more than %d items allowed /blocks/0%s", most, pointer),
		blocks:  func(n int) string { return "[" + fmt.Sprintf(block, repeat(n, item)) + "]" }}
}

// number is a limit of the number in the place of %d of the first block.
func number(of string, most int, block, pointer string) limit {
	return limit{of: of, most: most,
		refused: fmt.Sprintf("must be less than %d /blocks/0%s", most, pointer), // sic
		blocks:  func(n int) string { return "[" + fmt.Sprintf(block, n) + "]" }}
}

func inModal(l limit) limit {
	l.surface = blockkit.Modal
	l.refused = strings.Replace(l.refused, " /blocks", " /view/blocks", 1)
	return l
}

func TestSlackTakesUpToItsLimitsAndNothingBeyond(t *testing.T) {
	for _, l := range limits {
		t.Run(l.of, func(t *testing.T) {
			surface := l.surface
			if surface == "" {
				surface = blockkit.Message
			}
			if got := blockkit.Check(surface, json.RawMessage(l.blocks(l.most))); got != nil {
				t.Errorf("%d refused: %v", l.most, got)
			}
			if got := said(blockkit.Check(surface, json.RawMessage(l.blocks(l.most+1)))); got != l.refused {
				t.Errorf("%d: got %q, want %q", l.most+1, got, l.refused)
			}
		})
	}
}

// said returns the message and pointer of each problem.
func said(problems []blockkit.Problem) string {
	var all []string
	for _, p := range problems {
		all = append(all, p.Message+" "+p.Pointer)
	}
	return strings.Join(all, ", ")
}
