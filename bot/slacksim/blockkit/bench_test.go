package blockkit_test

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"testing"

	"computeunits/bot/slacksim/blockkit"
)

// answer is what the bot posts: twelve blocks, one of them a table of ten rows.
func answer(t testing.TB) json.RawMessage {
	t.Helper()
	raw, err := os.ReadFile("testdata/answer.json")
	if err != nil {
		t.Fatal(err)
	}
	var compact bytes.Buffer // as encoding/json sends it
	if err := json.Compact(&compact, raw); err != nil {
		t.Fatal(err)
	}
	return compact.Bytes()
}

func BenchmarkCheck(b *testing.B) {
	whole := answer(b)
	var blocks []json.RawMessage
	if err := json.Unmarshal(whole, &blocks); err != nil {
		b.Fatal(err)
	}
	blocks = slices.DeleteFunc(blocks, func(block json.RawMessage) bool {
		return bytes.HasPrefix(block, []byte(`{"type":"table"`))
	})
	tableless, err := json.Marshal(blocks)
	if err != nil {
		b.Fatal(err)
	}
	for name, message := range map[string]json.RawMessage{"table": whole, "tableless": tableless} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(message)))
			b.ReportAllocs()
			for b.Loop() {
				if problems := blockkit.Check(blockkit.Message, message); problems != nil {
					b.Fatal(problems)
				}
			}
		})
	}
}

func BenchmarkPlainText(b *testing.B) {
	message := answer(b)
	b.ReportAllocs()
	for b.Loop() {
		if blockkit.PlainText(message) == "" {
			b.Fatal("nothing to see")
		}
	}
}
