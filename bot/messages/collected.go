package messages

import (
	"fmt"
	"strings"
	"time"

	"computeunits/bot/blocks"
	"computeunits/notify/plan"
)

// collected names the services of which something is due; its thread has the
// instances.
func (s collectedWords) collected() Layout {
	replicas, instances, services, renewed := 0, 0, 0, 0
	var soonest time.Time
	p := Layout{Lists: []List{{N: len(s.Services), Line: func(i int) string { return s.summary(s.Services[i]) }}}}
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
	left := s.TimeLeft(soonest)
	switch {
	case services == 0:
		p.Lead = "✅ " + s.Count("collected.renewed", renewed)
	case left <= 0:
		p.Lead = "🔴 " + s.Count("collected.stopped", services, "what", s.Amount(replicas, instances), "when", s.when(soonest), "ago", s.Ago(left))
	default:
		p.Lead = UrgencyIcon(left) + " " + s.Count("collected.stops", services, "what", s.Amount(replicas, instances), "when", s.when(soonest), "span", s.Span(left))
	}
	p.notes = s.threadNotes()
	return p
}

// threadNotes are what to know about the instances of a message and of its
// thread: who answered to how many, and that there are more than meet the eye.
func (s collectedWords) threadNotes() []string {
	if s.More == 0 {
		return nil
	}
	var notes []string
	open, shares := s.Answered()
	if by, n := sharing(shares, func(share plan.Share) int { return share.Acknowledged }); n > 0 {
		notes = append(notes, "🙋 "+s.Count("thread.acknowledged", open, "who", whoOf(by), "done", s.Count("number", n)))
	}
	if by, n := sharing(shares, func(share plan.Share) int { return share.Snoozed }); n > 0 {
		notes = append(notes, "💤 "+s.Count("thread.snoozed", open, "who", whoOf(by), "done", s.Count("number", n), "until", s.when(firstEnd(by))))
	}
	return append(notes, s.Count("note.thread", s.More))
}

// sharing leaves the shares of which there is something to count, and counts it.
func sharing(shares []plan.Share, count func(plan.Share) int) (some []plan.Share, n int) {
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
func whoOf(shares []plan.Share) string {
	var who []string
	for _, share := range shares[:min(len(shares), maxWho)] {
		who = append(who, blocks.Mention(share.By))
	}
	if rest := len(shares) - maxWho; rest > 0 {
		who = append(who, fmt.Sprint("+", rest))
	}
	return strings.Join(who, " ")
}

// firstEnd is when the first of the snoozes ends.
func firstEnd(shares []plan.Share) (first time.Time) {
	for _, share := range shares {
		if first.IsZero() || !share.Until.IsZero() && share.Until.Before(first) {
			first = share.Until
		}
	}
	return first
}

// summary is one service in a line.
func (s collectedWords) summary(sum plan.Summary) string {
	what := s.Say("item.of", "what", s.Amount(sum.Replicas, sum.Instances), "service", blocks.ServiceName(sum.Label, sum.Service))
	line := s.Say("item.at", "what", what, "when", s.when(sum.Soonest))
	if sum.Renewed >= sum.Instances {
		return "✅ " + blocks.Strike(line) + " " + s.Say("summary.renewed")
	}
	left := s.TimeLeft(sum.Soonest)
	ends := s.Left(left)
	if left <= 0 {
		ends = s.Say("item.expired", "ago", s.Ago(left))
	}
	line = UrgencyIcon(left) + " " + line + " · " + ends
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
func (s correctionWords) renewed() Layout {
	p := Layout{notes: itemWords(s).itemNotes()}
	if len(s.Items) == 0 {
		p.Lead = "✅ " + s.Say("renewed.none")
		return p
	}
	first, last := bounds(s.Items)
	what, service := reminderWords(s).what(s.Items), reminderWords(s).of(s.Items)
	if first.Equal(last) {
		p.Lead = "✅ " + s.Say("renewed.until", "what", what, "service", service, "until", s.when(first))
	} else {
		p.Lead = "✅ " + s.Say("renewed.several", "what", what, "service", service, "until", s.when(first))
	}
	withService := reminderWords(s).oneService() == ""
	p.Lists = []List{{N: len(s.Items), Line: func(i int) string { return s.renewal(s.Items[i], withService) }}}
	if s.More > 0 {
		p.notes = append(p.notes, s.Count("note.thread", s.More))
	}
	return p
}

// renewal is one renewed instance in a line.
func (s correctionWords) renewal(i plan.Item, withService bool) string {
	what := s.Amount(i.Replicas, 1) + " " + blocks.Code(i.Instance)
	if withService {
		what = s.Say("item.of", "what", what, "service", blocks.ServiceName(i.Label, i.Service))
	}
	line := what + " · " + s.Say("item.renewed", "until", s.when(i.Expires))
	if !i.Before.IsZero() {
		line += " · " + s.Say("renewed.before", "when", s.when(i.Before))
	}
	if !i.Present.IsZero() {
		line = blocks.Strike(line) + " " + s.Say("renewed.again", "now", s.when(i.Present))
	}
	return line
}
