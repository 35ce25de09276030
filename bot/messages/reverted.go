package messages

import (
	"computeunits/bot/blocks"
	"computeunits/notify/plan"
)

// reverted says of which instances the renewal that was announced does not hold.
func (s correctionWords) reverted() Layout {
	p := Layout{Lead: s.revertedLead(), notes: itemWords(s).itemNotes()}
	withService := reminderWords(s).oneService() == ""
	p.Lists = []List{{N: len(s.Items), Line: func(i int) string { return s.reversion(s.Items[i], withService) }}}
	if s.More > 0 {
		p.notes = append(p.notes, s.Count("note.thread", s.More))
	}
	return p
}

// revertedLead is of what the expiry that was told at first holds, and when that
// is.
func (s correctionWords) revertedLead() string {
	var holds []plan.Item
	for _, i := range s.Items {
		if i.Present.IsZero() {
			holds = append(holds, i)
		}
	}
	if len(holds) == 0 {
		return reminderWords(s).expiryLead() // renewed by now, or moved again
	}
	first, last := bounds(holds)
	what, service, when := reminderWords(s).what(holds), reminderWords(s).of(holds), s.when(first)
	if first.Equal(last) {
		return "⚠️ " + s.Say("reverted.lead", "what", what, "service", service, "when", when)
	}
	return "⚠️ " + s.Say("reverted.several", "what", what, "service", service, "when", when)
}

// reversion is one instance in a line, with what it was said to expire.
func (s correctionWords) reversion(i plan.Item, withService bool) string {
	line := itemWords(s).line(i, withService)
	if i.Before.IsZero() || !i.Present.IsZero() {
		return line
	}
	return line + " · " + blocks.Strike(s.Say("item.renewed", "until", s.when(i.Before)))
}
