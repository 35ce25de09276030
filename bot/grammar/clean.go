package grammar

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// clean makes plain text of what Slack delivers: markup becomes what it shows,
// full-width letters, typographic quotes and spaces become plain ones, and what
// cannot be seen goes away. Mentions of self go away, other mentions stay as
// words that nothing knows. Emoji arrive as codes, :rocket:, and stay so: they
// are no words, and part of a label.
func clean(text, self string) string {
	var b strings.Builder
	b.Grow(len(text))
	for text != "" {
		open := strings.IndexByte(text, '<')
		if open < 0 {
			open = len(text)
		}
		plain(&b, text[:open])
		text = text[open:]
		if text == "" {
			break
		}
		if shut := strings.IndexByte(text, '>'); shut > 0 {
			inside, typed := shown(text[1:shut], self)
			if !typed {
				inside = " " + inside + " "
			}
			plain(&b, inside)
			text = text[shut+1:]
		} else {
			b.WriteByte(' ')
			text = text[1:]
		}
	}
	return squeeze(b.String())
}

// shown is what a reader sees of the inside of <…>; for a link that holds the
// id of a service, as those to the console do, the id. What Slack made a link
// of by itself, an address without http:// or one of e-mail, is typed: it says
// what the person typed and may stand inside of a word.
// https://docs.slack.dev/messaging/formatting-message-text
func shown(markup, self string) (text string, typed bool) {
	target, label, labelled := strings.Cut(markup, "|")
	switch {
	case target == "":
		return "", false
	case target[0] == '@' && target[1:] == self && self != "":
		return "", false
	case (target[0] == '@' || target[0] == '#') && label != "":
		return target[:1] + label, false // people know them by name
	case target[0] == '@', target[0] == '#', target[0] == '!':
		return target, false
	}
	if at := strings.Index(target, idPrefix); at >= 0 {
		if n := wordLength(target[at:]); serviceID(target[at : at+n]) {
			return target[at : at+n], false
		}
	}
	if !labelled {
		label = strings.TrimPrefix(target, "mailto:")
	}
	return label, strings.HasSuffix(target, label)
}

// emoji are the codes that say something; all others are decoration.
var emoji = map[string]string{"wave": "👋", "pray": "🙏", "thumbsup": "👍", "+1": "👍", "thankyou": "🙏"}

var unescaper = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")

// plain writes text outside of markup: unescaped, and with the emoji that say
// something.
func plain(b *strings.Builder, text string) {
	if strings.IndexByte(text, '&') >= 0 {
		text = unescaper.Replace(text)
	}
	from := 0
	for at := 0; at < len(text); at++ {
		if text[at] != ':' {
			continue
		}
		n := codeAt(text, at)
		if n == 0 {
			continue
		}
		if picture, says := emoji[text[at+1:at+n-1]]; says {
			b.WriteString(text[from:at] + " " + picture + " ")
			from = at + n
		}
		at += n - 1
	}
	b.WriteString(text[from:])
}

// codeAt is how long the code of an emoji at a place is, ":wave:", or 0. Codes
// have a letter; one that has none, ":100:", is told from a time of day by what
// is beside it.
func codeAt(text string, at int) int {
	if text[at] != ':' {
		return 0
	}
	letters := false
	for i := at + 1; i < len(text) && i < at+80; i++ {
		switch c := text[i]; {
		case c == ':' && i == at+1:
			return 0
		case c == ':' && (letters || text[at:i] == ":+1" || text[at:i] == ":-1"):
			return i + 1 - at
		case c == ':':
			if at > 0 && digit(text[at-1]) || i+1 < len(text) && digit(text[i+1]) || strings.Trim(text[at:i+1], ":0123456789") != "" {
				return 0
			}
			return i + 1 - at
		case c >= 'a' && c <= 'z':
			letters = true
		case c >= '0' && c <= '9', c == '_', c == '-', c == '+', c == '\'':
		default:
			return 0
		}
	}
	return 0
}

// undecorated is text without codes of emoji.
func undecorated(text string) string {
	if strings.IndexByte(text, ':') < 0 {
		return text
	}
	var b strings.Builder
	for at := 0; at < len(text); {
		n := codeAt(text, at)
		if n == 0 {
			b.WriteByte(text[at])
			n = 1
		}
		at += n
	}
	return strings.TrimSpace(b.String())
}

// squeeze folds every character and leaves single blanks between words.
func squeeze(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	blank := true
	for i, r := range s {
		if r == '：' && !amongDigits(s, i) {
			b.WriteRune(r) // two of them are no code of an emoji
			blank = false
			continue
		}
		r = fold(r)
		if r < 0 || r == ' ' && blank {
			continue
		}
		blank = r == ' '
		b.WriteRune(r)
	}
	return strings.TrimSuffix(b.String(), " ")
}

// amongDigits reports whether a full-width colon stands in a time of day.
func amongDigits(s string, at int) bool {
	before, _ := utf8.DecodeLastRuneInString(s[:at])
	after, _ := utf8.DecodeRuneInString(s[at+len("："):])
	return unicode.IsDigit(before) && unicode.IsDigit(after)
}

// fold brings a character to one form, and is -1 for what cannot be seen.
func fold(r rune) rune {
	if r > ' ' && r < 0x7f { // most are
		return r
	}
	return foldOther(r)
}

func foldOther(r rune) rune {
	switch {
	case ideograph(r):
		return r
	case r >= '！' && r <= '～':
		return r - ('！' - '!')
	case unicode.IsSpace(r):
		return ' '
	case r == '“', r == '”', r == '„', r == '«', r == '»', r == '「', r == '」', r == '『', r == '』', r == '《', r == '》':
		return '"'
	case r == '‐', r == '‑', r == '−', r == '﹣': // hyphens and a minus, which are typed for one
		return '-'
	case r == '‘', r == '’', r == '‛', r == 'ʼ', r == '´':
		return '\''
	case unicode.Is(unicode.Cf, r), unicode.IsControl(r), r == utf8.RuneError, unicode.Is(unicode.Variation_Selector, r):
		return -1
	}
	return r
}

// lower is s in lower case, byte for byte as long as s, so that positions in
// one are positions in the other.
func lower(s string) string {
	return strings.Map(lowerRune, s)
}

// ideograph reports whether r is one of the usual Chinese characters, which
// have no case: the shortcut of every look at them.
func ideograph(r rune) bool { return r >= ideographs && r < 0xa000 }

const ideographs = 0x4e00 // the first of them

func han(r rune) bool { return ideograph(r) || r >= 0x2e80 && unicode.Is(unicode.Han, r) }

// letter reports whether r belongs to a word that is set off by blanks.
func letter(r rune) bool {
	if r < 0x80 {
		return r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z'
	}
	return !han(r) && (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r))
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

// wordLength is how many bytes the word at the start of s has: letters and
// digits, with hyphens, apostrophes and the like inside, and the signs inside
// of dates, times and numbers.
func wordLength(s string) int {
	n := 0
	for i, r := range s {
		switch {
		case letter(r):
			n = i + utf8.RuneLen(r)
		case n == 0 || n < i:
			return n
		case r == '-' || r == '_' || r == '\'' || r == '–' || r == '—' || r == '@':
			if next, _ := utf8.DecodeRuneInString(s[i+utf8.RuneLen(r):]); !letter(next) {
				return n
			}
			n = i + utf8.RuneLen(r)
		case (r == '.' || r == ':' || r == '/') && digit(s[i-1]) && i+1 < len(s) && digit(s[i+1]):
			n = i + 1
		default:
			return n
		}
	}
	return n
}
