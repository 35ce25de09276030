package bot

import (
	"fmt"
	"strings"
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
		instances += sum.Instances - sum.Renewed
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
	p.notes = s.threadNotes()
	return p
}

// threadNotes are what to know about the instances of a message and of its
// thread: who answered to how many, and that there are more than meet the eye.
func (s scribe) threadNotes() []string {
	if s.More == 0 {
		return nil
	}
	var notes []string
	open, shares := s.Answered()
	if by, n := sharing(shares, func(share notify.Share) int { return share.Acknowledged }); n > 0 {
		notes = append(notes, "🙋 "+s.Count("thread.acknowledged", open, "who", whoOf(by), "done", s.Count("number", n)))
	}
	if by, n := sharing(shares, func(share notify.Share) int { return share.Snoozed }); n > 0 {
		notes = append(notes, "💤 "+s.Count("thread.snoozed", open, "who", whoOf(by), "done", s.Count("number", n), "until", s.when(firstEnd(by))))
	}
	return append(notes, s.Count("note.thread", s.More))
}

// sharing leaves the shares of which there is something to count, and counts it.
func sharing(shares []notify.Share, count func(notify.Share) int) (some []notify.Share, n int) {
	for _, share := range shares {
		if count(share) > 0 {
			some = append(some, share)
			n += count(share)
		}
	}
	return some, n
}

// maxWho is how many of those who answered a message names.
const maxWho = 10

// whoOf names the people of shares, and counts those beyond maxWho.
func whoOf(shares []notify.Share) string {
	var who []string
	for _, share := range shares[:min(len(shares), maxWho)] {
		who = append(who, mention(share.By))
	}
	if rest := len(shares) - maxWho; rest > 0 {
		who = append(who, fmt.Sprint("+", rest))
	}
	return strings.Join(who, " ")
}

// firstEnd is when the first of the snoozes ends.
func firstEnd(shares []notify.Share) (first time.Time) {
	for _, share := range shares {
		if first.IsZero() || !share.Until.IsZero() && share.Until.Before(first) {
			first = share.Until
		}
	}
	return first
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
	if n := sum.Acknowledged(); n > 0 {
		line += " · 🙋 " + s.Count("summary.acknowledged", n)
	}
	if n := sum.Snoozed(); n > 0 {
		line += " · 💤 " + s.Count("summary.snoozed", n)
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
