// Package announce puts the notifier's announcements into channels, and finds them
// there again by the mark that each carries in its metadata. It is the
// delivery.Sender of this program: it draws by package messages, asks by package
// slackapi, and tells the notifier what became of each request.
package announce

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net"
	"sync"
	"time"

	"github.com/slack-go/slack"

	"computeunits/bot/blocks"
	"computeunits/bot/messages"
	"computeunits/bot/phrase"
	"computeunits/bot/slackapi"
	"computeunits/notify/delivery"
	"computeunits/notify/plan"
)

// An Announcer puts the notifier's announcements into channels. It is a
// delivery.Sender. Set the fields before the first call.
//
// A request is made once: whether and when to make it again is decided by the
// notifier, which knows what a second one would mean. Only reading is repeated
// here, because it changes nothing.
type Announcer struct {
	BotToken   string // xoxb-…
	APIURL     string // of the Web API, with or without a trailing slash; "": slackapi.DefaultURL
	ConsoleURL string // where the button of a reminder leads; "": messages.DefaultConsoleURL
	Language   string // of the announcements, such as en or zh-CN; "": English

	// Dial opens the network connections to Slack; nil: the network itself, by
	// way of the proxy that HTTPS_PROXY names.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)

	// Date, if not nil, is told what time it is by Slack's clock, with each answer.
	Date func(time.Time)

	opening sync.Once
	slack   *slackapi.Client
}

var _ delivery.Sender = (*Announcer)(nil)

// Post renders a and posts it by a single request within ctx.
func (a *Announcer) Post(ctx context.Context, said plan.Announcement) (r delivery.Receipt, err error) {
	x := a.api().Call()
	x.Keep = true
	options := a.content(said)
	if said.ThreadTS != "" {
		options = append(options, slack.MsgOptionTS(said.ThreadTS))
	}
	r.Channel, r.TS, err = x.API.PostMessageContext(ctx, said.Channel, options...)
	switch {
	case err != nil:
		return r, failure(a.api().Failure("posting to "+said.Channel, x, err))
	case r.TS == "":
		return r, &delivery.SendError{Outcome: delivery.Ambiguous, Reason: "no timestamp in the answer"}
	}
	// slack-go does not tell where a reply was put.
	var answer struct {
		Message struct {
			ThreadTS string `json:"thread_ts"`
		} `json:"message"`
	}
	r.Detached = said.ThreadTS != "" && json.Unmarshal(x.Body, &answer) == nil && answer.Message.ThreadTS == ""
	return r, nil
}

// Update replaces the message ts by what said says now, by a single request.
func (a *Announcer) Update(ctx context.Context, ts string, said plan.Announcement) error {
	x := a.api().Call()
	if _, _, _, err := x.API.UpdateMessageContext(ctx, said.Channel, ts, a.content(said)...); err != nil {
		return failure(a.api().Failure("editing "+ts+" in "+said.Channel, x, err))
	}
	return nil
}

// Delete removes the message ts of the bot. That it is gone already is no error.
func (a *Announcer) Delete(ctx context.Context, channel, ts string) error {
	x := a.api().Call()
	_, _, err := x.API.DeleteMessageContext(ctx, channel, ts)
	if err == nil || slackapi.Code(err) == "message_not_found" {
		return nil
	}
	return failure(a.api().Failure("deleting "+ts+" in "+channel, x, err))
}

// Close gives up idle connections. The Announcer can still be used.
func (a *Announcer) Close() { a.api().Close() }

// content is what a message says, with the mark by which History finds it.
// Slack is told not to look for names or links in it.
func (a *Announcer) content(said plan.Announcement) []slack.MsgOption {
	m := messages.Announce(said, phrase.For(a.Language), cmp.Or(a.ConsoleURL, messages.DefaultConsoleURL))
	return []slack.MsgOption{
		slack.MsgOptionText(blocks.ClipBytes(m.Text, messages.MaxText), false),
		slack.MsgOptionBlocks(m.Blocks...), // none clears those of a message that is edited
		slack.MsgOptionMetadata(mark(said)),
		slack.MsgOptionDisableLinkUnfurl(),
		slack.MsgOptionDisableMediaUnfurl(),
	}
}

// api is the one client of the Announcer.
func (a *Announcer) api() *slackapi.Client {
	a.opening.Do(func() { a.slack = &slackapi.Client{Token: a.BotToken, URL: a.APIURL, Dial: a.Dial, Date: a.Date} })
	return a.slack
}

// failure is the error of the notifier's for a request that failed.
func failure(err error) error {
	e, ok := errors.AsType[*slackapi.Error](err)
	if !ok {
		return err
	}
	outcome := map[slackapi.Outcome]delivery.Outcome{
		slackapi.NotSent: delivery.NotSent, slackapi.RateLimited: delivery.RateLimited,
		slackapi.Refused: delivery.Refused, slackapi.Rejected: delivery.Rejected,
	}[e.Outcome] // Ambiguous otherwise
	return &delivery.SendError{Outcome: outcome, RetryAfter: e.RetryAfter, Reason: e.Reason, Err: e.Err}
}

// markType is the event_type of the metadata of announcements.
const markType = "computeunits"

// mark is the metadata by which a message is found again. Members of the
// channel can read it; it holds nothing secret.
func mark(said plan.Announcement) slack.SlackMetadata {
	payload := map[string]any{"key": said.Key}
	if said.Ledger != "" {
		payload["ledger"] = said.Ledger
	}
	if len(said.Reminders) > 0 {
		payload["reminders"] = said.Reminders
	}
	return slack.SlackMetadata{EventType: markType, EventPayload: payload}
}

// unmark returns what stands in the mark of a message; false when it has none.
func unmark(m slack.Message) (plan.Delivery, bool) {
	d := plan.Delivery{TS: m.Timestamp}
	if m.ThreadTimestamp != m.Timestamp { // a message with replies names itself
		d.Thread = m.ThreadTimestamp
	}
	if m.Metadata.EventType != markType {
		return d, false
	}
	d.Key, _ = m.Metadata.EventPayload["key"].(string)
	d.Ledger, _ = m.Metadata.EventPayload["ledger"].(string)
	ids, _ := m.Metadata.EventPayload["reminders"].([]any)
	for _, id := range ids {
		if text, ok := id.(string); ok {
			d.Reminders = append(d.Reminders, text)
		}
	}
	return d, d.Key != ""
}
