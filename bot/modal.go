package bot

import (
	"context"

	"github.com/slack-go/slack"
)

// submission returns what submitting a modal does, and what the acknowledgement
// of it says (errors at the fields, another view, or nil to close it). It runs
// in the read loop: what takes time belongs into the function that it returns.
func (a *answerer) submission(cb slack.InteractionCallback) (do func(context.Context, asking) response, payload any) {
	return nil, nil
}
