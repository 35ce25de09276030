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
// Which plural form a number takes, how numbers are written, and what days and
// months are called, is decided by the data of Unicode's CLDR, in the form of
// github.com/go-playground/locales. The rest of it is deliberately small: a
// catalogue format with translators' tools, such as go-i18n's, runs each
// sentence through text/template with a map, which is ten times slower than a
// page of hundreds of lines allows, and x/text/message has no files for
// translators, no names for what is filled in, and no dates.
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
	"strings"
	"sync"

	"github.com/go-playground/locales"
	"github.com/go-playground/locales/en_GB"
	"github.com/go-playground/locales/zh_Hans_CN"
	"github.com/goccy/go-yaml"
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
	language string
	locale   locales.Translator
	phrases  map[string]phrase
	fallback *Book // nil: none
}

// phrase is one sentence in its plural forms; one that has none is Other.
type phrase map[locales.PluralRule][]piece

// piece is text, followed by something that is filled in.
type piece struct {
	text string
	name string // "": nothing follows
}

// books are the parsed catalogues by language.
var books = sync.OnceValue(func() map[string]*Book {
	english := mustRead(English, en_GB.New(), nil)
	return map[string]*Book{
		English: english,
		Chinese: mustRead(Chinese, zh_Hans_CN.New(), english),
	}
})

// For returns the Book for a locale such as Slack names them (zh-CN, en-US) or
// for a bare language. Chinese of any kind gets Simplified Chinese, everything
// else English.
func For(locale string) *Book {
	language, _, _ := strings.Cut(strings.ReplaceAll(strings.ToLower(strings.TrimSpace(locale)), "_", "-"), "-")
	if b, ok := books()[language]; ok {
		return b
	}
	return books()[English]
}

// Language returns en or zh.
func (b *Book) Language() string { return b.language }

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
		pieces = p[locales.PluralRuleOther]
	}
	var out strings.Builder
	for _, piece := range pieces {
		out.WriteString(piece.text)
		if piece.name != "" {
			out.WriteString(b.written(args, piece.name))
		}
	}
	return out.String()
}

// Count returns the sentence of an id for the number n.
func (b *Book) Count(id string, n int, args ...any) string {
	return b.Say(id, append(args, "n", n)...)
}

// form is the plural form that the number among args takes in this language.
func (b *Book) form(args []any) locales.PluralRule {
	for i := 0; i+1 < len(args); i += 2 {
		if n, ok := args[i+1].(int); ok && args[i] == "n" {
			return b.locale.CardinalPluralRule(float64(n), 0)
		}
	}
	return locales.PluralRuleOther
}

// written is the value of a name; the name in braces when there is none.
func (b *Book) written(args []any, name string) string {
	for i := 0; i+1 < len(args); i += 2 {
		if args[i] != name {
			continue
		}
		switch v := args[i+1].(type) {
		case string:
			return v
		case int:
			return b.locale.FmtNumber(float64(v), 0)
		default:
			return fmt.Sprint(v)
		}
	}
	return "{" + name + "}"
}

// mustRead parses an embedded catalogue. That it can is tested; a program with
// a broken one has nothing to say.
func mustRead(name string, locale locales.Translator, fallback *Book) *Book {
	text, err := catalogues.ReadFile(name + ".yaml")
	if err != nil {
		panic(err)
	}
	phrases, err := parse(text)
	if err != nil {
		panic(fmt.Errorf("reading the catalogue %s: %w", name, err))
	}
	return &Book{language: name, locale: locale, phrases: phrases, fallback: fallback}
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
			p[locales.PluralRuleOther] = split(v)
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
		if p[locales.PluralRuleOther] == nil {
			return nil, fmt.Errorf("%s lacks the form other", id)
		}
		phrases[id] = p
	}
	return phrases, nil
}

// forms are the names that CLDR gives to plural forms.
func forms() map[string]locales.PluralRule {
	return map[string]locales.PluralRule{
		"zero": locales.PluralRuleZero, "one": locales.PluralRuleOne, "two": locales.PluralRuleTwo,
		"few": locales.PluralRuleFew, "many": locales.PluralRuleMany, "other": locales.PluralRuleOther,
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
