package config

import (
	"strings"
	"unicode"
)

// trim takes away what surrounds a setting in a file or a template: white space,
// a byte order mark, and spaces of no width.
func trim(value string) string { return strings.TrimFunc(value, isBlank) }

func isBlank(r rune) bool { return unicode.IsSpace(r) || r == '\ufeff' || r == '\u200b' }

// secretFault says why a token or key cannot be one, whichever it is: all of them
// are visible ASCII. "" when it may be.
func secretFault(setting, value string) string {
	if strings.ContainsFunc(value, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return setting + " contains white space or characters that no token or key has: copy it again, in one piece"
	}
	return ""
}

// token is a setting that holds a token of Slack.
type token struct {
	setting, value string
	prefix         string
	missing        string // where to get one
	other          string // the setting of the other token, and
	otherPrefix    string // what that begins with
	otherKind      string
}

// fault says why Slack would not take a token; "" when it may.
func (t token) fault() string {
	switch {
	case t.value == "":
		return t.setting + " is missing: " + t.missing
	case strings.HasPrefix(t.value, t.otherPrefix):
		return t.setting + " holds " + t.otherKind + " (" + t.otherPrefix + "), which belongs into " + t.other + "; this one begins with " + t.prefix
	case strings.HasPrefix(t.value, "xoxe"):
		return t.setting + " holds a rotating token (xoxe), which ends after some hours: token rotation cannot be turned off again, so make the app anew from the manifest, which leaves it off"
	case !strings.HasPrefix(t.value, t.prefix):
		return t.setting + " does not begin with " + t.prefix + ": " + t.missing
	case t.value == t.prefix:
		return t.setting + " is not all of the token: " + t.missing
	}
	return secretFault(t.setting, t.value)
}

func (c *Config) tokenFaults() (faults []string) {
	if strings.HasPrefix(c.BotToken, "xapp-") && strings.HasPrefix(c.AppToken, "xoxb-") {
		return []string{"SLACK_BOT_TOKEN and SLACK_APP_TOKEN are swapped: the bot token begins with xoxb-, the app-level token with xapp-"}
	}
	for _, t := range []token{
		{"SLACK_BOT_TOKEN", c.BotToken, "xoxb-", "the app's page in Slack shows it under OAuth & Permissions (it begins with xoxb-)",
			"SLACK_APP_TOKEN", "xapp-", "an app-level token"},
		{"SLACK_APP_TOKEN", c.AppToken, "xapp-", "make an app-level token with the scope connections:write under Basic Information (it begins with xapp-)",
			"SLACK_BOT_TOKEN", "xoxb-", "a bot token"},
	} {
		if fault := t.fault(); fault != "" {
			faults = append(faults, fault)
		}
	}
	return faults
}
