package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/dlclark/regexp2"
	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"computeunits/bot"
	"computeunits/bot/config"
	"computeunits/bot/slacksim"
	"computeunits/notify/plan"
	"computeunits/qianfan/qianfantest"
)

// outcome is what a call of the program left behind.
type outcome struct {
	code      int
	out, errs string
}

// call runs the program within the test.
func call(t *testing.T, environ map[string]string, in string, args ...string) outcome {
	t.Helper()
	var out, errs bytes.Buffer
	code := run(t.Context(), args, environ, strings.NewReader(in), &out, &errs)
	return outcome{code, out.String(), errs.String()}
}

// api starts a simulated Qianfan on loopback and returns the settings for it.
func api(t *testing.T) (*qianfantest.Server, map[string]string) {
	q := &qianfantest.Server{}
	q.SeedExample(time.Now())
	server := httptest.NewServer(q)
	t.Cleanup(server.Close)
	return q, map[string]string{
		"QIANFAN_ACCESS_KEY": qianfantest.AccessKey, "QIANFAN_SECRET_KEY": qianfantest.SecretKey,
		"QIANFAN_CONSOLE_API_BASE_URL": server.URL, "LOG_LEVEL": "error",
	}
}

func TestAQuestionInTheTerminal(t *testing.T) {
	q, environ := api(t)
	got := call(t, environ, "", "query", "svco-48exxxa594", "prepaid")
	if got.code != 0 || !strings.Contains(got.out, "a0085162xxx9d19e58e") || !strings.Contains(got.out, "6 prepaid instances") {
		t.Errorf("%+v", got)
	}
	got = call(t, environ, "", "query", "--json", "SVCO-48exxxa594")
	var answer struct {
		Service   string           `json:"serviceId"`
		Instances []map[string]any `json:"instances"`
	}
	if err := json.Unmarshal([]byte(got.out), &answer); err != nil || answer.Service != "svco-48exxxa594" || len(answer.Instances) != 7 {
		t.Errorf("%v in %+v", err, got)
	}
	if got = call(t, environ, "", "query", "svco-biglist000"); strings.Count(got.out, "\n• ") != 130 {
		t.Errorf("not all 130 instances are listed: %s", got.out)
	}
	if got = call(t, environ, "", "query", "svco-c0nexxb777", "--json"); !strings.Contains(got.out, `"instances": []`) {
		t.Errorf("an empty service should have an empty list: %+v", got)
	}
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"query"}, 2, "which service?"},
		{[]string{"query", "svco-48exxxa594", "preprid"}, 2, "Did you mean computeunits query svco-48exxxa594 prepaid ?"},
		{[]string{"query", "svco-nope99"}, 1, "Qianfan does not know this service. Please check its id"},
	} {
		if got := call(t, environ, "", c.args...); got.code != c.code || !strings.Contains(got.errs, c.want) || got.out != "" {
			t.Errorf("%v: %+v", c.args, got)
		}
	}
	q.Inject(qianfantest.Fault{Status: 403, Code: "AccessDenied"})
	if got := call(t, environ, "", "query", "svco-48exxxa594"); got.code != 1 || !strings.Contains(got.errs, "QianfanServiceReadAccessPolicy") {
		t.Errorf("%+v", got)
	}
}

func TestHelpVersionAndUnknownCommands(t *testing.T) {
	if got := call(t, nil, "", "help"); got.code != 0 || !strings.Contains(got.out, "computeunits query SERVICE") {
		t.Errorf("%+v", got)
	}
	if got := call(t, nil, "", "version"); got.code != 0 || !strings.HasPrefix(got.out, "computeunits ") {
		t.Errorf("%+v", got)
	}
	if got := call(t, nil, "", "sevre"); got.code != 2 || !strings.Contains(got.errs, `there is no command "sevre"`) {
		t.Errorf("%+v", got)
	}
}

