package messages

import (
	"time"

	"github.com/slack-go/slack"

	"computeunits/bot/action"
	"computeunits/bot/blocks"
	"computeunits/bot/phrase"
	"computeunits/notify/plan"
)

// Spans are for how long people can snooze a reminder; 0 is until the next step.
func Spans() []time.Duration {
	const day = 24 * time.Hour
	return []time.Duration{day, 3 * day, 7 * day, 0}
}

// SpanName is how a menu calls one of spans.
func SpanName(book *phrase.Book, span time.Duration) string {
	switch span {
	case 0:
		return book.Say("button.snooze.next")
	case 7 * 24 * time.Hour:
		return book.Say("button.snooze.week")
	default:
		return book.Span(span)
	}
}

// paused is who takes care of an expiry, or put its reminders off; "": nobody.
// A digest, which is posted anew each morning, names them not: that would call
// them each morning.
func (s controlWords) paused(i plan.Item) string {
	if s.Kind != plan.KindDigest {
		return Paused(s.Book, i.Pause, s.when)
	}
	switch {
	case i.Pause.Acknowledged():
		return "🙋 " + s.Say("pause.acknowledged.some")
	case i.Pause.Snoozed():
		return "💤 " + s.Say("pause.snoozed.some", "until", s.when(i.Pause.Until))
	default:
		return ""
	}
}

func Paused(book *phrase.Book, p plan.Pause, when func(time.Time) string) string {
	switch {
	case p.Acknowledged():
		return "🙋 " + book.Say("pause.acknowledged", "who", blocks.Mention(p.By))
	case p.Snoozed():
		return "💤 " + book.Say("pause.snoozed", "who", blocks.Mention(p.By), "until", when(p.Until))
	default:
		return ""
	}
}

// controls are what people can do about a reminder: acknowledge, snooze, and
// renew in the console. Of several instances all are meant, or those that a
// modal lets people choose. What a message of several shows is the same whoever
// looks at it, so that pressing twice does not do the opposite.
func (s controlWords) controls(console string) []slack.Block {
	var elements []slack.BlockElement
	if open, shares := s.Answered(); open > 0 {
		if len(s.Items) == 1 && s.More == 0 {
			elements = s.oneControls(s.Items[0])
		} else {
			elements = s.allControls(open, shares)
		}
	}
	if console != "" {
		elements = append(elements, s.consoleButton(console))
	}
	if len(elements) == 0 {
		return nil
	}
	return []slack.Block{slack.NewActionBlock("", elements...)}
}

// console leads to the console alone, where somebody has to look.
func (s controlWords) console(console string) []slack.Block {
	if console == "" {
		return nil
	}
	return []slack.Block{slack.NewActionBlock("", s.consoleButton(console))}
}

func (s controlWords) consoleButton(console string) slack.BlockElement {
	button := slack.NewButtonBlockElement(string(action.Console), "", blocks.PlainText(s.Say("button.console"))).WithURL(console)
	button.AccessibilityLabel = s.Say("button.console.label")
	return button
}

// oneControls are those for the only instance of a message.
func (s controlWords) oneControls(i plan.Item) []slack.BlockElement {
	about := action.Action{Service: i.Service, Instance: i.Instance, Expires: i.Expires}
	if len(about.Encode()) > action.MaxOptionValue-40 {
		about = action.Action{} // all that the message is about, which is the same
	}
	label := func(text string) string { return text + " " + i.Instance }
	do := func(act action.Kind, text string) *slack.ButtonBlockElement {
		d := about
		d.Kind = act
		return d.Button("", text, label(text))
	}
	switch {
	case i.Pause.Acknowledged():
		return []slack.BlockElement{do(action.Unacknowledge, s.Say("button.unacknowledge")), s.snooze(about, s.Say("button.snooze"))}
	case i.Pause.Snoozed():
		return []slack.BlockElement{Primary(do(action.Acknowledge, s.Say("button.acknowledge"))), do(action.Unsnooze, s.Say("button.unsnooze"))}
	default:
		return []slack.BlockElement{Primary(do(action.Acknowledge, s.Say("button.acknowledge"))), s.snooze(about, s.Say("button.snooze"))}
	}
}

// allControls are those of a message about several instances, some of which may
// stand in its thread. When somebody takes care of all that are open, that can be
// taken back.
func (s controlWords) allControls(open int, shares []plan.Share) []slack.BlockElement {
	acknowledged := 0
	for _, share := range shares {
		acknowledged += share.Acknowledged
	}
	first := Primary(action.Action{Kind: action.Acknowledge}.Button("all", s.Say("button.acknowledge.all"), ""))
	if acknowledged == open {
		first = action.Action{Kind: action.Unacknowledge}.Button("all", s.Say("button.unacknowledge.all"), "")
	}
	return []slack.BlockElement{
		first,
		s.snooze(action.Action{}, s.Say("button.snooze.all")),
		action.Action{Kind: action.Pick}.Button("", s.Say("button.pick"), s.Say("button.pick.label")),
	}
}

func Primary(b *slack.ButtonBlockElement) *slack.ButtonBlockElement {
	return b.WithStyle(slack.StylePrimary)
}

// snooze is the menu of how long.
func (s controlWords) snooze(about action.Action, name string) *slack.SelectBlockElement {
	about.Kind = action.Snooze
	var options []*slack.OptionBlockObject
	for _, span := range Spans() {
		about.Span = span
		options = append(options, about.Option(SpanName(s.Book, span)))
	}
	return slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, blocks.PlainText(name), string(action.Snooze), options...)
}
