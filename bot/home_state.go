package bot

import (
	"strings"
	"time"

	"github.com/slack-go/slack"

	"computeunits/bot/phrase"
)

// state is how the bot is doing, in fields.
func (d drawing) state() []slack.Block {
	h := d.page.health
	facts := []field{
		{d.Say("home.connected"), d.connected()},
		{d.Say("home.reads"), d.reads()},
		{d.Say("home.digest"), d.Say("home.digest.never")},
		{d.Say("home.waiting"), d.Say("home.waiting.none")},
		{d.Say("home.problem"), d.problem()},
	}
	if !h.NextDigest.IsZero() {
		facts[2].value = d.when(h.NextDigest)
	}
	if h.Backlog.Messages > 0 {
		facts[3].value = d.Count("home.waiting.some", h.Backlog.Messages, "when", d.when(h.Backlog.Oldest))
	}
	b := slack.NewSectionBlock(nil, nil, nil)
	for _, f := range facts {
		b.Fields = append(b.Fields, marked(clip("*"+f.name+"*\n"+f.value, maxField)))
	}
	return []slack.Block{header(d.Say("home.state")), b}
}

// maxField is how long a field gets; Slack takes 2,000 characters.
const maxField = 1_900

// up is how long the present socket has been open; 0: there is none.
func (p *pacer) up() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.hello.IsZero() {
		return 0
	}
	return time.Since(p.hello)
}

func (d drawing) connected() string {
	if d.page.connected.IsZero() {
		return d.Say("home.connected.not")
	}
	return d.Say("home.since", "when", d.when(d.page.connected))
}

// reads says of how many services Qianfan tells, and how old the oldest of what
// it told is.
func (d drawing) reads() string {
	told, never, oldest := d.page.reads()
	lines := []string{d.Say("home.reads.told", "told", told, "of", d.Count("count.services", len(d.page.health.Services)))}
	if told < len(d.page.health.Services) {
		lines[0] = "⚠️ " + lines[0]
	}
	if !oldest.IsZero() {
		lines = append(lines, d.Say("home.reads.oldest", "when", d.when(oldest), "ago", d.Ago(d.At.Sub(oldest))))
	}
	if never > 0 {
		lines = append(lines, d.Count("home.reads.never", never))
	}
	return joinLines(lines)
}

// problem is what goes wrong at present, with Slack and with Qianfan, or what
// went wrong last.
func (d drawing) problem() string {
	var lines []string
	if p := d.page.health.Problem; p.Channel != "" {
		lines = append(lines, "⚠️ "+d.Say("home.problem.slack", "channel", "<#"+escape(p.Channel)+">", "reason", code(p.Reason),
			"when", d.when(p.At), "again", d.when(p.Again)))
	}
	for _, l := range d.troubles(d.page.outlook.Unread) {
		if l.heading != "" && len(lines) < 3 {
			lines = append(lines, "⚠️ "+d.Say("home.problem.qianfan", "what", l.heading, "services", d.Count("count.services", l.n)))
		}
	}
	if lines == nil {
		lines = append(lines, "✅ "+d.Say("home.problem.none"))
		if o := d.page.health.Outage; o.Service != "" {
			lines = append(lines, d.Say("home.problem.last", "service", name(o.Label, o.Service), "when", d.when(o.ToldAt)))
		}
	}
	return joinLines(lines)
}

// settings are the person's own: they take effect when something is chosen.
func (d drawing) settings() []slack.Block {
	p := d.page.preference
	languages := []choice{{"", d.Say("home.language.slack")}, {phrase.English, "English"}, {phrase.Chinese, "简体中文"}}
	clocks := []choice{{"", d.Say("home.clock.slack")}, {hours24, d.Say("home.clock.24")}, {hours12, d.Say("home.clock.12")}}
	return []slack.Block{
		header(d.Say("home.settings")),
		d.setting(actLanguage, d.Say("home.language"), p.Language, languages),
		d.setting(actClock, d.Say("home.clock"), p.TimeFormat, clocks),
	}
}

// choice is an entry of a menu: the ledger's word, and that for people.
type choice struct{ value, text string }

// setting is a menu with its name.
func (d drawing) setting(do act, title, is string, choices []choice) slack.Block {
	var options []*slack.OptionBlockObject
	var chosen *slack.OptionBlockObject
	for _, c := range choices {
		o := deed{act: do, line: c.value}.option(c.text)
		if options = append(options, o); c.value == is {
			chosen = o
		}
	}
	menu := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, plainText(printable(title, maxButtonText-1)), string(do), options...)
	if chosen != nil {
		menu.WithInitialOption(chosen)
	}
	b := slack.NewSectionBlock(marked("*"+title+"*"), nil, slack.NewAccessory(menu))
	// What a menu holds stays as long as its ids stay, in the words it was chosen
	// in: so they name the choice and the language.
	b.BlockID = strings.Join([]string{string(do), d.Language(), is}, ".")
	return b
}
