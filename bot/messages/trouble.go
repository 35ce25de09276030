package messages

import (
	"fmt"
	"strings"
	"time"

	"computeunits/bot/blocks"
	"computeunits/notify/plan"
)

// unreadable says that Qianfan does not tell about some services, why, and
// what to do.
func (s troubleWords) unreadable() Layout {
	p := Layout{Lead: "⚠️ " + s.Count("unreadable.lead", len(s.Troubles), "service", s.troubled()), Lists: s.TroubleList(s.Troubles)}
	p.notes = append(p.notes, s.Say("unreadable.note"))
	return p
}

// readable says that it does again.
func (s troubleWords) readable() Layout {
	return Layout{
		Lead:  "✅ " + s.Count("readable.lead", len(s.Troubles), "service", s.troubled()),
		Lists: []List{{N: len(s.Troubles), Line: func(i int) string { return s.recovery(s.Troubles[i]) }}},
	}
}

// recovery is one service in a line that could not be read for a while.
func (s troubleWords) recovery(t plan.Trouble) string {
	line := blocks.ServiceName(t.Label, t.Service)
	if !t.Since.IsZero() {
		line += " · " + s.Say("readable.since", "when", s.when(t.Since), "ago", s.Ago(s.At.Sub(t.Since)))
	}
	return line
}

// troubled names the service in trouble, or says how many they are.
func (s troubleWords) troubled() string {
	if len(s.Troubles) == 1 {
		return blocks.ServiceName(s.Troubles[0].Label, s.Troubles[0].Service)
	}
	return s.Count("count.services", len(s.Troubles))
}

// TroubleList lists services under what is wrong with them: an outage has one
// cause more often than many.
func (s Words) TroubleList(all []plan.Trouble) []List {
	alike := make(map[string][]plan.Trouble)
	var lists []List
	for _, t := range all {
		heading := s.Diagnosis(t)
		if len(alike[heading]) == 0 {
			lists = append(lists, List{Heading: heading})
		}
		alike[heading] = append(alike[heading], t)
	}
	for i, l := range lists {
		of := alike[l.Heading]
		lists[i].N, lists[i].Line = len(of), func(i int) string { return troubleWords{s}.trouble(of[i]) }
	}
	return lists
}

// trouble is one service in a line: how old its data is, since when that is
// so, and what Baidu's support wants to know.
func (s troubleWords) trouble(t plan.Trouble) string {
	parts := []string{blocks.ServiceName(t.Label, t.Service), s.DataAge(t.ReadAt)}
	if !t.Since.IsZero() {
		parts = append(parts, s.Say("trouble.since", "when", s.when(t.Since)))
	}
	if r := s.reference(t); r != "" {
		parts = append(parts, r)
	}
	return strings.Join(parts, " · ")
}

// DataAge says how old what is known of a service is.
func (s Words) DataAge(read time.Time) string {
	if read.IsZero() {
		return s.Say("trouble.never")
	}
	return s.Say("trouble.read", "ago", s.Ago(s.At.Sub(read)))
}

// reference is what support wants to know. All of it is foreign.
func (s troubleWords) reference(t plan.Trouble) string {
	var parts []string
	if t.Code != "" {
		parts = append(parts, blocks.Foreign(t.Code))
	}
	if t.Message != "" {
		parts = append(parts, "“"+blocks.Foreign(t.Message)+"”")
	}
	if t.Status != 0 {
		parts = append(parts, fmt.Sprintf("HTTP %d", t.Status))
	}
	if t.RequestID != "" {
		parts = append(parts, s.Say("trouble.request", "id", blocks.Code(t.RequestID)))
	}
	return strings.Join(parts, ", ")
}

// Diagnosis says what happened and what to do, to those who did not ask.
func (s Words) Diagnosis(t plan.Trouble) string {
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
