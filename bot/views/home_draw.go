package views

import (
	"strings"
	"time"

	"github.com/slack-go/slack"

	"computeunits/bot/action"
	"computeunits/bot/blocks"
	"computeunits/bot/grammar"
	"computeunits/bot/messages"
	"computeunits/bot/phrase"
	"computeunits/notify/plan"
)

// homeView is the callback_id of every App Home.
const homeView = "home"

// fieldsPerSection is how many fields a section takes.
const fieldsPerSection = 10

// View draws the page in the language of a book. It is a pure function.
func (p Home) View(book *phrase.Book) slack.HomeTabViewRequest {
	d := homeLayout{messages.Words{Announcement: plan.Announcement{At: p.At}, Book: book}, p}
	drawn := []slack.Block{blocks.Header(book.Say("usage.title"))}
	state := action.Action{Kind: action.Home, Skip: p.first(), DrawnAt: p.Since}
	switch {
	case p.Troubled != "":
		state.Skip = max(p.Skip, 0) // how many pages there are is perhaps not known
		drawn = append(drawn, blocks.Section("⚠️ "+p.Troubled), d.buttons(action.Action{Kind: action.Home, Skip: state.Skip}.Button("again", book.Say("home.again"), "")))
	case p.Without:
		drawn = append(drawn, d.setup()...)
		drawn = append(drawn, servicesLayout{d}.services()...)
	default:
		drawn = append(drawn, d.lead(), d.controls())
		drawn = append(drawn, d.next()...)
		drawn = append(drawn, d.losses()...)
		drawn = append(drawn, servicesLayout{d}.services()...)
		drawn = append(drawn, stateLayout{d}.state()...)
		drawn = append(drawn, stateLayout{d}.settings()...)
	}
	drawn = append(drawn, blocks.Context(book.Say("home.asof", "when", d.when(p.At))))
	return homeOf(state, drawn...)
}

// homeOf is a Home that consists of blocks.
func homeOf(state action.Action, blocks ...slack.Block) slack.HomeTabViewRequest {
	return slack.HomeTabViewRequest{
		Type: slack.VTHomeTab, CallbackID: homeView, PrivateMetadata: state.Encode(),
		Blocks: slack.Blocks{BlockSet: blocks},
	}
}

// SmallHome says one thing, in mrkdwn in which foreign text is escaped.
func SmallHome(book *phrase.Book, text string) slack.HomeTabViewRequest {
	return homeOf(action.Action{Kind: action.Home}, blocks.Header(book.Say("usage.title")), blocks.Section(text))
}

// A drawing is a page with the words for it.
type homeLayout struct {
	messages.Words
	page Home
}

// Each of these is a homeLayout with the methods for one part of the work.
type (
	stateLayout    struct{ homeLayout }
	servicesLayout struct{ homeLayout }
)

// when writes an instant as the person wants it.
func (d homeLayout) when(t time.Time) string { return d.page.when(d.Book, t) }

func (d homeLayout) buttons(elements ...slack.BlockElement) slack.Block {
	return slack.NewActionBlock("", elements...)
}

// lead is how much expires how soon, the most urgent first. What is not known is
// never "nothing".
func (d homeLayout) lead() slack.Block {
	o := d.page.Outlook
	var lines []string
	counts := d.page.counts()
	for _, c := range counts {
		lines = append(lines, d.UrgencyText(c))
	}
	switch {
	case len(d.page.Watches) == 0:
		lines = append(lines, d.Say("outlook.none.watched", "line", messages.CodeLine(grammar.Request{Verb: grammar.Watch, Service: "svco-…"}.Line())))
	case len(counts) > 0:
	case len(o.Unread) > 0 || len(o.Unknown) > 0 || len(o.Vanished) > 0:
		lines = append(lines, "⚠️ "+d.Say("digest.unsure"))
	default:
		lines = append(lines, "✅ "+d.Say("home.nothing"))
	}
	if n := len(o.Unread); n > 0 {
		lines = append(lines, "⚠️ "+d.Count("digest.unread.count", n))
	}
	if n := len(o.Unknown); n > 0 {
		lines = append(lines, "⚠️ "+d.Count("digest.unknown", n))
		for _, i := range o.Unknown[:min(n, homeUnknown)] {
			lines = append(lines, "• "+d.UnknownLine(i))
		}
		lines = append(lines, d.unshown(n-homeUnknown)...)
	}
	if n := len(o.Vanished); n > 0 {
		lines = append(lines, "⚠️ "+d.Count("digest.vanished", n))
		for _, i := range o.Vanished[:min(n, homeUnknown)] {
			lines = append(lines, "• "+d.VanishedLine(i))
		}
		lines = append(lines, d.unshown(n-homeUnknown)...)
	}
	if rest := o.Instances - len(o.Items); rest > 0 {
		lines = append(lines, d.Count("list.rest", rest))
	}
	return blocks.Section(blocks.JoinLines(lines))
}

// unshown counts what a list leaves out.
func (d homeLayout) unshown(n int) []string {
	if n <= 0 {
		return nil
	}
	return []string{d.Count("list.rest", n)}
}

