package bot

import (
	"strings"

	"github.com/slack-go/slack"
)

// usage is what help shows: what people may write, in their language and in the
// form that works where they are.
func usage(w asking) rendering {
	d := w.dialect()
	const service = "svco-48exxxa594"
	examples := []struct{ line, what string }{
		{service + " " + d.Say("usage.prepaid"), d.Say("usage.ask.prepaid")},
		{service, d.Say("usage.ask")},
		{d.Say("usage.expiring"), d.Say("usage.what.expiring")},
		{d.Say("usage.next"), d.Say("usage.what.next")},
		{d.Say("usage.services"), d.Say("usage.what.services")},
		{d.Say("usage.watch", "service", service), d.Say("usage.what.watch")},
		{d.Say("usage.unwatch", "service", service), d.Say("usage.what.unwatch")},
		{d.Say("usage.snooze", "instance", "a0085162xxx9d19e58e"), d.Say("usage.what.snooze")},
		{d.Say("usage.acknowledge", "instance", "a0085162xxx9d19e58e"), d.Say("usage.what.acknowledge")},
	}
	lead := d.Say("usage.lead")
	var text, lines strings.Builder
	for _, e := range examples {
		text.WriteString("\n• " + d.Say("item.at", "what", escape(d.prefix+e.line), "when", e.what))
		lines.WriteString("\n• " + codeLine(d.prefix+e.line) + " — " + e.what)
	}
	tail := d.Say("usage.tail")
	if w.origin == byCommand {
		tail += " " + d.Say("usage.tail.private")
	} else {
		tail += " " + d.Say("usage.tail.command")
	}
	return rendering{lead + text.String() + "\n" + tail, []slack.Block{
		header(d.Say("usage.title")),
		slack.NewSectionBlock(marked(lead+lines.String()), nil, nil),
		small(tail),
		sayRow(w.Book, examples[0].line, examples[2].line, examples[4].line),
	}}
}
