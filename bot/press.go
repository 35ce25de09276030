package bot

import (
	"context"
	"strings"
	"time"

	"computeunits/bot/action"
	"computeunits/bot/messages"

	"github.com/slack-go/slack"
)

// triggerLife is how long a press can open a modal.
// https://docs.slack.dev/interactivity/handling-user-interaction#modal_responses
const triggerLife = 3 * time.Second

// A work is what becomes of a press. first is done before anything else, within
// the life of the trigger: it asks nobody and reads nothing. It may be nil.
type work struct {
	first func(context.Context)
	do    func(context.Context, asking) response // nil: nothing
}

// press returns what a press of a button, or a choice in a menu, does. It runs
// in the read loop: what takes time belongs into the work that it returns.
func (a *answerer) press(cb slack.InteractionCallback) work {
	if len(cb.ActionCallback.BlockActions) == 0 {
		return work{}
	}
	pressed := cb.ActionCallback.BlockActions[0]
	value := pressed.Value
	if value == "" {
		value = pressed.SelectedOption.Value
	}
	d, ok := action.Decode(value)
	switch {
	case action.Kind(pressed.ActionID) == action.Console:
		return work{} // Slack opens the page
	case !ok && (cb.View.Type == slack.VTModal || value == ""):
		return work{} // a field of a form, or a choice that was taken back
	case !ok:
		return work{do: strange}
	}
	return a.work(d, cb)
}

// work is what a deed leads to.
func (a *answerer) work(d action.Action, cb slack.InteractionCallback) work {
	switch d.Kind {
	case action.Acknowledge, action.Unacknowledge, action.Snooze, action.Unsnooze:
		return work{do: func(ctx context.Context, w asking) response { return a.pauseBy(ctx, w, d) }}
	case action.Ask:
		private := cb.Container.IsEphemeral && !strings.HasPrefix(cb.Container.ChannelID, "D")
		return work{do: func(ctx context.Context, w asking) response { return a.again(ctx, w, d, private) }}
	case action.Share:
		return work{do: func(ctx context.Context, w asking) response { return a.share(ctx, w, d) }}
	case action.Page:
		private := cb.Container.IsEphemeral && !strings.HasPrefix(cb.Container.ChannelID, "D")
		return work{do: func(ctx context.Context, w asking) response { return a.leaf(ctx, w, d, private) }}
	case action.Say:
		return work{do: func(ctx context.Context, w asking) response { return a.sayAgain(ctx, w, d) }}
	case action.Pick:
		return a.openPick(cb)
	case action.Settings:
		return a.openWatch(d, cb)
	default:
		return a.homeWork(d, cb)
	}
}

// strange is the response to a button that nobody here understands: it is of a
// newer version, or somebody made it by hand.
func strange(ctx context.Context, w asking) response {
	w.log.WarnContext(ctx, "a button was pressed that this version does not understand")
	return whispered(w.aside().Say("press.strange", "id", w.id))
}

// whispered is a sentence for the person who pressed, and nobody else.
func whispered(text string) response {
	return response{Message: messages.Mrkdwn(text), private: true}
}
