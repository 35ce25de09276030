package phrase

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-playground/locales"
)

// TestEverySentenceStandsInAGoldenFile looks for each form of each sentence in
// what the tests of the bot keep as agreed: nothing is said to people that
// nobody has looked at in its place.
func TestEverySentenceStandsInAGoldenFile(t *testing.T) {
	for _, language := range []string{English, Chinese} {
		texts := agreed(t, language)
		if len(texts) < 500 {
			t.Fatalf("only %d texts were found: the test looks in the wrong place", len(texts))
		}
		for id, p := range For(language).phrases {
			if strings.HasPrefix(id, "date.") { // lists of words, and patterns
				continue
			}
			for form, pieces := range p {
				if !slices.ContainsFunc(texts, func(text string) bool { return said(text, pieces) }) {
					t.Errorf("%s, %s: no golden file has %q", language, id, joined(pieces)+formName(form))
				}
			}
		}
	}
}

func formName(form locales.PluralRule) string {
	for name, f := range forms() {
		if f == form {
			return " (" + name + ")"
		}
	}
	return ""
}

// agreed are the texts in the golden files of a language. Those without a
// language in their name are English.
func agreed(t *testing.T, language string) (texts []string) {
	var files []string
	for _, room := range []string{"..", "../messages", "../views"} {
		found, err := filepath.Glob(room + "/testdata/*")
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	for _, path := range files {
		chinese := strings.HasSuffix(strings.TrimSuffix(path, filepath.Ext(path)), "-zh")
		if chinese != (language == Chinese) {
			continue
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if filepath.Ext(path) == ".txt" {
			texts = append(texts, strings.Split(string(data), "\n")...)
			continue
		}
		var all any
		if err := json.Unmarshal(data, &all); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		texts = gather(texts, all)
	}
	unescape := strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")
	for i, text := range texts {
		texts[i] = unescape.Replace(text)
	}
	return texts
}

// gather appends all strings in a JSON value.
func gather(texts []string, value any) []string {
	switch v := value.(type) {
	case string:
		return append(texts, v)
	case []any:
		for _, one := range v {
			texts = gather(texts, one)
		}
	case map[string]any:
		for _, one := range v {
			texts = gather(texts, one)
		}
	}
	return texts
}

// said reports whether a text has the pieces of a sentence in their order, each
// with something filled in behind it.
func said(text string, pieces []piece) bool {
	for i, p := range pieces {
		at := strings.Index(text, p.text)
		if at < 0 || i > 0 && at == 0 && p.text != "" {
			return false
		}
		text = text[at+len(p.text):]
		if p.name != "" && text == "" {
			return false
		}
	}
	return true
}
