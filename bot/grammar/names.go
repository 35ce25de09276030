package grammar

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const idPrefix = "svco-"

// serviceID reports whether s, in lower case, has the form of ids in the
// documentation (qianfan-api/s/9mwbl2jxf). The length is a generous bound, not
// a known one.
func serviceID(s string) bool {
	tail, ok := strings.CutPrefix(s, idPrefix)
	return ok && len(tail) >= 3 && len(tail) <= 64 && plainID(tail)
}

// instanceID reports whether a word may be the id of an instance: hexadecimal
// in the samples, so letters and digits, but no number, date or span.
func instanceID(s string) bool {
	return len(s) >= 6 && len(s) <= 64 && plainID(strings.ToLower(s)) && strings.ContainsAny(s, "0123456789") &&
		strings.ContainsFunc(s, unicode.IsLetter)
}

func plainID(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z', digit(c):
		case (c == '-' || c == '_') && i > 0:
		default:
			return false
		}
	}
	return s != ""
}

// A name is a stretch of the text that calls a service: by id or by label.
type name struct {
	from, to int
	service  int // index in the Context
	namesake int // how many services have this label
}

// named finds the longest name at each place of text, which is clean and lower
// case. It looks at every label only where the text has the same first
// character, so that hundreds of labels cost little.
func named(text string, services []Named) []name {
	var first [256]int // one more than the last of starts with such a character
	var store, before [maxTyped]int
	starts := starts(text, store[:0])
	for i, at := range starts {
		r, _ := utf8.DecodeRuneInString(text[at:])
		before[i] = first[byte(r)]
		first[byte(r)] = i + 1
	}
	var found, bare []name
	look := func(list []name, called string, i int) []name {
		for p := first[byte(leading(called))]; p > 0; p = before[p-1] {
			at := starts[p-1]
			if n := spelled(text[at:], called); n > 0 {
				list = longer(list, name{at, at + n, i, 1}, services)
			}
		}
		return list
	}
	for i, s := range services {
		found = look(found, s.Label, i)
		found = look(found, s.ID, i) // the id too: it need not have the documented form
		if strings.IndexByte(s.Label, ':') >= 0 {
			if called := undecorated(s.Label); called != s.Label && called != "" {
				bare = look(bare, called, i)
			}
		}
	}
	for _, n := range bare { // a label without its emoji, where no whole name stands
		if !slices.ContainsFunc(found, func(whole name) bool { return whole.from == n.from && whole.to >= n.to }) {
			found = append(slices.DeleteFunc(found, func(whole name) bool { return whole.from == n.from }), n)
		}
	}
	return found
}

// longer adds n to the names unless a longer one begins at the same place.
func longer(names []name, n name, services []Named) []name {
	for i, old := range names {
		switch {
		case old.from != n.from:
			continue
		case old.to < n.to:
			names[i] = n
		case old.to == n.to && services[old.service].ID != services[n.service].ID:
			names[i].namesake++
		}
		return names
	}
	return append(names, n)
}

// starts lists where a name may begin: at words and at Chinese characters.
func starts(text string, list []int) []int {
	inside := false
	for i, r := range text {
		if len(list) == cap(list) {
			break
		}
		is := letter(r)
		if han(r) || is && !inside || !is && r != ' ' && r > 0x7f || r == ':' && codeAt(text, i) > 0 {
			list = append(list, i)
		}
		inside = is
	}
	return list
}

// leading is the first character of a label as the text would have it, or 0,
// with which no text begins.
func leading(label string) rune {
	if label != "" && label[0] > ' ' && label[0] < 0x7f { // most are
		return lowerRune(rune(label[0]))
	}
	for _, r := range label {
		if r = fold(r); r >= 0 && r != ' ' {
			return lowerRune(r)
		}
	}
	return 0
}

// spelled is how many bytes of text spell the name called, whatever the case,
// width and blanks of that; 0 when text begins otherwise or goes on in the word.
func spelled(text, called string) int {
	at, blank, ended := 0, true, false
	last := rune(0)
	for at < len(called) && at < len(text) && called[at] > ' ' && called[at] < 0x7f { // most begin so, and differ
		last, blank = lowerRune(rune(called[at])), false
		if rune(text[at]) != last {
			return 0
		}
		at++
	}
	for _, r := range called[at:] {
		if r = fold(r); r < 0 || r == ' ' && blank {
			continue
		}
		if ended {
			return 0
		}
		blank = r == ' '
		next, width := utf8.DecodeRuneInString(text[at:])
		if r != next && lowerRune(r) != next && (r != ':' || next != '：') {
			if r == ' ' && at >= len(text) {
				ended = true // perhaps these are blanks behind the label
				continue
			}
			return 0
		}
		last, at = r, at+width
	}
	if next, _ := utf8.DecodeRuneInString(text[at:]); at < len(text) && letter(next) && letter(last) {
		return 0
	}
	if blank && at > 0 && text[at-1] == ' ' {
		at--
	}
	return at
}

func lowerRune(r rune) rune {
	if r < 0x80 { // most are
		if r >= 'A' && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}
	return lowerOther(r)
}

// lowerOther is the small letter, unless that has another length, and the
// simplified character of a traditional one.
func lowerOther(r rune) rune {
	if ideograph(r) {
		if s := simplified[r-ideographs]; s != 0 {
			return rune(s)
		}
		return r
	}
	if l := unicode.ToLower(r); utf8.RuneLen(l) == utf8.RuneLen(r) {
		return l
	}
	return r
}
