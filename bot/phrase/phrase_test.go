package phrase

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-playground/locales"
)

// names are what a phrase has filled in, over all its forms.
func (p phrase) names() map[string]bool {
	names := make(map[string]bool)
	for _, pieces := range p {
		for _, piece := range pieces {
			if piece.name != "" {
				names[piece.name] = true
			}
		}
	}
	return names
}

func TestBothLanguagesSayEverything(t *testing.T) {
	english, chinese := For("en"), For("zh")
	for id, p := range english.phrases {
		translated, ok := chinese.phrases[id]
		if !ok {
			t.Errorf("%s is not said in Chinese", id)
			continue
		}
		if a, b := p.names(), translated.names(); !maps.Equal(without(a, "n"), without(b, "n")) {
			t.Errorf("%s has %v filled in in English, and %v in Chinese", id, a, b)
		}
		for form, pieces := range p {
			if form != locales.PluralRuleOther && form != locales.PluralRuleOne {
				t.Errorf("%s has a form that English has not", id)
			}
			if text := joined(pieces); strings.ContainsAny(text, "&<>{}") || strings.TrimSpace(text) == "" && len(p.names()) == 0 {
				t.Errorf("%s: %q would not be plain text", id, text)
			}
		}
		for form, pieces := range translated {
			if text := joined(pieces); form != locales.PluralRuleOther || strings.ContainsAny(text, "&<>{}") {
				t.Errorf("%s: %q is not how Chinese is written here", id, text)
			}
		}
		if len(p) > 1 && p[locales.PluralRuleOne] == nil {
			t.Errorf("%s lacks the form one", id)
		}
	}
	for id := range chinese.phrases {
		if _, ok := english.phrases[id]; !ok {
			t.Errorf("%s is said in Chinese only", id)
		}
	}
}

func without(names map[string]bool, name string) map[string]bool {
	names = maps.Clone(names)
	delete(names, name)
	return names
}

func joined(pieces []piece) string {
	var b strings.Builder
	for _, p := range pieces {
		b.WriteString(p.text)
	}
	return b.String()
}

// TestTheCodeAndTheCataloguesAgree reads every call of Say and Count in the
// bot: the id must exist, exactly its names must be filled in, and every id
// must be used by some call.
func TestTheCodeAndTheCataloguesAgree(t *testing.T) {
	english := For("en")
	used := make(map[string]bool)
	calls := 0
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && (d.Name() == "slacksim" || d.Name() == "demo") {
			return filepath.SkipDir // what people say in there is not from the catalogues
		}
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			method, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || method.Sel.Name != "Say" && method.Sel.Name != "Count" || len(call.Args) == 0 {
				return true
			}
			if pkg, ok := method.X.(*ast.Ident); ok && (pkg.Name == "strings" || pkg.Name == "bytes") {
				return true
			}
			where := files.Position(call.Pos())
			id, literal := text(call.Args[0])
			if !literal {
				if filepath.Base(path) != "phrase.go" {
					t.Errorf("%s: the id is no literal, so nobody can tell whether it exists", where)
				}
				return true
			}
			calls++
			used[id] = true
			p, ok := english.phrases[id]
			if !ok {
				t.Errorf("%s: no catalogue has %q", where, id)
				return true
			}
			given, rest := map[string]bool{}, call.Args[1:]
			if method.Sel.Name == "Count" {
				given["n"], rest = true, rest[1:]
			}
			for i := 0; i < len(rest); i += 2 {
				name, literal := text(rest[i])
				if !literal {
					t.Errorf("%s: a name is no literal", where)
				}
				given[name] = true
			}
			if len(p) == 1 || method.Sel.Name == "Say" || p.names()["n"] {
				if !maps.Equal(without(given, "n"), without(p.names(), "n")) || p.names()["n"] && !given["n"] {
					t.Errorf("%s: %q fills in %v, and is given %v", where, id, slices.Sorted(maps.Keys(p.names())), slices.Sorted(maps.Keys(given)))
				}
			} else if !maps.Equal(without(given, "n"), p.names()) {
				t.Errorf("%s: %q fills in %v, and is given %v", where, id, slices.Sorted(maps.Keys(p.names())), slices.Sorted(maps.Keys(given)))
			}
			if len(p) > 1 && !given["n"] {
				t.Errorf("%s: %q needs a number", where, id)
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if calls < 50 {
		t.Fatalf("only %d calls were found: the test looks in the wrong place", calls)
	}
	for id := range english.phrases {
		if !used[id] {
			t.Errorf("nothing says %s", id)
		}
	}
}

func text(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(lit.Value)
	return s, err == nil
}

func TestTheLanguageFollowsTheLocale(t *testing.T) {
	for locale, want := range map[string]string{
		"": "en", "en-US": "en", "de-DE": "en", "zh-CN": "zh", "zh_cn": "zh", "ZH": "zh", "zh-TW": "zh", " zh ": "zh", "zhe": "en",
	} {
		if got := For(locale).Language(); got != want {
			t.Errorf("%q: %s, want %s", locale, got, want)
		}
	}
}

func TestNumbersDurationsAndDays(t *testing.T) {
	en, zh := For("en-US"), For("zh-CN")
	for got, want := range map[string]string{
		en.Count("count.replicas", 1): "1 replica", en.Count("count.replicas", 0): "0 replicas", en.Count("count.replicas", 5): "5 replicas",
		en.Count("count.replicas", 1234567): "1,234,567 replicas", zh.Count("count.replicas", 12345): "12,345 个副本",
		en.Left(6 * 24 * time.Hour): "6 days left", zh.Left(3 * time.Hour): "还剩 3 小时", zh.Ago(-49 * time.Hour): "2 天前",
		en.Span(24*time.Hour - 1): "23 hours", en.Span(time.Minute): "1 minute", en.Span(59 * time.Second): "less than a minute",
		en.Day(2026, time.November, 24): "Tue 24 Nov 2026", zh.Day(2026, time.November, 24): "2026年11月24日 周二",
		en.ShortDay(2026, time.December, 6): "Sun 6 Dec", zh.ShortDay(2026, time.December, 6): "12月6日 周日",
		en.Say("no.such.id"): "[no.such.id]", zh.Say("no.such.id"): "[no.such.id]",
		en.Say("span.left"): "{span} left",
		en.Say("item.renewed", "until", "{odd} 100% %s"): "renewed until {odd} 100% %s",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestWhatIsNoCatalogueIsRefused(t *testing.T) {
	for _, text := range []string{"a: {one: x}", "a: {several: x, other: y}", "a: [x]", "a: 7", "a: x\na: y", "a: {other: {b: c}}"} {
		if _, err := parse([]byte(text)); err == nil {
			t.Errorf("%q was read", text)
		}
	}
}

func BenchmarkSay(b *testing.B) {
	book := For("en")
	b.ReportAllocs()
	for b.Loop() {
		book.Count("expiry.stops", 5, "what", "5 replicas", "service", "Chat prod", "when", "tomorrow", "span", "1 day")
	}
}

func BenchmarkParse(b *testing.B) {
	text, err := catalogues.ReadFile("en.yaml")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := parse(text); err != nil {
			b.Fatal(err)
		}
	}
}
