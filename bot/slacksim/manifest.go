package slacksim

import (
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

// manifest is what the simulation enforces of an app manifest
// (https://docs.slack.dev/reference/app-manifest).
type manifest struct {
	name        string // of the bot user
	commands    map[string]command
	events      map[string]bool
	scopes      []string // granted to the bot token, sorted
	socketMode  bool
	homeTab     bool
	interactive bool // presses and submissions reach the app
	messagesTab bool // people may open a direct message with the app
	readOnlyTab bool // ... but not write in it
}

// command is one declared slash command.
type command struct {
	escape bool // mentions arrive as <@U1|name>
}

// manifestFile is the part of the YAML file that is read.
type manifestFile struct {
	Display struct {
		Name string `yaml:"name"`
	} `yaml:"display_information"`
	Features struct {
		AppHome struct {
			HomeTab     bool `yaml:"home_tab_enabled"`
			MessagesTab bool `yaml:"messages_tab_enabled"`
			ReadOnly    bool `yaml:"messages_tab_read_only_enabled"`
		} `yaml:"app_home"`
		BotUser struct {
			Name string `yaml:"display_name"`
		} `yaml:"bot_user"`
		Commands []struct {
			Command string `yaml:"command"`
			Escape  bool   `yaml:"should_escape"`
		} `yaml:"slash_commands"`
	} `yaml:"features"`
	OAuth struct {
		Scopes struct {
			Bot      []string `yaml:"bot"`
			Optional []string `yaml:"bot_optional"`
		} `yaml:"scopes"`
	} `yaml:"oauth_config"`
	Settings struct {
		Events struct {
			Bot []string `yaml:"bot_events"`
		} `yaml:"event_subscriptions"`
		Interactivity struct {
			Enabled bool `yaml:"is_enabled"`
		} `yaml:"interactivity"`
		SocketMode bool `yaml:"socket_mode_enabled"`
	} `yaml:"settings"`
}

func parseManifest(text []byte, declined []string) (manifest, error) {
	var f manifestFile
	if err := yaml.Unmarshal(text, &f); err != nil {
		return manifest{}, fmt.Errorf("reading the app manifest: %w", err)
	}
	if f.Display.Name == "" {
		return manifest{}, fmt.Errorf("reading the app manifest: display_information.name is missing")
	}
	m := manifest{
		name:        f.Features.BotUser.Name,
		commands:    map[string]command{},
		events:      map[string]bool{},
		socketMode:  f.Settings.SocketMode,
		homeTab:     f.Features.AppHome.HomeTab,
		interactive: f.Settings.Interactivity.Enabled,
		messagesTab: f.Features.AppHome.MessagesTab,
		readOnlyTab: f.Features.AppHome.ReadOnly,
	}
	if m.name == "" {
		m.name = f.Display.Name
	}
	for _, c := range f.Features.Commands {
		if !strings.HasPrefix(c.Command, "/") {
			return manifest{}, fmt.Errorf("reading the app manifest: command %q does not begin with a slash", c.Command)
		}
		m.commands[c.Command] = command{escape: c.Escape}
	}
	for _, e := range f.Settings.Events.Bot {
		m.events[e] = true
	}
	for _, scope := range f.OAuth.Scopes.Optional {
		if !slices.Contains(declined, scope) {
			m.scopes = append(m.scopes, scope)
		}
	}
	m.scopes = append(m.scopes, f.OAuth.Scopes.Bot...)
	slices.Sort(m.scopes)
	m.scopes = slices.Compact(m.scopes)
	return m, nil
}

// granted reports whether the bot token has a scope; "" stands for none needed.
func (m *manifest) granted(scope string) bool {
	return scope == "" || slices.Contains(m.scopes, scope)
}

// hears reports whether events of a subscription reach the app: Slack sends
// none whose scope the app lacks.
func (m *manifest) hears(event, scope string) bool {
	return m.events[event] && m.granted(scope)
}
