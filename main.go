// Computeunits answers in Slack which compute unit instances a Qianfan service
// has and when they expire.
//
// This file joins the parts: it reads the environment and the command line,
// and turns what they ask for into calls of qianfan and bot. Everything that
// decides anything is there.
package main

import (
	"cmp"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/url"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/caarlos0/env/v11"

	"computeunits/bot"
	"computeunits/bot/demo"
	"computeunits/qianfan"
)

//go:embed manifest.yml
var manifest []byte

const usage = `computeunits answers in Slack which compute unit instances a Qianfan
service has and when they expire.

  computeunits                    serve: answer people in Slack
  computeunits query SERVICE [prepaid|postpaid] [--json]
                                  the same answer in this terminal, without Slack
  computeunits demo               try it: Slack and Qianfan are simulated here
  computeunits version
  computeunits help

Settings come from the environment; README.md lists them all. To serve it needs
SLACK_BOT_TOKEN, SLACK_APP_TOKEN, QIANFAN_ACCESS_KEY and QIANFAN_SECRET_KEY; to
query, the last two.
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	if os.Getenv("GOGC") == "" {
		// A few MiB live and tens of KiB a question: collecting at twice the
		// heap, as is usual, would take a fifth of the processor time.
		debug.SetGCPercent(400)
	}
	os.Exit(run(ctx, os.Args[1:], env.ToMap(os.Environ()), os.Stdin, os.Stdout, os.Stderr))
}

// run is the program. It returns the exit code: 0 done, 1 failed, 2 called or
// configured wrongly.
func run(ctx context.Context, args []string, environ map[string]string, in io.Reader, out, errs io.Writer) int {
	command := "serve"
	if len(args) > 0 {
		command, args = args[0], args[1:]
	}
	var err error
	switch command {
	case "serve":
		err = serve(ctx, environ, errs)
	case "query":
		err = query(ctx, args, environ, out, errs)
	case "demo":
		err = runDemo(ctx, environ, in, out, errs)
	case "version":
		fmt.Fprintln(out, "computeunits", version())
	case "help", "-h", "-help", "--help":
		fmt.Fprint(out, usage)
	default:
		err = misuse(fmt.Sprintf("there is no command %q; computeunits help lists them", command))
	}
	if err == nil {
		return 0
	}
	fmt.Fprintln(errs, "computeunits:", err)
	if _, ok := errors.AsType[misuse](err); ok {
		return 2
	}
	return 1
}

// misuse is an error in how the program was called or configured.
type misuse string

func (m misuse) Error() string { return string(m) }

// serve answers people in Slack until ctx is done.
func serve(ctx context.Context, environ map[string]string, logTo io.Writer) error {
	c, err := parseConfig(environ, true)
	if err != nil {
		return err
	}
	log := c.logger(logTo)
	units := c.units(log)
	defer units.Close()
	log.Info("starting", "version", version())
	b := &bot.Bot{BotToken: c.BotToken, AppToken: c.AppToken, APIURL: c.APIURL, Units: units, Logger: log}
	if err := b.Run(ctx); err != nil {
		return err
	}
	log.Info("stopped")
	return nil
}

// query prints one answer.
func query(ctx context.Context, args []string, environ map[string]string, out, logTo io.Writer) error {
	plain := slices.DeleteFunc(slices.Clone(args), func(a string) bool { return a == "--json" || a == "-json" })
	q, err := bot.Parse(strings.Join(plain, " "))
	if err != nil {
		return misuse(strings.NewReplacer("/computeunits help", "computeunits help", "/computeunits", "computeunits query").Replace(err.Error()))
	}
	if q.ServiceID == "" {
		return misuse("which service? computeunits query SERVICE [prepaid|postpaid] [--json]")
	}
	c, err := parseConfig(environ, false)
	if err != nil {
		return err
	}
	units := c.units(c.logger(logTo))
	defer units.Close()
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	reading, err := units.ComputeUnits(ctx, q)
	if err != nil {
		return fmt.Errorf("%s\n(%w)", bot.Explain(err), err)
	}
	answer := bot.NewAnswer(q, reading)
	if len(plain) < len(args) {
		enc := json.NewEncoder(out)
		enc.SetIndent("", "  ")
		return enc.Encode(answer)
	}
	_, err = fmt.Fprintln(out, answer.Plain(time.Local))
	return err
}

// runDemo serves against simulators, with the settings that lead to them.
func runDemo(ctx context.Context, environ map[string]string, in io.Reader, out, logTo io.Writer) error {
	return demo.Run(ctx, manifest, in, out, func(ctx context.Context, settings map[string]string) error {
		all := map[string]string{"LOG_LEVEL": "warn"} // the prompt is for people
		for name := range maps.Keys(environ) {
			if strings.HasPrefix(name, "LOG_") {
				all[name] = environ[name]
			}
		}
		maps.Copy(all, settings)
		return serve(ctx, all, logTo)
	})
}

// config is every setting. Secrets have no default, are never printed, and are
// not looked at beyond their first characters.
type config struct {
	BotToken      string     `env:"SLACK_BOT_TOKEN"`
	AppToken      string     `env:"SLACK_APP_TOKEN"`
	APIURL        string     `env:"SLACK_API_URL" envDefault:"https://slack.com/api/"`
	AccessKey     string     `env:"QIANFAN_ACCESS_KEY"`
	SecretKey     string     `env:"QIANFAN_SECRET_KEY"`
	SessionToken  string     `env:"QIANFAN_SESSION_TOKEN"`
	BaseURL       string     `env:"QIANFAN_CONSOLE_API_BASE_URL"`
	BaseURLAlias  string     `env:"QIANFAN_CONSOLE_BASE_URL"`
	MaxRPS        float64    `env:"QIANFAN_MAX_RPS" envDefault:"5"`
	MaxConcurrent int        `env:"QIANFAN_MAX_CONCURRENT" envDefault:"3"`
	LogLevel      slog.Level `env:"LOG_LEVEL" envDefault:"info"`
	LogFormat     string     `env:"LOG_FORMAT" envDefault:"text"`
}

// unreadable says what a setting must be that could not be read as its type.
// The value itself is not repeated: it may be a secret in the wrong place.
var unreadable = map[string]string{
	"MaxRPS":        "QIANFAN_MAX_RPS must be a number, such as 5 or 0.5; 0 means no limit",
	"MaxConcurrent": "QIANFAN_MAX_CONCURRENT must be a whole number; 0 means no limit",
	"LogLevel":      "LOG_LEVEL must be debug, info, warn or error",
}

// parseConfig reads the settings from environ and names all their faults at
// once. What only Slack needs is required only when slack is true.
func parseConfig(environ map[string]string, slack bool) (config, error) {
	var c config
	var faults []string
	// A setting that is there but empty, as in a copied template, is not set.
	set := maps.Clone(environ)
	maps.DeleteFunc(set, func(_, value string) bool { return strings.TrimSpace(value) == "" })
	if err := env.ParseWithOptions(&c, env.Options{Environment: set}); err != nil {
		all, ok := errors.AsType[env.AggregateError](err)
		if !ok {
			return c, fmt.Errorf("reading the settings: %w", err)
		}
		for _, e := range all.Errors {
			parse, ok := errors.AsType[env.ParseError](e)
			if !ok {
				return c, fmt.Errorf("reading the settings: %w", e)
			}
			faults = append(faults, unreadable[parse.Name])
		}
	}
	c.BaseURL = cmp.Or(c.BaseURL, c.BaseURLAlias)
	if slack {
		faults = append(faults, c.slackFaults()...)
	}
	faults = append(faults, c.qianfanFaults()...)
	if c.LogFormat != "text" && c.LogFormat != "json" {
		faults = append(faults, "LOG_FORMAT must be text or json")
	}
	switch len(faults) {
	case 0:
		return c, nil
	case 1:
		return c, misuse(faults[0])
	default:
		return c, misuse("the settings have these faults:\n  - " + strings.Join(faults, "\n  - "))
	}
}

func (c config) slackFaults() (faults []string) {
	switch {
	case strings.HasPrefix(c.BotToken, "xapp-") && strings.HasPrefix(c.AppToken, "xoxb-"):
		return []string{"SLACK_BOT_TOKEN and SLACK_APP_TOKEN are swapped: the bot token begins with xoxb-, the app-level token with xapp-"}
	case c.BotToken == "":
		faults = append(faults, "SLACK_BOT_TOKEN is missing: the app's page in Slack shows it under OAuth & Permissions (it begins with xoxb-)")
	case strings.HasPrefix(c.BotToken, "xapp-"):
		faults = append(faults, "SLACK_BOT_TOKEN holds an app-level token (xapp-), which belongs into SLACK_APP_TOKEN; the bot token begins with xoxb-")
	}
	switch {
	case c.AppToken == "":
		faults = append(faults, "SLACK_APP_TOKEN is missing: make an app-level token with the scope connections:write under Basic Information (it begins with xapp-)")
	case strings.HasPrefix(c.AppToken, "xoxb-"):
		faults = append(faults, "SLACK_APP_TOKEN holds a bot token (xoxb-), which belongs into SLACK_BOT_TOKEN; the app-level token begins with xapp-")
	}
	if !isURL(c.APIURL) {
		faults = append(faults, "SLACK_API_URL must be an address such as "+bot.DefaultAPIURL)
	}
	return faults
}

func (c config) qianfanFaults() (faults []string) {
	missing := false
	for name, value := range map[string]string{"QIANFAN_ACCESS_KEY": c.AccessKey, "QIANFAN_SECRET_KEY": c.SecretKey} {
		if value == "" {
			missing = true
			faults = append(faults, name+" is missing: Qianfan's console shows a pair of keys for an IAM user under Access Keys")
		}
	}
	slices.Sort(faults)
	if err := qianfan.CheckKey(c.AccessKey, c.SecretKey); err != nil && !missing {
		faults = append(faults, "QIANFAN_ACCESS_KEY and QIANFAN_SECRET_KEY: "+err.Error())
	}
	if c.BaseURL != "" && !isURL(c.BaseURL) {
		faults = append(faults, "QIANFAN_CONSOLE_API_BASE_URL must be an address such as https://qianfan.baidubce.com")
	}
	if c.MaxRPS < 0 || c.MaxRPS != c.MaxRPS {
		faults = append(faults, unreadable["MaxRPS"])
	}
	if c.MaxConcurrent < 0 {
		faults = append(faults, unreadable["MaxConcurrent"])
	}
	return faults
}

func isURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}

func (c config) units(log *slog.Logger) *qianfan.Client {
	return &qianfan.Client{
		AccessKey: c.AccessKey, SecretKey: c.SecretKey, SessionToken: c.SessionToken,
		BaseURL: c.BaseURL, MaxRPS: c.MaxRPS, MaxConcurrent: c.MaxConcurrent, Logger: log,
	}
}

func (c config) logger(w io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: c.LogLevel}
	if c.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}

// builtAs is set by the linker where the build knows its version better than
// the module does, as in the Dockerfile.
var builtAs string

// version is what the build recorded: a tag, or the commit.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return cmp.Or(builtAs, "unknown")
	}
	return cmp.Or(builtAs, info.Main.Version)
}
