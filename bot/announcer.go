package bot

import (
	"cmp"
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/slack-go/slack"

	"computeunits/bot/blocks"
	"computeunits/bot/messages"
	"computeunits/bot/phrase"
	"computeunits/notify/delivery"
	"computeunits/notify/plan"
)

// maxConnections bounds the connections kept to Slack for announcements; the
// notifier serves at most so many channels at once.
const maxConnections = 16

// An Announcer puts the notifier's announcements into channels. It is a
// notify.Sender. Set the fields before the first call.
//
// A request is made once: whether and when to make it again is decided by the
// notifier, which knows what a second one would mean. Only reading is repeated
// here, because it changes nothing.
type Announcer struct {
	BotToken   string       // xoxb-…
	APIURL     string       // of the Web API, with or without a trailing slash; "": DefaultAPIURL
	ConsoleURL string       // where the button of a reminder leads; "": messages.DefaultConsoleURL
	Language   string       // of the announcements, such as en or zh-CN; "": English
	Logger     *slog.Logger // nil: discard

	// Dial opens the network connections to Slack; nil: the network itself, by
	// way of the proxy that HTTPS_PROXY names.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)

	// Date, if not nil, is told what time it is by Slack's clock, with each answer.
	Date func(time.Time)

	opening sync.Once
	http    *http.Client

	mu  sync.Mutex
	who identity // of the bot; zero until Slack has told
}

var _ delivery.Sender = (*Announcer)(nil)

// Post renders a and posts it by a single request within ctx.
func (a *Announcer) Post(ctx context.Context, said plan.Announcement) (r delivery.Receipt, err error) {
	x := a.exchange()
	x.keep = true
	options := a.content(said)
	if said.ThreadTS != "" {
		options = append(options, slack.MsgOptionTS(said.ThreadTS))
	}
	r.Channel, r.TS, err = x.api.PostMessageContext(ctx, said.Channel, options...)
	switch {
	case err != nil:
		return r, a.failure("posting to "+said.Channel, x, err)
	case r.TS == "":
		return r, &delivery.SendError{Outcome: delivery.Ambiguous, Reason: "no timestamp in the answer"}
	}
	// slack-go does not tell where a reply was put.
	var answer struct {
		Message struct {
			ThreadTS string `json:"thread_ts"`
		} `json:"message"`
	}
	r.Detached = said.ThreadTS != "" && json.Unmarshal(x.body, &answer) == nil && answer.Message.ThreadTS == ""
	return r, nil
}

// Update replaces the message ts by what said says now, by a single request.
func (a *Announcer) Update(ctx context.Context, ts string, said plan.Announcement) error {
	x := a.exchange()
	if _, _, _, err := x.api.UpdateMessageContext(ctx, said.Channel, ts, a.content(said)...); err != nil {
		return a.failure("editing "+ts+" in "+said.Channel, x, err)
	}
	return nil
}

// Delete removes the message ts of the bot. That it is gone already is no error.
func (a *Announcer) Delete(ctx context.Context, channel, ts string) error {
	x := a.exchange()
	_, _, err := x.api.DeleteMessageContext(ctx, channel, ts)
	if err == nil || slackCode(err) == "message_not_found" {
		return nil
	}
	return a.failure("deleting "+ts+" in "+channel, x, err)
}

// Close gives up idle connections. The Announcer can still be used.
func (a *Announcer) Close() { a.client().CloseIdleConnections() }

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

// client is the one HTTP client of the Announcer.
func (a *Announcer) client() *http.Client {
	a.opening.Do(func() {
		t := (&Bot{Dial: a.Dial}).transport()
		t.MaxIdleConnsPerHost = maxConnections
		a.http = &http.Client{
			Transport: t,
			// A redirect would make the client post a second time.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}
	})
	return a.http
}

func (a *Announcer) log() *slog.Logger {
	return cmp.Or(a.Logger, slog.New(slog.DiscardHandler))
}

// apiURL is where Slack's methods are.
func (a *Announcer) apiURL() string { return (&Bot{APIURL: a.APIURL}).apiURL() }

// withoutToken is text in which the bot token, should it be there, is hidden.
func (a *Announcer) withoutToken(text string) string {
	if a.BotToken == "" {
		return text
	}
	return strings.ReplaceAll(text, a.BotToken, "xoxb-…")
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
