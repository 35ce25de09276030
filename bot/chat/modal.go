package chat

import (
	"context"
	"fmt"
	"time"

	"github.com/slack-go/slack"

	"computeunits/bot/action"
	"computeunits/bot/interaction"
	"computeunits/bot/messages"
	"computeunits/bot/phrase"
	"computeunits/bot/reply"
	"computeunits/bot/slackapi"
	"computeunits/bot/views"
	"computeunits/notify/database"
)

// modal is the work of a press that opens a modal: one that says that it is
// being filled at once, for the trigger lives three seconds, and what fill finds
// in its place.
func (a forms) modal(cb slack.InteractionCallback, fill func(context.Context, Turn) (slack.ModalViewRequest, error)) Work {
	var id string
	var failed error
	return Work{
		First: func(ctx context.Context) {
			ctx, cancel := context.WithTimeout(ctx, triggerLife)
			defer cancel()
			book := a.People.Soon(ctx, interaction.Interaction{User: cb.User.ID}, a.Ledger())
			id, failed = a.Replier.OpenView(ctx, cb.TriggerID, views.Loading(book))
		},
		Do: func(ctx context.Context, w Turn) reply.Reply {
			if failed != nil {
				w.Log.WarnContext(ctx, "could not open a modal", "error", failed)
				return privately(w.Say("modal.failed", "id", w.ID))
			}
			view, err := fill(ctx, w)
			if err != nil {
				view = w.broken(ctx, err)
			}
			said, closed := a.show(ctx, w, id, view)
			if closed && view.Submit != nil {
				return reply.Reply{} // before it could be filled in: nothing was to be done yet
			}
			return said
		},
	}
}

// show puts a view in the place of one. When the person has closed that, they
// read what the view says; when Slack does not take the view, that.
func (a forms) show(ctx context.Context, w Turn, id string, view slack.ModalViewRequest) (said reply.Reply, closed bool) {
	err := a.Replier.UpdateView(ctx, id, view)
	if err == nil {
		return reply.Reply{}, false
	}
	w.Log.WarnContext(ctx, "could not change a modal", "error", err)
	if slackapi.CodeOf(err) == "not_found" {
		return reply.Reply{Message: views.AsMessage(view), Private: true}, true
	}
	return reply.Reply{Message: messages.Mrkdwn(w.Say("modal.failed", "id", w.ID)), Private: true}, false
}

// broken is what a modal shows when something within the bot failed.
func (w Turn) broken(ctx context.Context, err error) slack.ModalViewRequest {
	w.Log.ErrorContext(ctx, "could not do what was asked", "error", err)
	text := w.Say("modal.failed", "id", w.ID)
	if database.Unavailable(err) {
		text = w.Inside(err)
	}
	return views.NoticeModal(w.Say("modal.broken"), text, w.Book)
}

// savingTakes is how long "saving" is shown at least. It goes out with the
// acknowledgement, by the socket, and what follows it by HTTP: nothing but time
// keeps the second from being overtaken, and then people would wait for ever.
const savingTakes = 500 * time.Millisecond

// Submit returns what submitting a modal does, and what the acknowledgement of it
// says. It runs in the read loop.
func (a *Chat) Submit(cb slack.InteractionCallback) (do func(context.Context, Turn) reply.Reply, payload any) {
	return forms{a}.submission(cb)
}

// submission returns what submitting a modal does, and what the acknowledgement
// of it says: errors at the fields, or that the work has begun. It runs in the
// read loop: what takes time belongs into the function that it returns.
func (a forms) submission(cb slack.InteractionCallback) (do func(context.Context, Turn) reply.Reply, payload any) {
	d, ok := action.Decode(cb.View.PrivateMetadata)
	book := a.People.Guess(interaction.Interaction{User: cb.User.ID})
	if d.Lang != "" {
		book = phrase.For(d.Lang) // the form goes on in its language
	}
	var finish func(context.Context, Turn) (slack.ModalViewRequest, error)
	var faults map[string]string
	switch {
	case ok && cb.View.CallbackID == views.WatchModal:
		finish, faults = watcher(a).watchSubmitted(book, d, cb.View.State)
	case ok && cb.View.CallbackID == views.PickModal:
		finish, faults = pauser(a).pickSubmitted(book, d, cb.View.State)
	case ok && cb.View.CallbackID == views.HomeModal:
		finish, faults = a.homeSubmitted(book, d, cb.View.State)
	default:
		finish = func(ctx context.Context, w Turn) (slack.ModalViewRequest, error) {
			return slack.ModalViewRequest{}, fmt.Errorf("reading a modal %q: it is of another version", cb.View.CallbackID)
		}
	}
	if len(faults) > 0 {
		return func(context.Context, Turn) reply.Reply { return reply.Reply{} }, slack.NewErrorsViewSubmissionResponse(faults)
	}
	wait := views.Saving(book)
	return func(ctx context.Context, w Turn) reply.Reply {
		view, err := finish(ctx, w)
		if err != nil {
			view = w.broken(ctx, err)
		}
		slackapi.Sleep(ctx, savingTakes)
		said, _ := a.show(ctx, w, cb.View.ID, view)
		return said
	}, slack.NewUpdateViewSubmissionResponse(&wait)
}
