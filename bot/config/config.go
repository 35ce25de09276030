// Package config reads the settings of the program from its environment and
// names all their faults at once, in sentences that say what to do. Secrets
// have no default, are never printed, and are not looked at beyond their first
// characters.
package config

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/url"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"

	"computeunits/bot"
	"computeunits/bot/messages"
	"computeunits/notify"
	"computeunits/qianfan"
)

// Config is every setting. README.md explains each.
type Config struct {
	BotToken   string `env:"SLACK_BOT_TOKEN"`
	AppToken   string `env:"SLACK_APP_TOKEN"`
	APIURL     string `env:"SLACK_API_URL" envDefault:"https://slack.com/api/"`
	ConsoleURL string `env:"QIANFAN_CONSOLE_URL"`

	AccessKey     string  `env:"QIANFAN_ACCESS_KEY"`
	SecretKey     string  `env:"QIANFAN_SECRET_KEY"`
	SessionToken  string  `env:"QIANFAN_SESSION_TOKEN"`
	BaseURL       string  `env:"QIANFAN_CONSOLE_API_BASE_URL"`
	BaseURLAlias  string  `env:"QIANFAN_CONSOLE_BASE_URL"`
	MaxRPS        float64 `env:"QIANFAN_MAX_RPS" envDefault:"5"`
	MaxConcurrent int     `env:"QIANFAN_MAX_CONCURRENT" envDefault:"3"`

	DatabaseURL string        `env:"DATABASE_URL" envDefault:"sqlite://computeunits.db"`
	Channel     string        `env:"NOTIFY_CHANNEL"`
	Services    string        `env:"NOTIFY_SERVICES"`
	Before      string        `env:"NOTIFY_BEFORE" envDefault:"30d,14d,7d,3d,1d,0d,-1d,-6d"`
	CheckEvery  time.Duration `env:"NOTIFY_CHECK_EVERY" envDefault:"10m"`
	Lease       time.Duration `env:"NOTIFY_LEASE" envDefault:"45s"`
	DigestCron  string        `env:"NOTIFY_DIGEST_CRON" envDefault:"0 9 * * *"`
	Timezone    string        `env:"NOTIFY_TIMEZONE" envDefault:"Asia/Shanghai"`
	AllClear    string        `env:"NOTIFY_ALL_CLEAR" envDefault:"weekly"`
	Language    string        `env:"NOTIFY_LANGUAGE" envDefault:"en"`

	AllowUsers      []string `env:"ALLOW_USERS"`
	AllowUserGroups []string `env:"ALLOW_USER_GROUPS"`
	AllowChannels   []string `env:"ALLOW_CHANNELS"`

	LogLevel  slog.Level `env:"LOG_LEVEL" envDefault:"info"`
	LogFormat string     `env:"LOG_FORMAT" envDefault:"text"`

	// Notify is what the NOTIFY_ settings mean. Without a channel nothing is
	// announced.
	Notify notify.Settings `env:"-"`
}

// unreadable says what a setting must be that could not be read as its type.
// The value itself is not repeated: it may be a secret in the wrong place.
var unreadable = map[string]string{
	"MaxRPS":        "QIANFAN_MAX_RPS must be a number, such as 5 or 0.5; 0 means no limit",
	"MaxConcurrent": "QIANFAN_MAX_CONCURRENT must be a whole number; 0 means no limit",
	"CheckEvery":    "NOTIFY_CHECK_EVERY must be a duration, such as 10m",
	"Lease":         "NOTIFY_LEASE must be a duration, such as 45s",
	"LogLevel":      "LOG_LEVEL must be debug, info, warn or error",
}

// Serving reads the settings that serving needs: all of them.
func Serving(environ map[string]string) (Config, error) {
	return parse(environ, (*Config).slackFaults, (*Config).qianfanFaults, (*Config).notifyFaults, (*Config).logFaults)
}

// Asking reads the settings that a question in the terminal needs.
func Asking(environ map[string]string) (Config, error) {
	return parse(environ, (*Config).qianfanFaults, (*Config).logFaults)
}

func parse(environ map[string]string, checks ...func(*Config) []string) (Config, error) {
	var c Config
	// A setting that is there but empty, as in a copied template, is not set.
	set := maps.Clone(environ)
	maps.DeleteFunc(set, func(_, value string) bool { return strings.TrimSpace(value) == "" })
	faults, err := misread(env.ParseWithOptions(&c, env.Options{Environment: set}))
	if err != nil {
		return c, fmt.Errorf("reading the settings: %w", err)
	}
	c.BaseURL = cmp.Or(c.BaseURL, c.BaseURLAlias)
	for _, check := range checks {
		faults = also(faults, check(&c))
	}
	switch len(faults) {
	case 0:
		return c, nil
	case 1:
		return c, errors.New(faults[0])
	default:
		return c, errors.New("the settings have these faults:\n  - " + strings.Join(faults, "\n  - "))
	}
}

// misread turns what env could not read into sentences.
func misread(err error) (faults []string, _ error) {
	if err == nil {
		return nil, nil
	}
	all, ok := errors.AsType[env.AggregateError](err)
	if !ok {
		return nil, err
	}
	for _, e := range all.Errors {
		parse, ok := errors.AsType[env.ParseError](e)
		if !ok {
			return nil, e
		}
		faults = append(faults, unreadable[parse.Name])
	}
	return faults, nil
}

// Units is the client of Qianfan that these settings describe.
func (c Config) Units(log *slog.Logger) *qianfan.Client {
	return &qianfan.Client{
		AccessKey: c.AccessKey, SecretKey: c.SecretKey, SessionToken: c.SessionToken,
		BaseURL: c.BaseURL, MaxRPS: c.MaxRPS, MaxConcurrent: c.MaxConcurrent, Logger: log,
	}
}

// Logger writes the log as these settings want it.
func (c Config) Logger(w io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: c.LogLevel}
	if c.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}

func (c *Config) slackFaults() (faults []string) {
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
	if c.ConsoleURL != "" && !isURL(c.ConsoleURL) {
		faults = append(faults, "QIANFAN_CONSOLE_URL must be an address such as "+messages.DefaultConsoleURL)
	}
	return faults
}

func (c *Config) qianfanFaults() (faults []string) {
	missing := false
	for _, key := range []struct{ name, value string }{{"QIANFAN_ACCESS_KEY", c.AccessKey}, {"QIANFAN_SECRET_KEY", c.SecretKey}} {
		if key.value == "" {
			missing = true
			faults = append(faults, key.name+" is missing: Qianfan's console shows a pair of keys for an IAM user under Access Keys")
		}
	}
	if err := qianfan.CheckKey(c.AccessKey, c.SecretKey); err != nil && !missing {
		faults = append(faults, "QIANFAN_ACCESS_KEY and QIANFAN_SECRET_KEY: "+err.Error())
	}
	if err := qianfan.CheckBaseURL(c.BaseURL); err != nil {
		faults = append(faults, "QIANFAN_CONSOLE_API_BASE_URL must be an address such as "+qianfan.DefaultBaseURL+": "+err.Error())
	}
	if c.MaxRPS < 0 || c.MaxRPS != c.MaxRPS {
		faults = append(faults, unreadable["MaxRPS"])
	}
	if c.MaxConcurrent < 0 {
		faults = append(faults, unreadable["MaxConcurrent"])
	}
	return faults
}

func (c *Config) logFaults() []string {
	if c.LogFormat != "text" && c.LogFormat != "json" {
		return []string{"LOG_FORMAT must be text or json"}
	}
	return nil
}

func isURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}
