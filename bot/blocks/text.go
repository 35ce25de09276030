package blocks

import (
	"strings"
	"unicode"
)

// Fold brings typed text to one form: lower case, full-width letters and signs
// (as Chinese keyboards write them) to ASCII, every kind of space to a plain
// one, and invisible and control characters away.
func Fold(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '！' && r <= '～':
			r -= '！' - '!'
		case unicode.IsSpace(r):
			return ' '
		case unicode.Is(unicode.Cf, r), unicode.IsControl(r), r == unicode.ReplacementChar:
			return -1
		}
		return unicode.ToLower(r)
	}, s)
}
