package messages

import (
	"time"

	"computeunits/bot/action"
	"computeunits/bot/blocks"
	"computeunits/bot/phrase"
	"computeunits/notify/plan"
)

// Answered says what became of reminders, and how each stands now. labels are of
// the services.
func Answered(book *phrase.Book, did action.Kind, answers []plan.Answer, labels map[string]string, now time.Time) Message {
	lines := PauseOutcome(book, did, len(answers), answers, now)
	for _, one := range answers {
		line := "• " + book.Say("item.of", "what", blocks.Code(one.Instance), "service", blocks.ServiceName(labels[one.Service], one.Service))
		if said := Paused(book, one.Pause, func(t time.Time) string { return blocks.Date(book, t) }); said != "" {
			line += " · " + said
		}
		lines = append(lines, line)
	}
	return Paragraph(book, blocks.JoinLines(lines))
}

// FollowUps says why the message does not show what was done, if the notifier knows
// that it does not.
func FollowUps(book *phrase.Book, shown plan.Shown, answers []plan.Answer) []string {
	switch {
	case !AnyChanged(answers):
		return nil
	case shown == plan.ShownLater:
		return []string{book.Say("press.later")}
	case shown == plan.ShownNever:
		return []string{book.Say("press.never")}
	default:
		return nil
	}
}

// AnyChanged reports whether any answer changed something.
func AnyChanged(answers []plan.Answer) bool { return CountChanged(answers) > 0 }

// CountChanged counts the answers that changed something.
func CountChanged(answers []plan.Answer) int {
	n := 0
	for _, one := range answers {
		n += truth(one.Changed)
	}
	return n
}

// PauseOutcome says in a few lines what became of each expiry, of so many that were
// asked for. It is a pure function.
func PauseOutcome(book *phrase.Book, did action.Kind, asked int, answers []plan.Answer, now time.Time) []string {
	var changed, same, renewed, unknown, over, shortened int
	var before plan.Answer // one of those that were so already
	for _, one := range answers {
		switch {
		case one.Reason == plan.ReasonRenewed:
			renewed++
		case one.Reason == plan.ReasonOver:
			over++
		case one.Reason != "":
			unknown++
		case one.Changed:
			changed++
		default:
			same++
			before = one
		}
		shortened += truth(one.Shortened)
	}
	var lines []string
	say := func(is int, words func() string) {
		if is > 0 {
			lines = append(lines, words())
		}
	}
	say(changed, func() string { return done(book, did, changed) })
	say(same, func() string {
		if same == 1 && before.By != "" && !other(did, before.Pause) {
			return book.Say("press.same.by", "who", blocks.Mention(before.By), "ago", book.Ago(now.Sub(before.At)))
		}
		return book.Count("press.same", same)
	})
	say(renewed, func() string { return book.Count("press.renewed", renewed) })
	say(unknown, func() string { return book.Count("press.gone", unknown) })
	say(over, func() string { return book.Count("press.over", over) })
	say(shortened, func() string { return book.Count("press.shortened", shortened) })
	left := asked - len(answers)
	say(left, func() string { return book.Count("press.left", left) })
	return lines
}

// done says what was done to so many instances.
func done(book *phrase.Book, did action.Kind, n int) string {
	switch did {
	case action.Acknowledge:
		return book.Count("press.done.acknowledge", n)
	case action.Unacknowledge:
		return book.Count("press.done.unacknowledge", n)
	case action.Unsnooze:
		return book.Count("press.done.unsnooze", n)
	default:
		return book.Count("press.done.snooze", n)
	}
}

// other reports whether a pause is of the other kind than what was to be taken
// back: who made it did nothing of what was asked for.
func other(did action.Kind, p plan.Pause) bool {
	return did == action.Unacknowledge && p.Snoozed() || did == action.Unsnooze && p.Acknowledged()
}
