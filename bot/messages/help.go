package messages

import (
	"strings"

	"github.com/slack-go/slack"

	"computeunits/bot/blocks"
)

// An Example is what the examples of help are about: so that they work when they
// are copied, something that is watched, if there is anything.
type Example struct{ Service, Instance string }

// DocumentedExample is the sample of Qianfan's documentation.
func DocumentedExample() Example { return Example{"svco-48exxxa594", "a0085162xxx9d19e58e"} }

// Help is what help shows: what people may write, in their language and in the
// form that works where they are.
func Help(d blocks.Dialect, command bool, about Example) Message {
	service := about.Service
	examples := []struct{ line, what string }{
		{service + " " + d.Say("usage.prepaid"), d.Say("usage.ask.prepaid")},
		{service, d.Say("usage.ask")},
		{d.Say("usage.expiring"), d.Say("usage.what.expiring")},
		{d.Say("usage.next"), d.Say("usage.what.next")},
		{d.Say("usage.services"), d.Say("usage.what.services")},
		{d.Say("usage.watch", "service", service), d.Say("usage.what.watch")},
		{d.Say("usage.unwatch", "service", service), d.Say("usage.what.unwatch")},
		{d.Say("usage.snooze", "instance", about.Instance), d.Say("usage.what.snooze")},
		{d.Say("usage.acknowledge", "instance", about.Instance), d.Say("usage.what.acknowledge")},
	}
	lead := d.Say("usage.lead")
	var text, lines strings.Builder
	for _, e := range examples {
		text.WriteString("\n• " + d.Say("item.at", "what", blocks.Escape(d.Prefix+e.line), "when", e.what))
		lines.WriteString("\n• " + CodeLine(d.Prefix+e.line) + " — " + e.what)
	}
	tail := d.Say("usage.tail")
	if command {
		tail += " " + d.Say("usage.tail.private")
	} else {
		tail += " " + d.Say("usage.tail.command")
	}
	return Message{lead + text.String() + "\n" + tail, []slack.Block{
		blocks.Header(d.Say("usage.title")),
		slack.NewSectionBlock(blocks.Mrkdwn(lead+lines.String()), nil, nil),
		blocks.Context(tail),
		sayRow(d.Book, examples[0].line, examples[2].line, examples[4].line),
	}}
}
