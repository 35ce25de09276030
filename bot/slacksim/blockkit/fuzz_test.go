package blockkit_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"computeunits/bot/slacksim/blockkit"
)

// seeds are payloads of every kind for the fuzzer to vary.
func seeds(f *testing.F) {
	for _, payloads := range accepted {
		for _, blocks := range payloads {
			f.Add([]byte(blocks))
		}
	}
	f.Add([]byte(`{"type":"modal","title":{"type":"plain_text","text":"t"},"blocks":[{"type":"section"}]}`))
	f.Add([]byte("[{\"type\":\"section\",\"text\":{\"type\":\"mrkdwn\",\"text\":\"\\ud83d\\ude00\xff<!date^1^{date}|x>\"}}]"))
}

func FuzzCheck(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, raw []byte) { checkTwice(t, raw) })
}

// checkTwice checks any JSON as blocks and as a view and complains of what no
// input may lead to.
func checkTwice(t *testing.T, raw []byte) {
	t.Helper()
	var doc any
	isJSON := json.Unmarshal(raw, &doc) == nil
	for name, check := range map[string]func() []blockkit.Problem{
		"blocks of a message": func() []blockkit.Problem { return blockkit.Check(blockkit.Message, raw) },
		"blocks of a modal":   func() []blockkit.Problem { return blockkit.Check(blockkit.Modal, raw) },
		"a view":              func() []blockkit.Problem { return blockkit.CheckView(raw) },
	} {
		problems := check()
		if again := check(); !slices.Equal(problems, again) {
			t.Errorf("%s as %s: first %v, then %v", raw, name, problems, again)
		}
		for _, p := range problems {
			path := strings.TrimPrefix(p.Pointer, "/view")
			if name != "a view" {
				path = strings.TrimPrefix(path, "/blocks")
			}
			if p.Code == "" || p.Message == "" || isJSON && !leadsSomewhere(doc, path) {
				t.Fatalf("%s as %s: a pointless problem: %+v", raw, name, p)
			}
		}
	}
	if length := utf8.RuneCountInString(blockkit.PlainText(raw)); length > 13_200 && blockkit.Check(blockkit.Message, raw) == nil {
		t.Errorf("%s: taken with %d characters", raw, length)
	}
}

// leadsSomewhere tells whether a JSON pointer names a value of the document.
func leadsSomewhere(doc any, pointer string) bool {
	if pointer == "" {
		return true
	}
	name, rest, more := strings.Cut(pointer[1:], "/")
	if more {
		rest = "/" + rest
	}
	switch value := doc.(type) {
	case map[string]any:
		member, ok := value[name]
		return ok && leadsSomewhere(member, rest)
	case []any:
		i, err := strconv.Atoi(name)
		return err == nil && i < len(value) && leadsSomewhere(value[i], rest)
	}
	return false
}

// The fuzzer mostly breaks JSON. This keeps it whole and puts every sort of value
// in the place of every other, or nothing at all.
func TestNothingInThePlaceOfAnythingIsASurprise(t *testing.T) {
	for _, payloads := range accepted {
		for _, blocks := range payloads {
			var doc []any
			if json.Unmarshal([]byte(blocks), &doc) != nil {
				continue // nothing at all
			}
			vary(doc, func() {
				raw, err := json.Marshal(doc)
				if err != nil {
					t.Fatal(err)
				}
				checkTwice(t, raw)
			})
		}
	}
}

// vary calls f with each value of a document replaced in turn, in place.
func vary(value any, f func()) {
	others := []any{nil, 1.5, "", []any{nil}, map[string]any{}}
	switch value := value.(type) {
	case []any:
		for i, old := range value {
			for _, value[i] = range others {
				f()
			}
			value[i] = old
			vary(old, f)
		}
	case map[string]any:
		for name, old := range value {
			for _, value[name] = range others {
				f()
			}
			delete(value, name)
			f()
			value[name] = old
			vary(old, f)
		}
	}
}

func FuzzPlainText(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, raw []byte) {
		text := blockkit.PlainText(raw)
		if text != blockkit.PlainText(raw) {
			t.Error("another text the second time")
		}
		if !utf8.ValidString(text) {
			t.Errorf("not UTF-8: %q", text)
		}
		// Check relies on this to skip the rendering of short messages.
		if blockkit.Check(blockkit.Message, raw) == nil && utf8.RuneCountInString(text) > len(raw) {
			t.Errorf("%d bytes show %d characters", len(raw), utf8.RuneCountInString(text))
		}
	})
}

func FuzzPlainMrkdwn(f *testing.F) {
	f.Add("a <https://x.example|x> &amp; <!date^1^{date}|y> <@U1|z> <#C1> <!here> < > <<")
	f.Fuzz(func(t *testing.T, text string) {
		plain := blockkit.PlainMrkdwn(text)
		if utf8.RuneCountInString(plain) > utf8.RuneCountInString(text) {
			t.Errorf("%q grew to %q", text, plain)
		}
		if !strings.ContainsAny(text, "<&") && plain != text {
			t.Errorf("%q became %q", text, plain)
		}
	})
}

func FuzzProblemsAreForJSONOnly(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, raw []byte) {
		start := bytes.TrimLeft(raw, " \t\r\n")
		list := json.Valid(raw) && (start[0] == '[' || start[0] == 'n')
		problems := blockkit.Check(blockkit.Message, raw)
		format := len(problems) == 1 && problems[0].Code == "invalid_blocks_format"
		if len(raw) > 0 && list == format {
			t.Errorf("a list of blocks: %t, yet %v", list, problems)
		}
	})
}

func FuzzControls(f *testing.F) {
	seeds(f)
	f.Add([]byte(board))
	f.Fuzz(func(t *testing.T, raw []byte) {
		made := blockkit.WithIDs(raw, "seed")
		if again := blockkit.WithIDs(made, "seed"); !bytes.Equal(again, made) {
			t.Errorf("%s became %s, then %s", raw, made, again)
		}
		if json.Valid(raw) != json.Valid(made) || blockkit.PlainText(made) != blockkit.PlainText(raw) {
			t.Errorf("%s became %s", raw, made)
		}
		if len(blockkit.Controls(made)) != len(blockkit.Controls(raw)) {
			t.Errorf("%s has other controls than %s", made, raw)
		}
	})
}
