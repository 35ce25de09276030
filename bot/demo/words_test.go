package demo

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"computeunits/bot/slacksim"
)

// page is a view with two overflow menus, a select and buttons.
func page() slacksim.View {
	return slacksim.View{Type: "home", Blocks: json.RawMessage(`[
		{"type":"actions","block_id":"a","elements":[
			{"type":"button","action_id":"r","text":{"type":"plain_text","text":"Refresh"}},
			{"type":"static_select","action_id":"s","placeholder":{"type":"plain_text","text":"Snooze…"},"options":[
				{"text":{"type":"plain_text","text":"1 day"},"value":"1"},{"text":{"type":"plain_text","text":"1 week"},"value":"7"}]}]},
		{"type":"section","block_id":"x","text":{"type":"mrkdwn","text":"*Chat prod* (` + "`svco-1`" + `)\nmore"},"accessory":
			{"type":"overflow","action_id":"o","options":[{"text":{"type":"plain_text","text":"Settings…"},"value":"1"},{"text":{"type":"plain_text","text":"Stop…"},"value":"2"}]}},
		{"type":"section","block_id":"y","text":{"type":"mrkdwn","text":"` + "`svco-2`" + `"},"accessory":
			{"type":"overflow","action_id":"o","options":[{"text":{"type":"plain_text","text":"Settings…"},"value":"1"},{"text":{"type":"plain_text","text":"Add"},"value":"3"}]}},
		{"type":"section","block_id":"l","text":{"type":"mrkdwn","text":"*Language* of <@U0MEI> in <#C0GPU>"},"accessory":
			{"type":"static_select","action_id":"l","placeholder":{"type":"plain_text","text":"Language"},"initial_option":{"text":{"type":"plain_text","text":"English"},"value":"en"},
			"options":[{"text":{"type":"plain_text","text":"English"},"value":"en"},{"text":{"type":"plain_text","text":"简体中文"},"value":"zh"}]}}]`)}
}

func TestWhatIsMeantByWords(t *testing.T) {
	for words, want := range map[string]string{
		"refresh":               "Refresh/",
		"Snooze…":               "Snooze…/",
		"snooze... > 1 day":     "Snooze…/1 day",
		"Snooze 1 week":         "Snooze…/1 week",
		"Snooze…>1 week":        "Snooze…/1 week",
		"1 day":                 "Snooze…/1 day",
		"chat prod > settings":  "Chat prod/Settings…",
		"Chat prod stop…":       "Chat prod/Stop…",
		"settings…":             "Chat prod/Settings… svco-2/Settings…",
		"svco-2 > add":          "svco-2/Add",
		"简体中文":                  "Language/简体中文",
		"language > 简体":         "Language/简体中文",
		"nothing":               "",
		"Snooze… > 1":           "",
		"Snooze… > in 100 days": "",
		"":                      "",
	} {
		var got []string
		for _, c := range meant(page(), words) {
			got = append(got, c.is.name+"/"+c.option.Label)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q means %q, not %q", words, got, want)
		}
	}
}

func TestChoicesAndNamesAreShown(t *testing.T) {
	text := viewText(page())
	for _, want := range []string{
		"[Refresh] [Snooze… ▾ 1 day | 1 week]", "[Chat prod ⋯ Settings… | Stop…]", "[svco-2 ⋯ Settings… | Add]",
		"*Language* of @mei in #gpu-capacity", "[Language ▾ ✓ English | 简体中文]",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("nothing says %q in:\n%s", want, text)
		}
	}
}

func TestAFieldIsNamedAndFilled(t *testing.T) {
	form := slacksim.View{Type: "modal", Blocks: json.RawMessage(`[
		{"type":"input","block_id":"label","label":{"type":"plain_text","text":"Label"},"element":{"type":"plain_text_input","action_id":"v"}},
		{"type":"input","block_id":"more","label":{"type":"plain_text","text":"Label of more"},"element":{"type":"plain_text_input","action_id":"v"}},
		{"type":"input","block_id":"steps","label":{"type":"plain_text","text":"When"},"element":{"type":"multi_static_select","action_id":"v","options":[
			{"text":{"type":"plain_text","text":"7 days before"},"value":"7d"},{"text":{"type":"plain_text","text":"1 day, or less"},"value":"1d"}]}}]`)}
	for words, want := range map[string]string{
		"label Chat, prod":              "Label: Chat, prod",
		"Label of more 36h":             "Label of more: 36h",
		"more: 36h":                     "Label of more: 36h",
		"label":                         "Label:",
		"when 7 DAYS before":            "When: 7d",
		"When 1 day, or less":           "When: 1d",
		"when 7 days，7 days before":     "When: 7d 7d",
		"steps > 7 days before, 1 week": "When does not offer 1 week",
		"whenever 7 days before":        "no field",
		"size 3":                        "no field",
	} {
		got := "no field"
		if c, value, ok := field(form, words); ok {
			said, wrong := c.values(value)
			got = strings.TrimSpace(c.name + ": " + strings.Join(said, " "))
			if wrong != "" {
				got = c.name + " does not offer " + wrong
			}
		}
		if got != want {
			t.Errorf("%q: %s, not %s", words, got, want)
		}
	}
}

func TestAWrongUseSaysHowItIsWritten(t *testing.T) {
	w := &world{}
	for line, want := range map[string]string{
		"forward": "forward 3d", "Forward soon": "forward 3d", "break": "break qianfan", "break everything": "break slack",
		"mend my heart": "mend qianfan", "press": "press Refresh", "AS": "as mei", "as nobody": "as mei", "renew": "renew c84f10d3xxx6e29ab75",
		"home sweet home": "Write home", "Submit it": "Write submit", "close the door": "Write close",
	} {
		if got := w.obey(context.Background(), line); !strings.Contains(got, want) {
			t.Errorf("%q: %s", line, got)
		}
	}
	w.slackBroken = true
	for _, line := range []string{"hello", "/computeunits help", "home", "press Refresh", "fill x", "submit", "close"} {
		if got := w.obey(context.Background(), line); !strings.Contains(got, "Type mend") {
			t.Errorf("%q while Slack is down: %s", line, got)
		}
	}
}
