package blockkit_test

import (
	"encoding/json"
	"strings"
	"testing"

	"computeunits/bot/slacksim/blockkit"
)

func layout(rows string, more ...string) string {
	return `[{"type":"layout","label":"Units","rows":[` + rows + `]` + strings.Join(more, "") + `}]`
}

func row(blocks ...string) string {
	for i, b := range blocks {
		blocks[i] = `{"block":` + b + `}`
	}
	return `{"items":[` + strings.Join(blocks, ",") + `]}`
}

func TestALayoutArrangesOtherBlocks(t *testing.T) {
	const (
		divider = `{"type":"divider"}`
		text    = `{"type":"section","text":{"type":"mrkdwn","text":"*96* units"},"accessory":{"type":"button","action_id":"open","text":` + label + `}}`
	)
	field := func(id string) string {
		return `{"type":"input","block_id":"` + id + `","label":` + label + `,"element":{"type":"plain_text_input","action_id":"typed"}}`
	}
	for _, c := range []struct {
		name    string
		surface blockkit.Surface
		blocks  string
		want    string // the first problem; "": Slack takes it
	}{
		{"a row", blockkit.Message, layout(row(text, divider), `,"is_label_visible":true,"grid_lines":"outer","fallback":[`+divider+`],"block_id":"l"`), ""},
		{"hints", blockkit.Message, layout(`{"items":[{"block":` + divider + `,"width":"narrow","horizontal_alignment":"end"}]}`), ""},
		{"in the Home", blockkit.Home, layout(row(text)), ""},
		{"a field in a form", blockkit.Modal, layout(row(field("a"))), ""},
		{"no rows", blockkit.Message, layout(""), "must provide at least 1 items /blocks/0/rows"},
		{"six rows", blockkit.Message, layout(strings.Repeat(row(divider)+",", 5) + row(divider)), "no more than 5 items allowed /blocks/0/rows"},
		{"four items", blockkit.Message, layout(row(divider, divider, divider, divider)), "no more than 3 items allowed /blocks/0/rows/0/items"},
		{"no label", blockkit.Message, `[{"type":"layout","rows":[` + row(divider) + `]}]`, "missing required field: label /blocks/0"},
		{"a layout in it", blockkit.Message, layout(row(strings.Trim(layout(row(divider)), "[]"))), "unsupported type: layout /blocks/0/rows/0/items/0/block/type"},
		{"markdown in it", blockkit.Message, layout(row(`{"type":"markdown","text":"t"}`)), "unsupported type: markdown /blocks/0/rows/0/items/0/block/type"},
		{"a field in a message", blockkit.Message, layout(row(field("a"))), "unsupported type: input /blocks/0/rows/0/items/0/block/type"},
		{"a wrong width", blockkit.Message, layout(`{"items":[{"block":` + divider + `,"width":"full"}]}`), "must be a valid enum value /blocks/0/rows/0/items/0/width"},
		{"buttons to fall back to", blockkit.Message, layout(row(divider), `,"fallback":[{"type":"actions","elements":[]}]`), "unsupported type: actions /blocks/0/fallback/0/type"},
		{"a block_id twice", blockkit.Modal, layout(row(field("a"), field("a"))), "duplicate block_id: a /view/blocks/0/rows/0/items/1/block/block_id"},
		{"more blocks than a message takes", blockkit.Message, "[" + strings.Repeat(divider+",", 49) + strings.Trim(layout(row(divider)), "[]") + "]", "no more than 50 items allowed /blocks"},
	} {
		got := ""
		if problems := blockkit.Check(c.surface, json.RawMessage(c.blocks)); len(problems) > 0 {
			got = problems[0].Message + " " + problems[0].Pointer
		}
		if got != c.want {
			t.Errorf("%s: %q, not %q", c.name, got, c.want)
		}
	}
	blocks := json.RawMessage(layout(row(text, field("a"))))
	if c := blockkit.Controls(blocks); len(c) != 2 || c[0].ActionID != "open" || c[1].BlockID != "a" {
		t.Errorf("the controls are %+v", c)
	}
	if got := blockkit.PlainText(json.RawMessage(layout(row(text), `,"is_label_visible":true`))); !strings.HasPrefix(got, "Units\n*96* units") {
		t.Errorf("it reads %q", got)
	}
}

func TestANumberInputBeginsWithWhatMayBeTyped(t *testing.T) {
	for members, want := range map[string]string{
		`"is_decimal_allowed":false,"initial_value":"1.5"`:                               "must be a whole number without `is_decimal_allowed`",
		`"is_decimal_allowed":false,"min_value":"0.5"`:                                   "must be a whole number without `is_decimal_allowed`",
		`"is_decimal_allowed":true,"initial_value":"1.5"`:                                "",
		`"is_decimal_allowed":false,"initial_value":"2.0"`:                               "",
		`"is_decimal_allowed":false,"initial_value":"9","max_value":"8"`:                 "must not be greater than `max_value`",
		`"is_decimal_allowed":false,"initial_value":"1","min_value":"2"`:                 "must not be greater than `initial_value`",
		`"is_decimal_allowed":false,"initial_value":"2","min_value":"2","max_value":"2"`: "",
	} {
		blocks := `[{"type":"input","label":` + label + `,"element":{"type":"number_input",` + members + `}}]`
		got := ""
		if problems := blockkit.Check(blockkit.Modal, json.RawMessage(blocks)); len(problems) > 0 {
			got = problems[0].Message
		}
		if got != want {
			t.Errorf("%s: %q, not %q", members, got, want)
		}
	}
}

// Only a menu in a form can ask for the right to answer where somebody chose.
func TestWhereAMenuMayAskForAResponseURL(t *testing.T) {
	menu := `{"type":"channels_select","response_url_enabled":true}`
	form := `[{"type":"input","label":` + label + `,"element":` + menu + `}]`
	acts := `[{"type":"actions","elements":[` + menu + `]}]`
	for _, c := range []struct {
		surface blockkit.Surface
		blocks  string
		taken   bool
	}{
		{blockkit.Modal, form, true}, {blockkit.Modal, acts, false}, {blockkit.Message, acts, false}, {blockkit.Home, form, false},
	} {
		if got := blockkit.Check(c.surface, json.RawMessage(c.blocks)); (got == nil) != c.taken {
			t.Errorf("%s in a %s: %v", c.blocks, c.surface, got)
		}
	}
}
