package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/slack-go/slack"

	"computeunits/bot/blocks"
	"computeunits/bot/messages"
	"computeunits/bot/slackapi"
)

// A courier takes responses to where they belong.
type courier struct {
	slack     *slackapi.Client // its requests, and what became of them
	responder responder
}

// send delivers r within ctx: by the response_url if there is one, to the
// person alone if it is private (in the direct message when that is not possible
// in the channel), else where it was asked: in the direct message, or in the
// thread of what was written in a channel. What Slack certainly did
// not take is sent again, or another way; what it may have taken is not.
func (c *courier) send(ctx context.Context, o occasion, r response) error {
	if o.responseURL != "" && (r.replace || !o.kept()) {
		said := ephemeral(r.Text, r.Blocks...)
		if r.replace {
			said.ResponseType, said.ReplaceOriginal = "", true // visible to whom it was
		}
		return c.responder.post(ctx, o.responseURL, said)
	}
	if r.private && !o.direct && o.channel != "" {
		err := c.whisper(ctx, o, r.Message)
		if err == nil || inDoubt(err) {
			return err
		}
		_, err = c.post(ctx, o.user, "", r.Message) // never where others read it
		return err
	}
	if o.channel == "" {
		_, err := c.post(ctx, o.user, "", r.Message)
		return err
	}
	thread := o.thread
	if !o.direct {
		thread = cmp.Or(o.thread, o.ts)
	}
	_, err := c.post(ctx, o.channel, thread, r.Message)
	return err
}

// kept reports whether what the bot says after a press stands in a conversation
// for good: in the direct message, unless the person alone sees what they pressed
// there, or in a thread, which a response_url does not reach.
func (o occasion) kept() bool {
	return o.origin == byButton && (o.direct && !o.ephemeral || o.thread != "")
}

// rescue tells a person what they would otherwise not learn: that send failed.
// After an answer of unknown fate it says so, to them alone; one that was
// refused is brought to the direct message.
func (c *courier) rescue(ctx context.Context, o occasion, r response, doubtful messages.Message, failed error) error {
	if !inDoubt(failed) {
		if o.direct && o.responseURL == "" {
			return failed
		}
		_, err := c.post(ctx, o.user, "", r.Message)
		return err
	}
	if o.channel != "" {
		if err := c.whisper(ctx, o, doubtful); err == nil || inDoubt(err) {
			return err
		}
	}
	_, err := c.post(ctx, o.user, "", doubtful)
	return err
}

// inDoubt reports whether a message may stand in Slack in spite of an error.
func inDoubt(err error) bool {
	if e, ok := errors.AsType[*slackapi.Error](err); ok {
		return e.Outcome == slackapi.Ambiguous
	}
	if e, ok := errors.AsType[*refusedReply](err); ok {
		return e.status >= 500
	}
	return !slackapi.NeverSent(err)
}

// post is chat.postMessage. thread "" is none.
func (c *courier) post(ctx context.Context, channel, thread string, m messages.Message) (ts string, err error) {
	err = c.repeat(ctx, "posting to "+channel, m, func(api *slack.Client, options []slack.MsgOption) error {
		if thread != "" {
			options = append(options, slack.MsgOptionTS(thread))
		}
		_, ts, err = api.PostMessageContext(ctx, channel, options...)
		return err
	})
	return ts, err
}

// whisper is chat.postEphemeral: only the person of the occasion sees it, until
// they reload Slack. In a thread that does not exist yet nobody would see it.
func (c *courier) whisper(ctx context.Context, o occasion, m messages.Message) error {
	return c.repeat(ctx, "whispering in "+o.channel, m, func(api *slack.Client, options []slack.MsgOption) error {
		if o.thread != "" {
			options = append(options, slack.MsgOptionTS(o.thread))
		}
		_, err := api.PostEphemeralContext(ctx, o.channel, o.user, options...)
		return err
	})
}

// repeat makes a request until Slack has taken the message, as long as it
// certainly has not: while the connection is refused, after 429 when the wait
// fits into ctx, and once in plain text when the message is rejected as it is.
func (c *courier) repeat(ctx context.Context, doing string, m messages.Message, request func(*slack.Client, []slack.MsgOption) error) error {
	for wait := 200 * time.Millisecond; ; wait = min(2*wait, 5*time.Second) {
		x := c.slack.Call()
		err := request(x.API, options(m))
		if err == nil {
			return nil
		}
		failed := c.slack.Failure(doing, x, err)
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