func TestAllFaultsOfTheSettingsAreNamedAtOnce(t *testing.T) {
	good := map[string]string{
		"SLACK_BOT_TOKEN": "xoxb-secret-1", "SLACK_APP_TOKEN": "xapp-secret-2",
		"QIANFAN_ACCESS_KEY": "AKsecret3", "QIANFAN_SECRET_KEY": "secret4",
	}
	if _, err := config.Serving(good); err != nil {
		t.Fatalf("four settings should be enough: %v", err)
	}
	for name, c := range map[string]struct {
		change map[string]string
		wants  []string
	}{
		"nothing set":     {map[string]string{"SLACK_BOT_TOKEN": "", "SLACK_APP_TOKEN": " ", "QIANFAN_ACCESS_KEY": "", "QIANFAN_SECRET_KEY": ""}, []string{"SLACK_BOT_TOKEN is missing", "SLACK_APP_TOKEN is missing", "QIANFAN_ACCESS_KEY is missing", "QIANFAN_SECRET_KEY is missing"}},
		"all wrong":       {map[string]string{"QIANFAN_MAX_RPS": "secret-many", "QIANFAN_MAX_CONCURRENT": "1.5", "LOG_LEVEL": "loud", "LOG_FORMAT": "xml", "SLACK_API_URL": "slack.com", "QIANFAN_CONSOLE_API_BASE_URL": "ftp://x"}, []string{"QIANFAN_MAX_RPS must be", "QIANFAN_MAX_CONCURRENT must be", "LOG_LEVEL must be", "LOG_FORMAT must be", "SLACK_API_URL must be", "QIANFAN_CONSOLE_API_BASE_URL must be"}},
		"below zero":      {map[string]string{"QIANFAN_MAX_RPS": "-1", "QIANFAN_MAX_CONCURRENT": "-1"}, []string{"QIANFAN_MAX_RPS must be", "QIANFAN_MAX_CONCURRENT must be"}},
		"no number":       {map[string]string{"QIANFAN_MAX_RPS": "NaN"}, []string{"QIANFAN_MAX_RPS must be"}},
		"swapped":         {map[string]string{"SLACK_BOT_TOKEN": "xapp-secret-2", "SLACK_APP_TOKEN": "xoxb-secret-1"}, []string{"are swapped"}},
		"app token twice": {map[string]string{"SLACK_BOT_TOKEN": "xapp-secret-2"}, []string{"SLACK_BOT_TOKEN holds an app-level token"}},
		"bot token twice": {map[string]string{"SLACK_APP_TOKEN": "xoxb-secret-1"}, []string{"SLACK_APP_TOKEN holds a bot token"}},
		"API key as AK":   {map[string]string{"QIANFAN_ACCESS_KEY": "bce-v3/ALTAK-secret/5"}, []string{"bce-v3", "Access Key / Secret Key pair"}},
		"API key as SK":   {map[string]string{"QIANFAN_SECRET_KEY": "bce-v3/ALTAK-secret/5"}, []string{"bce-v3", "Access Key / Secret Key pair"}},
		"address no URL":  {map[string]string{"SLACK_API_URL": "://"}, []string{"SLACK_API_URL must be"}},
		"announcements": {map[string]string{"NOTIFY_CHANNEL": "C1", "NOTIFY_SERVICES": "svco-aaa1,svco-aaa1,=x", "NOTIFY_BEFORE": "7d,soon", "NOTIFY_CHECK_EVERY": "1ms",
			"NOTIFY_LEASE": "15s", "NOTIFY_DIGEST_CRON": "9 o'clock", "NOTIFY_TIMEZONE": "Mars/Olympus", "NOTIFY_ALL_CLEAR": "sometimes", "NOTIFY_LANGUAGE": "tlh"},
			[]string{"NOTIFY_SERVICES: the service \"svco-aaa1\" is there twice", "NOTIFY_SERVICES: \"=x\"", "NOTIFY_BEFORE: \"soon\"", "NOTIFY_CHECK_EVERY must be from 500ms",
				"NOTIFY_LEASE must be longer than an attempt", "NOTIFY_DIGEST_CRON", "NOTIFY_TIMEZONE must name", "NOTIFY_ALL_CLEAR must be", "NOTIFY_LANGUAGE must be en or zh"}},
		"durations":        {map[string]string{"NOTIFY_CHECK_EVERY": "often", "NOTIFY_LEASE": "45"}, []string{"NOTIFY_CHECK_EVERY must be a duration", "NOTIFY_LEASE must be a duration"}},
		"console":          {map[string]string{"QIANFAN_CONSOLE_URL": "console"}, []string{"QIANFAN_CONSOLE_URL must be an address"}},
		"alias is checked": {map[string]string{"QIANFAN_CONSOLE_BASE_URL": "qianfan"}, []string{"must be an address"}},
	} {
		t.Run(name, func(t *testing.T) {
			environ := map[string]string{}
			for _, m := range []map[string]string{good, c.change} {
				for k, v := range m {
					environ[k] = v
				}
			}
			got := call(t, environ, "")
			if got.code != 2 {
				t.Errorf("exit code %d", got.code)
			}
			for _, want := range c.wants {
				if !strings.Contains(got.errs, want) {
					t.Errorf("nothing says %q in: %s", want, got.errs)
				}
			}
			if strings.Contains(got.errs, "secret-") || strings.Contains(got.errs, "secret4") || strings.Contains(got.errs, "AKsecret") {
				t.Errorf("a secret is printed: %s", got.errs)
			}
		})
	}
}

func TestAnyFormOfTheSettingsIsTaken(t *testing.T) {
	c, err := config.Serving(map[string]string{
		"SLACK_BOT_TOKEN": "xoxb-any", "SLACK_APP_TOKEN": "xapp-thing", "SLACK_API_URL": "http://127.0.0.1:1/proxy/api",
		"QIANFAN_ACCESS_KEY": "a", "QIANFAN_SECRET_KEY": "b", "QIANFAN_CONSOLE_API_BASE_URL": "http://[::1]:8080/x/", "QIANFAN_CONSOLE_BASE_URL": "http://unused",
		"QIANFAN_MAX_RPS": "0.5", "QIANFAN_MAX_CONCURRENT": "0", "LOG_LEVEL": "DEBUG", "LOG_FORMAT": "json",
		"NOTIFY_CHANNEL": "C1", "NOTIFY_SERVICES": " svco-a = Chat prod, svco-b ", "NOTIFY_BEFORE": "90m,7d,12h,0,-1d", "NOTIFY_CHECK_EVERY": "500ms",
		"NOTIFY_TIMEZONE": "Europe/Berlin", "NOTIFY_DIGEST_CRON": "30 8 * * 1-5", "NOTIFY_ALL_CLEAR": "never", "NOTIFY_LANGUAGE": "zh",
	})
	if err != nil || c.BaseURL != "http://[::1]:8080/x/" || c.MaxRPS != 0.5 || c.MaxConcurrent != 0 || c.LogLevel.String() != "DEBUG" {
		t.Errorf("%v, rps %v, level %v", err, c.MaxRPS, c.LogLevel)
	}
	n := c.Notify
	if len(n.Services) != 2 || n.Services[0] != (plan.Service{ID: "svco-a", Label: "Chat prod"}) || n.Before.String() != "7d,12h,90m,0d,-1d" ||
		n.CheckEvery != 500*time.Millisecond || n.Zone.String() != "Europe/Berlin" {
		t.Errorf("%+v", n)
	}
}

