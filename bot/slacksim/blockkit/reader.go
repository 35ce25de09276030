package blockkit

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// decode reads a JSON document; false when it is none. Each byte that is not UTF-8
// becomes U+FFFD. It takes exactly the documents that json.Valid takes, which a
// fuzz test holds it to.
//
// encoding/json has no way to keep the order and the place of members that would
// not take several times as long as the check itself, and a workspace under load
// checks thousands of messages a second.
func decode(raw []byte) (*node, bool) {
	doc := string(raw)
	if !utf8.ValidString(doc) {
		doc = string([]rune(doc))
	}
	r := reader{doc: doc, open: make([]node, 0, 64)}
	n := r.value()
	r.next()
	if r.bad || r.pos < len(doc) {
		return nil, false
	}
	return &n, true
}

// maxDepth is how deep arrays and objects may nest, as in encoding/json.
const maxDepth = 10_000

// reader reads a JSON document. At the first error it becomes bad, and what it
// returns from then on is worthless.
type reader struct {
	doc   string
	pos   int
	depth int
	bad   bool

	open []node // the kids so far of the arrays and objects being read
	free []node // room for the kids of those that are read, got in large pieces
}

// next skips white space and returns the byte that follows, 0 at the end.
func (r *reader) next() byte {
	for ; r.pos < len(r.doc); r.pos++ {
		switch b := r.doc[r.pos]; b {
		case ' ', '\n', '\t', '\r':
		default:
			return b
		}
	}
	return 0
}

func (r *reader) value() node {
	b := r.next()
	n := node{at: int32(r.pos)}
	switch b {
	case '{':
		n.kind, n.kids = jsonObject, r.members()
	case '[':
		n.kind, n.kids = jsonArray, r.items()
	case '"':
		n.kind, n.text = jsonString, r.quoted()
	case 't':
		n.kind, n.text = jsonBool, r.literal("true")
	case 'f':
		n.kind, n.text = jsonBool, r.literal("false")
	case 'n':
		n.text = r.literal("null")
	default:
		n.kind, n.text = jsonNumber, r.number()
	}
	return n
}

func (r *reader) members() []node {
	first := len(r.open)
	for more := r.enter('}'); more; more = r.more('}') {
		if r.next() != '"' {
			r.bad = true
			break
		}
		name := r.quoted()
		if r.next() != ':' {
			r.bad = true
			break
		}
		r.pos++
		member := r.value()
		member.name = name
		r.open = append(r.open, member)
	}
	return r.leave(first)
}

func (r *reader) items() []node {
	first := len(r.open)
	for more := r.enter(']'); more; more = r.more(']') {
		r.open = append(r.open, r.value())
	}
	return r.leave(first)
}

// enter steps over an opening bracket and tells whether there is a kid.
func (r *reader) enter(closing byte) bool {
	r.pos++
	if r.depth++; r.depth > maxDepth {
		r.bad = true
	}
	if r.next() == closing {
		r.pos++
		return false
	}
	return !r.bad
}

// more steps over what follows a kid and tells whether it is another one.
func (r *reader) more(closing byte) bool {
	b := r.next()
	r.pos++
	if b != ',' && b != closing {
		r.bad = true
	}
	return b == ',' && !r.bad
}

// leave moves the kids from the first on out of the open ones.
func (r *reader) leave(first int) []node {
	r.depth--
	kids := r.open[first:]
	if len(r.free) < len(kids) {
		r.free = make([]node, max(128, len(kids)))
	}
	kept := r.free[:copy(r.free, kids):len(kids)]
	r.free = r.free[len(kids):]
	r.open = r.open[:first]
	return kept
}

func (r *reader) literal(want string) string {
	if !strings.HasPrefix(r.doc[r.pos:], want) {
		r.bad = true
		return want
	}
	r.pos += len(want)
	return want
}

func (r *reader) number() string {
	start := r.pos
	r.accept("-")
	if r.accept("0") == 0 && r.digits() == 0 {
		r.bad = true
	}
	if r.accept(".") > 0 && r.digits() == 0 {
		r.bad = true
	}
	if r.accept("eE") > 0 {
		r.accept("+-")
		if r.digits() == 0 {
			r.bad = true
		}
	}
	return r.doc[start:r.pos]
}

// accept steps over one of some bytes and returns how many there were.
func (r *reader) accept(set string) int {
	if r.pos < len(r.doc) && strings.IndexByte(set, r.doc[r.pos]) >= 0 {
		r.pos++
		return 1
	}
	return 0
}

// digits steps over digits and returns how many there were.
func (r *reader) digits() int {
	start := r.pos
	for r.pos < len(r.doc) && '0' <= r.doc[r.pos] && r.doc[r.pos] <= '9' {
		r.pos++
	}
	return r.pos - start
}

// quoted reads a string from its opening quote on.
func (r *reader) quoted() string {
	r.pos++
	start, escaped := r.pos, false
	for !r.bad && r.pos < len(r.doc) {
		switch b := r.doc[r.pos]; {
		case b == '"':
			s := r.doc[start:r.pos]
			r.pos++
			if escaped {
				return unescape(s)
			}
			return s
		case b == '\\':
			escaped = true
			r.escape()
		case b < ' ':
			r.bad = true
		default:
			r.pos++
		}
	}
	r.bad = true
	return ""
}

// escape steps over a backslash and what it stands for.
func (r *reader) escape() {
	rest := r.doc[r.pos+1:]
	switch {
	case rest == "":
		r.bad = true
	case strings.IndexByte(`"\/bfnrt`, rest[0]) >= 0:
		r.pos += len(`\n`)
	case rest[0] == 'u' && isHex(rest[1:min(5, len(rest))]):
		r.pos += len(`\u0000`)
	default:
		r.bad = true
	}
}

func isHex(s string) bool {
	for _, char := range s {
		if !strings.ContainsRune("0123456789abcdefABCDEF", char) {
			return false
		}
	}
	return len(s) == 4
}

// unescape resolves the escapes of a well-formed JSON string. Half a surrogate
// pair becomes U+FFFD.
func unescape(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for {
		plain, rest, found := strings.Cut(s, `\`)
		b.WriteString(plain)
		if !found {
			return b.String()
		}
		s = rest[1:]
		switch rest[0] {
		case 'b':
			b.WriteByte('\b')
		case 'f':
			b.WriteByte('\f')
		case 'n':
			b.WriteByte('\n')
		case 'r':
			b.WriteByte('\r')
		case 't':
			b.WriteByte('\t')
		case 'u':
			char := codeUnit(s)
			s = s[4:]
			if utf16.IsSurrogate(char) && strings.HasPrefix(s, `\u`) {
				if pair := utf16.DecodeRune(char, codeUnit(s[2:])); pair != utf8.RuneError {
					char, s = pair, s[6:]
				}
			}
			b.WriteRune(char) // a lone half is written as U+FFFD
		default: // quote, backslash, slash
			b.WriteByte(rest[0])
		}
	}
}

// codeUnit reads the four hexadecimal digits of a \u escape.
func codeUnit(s string) rune {
	unit, _ := strconv.ParseUint(s[:4], 16, 16) // digits by the grammar
	return rune(unit)
}
