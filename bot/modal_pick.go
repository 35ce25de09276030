package bot

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/slack-go/slack"

	"computeunits/bot/action"
	"computeunits/bot/messages"
	"computeunits/bot/phrase"
	"computeunits/bot/views"
	"computeunits/notify"
)

// openPick opens the modal that chooses among the instances of a message.
func (a *answerer) openPick(cb slack.InteractionCallback) work {
	return a.modal(cb, func(ctx context.Context, w asking) (slack.ModalViewRequest, error) {
		title := w.Say("modal.pick.title")
		if refused, ok := a.mayChange(ctx, w); !ok {
			return views.NoticeModal(title, refused.Text, w.Book), nil
		}
		if a.notifier == nil {
			return views.NoticeModal(title, w.Say("press.unwatched"), w.Book), nil
		}
		about, err := a.notifier.Carried(ctx, w.channel, w.ts)
		if err != nil {
			return slack.ModalViewRequest{}, err
		}
		if len(about) == 0 {
			return views.NoticeModal(title, w.Say("press.forgotten"), w.Book), nil
		}
		return views.Pick(w.Book, w.place(), action.Action{Kind: action.Pick, Channel: w.channel, TS: w.ts}, about), nil
	})
}

// place is the time zone of the reader, where text cannot be dated by Slack.
func (w asking) place() *time.Location { return cmp.Or(w.zone, time.UTC) }

// pickSubmitted reads the form.
func (a *answerer) pickSubmitted(book *phrase.Book, from action.Action, state *slack.ViewState) (finish func(context.Context, asking) (slack.ModalViewRequest, error), faults map[string]string) {
	d, about, faults := views.ReadPick(book, state)
	return func(ctx context.Context, w asking) (slack.ModalViewRequest, error) {
		title := w.Say("modal.pick.title")
		w = w.openedFrom(from)
		if refused, ok := a.mayChange(ctx, w); !ok {
			return views.NoticeModal(title, refused.Text, w.Book), nil
		}
		if a.notifier == nil {
			return views.NoticeModal(title, w.Say("press.unwatched"), w.Book), nil
		}
		now := a.now()
		answers, err := a.pauseOrUndo(ctx, w.change(now), d, about)
		if err != nil {
			return slack.ModalViewRequest{}, err
		}
		lines := append(messages.PauseOutcome(w.Book, d.Kind, len(answers), answers, now), messages.FollowUps(w.Book, a.correct(ctx, w), answers)...)
		return views.NoticeModal(title, messages.Mrkdwn(lines...).Text, w.Book), nil
	}, faults
}

// pauseOrUndo is pauseAll, in which taking back means whatever was answered.
func (a *answerer) pauseOrUndo(ctx context.Context, c notify.Change, d action.Action, about []notify.Expiry) ([]notify.Answer, error) {
	answers, err := a.pauseAll(ctx, c, d, about)
	if err != nil || d.Kind != action.Unacknowledge {
		return answers, err
	}
	snoozed := slices.DeleteFunc(slices.Clone(answers), func(one notify.Answer) bool { return one.Changed || !one.Pause.Snoozed() })
	if len(snoozed) == 0 {
		return answers, nil
	}
	var rest []notify.Expiry
	for _, one := range snoozed {
		rest = append(rest, one.Expiry)
	}
	woken, err := a.notifier.Unsnooze(ctx, c, rest...)
	if err != nil {
		return nil, err
	}
	others := slices.DeleteFunc(answers, func(one notify.Answer) bool { return !one.Changed && one.Pause.Snoozed() })
	return append(others, woken...), nil
}
