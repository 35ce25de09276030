// Package golden keeps what the bot says as it was agreed: tests compare each
// message and view with a file under testdata, and fail for what Slack would not
// take. It is for tests alone.
//
// A file is renewed on purpose only, after a look at the difference:
//
//	go test ./bot/messages -run AsTheyWereAgreed -update
//
// In CI, where nobody looks, -update is refused. A file that no test compares
// any more would go on looking like something that the bot says, so each
// package with golden files has a TestMain that calls Main: a run of all its
// tests fails for files that none of them asked for. That needs to be
// remembered while the tests run, in the one variable of this package, for the
// names are made by the tests and stand nowhere in the code.
package golden

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"computeunits/bot/slacksim/blockkit"
)

var update = flag.Bool("update", false, "write the golden files anew")

// compared are the names of the files that were asked for.
var compared sync.Map

// Main runs the tests of a package and returns the exit code. When all of them
// ran and passed it fails for files under testdata that no test compared.
func Main(m *testing.M) int {
	if !flag.Parsed() {
		flag.Parse()
	}
	if *update && os.Getenv("CI") != "" {
		fmt.Fprintln(os.Stderr, "golden files are not written in CI: run the test with -update where somebody looks at the difference, and commit that")
		return 2
	}
	code := m.Run()
	if code != 0 || some() {
		return code
	}
	for _, name := range Orphans("testdata", func(name string) bool { _, is := compared.Load(name); return is }) {
		fmt.Fprintf(os.Stderr, "no test compares testdata/%s: remove it, or the test that did is gone by mistake\n", name)
		code = 1
	}
	return code
}

// some reports whether only some tests were asked for, or none.
func some() bool {
	for _, filter := range []string{"test.run", "test.skip", "test.list", "test.fuzz"} {
		if f := flag.Lookup(filter); f != nil && f.Value.String() != "" {
			return true
		}
	}
	return testing.Short()
}

// Orphans are the files of a folder that nothing compares.
func Orphans(folder string, isCompared func(name string) bool) (names []string) {
	entries, _ := os.ReadDir(folder) // none: no orphans
	for _, e := range entries {
		if e.Type().IsRegular() && !isCompared(e.Name()) {
			names = append(names, e.Name())
		}
	}
	return names
}

// maxText is how many bytes of text a message has at most.
const maxText = 4000

// Time is the moment at which what is compared is drawn.
var Time = time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC)

// Languages are those in which everything is drawn.
func Languages() []string { return []string{"en", "zh"} }

// JSON compares a JSON text, which is kept indented, with testdata/name.json.
func JSON(t testing.TB, name string, body []byte) {
	t.Helper()
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, body, "", "  "); err != nil {
		t.Fatal(err)
	}
	pretty.WriteByte('\n')
	File(t, name+".json", pretty.Bytes())
}

// File compares a text with testdata/name.
func File(t testing.TB, name string, body []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	compared.Store(name, true)
	if *update {
		if err := os.WriteFile(path, body, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(body, want) {
		t.Errorf("%s is not what it was; look at it, then run the test with -update\n%s", path, body)
	}
}

// Message is a message as Slack gets it, which it must accept, with one main
// button at most.
func Message(t testing.TB, text string, blocks any) []byte {
	t.Helper()
	body, err := json.Marshal(map[string]any{"text": text, "blocks": blocks})
	if err != nil {
		t.Fatal(err)
	}
	Acceptable(t, body)
	oneMainButton(t, body)
	return body
}

// Acceptable fails unless Slack would take the message as it is.
func Acceptable(t testing.TB, body []byte) {
	t.Helper()
	var m struct {
		Text   string
		Blocks json.RawMessage
	}
	if err := json.Unmarshal(body, &m); err != nil {
		t.Fatal(err)
	}
	for _, p := range blockkit.Check(blockkit.Message, m.Blocks) {
		t.Errorf("Slack would refuse it: %s", p)
	}
	if n := utf8.RuneCountInString(blockkit.PlainText(m.Blocks)); n > 12_000 {
		t.Errorf("%d characters are shown; Slack refuses messages of a little more than 12,000", n)
	}
	if n := len(m.Text); n == 0 || n > maxText {
		t.Errorf("the text has %d bytes", n)
	}
	if strings.Contains(m.Text, "<!channel>") || strings.Contains(string(m.Blocks), `<!channel>`) && !strings.Contains(string(m.Blocks), "raw_text") {
		t.Errorf("foreign text could ping everybody")
	}
}

// View is a view as Slack gets it, which it must accept, with one main button at
// most.
func View(t testing.TB, view any) []byte {
	t.Helper()
	body, err := json.Marshal(view)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range blockkit.CheckView(body) {
		t.Errorf("Slack would refuse it: %s", p)
	}
	oneMainButton(t, body)
	if strings.Contains(string(body), "<!channel>") || strings.Contains(string(body), `\u003c!channel`) {
		t.Error("foreign text could ping everybody")
	}
	return body
}

func oneMainButton(t testing.TB, body []byte) {
	t.Helper()
	if n := strings.Count(string(body), `"style":"primary"`); n > 1 {
		t.Errorf("%d buttons are the main one", n)
	}
}
