package messages

import (
	"computeunits/bot/blocks"
	"computeunits/notify/plan"
)

// vanished says which instances Qianfan does not list any more, before their
// expiry or while that is unknown, and which it lists again.
func (s correctionWords) vanished() Layout {
	p := Layout{Lead: s.vanishedLead(), notes: itemWords(s).itemNotes()}
	if len(s.Items) > 0 {
		p.Lists = []List{s.VanishedList("", s.Items)}
	}
	if s.More > 0 {
		p.notes = append(p.notes, s.Count("note.thread", s.More))
	}
	return p
}

func (s correctionWords) vanishedLead() string {
	var missed, dated []plan.Item
	for _, i := range s.Items {
		if !i.Unlisted {
			continue
		}
		if missed = append(missed, i); i.Expires.After(s.At) {
			dated = append(dated, i)
		}
	}
	switch {
	case len(s.Items) == 0:
		return "⚠️ " + s.Say("vanished.none")
	case len(missed) == 0:
		return "✅ " + s.Say("vanished.back", "what", reminderWords(s).what(s.Items), "service", reminderWords(s).of(s.Items))
	case len(dated) == 0:
		return "⚠️ " + s.Say("vanished.undated", "what", reminderWords(s).what(missed), "service", reminderWords(s).of(missed))
	}
	first, _ := bounds(dated)
	return "⚠️ " + s.Count("vanished.lead", len(missed), "what", reminderWords(s).what(missed), "service", reminderWords(s).of(missed), "left", s.Span(s.TimeLeft(first)))
}

// VanishedList names instances that vanished, each with its service.
func (s Words) VanishedList(heading string, items []plan.Item) List {
	return List{heading, len(items), func(i int) string { return s.VanishedLine(items[i]) }}
}

// VanishedLine is one instance that vanished, or is listed again.
func (s Words) VanishedLine(i plan.Item) string {
	listed := !i.Unlisted
	i.Unlisted = false // that is said above all of them
	line := s.UnknownLine(i)
	if !i.Expires.IsZero() {
		line = itemWords{s}.line(i, true)
	}
	if listed && i.Present.IsZero() {
		return blocks.Strike(line) + " ✅ " + s.Say("vanished.listed")
	}
	return line
}

// unknown says of which instances nobody knows when they expire, and of which
// somebody does by now.
func (s correctionWords) unknown() Layout {
	n := s.More
	for _, i := range s.Items {
		n += truth(i.Expires.IsZero() || i.Raw != "")
	}
	p := Layout{Lead: "⚠️ " + s.Count("digest.unknown", n), Lists: []List{s.UnknownList("", s.Items)}}
	if n == 0 {
		p.Lead = "✅ " + s.Count("unknown.known", len(s.Items))
	}
	if s.More > 0 {
		p.notes = append(p.notes, s.Count("note.thread", s.More))
	}
	return p
}

// UnknownList names instances whose expiry is not known, with what Qianfan wrote.
func (s Words) UnknownList(heading string, items []plan.Item) List {
	return List{heading, len(items), func(i int) string { return s.UnknownLine(items[i]) }}
}

// UnknownLine is one instance whose expiry is not known, or was not.
func (s Words) UnknownLine(i plan.Item) string {
	what := s.Amount(i.Replicas, 1) + " " + blocks.Code(i.Instance)
	line := s.Say("item.of", "what", what, "service", blocks.ServiceName(i.Label, i.Service))
	switch {
	case i.Raw == "" && i.Expires.IsZero():
		return line + " · " + s.Say("expiry.none")
	case i.Raw == "":
		return line + " · " + s.Say("ask.expires", "when", s.when(i.Expires))
	}
	line += " · " + s.Say("expiry.wrote", "text", blocks.Escape(blocks.Quote(i.Raw)))
	if !i.Expires.IsZero() {
		line += " · " + s.Say("expiry.before", "when", s.when(i.Expires))
	}
	return line
}
