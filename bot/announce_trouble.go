package bot

import (
	"fmt"
	"strings"
	"time"

	"computeunits/notify"
)

// unreadable says that Qianfan does not tell about some services, why, and
// what to do.
func (s scribe) unreadable() page {
	p := page{lead: "⚠️ " + s.Count("unreadable.lead", len(s.Troubles), "service", s.troubled()), lists: s.troubles(s.Troubles)}
	p.notes = append(p.notes, s.Say("unreadable.note"))
	return p
}

// readable says that it does again.
func (s scribe) readable() page {
	return page{
		lead:  "✅ " + s.Count("readable.lead", len(s.Troubles), "service", s.troubled()),
		lists: []list{{n: len(s.Troubles), line: func(i int) string { return s.recovery(s.Troubles[i]) }}},
	}
}

// recovery is one service in a line that could not be read for a while.
func (s scribe) recovery(t notify.Trouble) string {
	line := name(t.Label, t.Service)
	if !t.Since.IsZero() {
		line += " · " + s.Say("readable.since", "when", s.when(t.Since), "ago", s.Ago(s.At.Sub(t.Since)))
	}
	return line
}

// troubled names the service in trouble, or says how many they are.
func (s scribe) troubled() string {
	if len(s.Troubles) == 1 {
		return name(s.Troubles[0].Label, s.Troubles[0].Service)
	}
	return s.Count("count.services", len(s.Troubles))
}

// troubles lists services under what is wrong with them: an outage has one
// cause more often than many.
func (s scribe) troubles(all []notify.Trouble) []list {
	alike := make(map[string][]notify.Trouble)
	var lists []list
	for _, t := range all {
		heading := s.diagnosis(t)
		if len(alike[heading]) == 0 {
			lists = append(lists, list{heading: heading})
		}
		alike[heading] = append(alike[heading], t)
	}
	for i, l := range lists {
		of := alike[l.heading]
		lists[i].n, lists[i].line = len(of), func(i int) string { return s.trouble(of[i]) }
	}
	return lists
}

// trouble is one service in a line: how old its data is, since when that is
// so, and what Baidu's support wants to know.
func (s scribe) trouble(t notify.Trouble) string {
	parts := []string{name(t.Label, t.Service), s.dataAge(t.ReadAt)}
	if !t.Since.IsZero() {
		parts = append(parts, s.Say("trouble.since", "when", s.when(t.Since)))
	}
	if r := s.reference(t); r != "" {
		parts = append(parts, r)
	}
	return strings.Join(parts, " · ")
}

// dataAge says how old what is known of a service is.
func (s scribe) dataAge(read time.Time) string {
	if read.IsZero() {
		return s.Say("trouble.never")
	}
	return s.Say("trouble.read", "ago", s.Ago(s.At.Sub(read)))
}

// reference is what support wants to know. All of it is foreign.
func (s scribe) reference(t notify.Trouble) string {
	var parts []string
	if t.Code != "" {
		parts = append(parts, foreign(t.Code))
	}
	if t.Message != "" {
		parts = append(parts, "“"+foreign(t.Message)+"”")
	}
	if t.Status != 0 {
		parts = append(parts, fmt.Sprintf("HTTP %d", t.Status))
	}
	if t.RequestID != "" {
		parts = append(parts, s.Say("trouble.request", "id", code(t.RequestID)))
	}
	return strings.Join(parts, ", ")
}

// diagnosis says what happened and what to do, to those who did not ask.
func (s scribe) diagnosis(t notify.Trouble) string {
	if t.Status == 0 && t.Code == "" {
		return s.Say("diagnosis.unreachable")
	}
	switch causeOf(t.Status, t.Code, t.Message, !t.Refused) {
	case causeAccessKey:
		return s.Say("diagnosis.accesskey")
	case causeSignature:
		return s.Say("diagnosis.signature")
	case causeClock:
		return s.Say("diagnosis.clock")
	case causePolicy:
		return s.Say("diagnosis.policy")
	case causeService:
		return s.Say("diagnosis.service")
	case causeTooOften:
		return s.Say("diagnosis.toooften")
	case causeRefused:
		return s.Say("diagnosis.refused")
	case causeBroken:
		return s.Say("diagnosis.broken")
	default:
		return s.Say("diagnosis.nonsense")
	}
}
