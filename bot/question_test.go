package bot

import (
	"strings"
	"testing"
	"unicode/utf8"

	"computeunits/qianfan"
)

func TestWhatPeopleTypeIsUnderstood(t *testing.T) {
	prepaid := qianfan.Query{ServiceID: "svco-48exxxa594", Timing: qianfan.Prepaid}
	postpaid := qianfan.Query{ServiceID: "svco-48exxxa594", Timing: qianfan.Postpaid}
	all := qianfan.Query{ServiceID: "svco-48exxxa594"}
	help := qianfan.Query{}
	for typed, want := range map[string]qianfan.Query{
		"svco-48exxxa594 prepaid":      prepaid,
		"prepaid svco-48exxxa594":      prepaid,
		"  SVCO-48EXXXA594   PrePaid ": prepaid,
		"svco-48exxxa594\u00a0prepaid": prepaid, // pasted from a page: non-breaking space
		"svco-48exxxa594\u3000预付费":     prepaid, // Chinese keyboard: full-width space
		"ｓｖｃｏ－４８ｅｘｘｘａ５９４　ＰＲＥＰＡＩＤ": prepaid,
		"预付费 svco-48exxxa594":               prepaid,
		"svco-48exxxa594 后付费":               postpaid,
		"`svco-48exxxa594` postpaid":        postpaid, // pasted with its backticks
		"“svco-48exxxa594”，后付费。":            postpaid,
		"svco-48exxxa594\u200b postpaid":    postpaid, // a zero-width space nobody sees
		"svco-48exxxa594":                   all,
		"svco-48exxxa594 all":               all,
		"svco-48exxxa594 全部":                all,
		"svco-48exxxa594 prepaid postpaid":  all,
		"svco-48exxxa594 svco-48exxxa594":   all,
		"":                                  help,
		"   ":                               help,
		"help":                              help,
		"HELP svco-48exxxa594":              help,
		"帮助":                                help,
		"svco-48exxxa594 prepaid\r\n\tall ": prepaid, // "all" is no timing of its own
	} {
		got, bad := parse(typed)
		if typed == "svco-48exxxa594 prepaid\r\n\tall " {
			want = all // named both: everything
		}
		if bad != nil || got != want {
			t.Errorf("%q: got %+v, %v; want %+v", typed, got, bad, want)
		}
	}
}

func TestATypoIsNeverActedOnButASuggestionIsMade(t *testing.T) {
	for typed, suggestion := range map[string]string{
		"svco-48exxxa594 preprid":    "/computeunits svco-48exxxa594 prepaid",
		"svco-48exxxa594 pre-paid":   "/computeunits svco-48exxxa594 prepaid",
		"svco-48exxxa594 posptaid":   "/computeunits svco-48exxxa594 postpaid",
		"svc0-48exxxa594 prepaid":    "/computeunits svco-48exxxa594 prepaid",
		"48exxxa594 prepaid":         "/computeunits svco-48exxxa594 prepaid",
		"svco48exxxa594":             "/computeunits svco-48exxxa594",
		"svco_48exxxa594":            "/computeunits svco-48exxxa594",
		"svco–48exxxa594":            "/computeunits svco-48exxxa594", // an en dash, as phones make of --
		"hlep":                       "/computeunits help",
		"svco-48exxxa594 banana":     "",
		"svco-48exxxa594 预付":         "",
		"svco-":                      "",
		"prepaid":                    "",
		"svco-48exxxa594 svco-other": "/computeunits svco-48exxxa594",
		"&lt;!channel&gt;":           "",
		"<@U0ALICE|alice>":           "",
		"\x00\x1b[31m":               "", // nothing but control characters and what is left of a colour
		strings.Repeat("a", 5000):    "",
		strings.Repeat("hlep ", 39):  "/computeunits help",
	} {
		q, bad := parse(typed)
		switch {
		case bad == nil:
			t.Errorf("%q: acted on as %+v", typed, q)
		case bad.suggestion != suggestion:
			t.Errorf("%q: suggests %q, want %q", typed, bad.suggestion, suggestion)
		case utf8.RuneCountInString(bad.why) > 300:
			t.Errorf("%q: is answered at great length: %q", typed, bad.why)
		}
	}
}

func TestASuggestionIsAlwaysUnderstood(t *testing.T) {
	for _, typed := range []string{"48exxxa594 preprid", "hlep", "svco–48exxxa594 posptaid"} {
		_, bad := parse(typed)
		if bad == nil || bad.suggestion == "" {
			t.Fatalf("%q: no suggestion", typed)
		}
		if _, again := parse(strings.TrimPrefix(bad.suggestion, "/computeunits ")); again != nil {
			t.Errorf("%q: the suggestion %q is not understood: %v", typed, bad.suggestion, again)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"svco-48exxxa594 prepaid", "<!channel> &amp;lt;", "svco-a` *b*", "ｓｖｃｏ－１ 预付费", "\xff\xfe\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		q, bad := parse(typed)
		if bad == nil {
			if q.ServiceID == "" && q.Timing != "" {
				t.Errorf("%q: a question about no service: %+v", typed, q)
			}
			if q.ServiceID != "" && !serviceID.MatchString(q.ServiceID) {
				t.Errorf("%q: an unchecked id: %q", typed, q.ServiceID)
			}
			return
		}
		if bad.why == "" {
			t.Errorf("%q: refused without a reason", typed)
		}
		r := bad.reply()
		if strings.ContainsAny(r.text, "<>") || !utf8.ValidString(r.text) || runes(r.text) > 600 {
			t.Errorf("%q: answered with %q", typed, r.text)
		}
		if bad.suggestion != "" {
			if _, again := parse(strings.TrimPrefix(bad.suggestion, "/computeunits ")); again != nil {
				t.Errorf("%q: suggests %q, which is not understood", typed, bad.suggestion)
			}
		}
	})
}
