package grammar

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// shanghai has no summer time, so that a fixed zone serves.
var shanghai = time.FixedZone("CST", 8*60*60)

// office is where the sentences of the corpus are written: a Wednesday.
func office() Context {
	return Context{
		Now:  time.Date(2026, 11, 25, 10, 0, 0, 0, shanghai),
		Zone: shanghai,
		Services: []Named{
			{"svco-48exxxa594", "Chat prod"}, {"svco-search01", "搜索"}, {"svco-embed77", "Embeddings"},
			{"svco-vision2", "图像识别"}, {"svco-billing9", "Billing API"},
		},
		Instances: []string{"a0085162xxx9d19e58e"},
		Self:      "U0BOT",
	}
}

// A sentence is one line of the corpus.
type sentence struct{ want, text string }

func corpus(t testing.TB, names ...string) []sentence {
	t.Helper()
	var list []sentence
	for _, name := range names {
		data, err := os.ReadFile("testdata/" + name + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(data)) {
			want, text, ok := strings.Cut(strings.TrimSuffix(line, "\n"), " | ")
			if strings.HasPrefix(line, "#") {
				continue
			}
			if !ok {
				t.Fatalf("%s.txt: no expectation: %q", name, line)
			}
			list = append(list, sentence{want, text})
		}
	}
	return list
}

// verdict says how a sentence was read: "", or what is wrong; and whether
// something was done that was not asked for.
func (s sentence) verdict(c Context) (wrong string, harmful bool) {
	r, bad := Parse(s.text, c)
	suggestion, refused := strings.CutPrefix(s.want, "? ")
	refused = refused || s.want == "-"
	switch {
	case bad == nil && refused, bad == nil && sorted(r.Line()) != sorted(s.want):
		return "is read as " + r.Line(), r.Verb.Changes()
	case bad == nil:
		return "", false
	case !refused:
		return "is not understood: " + bad.Error(), false
	case suggestion == "-":
		return "", false
	case len(bad.Suggestions) == 0 || sorted(bad.Suggestions[0].Line()) != sorted(suggestion):
		return "is refused: " + bad.Error(), false
	}
	return "", false
}

// sorted lets the corpus name the parts of a command in any order.
func sorted(line string) string {
	words := strings.Fields(line)
	slices.Sort(words)
	return strings.Join(words, " ")
}

func TestWhatPeopleWriteIsUnderstood(t *testing.T) {
	var meant, understood int
	for _, s := range corpus(t, "en", "zh", "later") {
		wrong, harmful := s.verdict(office())
		if harmful {
			t.Errorf("A WRONG ACTION: %q %s, want %s", s.text, wrong, s.want)
		}
		if strings.HasPrefix(s.want, "?") || s.want == "-" {
			if wrong != "" && !harmful {
				t.Errorf("%q %s; want %s", s.text, wrong, s.want)
			}
			continue
		}
		meant++
		if wrong == "" {
			understood++
		} else {
			t.Logf("%q %s; want %s", s.text, wrong, s.want)
		}
	}
	t.Logf("%d of %d sentences are understood", understood, meant)
	if meant < 320 || understood*100 < meant*98 {
		t.Errorf("%d of %d sentences are understood; that is too few", understood, meant)
	}
}
