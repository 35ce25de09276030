package messages

import (
	"time"

	"computeunits/bot/blocks"
	"computeunits/bot/phrase"
	"computeunits/notify/plan"
)

// StepName is a step of a ladder in words.
func StepName(book *phrase.Book, step time.Duration) string {
	switch {
	case step > 0:
		return book.Say("step.before", "span", wholeSpan(book, step))
	case step < 0:
		return book.Say("step.after", "span", wholeSpan(book, -step))
	default:
		return book.Say("step.at")
	}
}

// wholeSpan is a span that is not rounded as long as it is of whole hours: 36
// hours are another step than a day.
func wholeSpan(book *phrase.Book, d time.Duration) string {
	if hours := int(d / time.Hour); hours > 24 && hours < 1000 && d%time.Hour == 0 && hours%24 != 0 {
		return book.Count("span.hours", hours)
	}
	return book.Span(d)
}

// maxListed is how many reminders a change is shown to add, or to drop.
const maxListed = 8

// EffectLines say what reminders a change adds and drops, the first of them one
// by one. It is a pure function.
func EffectLines(book *phrase.Book, e plan.ReminderDiff) []string {
	var lines []string
	list := func(heading string, steps []plan.PlannedReminder) {
		lines = append(lines, heading)
		for _, s := range steps[:min(len(steps), maxListed)] {
			lines = append(lines, "• "+book.Say("modal.watch.step", "when", blocks.Date(book, s.At),
				"instance", blocks.Code(s.Instance), "step", StepName(book, s.Threshold), "channel", "<#"+blocks.Escape(s.Channel)+">"))
		}
		if rest := len(steps) - maxListed; rest > 0 {
			lines = append(lines, book.Count("list.rest", rest))
		}
	}
	if len(e.Added) > 0 {
		list(book.Count("modal.watch.added", len(e.Added)), e.Added)
	}
	if len(e.Dropped) > 0 {
		list(book.Count("modal.watch.dropped", len(e.Dropped)), e.Dropped)
	}
	if lines == nil {
		lines = []string{book.Say("modal.watch.noeffect")}
	}
	return lines
}

// WatchBegun says what became of a watch, above what Qianfan knows of the service.
// promise are the lines about the reminders of a new one.
func WatchBegun(d blocks.Dialect, is plan.WatchChange, answer Answer, promise []string, below Message) Message {
	service := blocks.ServiceName(is.Label, is.Service)
	found := d.Say("watch.found", "instances", answer.counted(d), "replicas", d.Count("count.replicas", answer.replicas()))
	var lines []string
	switch {
	case !is.Changed:
		lines = []string{"✅ " + d.Say("watch.same", "service", service), found}
	case is.Was != nil:
		lines = []string{"✅ " + d.Say("watch.changed", "service", service), found}
	default:
		lines = append([]string{"✅ " + d.Say("watch.begun", "service", service), found}, promise...)
	}
	below.Text = blocks.ClipBytes(blocks.JoinLines(lines)+"\n"+below.Text, MaxText)
	below.Blocks = append(Sections(lines), below.Blocks...)
	return below
}

// WatchEnded says what became of the end of a watch.
func WatchEnded(book *phrase.Book, was plan.WatchChange, alone bool, now time.Time) Message {
	if was.Changed {
		lines := []string{"✅ " + book.Say("unwatch.done", "service", blocks.ServiceName(was.Label, was.Service))}
		return Paragraph(book, blocks.JoinLines(append(lines, EffectLines(book, was.ReminderDiff)...)))
	}
	text := book.Say("unwatch.not", "service", blocks.Code(was.Service))
	if was.By != "" && alone { // naming people would call them
		text += " " + book.Say("unwatch.before", "who", blocks.Mention(was.By), "ago", book.Ago(now.Sub(was.At)))
	}
	return Paragraph(book, text)
}