// program is the built binary, serving on loopback between simulators.
type program struct {
	*exec.Cmd
	slack   *slacksim.Workspace
	qianfan *qianfantest.Server
	errs    *bytes.Buffer
	started time.Time
}

// build makes the binary.
func build(t testing.TB) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "computeunits")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("building: %v\n%s", err, out)
	}
	return binary
}

// start builds the program and has it serve. It ends with the test.
func start(t testing.TB, settings ...string) *program {
	t.Helper()
	binary := build(t)
	p := &program{qianfan: &qianfantest.Server{}, errs: &bytes.Buffer{}}
	p.qianfan.SeedExample(time.Now())
	qianfan := httptest.NewServer(p.qianfan)
	t.Cleanup(qianfan.Close)
	slack := httptest.NewUnstartedServer(nil) // the workspace must know its address first
	var err error
	if p.slack, err = slacksim.New(slacksim.Config{Manifest: manifest, URL: "http://" + slack.Listener.Addr().String(), Unlimited: true}); err != nil {
		t.Fatal(err)
	}
	slack.Config.Handler = p.slack
	slack.Start()
	t.Cleanup(slack.Close)
	t.Cleanup(p.slack.Close)

	p.Cmd = exec.Command(binary)
	p.Env = append([]string{
		"SLACK_BOT_TOKEN=xoxb-simulated", "SLACK_APP_TOKEN=xapp-simulated", "SLACK_API_URL=" + slack.URL + "/api",
		"QIANFAN_ACCESS_KEY=" + qianfantest.AccessKey, "QIANFAN_SECRET_KEY=" + qianfantest.SecretKey,
		"QIANFAN_CONSOLE_API_BASE_URL=" + qianfan.URL,
	}, settings...)
	p.Stderr = p.errs
	p.started = time.Now()
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if p.ProcessState == nil {
			p.Process.Kill()
			p.Wait()
		}
	})
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for p.slack.Connections() == 0 {
		select {
		case <-tick.C:
		case <-t.Context().Done():
			t.Fatal("never connected")
		}
	}
	return p
}

func TestTheBinaryAnswersAndStopsWhenTold(t *testing.T) {
	p := start(t, "LOG_FORMAT=json")
	typed := p.slack.Slash("U0ALICE", "C0GENERAL", "/computeunits svco-48exxxa594 prepaid")
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if answer, err := typed.Reply(ctx); err != nil || !strings.Contains(answer.Plain(), "a0085162xxx9d19e58e") {
		t.Errorf("%v, %s", err, answer.Plain())
	}
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := p.Wait(); err != nil {
		t.Errorf("after SIGTERM: %v", err)
	}
	for line := range strings.Lines(p.errs.String()) {
		if !json.Valid([]byte(line)) {
			t.Errorf("not JSON: %s", line)
		}
	}
	if log := p.errs.String(); !strings.Contains(log, `"msg":"stopped"`) || strings.Contains(log, qianfantest.SecretKey) || strings.Contains(log, "xoxb-") {
		t.Errorf("the log: %s", log)
	}
}

func TestTheBinaryEndsWithASentenceWhenATokenIsRefused(t *testing.T) {
	p := start(t)
	p.slack.Inject(slacksim.Fault{Method: "apps.connections.open", Error: "token_revoked"})
	p.slack.Sever()
	err := p.Wait()
	if p.ProcessState.ExitCode() != 1 || !strings.Contains(p.errs.String(), "SLACK_APP_TOKEN is no longer valid; make a new one with the scope connections:write") {
		t.Errorf("%v: %s", err, p.errs)
	}
}

func TestTheLastWordsAreWrittenAsTheLogIs(t *testing.T) {
	for name, c := range map[string]struct {
		args  []string
		set   map[string]string
		wants []string
	}{
		"faults":  {nil, map[string]string{"NOTIFY_CHANNEL": "ops"}, []string{`"msg":"ended"`, `"faults":["SLACK_BOT_TOKEN is missing: `, `"NOTIFY_CHANNEL holds \"ops\"`}},
		"misuse":  {[]string{"sevre"}, nil, []string{`"error":"there is no command \"sevre\"`}},
		"failure": {[]string{"query", "svco-nope99"}, nil, []string{`"error":"Qianfan does not know this service.`}},
	} {
		_, environ := api(t)
		maps.Copy(environ, c.set)
		environ["LOG_FORMAT"] = "json\n"
		got := call(t, environ, "", c.args...)
		for line := range strings.Lines(got.errs) {
			if !json.Valid([]byte(line)) {
				t.Errorf("%s: not JSON: %s", name, line)
			}
		}
		for _, want := range c.wants {
			if !strings.Contains(got.errs, want) {
				t.Errorf("%s: nothing says %s in %s", name, want, got.errs)
			}
		}
	}
	p := start(t, "LOG_FORMAT=json")
	p.slack.Inject(slacksim.Fault{Method: "apps.connections.open", Error: "token_revoked"})
	p.slack.Sever()
	p.Wait()
	for line := range strings.Lines(p.errs.String()) {
		if !json.Valid([]byte(line)) {
			t.Errorf("not JSON: %s", line)
		}
	}
}

