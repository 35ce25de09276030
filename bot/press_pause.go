package bot

import (
	"context"
	"time"

	"computeunits/bot/phrase"
	"computeunits/notify"
)

// editTime is how much of the time for a press is kept for editing the message,
// when what is to be done to its instances takes long.
const editTime = 10 * time.Second

// pauseBy acknowledges or snoozes by a button, or takes that back. The message
// shows it; the person reads only what the message does not say.
func (a *answerer) pauseBy(ctx context.Context, w asking, d deed) response {
	if refused, ok := a.mayChange(ctx, w); !ok {
		return refused
	}
	if a.notifier == nil {
		return whispered(w.Say("press.unwatched"))
	}
	about := []notify.Expiry{d.expiry()}
	if d.instance == "" {
		var err error
		if about, err = a.notifier.Carried(ctx, w.channel, w.ts); err != nil {
			return w.trouble(ctx, err)
		}
		if len(about) == 0 {
			return whispered(w.Say("press.forgotten"))
		}
	}
	return a.pauseThese(ctx, w, d, about)
}

// pauseThese does what a deed says to some expiries, and edits the message that
// they stand in, if there is one.
func (a *answerer) pauseThese(ctx context.Context, w asking, d deed, about []notify.Expiry) response {
	now := a.now()
	answers, err := a.pauseAll(ctx, w.change(now), d, about)
	if err != nil && len(answers) == 0 {
		return w.trouble(ctx, err)
	}
	if err != nil {
		w.log.WarnContext(ctx, "did not come to all that was pressed for", "done", len(answers), "of", len(about), "error", err)
	}
	shown := a.correct(ctx, w)
	lines := append(outcome(w.Book, d.act, len(about), answers, now), follows(w.Book, shown, answers)...)
	w.log.InfoContext(ctx, "pressed", "act", d.act, "expiries", len(about), "changed", countChanged(answers))
	if shown == notify.ShownNow && d.instance != "" && len(lines) == 1 && anyChanged(answers) {
		return response{} // the message itself says so; of all, what stands in the thread may be meant
	}
	return response{rendering: marking(lines...), private: true}
}

// now is the notifier's clock: what people snooze is reckoned by it.
func (a *answerer) now() time.Time {
	if a.notifier != nil && a.notifier.Now != nil {
		return a.notifier.Now().UTC()
	}
	return time.Now().UTC()
}

// pauseAll asks the notifier for what a deed says. When the time is up, there may
// be an error and answers about the first of the expiries.
func (a *answerer) pauseAll(ctx context.Context, c notify.Change, d deed, about []notify.Expiry) ([]notify.Answer, error) {
	if end, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, end.Add(-editTime))
		defer cancel()
	}
	switch d.act {
	case actAcknowledge:
		return a.notifier.Acknowledge(ctx, c, about...)
	case actUnacknowledge:
		return a.notifier.Unacknowledge(ctx, c, about...)
	case actUnsnooze:
		return a.notifier.Unsnooze(ctx, c, about...)
	default:
		var until time.Time
		if d.span > 0 {
			until = c.At.Add(d.span)
		}
		return a.notifier.Snooze(ctx, c, until, about...)
	}
}

// correct edits the pressed message, and tells what it shows then. One that
// cannot be edited at present is edited later by the notifier.
func (a *answerer) correct(ctx context.Context, w asking) notify.Shown {
	shown, err := a.notifier.Correct(ctx, w.channel, w.ts)
	if err != nil {
		w.log.WarnContext(ctx, "could not edit the pressed message at once", "ts", w.ts, "error", err)
	}
	return shown
}

// follows says why the message does not show what was done, if the notifier knows
// that it does not.
func follows(book *phrase.Book, shown notify.Shown, answers []notify.Answer) []string {
	switch {
	case !anyChanged(answers):
		return nil
	case shown == notify.ShownLater:
		return []string{book.Say("press.later")}
	case shown == notify.ShownNever:
		return []string{book.Say("press.never")}
	default:
		return nil
	}
}

func anyChanged(answers []notify.Answer) bool { return countChanged(answers) > 0 }

func countChanged(answers []notify.Answer) int {
	n := 0
	for _, one := range answers {
		n += truth(one.Changed)
	}
	return n
}

// outcome says in a few lines what became of each expiry, of so many that were
// asked for. It is a pure function.
func outcome(book *phrase.Book, did act, asked int, answers []notify.Answer, now time.Time) []string {
	var changed, same, renewed, unknown, over, shortened int
	var before notify.Answer // one of those that were so already
	for _, one := range answers {
		switch {
		case one.Obstacle == notify.ObstacleRenewed:
			renewed++
		case one.Obstacle == notify.ObstacleOver:
			over++
		case one.Obstacle != "":
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
			return book.Say("press.same.by", "who", mention(before.By), "ago", book.Ago(now.Sub(before.At)))
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
func done(book *phrase.Book, did act, n int) string {
	switch did {
	case actAcknowledge:
		return book.Count("press.done.acknowledge", n)
	case actUnacknowledge:
		return book.Count("press.done.unacknowledge", n)
	case actUnsnooze:
		return book.Count("press.done.unsnooze", n)
	default:
		return book.Count("press.done.snooze", n)
	}
}

// other reports whether a pause is of the other kind than what was to be taken
// back: who made it did nothing of what was asked for.
func other(did act, p notify.Pause) bool {
	return did == actUnacknowledge && p.Snoozed() || did == actUnsnooze && p.Acknowledged()
}
