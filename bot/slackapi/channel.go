package slackapi

import (
	"context"
	"fmt"

	"github.com/slack-go/slack"
)

// Identity is who the bot is in its workspace.
type Identity struct {
	Bot  string // B…; the author of its messages
	User string // U…
	Name string // what people type to mention it
}

// Identity asks Slack once who the bot is.
func (c *Client) Identity(ctx context.Context) (Identity, error) {
	c.mu.Lock()
	who := c.who
	c.mu.Unlock()
	if who != (Identity{}) {
		return who, nil
	}
	answer, err := Read(ctx, c, "asking Slack who the bot is", func(ctx context.Context, api *slack.Client) (*slack.AuthTestResponse, error) {
		return api.AuthTestContext(ctx)
	})
	if err != nil {
		return Identity{}, err
	}
	who = Identity{Bot: answer.BotID, User: answer.UserID, Name: answer.User}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.who = who
	return who, nil
}

// CheckChannel says, in a sentence for the operator, why nothing can be posted to
// the channel and what to do. Where the scopes for looking at channels were not
// granted, reading the history tells almost as much; its reason is missing_scope
// when that may not be read either.
func (c *Client) CheckChannel(ctx context.Context, channel string) error {
	who, err := c.Identity(ctx)
	if err != nil {
		return err
	}
	info, err := Read(ctx, c, "looking at the channel "+channel, func(ctx context.Context, api *slack.Client) (*slack.Channel, error) {
		return api.GetConversationInfoContext(ctx, &slack.GetConversationInfoInput{ChannelID: channel})
	})
	switch {
	case err == nil && info.IsArchived:
		return unreachable("is_archived", channel, who)
	case err == nil && !info.IsMember:
		return unreachable("not_in_channel", channel, who)
	case err != nil && CodeOf(err) != "missing_scope":
		return explained(err, channel, who)
	}
	if _, err = c.History(ctx, channel, &slack.GetConversationHistoryParameters{Limit: 1}); err != nil {
		return explained(err, channel, who)
	}
	return nil
}

// PageSize is how many messages of history one request asks for: the most that
// Slack gives (https://docs.slack.dev/reference/methods/conversations.history).
const PageSize = 999

// History reads one page of a channel's history, with the metadata of its messages.
func (c *Client) History(ctx context.Context, channel string, asked *slack.GetConversationHistoryParameters) (*slack.GetConversationHistoryResponse, error) {
	return Read(ctx, c, "reading the history of "+channel, func(ctx context.Context, api *slack.Client) (*slack.GetConversationHistoryResponse, error) {
		p := *asked
		p.ChannelID, p.IncludeAllMetadata = channel, true
		if p.Limit == 0 {
			p.Limit = PageSize
		}
		return api.GetConversationHistoryContext(ctx, &p)
	})
}

// explained puts a sentence for the operator in the place of a code, where
// there is one.
func explained(err error, channel string, who Identity) error {
	switch code := CodeOf(err); code {
	case "channel_not_found", "not_in_channel", "is_archived":
		return unreachable(code, channel, who)
	default:
		return err
	}
}

// unreachable says what is wrong with a channel and what to do.
func unreachable(code, channel string, who Identity) error {
	e := &Error{Outcome: Refused, Reason: code}
	switch code {
	case "is_archived":
		e.Err = fmt.Errorf("the channel %s is archived: unarchive it, or name another one in NOTIFY_CHANNEL", channel)
	case "not_in_channel":
		e.Err = fmt.Errorf("the bot is not a member of the channel %s: type /invite @%s there", channel, who.Name)
	default:
		e.Err = fmt.Errorf("the bot can see no channel %s: check NOTIFY_CHANNEL, which needs the id and not the name; if the channel is private, type /invite @%s there", channel, who.Name)
	}
	return e
}
