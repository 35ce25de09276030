package bot

import (
	"time"

	"github.com/slack-go/slack"

	"computeunits/bot/phrase"
	"computeunits/notify"
)

// spans are for how long people can snooze a reminder; 0 is until the next step.
func spans() []time.Duration {
	const day = 24 * time.Hour
	return []time.Duration{day, 3 * day, 7 * day, 0}
}

// spanName is how a menu calls one of spans.
func spanName(book *phrase.Book, span time.Duration) string {
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
func (s scribe) paused(i notify.Item) string {
	if s.Kind != notify.KindDigest {
		return paused(s.Book, i.Pause, s.when)
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

func paused(book *phrase.Book, p notify.Pause, when func(time.Time) string) string {
	switch {
	case p.Acknowledged():
		return "🙋 " + book.Say("pause.acknowledged", "who", mention(p.By))
	case p.Snoozed():
		return "💤 " + book.Say("pause.snoozed", "who", mention(p.By), "until", when(p.Until))
	default:
		return ""
	}
}

// mention names a person. The id is Slack's, from an envelope or the ledger.
func mention(user string) string { return "<@" + escape(printable(user, 30)) + ">" }

// controls are what people can do about a reminder: acknowledge, snooze, and
// renew in the console. Of several instances all are meant, or those that a
// modal lets people choose. What a message of several shows is the same whoever
// looks at it, so that pressing twice does not do the opposite.
func (s scribe) controls(console string) []slack.Block {
	var elements []slack.BlockElement
	if open, shares := s.Answered(); open > 0 {
		if len(s.Items) == 1 && s.More == 0 {
			elements = s.oneControls(s.Items[0])
		} else {
			elements = s.allControls(open, shares)
		}
	}
	if console != "" {
		label := s.Say("button.console.label")
		button := slack.NewButtonBlockElement(string(actConsole), "", plainText(s.Say("button.console"))).WithURL(console)
		button.AccessibilityLabel = label
		elements = append(elements, button)
	}
	if len(elements) == 0 {
		return nil
	}
	return []slack.Block{slack.NewActionBlock("", elements...)}
}

// oneControls are those for the only instance of a message.
func (s scribe) oneControls(i notify.Item) []slack.BlockElement {
	about := deed{service: i.Service, instance: i.Instance, expires: i.Expires}
	if len(about.encode()) > maxOptionValue-40 {
		about = deed{} // all that the message is about, which is the same
	}
	label := func(text string) string { return text + " " + i.Instance }
	do := func(act act, text string) *slack.ButtonBlockElement {
		d := about
		d.act = act
		return d.button("", text, label(text))
	}
	switch {
	case i.Pause.Acknowledged():
		return []slack.BlockElement{do(actUnacknowledge, s.Say("button.unacknowledge")), s.snooze(about, s.Say("button.snooze"))}
	case i.Pause.Snoozed():
		return []slack.BlockElement{primary(do(actAcknowledge, s.Say("button.acknowledge"))), do(actUnsnooze, s.Say("button.unsnooze"))}
	default:
		return []slack.BlockElement{primary(do(actAcknowledge, s.Say("button.acknowledge"))), s.snooze(about, s.Say("button.snooze"))}
	}
}

// allControls are those of a message about several instances, some of which may
// stand in its thread. When somebody takes care of all that are open, that can be
// taken back.
func (s scribe) allControls(open int, shares []notify.Share) []slack.BlockElement {
	acknowledged := 0
	for _, share := range shares {
		acknowledged += share.Acknowledged
	}
	first := primary(deed{act: actAcknowledge}.button("all", s.Say("button.acknowledge.all"), ""))
	if acknowledged == open {
		first = deed{act: actUnacknowledge}.button("all", s.Say("button.unacknowledge.all"), "")
	}
	return []slack.BlockElement{
		first,
		s.snooze(deed{}, s.Say("button.snooze.all")),
		deed{act: actPick}.button("", s.Say("button.pick"), s.Say("button.pick.label")),
	}
}

func primary(b *slack.ButtonBlockElement) *slack.ButtonBlockElement {
	return b.WithStyle(slack.StylePrimary)
}

// snooze is the menu of how long.
func (s scribe) snooze(about deed, name string) *slack.SelectBlockElement {
	about.act = actSnooze
	var options []*slack.OptionBlockObject
	for _, span := range spans() {
		about.span = span
		options = append(options, about.option(spanName(s.Book, span)))
	}
	return slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, plainText(name), string(actSnooze), options...)
}
