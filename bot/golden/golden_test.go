package golden_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"computeunits/bot/golden"
)

// asPackage has the test binary be the tests of a package with golden files.
const asPackage = "COMPUTEUNITS_TEST_GOLDEN"

func TestMain(m *testing.M) {
	if os.Getenv(asPackage) != "" {
		os.Exit(golden.Main(m))
	}
	os.Exit(m.Run())
}

// TestSay is the test of that package.
func TestSay(t *testing.T) {
	if os.Getenv(asPackage) == "" {
		t.Skip("run by the others")
	}
	golden.File(t, "said.txt", []byte("hello\n"))
}

// run runs the tests of a package that has some files under testdata, and
// returns what they print and how they end.
func run(t *testing.T, files map[string]string, ci string, args ...string) (string, int) {
	t.Helper()
	folder := t.TempDir()
	for name, text := range files {
		path := filepath.Join(folder, "testdata", name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), self, args...)
	c.Dir = folder
	c.Env = append(slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "CI=") }), asPackage+"=1", "CI="+ci)
	out, _ := c.CombinedOutput()
	if text, err := os.ReadFile(filepath.Join(folder, "testdata", "said.txt")); err == nil && string(text) != files["said.txt"] {
		return string(out) + "written anew", c.ProcessState.ExitCode()
	}
	return string(out), c.ProcessState.ExitCode()
}

func TestGoldenFilesAreNotWrittenInCIAndHaveATest(t *testing.T) {
	if os.Getenv(asPackage) != "" {
		t.Skip("this process is its child")
	}
	said := map[string]string{"said.txt": "hello\n"}
	older := map[string]string{"said.txt": "good day\n"}
	left := map[string]string{"said.txt": "hello\n", "left.json": "{}\n", "folder/input.txt": "x"}
	for name, c := range map[string]struct {
		files map[string]string
		ci    string
		args  []string
		code  int
		want  string
	}{
		"agreed":              {said, "true", nil, 0, ""},
		"another":             {older, "", nil, 1, "said.txt is not what it was"},
		"renewed":             {older, "", []string{"-update"}, 0, "written anew"},
		"renewed in CI":       {older, "true", []string{"-update"}, 2, "golden files are not written in CI"},
		"left behind":         {left, "", nil, 1, "no test compares testdata/left.json"},
		"one test of several": {left, "", []string{"-test.run=TestSay"}, 0, ""},
		"all but some":        {left, "", []string{"-test.skip=TestSay"}, 0, ""},
		"a failure first":     {map[string]string{"said.txt": "x", "left.json": ""}, "", nil, 1, "is not what it was"},
	} {
		t.Run(name, func(t *testing.T) {
			out, code := run(t, c.files, c.ci, append([]string{"-test.run="}, c.args...)...)
			if code != c.code || !strings.Contains(out, c.want) || strings.Contains(out, "written anew") != (c.want == "written anew") ||
				strings.Contains(out, "no test compares") != strings.HasPrefix(c.want, "no test compares") {
				t.Errorf("exit code %d and not %d, without %q:\n%s", code, c.code, c.want, out)
			}
		})
	}
}
