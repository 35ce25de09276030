package grammar

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A token is a stretch of the text with one meaning.
type token struct {
	kind     kind
	n        int
	text     string
	from, to int
}

// A scanner cuts one text into tokens.
type scanner struct {
	Context
	kept, text string // as written, and in lower case; byte for byte alike
	names      []name
	whole      bool // what stands in quotes is one token
	tokens     []token
}

// scan cuts the text. Whether quotes hold a name for something new or are only
// decoration, nobody knows before the verb is: whole takes them as the former.
func (s *scanner) scan(whole bool) []token {
	s.whole, s.tokens = whole, make([]token, 0, 32)
	for at := 0; at < len(s.text); {
		at += s.step(at)
	}
	return s.tokens
}

func (s *scanner) add(k kind, n int, text string, from, to int) int {
	s.tokens = append(s.tokens, token{k, n, text, from, to})
	return to - from
}

// step reads what begins at a place and returns how many bytes that took.
func (s *scanner) step(at int) int {
	rest := s.text[at:]
	r, width := utf8.DecodeRuneInString(rest)
	m, phrase := meaning{}, 0
	if letter(r) && !digit(rest[0]) || han(r) {
		m, phrase = known(rest)
	}
	if n := s.name(at, phrase); n > 0 {
		return n
	}
	switch {
	case phrase > 0:
		return s.add(m.kind, m.n, m.text, at, at+phrase)
	case letter(r):
		return s.word(at)
	case han(r):
		return s.han(at)
	case r == ':':
		return max(codeAt(s.kept, at), 1) // an emoji is no word
	case r == '?' || r == '؟':
		return s.add(query, 0, "", at, at+width)
	case r == '"' || r == '`' || r == '\'':
		return s.quote(at, byte(r))
	case r == '👋':
		return s.add(verb, 0, string(Greeting), at, at+width)
	case r == '👍' || r == '🙏':
		return s.add(polite, 0, "", at, at+width)
	case r == '-' && len(rest) > 1 && digit(rest[1]) && (at == 0 || s.text[at-1] == ' '):
		return s.add(unknown, 0, "", at, at+1+wordLength(rest[1:])) // a negative number
	case strings.IndexByte("<>@#$%^*=+~\\|{}[]", rest[0]) >= 0 && !strings.HasPrefix(rest, "->"):
		return s.sign(at)
	}
	return width // punctuation, blanks, pictures
}

// sign reads a sign that no sentence needs. It is skipped as decoration around
// words (*bold*), but one inside of a word or a mention makes that unknown.
func (s *scanner) sign(at int) int {
	n := 1
	rest := s.text[at:]
	if strings.IndexByte("<@#", rest[0]) < 0 && !(rest[0] == '[' && len(rest) > 1 && digit(rest[1])) { // [31m: a colour of terminals
		return n
	}
	for at+n < len(s.text) && s.text[at+n] != ' ' {
		n++
	}
	return s.add(unknown, 0, "", at, at+n)
}

// quote reads a quotation as one token, if quotations are taken whole.
func (s *scanner) quote(at int, mark byte) int {
	shut := strings.IndexByte(s.text[at+1:], mark)
	if !s.whole || shut <= 0 {
		return 1
	}
	return s.add(quoted, 0, "", at, at+shut+2)
}

// name reads the id or label of a service of the Context. Of a label and a
// phrase of the tables the longer wins; a label that is nothing but such
// phrases, like "next", is a name in quotes only.
func (s *scanner) name(at, phrase int) int {
	for _, n := range s.names {
		if n.from != at || n.to-n.from < phrase {
			continue
		}
		of := s.Services[n.service]
		inQuotes := at > 0 && n.to < len(s.text) && s.text[at-1] == s.text[n.to] && strings.IndexByte("\"`'", s.text[n.to]) >= 0
		if !inQuotes && s.text[at:n.to] != of.ID && common(s.text[at:n.to]) {
			continue
		}
		return s.add(service, n.namesake, of.ID, at, n.to)
	}
	return 0
}

// common reports whether text means something without any name.
func common(text string) bool {
	s := scanner{kept: text, text: text}
	for _, t := range s.scan(false) {
		if t.kind == unknown || t.kind == service || t.kind == instance || t.kind == badid {
			return false
		}
	}
	return true
}

// word reads a word that the tables do not have.
func (s *scanner) word(at int) int {
	length := wordLength(s.text[at:])
	word, to := s.text[at:at+length], at+length
	for _, known := range s.Instances {
		if strings.EqualFold(known, word) {
			return s.add(instance, 1, known, at, to)
		}
	}
	if serviceID(word) {
		return s.add(service, 1, word, at, to)
	}
	if strings.HasPrefix(word, idPrefix) || word+"-" == idPrefix && strings.HasPrefix(s.text[to:], "-") {
		return s.add(badid, 0, "", at, to)
	}
	if digit(word[0]) && s.figure(word, at) {
		return length
	}
	if instanceID(word) {
		return s.add(instance, 0, s.kept[at:to], at, to)
	}
	if owner, ok := strings.CutSuffix(word, "'s"); ok && owner != "" {
		if m, ok := lexicon[owner]; ok {
			return s.add(m.kind, m.n, m.text, at, to)
		}
	}
	if word == "s" && at > 0 && s.text[at-1] == '\'' {
		return length // of "Chat prod's"
	}
	return s.add(unknown, 0, "", at, to)
}

