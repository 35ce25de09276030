package grammar

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"computeunits/qianfan"
)

// same reports whether two requests ask for the same, whatever the language.
func same(a, b Request) bool {
	ends := a.Until.Equal(b.Until)
	a.Until, b.Until, a.Lang, b.Lang = time.Time{}, time.Time{}, "", ""
	return ends && a == b
}

func TestWhatPeopleTypeBehindTheCommandIsUnderstood(t *testing.T) {
	prepaid := Request{Verb: Ask, Service: "svco-48exxxa594", Timing: qianfan.Prepaid}
	postpaid := Request{Verb: Ask, Service: "svco-48exxxa594", Timing: qianfan.Postpaid}
	all := Request{Verb: Ask, Service: "svco-48exxxa594"}
	help := Request{Verb: Help}
	for typed, want := range map[string]Request{
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
		"svco-48exxxa594 prepaid\r\n\tall ": all, // named both: everything
		"<https://console.bce.baidu.com/qianfan/svco-48exxxa594?x=1|console> prepaid": prepaid,
	} {
		for _, c := range []Context{{}, office()} {
			if got, bad := Parse(typed, c); bad != nil || !same(got, want) {
				t.Errorf("%q: got %+v, %v; want %+v", typed, got, bad, want)
			}
		}
	}
}

func TestATypoIsNeverActedOnButASuggestionIsMade(t *testing.T) {
	for typed, suggestion := range map[string]string{
		"svco-48exxxa594 preprid":    "svco-48exxxa594 prepaid",
		"svco-48exxxa594 pre-paid":   "svco-48exxxa594 prepaid",
		"svco-48exxxa594 posptaid":   "svco-48exxxa594 postpaid",
		"svc0-48exxxa594 prepaid":    "svco-48exxxa594 prepaid",
		"48exxxa594 prepaid":         "svco-48exxxa594 prepaid",
		"48exxxa594 preprid":         "svco-48exxxa594 prepaid",
		"svco48exxxa594":             "svco-48exxxa594",
		"svco_48exxxa594":            "svco-48exxxa594",
		"svco–48exxxa594":            "svco-48exxxa594", // an en dash, as phones make of --
		"svco–48exxxa594 posptaid":   "svco-48exxxa594 postpaid",
		"hlep":                       "help",
		"svco-48exxxa594 banana":     "svco-48exxxa594",
		"svco-48exxxa594 预付":         "svco-48exxxa594",
		"svco-":                      "",
		"prepaid":                    "",
		"svco-48exxxa594 svco-other": "svco-48exxxa594",
		"&lt;!channel&gt;":           "",
		"<!channel>":                 "",
		"<@U0ALICE|alice>":           "",
		"\x00\x1b[31m":               "", // nothing but control characters and what is left of a colour
		strings.Repeat("a", 5000):    "",
		strings.Repeat("hlep ", 39):  "help",
	} {
		r, bad := Parse(typed, Context{})
		switch {
		case bad == nil:
			t.Errorf("%q: acted on as %+v", typed, r)
		case suggestion == "" && len(bad.Suggestions) > 0, suggestion != "" && (len(bad.Suggestions) == 0 || bad.Suggestions[0].Line() != suggestion):
			t.Errorf("%q: %v; want the suggestion %q", typed, bad, suggestion)
		}
	}
}

func TestWhyATextIsRefused(t *testing.T) {
	namesakes := office()
	namesakes.Services = append(namesakes.Services, Named{"svco-chat2", "CHAT  prod"})
	for typed, want := range map[string]Reason{
		strings.Repeat("什么到期 ", 200):             TooLong,
		"chat prod 7d":                           AmbiguousLabel,
		"expiring 3m":                            AmbiguousTime,
		"expiring by 1/12/2027":                  AmbiguousTime,
		"expiring by 2026-02-30":                 BadTime,
		"expiring by 2020-01-01":                 BadTime,
		"expiring 9999d":                         BadTime,
		"expiring -3d":                           Unknown,
		"snooze a0085162xxx9d19e58e b77f3c2e91":  TwoInstances,
		"snooze chat prod 3d":                    AmbiguousLabel,
		"snooze Embeddings 3d":                   NoInstance,
		"snooze a0085162xxx9d19e58e":             NoTime,
		"watch a0085162xxx9d19e58e":              NoService,
		"watch svco-new123 prepaid":              Misplaced,
		"watch svco-new123 Chat next week":       BadLabel,
		"unwatch Embeddings 3d":                  Misplaced,
		"ack a0085162xxx9d19e58e 3d":             Misplaced,
		"watch svco-new123 and unwatch svco-new": TwoServices,
		"watch and unwatch svco-new123":          TwoVerbs,
		"what does not expire":                   Negated,
		"watch svco-new123?":                     Doubtful,
		"watch svco-new123 <@U0ALICE>":           BadLabel,
		"please":                                 Nothing,
	} {
		if _, bad := Parse(typed, namesakes); bad == nil || bad.Reason != want {
			t.Errorf("%q: %v; want %v", typed, bad, want)
		}
	}
}

