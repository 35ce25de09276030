package bot

import (
	"time"

	"computeunits/notify"
)

// collected names the services of which something is due; its thread has the
// instances.
func (s scribe) collected() page {
	replicas, instances, services, renewed := 0, 0, 0, 0
	var soonest time.Time
	p := page{lists: []list{{n: len(s.Services), line: func(i int) string { return s.summary(s.Services[i]) }}}}
	for _, sum := range s.Services {
		if sum.Renewed >= sum.Instances {
			renewed++
			continue
		}
		services++
		replicas += max(sum.Replicas, 0)
		instances += sum.Instances
		if soonest.IsZero() || sum.Soonest.Before(soonest) {
			soonest = sum.Soonest
		}
	}
	left := s.left(soonest)
	switch {
	case services == 0:
		p.lead = "✅ " + s.Count("collected.renewed", renewed)
	case left <= 0:
		p.lead = "🔴 " + s.Count("collected.stopped", services, "what", s.amount(replicas, instances), "when", s.when(soonest), "ago", s.Ago(left))
	default:
		p.lead = urgencyIcon(left) + " " + s.Count("collected.stops", services, "what", s.amount(replicas, instances), "when", s.when(soonest), "span", s.Span(left))
	}
	if s.More > 0 {
		p.notes = append(p.notes, s.Count("note.thread", s.More))
	}
	return p
}

// summary is one service in a line.
func (s scribe) summary(sum notify.Summary) string {
	what := s.Say("item.of", "what", s.amount(sum.Replicas, sum.Instances), "service", name(sum.Label, sum.Service))
	line := s.Say("item.at", "what", what, "when", s.when(sum.Soonest))
	if sum.Renewed >= sum.Instances {
		return "✅ " + struck(line) + " " + s.Say("summary.renewed")
	}
	left := s.left(sum.Soonest)
	ends := s.Left(left)
	if left <= 0 {
		ends = s.Say("item.expired", "ago", s.Ago(left))
	}
	line = urgencyIcon(left) + " " + line + " · " + ends
	if sum.Instances > 1 {
		line += " · " + s.Count("count.instances", sum.Instances)
	}
	if sum.Renewed > 0 {
		line += " · " + s.Count("summary.some", sum.Renewed)
	}
	return line
}

// renewed says which instances expire later now than the channel was told.
func (s scribe) renewed() page {
	p := page{notes: s.itemNotes()}
	if len(s.Items) == 0 {
		p.lead = "✅ " + s.Say("renewed.none")
		return p
	}
	first, last := bounds(s.Items)
	what, service := s.what(s.Items), s.of(s.Items)
	if first.Equal(last) {
		p.lead = "✅ " + s.Say("renewed.until", "what", what, "service", service, "until", s.when(first))
	} else {
		p.lead = "✅ " + s.Say("renewed.several", "what", what, "service", service, "until", s.when(first))
	}
	withService := s.oneService() == ""
	p.lists = []list{{n: len(s.Items), line: func(i int) string { return s.renewal(s.Items[i], withService) }}}
	if s.More > 0 {
		p.notes = append(p.notes, s.Count("note.thread", s.More))
	}
	return p
}

// renewal is one renewed instance in a line.
func (s scribe) renewal(i notify.Item, withService bool) string {
	what := s.amount(i.Replicas, 1) + " " + code(i.Instance)
	if withService {
		what = s.Say("item.of", "what", what, "service", name(i.Label, i.Service))
	}
	line := what + " · " + s.Say("item.renewed", "until", s.when(i.Expires))
	if !i.Before.IsZero() {
		line += " · " + s.Say("renewed.before", "when", s.when(i.Before))
	}
	if !i.Present.IsZero() {
		line = struck(line) + " " + s.Say("renewed.again", "now", s.when(i.Present))
	}
	return line
}
