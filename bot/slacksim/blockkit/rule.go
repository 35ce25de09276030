package blockkit

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"unicode/utf8"
)

// rule says what a JSON value must be.
type rule interface {
	// check reports what is wrong with n, which stands at the checker's path.
	check(c *checker, n *node)
}

// checker walks a document and collects problems.
type checker struct {
	code  string // of the problems that have no code of their own
	path  []step // to the value that is being checked
	found []finding
}

// step leads from a value to one of its members or, without a name, elements.
type step struct {
	name  string
	index int
}

// finding is a problem and where in the document it is, for sorting.
type finding struct {
	problem Problem
	at      int32
}

// report records a problem of the value at the current path. Values of a document
// have a place; nil sorts after all of them.
func (c *checker) report(n *node, format string, args ...any) {
	c.reportAs(c.code, n, format, args...)
}

// reportAs is report with a code of its own.
func (c *checker) reportAs(code string, n *node, format string, args ...any) {
	at := int32(math.MaxInt32)
	if n != nil {
		at = n.at
	}
	c.found = append(c.found, finding{Problem{code, fmt.Sprintf(format, args...), c.pointer()}, at})
}

// problems returns what was found, in document order.
func (c *checker) problems() []Problem {
	if len(c.found) == 0 {
		return nil
	}
	slices.SortStableFunc(c.found, func(a, b finding) int { return cmp.Compare(a.at, b.at) })
	problems := make([]Problem, len(c.found))
	for i, f := range c.found {
		problems[i] = f.problem
	}
	return problems
}

func (c *checker) pointer() string {
	var p []byte
	for _, s := range c.path {
		p = append(p, '/')
		if s.name != "" {
			p = append(p, s.name...) // ours, hence nothing to escape
		} else {
			p = strconv.AppendInt(p, int64(s.index), 10)
		}
	}
	return string(p)
}

// member calls f with the path leading to a member.
func (c *checker) member(name string, f func()) {
	c.path = append(c.path, step{name: name})
	f()
	c.path = c.path[:len(c.path)-1]
}

// element calls f with the path leading to an element.
func (c *checker) element(i int, f func()) {
	c.path = append(c.path, step{index: i})
	f()
	c.path = c.path[:len(c.path)-1]
}

// chars is a string of min to max code points; max 0 means any length. A format
// names what the string must be and tells whether it is.
type chars struct {
	min, max int
	format   *format
}

type format struct {
	name  string
	valid func(string) bool
}

func (r chars) check(c *checker, n *node) {
	if n.kind != jsonString {
		c.report(n, "must provide a string")
		return
	}
	length := utf8.RuneCountInString(n.text)
	switch {
	case length < r.min:
		c.report(n, "must be more than %d characters", r.min-1)
	case r.max > 0 && length > r.max:
		c.report(n, "must be less than %d characters", r.max+1)
	case r.format != nil && !r.format.valid(n.text):
		c.report(n, "input must be a valid: %s", r.format.name)
	}
}

// word is one of some strings.
type word []string

func (r word) check(c *checker, n *node) {
	switch {
	case n.kind != jsonString:
		c.report(n, "must provide a string")
	case !slices.Contains(r, n.text):
		c.report(n, "must be a valid enum value")
	}
}

// flag is true or false.
type flag struct{}

func (flag) check(c *checker, n *node) {
	if n.kind != jsonBool {
		c.report(n, "must be a boolean")
	}
}

// whole is an integer from min to max.
type whole struct{ min, max int }

func (r whole) check(c *checker, n *node) {
	value, err := strconv.Atoi(n.text)
	switch {
	case n.kind != jsonNumber || err != nil:
		c.report(n, "must provide an integer")
	case value < r.min:
		// Slack's wording, although min itself is fine: seen as "must be
		// greater than 1" for lengths from 1 on.
		c.report(n, "must be greater than %d", r.min)
	case value > r.max:
		c.report(n, "must be less than %d", r.max) // likewise
	}
}

// decimal is a number, greater than zero if so wanted.
type decimal struct{ positive bool }

func (r decimal) check(c *checker, n *node) {
	value, err := strconv.ParseFloat(n.text, 64)
	switch {
	case n.kind != jsonNumber || err != nil: // err: beyond the range of a double
		c.report(n, "must provide a number")
	case r.positive && value <= 0:
		c.report(n, "must be greater than 0")
	}
}

// list is an array of min to max elements; max 0 means any number.
type list struct {
	min, max int
	of       rule
}

func (r list) check(c *checker, n *node) {
	if n.kind != jsonArray {
		c.report(n, "must provide an array")
		return
	}
	switch {
	case len(n.kids) < r.min:
		c.report(n, "must provide at least %d items", r.min)
	case r.max > 0 && len(n.kids) > r.max:
		c.report(n, "no more than %d items allowed", r.max)
	}
	for i := range n.kids {
		c.element(i, func() { r.of.check(c, &n.kids[i]) })
	}
}

// nullable is a value that may be skipped with null.
type nullable struct{ rule }

func (r nullable) check(c *checker, n *node) {
	if n.kind != jsonNull {
		r.rule.check(c, n)
	}
}

// record is an object with known members.
type record struct {
	fields []field
	also   func(c *checker, n *node) // rules across members; nil: none
}

// field is a member of a record.
type field struct {
	name     string
	rule     rule
	required bool
}

// must and may are fields that a record needs and that it allows.
func must(name string, r rule) field { return field{name, r, true} }
func may(name string, r rule) field  { return field{name, r, false} }

// and returns the record with a rule across its members added.
func (r *record) and(also func(c *checker, n *node)) *record {
	r.also = also
	return r
}

func (r *record) check(c *checker, n *node) {
	if n.kind != jsonObject {
		c.report(n, "must provide an object")
		return
	}
	for i := range r.fields {
		if f := &r.fields[i]; f.required && n.member(f.name) == nil {
			c.report(n, "missing required field: %s", f.name)
		}
	}
	for i := range n.kids {
		kid := &n.kids[i]
		f := r.field(kid.name)
		switch {
		case f == nil:
			c.report(kid, "invalid additional property: %s", kid.name)
		case n.member(kid.name) == kid: // and not followed by another of its name
			c.member(f.name, func() { f.rule.check(c, kid) })
		}
	}
	if r.also != nil {
		r.also(c, n)
	}
}

func (r *record) field(name string) *field {
	for i := range r.fields {
		if r.fields[i].name == name {
			return &r.fields[i]
		}
	}
	return nil
}

// variants is an object that its member "type" makes one of several records.
type variants map[string]*record

func (r variants) check(c *checker, n *node) {
	if n.kind != jsonObject {
		c.report(n, "must provide an object")
		return
	}
	kind := n.member("type")
	if kind == nil {
		c.report(n, "missing required field: type")
		return
	}
	variant := r[kind.text]
	switch {
	case kind.kind != jsonString:
		c.member("type", func() { c.report(kind, "must provide a string") })
	case variant == nil:
		c.member("type", func() { c.report(kind, "unsupported type: %s", kind.text) })
	default:
		variant.check(c, n)
	}
}

// join returns the variants of all sets.
func join(sets ...variants) variants {
	all := variants{}
	for _, set := range sets {
		for kind, r := range set {
			all[kind] = r
		}
	}
	return all
}
