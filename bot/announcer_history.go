package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"computeunits/notify/delivery"
	"computeunits/notify/plan"
)

const (
	// pageSize is how many messages of history one request asks for: the most that
	// Slack gives (https://docs.slack.dev/reference/methods/conversations.history).
	pageSize = 999

	// endOfTime stands for a latest message that is not known. Without any Slack
	// gives the page closest to the oldest one, and what is newer would not be seen.
	endOfTime = "9999999999.000000"

	// maxReads is how often one page is asked for when answers fail to come.
	// A request to wait does not count, it is obeyed as long as ctx allows.
	maxReads = 4
)

// identity is who the bot is in its workspace.
type identity struct {
	bot  string // B…; the author of its messages
	user string // U…
	name string // what people type to mention it
}

// History returns a page of what this bot announced in a channel, the latest
// first. Its messages of any author are at most pageSize.
func (a *Announcer) History(ctx context.Context, channel string, w delivery.Window) (page delivery.Page, err error) {
	who, err := a.identity(ctx)
	if err != nil {
		return page, err
	}
	answer, err := a.history(ctx, channel, &slack.GetConversationHistoryParameters{
		Oldest: slackTime(w.From), Latest: cmp.Or(w.Before, endOfTime), Inclusive: w.Before == "",
	})
	if err != nil {
		return page, err
	}
	for _, m := range answer.Messages {
		page.Oldest = m.Timestamp
		switch d, ok := who.announcement(m); {
		case m.SubType == "tombstone":
			page.Threads = append(page.Threads, m.Timestamp)
		case ok:
			page.Deliveries = append(page.Deliveries, d)
			if m.ReplyCount > 0 || m.ThreadTimestamp == m.Timestamp || strings.HasPrefix(d.Key, string(plan.KindCollected)+":") {
				page.Threads = append(page.Threads, m.Timestamp)
			}
		}
	}
	page.More = answer.HasMore
	if page.More && (page.Oldest == "" || page.Oldest == w.Before) {
		return delivery.Page{}, a.incomplete(channel, errors.New("the answer says that there is more, and not where"))
	}
	return page, nil
}

// Thread returns what this bot announced in the message parent and below it.
// Below a deleted message its replies still stand.
func (a *Announcer) Thread(ctx context.Context, channel, parent string) (found []plan.Delivery, err error) {
	who, err := a.identity(ctx)
	if err != nil {
		return nil, err
	}
	for cursor := ""; ; {
		type page struct {
			messages []slack.Message
			more     bool
			next     string
		}
		p, err := read(ctx, a, "reading the thread "+parent+" in "+channel, func(ctx context.Context, api *slack.Client) (p page, err error) {
			p.messages, p.more, p.next, err = api.GetConversationRepliesContext(ctx, &slack.GetConversationRepliesParameters{
				ChannelID: channel, Timestamp: parent, Cursor: cursor, Limit: pageSize, IncludeAllMetadata: true,
			})
			return p, err
		})
		switch e, ok := errors.AsType[*delivery.SendError](err); {
		case ok && e.Reason == "thread_not_found": // deleted since the channel was read
			return nil, nil
		case err != nil:
			return nil, err
		}
		for _, m := range p.messages {
			if d, ok := who.announcement(m); ok {
				found = append(found, d)
			}
		}
		if cursor, err = nextPage(cursor, p.next, p.more); err != nil {
			return nil, a.incomplete(channel, err)
		}
		if cursor == "" {
			return found, nil
		}
	}
}

// nextPage returns the cursor of the page after this one; "" when there is none.
func nextPage(this, next string, more bool) (string, error) {
	switch {
	case more && next == "":
		return "", errors.New("the answer says that there is more, and not where")
	case next != "" && next == this:
		return "", errors.New("the pages go in circles")
	}
	return next, nil
}

// incomplete is the error for a list whose end cannot be reached.
func (a *Announcer) incomplete(channel string, err error) error {
	return &delivery.SendError{Outcome: delivery.Ambiguous, Err: fmt.Errorf("reading the history of %s: %w", channel, err)}
}

// history reads one page of a channel's history. The error wraps
// notify.ErrNoHistory when a scope for that is missing.
func (a *Announcer) history(ctx context.Context, channel string, asked *slack.GetConversationHistoryParameters) (*slack.GetConversationHistoryResponse, error) {
	page, err := read(ctx, a, "reading the history of "+channel, func(ctx context.Context, api *slack.Client) (*slack.GetConversationHistoryResponse, error) {
		p := *asked
		p.ChannelID, p.IncludeAllMetadata = channel, true
		if p.Limit == 0 {
			p.Limit = pageSize
		}
		return api.GetConversationHistoryContext(ctx, &p)
	})
	if e, ok := errors.AsType[*delivery.SendError](err); ok && e.Reason == "missing_scope" {
		e.Err = fmt.Errorf("%w: %w", delivery.ErrNoHistory, e.Err)
	}
	return page, err
}

// announcement returns the mark of a message, if the bot itself wrote it: any
// app may use the same words.
func (who identity) announcement(m slack.Message) (plan.Delivery, bool) {
	if m.BotID != who.bot || who.bot == "" && m.User != who.user {
		return plan.Delivery{}, false
	}
	return unmark(m)
}

// identity asks Slack once who the bot is.
func (a *Announcer) identity(ctx context.Context) (identity, error) {
	a.mu.Lock()
	who := a.who
	a.mu.Unlock()
	if who != (identity{}) {
		return who, nil
	}
	answer, err := read(ctx, a, "asking Slack who the bot is", func(ctx context.Context, api *slack.Client) (*slack.AuthTestResponse, error) {
		return api.AuthTestContext(ctx)
	})
	if err != nil {
		return identity{}, err
	}
	who = identity{bot: answer.BotID, user: answer.UserID, name: answer.User}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.who = who
	return who, nil
}

// read asks Slack for something, and again while that may help and ctx allows.
// Errors are *notify.SendError.
func read[T any](ctx context.Context, a *Announcer, doing string, ask func(context.Context, *slack.Client) (T, error)) (T, error) {
	wait := time.Second / 2
	for n := 1; ; {
		x := a.exchange()
		limited, cancel := context.WithTimeout(ctx, callTimeout)
		answer, err := ask(limited, x.api)
		cancel()
		if err == nil {
			return answer, nil
		}
		failure := a.failure(doing, x, err)
		pause := wait
		switch failure.Outcome {
		case delivery.RateLimited:
			pause = failure.RetryAfter
		case delivery.NotSent, delivery.Ambiguous:
			if n++; n > maxReads {
				return answer, failure
			}
			wait *= 2
		default:
			return answer, failure
		}
		a.log().DebugContext(ctx, "asking Slack again", "error", failure, "in", pause)
		if !sleep(ctx, pause) {
			return answer, failure
		}
	}
}

// slackTime is an instant as Slack writes the timestamps of messages.
func slackTime(t time.Time) string {
	return strconv.FormatInt(t.Unix(), 10) + fmt.Sprintf(".%06d", t.Nanosecond()/1000)
}
