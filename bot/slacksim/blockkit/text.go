package blockkit

import (
	"math"
	"net/url"
	"strings"
)

// Composition objects (/reference/block-kit/composition-objects) and the strings
// that several of them share.

const anySize = math.MaxInt

var (
	blockID  = chars{min: 1, max: 255}
	actionID = chars{min: 1, max: 255}

	// That Slack parses addresses is not documented; the wording is its generator's
	// for formats.
	address  = &format{"uri", isAddress}
	anyURL   = chars{min: 1, max: 3000, format: address}
	httpsURL = chars{min: 1, max: 3000, format: &format{"https uri", isHTTPS}}

	style = word{"primary", "danger"}
)

func isAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Scheme != ""
}

func isHTTPS(s string) bool {
	return strings.HasPrefix(s, "https://") && isAddress(s)
}

// plain is a plain_text object of 1 to limit characters.
func plain(limit int) *record {
	return &record{fields: []field{
		must("type", word{"plain_text"}),
		must("text", chars{min: 1, max: limit}),
		may("emoji", flag{}),
	}}
}

// mrkdwn is a mrkdwn object of 1 to limit characters.
func mrkdwn(limit int) *record {
	return &record{fields: []field{
		must("type", word{"mrkdwn"}),
		must("text", chars{min: 1, max: limit}),
		may("verbatim", flag{}),
	}}
}

// text is a text object of either type.
func text(limit int) variants {
	return variants{"plain_text": plain(limit), "mrkdwn": mrkdwn(limit)}
}

var confirm = &record{fields: []field{
	must("title", plain(100)),
	must("text", text(300)),
	must("confirm", plain(30)),
	must("deny", plain(30)),
	may("style", style),
}}

// option is a choice with its label in the given kind of text object. Only those
// of overflow menus have a url; see overflowOption.
func option(label func(limit int) rule) *record {
	return &record{fields: []field{
		must("text", label(75)),
		must("value", chars{min: 1, max: 150}),
		may("description", label(75)),
	}}
}

func plainRule(limit int) rule { return plain(limit) }
func textRule(limit int) rule  { return text(limit) }

var (
	menuOption     = option(plainRule)
	boxOption      = option(textRule) // of checkboxes and radio buttons
	overflowOption = &record{fields: append(option(plainRule).fields, may("url", anyURL))}

	optionGroup = &record{fields: []field{
		must("label", plain(75)),
		must("options", list{min: 1, max: 100, of: menuOption}),
	}}
)

var slackFile = (&record{fields: []field{
	may("url", anyURL),
	may("id", chars{min: 1}),
}}).and(exactlyOne("url", "id"))

var conversationFilter = (&record{fields: []field{
	may("include", list{min: 1, of: word{"im", "mpim", "private", "public"}}),
	may("exclude_external_shared_channels", flag{}),
	may("exclude_bot_users", flag{}),
}}).and(func(c *checker, n *node) {
	if len(n.kids) == 0 {
		c.report(n, "must provide at least 1 properties") // wording: ours
	}
})

var dispatchActionConfig = &record{fields: []field{
	must("trigger_actions_on", list{min: 1, max: 2, of: word{"on_enter_pressed", "on_character_entered"}}),
}}

var workflow = &record{fields: []field{
	must("trigger", &record{fields: []field{
		must("url", anyURL),
		may("customizable_input_parameters", list{of: &record{fields: []field{
			must("name", chars{min: 1}),
			must("value", chars{}),
		}}}),
	}}),
}}

// slackIcon names one of Slack's own icons (/reference/block-kit/composition-objects/slack-icon-object).
var slackIcon = &record{fields: []field{
	must("type", word{"icon"}),
	must("name", word{
		"archive", "book", "bookmark", "bot", "bug", "calendar", "call", "caret-left",
		"caret-right", "check", "clipboard", "code", "comment", "compass", "copy", "cube",
		"download", "edit", "email", "eye-closed", "eye-open", "file", "flag", "folder",
		"gear", "globe", "heart", "help", "image", "info", "key", "lightbulb", "link", "map",
		"mobile", "new-window", "pin", "plus", "refine", "refresh", "rocket", "save", "screen",
		"share", "sparkle", "star", "star-filled", "tag", "thumbs-down", "thumbs-up", "trash",
		"upload", "user", "warning",
	}),
}}

// exactlyOne wants one of two members and not both. The beginning of the first
// sentence is Slack's (java-slack-sdk issue 1017), the rest is ours.
func exactlyOne(a, b string) func(*checker, *node) {
	return func(c *checker, n *node) {
		switch first, second := n.member(a), n.member(b); {
		case first == nil && second == nil:
			c.report(n, "must define either `%s` or `%s`", a, b)
		case first != nil && second != nil:
			c.report(n, "must define only one of `%s` and `%s`", a, b)
		}
	}
}

// anyOf wants at least one of some members.
func anyOf(names ...string) func(*checker, *node) {
	return func(c *checker, n *node) {
		for _, name := range names {
			if n.member(name) != nil {
				return
			}
		}
		c.report(n, "must define either `%s`", strings.Join(names, "` or `"))
	}
}

// all joins rules across members.
func all(rules ...func(*checker, *node)) func(*checker, *node) {
	return func(c *checker, n *node) {
		for _, check := range rules {
			check(c, n)
		}
	}
}
