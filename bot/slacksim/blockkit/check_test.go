package blockkit_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"computeunits/bot/slacksim/blockkit"
)

func TestEachBlockHasItsSurfaces(t *testing.T) {
	table := `{"type":"table","rows":[[{"type":"raw_text","text":"t"}]]}`
	for _, c := range []struct {
		block string
		on    []blockkit.Surface
	}{
		{section("t"), []blockkit.Surface{blockkit.Message, blockkit.Modal, blockkit.Home}},
		{`{"type":"header","text":` + label + `}`, []blockkit.Surface{blockkit.Message, blockkit.Modal, blockkit.Home}},
		{rich(`{"type":"text","text":"t"}`), []blockkit.Surface{blockkit.Message, blockkit.Modal, blockkit.Home}},
		{`{"type":"input","label":` + label + `,"element":{"type":"plain_text_input"}}`, []blockkit.Surface{blockkit.Modal, blockkit.Home}},
		{`{"type":"card","title":` + label + `}`, []blockkit.Surface{blockkit.Message, blockkit.Modal, blockkit.Home}},
		{`{"type":"carousel","elements":[{"type":"card","title":` + label + `}]}`, []blockkit.Surface{blockkit.Message, blockkit.Home}},
		{`{"type":"alert","text":` + label + `}`, []blockkit.Surface{blockkit.Modal}},
		{table, []blockkit.Surface{blockkit.Message}},
		{`{"type":"data_table","caption":"c","rows":[[{"type":"raw_text","text":"h"}],[{"type":"raw_text","text":"r"}]]}`, []blockkit.Surface{blockkit.Message}},
		{chart(`["c"]`, `{"name":"s","data":[{"label":"c","value":1}]}`), []blockkit.Surface{blockkit.Message}},
		{`{"type":"markdown","text":"t"}`, []blockkit.Surface{blockkit.Message}},
		{`{"type":"container","title":` + label + `,"child_blocks":[` + table + `]}`, []blockkit.Surface{blockkit.Message}},
		{`{"type":"plan","title":"t"}`, []blockkit.Surface{blockkit.Message}},
		{`{"type":"task_card","task_id":"1","title":"t"}`, []blockkit.Surface{blockkit.Message}},
		{feedback(`"text":` + label + `,"value":"v"`), []blockkit.Surface{blockkit.Message}},
		{`{"type":"input","label":` + label + `,"element":{"type":"file_input"}}`, []blockkit.Surface{blockkit.Modal}},
	} {
		for _, surface := range []blockkit.Surface{blockkit.Message, blockkit.Modal, blockkit.Home} {
			problems := blockkit.Check(surface, json.RawMessage("["+c.block+"]"))
			switch taken := problems == nil; {
			case taken != slices.Contains(c.on, surface):
				t.Errorf("%s on %s: %v", c.block, surface, problems)
			case !taken && !strings.HasPrefix(problems[0].Message, "unsupported type: "):
				t.Errorf("%s on %s: refused for another reason: %v", c.block, surface, problems)
			}
		}
	}
}

func TestProblemsComeInDocumentOrderWithTheirCode(t *testing.T) {
	text := strings.Repeat("x", 3001)
	got := blockkit.Check(blockkit.Message, json.RawMessage(`[
		{"type":"divider","block_id":"a"},
		{"type":"section","text":{"type":"mrkdwn","text":"`+text+`"},"color":"red","block_id":"a"},
		{"type":"actions"},
		`+strings.Join(slices.Repeat([]string{`{"type":"table","rows":[[{"type":"raw_text","text":"t"}]]}`}, 2), ",")+`,
		`+strings.Join(slices.Repeat([]string{section(text)}, 4), ",")+`]`))
	want := []blockkit.Problem{
		{Code: "invalid_blocks", Message: "must be less than 3001 characters", Pointer: "/blocks/1/text/text"},
		{Code: "invalid_blocks", Message: "invalid additional property: color", Pointer: "/blocks/1"},
		{Code: "invalid_blocks", Message: "duplicate block_id: a", Pointer: "/blocks/1/block_id"},
		{Code: "invalid_blocks", Message: "missing required field: elements", Pointer: "/blocks/2"},
		{Code: "only_one_table_allowed", Message: "only_one_table_allowed", Pointer: "/blocks/4"},
		{Code: "invalid_blocks", Message: "must be less than 3001 characters", Pointer: "/blocks/5/text/text"},
		{Code: "invalid_blocks", Message: "must be less than 3001 characters", Pointer: "/blocks/6/text/text"},
		{Code: "invalid_blocks", Message: "must be less than 3001 characters", Pointer: "/blocks/7/text/text"},
		{Code: "invalid_blocks", Message: "must be less than 3001 characters", Pointer: "/blocks/8/text/text"},
		{Code: "msg_blocks_too_long", Message: "must be less than 13201 characters", Pointer: "/blocks"},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got, want := got[0].String(), "[ERROR] must be less than 3001 characters [json-pointer:/blocks/1/text/text]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestBlocksThatAreNoListAreRefusedAsSuch(t *testing.T) {
	for _, blocks := range []string{`{"blocks":[]}`, `"[]"`, `[{"type":"divider"}`, `[] []`, `not JSON`, ` `} {
		want := []blockkit.Problem{{Code: "invalid_blocks_format", Message: "must provide an array", Pointer: "/blocks"}}
		if got := blockkit.Check(blockkit.Message, json.RawMessage(blocks)); !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", blocks, got, want)
		}
	}
}

func TestALengthIsThatOfWhatPeopleSee(t *testing.T) {
	entities := strings.Repeat("&amp;", 600) // 3,000 characters, of which people see 600
	sections := slices.Repeat([]string{`{"type":"section","text":{"type":"mrkdwn","text":"` + entities + `"}}`}, 20)
	if got := blockkit.Check(blockkit.Message, json.RawMessage("["+strings.Join(sections, ",")+"]")); got != nil {
		t.Errorf("12,000 characters refused as too many: %v", got)
	}
}
