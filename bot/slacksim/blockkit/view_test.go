package blockkit_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"computeunits/bot/slacksim/blockkit"
)

func TestSlackTakesViews(t *testing.T) {
	for name, view := range map[string]string{
		"a form": `{"type":"modal","callback_id":"settings","private_metadata":"{}","external_id":"e","notify_on_close":true,"clear_on_close":false,
			"title":` + label + `,"submit":` + label + `,"close":` + label + `,"blocks":[
			{"type":"alert","level":"warning","text":` + label + `},
			{"type":"input","block_id":"f","label":` + label + `,"element":{"type":"file_input","filetypes":["csv"],"max_files":1}}]}`,
		"a modal to read":    `{"type":"modal","title":` + label + `,"blocks":[` + section("t") + `]}`,
		"a home":             `{"type":"home","blocks":[{"type":"header","text":` + label + `},` + section("t") + `]}`,
		"a home without end": `{"type":"home","blocks":` + repeat(100, section("t")) + `}`,
		"an emptied home":    `{"type":"home","blocks":[]}`,
		"a home longer than a message": `{"type":"home","callback_id":"","blocks":` +
			repeat(10, section(strings.Repeat("x", 3000))) + `}`,
	} {
		t.Run(name, func(t *testing.T) {
			if got := blockkit.CheckView(json.RawMessage(view)); got != nil {
				t.Errorf("refused: %v", got)
			}
		})
	}
}

func TestSlackRefusesViews(t *testing.T) {
	modal := func(fields string) string {
		return `{"type":"modal","title":` + label + `,"blocks":[]` + fields + `}`
	}
	for _, c := range []struct{ name, view, want string }{
		{"nothing", ``, "must provide an object /view"},
		{"null", `null`, "must provide an object /view"},
		{"a list", `[]`, "must provide an object /view"},
		{"no type", `{"blocks":[]}`, "missing required field: type /view"},
		{"a workflow step", `{"type":"workflow_step","blocks":[]}`, "unsupported type: workflow_step /view/type"},
		{"a modal of nothing", `{"type":"modal"}`, "missing required field: blocks /view, missing required field: title /view"},
		{"blocks that are an object", `{"type":"home","blocks":{}}`, "must provide an array /view/blocks"},
		{"a home with a title", `{"type":"home","title":` + label + `,"blocks":[]}`, "invalid additional property: title /view"},
		{"a view as Slack returned it", `{"type":"home","id":"V1","hash":"1.a","blocks":[]}`, "invalid additional property: id /view, invalid additional property: hash /view"},
		{"submit_disabled, once of workflow steps", modal(`,"submit_disabled":true`), "invalid additional property: submit_disabled /view"},
		{"a title in mrkdwn", `{"type":"modal","title":{"type":"mrkdwn","text":"t"},"blocks":[]}`, "must be a valid enum value /view/title/type"},
		{"submit without a word", modal(`,"submit":null`), "must provide an object /view/submit"},
		{"a form that cannot be sent", `{"type":"modal","title":` + label + `,"blocks":[{"type":"input","label":` + label + `,"element":{"type":"plain_text_input"}}]}`, "missing required field: submit /view"},
		{"a file input that dispatches actions", `{"type":"modal","title":` + label + `,"submit":` + label + `,"blocks":[{"type":"input","dispatch_action":true,"label":` + label + `,"element":{"type":"file_input"}}]}`, "unsupported type: file_input /view/blocks/0/element/type"},
		{"a table at home", `{"type":"home","blocks":[` + section("t") + `,{"type":"table","rows":[]}]}`, "unsupported type: table /view/blocks/1/type"},
		{"two blocks of a name", `{"type":"home","blocks":[{"type":"divider","block_id":"d"},{"type":"divider","block_id":"d"}]}`, "duplicate block_id: d /view/blocks/1/block_id"},
	} {
		t.Run(c.name, func(t *testing.T) {
			problems := blockkit.CheckView(json.RawMessage(c.view))
			if got := said(problems); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			for _, p := range problems {
				if p.Code != "invalid_arguments" {
					t.Errorf("got code %s", p.Code)
				}
			}
		})
	}
}

func TestSlackTakesViewsUpToTheirLimits(t *testing.T) {
	for _, c := range []struct {
		field   string
		value   string // with the characters in place of %s
		most    int
		pointer string
	}{
		{"title", `{"type":"plain_text","text":"%s"}`, 24, "/view/title/text"},
		{"submit", `{"type":"plain_text","text":"%s"}`, 24, "/view/submit/text"},
		{"close", `{"type":"plain_text","text":"%s"}`, 24, "/view/close/text"},
		{"private_metadata", `"%s"`, 3000, "/view/private_metadata"},
		{"callback_id", `"%s"`, 255, "/view/callback_id"},
		{"external_id", `"%s"`, 255, "/view/external_id"},
	} {
		t.Run(c.field, func(t *testing.T) {
			view := func(n int) json.RawMessage {
				fields := map[string]json.RawMessage{"type": json.RawMessage(`"modal"`), "title": json.RawMessage(label), "blocks": json.RawMessage(`[]`)}
				fields[c.field] = json.RawMessage(fmt.Sprintf(c.value, strings.Repeat("語", n)))
				raw, err := json.Marshal(fields)
				if err != nil {
					t.Fatal(err)
				}
				return raw
			}
			if got := blockkit.CheckView(view(c.most)); got != nil {
				t.Errorf("%d refused: %v", c.most, got)
			}
			want := fmt.Sprintf("must be less than %d characters %s", c.most+1, c.pointer)
			if got := said(blockkit.CheckView(view(c.most + 1))); got != want {
				t.Errorf("%d: got %q, want %q", c.most+1, got, want)
			}
		})
	}
}

func TestAViewOfMoreThan250KilobytesIsTooLarge(t *testing.T) {
	view := func(size int) json.RawMessage {
		body := `{"type":"home","blocks":` + repeat(80, section(strings.Repeat("x", 3000)))
		return json.RawMessage(body + strings.Repeat(" ", size-len(body)-1) + "}")
	}
	if got := blockkit.CheckView(view(250_000)); got != nil {
		t.Errorf("250,000 bytes refused: %v", got)
	}
	want := []blockkit.Problem{{Code: "view_too_large", Message: "must be less than 250001 bytes", Pointer: "/view"}}
	if got := blockkit.CheckView(view(250_001)); !slices.Equal(got, want) {
		t.Errorf("250,001 bytes: got %v, want %v", got, want)
	}
}
