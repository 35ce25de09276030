package chat

import (
	"context"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"computeunits/bot/action"
	"computeunits/bot/reply"
)

// triggerLife is how long a press can open a modal.
// https://docs.slack.dev/interactivity/handling-user-interaction#modal_responses
const triggerLife = 3 * time.Second

// A Work is what becomes of a press. first is done before anything else, within
// the life of the trigger: it asks nobody and reads nothing. It may be nil.
type Work struct {
	First func(context.Context)
	Do    func(context.Context, Turn) reply.Reply // nil: nothing
}

// Press is what an action leads to.
func (a *Chat) Press(d action.Action, cb slack.InteractionCallback) Work {
	switch d.Kind {
	case action.Acknowledge, action.Unacknowledge, action.Snooze, action.Unsnooze:
		return Work{Do: func(ctx context.Context, w Turn) reply.Reply { return pauser{a}.pauseBy(ctx, w, d) }}
	case action.Ask:
		private := cb.Container.IsEphemeral && !strings.HasPrefix(cb.Container.ChannelID, "D")
		return Work{Do: func(ctx context.Context, w Turn) reply.Reply { return asker{a}.refresh(ctx, w, d, private) }}
	case action.Share:
		return Work{Do: func(ctx context.Context, w Turn) reply.Reply { return sharer{a}.share(ctx, w, d) }}
	case action.Page:
		private := cb.Container.IsEphemeral && !strings.HasPrefix(cb.Container.ChannelID, "D")
		return Work{Do: func(ctx context.Context, w Turn) reply.Reply { return lister{a}.turnPage(ctx, w, d, private) }}
	case action.Say:
		return Work{Do: func(ctx context.Context, w Turn) reply.Reply { return asker{a}.sayAgain(ctx, w, d) }}
	case action.Pick:
		return pauser{a}.openPick(cb)
	case action.Settings:
		return watcher{a}.openWatch(d, cb)
	case action.New:
		return watcher{a}.openNew(d, cb)
	case action.Show:
		return forms{a}.openShow(d, cb)
	case action.Unwatch:
		return watcher{a}.openUnwatch(d, cb)
	default:
		return Work{Do: UnknownAction}
	}
}

// UnknownAction is the response to a button that nobody here understands: it is of a
// newer version, or somebody made it by hand.
func UnknownAction(ctx context.Context, w Turn) reply.Reply {
	w.Log.WarnContext(ctx, "a button was pressed that this version does not understand")
	return privately(w.forPerson().Say("press.strange", "id", w.ID))
}
