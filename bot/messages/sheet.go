package messages

import (
	"strings"
	"time"

	"github.com/slack-go/slack"

	"computeunits/bot/action"
	"computeunits/bot/blocks"
	"computeunits/bot/phrase"
	"computeunits/notify/plan"
	"computeunits/qianfan"
)

// maxPaused is how many instances an answer names as acknowledged or snoozed.
const maxPaused = 10

// An AnswerPage is an answer with what the bot knows besides: one page of it is shown,
// with the buttons that lead to the others.
type AnswerPage struct {
	Answer
	Skip    int                        // instances before the page
	Watched bool                       // the service
	Watch   bool                       // it can be
	Pauses  map[plan.Expiry]plan.Pause // what people answered to its reminders
	Private bool                       // only one person sees it, who may post it to the channel
	Posted  string                     // what is said of that, when they did
}

// PerPage is how many instances fit on a page whatever they are: all that are
// drawn as sections, else the rows of a table, which shows a bounded number of
// characters.
func (s AnswerPage) PerPage() int {
	const plain = 110 // characters of a row besides its foreign text
	longest := plain
	for _, in := range s.Instances {
		foreign := min(blocks.Len(in.ID), blocks.MaxQuoted) + min(blocks.Len(in.ExpiresRaw), blocks.MaxQuoted) +
			min(blocks.Len(string(in.Status)), 31) + min(blocks.Len(string(in.Timing)), 31)
		longest = max(longest, plain+foreign)
	}
	return max(maxSections, min(maxRows-1, (maxTableRunes-200)/longest))
}

// First is where the page with an instance begins.
func (s AnswerPage) First(skip int) int {
	per := s.PerPage()
	last := max(len(s.Instances)-1, 0)
	return min(max(skip, 0), last) / per * per
}

// Message draws the page and its buttons. It is a pure function.
func (s AnswerPage) Message(d blocks.Dialect) Message {
	begin, per := s.First(s.Skip), s.PerPage()
	page := s.Answer
	page.Instances = s.Instances[begin:min(begin+per, len(s.Instances))]
	r := page.Message(d)
	if len(page.Instances) < len(s.Instances) {
		whole := s.Answer.Message(d)
		r.Text = whole.Text
		r.Blocks[1] = whole.Blocks[1] // what is said of all
		r.Blocks = append(r.Blocks, blocks.Context(d.Say("page.which", "first", begin+1, "last", begin+len(page.Instances), "of", len(s.Instances))))
	}
	if lines := s.paused(d.Book, page.Instances); len(lines) > 0 {
		r.Blocks = append(r.Blocks, blocks.Context(strings.Join(lines, "\n")))
	}
	if s.Posted != "" {
		r.Blocks = append(r.Blocks, blocks.Context(s.Posted))
	}
	r.Blocks = append(r.Blocks, s.controls(d.Book, begin, per)...)
	return r
}

// paused says of which instances somebody takes care, and which are snoozed.
func (s AnswerPage) paused(book *phrase.Book, instances []qianfan.Instance) []string {
	var lines []string
	for _, in := range instances {
		p := s.Pauses[plan.Expiry{Service: s.Service, Instance: in.ID, Expires: in.Expires.UTC()}]
		if said := Paused(book, p, func(t time.Time) string { return blocks.Date(book, t) }); said != "" {
			lines = append(lines, blocks.Code(in.ID)+" "+said)
		}
	}
	if rest := len(lines) - maxPaused; rest > 0 {
		lines = append(lines[:maxPaused], book.Count("list.rest", rest))
	}
	return lines
}

// controls are the buttons below a page.
func (s AnswerPage) controls(book *phrase.Book, begin, per int) []slack.Block {
	again := action.Action{Kind: action.Ask, Service: s.Service, Timing: s.timing, Skip: begin}
	elements := []slack.BlockElement{again.Button("again", book.Say("button.refresh"), book.Say("button.refresh")+" "+s.Service)}
	for _, timing := range []qianfan.PaymentTiming{qianfan.Prepaid, qianfan.Postpaid, ""} {
		if timing == s.timing {
			continue
		}
		d := action.Action{Kind: action.Ask, Service: s.Service, Timing: timing}
		elements = append(elements, d.Button("timing."+strings.ToLower(string(timing)), timingName(book, timing), ""))
	}
	if s.Private && s.Posted == "" {
		d := again
		d.Kind, d.DrawnAt = action.Share, s.at
		elements = append(elements, d.Button("", book.Say("button.share"), book.Say("button.share.label")))
	}
	if s.Watch {
		text := book.Say("button.watch")
		if s.Watched {
			text = book.Say("button.settings")
		}
		elements = append(elements, action.Action{Kind: action.Settings, Service: s.Service}.Button("", text, text+" "+s.Service))
	}
	row := slack.NewActionBlock("", elements...)
	return append([]slack.Block{row}, pageButtons(book, again, begin, per, begin+per, len(s.Instances))...)
}

func timingName(book *phrase.Book, timing qianfan.PaymentTiming) string {
	switch timing {
	case qianfan.Prepaid:
		return book.Say("button.prepaid")
	case qianfan.Postpaid:
		return book.Say("button.postpaid")
	default:
		return book.Say("button.all")
	}
}

// sayRow are buttons that do as if the person had written a line.
func sayRow(book *phrase.Book, lines ...string) slack.Block {
	var elements []slack.BlockElement
	for i, line := range lines {
		d := action.Action{Kind: action.Say, Line: line}
		if len(d.Encode()) <= action.MaxButtonValue && i < maxSays {
			elements = append(elements, d.Button(string(rune('a'+i)), line, book.Say("button.say.label", "line", line)))
		}
	}
	return slack.NewActionBlock("", elements...)
}

// maxSays is how many lines are offered as buttons.
const maxSays = 5
