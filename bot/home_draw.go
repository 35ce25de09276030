package bot

import (
	"strings"
	"time"

	"github.com/slack-go/slack"

	"computeunits/bot/grammar"
	"computeunits/bot/phrase"
	"computeunits/notify"
)

// homeView is the callback_id of every App Home.
const homeView = "home"

// fieldsPerSection is how many fields a section takes.
const fieldsPerSection = 10

// view draws the page in the language of a book. It is a pure function.
func (p homePage) view(book *phrase.Book) slack.HomeTabViewRequest {
	d := drawing{scribe{notify.Announcement{At: p.at}, book}, p}
	blocks := []slack.Block{header(book.Say("usage.title"))}
	state := deed{act: actHome, skip: p.first(), drawn: p.since}
	switch {
	case p.troubled != "":
		state.skip = max(p.skip, 0) // how many pages there are is perhaps not known
		blocks = append(blocks, section("⚠️ "+p.troubled), d.buttons(deed{act: actHome, skip: state.skip}.button("again", book.Say("home.again"), "")))
	case p.without:
		blocks = append(blocks, d.setup()...)
		blocks = append(blocks, d.services()...)
	default:
		blocks = append(blocks, d.lead(), d.controls())
		blocks = append(blocks, d.next()...)
		blocks = append(blocks, d.losses()...)
		blocks = append(blocks, d.services()...)
		blocks = append(blocks, d.state()...)
		blocks = append(blocks, d.settings()...)
	}
	blocks = append(blocks, small(book.Say("home.asof", "when", d.when(p.at))))
	return homeOf(state, blocks...)
}

// homeOf is a Home that consists of blocks.
func homeOf(state deed, blocks ...slack.Block) slack.HomeTabViewRequest {
	return slack.HomeTabViewRequest{
		Type: slack.VTHomeTab, CallbackID: homeView, PrivateMetadata: state.encode(),
		Blocks: slack.Blocks{BlockSet: blocks},
	}
}

// smallHome says one thing, in mrkdwn in which foreign text is escaped.
func smallHome(book *phrase.Book, text string) slack.HomeTabViewRequest {
	return homeOf(deed{act: actHome}, header(book.Say("usage.title")), section(text))
}

// section is a paragraph of mrkdwn.
func section(text string) *slack.SectionBlock {
	return slack.NewSectionBlock(marked(clip(text, maxSectionText)), nil, nil)
}

// A drawing is a page with the words for it.
type drawing struct {
	scribe
	page homePage
}

// when writes an instant as the person wants it.
func (d drawing) when(t time.Time) string { return d.page.when(d.Book, t) }

func (d drawing) buttons(elements ...slack.BlockElement) slack.Block {
	return slack.NewActionBlock("", elements...)
}

// lead is how much expires how soon, the most urgent first. What is not known is
// never "nothing".
func (d drawing) lead() slack.Block {
	o := d.page.outlook
	var lines []string
	counts := d.page.counts()
	for _, c := range counts {
		lines = append(lines, d.urgency(c))
	}
	switch {
	case len(d.page.watches) == 0:
		lines = append(lines, d.Say("outlook.none.watched", "line", codeLine(grammar.Request{Verb: grammar.Watch, Service: "svco-…"}.Line())))
	case len(counts) > 0:
	case len(o.Unread) > 0 || o.Unknown > 0:
		lines = append(lines, "⚠️ "+d.Say("digest.unsure"))
	default:
		lines = append(lines, "✅ "+d.Say("home.nothing"))
	}
	if n := len(o.Unread); n > 0 {
		lines = append(lines, "⚠️ "+d.Count("digest.unread.count", n))
	}
	if o.Unknown > 0 {
		lines = append(lines, "⚠️ "+d.Count("digest.unknown", o.Unknown))
	}
	if rest := o.Instances - len(o.Items); rest > 0 {
		lines = append(lines, d.Count("list.rest", rest))
	}
	return section(joinLines(lines))
}

// controls are what can be done about everything.
func (d drawing) controls() slack.Block {
	watch := deed{act: actNew}.button("", d.Say("home.watch"), "")
	return d.buttons(primary(watch), d.refresh(), d.console())
}

func (d drawing) refresh() slack.BlockElement {
	return deed{act: actHome, skip: d.page.first()}.button("refresh", d.Say("button.refresh"), "")
}

