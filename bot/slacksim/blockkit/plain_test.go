package blockkit_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"computeunits/bot/slacksim/blockkit"
)

func TestMrkdwnOnATerminal(t *testing.T) {
	for _, c := range []struct{ mrkdwn, want string }{
		{"", ""},
		{"*3* instances, `cu-1` first", "*3* instances, `cu-1` first"},
		{"a &lt; b &amp;&amp; c &gt; d", "a < b && c > d"},
		{"&amp;lt;", "&lt;"},
		{"&nbsp; & co", "&nbsp; & co"},

		{"see <https://x.example/?a=1&amp;b=2|the &lt;console&gt;>.", "see the <console> (https://x.example/?a=1&b=2)."},
		{"see <https://x.example>", "see https://x.example"},
		{"<https://x.example|https://x.example>", "https://x.example"},
		{"<mailto:ops@x.example|ops@x.example> or <mailto:ops@x.example>", "ops@x.example or ops@x.example"},
		{"<tel:+1|call>", "call (tel:+1)"},

		{"until <!date^1763942400^{date_short_pretty} at {time}|2025-11-24 00:00 UTC>!", "until 2025-11-24 00:00 UTC!"},
		{"<!date^1763942400^{date}^https://x.example|24 &amp; 25 Nov>", "24 & 25 Nov"},
		{"<!date^1763942400^{date}>", "<!date^1763942400^{date}>"},

		{"<@U0ALICE> asks <@U0BOB|bob> in <#C1|gpu> and <#C2>", "@U0ALICE asks @bob in #gpu and #C2"},
		{"<!here> <!channel> <!everyone|@everyone> <!subteam^S1|@ops> <!subteam^S2>", "@here @channel @everyone @ops @S2"},

		{"1 < 2, <b>bold</b> <>", "1 < 2, <b>bold</b> <>"},
		{"<&amp;>", "<&>"},
		{"a <<@U1>", "a <@U1"},
		{"<@U1", "<@U1"},
	} {
		if got := blockkit.PlainMrkdwn(c.mrkdwn); got != c.want {
			t.Errorf("%q: got %q, want %q", c.mrkdwn, got, c.want)
		}
	}
}

