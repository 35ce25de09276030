package blockkit

import (
	"encoding/json"
	"hash/fnv"
	"io"
	"strconv"
)

// kind is the type of a JSON value.
type kind uint8

const (
	jsonNull kind = iota
	jsonBool
	jsonNumber
	jsonString
	jsonArray
	jsonObject
)

// node is a decoded JSON value. Unlike a map it keeps the order of members, which
// is the order in which people expect problems, and where the value began.
type node struct {
	kind kind
	at   int32  // byte offset of the value in the document, which has less than 2 GB
	name string // within an object: the name of this member
	text string // a string's value; the literal of a number or boolean
	kids []node // elements of an array, members of an object
}

// member returns the value of an object's member: the last of that name, as most
// JSON parsers have it, and nil when there is none or n is no object. It may be
// called on nil, so that paths into foreign JSON can be written without checks.
func (n *node) member(name string) *node {
	if n == nil || n.kind != jsonObject {
		return nil
	}
	for i := len(n.kids) - 1; i >= 0; i-- {
		if n.kids[i].name == name {
			return &n.kids[i]
		}
	}
	return nil
}

// str returns the string that a member holds, and "" when it holds anything else.
func (n *node) str(name string) string {
	if m := n.member(name); m != nil && m.kind == jsonString {
		return m.text
	}
	return ""
}

// elements returns the values of an array that is a member, nil when it is none.
func (n *node) elements(name string) []node {
	if m := n.member(name); m != nil && m.kind == jsonArray {
		return m.kids
	}
	return nil
}

// count returns the integer that a member holds, 0 when it holds anything else.
func (n *node) count(name string) int {
	m := n.member(name)
	if m == nil || m.kind != jsonNumber {
		return 0
	}
	value, err := strconv.Atoi(m.text)
	if err != nil {
		return 0
	}
	return value
}

// isTrue tells whether a member is the literal true.
func (n *node) isTrue(name string) bool {
	m := n.member(name)
	return m != nil && m.kind == jsonBool && m.text == "true"
}

// equal tells whether two values are the same JSON; members may differ in order.
func (n *node) equal(other *node) bool {
	if n.kind != other.kind || n.text != other.text || len(n.kids) != len(other.kids) {
		return false
	}
	for i := range n.kids {
		twin := &other.kids[i]
		if n.kind == jsonObject {
			twin = other.member(n.kids[i].name)
		}
		if twin == nil || !n.kids[i].equal(twin) {
			return false
		}
	}
	return true
}

// set gives an object's member a value. Pointers to members got before are no
// longer good.
func (n *node) set(name string, value node) {
	value.name = name
	if m := n.member(name); m != nil {
		*m = value
		return
	}
	n.kids = append(n.kids, value)
}

// appendJSON writes the value as compact JSON, members in their order.
func (n *node) appendJSON(b []byte) []byte {
	switch n.kind {
	case jsonNull:
		return append(b, "null"...)
	case jsonString:
		return appendString(b, n.text)
	case jsonArray:
		b = append(b, '[')
		for i := range n.kids {
			if i > 0 {
				b = append(b, ',')
			}
			b = n.kids[i].appendJSON(b)
		}
		return append(b, ']')
	case jsonObject:
		b = append(b, '{')
		for i := range n.kids {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(appendString(b, n.kids[i].name), ':')
			b = n.kids[i].appendJSON(b)
		}
		return append(b, '}')
	}
	return append(b, n.text...)
}

func appendString(b []byte, s string) []byte {
	quoted, err := json.Marshal(s)
	if err != nil { // strings cannot fail
		panic(err)
	}
	return append(b, quoted...)
}

// madeUp is an identifier in the form of those that Slack makes up.
func madeUp(seed string) string {
	h := fnv.New64a()
	io.WriteString(h, seed)
	sum := h.Sum64() * 0x9e3779b97f4a7c15 // FNV mixes the last bytes badly
	const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	var id [6]byte
	for i := range id {
		id[i] = alphabet[sum>>32%uint64(len(alphabet))]
		sum = sum*0x9e3779b97f4a7c15 + 1
	}
	return string(id[:])
}
