package chat

import (
	"cmp"
	"context"
	"time"

	"github.com/slack-go/slack"

	"computeunits/bot/action"
	"computeunits/bot/messages"
	"computeunits/bot/phrase"
	"computeunits/bot/views"
	"computeunits/notify/plan"
)

// openPick opens the modal that chooses among the instances of a message.
func (a pauser) openPick(cb slack.InteractionCallback) Work {
	return forms(a).modal(cb, func(ctx context.Context, w Turn) (slack.ModalViewRequest, error) {
		title := w.Say("modal.pick.title")
		if refused, ok := a.mayChange(ctx, w); !ok {
			return views.NoticeModal(title, refused.Text, w.Book), nil
		}
		if a.Notifier == nil {
			return views.NoticeModal(title, w.Say("press.unwatched"), w.Book), nil
		}
		about, err := a.Notifier.Reports().RemindersIn(ctx, w.Channel, w.TS)
		if err != nil {
			return slack.ModalViewRequest{}, err
		}
		if len(about) == 0 {
			return views.NoticeModal(title, w.Say("press.forgotten"), w.Book), nil
		}
		return views.Pick(w.Book, w.place(), action.Action{Kind: action.Pick, Channel: w.Channel, TS: w.TS}, about), nil
	})
}

// place is the time zone of the reader, where text cannot be dated by Slack.
func (w Turn) place() *time.Location { return cmp.Or(w.Zone, time.UTC) }

// pickSubmitted reads the form.
func (a pauser) pickSubmitted(book *phrase.Book, from action.Action, state *slack.ViewState) (finish func(context.Context, Turn) (slack.ModalViewRequest, error), faults map[string]string) {
	d, about, faults := views.ReadPick(book, state)
	return func(ctx context.Context, w Turn) (slack.ModalViewRequest, error) {
		title := w.Say("modal.pick.title")
		w = w.openedFrom(from)
		if refused, ok := a.mayChange(ctx, w); !ok {
			return views.NoticeModal(title, refused.Text, w.Book), nil
		}
		if a.Notifier == nil {
			return views.NoticeModal(title, w.Say("press.unwatched"), w.Book), nil
		}
		now := a.Now()
		answers, err := a.pauseOrUndo(ctx, w.Change(now), d, about)
		if err != nil && len(answers) == 0 {
			return slack.ModalViewRequest{}, err
		}
		if err != nil {
			w.Log.WarnContext(ctx, "did not come to all that was chosen", "done", len(answers), "of", len(about), "error", err)
		}
		lines := append(messages.PauseOutcome(w.Book, d.Kind, len(about), answers, now), messages.FollowUps(w.Book, a.correct(ctx, w), answers)...)
		return views.NoticeModal(title, messages.Mrkdwn(lines...).Text, w.Book), nil
	}, faults
}

// pauseOrUndo is pauseAll, in which taking back means whatever was answered.
func (a pauser) pauseOrUndo(ctx context.Context, c plan.Change, d action.Action, about []plan.Expiry) ([]plan.Answer, error) {
	if d.Kind == action.Unacknowledge {
		ctx, cancel := untilEdit(ctx)
		defer cancel()
		return a.Notifier.Changes().Lift(ctx, c, about...)
	}
	return a.pauseAll(ctx, c, d, about)
}