// figure reads a word that begins with a digit: a number, a date, a time of
// day, or numbers with units. It reports whether it was one.
func (s *scanner) figure(word string, at int) bool {
	to := at + len(word)
	if n, err := strconv.Atoi(word); err == nil && len(word) <= 6 {
		s.add(number, n, word, at, to)
		return true
	}
	if n, ok := numericDate(word); ok {
		order := ""
		if strings.Contains(word, "/") && strings.IndexByte(word, '/') != 4 {
			order = "/" // month or day first?
		}
		s.add(date, n, order, at, to)
		return true
	}
	if n, ok := timeOfDay(word); ok {
		s.add(clock, n, "", at, to)
		return true
	}
	if tail := strings.TrimLeft(word, "0123456789"); len(word)-len(tail) <= 2 && slices.Contains([]string{"st", "nd", "rd", "th"}, tail) {
		n, _ := strconv.Atoi(word[:len(word)-2])
		s.add(ordinal, n, "", at, to)
		return true
	}
	before := len(s.tokens)
	for i := 0; i < len(word); {
		n := len(word[i:]) - len(strings.TrimLeft(word[i:], "0123456789."))
		u := len(word[i+n:]) - len(strings.TrimLeft(word[i+n:], "abcdefghijklmnopqrstuvwxyz-"))
		minutes, ok := tenths(word[i : i+n])
		m, known := lexicon[strings.TrimPrefix(word[i+n:i+n+u], "-")]
		switch {
		case u == 1 && word[i+n] == 'm' && ok:
			s.add(span, minutes/10, "m", at+i, at+i+n+u) // minutes, or months?
		case u == 0 && i == 0 && ok && strings.Contains(word, "."):
			s.add(number, minutes/10, word, at, to) // a fraction, before its unit
		case !ok || !known || m.kind != unit && (m.kind != half || n > 2):
			s.tokens = s.tokens[:before]
			return false
		case m.kind == half:
			s.add(number, minutes/10, "", at+i, at+i+n)
			s.add(half, 0, m.text, at+i+n, at+i+n+u)
		default:
			s.add(span, minutes*m.n/10, "", at+i, at+i+n+u)
		}
		i += n + u
	}
	return true
}

// tenths reads a number with at most one digit behind its point, times ten.
func tenths(s string) (int, bool) {
	whole, part, point := strings.Cut(s, ".")
	if len(whole) == 0 || len(whole) > 6 || point && len(part) != 1 {
		return 0, false
	}
	n, err := strconv.Atoi(whole + (part + "0")[:1])
	return n, err == nil
}

// numerals are the digits of Chinese numbers.
var numerals = map[rune]int{'〇': 0, '零': 0, '一': 1, '二': 2, '两': 2, '三': 3, '四': 4, '五': 5, '六': 6, '七': 7, '八': 8, '九': 9}

// han reads Chinese that the tables do not have: a number, or one character of
// an unknown word, which grows by it.
func (s *scanner) han(at int) int {
	if n, length := numeral(s.text[at:]); length > 0 {
		return s.add(number, n, "", at, at+length)
	}
	_, width := utf8.DecodeRuneInString(s.text[at:])
	if i := len(s.tokens) - 1; i >= 0 && s.tokens[i].kind == unknown && s.tokens[i].to == at {
		s.tokens[i].to += width
		return width
	}
	return s.add(unknown, 0, "", at, at+width)
}

// numeral reads a Chinese number below a thousand.
func numeral(s string) (n, length int) {
	last, seen := 0, false
	for i, r := range s {
		v, ok := numerals[r]
		switch {
		case ok:
			last, seen = v, true
		case r == '十' || r == '百':
			if !seen || last == 0 && r == '十' {
				last = 1
			}
			n += last * map[rune]int{'十': 10, '百': 100}[r]
			last, seen = 0, true
		default:
			return n + last, length
		}
		length = i + utf8.RuneLen(r)
	}
	return n + last, length
}

// timeOfDay reads 15:04 as minutes of the day.
func timeOfDay(word string) (int, bool) {
	h, m, ok := strings.Cut(word, ":")
	hours, err1 := strconv.Atoi(h)
	minutes, err2 := strconv.Atoi(m)
	return hours*60 + minutes, ok && err1 == nil && err2 == nil && len(h) <= 2 && len(m) == 2 && hours < 24 && minutes < 60
}

// numericDate reads 2026-12-01, 2026/12/1, 2026.12.1, 12/1, 13/12/2026 and
// 1.12.2026 as year*10000+month*100+day; the year is 0 when none is written.
// Of two numbers joined by slashes the first is put as the month; whether it is
// one, is judged with the language of the text.
func numericDate(word string) (int, bool) {
	for _, sign := range [...]string{"-", "/", "."} {
		parts := strings.Split(word, sign)
		if len(parts) < 2 || len(parts) > 3 {
			continue
		}
		var v [3]int
		for i, p := range parts {
			n, err := strconv.Atoi(p)
			if err != nil || len(p) > 4 {
				return 0, false
			}
			v[i] = n
		}
		switch {
		case len(parts) == 3 && len(parts[0]) == 4:
			return v[0]*10000 + v[1]*100 + v[2], v[1] < 100 && v[2] < 100
		case len(parts) == 3 && len(parts[2]) == 4 && sign == ".":
			return v[2]*10000 + v[1]*100 + v[0], v[0] < 100 && v[1] < 100
		case len(parts) == 3 && len(parts[2]) == 4 && sign == "/", len(parts) == 2 && sign == "/":
			return v[2]*10000 + v[0]*100 + v[1], v[0] < 100 && v[1] < 100
		}
		return 0, false
	}
	return 0, false
}
