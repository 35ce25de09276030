package bot

import (
	"context"
	"strings"

	"github.com/slack-go/slack"

	"computeunits/notify"
)

// A sample is what the examples of help are about: so that they work when they
// are copied, something that is watched, if there is anything.
type sample struct{ service, instance string }

// documented is the sample of Qianfan's documentation.
func documented() sample { return sample{"svco-48exxxa594", "a0085162xxx9d19e58e"} }

// sample finds one. Nobody is kept from help by a ledger that cannot be read.
func (a *answerer) sample(ctx context.Context, w asking) sample {
	watches, err := a.watches(ctx)
	for _, s := range a.listed {
		watches = append(watches, notify.Watch{Service: s.ID})
	}
	if err == nil && len(watches) > 0 && a.notifier != nil {
		var o notify.Outlook
		now := a.now()
		if o, err = a.notifier.Expiring(ctx, now, now.Add(farAhead), 0, maxEntries); err == nil {
			for _, i := range o.Items {
				if i.Expires.After(now) {
					return sample{service: i.Service, instance: i.Instance}
				}
			}
		}
	}
	if err != nil {
		w.log.WarnContext(ctx, "cannot read what is watched, for the examples of help", "error", err)
	}
	if len(watches) > 0 {
		return sample{service: watches[0].Service, instance: documented().instance}
	}
	return documented()
}

// usage is what help shows: what people may write, in their language and in the
// form that works where they are.
func usage(d dialect, command bool, about sample) rendering {
	service := about.service
	examples := []struct{ line, what string }{
		{service + " " + d.Say("usage.prepaid"), d.Say("usage.ask.prepaid")},
		{service, d.Say("usage.ask")},
		{d.Say("usage.expiring"), d.Say("usage.what.expiring")},
		{d.Say("usage.next"), d.Say("usage.what.next")},
		{d.Say("usage.services"), d.Say("usage.what.services")},
		{d.Say("usage.watch", "service", service), d.Say("usage.what.watch")},
		{d.Say("usage.unwatch", "service", service), d.Say("usage.what.unwatch")},
		{d.Say("usage.snooze", "instance", about.instance), d.Say("usage.what.snooze")},
		{d.Say("usage.acknowledge", "instance", about.instance), d.Say("usage.what.acknowledge")},
	}
	lead := d.Say("usage.lead")
	var text, lines strings.Builder
	for _, e := range examples {
		text.WriteString("\n• " + d.Say("item.at", "what", escape(d.prefix+e.line), "when", e.what))
		lines.WriteString("\n• " + codeLine(d.prefix+e.line) + " — " + e.what)
	}
	tail := d.Say("usage.tail")
	if command {
		tail += " " + d.Say("usage.tail.private")
	} else {
		tail += " " + d.Say("usage.tail.command")
	}
	return rendering{lead + text.String() + "\n" + tail, []slack.Block{
		header(d.Say("usage.title")),
		slack.NewSectionBlock(marked(lead+lines.String()), nil, nil),
		small(tail),
		sayRow(d.Book, examples[0].line, examples[2].line, examples[4].line),
	}}
}
