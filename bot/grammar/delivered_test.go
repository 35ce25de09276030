package grammar

import "testing"

// What Slack delivers is not what was typed: emoji come as codes, addresses as
// links, and phones set dashes and quotes of their own.
func TestWhatSlackMakesOfTypedTextIsUnderstood(t *testing.T) {
	c := office()
	c.Services = append(c.Services, Named{"svco-batch11", "Batch :rocket:"}, Named{"svco-web2", "shop.example.com"}, Named{"svco-mail3", "生产：一号"})
	for typed, want := range map[string]string{
		"expiring 7d :100:":                  "expiring 7d",
		"expiring 7d :1234:":                 "expiring 7d",
		":100: expiring in 7 days":           "expiring 7d",
		"expiring 7d:100:":                   "expiring 7d",
		"7天内到期 :100:":                        "expiring 7d",
		":calendar: svco-48exxxa594 prepaid": "svco-48exxxa594 prepaid",
		":rocket:":                           "hello",
		":100:":                              "hello",
		":wave::skin-tone-3:":                "hello",
		"thanks :+1::skin-tone-2:":           "thanks",
		"batch :rocket: prepaid":             "svco-batch11 prepaid",
		"Batch prepaid":                      "svco-batch11 prepaid",
		":rocket: batch":                     "svco-batch11",
		"snooze a0085162xxx9d19e58e until 2026-12-01 10:30 :100:":            "snooze a0085162xxx9d19e58e until 2026-12-01 10:30",
		"snooze a0085162xxx9d19e58e until 2026-12-01 10：30":                  "snooze a0085162xxx9d19e58e until 2026-12-01 10:30",
		"<http://shop.example.com|shop.example.com> prepaid":                 "svco-web2 prepaid",
		"查询：生产：一号":                                                           "svco-mail3",
		"生产:一号 预付费":                                                          "svco-mail3 prepaid",
		"<https://console.bce.baidu.com/qianfan/svco-48exxxa594>":            "svco-48exxxa594",
		"svco\u201148exxxa594 prepaid":                                       "svco-48exxxa594 prepaid", // a hyphen that does not break
		"svco\u221248exxxa594":                                               "svco-48exxxa594",         // a minus
		"“Chat prod” prepaid":                                                "svco-48exxxa594 prepaid",
		"‘Chat prod’ prepaid":                                                "svco-48exxxa594 prepaid",
		"«Chat prod» — prepaid":                                              "svco-48exxxa594 prepaid",
		"watch svco-new123 Train :rocket:":                                   `watch svco-new123 "Train :rocket:"`,
		"watch svco-new123 as :rocket: Fast":                                 `watch svco-new123 ":rocket: Fast"`,
		"watch svco-new123 Big :boom: Train :100: please":                    `watch svco-new123 "Big :boom: Train :100:"`,
		`watch svco-new123 “:rocket: only”`:                                  `watch svco-new123 ":rocket: only"`,
		`watch svco-new123 ":rocket:"`:                                       `watch svco-new123 ":rocket:"`,
		"watch svco-new123 Shop(<http://shop.example.org|shop.example.org>)": `watch svco-new123 "Shop(shop.example.org)"`,
		"watch svco-new123 as Mail <mailto:ops@example.com|ops@example.com>": `watch svco-new123 "Mail ops@example.com"`,
		"watch svco-new123 as Mail <mailto:ops@example.com>":                 `watch svco-new123 "Mail ops@example.com"`,
		`watch svco-new123 "x &gt; 3"`:                                       `watch svco-new123 "x 3"`,
	} {
		r, bad := Parse(typed, c)
		if bad != nil || r.Line() != want {
			t.Errorf("%q: %q, %v; want %q", typed, r.Line(), bad, want)
			continue
		}
		if again, bad := Parse(r.Line(), c); bad != nil || !same(again, r) {
			t.Errorf("%q: %q is read as %+v, %v", typed, r.Line(), again, bad)
		}
	}
}

// Names of people and channels are repeated as people know them.
func TestMentionsAreRepeatedByName(t *testing.T) {
	for typed, want := range map[string]string{
		"expiring in <#C0GPU|gpu-capacity>": "#gpu-capacity",
		"svco-48exxxa594 <@U0ALICE|alice>":  "@alice",
		"svco-48exxxa594 <#C0GPU>":          "#C0GPU",
	} {
		if _, bad := Parse(typed, Context{}); bad == nil || len(bad.Words) != 1 || bad.Words[0] != want {
			t.Errorf("%q: %+v", typed, bad)
		}
	}
}

func TestWhatIsTheCodeOfAnEmoji(t *testing.T) {
	for text, want := range map[string]int{
		":wave:": 6, ":+1:": 4, ":-1:": 4, ":100:": 5, ":1234:": 6, ":e-mail:": 8, ":skin-tone-2:": 13, ":100:x": 5,
		"": 0, ":": 0, "::": 0, ":a": 0, ":Rocket:": 0, ":30:15": 0, ": a:": 0, ":-:": 0, ":+:": 0,
	} {
		if text == "" {
			continue
		}
		if got := codeAt(text, 0); got != want {
			t.Errorf("%q: %d, not %d", text, got, want)
		}
	}
	if codeAt("10:30:15", 2) != 0 || codeAt("at 10:30: yes", 5) != 0 {
		t.Error("a time of day is taken for an emoji")
	}
}
