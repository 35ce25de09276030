package reply

import (
	"context"
	"errors"
	"time"

	"github.com/slack-go/slack"

	"computeunits/bot/slackapi"
)

// OpenView is views.open, which is tried once: the trigger does not live longer.
func (c *Replier) OpenView(ctx context.Context, trigger string, view slack.ModalViewRequest) (id string, err error) {
	x := c.Slack.Call()
	opened, err := x.API.OpenViewContext(ctx, trigger, view)
	if err != nil {
		return "", c.Slack.Failure("opening a modal", x, err)
	}
	return opened.ID, nil
}

// UpdateView is views.update, made again as long as Slack certainly did not take it.
func (c *Replier) UpdateView(ctx context.Context, id string, view slack.ModalViewRequest) error {
	for wait := 200 * time.Millisecond; ; wait = min(2*wait, 5*time.Second) {
		x := c.Slack.Call()
		_, err := x.API.UpdateViewContext(ctx, view, "", "", id)
		if err == nil {
			return nil
		}
		failed := c.Slack.Failure("changing a modal", x, err)
		if failed.Outcome == slackapi.RateLimited {
			wait = max(failed.RetryAfter, wait)
		} else if failed.Outcome != slackapi.NotSent {
			return failed
		}
		if !slackapi.Sleep(ctx, wait) {
			return errors.Join(errors.New("no time to try again"), failed)
		}
	}
}