func TestWhatIsWatchedAndWhoMayIsLogged(t *testing.T) {
	p := start(t, "DATABASE_URL=sqlite://"+filepath.Join(t.TempDir(), "ledger.db"), "NOTIFY_CHANNEL=C0GPU", "NOTIFY_SERVICES=svco-48exxxa594=聊天，svco-7fq2xxk301",
		"ALLOW_USERS=U0ALICE, U0BOB", "NOTIFY_SOCKET=/run/notify")
	for len(p.slack.Calls("conversations.info")) == 0 { // by which it looks whether it can announce
		if t.Context().Err() != nil {
			t.Fatal("it never came to announcing")
		}
		time.Sleep(10 * time.Millisecond)
	}
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := p.Wait(); err != nil {
		t.Error(err)
	}
	for _, want := range []string{
		`msg=watching service=svco-48exxxa594 label=聊天 channel=C0GPU`, `msg=watching service=svco-7fq2xxk301`,
		`users="[U0ALICE U0BOB]"`, `variables=[NOTIFY_SOCKET]`,
	} {
		if !strings.Contains(p.errs.String(), want) {
			t.Errorf("nothing says %s in:\n%s", want, p.errs)
		}
	}
}

func TestTheImagesBuildPassesTheVersion(t *testing.T) {
	dockerfile, err := os.ReadFile("Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	_, flags, ok := strings.Cut(string(dockerfile), "go build ")
	_, flags, _ = strings.Cut(flags, "-ldflags ")
	flags, _, _ = strings.Cut(flags, " -o ")
	if !ok || flags == "" {
		t.Fatal("the Dockerfile builds the program in another way than this test knows")
	}
	binary := filepath.Join(t.TempDir(), "computeunits")
	build := exec.CommandContext(t.Context(), "sh", "-c", "go build -ldflags "+flags+" -o "+binary+" .")
	build.Env = append(os.Environ(), "VERSION=v1.2.3-built")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building: %v\n%s", err, out)
	}
	if out, err := exec.CommandContext(t.Context(), binary, "version").CombinedOutput(); err != nil || string(out) != "computeunits v1.2.3-built\n" {
		t.Errorf("%v: %s", err, out)
	}
}

func TestZonesAreEmbedded(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", ".").Output()
	if err != nil || !slices.Contains(strings.Fields(string(out)), "time/tzdata") {
		t.Errorf("where the machine has no zones, no NOTIFY_TIMEZONE is known: %v", err)
	}
}

func TestAVolumeThatBelongsToAnotherUser(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can run the program as the image's user")
	}
	binary := build(t)
	folder := t.TempDir()
	for path := folder; path != os.TempDir() && len(path) > 1; path = filepath.Dir(path) {
		if err := os.Chmod(path, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	c := exec.CommandContext(t.Context(), binary)
	c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65532, Gid: 65532}}
	c.Dir = folder
	c.Env = []string{"SLACK_BOT_TOKEN=xoxb-x", "SLACK_APP_TOKEN=xapp-x", "QIANFAN_ACCESS_KEY=a", "QIANFAN_SECRET_KEY=b", "NOTIFY_CHANNEL=C0GPU", "NOTIFY_SERVICES=svco-a"}
	out, _ := c.CombinedOutput()
	if want := "the file computeunits.db: permission denied: this process, user 65532, must be able to write to it and to its folder: chown -R 65532 " + folder; c.ProcessState.ExitCode() != 1 || !strings.Contains(string(out), want) {
		t.Errorf("it does not say %q: %s", want, out)
	}
}

