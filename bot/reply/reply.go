// Package reply takes what the bot says to where it belongs: the response_url of a
// command or a press, the direct message, the thread of what was written in a channel,
// or the person alone.
//
// A reply is posted at most once: only a request that Slack certainly did not take is
// made again, within the deadline of its context. An address is used only if it is
// https on a host of Slack's, and only Slack's own "ok" is a delivery.
package reply

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/slack-go/slack"

	"computeunits/bot/blocks"
	"computeunits/bot/interaction"
	"computeunits/bot/messages"
	"computeunits/bot/slackapi"
)

// A Reply is what the bot says to one interaction. The zero Reply says nothing,
// because all has been said already.
type Reply struct {
	messages.Message
	Private bool // an error or a refusal, which others in a channel need not read
	Replace bool // it takes the place of the message whose button was pressed
}

// Empty reports whether it says nothing.
func (r Reply) Empty() bool { return r.Text == "" && len(r.Blocks) == 0 }

// A Replier takes replies to where they belong. It is safe for concurrent use.
type Replier struct {
	Slack *slackapi.Client // its requests, and what became of them
	HTTP  *http.Client     // for response_urls; it follows no redirect
}

// Send delivers r within ctx: by the response_url if there is one, to the
// person alone if it is private (in the direct message when that is not possible
// in the channel), else where it was asked: in the direct message, or in the
// thread of what was written in a channel. What Slack certainly did
// not take is sent again, or another way; what it may have taken is not.
func (c *Replier) Send(ctx context.Context, i interaction.Interaction, r Reply) error {
	if i.ResponseURL != "" && (r.Replace || !i.Kept()) {
		said := Ephemeral(r.Text, r.Blocks...)
		if r.Replace {
			said.ResponseType, said.ReplaceOriginal = "", true // visible to whom it was
		}
		return c.Respond(ctx, i.ResponseURL, said)
	}
	if r.Private && !i.Direct && i.Channel != "" {
		err := c.PostEphemeral(ctx, i, r.Message)
		if err == nil || InDoubt(err) {
			return err
		}
		_, err = c.Post(ctx, i.User, "", r.Message) // never where others read it
		return err
	}
	if i.Channel == "" {
		_, err := c.Post(ctx, i.User, "", r.Message)
		return err
	}
	thread := i.Thread
	if !i.Direct {
		thread = cmp.Or(i.Thread, i.TS)
	}
	_, err := c.Post(ctx, i.Channel, thread, r.Message)
	return err
}

// Rescue tells a person what they would otherwise not learn: that send failed.
// After an answer of unknown fate it says so, to them alone; one that was
// refused is brought to the direct message.
func (c *Replier) Rescue(ctx context.Context, i interaction.Interaction, r Reply, doubtful messages.Message, failed error) error {
	if !InDoubt(failed) {
		if i.Direct && i.ResponseURL == "" {
			return failed
		}
		_, err := c.Post(ctx, i.User, "", r.Message)
		return err
	}
	if i.Channel != "" {
		if err := c.PostEphemeral(ctx, i, doubtful); err == nil || InDoubt(err) {
			return err
		}
	}
	_, err := c.Post(ctx, i.User, "", doubtful)
	return err
}

// InDoubt reports whether a message may stand in Slack in spite of an error.
func InDoubt(err error) bool {
	if e, ok := errors.AsType[*slackapi.Error](err); ok {
		return e.Outcome == slackapi.Ambiguous
	}
	if e, ok := errors.AsType[*refusedReply](err); ok {
		return e.status >= 500
	}
	if errors.Is(err, errElsewhere) {
		return false
	}
	return !slackapi.NeverSent(err)
}

// Post is chat.postMessage. thread "" is none.
func (c *Replier) Post(ctx context.Context, channel, thread string, m messages.Message) (ts string, err error) {
	err = c.repeat(ctx, "posting to "+channel, m, func(api *slack.Client, options []slack.MsgOption) error {
		if thread != "" {
			options = append(options, slack.MsgOptionTS(thread))
		}
		_, ts, err = api.PostMessageContext(ctx, channel, options...)
		return err
	})
	return ts, err
}

// PostEphemeral is chat.postEphemeral: only the person of the interaction sees it, until
// they reload Slack. In a thread that does not exist yet nobody would see it.
func (c *Replier) PostEphemeral(ctx context.Context, i interaction.Interaction, m messages.Message) error {
	return c.repeat(ctx, "whispering in "+i.Channel, m, func(api *slack.Client, options []slack.MsgOption) error {
		if i.Thread != "" {
			options = append(options, slack.MsgOptionTS(i.Thread))
		}
		_, err := api.PostEphemeralContext(ctx, i.Channel, i.User, options...)
		return err
	})
}

// repeat makes a request until Slack has taken the message, as long as it
// certainly has not: while the connection is refused, after 429 when the wait
// fits into ctx, and once in plain text when the message is rejected as it is.
func (c *Replier) repeat(ctx context.Context, doing string, m messages.Message, request func(*slack.Client, []slack.MsgOption) error) error {
	for wait := 200 * time.Millisecond; ; wait = min(2*wait, 5*time.Second) {
		x := c.Slack.Call()
		err := request(x.API, options(m))
		if err == nil {
			return nil
		}
		failed := c.Slack.Failure(doing, x, err)
		switch {
		case failed.Outcome == slackapi.RateLimited:
			wait = max(failed.RetryAfter, wait)
		case failed.Outcome == slackapi.Rejected && m.Blocks != nil:
			m.Blocks = nil
			continue
		case failed.Outcome != slackapi.NotSent:
			return failed
		}
		if !slackapi.Sleep(ctx, wait) {
			return fmt.Errorf("no time to try again: %w", failed)
		}
	}
}

// options are a message as slack-go takes it, cut to what can be edited later too.
// Slack is told not to look for links in it.
func options(m messages.Message) []slack.MsgOption {
	all := []slack.MsgOption{
		slack.MsgOptionText(blocks.ClipBytes(m.Text, messages.MaxText), false),
		slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl(),
	}
	if len(m.Blocks) > 0 {
		all = append(all, slack.MsgOptionBlocks(m.Blocks...))
	}
	return all
}