func TestALabelInQuotesMayBeAnything(t *testing.T) {
	for typed, want := range map[string]string{
		`watch svco-new123 "Chat prod"`:            "Chat prod",
		`watch svco-new123 “next week, prepaid”`:   "next week, prepaid",
		`关注 svco-new123 「不要 关注」`:                   "不要 关注",
		`watch svco-new123 as "svco-48exxxa594"`:   "svco-48exxxa594",
		`watch svco-new123 "R&amp;D &lt;here&gt;"`: "RD here",
	} {
		r, bad := Parse(typed, office())
		if bad != nil || r.Verb != Watch || r.Service != "svco-new123" || r.Label != want {
			t.Errorf("%q: %+v, %v", typed, r, bad)
		}
	}
}

// actWords are what a text must contain to change something.
var actWords = map[Verb][]string{
	Watch:         {"watch", "keep an eye", "follow", "subscribe", "monitor", "关注", "订阅", "盯", "监控"},
	Unwatch:       {"unwatch", "stop", "quit", "unfollow", "unsubscribe", "cancel", "undo", "revoke", "end the", "取", "停止", "退订", "撤"},
	Snooze:        {"snooze", "remind", "mute", "silence", "postpone", "pause", "延后", "推迟", "延迟", "提醒", "静音"},
	Unsnooze:      {"snooz", "unmute", "wake", "cancel", "undo", "revoke", "stop", "end the", "取消", "恢复", "停止", "撤"},
	Acknowledge:   {"ack", "确认", "认领", "知道了", "收到", "知悉"},
	Unacknowledge: {"ack", "确认", "认领", "撤", "取消", "停止"},
}

func count(all ...bool) (n int) {
	for _, is := range all {
		if is {
			n++
		}
	}
	return n
}

// sound checks what must hold of any text.
func sound(t *testing.T, typed string, c Context) {
	t.Helper()
	r, bad := Parse(typed, c)
	asked := []Request{r}
	if bad != nil {
		asked = bad.Suggestions
		if bad.Reason == "" || len(bad.Words) > maxWords+2 || len(bad.Suggestions) > maxSuggestions || !utf8.ValidString(bad.Error()) {
			t.Errorf("%q: refused with %v", typed, bad)
		}
	} else if r.Verb.Changes() {
		plain := lower(clean(typed, c.Self))
		if !slices.ContainsFunc(actWords[r.Verb], func(w string) bool { return strings.Contains(plain, w) }) {
			t.Errorf("%q: changes something without a word for it: %+v", typed, r)
		}
	}
	for _, r := range asked {
		again, bad := Parse(r.Line(), c)
		if bad != nil || !same(again, r) {
			t.Errorf("%q: its line %q is read as %+v, %v; not as %+v", typed, r.Line(), again, bad, r)
		}
		if ends := count(r.For != 0, !r.Until.IsZero(), r.Step); ends > 1 || r.Verb == Snooze && ends == 0 || r.Verb != Snooze && r.Step || utf8.RuneCountInString(r.Label) > maxLabel {
			t.Errorf("%q: no such request: %+v", typed, r)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range corpus(f, "en", "zh", "later") {
		f.Add(s.text)
	}
	for _, s := range []string{"<!channel> &amp;lt;", "svco-a` *b*", "\xff\xfe\x00", "watch svco-new123 \"a", "12月31日 23点59分", `watch svco-a11 "svco-"`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, typed string) { sound(t, typed, office()) })
}

func TestNoSentenceLosesItsSenseOnTheWay(t *testing.T) {
	dropped := []string{"don't ", "never ", "if ", "不要", "如果", "why did you ", "should I ", "谁"}
	for _, s := range corpus(t, "en", "zh", "later") {
		sound(t, s.text, office())
		for _, before := range dropped {
			if before == "if " && strings.HasPrefix(strings.ToLower(s.text), "you can") {
				continue // "if you can" is polite
			}
			if r, bad := Parse(before+s.text, office()); bad == nil && r.Verb.Changes() {
				t.Errorf("%q is obeyed: %+v", before+s.text, r)
			}
		}
	}
}

func BenchmarkParse(b *testing.B) {
	c := office()
	for i := range 500 {
		c.Services = append(c.Services, Named{fmt.Sprintf("svco-%06d", i), []string{"Chat prod %d", "What expires %d", "图像识别 %d"}[i%3]})
		c.Services[len(c.Services)-1].Label = fmt.Sprintf(c.Services[len(c.Services)-1].Label, i)
	}
	for name, typed := range map[string]string{
		"en":      "Hi <@U0BOT>, could you tell me what expires in chat prod within the next 7 days? Thanks :pray:",
		"zh":      "你好，麻烦看下搜索的预付费实例在下周三之前有哪些会到期，谢谢！",
		"command": "svco-48exxxa594 prepaid",
		"typo":    "what exipres in chat prd within 7 dyas",
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				Parse(typed, c)
			}
		})
	}
}