func TestTheStepsOfCICanBeRunAlone(t *testing.T) {
	tools := t.TempDir() // a go that fails from the third call on
	script := "#!/bin/sh\necho \"go $*\" >>'" + tools + "/calls'\n[ $(wc -l <'" + tools + "/calls') -lt 3 ]\n"
	if err := os.WriteFile(filepath.Join(tools, "go"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	ci := func(args ...string) (string, int) {
		c := exec.CommandContext(t.Context(), ".ci/run", args...)
		c.Env = append(os.Environ(), "PATH="+tools+":"+os.Getenv("PATH"))
		out, err := c.CombinedOutput()
		if c.ProcessState == nil {
			t.Skip("there is no bash: ", err)
		}
		return string(out), c.ProcessState.ExitCode()
	}
	if out, code := ci("vet", "linting"); code != 2 || !strings.Contains(out, `there is no step "linting": tools format`) || strings.Contains(out, "== vet") {
		t.Errorf("exit code %d: %s", code, out)
	}
	if out, code := ci("vet", "tidy"); code != 0 || !strings.Contains(out, "== vet\n") || !strings.Contains(out, "\nvet ") || !strings.Contains(out, " s\ntidy ") {
		t.Errorf("exit code %d: %s", code, out)
	}
	out, code := ci("vet", "tidy")
	if code != 1 || strings.Contains(out, "== tidy") || !strings.Contains(out, "vet failed: mend what the lines above name; ") || !strings.HasSuffix(out, "; then .ci/run vet\n") {
		t.Errorf("exit code %d: %s", code, out)
	}
	out, _ = ci("help")
	for name := range strings.FieldsSeq(strings.NewReplacer("steps:", "", "; parts of tests:", "").Replace(out)) {
		if name == "tools" || name == "format" { // they do not call go, or not only
			continue
		}
		if out, _ := ci(name); !strings.Contains(out, name+" failed: ") {
			t.Errorf("the step %s is no step, or does not say what to do: %s", name, out)
		}
	}
}

func TestTheManifestIsWhatSlackTakesAndTheCodeNeeds(t *testing.T) {
	var app struct {
		Features struct {
			SlashCommands []struct {
				Command      string
				ShouldEscape bool `yaml:"should_escape"`
			} `yaml:"slash_commands"`
			AppHome struct {
				Home     bool `yaml:"home_tab_enabled"`
				Messages bool `yaml:"messages_tab_enabled"`
				ReadOnly bool `yaml:"messages_tab_read_only_enabled"`
			} `yaml:"app_home"`
		}
		OAuth struct {
			Scopes struct {
				Bot      []string
				Optional []string `yaml:"bot_optional"`
			}
		} `yaml:"oauth_config"`
		Settings struct {
			SocketMode    bool `yaml:"socket_mode_enabled"`
			Interactivity struct {
				Enabled bool `yaml:"is_enabled"`
			} `yaml:"interactivity"`
			Events struct {
				Bot []string `yaml:"bot_events"`
			} `yaml:"event_subscriptions"`
		}
	}
	if err := yaml.Unmarshal(manifest, &app); err != nil {
		t.Fatal(err)
	}
	if c := app.Features.SlashCommands; len(c) != 1 || c[0].Command != "/computeunits" || !c[0].ShouldEscape {
		t.Errorf("commands: %+v", c)
	}
	if !slices.Equal(app.OAuth.Scopes.Bot, bot.RequiredScopes()) {
		t.Errorf("the manifest grants %v, the code needs %v", app.OAuth.Scopes.Bot, bot.RequiredScopes())
	}
	if !slices.Equal(app.OAuth.Scopes.Optional, bot.OptionalScopes()) {
		t.Errorf("the manifest asks for the optional scopes %v, the code uses %v", app.OAuth.Scopes.Optional, bot.OptionalScopes())
	}
	if events := slices.Sorted(maps.Keys(bot.Events())); !slices.Equal(app.Settings.Events.Bot, events) {
		t.Errorf("the manifest subscribes to %v, the code hears %v", app.Settings.Events.Bot, events)
	}
	for event, scope := range bot.Events() {
		if scope != "" && !slices.Contains(append(bot.RequiredScopes(), bot.OptionalScopes()...), scope) {
			t.Errorf("%s does not arrive without the scope %s", event, scope)
		}
	}
	if home := app.Features.AppHome; !home.Home || !home.Messages || home.ReadOnly {
		t.Errorf("people could not open the Home or write to the bot: %+v", home)
	}
	if !app.Settings.SocketMode || !app.Settings.Interactivity.Enabled {
		t.Error("Socket Mode or interactivity is off")
	}

	schema, err := os.Open("../shared/data/slack-manifest.schema.json")
	if err != nil {
		t.Skip("the official schema is not here; the rest was checked")
	}
	defer schema.Close()
	document, err := jsonschema.UnmarshalJSON(schema)
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.UseRegexpEngine(lookahead) // the schema has patterns that RE2 has not
	if err := compiler.AddResource("manifest.json", document); err != nil {
		t.Fatal(err)
	}
	compiled, err := compiler.Compile("manifest.json")
	if err != nil {
		t.Fatal(err)
	}
	asJSON, err := yaml.YAMLToJSON(manifest)
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(asJSON))
	if err != nil {
		t.Fatal(err)
	}
	if err := compiled.Validate(value); err != nil {
		t.Error(err)
	}
}

type ecmaRegexp struct{ *regexp2.Regexp }

func (r ecmaRegexp) MatchString(s string) bool {
	ok, err := r.Regexp.MatchString(s)
	return err == nil && ok
}

func lookahead(pattern string) (jsonschema.Regexp, error) {
	r, err := regexp2.Compile(pattern, regexp2.ECMAScript)
	return ecmaRegexp{r}, err
}

// TestPackagesKeepToTheirPlace holds the rules of the structure: who may use whom.
// Data runs one way, from what arrives to what is sent; a use that is not listed is
// either a mistake or a change of the plan, which is made here, with its reason.
func TestPackagesKeepToTheirPlace(t *testing.T) {
	allowed := map[string]struct {
		uses string // packages of this module
		why  string
	}{
		".": {"bot bot/announce bot/chat bot/config bot/demo bot/messages notify notify/database notify/ledger qianfan", "builds the parts and runs them; the terminal draws by messages"},

		"qianfan": {"", "the API of one service; knows neither Slack nor reminders"},

		"notify":          {"notify/database notify/delivery notify/guard notify/ledger notify/plan qianfan", "joins what is decided, remembered and delivered"},
		"notify/plan":     {"qianfan", "decides by pure functions of what Qianfan says"},
		"notify/ledger":   {"notify/database notify/guard notify/plan qianfan", "keeps the types of plan by SQL"},
		"notify/delivery": {"notify/guard notify/ledger notify/plan", "delivers what the ledger holds"},
		"notify/database": {"notify/guard", "a transaction survives a panic in it"},
		"notify/guard":    {"", ""},

		"bot":             {"bot/action bot/chat bot/guard bot/home bot/interaction bot/messages bot/people bot/phrase bot/reply bot/slackapi bot/socket bot/views notify notify/ledger notify/plan qianfan", "wires the rooms"},
		"bot/socket":      {"bot/guard bot/interaction bot/slackapi", "knows Slack's protocol, and nothing of compute units"},
		"bot/interaction": {"notify/plan", "is what the audit records"},
		"bot/people":      {"bot/guard bot/interaction bot/phrase bot/slackapi notify/ledger notify/plan", "asks Slack and the ledger who somebody is"},
		"bot/chat":        {"bot/action bot/blocks bot/grammar bot/guard bot/interaction bot/messages bot/people bot/phrase bot/reply bot/slackapi bot/views notify notify/database notify/ledger notify/plan qianfan", "does what is asked for; only the bot uses it, and the Home for the rights and the clock"},
		"bot/home":        {"bot/action bot/chat bot/interaction bot/messages bot/people bot/phrase bot/reply bot/slackapi bot/views notify/database notify/plan", "shows what chat knows; chat does not know of it"},
		"bot/reply":       {"bot/blocks bot/interaction bot/messages bot/slackapi", "sends what is drawn, whatever it is about"},
		"bot/announce":    {"bot/blocks bot/messages bot/phrase bot/slackapi notify/delivery notify/plan", "is the delivery's sender"},
		"bot/slackapi":    {"bot/blocks", "cuts foreign text"},
		"bot/messages":    {"bot/action bot/blocks bot/grammar bot/phrase notify/plan qianfan", "draws facts; a line to type is grammar's"},
		"bot/views":       {"bot/action bot/blocks bot/grammar bot/messages bot/phrase notify/plan", "draws facts in larger frames"},
		"bot/action":      {"bot/blocks notify/plan qianfan", "carries what it is about, within Slack's limits"},
		"bot/blocks":      {"bot/phrase", "writes dates and numbers in a language"},
		"bot/phrase":      {"", "sentences"},
		"bot/grammar":     {"qianfan", "understands ids and payment timings"},
		"bot/guard":       {"", ""},
		"bot/config":      {"bot/messages bot/slackapi notify/database notify/plan qianfan", "checks settings by those who use them"},
		"bot/golden":      {"bot/slacksim/blockkit", "for tests: shows blocks as people read them"},

		"bot/demo":                   {"bot/phrase bot/slacksim bot/slacksim/blockkit notify notify/plan qianfan qianfan/qianfantest", "the whole bot between two simulated services"},
		"bot/slacksim":               {"bot/slacksim/blockkit", "an independent Slack shares no code with the bot"},
		"bot/slacksim/blockkit":      {"", "likewise"},
		"qianfan/qianfantest":        {"qianfan qianfan/qianfantest/memnet", "a simulated Qianfan with a client for it"},
		"qianfan/qianfantest/memnet": {"", ""},
		"notify/notifytest":          {"notify/plan qianfan", "for tests: databases, and what they begin with"},
		"notify/proof":               {"", "has tests only"},
	}
	foreign := map[string]string{ // who may use what of others
		"database/sql":         "notify/database notify/ledger notify/notifytest",
		"github.com/slack-go/": "bot",
		"github.com/gorilla/":  "bot/slackapi bot/socket bot/slacksim",
		"github.com/jackc/":    "notify/database notify/notifytest",
		"modernc.org/":         "notify/database",
		"testing":              "bot/golden notify/notifytest",
	}
	pure := strings.Fields("notify/plan bot/messages bot/views bot/blocks bot/action bot/phrase bot/grammar")
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		dir := filepath.ToSlash(filepath.Dir(path))
		rule, listed := allowed[dir]
		if !listed {
			t.Errorf("%s: the package %s stands in no rule", path, dir)
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, imported := range file.Imports {
			name, _ := strconv.Unquote(imported.Path.Value)
			if own, ok := strings.CutPrefix(name, "computeunits/"); ok && !slices.Contains(strings.Fields(rule.uses), own) {
				t.Errorf("%s must not use %s: %s %s", path, own, dir, rule.why)
			}
			for prefix, who := range foreign {
				if strings.HasPrefix(name, prefix) && !slices.ContainsFunc(strings.Fields(who), func(at string) bool { return below(path, at) }) {
					t.Errorf("%s must not use %s, which is for %s", path, name, who)
				}
			}
			if slices.Contains(pure, dir) && (name == "log/slog" || name == "os" || name == "context" && dir != "bot/messages") { // which explains deadlines
				t.Errorf("%s must not use %s: %s is pure", path, name, dir)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func below(path, dir string) bool {
	return dir == "." || strings.HasPrefix(filepath.ToSlash(path), dir+"/")
}

// BenchmarkServe drives the built program on loopback as fifty people do who
// ask without pause, with a Qianfan that takes 20 ms, and reports what an
// operator pays for. -benchtime 20000x is a good length.
func BenchmarkServe(b *testing.B) {
	p := start(b, "QIANFAN_MAX_RPS=0", "QIANFAN_MAX_CONCURRENT=0", "LOG_LEVEL=warn")
	opened := time.Since(p.started)
	p.qianfan.Latency = 20 * time.Millisecond
	const services = 500 // no two of the fifty ask the same at once
	for i := range services {
		p.qianfan.Set(fmt.Sprintf("svco-%08d", i), fiveInstances()...)
	}
	time.Sleep(time.Second) // until start-up's garbage is gone
	idle := p.memory(b)

	acks := make(chan time.Duration, b.N+1000)
	drive := func(n int) {
		var people sync.WaitGroup
		questions := make(chan int)
		for range 50 {
			people.Go(func() {
				for i := range questions {
					typed := p.slack.Slash("U0ALICE", "C0GENERAL", fmt.Sprintf("/computeunits svco-%08d prepaid", i%services))
					if _, err := typed.Reply(b.Context()); err != nil {
						b.Error(err)
						return
					}
					acks <- typed.AckedAfter()
				}
			})
		}
		for i := range n {
			questions <- i
		}
		close(questions)
		people.Wait()
	}
	drive(500)
	for len(acks) > 0 {
		<-acks
	}
	used := p.processorTime(b)
	b.ResetTimer()
	drive(b.N)
	b.StopTimer()
	close(acks)
	took := slices.Sorted(func(yield func(time.Duration) bool) {
		for d := range acks {
			if !yield(d) {
				return
			}
		}
	})
	b.ReportMetric(float64(opened.Microseconds())/1000, "open-ms")
	b.ReportMetric(float64(idle)/(1<<20), "idle-MiB")
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "answers/s")
	b.ReportMetric(float64((p.processorTime(b)-used).Microseconds())/1000/float64(b.N), "cpu-ms/answer")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "ack-p99-ms")
	b.ReportMetric(float64(p.memory(b))/(1<<20), "loaded-MiB")
}

func fiveInstances() (list []qianfantest.Instance) {
	for i := range 5 {
		list = append(list, qianfantest.Instance{
			ID: fmt.Sprintf("a0085162xxx9d19e58%d", i), PaymentTiming: "Prepaid", ReplicasCount: 5, Status: "Running",
			StartTime: "2026-11-01T10:00:00Z", ExpiredTime: fmt.Sprintf("2026-12-%02dT10:00:00Z", i+1),
		})
	}
	return list
}

// memory is what the program occupies now, in bytes.
func (p *program) memory(b *testing.B) int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", p.Process.Pid))
	if err != nil {
		b.Skip("no /proc here: ", err)
	}
	pages, _ := strconv.ParseInt(strings.Fields(string(text))[1], 10, 64)
	return pages * int64(os.Getpagesize())
}

// processorTime is what the program has used of the processors.
func (p *program) processorTime(b *testing.B) time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.Process.Pid))
	if err != nil {
		b.Skip("no /proc here: ", err)
	}
	_, after, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(after)
	user, _ := strconv.ParseInt(fields[11], 10, 64)
	system, _ := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * 10 * time.Millisecond // ticks of 1/100 s
}