func TestTheAnswerOnATerminal(t *testing.T) {
	want, err := os.ReadFile("testdata/answer.txt")
	if err != nil {
		t.Fatal(err)
	}
	if got := blockkit.PlainText(answer(t)) + "\n"; got != string(want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestBlocksOnATerminal(t *testing.T) {
	for _, c := range []struct {
		name, blocks string
		want         []string // lines
	}{
		{"a section with everything", `{"type":"section","text":{"type":"mrkdwn","text":"one\n&lt;two&gt;"},"fields":[{"type":"plain_text","text":"&lt;"},{"type":"mrkdwn","text":"*Left*\n&lt; 1 d"}],"accessory":{"type":"button","text":` + label + `}}`,
			[]string{"one", "<two>", "&lt;", "*Left* < 1 d", "[label]"}},
		{"a context", `{"type":"context","elements":[{"type":"image","alt_text":"a dot","image_url":"https://x.example"},{"type":"mrkdwn","text":"<@U1>"},{"type":"plain_text","text":"t"}]}`,
			[]string{"a dot @U1 t"}},
		{"actions", `{"type":"actions","elements":[{"type":"button","text":{"type":"plain_text","text":"Yes"}},{"type":"users_select","placeholder":{"type":"plain_text","text":"Who?"}},
			{"type":"static_select","options":[` + option + `],"initial_option":` + option + `,"placeholder":{"type":"plain_text","text":"Which?"}},{"type":"overflow","options":[` + option + `]},
			{"type":"datepicker","initial_date":"2026-01-31"},{"type":"channels_select"},{"type":"checkboxes","options":[` + option + `,` + option + `]}]}`,
			[]string{"[Yes] [Who? ▾] [label ▾] [...] [2026-01-31] [▾] [label] [label]"}},
		{"feedback", feedback(`"text":{"type":"plain_text","text":"Good"},"value":"v"`), []string{"[Good] [label]"}},
		{"an input", `{"type":"input","label":{"type":"plain_text","text":"Channel"},"hint":{"type":"plain_text","text":"for digests"},"element":{"type":"plain_text_input","initial_value":"#gpu"}}`,
			[]string{"Channel: [#gpu]", "for digests"}},
		{"pictures", `{"type":"image","title":{"type":"plain_text","text":"Expiry"},"alt_text":"a chart","image_url":"https://x.example"},` + video(`"alt_text":"a","title":{"type":"plain_text","text":"Tour"},"author_name":"Mei","description":{"type":"plain_text","text":"Five minutes"}`),
			[]string{"Expiry: a chart", "Tour - Mei", "Five minutes"}},
		{"a data table", `{"type":"data_table","caption":"Units","rows":[[{"type":"raw_text","text":"Region"},{"type":"raw_text","text":"n"}],[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"bj\n"}]},{"type":"rich_text_quote","elements":[{"type":"text","text":"north"}]}]},{"type":"raw_number","value":96}],[{"type":"raw_text","text":"gz"},{"type":"raw_number","value":1e3,"text":"1,000"}]]}`,
			[]string{"Units", "Region | n", "bj > north | 96", "gz | 1,000"}},
		{"a chart", `{"type":"data_visualization","title":"Units by expiry","chart":{"type":"bar","series":[{"name":"Units","data":[{"label":"Dec","value":96},{"label":"Jan","value":-4.5}]}],"axis_config":{"categories":["Dec","Jan"],"x_label":"Month"}}}`,
			[]string{"Units by expiry", "Units: Dec 96, Jan -4.5", "Month"}},
		{"a pie", `{"type":"data_visualization","title":"Share","chart":{"type":"pie","segments":[{"label":"A","value":1},{"label":"B","value":2}]}}`,
			[]string{"Share", "A 1, B 2"}},
		{"a container", `{"type":"container","title":{"type":"plain_text","text":"T"},"subtitle":{"type":"mrkdwn","text":"&amp;"},"child_blocks":[{"type":"divider"},` + section("t") + `]}`,
			[]string{"T", "&", "---", "t"}},
		{"cards", `{"type":"carousel","elements":[{"type":"card","title":{"type":"mrkdwn","text":"A"},"subtitle":` + label + `,"body":{"type":"mrkdwn","text":"B"},"subtext":{"type":"mrkdwn","text":"C"},"actions":[{"type":"button","text":` + label + `}]},{"type":"card","body":{"type":"mrkdwn","text":"D"}}]}`,
			[]string{"A", "label", "B", "C", "[label]", "D"}},
		{"a plan", `{"type":"plan","title":"P","tasks":[{"task_id":"1","title":"T","details":{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"D"}]}]},"sources":[{"type":"url","url":"https://x.example","text":"X"}]}]}`,
			[]string{"P", "T", "D", "X (https://x.example)"}},
		{"an alert and markdown", `{"type":"alert","text":` + label + `},{"type":"markdown","text":"# one\n*two*"}`, []string{"label", "# one", "*two*"}},
		{"mentions in rich text", rich(`{"type":"user","user_id":"U1"},{"type":"text","text":" "},{"type":"channel","channel_id":"C1"},{"type":"text","text":" "},{"type":"broadcast","range":"here"},{"type":"text","text":" "},
			{"type":"usergroup","usergroup_id":"S1"},{"type":"team","team_id":"T1"},{"type":"emoji","name":"wave"},{"type":"color","value":"#a30200"},{"type":"link","url":"https://x.example","text":"x"}`),
			[]string{"@U1 #C1 @here @S1@T1:wave:#a30200x (https://x.example)"}},
		{"dates in rich text", rich(`{"type":"date","timestamp":1763942400,"format":"{date}","fallback":"24 Nov"},{"type":"text","text":", "},{"type":"date","timestamp":1763942400,"format":"{date}"}`),
			[]string{"24 Nov, 2025-11-24 00:00 UTC"}},
		{"lists", `{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"Steps\n"}]},
			{"type":"rich_text_list","style":"ordered","offset":2,"elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"a"}]},{"type":"rich_text_section","elements":[{"type":"text","text":"b"}]}]},
			{"type":"rich_text_list","style":"bullet","indent":1,"elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"c"}]}]},
			{"type":"rich_text_quote","elements":[{"type":"text","text":"q\nr"}]},{"type":"rich_text_preformatted","elements":[{"type":"text","text":"go run . demo"}]}]}`,
			[]string{"Steps", "3. a", "4. b", "  • c", "> q", "> r", "go run . demo"}},
		{"what is no block", `1,null,"x",{},{"type":"banner","text":"t"},{"type":"section","text":"t","fields":{}},{"type":"table","rows":[1,[2,"x"]]}`, []string{" | "}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, want := blockkit.PlainText(json.RawMessage("["+c.blocks+"]")), strings.Join(c.want, "\n"); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func TestWhatIsNoListOfBlocksShowsNothing(t *testing.T) {
	for _, blocks := range []string{"", "null", "{}", "[", `"text"`} {
		if got := blockkit.PlainText(json.RawMessage(blocks)); got != "" {
			t.Errorf("%s: got %q", blocks, got)
		}
	}
}
