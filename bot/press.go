package bot

import (
	"context"

	"github.com/slack-go/slack"
)

// press returns what a press of a button, or a choice in a menu, does; nil when
// nothing. It runs in the read loop: what takes time belongs into the function
// that it returns.
func (a *answerer) press(cb slack.InteractionCallback) func(context.Context, asking) response {
	return nil
}
