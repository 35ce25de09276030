// Package phrase is what the bot says to people, in English and in Simplified
// Chinese.
//
// # Model
//
// A catalogue (en.yaml, zh.yaml) maps an id to a sentence, or to the plural
// forms of one. For hands out the Book of a language; its methods fill in
// what stands in braces:
//
//	book := phrase.For("zh-CN")
//	book.Say("item.renewed", "until", when)
//	book.Count("count.replicas", 5)              // by the number, which is {n}
//	book.Left(6*24*time.Hour)                    // 6 days left, 还剩 6 天
//
// Which plural form a number takes is decided by the CLDR rules of
// golang.org/x/text/feature/plural. The rest of it is deliberately small: a
// catalogue format with translators' tools, such as go-i18n's, runs each
// sentence through text/template with a map, which is ten times slower than a
// page of hundreds of lines allows, and x/text/message has no files for
// translators and no names for what is filled in.
//
// # Invariants
//
//   - A catalogue is parsed once; Books are never changed and safe for
//     concurrent use.
//   - Sentences are plain text without &, < and >, so that they need no escape
//     in Slack's mrkdwn. What is filled in is used as it is: whoever fills in
//     foreign text escapes it first.
//   - Nobody is left without words: a sentence missing in one language is said
//     in English, an unknown id is shown as it is. A test sees to it that
//     neither happens, and that no sentence is unused: ids, and the names of
//     what is filled in, stand in the code as literals.
package phrase

import (
	"embed"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"
	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// The languages there are.
const (
	English = "en"
	Chinese = "zh"
)

//go:embed en.yaml zh.yaml
var catalogues embed.FS

// A Book is everything the bot says in one language. Use For to get one.
type Book struct {
	language language.Tag
	phrases  map[string]phrase
	fallback *Book // nil: none
	weekdays []string
	months   []string
}

// phrase is one sentence in its plural forms; one that has none is Other.
type phrase map[plural.Form][]piece

// piece is text, followed by something that is filled in.
type piece struct {
	text string
	name string // "": nothing follows
}

// books are the parsed catalogues by language.
var books = sync.OnceValue(func() map[string]*Book {
	english := mustRead(English, language.English, nil)
	return map[string]*Book{
		English: english,
		Chinese: mustRead(Chinese, language.SimplifiedChinese, english),
	}
})

// For returns the Book for a locale such as Slack names them (zh-CN, en-US) or
// for a bare language. Chinese of any kind gets Simplified Chinese, everything
// else English.
func For(locale string) *Book {
	tongue, _, _ := strings.Cut(strings.ReplaceAll(strings.ToLower(strings.TrimSpace(locale)), "_", "-"), "-")
	if b, ok := books()[tongue]; ok {
		return b
	}
	return books()[English]
}

// Language returns en or zh.
func (b *Book) Language() string {
	base, _ := b.language.Base()
	return base.String()
}

// Say returns the sentence of an id with the values of args in it, which come
// in pairs of name and value. The number named n decides the plural form.
func (b *Book) Say(id string, args ...any) string {
	p, ok := b.phrases[id]
	switch {
	case !ok && b.fallback != nil:
		return b.fallback.Say(id, args...)
	case !ok:
		return "[" + id + "]"
	}
	pieces, ok := p[b.form(args)]
	if !ok {
		pieces = p[plural.Other]
	}
	var out strings.Builder
	for _, piece := range pieces {
		out.WriteString(piece.text)
		if piece.name != "" {
			out.WriteString(written(args, piece.name))
		}
	}
	return out.String()
}

// Count returns the sentence of an id for the number n.
func (b *Book) Count(id string, n int, args ...any) string {
	return b.Say(id, append(args, "n", n)...)
}

// form is the plural form that the number among args takes in this language.
func (b *Book) form(args []any) plural.Form {
	for i := 0; i+1 < len(args); i += 2 {
		if n, ok := args[i+1].(int); ok && args[i] == "n" {
			// The rules look at the last six digits at most.
			return plural.Cardinal.MatchPlural(b.language, magnitude(n)%10_000_000, 0, 0, 0, 0)
		}
	}
	return plural.Other
}

func magnitude(n int) int { return max(n, -n, 0) }

// written is the value of a name; the name in braces when there is none.
func written(args []any, name string) string {
	for i := 0; i+1 < len(args); i += 2 {
		if args[i] != name {
			continue
		}
		switch v := args[i+1].(type) {
		case string:
			return v
		case int:
			return grouped(v)
		default:
			return fmt.Sprint(v)
		}
	}
	return "{" + name + "}"
}

// grouped writes a number with a comma before every three digits, as both
// languages do.
func grouped(n int) string {
	s := strconv.Itoa(n)
	sign := ""
	if n < 0 {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// mustRead parses an embedded catalogue. That it can is tested; a program with
// a broken one has nothing to say.
func mustRead(name string, tag language.Tag, fallback *Book) *Book {
	text, err := catalogues.ReadFile(name + ".yaml")
	if err != nil {
		panic(err)
	}
	phrases, err := parse(text)
	if err != nil {
		panic(fmt.Errorf("reading the catalogue %s: %w", name, err))
	}
	b := &Book{language: tag, phrases: phrases, fallback: fallback}
	b.weekdays = strings.Fields(b.Say("date.weekdays"))
	b.months = strings.Fields(b.Say("date.months"))
	return b
}

// parse reads a catalogue: ids with a sentence, or with a map of plural forms.
func parse(text []byte) (map[string]phrase, error) {
	var file map[string]any
	if err := yaml.UnmarshalWithOptions(text, &file, yaml.Strict()); err != nil {
		return nil, err
	}
	phrases := make(map[string]phrase, len(file))
	for id, value := range file {
		p := make(phrase)
		switch v := value.(type) {
		case string:
			p[plural.Other] = split(v)
		case map[string]any:
			for name, sentence := range v {
				form, ok := forms()[name]
				text, isText := sentence.(string)
				if !ok || !isText {
					return nil, fmt.Errorf("%s: %q is no plural form with a sentence", id, name)
				}
				p[form] = split(text)
			}
		default:
			return nil, fmt.Errorf("%s is neither a sentence nor plural forms", id)
		}
		if p[plural.Other] == nil {
			return nil, fmt.Errorf("%s lacks the form other", id)
		}
		phrases[id] = p
	}
	return phrases, nil
}

// forms are the names that CLDR gives to plural forms.
func forms() map[string]plural.Form {
	return map[string]plural.Form{
		"zero": plural.Zero, "one": plural.One, "two": plural.Two,
		"few": plural.Few, "many": plural.Many, "other": plural.Other,
	}
}

// split finds the names in braces.
func split(sentence string) []piece {
	pieces := []piece{}
	for {
		text, rest, found := strings.Cut(sentence, "{")
		name, after, closed := strings.Cut(rest, "}")
		if !found || !closed {
			return append(pieces, piece{text: sentence})
		}
		pieces = append(pieces, piece{text: text, name: name})
		sentence = after
	}
}
