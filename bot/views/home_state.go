package views

import (
	"strings"

	"github.com/slack-go/slack"

	"computeunits/bot/action"
	"computeunits/bot/blocks"
	"computeunits/bot/messages"
	"computeunits/bot/phrase"
)

// state is how the bot is doing, in fields.
func (d stateLayout) state() []slack.Block {
	h := d.page.Health
	facts := []messages.Field{
		{Name: d.Say("home.connected"), Value: d.connected()},
		{Name: d.Say("home.reads"), Value: d.reads()},
		{Name: d.Say("home.digest"), Value: d.Say("home.digest.never")},
		{Name: d.Say("home.waiting"), Value: d.Say("home.waiting.none")},
		{Name: d.Say("home.problem"), Value: d.problem()},
	}
	if !h.NextDigest.IsZero() {
		facts[2].Value = d.when(h.NextDigest)
	}
	if h.Backlog.Messages > 0 {
		facts[3].Value = d.Count("home.waiting.some", h.Backlog.Messages, "when", d.when(h.Backlog.Oldest))
	}
	b := slack.NewSectionBlock(nil, nil, nil)
	for _, f := range facts {
		b.Fields = append(b.Fields, blocks.Mrkdwn(blocks.Clip("*"+f.Name+"*\n"+f.Value, maxField)))
	}
	return []slack.Block{blocks.Header(d.Say("home.state")), b}
}

// maxField is how long a field gets; Slack takes 2,000 characters.
const maxField = 1_900

func (d stateLayout) connected() string {
	if d.page.Connected.IsZero() {
		return d.Say("home.connected.not")
	}
	return d.Say("home.since", "when", d.when(d.page.Connected))
}

// reads says of how many services Qianfan tells, and how old the oldest of what
// it told is.
func (d stateLayout) reads() string {
	told, never, oldest := d.page.reads()
	lines := []string{d.Say("home.reads.told", "told", told, "of", d.Count("count.services", len(d.page.Health.Services)))}
	if told < len(d.page.Health.Services) {
		lines[0] = "⚠️ " + lines[0]
	}
	if !oldest.IsZero() {
		lines = append(lines, d.Say("home.reads.oldest", "when", d.when(oldest), "ago", d.Ago(d.At.Sub(oldest))))
	}
	if never > 0 {
		lines = append(lines, d.Count("home.reads.never", never))
	}
	return blocks.JoinLines(lines)
}

// problem is what goes wrong at present, with Slack and with Qianfan, or what
// went wrong last.
func (d stateLayout) problem() string {
	var lines []string
	if p := d.page.Health.Problem; p.Channel != "" {
		lines = append(lines, "⚠️ "+d.Say("home.problem.slack", "channel", "<#"+blocks.Escape(p.Channel)+">", "reason", blocks.Code(p.Reason),
			"when", d.when(p.At), "again", d.when(p.Again)))
	}
	for _, l := range d.TroubleList(d.page.Outlook.Unread) {
		if l.Heading != "" && len(lines) < 3 {
			lines = append(lines, "⚠️ "+d.Say("home.problem.qianfan", "what", l.Heading, "services", d.Count("count.services", l.N)))
		}
	}
	if lines == nil {
		lines = append(lines, "✅ "+d.Say("home.problem.none"))
		if o := d.page.Health.Outage; o.Service != "" {
			lines = append(lines, d.Say("home.problem.last", "service", blocks.ServiceName(o.Label, o.Service), "when", d.when(o.ToldAt)))
		}
	}
	return blocks.JoinLines(lines)
}

// settings are the person's own: they take effect when something is chosen.
func (d stateLayout) settings() []slack.Block {
	p := d.page.Preference
	languages := []choice{{"", d.Say("home.language.slack")}, {phrase.English, "English"}, {phrase.Chinese, "简体中文"}}
	clocks := []choice{{"", d.Say("home.clock.slack")}, {Hours24, d.Say("home.clock.24")}, {Hours12, d.Say("home.clock.12")}}
	return []slack.Block{
		blocks.Header(d.Say("home.settings")),
		d.setting(action.Language, d.Say("home.language"), p.Language, languages),
		d.setting(action.Clock, d.Say("home.clock"), p.TimeFormat, clocks),
	}
}

// choice is an entry of a menu: the ledger's word, and that for people.
type choice struct{ value, text string }

// setting is a menu with its name.
func (d stateLayout) setting(do action.Kind, title, is string, choices []choice) slack.Block {
	var options []*slack.OptionBlockObject
	var chosen *slack.OptionBlockObject
	for _, c := range choices {
		o := action.Action{Kind: do, Line: c.value}.Option(c.text)
		if options = append(options, o); c.value == is {
			chosen = o
		}
	}
	menu := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, blocks.PlainText(blocks.Printable(title, action.MaxButtonText-1)), string(do), options...)
	if chosen != nil {
		menu.WithInitialOption(chosen)
	}
	b := slack.NewSectionBlock(blocks.Mrkdwn("*"+title+"*"), nil, slack.NewAccessory(menu))
	// What a menu holds stays as long as its ids stay, in the words it was chosen
	// in: so they name the choice and the language.
	b.BlockID = strings.Join([]string{string(do), d.Language(), is}, ".")
	return b
}
