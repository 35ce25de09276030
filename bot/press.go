package bot

import (
	"context"
	"strings"
	"time"

	"computeunits/bot/action"
	"computeunits/bot/messages"
	"computeunits/bot/reply"

	"github.com/slack-go/slack"
)

// triggerLife is how long a press can open a modal.
// https://docs.slack.dev/interactivity/handling-user-interaction#modal_responses
const triggerLife = 3 * time.Second

// A work is what becomes of a press. first is done before anything else, within
// the life of the trigger: it asks nobody and reads nothing. It may be nil.
type work struct {
	first func(context.Context)
	do    func(context.Context, asking) reply.Reply // nil: nothing
}

// work is what a deed leads to.
func (a *answerer) work(d action.Action, cb slack.InteractionCallback) work {
	switch d.Kind {
	case action.Acknowledge, action.Unacknowledge, action.Snooze, action.Unsnooze:
		return work{do: func(ctx context.Context, w asking) reply.Reply { return a.pauseBy(ctx, w, d) }}
	case action.Ask:
		private := cb.Container.IsEphemeral && !strings.HasPrefix(cb.Container.ChannelID, "D")
		return work{do: func(ctx context.Context, w asking) reply.Reply { return a.again(ctx, w, d, private) }}
	case action.Share:
		return work{do: func(ctx context.Context, w asking) reply.Reply { return a.share(ctx, w, d) }}
	case action.Page:
		private := cb.Container.IsEphemeral && !strings.HasPrefix(cb.Container.ChannelID, "D")
		return work{do: func(ctx context.Context, w asking) reply.Reply { return a.leaf(ctx, w, d, private) }}
	case action.Say:
		return work{do: func(ctx context.Context, w asking) reply.Reply { return a.sayAgain(ctx, w, d) }}
	case action.Pick:
		return a.openPick(cb)
	case action.Settings:
		return a.openWatch(d, cb)
	case action.New:
		return a.openNew(d, cb)
	case action.Show:
		return a.openShow(d, cb)
	case action.Unwatch:
		return a.openUnwatch(d, cb)
	default:
		return work{do: strange}
	}
}

// strange is the response to a button that nobody here understands: it is of a
// newer version, or somebody made it by hand.
func strange(ctx context.Context, w asking) reply.Reply {
	w.log.WarnContext(ctx, "a button was pressed that this version does not understand")
	return whispered(w.aside().Say("press.strange", "id", w.ID))
}

// whispered is a sentence for the person who pressed, and nobody else.
func whispered(text string) reply.Reply {
	return reply.Reply{Message: messages.Mrkdwn(text), Private: true}
}
