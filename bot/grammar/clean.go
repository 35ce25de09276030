package grammar

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// clean makes plain text of what Slack delivers: markup becomes what it shows,
// full-width letters, typographic quotes and spaces become plain ones, and what
// cannot be seen goes away. Mentions of self go away, other mentions stay as
// words that nothing knows.
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
			b.WriteByte(' ')
			plain(&b, shown(text[1:shut], self))
			b.WriteByte(' ')
			text = text[shut+1:]
		} else {
			b.WriteByte(' ')
			text = text[1:]
		}
	}
	return squeeze(b.String())
}

// shown is what a reader sees of the inside of <…>; for a link that holds the
// id of a service, as those to the console do, the id.
// https://docs.slack.dev/messaging/formatting-message-text
func shown(markup, self string) string {
	target, label, labelled := strings.Cut(markup, "|")
	switch {
	case target == "":
		return ""
	case target[0] == '@' && target[1:] == self && self != "":
		return ""
	case target[0] == '@', target[0] == '#', target[0] == '!':
		return target
	}
	if at := strings.Index(target, idPrefix); at >= 0 {
		if n := wordLength(target[at:]); serviceID(target[at : at+n]) {
			return target[at : at+n]
		}
	}
	if labelled {
		return label
	}
	return target
}

// emoji are the codes that say something; all others are decoration.
var emoji = map[string]string{"wave": "👋", "pray": "🙏", "thumbsup": "👍", "+1": "👍", "thankyou": "🙏"}

var unescaper = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")

// plain writes text outside of markup: unescaped, and without codes of emoji.
func plain(b *strings.Builder, text string) {
	if strings.IndexByte(text, '&') >= 0 {
		text = unescaper.Replace(text)
	}
	for {
		at := strings.IndexByte(text, ':')
		if at < 0 {
			break
		}
		b.WriteString(text[:at])
		text = text[at:]
		if n := codeLength(text); n > 0 {
			b.WriteByte(' ')
			b.WriteString(emoji[text[1:n-1]])
			b.WriteByte(' ')
			text = text[n:]
		} else {
			b.WriteByte(':')
			text = text[1:]
		}
	}
	b.WriteString(text)
}

// codeLength is how long the code of an emoji at the start of text is,
// ":wave:", or 0. Codes have a letter, which times of day have not.
func codeLength(text string) int {
	letter := false
	for i := 1; i < len(text) && i < 80; i++ {
		switch c := text[i]; {
		case c == ':' && (letter || text[:i] == ":+1" || text[:i] == ":-1"):
			return i + 1
		case c >= 'a' && c <= 'z':
			letter = true
		case c >= '0' && c <= '9', c == '_', c == '-', c == '+', c == '\'':
		default:
			return 0
		}
	}
	return 0
}

// squeeze folds every character and leaves single blanks between words.
func squeeze(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	blank := true
	for _, r := range s {
		r = fold(r)
		if r < 0 || r == ' ' && blank {
			continue
		}
		blank = r == ' '
		b.WriteRune(r)
	}
	return strings.TrimSuffix(b.String(), " ")
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
