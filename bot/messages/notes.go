package messages

import (
	"strings"
	"time"

	"computeunits/notify/plan"
)

// itemNotes are what to know about the items as a whole. What is true of some
// of several only stands in their lines.
func (s itemWords) itemNotes() []string {
	var notes []string
	late := make(map[plan.LateReason]time.Duration)
	stale, unlisted, zone := 0, 0, 0
	var oldest time.Time
	for _, i := range s.Items {
		if i.Late > 0 {
			late[i.LateWhy] = max(late[i.LateWhy], i.Late)
		}
		if i.Stale {
			if stale++; oldest.IsZero() || i.ReadAt.Before(oldest) {
				oldest = i.ReadAt
			}
		}
		unlisted += truth(i.Unlisted)
		zone += truth(i.ZoneAssumed)
	}
	for _, why := range []plan.LateReason{plan.LateSlack, plan.LateQianfan, plan.LateNotRunning, plan.LateFirstSeen, ""} {
		if late[why] > 0 {
			notes = append(notes, s.late(late[why], why))
		}
	}
	if stale > 0 && s.AgedFrom.IsZero() {
		notes = append(notes, "⚠️ "+s.Say("note.stale", "ago", s.readAgo(oldest)))
	}
	if unlisted > 0 && s.Kind != plan.KindVanished {
		notes = append(notes, s.Count("note.unlisted", unlisted))
	}
	if zone > 0 {
		notes = append(notes, s.Count("note.zone", zone))
	}
	return notes
}

// maxMentions is how many owners one message mentions. A watch has at most
// maxOwners, so only a message about several services can have more.
const maxMentions = 50

// mentions pings the owners of what the message is about, and nobody else. The
// ids were checked when they were stored.
func (s itemWords) mentions() string {
	var who []string
	for _, id := range s.Owners[:min(len(s.Owners), maxMentions)] {
		if strings.HasPrefix(id, "S") {
			who = append(who, "<!subteam^"+id+">")
		} else {
			who = append(who, "<@"+id+">")
		}
	}
	return "👥 " + s.Say("note.owners", "who", strings.Join(who, " "))
}

func truth(is bool) int {
	if is {
		return 1
	}
	return 0
}

// late says how late a message comes, and why.
func (s itemWords) late(by time.Duration, why plan.LateReason) string {
	span := s.Span(by)
	switch why {
	case plan.LateSlack:
		return "⏱️ " + s.Say("late.slack", "span", span)
	case plan.LateQianfan:
		return "⏱️ " + s.Say("late.qianfan", "span", span)
	case plan.LateNotRunning:
		return "⏱️ " + s.Say("late.stopped", "span", span)
	case plan.LateFirstSeen:
		return "⏱️ " + s.Say("late.unseen")
	default:
		return "⏱️ " + s.Say("late.plain", "span", span)
	}
}