// controls are what can be done about everything.
func (d homeLayout) controls() slack.Block {
	watch := action.Action{Kind: action.New}.Button("", d.Say("home.watch"), "")
	return d.buttons(messages.Primary(watch), d.refresh(), d.console())
}

func (d homeLayout) refresh() slack.BlockElement {
	return action.Action{Kind: action.Home, Skip: d.page.first()}.Button("refresh", d.Say("button.refresh"), "")
}

func (d homeLayout) console() slack.BlockElement {
	b := slack.NewButtonBlockElement(string(action.Console), "", blocks.PlainText(d.Say("button.console"))).WithURL(d.page.Console)
	b.AccessibilityLabel = d.Say("button.console.label")
	return b
}

// next is what expires next, two fields for each instance.
func (d homeLayout) next() []slack.Block {
	ahead, over := d.page.next()
	blocks := d.items(d.Say("home.next"), ahead, homeNext)
	return append(blocks, d.items(d.Say("home.over"), over, homeOver)...)
}

// items lists the first of some instances, and counts the others.
func (d homeLayout) items(heading string, items []plan.Item, most int) []slack.Block {
	if len(items) == 0 {
		return nil
	}
	var fields []*slack.TextBlockObject
	for _, i := range items[:min(len(items), most)] {
		fields = append(fields, blocks.Mrkdwn(d.which(i)), blocks.Mrkdwn(d.until(i)))
	}
	drawn := []slack.Block{blocks.Header(heading)}
	for len(fields) > 0 {
		n := min(len(fields), fieldsPerSection)
		drawn = append(drawn, slack.NewSectionBlock(nil, fields[:n], nil))
		fields = fields[n:]
	}
	if rest := len(items) - most; rest > 0 {
		drawn = append(drawn, blocks.Context(d.Count("list.rest", rest)))
	}
	return drawn
}

// which is an instance and how urgent it is.
func (d homeLayout) which(i plan.Item) string {
	return messages.UrgencyIcon(d.TimeLeft(i.Expires)) + " *" + d.urgencyWord(i.Expires.Sub(d.At)) + "* · " + d.Amount(i.Replicas, 1) +
		"\n" + blocks.ServiceName(i.Label, i.Service) + "\n" + blocks.Code(i.Instance)
}

// urgencyWord says what the icon shows.
func (d homeLayout) urgencyWord(left time.Duration) string {
	switch u, _ := urgencyOf(left); u {
	case plan.Expired:
		return d.Say("status.expired")
	case plan.WithinDay:
		return d.Say("home.urgent")
	case plan.WithinWeek:
		return d.Say("home.soon")
	default:
		return d.Say("home.ahead")
	}
}

// until is when an instance expires, and what is unusual about it.
func (d homeLayout) until(i plan.Item) string {
	left := d.TimeLeft(i.Expires)
	lines := []string{d.when(i.Expires)}
	if messages.DeletedEarly(i, d.At) {
		lines = append(lines, "*"+d.Say("item.deleted")+"*")
	} else if left > 0 {
		lines = append(lines, "*"+d.Left(left)+"*")
	} else {
		lines = append(lines, "*"+d.Say("item.expired", "ago", d.Ago(left))+"*")
		if until := i.Expires.Add(messages.Retention); until.After(d.At) {
			lines = append(lines, d.Say("item.restorable", "until", d.when(until)))
		}
	}
	remarks := i
	remarks.Pause = plan.Pause{} // which is told with the times as the person wants them
	if said := messages.Paused(d.Book, i.Pause, d.when); said != "" {
		lines = append(lines, said)
	}
	return blocks.JoinLines(append(lines, d.Remarks(remarks)...))
}

// losses are the capacity at risk, by day and service.
func (d homeLayout) losses() []slack.Block {
	all := d.page.losses()
	if len(all) == 0 {
		return nil
	}
	var lines []string
	for _, l := range all[:min(len(all), homeLosses)] {
		lines = append(lines, "• "+d.Say("home.loss", "day", d.ShortDay(l.Day.Year, l.Day.Month, l.Day.Day), "service", blocks.ServiceName(l.Label, l.Service), "replicas", d.Count("count.replicas", l.Replicas)))
	}
	if rest := len(all) - homeLosses; rest > 0 {
		lines = append(lines, d.Count("list.rest", rest))
	}
	return append([]slack.Block{blocks.Header(d.Say("digest.losses", "zone", messages.ZoneName(d.page.Zone, d.At)))}, messages.Sections(lines)...)
}

// setup says that nothing is watched, why, how that is changed, and what can be
// asked nevertheless.
func (d homeLayout) setup() []slack.Block {
	steps := []string{d.Say("home.setup.channel"), d.Say("home.setup.invite"), d.Say("home.setup.services"), d.Say("home.setup.restart")}
	var lines strings.Builder
	for i, step := range steps {
		lines.WriteString("\n" + d.Count("home.setup.step", i+1, "what", step))
	}
	ask := action.Action{Kind: action.Show}.Button("", d.Say("home.ask"), "")
	return []slack.Block{
		blocks.Section(d.Say("home.setup.lead") + lines.String()),
		blocks.Section(d.Say("home.setup.ask", "line", messages.CodeLine("svco-48exxxa594 "+d.Say("usage.prepaid")))),
		d.buttons(messages.Primary(ask), d.console()),
	}
}
