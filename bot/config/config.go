// Package config reads the settings of the program from its environment and
// names all their faults at once, in sentences that say what to do. Secrets
// have no default, are never printed, and are looked at only for their first
// characters and for what no secret contains.
//
// Nothing that was written is passed over in silence: white space around a
// value is none of it, whatever cannot be what it should be is a fault, and a
// variable that is named almost like a setting is one as well. So what is not
// refused at start is what the person meant.
package config

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"

	"computeunits/bot/messages"
	"computeunits/bot/slackapi"
	"computeunits/notify/plan"
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

	AllowUsers      list `env:"ALLOW_USERS"`
	AllowUserGroups list `env:"ALLOW_USER_GROUPS"`
	AllowChannels   list `env:"ALLOW_CHANNELS"`

	// PlainHTTP lets the addresses of APIs be http:// on other hosts than this one.
	PlainHTTP bool `env:"ALLOW_PLAIN_HTTP"`

	LogLevel  slog.Level `env:"LOG_LEVEL" envDefault:"info"`
	LogFormat string     `env:"LOG_FORMAT" envDefault:"text"`

	// Notify is what the NOTIFY_ settings mean. Without a channel nothing is
	// announced.
	Notify plan.Settings `env:"-"`

	// Strangers are variables that begin as settings do and are none, by name.
	Strangers []string `env:"-"`
}

// Faults are what is wrong with the settings, each a sentence that begins with
// the name of one.
type Faults []string

// Error lists the faults.
func (f Faults) Error() string {
	if len(f) == 1 {
		return f[0]
	}
	return "the settings have these faults:\n  - " + strings.Join(f, "\n  - ")
}

// unreadable says what a setting must be that could not be read as its type.
// The value itself is not repeated: it may be a secret in the wrong place.
var unreadable = map[string]string{
	"MaxRPS":        "QIANFAN_MAX_RPS must be a number, such as 5 or 0.5; 0 means no limit",
	"MaxConcurrent": "QIANFAN_MAX_CONCURRENT must be a whole number; 0 means no limit",
	"CheckEvery":    "NOTIFY_CHECK_EVERY must be a duration, such as 10m",
	"Lease":         "NOTIFY_LEASE must be a duration, such as 45s",
	"PlainHTTP":     "ALLOW_PLAIN_HTTP must be true or false",
	"LogLevel":      "LOG_LEVEL must be debug, info, warn or error",
}

// Serving reads the settings that serving needs: all of them. The error is
// Faults.
func Serving(environ map[string]string) (Config, error) {
	c, set, faults, err := read(environ)
	if err != nil {
		return c, err
	}
	var misnamings []string
	misnamings, c.Strangers = misnamed(environ)
	for _, more := range [][]string{misnamings, c.slackFaults(), c.accessFaults(set), c.qianfanFaults(), c.notifyFaults(), c.logFaults(), proxyFaults(set)} {
		faults = also(faults, more)
	}
	return c, faults.err()
}

// Asking reads the settings that a question in the terminal needs. The error is
// Faults.
func Asking(environ map[string]string) (Config, error) {
	c, set, faults, err := read(environ)
	if err != nil {
		return c, err
	}
	for _, more := range [][]string{c.qianfanFaults(), c.logFaults(), proxyFaults(set)} {
		faults = also(faults, more)
	}
	return c, faults.err()
}

func (f Faults) err() error {
	if len(f) == 0 {
		return nil
	}
	return f
}

// read makes a Config of the environment. A setting that is there but empty, as
// in a copied template, is not set.
func read(environ map[string]string) (c Config, set map[string]string, faults Faults, err error) {
	set = make(map[string]string, len(environ))
	for name, value := range environ {
		if value = trim(value); value != "" {
			set[name] = value
		}
	}
	faults, err = misread(env.ParseWithOptions(&c, env.Options{Environment: set}))
	if err != nil {
		return c, nil, nil, fmt.Errorf("reading the settings: %w", err)
	}
	c.BaseURL = cmp.Or(c.BaseURL, c.BaseURLAlias)
	return c, set, faults, nil
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

// LogsJSON reports whether the log is to be JSON, whatever else is wrong with
// the settings.
func LogsJSON(environ map[string]string) bool { return trim(environ["LOG_FORMAT"]) == "json" }

// Announce logs what the settings come to where a mistake would show only when
// it hurts: who may change something, and what is in the environment to no end.
func (c Config) Announce(log *slog.Logger) {
	if len(c.AllowUsers)+len(c.AllowUserGroups)+len(c.AllowChannels) == 0 {
		log.Info("every member of the workspace may change what is watched and reminded of; ALLOW_USERS, ALLOW_USER_GROUPS and ALLOW_CHANNELS would say who")
	} else {
		log.Info("only some may change what is watched and reminded of", "users", c.AllowUsers, "user_groups", c.AllowUserGroups, "in_channels", c.AllowChannels)
	}
	if len(c.Strangers) > 0 {
		log.Warn("these variables begin as settings do and are none: nothing reads them", "variables", c.Strangers)
	}
}

func (c *Config) slackFaults() []string {
	faults := c.tokenFaults()
	if !isURL(c.APIURL) {
		faults = append(faults, "SLACK_API_URL must be an address such as "+slackapi.DefaultURL)
	} else if c.inTheClear(c.APIURL) {
		faults = append(faults, "SLACK_API_URL sends tokens and messages unencrypted"+plainRemedy)
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
	for _, key := range []struct{ name, value string }{{"QIANFAN_ACCESS_KEY", c.AccessKey}, {"QIANFAN_SECRET_KEY", c.SecretKey}, {"QIANFAN_SESSION_TOKEN", c.SessionToken}} {
		switch fault := secretFault(key.name, key.value); {
		case strings.HasPrefix(key.value, "xox"), strings.HasPrefix(key.value, "xapp-"):
			faults = append(faults, key.name+" holds a token of Slack: Qianfan's console shows a pair of keys for an IAM user under Access Keys")
		case fault != "":
			faults = append(faults, fault)
		}
	}
	if err := qianfan.CheckKey(c.AccessKey, c.SecretKey); err != nil && !missing && len(faults) == 0 {
		faults = append(faults, "QIANFAN_ACCESS_KEY and QIANFAN_SECRET_KEY: "+err.Error())
	}
	if err := qianfan.CheckBaseURL(c.BaseURL); err != nil {
		faults = append(faults, "QIANFAN_CONSOLE_API_BASE_URL must be an address such as "+qianfan.DefaultBaseURL+": "+err.Error())
	} else if c.inTheClear(c.BaseURL) {
		faults = append(faults, "QIANFAN_CONSOLE_API_BASE_URL sends signed requests unencrypted"+plainRemedy)
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

const plainRemedy = ": write https://, or set ALLOW_PLAIN_HTTP=true if nobody can listen on the way"

// inTheClear reports whether what is sent to an address can be read on its way,
// which nobody has allowed. What stays within this host cannot.
func (c *Config) inTheClear(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" || c.PlainHTTP {
		return false
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return !strings.EqualFold(u.Hostname(), "localhost") && (err != nil || !ip.IsLoopback())
}
