package bot

import (
	"context"

	"github.com/slack-go/slack/slackevents"
)

// home returns what opening the App Home does. It runs in the read loop: what
// takes time belongs into the function that it returns.
func (a *answerer) home(e *slackevents.AppHomeOpenedEvent) func(context.Context, asking) response {
	return func(context.Context, asking) response { return response{} }
}
