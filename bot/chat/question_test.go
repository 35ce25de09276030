package chat

import (
	"strings"
	"testing"
	"unicode/utf8"

	"computeunits/bot/blocks"
	"computeunits/qianfan"
)

// What people type is grammar's; here it becomes a question, or a call for help.
func TestARequestBecomesAQuestion(t *testing.T) {
	for typed, want := range map[string]qianfan.Query{
		"svco-48exxxa594 prepaid": {ServiceID: "svco-48exxxa594", Timing: qianfan.Prepaid},
		"svco-48exxxa594 后付费":     {ServiceID: "svco-48exxxa594", Timing: qianfan.Postpaid},
		"svco-48exxxa594":         {ServiceID: "svco-48exxxa594"},
		"svco-48exxxa594 全部":      {ServiceID: "svco-48exxxa594"},
		"":                        {},
		"help":                    {},
	} {
		if got, err := Parse(typed); err != nil || got != want {
			t.Errorf("%q: got %+v, %v; want %+v", typed, got, err, want)
		}
	}
}

func TestATypoIsNeverActedOnButASuggestionIsMade(t *testing.T) {
	for typed, suggestion := range map[string]string{
		"svco-48exxxa594 preprid":    "/computeunits svco-48exxxa594 prepaid",
		"svco-48exxxa594 posptaid":   "/computeunits svco-48exxxa594 postpaid",
		"svc0-48exxxa594 prepaid":    "/computeunits svco-48exxxa594 prepaid",
		"svco_48exxxa594":            "/computeunits svco-48exxxa594",
		"hlep":                       "/computeunits help",
		"svco-48exxxa594 banana":     "",
		"svco-":                      "",
		"prepaid":                    "",
		"svco-48exxxa594 svco-other": "",
		"<!channel>":                 "",
		strings.Repeat("a", 5000):    "",
		"watch svco-48exxxa594":      "",
	} {
		_, err := Parse(typed)
		switch {
		case err == nil:
			t.Errorf("%q: acted on", typed)
		case suggestion != "" && !strings.Contains(err.Error(), "Did you mean "+suggestion):
			t.Errorf("%q: does not suggest %q: %v", typed, suggestion, err)
		case utf8.RuneCountInString(err.Error()) > 600:
			t.Errorf("%q: is answered at great length: %q", typed, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"svco-48exxxa594 prepaid", "<!channel> &amp;lt;", "svco-a` *b*", "ｓｖｃｏ－１ 预付费", "\xff\xfe\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		q, err := Parse(typed)
		if err == nil {
			if q.ServiceID == "" && q.Timing != "" {
				t.Errorf("%q: a question about no service: %+v", typed, q)
			}
			return
		}
		if text := err.Error(); text == "" || !utf8.ValidString(text) || blocks.Len(text) > 1500 {
			t.Errorf("%q: answered with %q", typed, text)
		}
	})
}
