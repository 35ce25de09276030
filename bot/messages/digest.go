package messages

import (
	"cmp"
	"time"

	"computeunits/bot/blocks"
	"computeunits/notify/plan"
)

// digest says what expires when: how much by urgency, which capacity goes away
// on which day, and the instances, soonest first. Its thread goes on with the
// instances.
func (s digestWords) digest() Layout {
	d := s.Digest
	if d == nil {
		return reminderWords(s).several(s.Count("digest.more", len(s.Items)))
	}
	if d.AllClear {
		return s.allClear(d)
	}
	p := Layout{
		title: s.Say("digest.title", "day", s.Day(d.Day.Year, d.Day.Month, d.Day.Day)),
		Lead:  s.digestLead(d),
		Lists: []List{
			{s.Say("digest.losses", "zone", ZoneName(d.Zone, s.At)), len(d.Losses), func(i int) string { return s.loss(d.Losses[i]) }},
			s.ItemList(s.Say("digest.soonest"), true),
			s.UnknownList(s.Say("digest.unknown.list"), d.Unknown),
			{s.Say("digest.unread"), len(d.Unread), func(i int) string { return troubleWords(s).trouble(d.Unread[i]) }},
		},
	}
	if s.More > 0 {
		p.notes = append(p.notes, s.Count("note.thread", s.More))
	}
	if d.Beyond > 0 {
		p.notes = append(p.notes, s.Count("digest.beyond", d.Beyond))
	}
	p.notes = append(p.notes, s.watched(d))
	p.notes = append(p.notes, s.slow(d)...)
	if d.Late > 0 {
		p.notes = append(p.notes, itemWords(s).late(d.Late, d.LateWhy))
	}
	p.notes = append(p.notes, itemWords(s).itemNotes()...)
	return p
}

// allClear is one quiet line.
func (s digestWords) allClear(d *plan.Digest) Layout {
	p := Layout{quiet: true, Lead: "✅ " + s.Say("digest.clear", "day", s.Day(d.Day.Year, d.Day.Month, d.Day.Day), "watched", s.watched(d))}
	p.notes = append(p.notes, s.slow(d)...)
	if d.Late > 0 {
		p.notes = append(p.notes, itemWords(s).late(d.Late, d.LateWhy))
	}
	return p
}

// slow says that services are read less often than was asked for.
func (s digestWords) slow(d *plan.Digest) []string {
	if d.Slow == 0 {
		return nil
	}
	return []string{"⚠️ " + s.Say("digest.slow", "services", s.Count("count.services", d.Services), "takes", s.Span(d.Slow), "every", s.Span(d.CheckEvery))}
}

// digestLead is how much expires how soon, the most urgent first, and what is
// not known. What could not be read is never "nothing".
func (s digestWords) digestLead(d *plan.Digest) string {
	lead := ""
	add := func(line string) {
		if lead != "" {
			lead += "\n"
		}
		lead += line
	}
	for _, c := range d.Counts {
		add(s.UrgencyText(c))
	}
	switch {
	case len(d.Counts) > 0:
	case len(d.Unread) > 0 || len(d.Unknown) > 0 || d.Vanished > 0:
		add("⚠️ " + s.Say("digest.unsure"))
	default:
		add("✅ " + s.Say("digest.nothing"))
	}
	if n := len(d.Unread); n > 0 {
		add("⚠️ " + s.Count("digest.unread.count", n))
	}
	if n := len(d.Unknown); n > 0 {
		add("⚠️ " + s.Count("digest.unknown", n))
	}
	if d.Vanished > 0 {
		add("⚠️ " + s.Count("digest.vanished", d.Vanished))
	}
	return lead
}

// UrgencyText is how much expires within one span of time.
func (s Words) UrgencyText(c plan.Count) string {
	what := "*" + s.Count("count.instances", c.Instances) + "* (" + s.Count("count.replicas", c.Replicas) + ")"
	switch c.Urgency {
	case plan.Expired:
		return "⛔ " + s.Count("urgency.expired", c.Instances, "what", what)
	case plan.WithinDay:
		return "🔴 " + s.Count("urgency.day", c.Instances, "what", what)
	case plan.WithinWeek:
		return "🟡 " + s.Count("urgency.week", c.Instances, "what", what)
	default:
		return "🟢 " + s.Count("urgency.month", c.Instances, "what", what)
	}
}

// loss is capacity at risk: what goes away on a day, and what then remains.
func (s digestWords) loss(l plan.Loss) string {
	return s.Say("digest.loss",
		"day", s.ShortDay(l.Day.Year, l.Day.Month, l.Day.Day),
		"service", blocks.ServiceName(l.Label, l.Service),
		"before", s.Count("number", l.Left+l.Replicas), "after", s.Count("count.replicas", l.Left))
}

// watched is what the digest is about as a whole.
func (s digestWords) watched(d *plan.Digest) string {
	return s.Say("digest.watched",
		"services", s.Count("count.services", d.Services),
		"instances", s.Count("count.prepaid", d.Instances),
		"replicas", s.Count("count.replicas", d.Replicas))
}

// ZoneName is how people know the zone that days are counted in: Asia/Shanghai,
// or its difference from UTC where it has no name.
func ZoneName(zone *time.Location, now time.Time) string {
	if zone == nil {
		zone = time.UTC
	}
	return cmp.Or(zone.String(), now.In(zone).Format("UTC-07:00"))
}