func (d drawing) console() slack.BlockElement {
	b := slack.NewButtonBlockElement(string(actConsole), "", plainText(d.Say("button.console"))).WithURL(d.page.console)
	b.AccessibilityLabel = d.Say("button.console.label")
	return b
}

// next is what expires next, two fields for each instance.
func (d drawing) next() []slack.Block {
	ahead, over := d.page.next()
	blocks := d.items(d.Say("home.next"), ahead, homeNext)
	return append(blocks, d.items(d.Say("home.over"), over, homeOver)...)
}

// items lists the first of some instances, and counts the others.
func (d drawing) items(heading string, items []notify.Item, most int) []slack.Block {
	if len(items) == 0 {
		return nil
	}
	var fields []*slack.TextBlockObject
	for _, i := range items[:min(len(items), most)] {
		fields = append(fields, marked(d.which(i)), marked(d.until(i)))
	}
	blocks := []slack.Block{header(heading)}
	for len(fields) > 0 {
		n := min(len(fields), fieldsPerSection)
		blocks = append(blocks, slack.NewSectionBlock(nil, fields[:n], nil))
		fields = fields[n:]
	}
	if rest := len(items) - most; rest > 0 {
		blocks = append(blocks, small(d.Count("list.rest", rest)))
	}
	return blocks
}

// which is an instance and how urgent it is.
func (d drawing) which(i notify.Item) string {
	return urgencyIcon(d.left(i.Expires)) + " *" + d.urgencyWord(i.Expires.Sub(d.At)) + "* · " + d.amount(i.Replicas, 1) +
		"\n" + name(i.Label, i.Service) + "\n" + code(i.Instance)
}

// urgencyWord says what the icon shows.
func (d drawing) urgencyWord(left time.Duration) string {
	switch u, _ := urgencyOf(left); u {
	case notify.Expired:
		return d.Say("status.expired")
	case notify.WithinDay:
		return d.Say("home.urgent")
	case notify.WithinWeek:
		return d.Say("home.soon")
	default:
		return d.Say("home.ahead")
	}
}

// until is when an instance expires, and what is unusual about it.
func (d drawing) until(i notify.Item) string {
	left := d.left(i.Expires)
	lines := []string{d.when(i.Expires)}
	if left > 0 {
		lines = append(lines, "*"+d.Left(left)+"*")
	} else {
		lines = append(lines, "*"+d.Say("item.expired", "ago", d.Ago(left))+"*")
		if until := i.Expires.Add(retention); until.After(d.At) {
			lines = append(lines, d.Say("item.restorable", "until", d.when(until)))
		}
	}
	remarks := i
	remarks.Pause = notify.Pause{} // which is told with the times as the person wants them
	if said := paused(d.Book, i.Pause, d.when); said != "" {
		lines = append(lines, said)
	}
	return joinLines(append(lines, d.remarks(remarks)...))
}

// losses are the capacity at risk, by day and service.
func (d drawing) losses() []slack.Block {
	all := d.page.losses()
	if len(all) == 0 {
		return nil
	}
	var lines []string
	for _, l := range all[:min(len(all), homeLosses)] {
		lines = append(lines, "• "+d.Say("home.loss", "day", d.ShortDay(l.Day.Year, l.Day.Month, l.Day.Day), "service", name(l.Label, l.Service), "replicas", d.Count("count.replicas", l.Replicas)))
	}
	if rest := len(all) - homeLosses; rest > 0 {
		lines = append(lines, d.Count("list.rest", rest))
	}
	return append([]slack.Block{header(d.Say("digest.losses", "zone", zoneName(d.page.zone, d.At)))}, sections(lines)...)
}

// setup says that nothing is watched, why, how that is changed, and what can be
// asked nevertheless.
func (d drawing) setup() []slack.Block {
	steps := []string{d.Say("home.setup.channel"), d.Say("home.setup.invite"), d.Say("home.setup.services"), d.Say("home.setup.restart")}
	var lines strings.Builder
	for i, step := range steps {
		lines.WriteString("\n" + d.Count("home.setup.step", i+1, "what", step))
	}
	ask := deed{act: actShow}.button("", d.Say("home.ask"), "")
	return []slack.Block{
		section(d.Say("home.setup.lead") + lines.String()),
		section(d.Say("home.setup.ask", "line", codeLine("svco-48exxxa594 "+d.Say("usage.prepaid")))),
		d.buttons(primary(ask), d.console()),
	}
}