// play types lines in the demo and returns what then stands on the screen.
func play(t *testing.T, lines ...string) string {
	t.Helper()
	t.Parallel() // most of the time of a demo is waiting
	got := call(t, nil, strings.Join(lines, "\n")+"\n", "demo")
	if got.code != 0 || got.errs != "" {
		t.Errorf("exit code %d, on standard error: %s", got.code, got.errs)
	}
	return got.out
}

// inOrder checks that a text says some things one after the other.
func inOrder(t *testing.T, text string, wants ...string) {
	t.Helper()
	rest := text
	for _, want := range wants {
		_, after, ok := strings.Cut(rest, want)
		if !ok {
			t.Fatalf("nothing says %q where it should, in:\n%s", want, text)
		}
		rest = after
	}
}

func TestANewcomerTriesTheDemo(t *testing.T) {
	out := play(t, "/computeunits svco-48exxxa594 prepaid", "", "hello", "svco-c0nexxb777 please", "press Prepaid",
		"/computeunits svco-48exxxa594 preprid", "/unheard of", "snooze a0085162xxx9d19e58e 3d", "break", "Quit", "never read")
	inOrder(t, out,
		"computeunits (#gpu-capacity, ", "the first in 1 day.", "• 🟡 *5 replicas* `a0085162xxx9d19e58e`",
		"[Acknowledge all] [Snooze all… ▾ 1 day | 3 days | 1 week | Until the next reminder] [Choose instances…]",
		" 09:00): What expires: ",
		"computeunits (only you see this): svco-48exxxa594: 6 prepaid instances",
		"• a0085162xxx9d19e58e: 🟢 Running, Prepaid, 5 replicas",
		"[Refresh]",
		"computeunits (direct message): Hello! I know what your compute units have",
		"Qianfan lists no instances for svco-c0nexxb777.",
		"Qianfan lists no prepaid instances for svco-c0nexxb777.",
		"computeunits (only you see this): ", "Did you mean /computeunits svco-48exxxa594 prepaid ?",
		"Slackbot (only you see this): ", "/unheard is not a valid command.",
		"computeunits (direct message): Snoozed the reminders of 1 instance.",
		"(Write what breaks: break qianfan, or break slack.)",
	)
	for _, wrong := range []string{" late", "U0ALICE", "C0GPU", "never read", "ago"} {
		if strings.Contains(strings.ReplaceAll(out, "less than a minute ago", ""), wrong) {
			t.Errorf("it says %q:\n%s", wrong, out)
		}
	}
}

