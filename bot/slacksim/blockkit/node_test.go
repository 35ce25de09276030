package blockkit

import (
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

// value returns what encoding/json would decode the node to.
func (n *node) value(t *testing.T) any {
	switch n.kind {
	case jsonBool:
		return n.text == "true"
	case jsonNumber:
		return json.Number(n.text)
	case jsonString:
		return n.text
	case jsonArray:
		values := make([]any, len(n.kids))
		for i := range n.kids {
			values[i] = n.kids[i].value(t)
		}
		return values
	case jsonObject:
		members := map[string]any{}
		for i := range n.kids {
			members[n.kids[i].name] = n.kids[i].value(t)
		}
		return members
	}
	return nil
}

func TestDecodeKeepsOrderAndPlace(t *testing.T) {
	doc := ` {"b":[1,{"é":"\u00e9\n\ud83d\ude00\ud83d"}],"a":-0.5e1 ,"b":null}`
	n, ok := decode([]byte(doc))
	if !ok {
		t.Fatal("refused")
	}
	var names string
	for _, kid := range n.kids {
		names += kid.name
	}
	if names != "bab" {
		t.Errorf("got members %s, want bab", names)
	}
	if got := n.member("b").kind; got != jsonNull {
		t.Errorf("got kind %d, want that of the last b", got)
	}
	if got := n.kids[0].kids[1].str("é"); got != "é\n😀\uFFFD" {
		t.Errorf("got %q", got)
	}
	if a := n.member("a"); doc[a.at:a.at+6] != "-0.5e1" || a.text != "-0.5e1" {
		t.Errorf("got %s at %d", a.text, a.at)
	}
}

func TestDecodeIsAsStrictAsEncodingJSON(t *testing.T) {
	nested := func(depth int) string { return strings.Repeat("[", depth) + strings.Repeat("]", depth) }
	for _, doc := range []string{
		"", " ", "{", "[", `"`, "[1", "[1,", "[1,]", "[,1]", "[1 2]", "[1]]", "1 2", "]", `{"a"}`, `{"a":}`, `{"a":1,}`, `{a:1}`, `{"a" 1}`, `{"a":1`, `{"a":1]`, `[1}`,
		"tru", "truee", "True", "nul", "fals", "NaN", "-", "+1", "01", "-01", "0", "-0", "1.", ".5", "1.5", "1e", "1e+", "1E-9", "1.e1", "0x1",
		`"\`, `"\"`, `"\x"`, `"\u12"`, `"\u12g4"`, `"\u1234"`, "\"\n\"", "\"\x00\"", "\"\x7f\xff\"", "\x00", "\ufeff1", `"\ud800\u0041"`,
		nested(10_000), nested(10_001),
	} {
		if _, got := decode([]byte(doc)); got != json.Valid([]byte(doc)) {
			t.Errorf("%.20q: decoded %t", doc, got)
		}
	}
}

func TestEqualIsThatOfJSON(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{`{"a":1,"b":[true,null]}`, `{ "b": [true, null], "a": 1 }`, true},
		{`"\u0041"`, `"A"`, true},
		{`{"a":1}`, `{"a":1,"b":2}`, false},
		{`{"a":1,"b":2}`, `{"a":1,"c":2}`, false},
		{`[1,2]`, `[2,1]`, false},
		{`"1"`, `1`, false},
		{`null`, `[]`, false},
	} {
		a, _ := decode([]byte(c.a))
		b, _ := decode([]byte(c.b))
		if got := a.equal(b); got != c.want {
			t.Errorf("%s, %s: got %t", c.a, c.b, got)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, doc := range []string{`{"a":[1,-2.5e3,true,false,null,"x"],"b":{}}`, `[[],[ ],{ }]`, ` "\"\\\/\b\f\n\r\t\u0041\ud83d\ude00\ude00" `, "\"\xff\"", `0`, `[1`, ``} {
		f.Add([]byte(doc))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		n, ok := decode(raw)
		if ok != json.Valid(raw) {
			t.Fatalf("decoded: %t", ok)
		}
		if !ok {
			return
		}
		// Encoded and decoded again by the standard library, it is the same; numbers
		// stay as they were written.
		encoded, err := json.Marshal(n.value(t))
		if err != nil {
			t.Fatalf("%s: %v", strconv.Quote(string(raw)), err)
		}
		var got, want any
		if err := json.Unmarshal(encoded, &got); err != nil {
			t.Skip("a number no double can hold")
		}
		if err := json.Unmarshal(raw, &want); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got %#v, want %#v", got, want)
		}
	})
}
