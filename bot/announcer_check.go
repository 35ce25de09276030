package bot

import (
	"context"
	"errors"
	"fmt"

	"github.com/slack-go/slack"

	"computeunits/notify/delivery"
)

// Check says, in a sentence for the operator, why announcements cannot reach
// the channel and what to do. Where the scopes for looking at channels were not
// granted, reading the history tells almost as much.
func (a *Announcer) Check(ctx context.Context, channel string) error {
	who, err := a.identity(ctx)
	if err != nil {
		return err
	}
	info, err := read(ctx, a, "looking at the channel "+channel, func(ctx context.Context, api *slack.Client) (*slack.Channel, error) {
		return api.GetConversationInfoContext(ctx, &slack.GetConversationInfoInput{ChannelID: channel})
	})
	switch {
	case err == nil && info.IsArchived:
		return unreachable("is_archived", channel, who)
	case err == nil && !info.IsMember:
		return unreachable("not_in_channel", channel, who)
	case err != nil && codeOf(err) != "missing_scope":
		return explained(err, channel, who)
	}
	if _, err = a.history(ctx, channel, &slack.GetConversationHistoryParameters{Limit: 1}); err != nil {
		return explained(err, channel, who)
	}
	return nil
}

// codeOf is the code of Slack's in a failure; "" when there is none.
func codeOf(err error) string {
	if e, ok := errors.AsType[*delivery.SendError](err); ok {
		return e.Reason
	}
	return ""
}

// explained puts a sentence for the operator in the place of a code, where
// there is one.
func explained(err error, channel string, who identity) error {
	switch code := codeOf(err); code {
	case "channel_not_found", "not_in_channel", "is_archived":
		return unreachable(code, channel, who)
	default:
		return err
	}
}

// unreachable says what is wrong with a channel and what to do.
func unreachable(code, channel string, who identity) error {
	e := &delivery.SendError{Outcome: delivery.Refused, Reason: code}
	switch code {
	case "is_archived":
		e.Err = fmt.Errorf("the channel %s is archived: unarchive it, or name another one in NOTIFY_CHANNEL", channel)
	case "not_in_channel":
		e.Err = fmt.Errorf("the bot is not a member of the channel %s: type /invite @%s there", channel, who.name)
	default:
		e.Err = fmt.Errorf("the bot can see no channel %s: check NOTIFY_CHANNEL, which needs the id and not the name; if the channel is private, type /invite @%s there", channel, who.name)
	}
	return e
}