func TestTheDemosButtonsMenusAndWindows(t *testing.T) {
	out := play(t, "help", "press services", "press what expires within 30d",
		"press snooze all", "press Snooze all… > 3 days", "press Acknowledge",
		"home", "press Watch settings…", "press chat prod > watch settings",
		"press Refresh", "fill colour red", "fill Label Chat, new", "fill When to remind 7 days before, 1 day before", "fill Owners @mei, bob",
		"fill Further reminders soon", "submit", "fill Further reminders 36h", "submit", "close", "submit",
		"home", "press svco-7fq2xxk301", "press Embeddings > Stop watching…", "submit", "close",
		"press Choose instances…", "submit", "close", "press open console")
	inOrder(t, out,
		"(direct message): I show the compute unit instances", "[services]",
		"(direct message): 2 services are watched:", "reminds in #gpu-capacity · watched by @alice",
		"(direct message): 🔴 *5 prepaid instances*",
		"(That is a menu. Write what you choose: press Snooze all… > 1 day",
		"Snoozed the reminders of 5 instances.",
		"(Nothing here has that name.",
		"computeunits (Home):", "[Watch a service…] [Refresh]", "[Chat prod ⋯ Show instances | Watch settings… | Stop watching…]",
		"[My language ▾ ✓ As in Slack | English | 简体中文]",
		"(Several have that. Write which:\n  press Chat prod > Watch settings…\n  press Embeddings > Watch settings…)",
		"computeunits (a window, only you see it):\nWatch a service", "  fill Label …", "  fill When to remind 30 days before | 14 days before |", "  submit, or close)",
		"(The window has nothing of that name",
		"(The window has no such field.",
		"(Label: Chat, new)", "(When to remind: 7 days before, 1 day before)", "(Owners: @mei, bob)",
		"Owners: [@mei, @bob ▾]", "! Further reminders: I do not understand “soon”.", "[Cancel] [Save]",
		"Saved. *Chat, new* (`svco-48exxxa594`) is watched like that from now on.", "(Type close when you have read it.)",
		"(The window is closed.)", "(No window is open.",
		"computeunits (Home):", "[Chat, new ⋯ ", "(Nothing here has that name.",
		"Shall I stop watching *Embeddings*", "(Type submit, or close.)", "Stopped watching *Embeddings* (`svco-7fq2xxk301`).", "(The window is closed.)",
		"Choose instances\n", "! Which instances: Please complete this required field.", "(The window is closed.)",
		"(The browser opens https://",
	)
}

func TestTheDemoLivesThroughTrouble(t *testing.T) {
	out := play(t, "Break Qianfan", "forward 30m", "home", "forward 2h", "/computeunits svco-48exxxa594", "mend qianfan",
		"break slack", "hello", "forward 1d", "mend", "renew 17d0e8b2xxx90c54fa3")
	inOrder(t, out,
		"(Qianfan cannot be read any more.", " 09:30 UTC now.)",
		"computeunits (Home):", "⚠️ 2 services could not be read", "0 of 2 services read",
		" 10:00): ⚠️ Qianfan could not be read for 2 services.", " 11:30 UTC now.)",
		"(only you see this): Qianfan has trouble answering",
		" 11:30): ✅ Qianfan can be read again: 2 services.", "(Qianfan can be read again.)",
		"(Slack cannot be reached any more.", "(Slack cannot be reached, so nobody can write", " 11:30 UTC now.)",
		"*4 replicas* of *Chat prod* (`svco-48exxxa594`) stopped", "⏱️ 2 hours late: Slack could not be reached.",
		"What expires: ", "⏱️ 2 hours late: Slack could not be reached.", "(Everything can be reached.)",
		"renewed until", "edited): ", "(17d0e8b2xxx90c54fa3 was renewed until ",
	)
	if strings.Contains(out, "not running") {
		t.Errorf("the bot was running all the time:\n%s", out)
	}
}

func TestTimePassesInTheDemo(t *testing.T) {
	out := play(t, "forward 3d", "press Acknowledge all", "forward 60d")
	inOrder(t, out,
		" 08:55): 🔴 *4 replicas* of *Chat prod* (`svco-48exxxa594`) stop now,", " 09:00): What expires: ",
		" 08:55): 🔴 ", "*8 replicas* of *Chat prod* (`svco-48exxxa594`) stop 20", ", in 1 day.", " 09:00): What expires: ",
		" 08:55): 🔴 ", " 09:00): What expires: ",
		" 09:00 UTC now.)", "Acknowledged: ",
		" 08:55): ", " 08:55): ", "(So long a time goes by in leaps: ", " 09:00 UTC now.)",
	)
	if strings.Contains(out, " late") {
		t.Errorf("something is late:\n%s", out)
	}
}

func TestTheDemoInChinese(t *testing.T) {
	out := play(t, "as nobody", "as Mei", "7 天内到期", "帮助", "press 关注列表", "/computeunits svco-48exxxa594 预付费",
		"as alice", "home", "press My language > 简体中文", "下一个到期", "press Embeddings > 关注设置…", "fill 名称 向量", "submit")
	inOrder(t, out,
		"(Write who you are: as alice, as bob, or as mei", "(You are @mei now.)",
		"(direct message): 🔴 1 个服务的 *3 个预付费实例*", "(direct message): 我可以查看千帆服务", "(direct message): ", "提醒发到 #gpu-capacity · 由 @alice 关注",
		"(only you see this): svco-48exxxa594：6 个预付费实例",
		"(You are @alice now.)", "Compute units of Qianfan", "千帆算力单元", "[我使用的语言 ▾ 与 Slack 一致 | English | ✓ 简体中文]",
		"(direct message): ", "还剩",
		"关注服务", "  fill 名称 …", "(名称: 向量)", "已保存，*向量*",
	)
}
