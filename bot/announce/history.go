package announce

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"computeunits/bot/slackapi"
	"computeunits/notify/delivery"
	"computeunits/notify/plan"
)

const (
	// endOfTime stands for a latest message that is not known. Without any Slack
	// gives the page closest to the oldest one, and what is newer would not be seen.
	endOfTime = "9999999999.000000"
)

// History returns a page of what this bot announced in a channel, the latest
// first. Its messages of any author are at most slackapi.PageSize.
func (a *Announcer) History(ctx context.Context, channel string, w delivery.Window) (page delivery.Page, err error) {
	who, err := a.api().Identity(ctx)
	if err != nil {
		return page, failure(err)
	}
	answer, err := a.api().History(ctx, channel, &slack.GetConversationHistoryParameters{
		Oldest: slackTime(w.From), Latest: cmp.Or(w.Before, endOfTime), Inclusive: w.Before == "",
	})
	if err != nil {
		return page, withoutHistory(err)
	}
	for _, m := range answer.Messages {
		page.Oldest = m.Timestamp
		switch d, ok := announcement(who, m); {
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
		return delivery.Page{}, incomplete(channel, errors.New("the answer says that there is more, and not where"))
	}
	return page, nil
}

// Thread returns what this bot announced in the message parent and below it.
// Below a deleted message its replies still stand.
func (a *Announcer) Thread(ctx context.Context, channel, parent string) (found []plan.Delivery, err error) {
	who, err := a.api().Identity(ctx)
	if err != nil {
		return nil, failure(err)
	}
	for cursor := ""; ; {
		type page struct {
			messages []slack.Message
			more     bool
			next     string
		}
		p, err := slackapi.Read(ctx, a.api(), "reading the thread "+parent+" in "+channel, func(ctx context.Context, api *slack.Client) (p page, err error) {
			p.messages, p.more, p.next, err = api.GetConversationRepliesContext(ctx, &slack.GetConversationRepliesParameters{
				ChannelID: channel, Timestamp: parent, Cursor: cursor, Limit: slackapi.PageSize, IncludeAllMetadata: true,
			})
			return p, err
		})
		switch e, ok := errors.AsType[*slackapi.Error](err); {
		case ok && e.Reason == "thread_not_found": // deleted since the channel was read
			return nil, nil
		case err != nil:
			return nil, failure(err)
		}
		for _, m := range p.messages {
			if d, ok := announcement(who, m); ok {
				found = append(found, d)
			}
		}
		if cursor, err = nextPage(cursor, p.next, p.more); err != nil {
			return nil, incomplete(channel, err)
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
func incomplete(channel string, err error) error {
	return &delivery.SendError{Outcome: delivery.Ambiguous, Err: fmt.Errorf("reading the history of %s: %w", channel, err)}
}

// announcement returns the mark of a message, if the bot itself wrote it: any
// app may use the same words.
func announcement(who slackapi.Identity, m slack.Message) (plan.Delivery, bool) {
	if m.BotID != who.Bot || who.Bot == "" && m.User != who.User {
		return plan.Delivery{}, false
	}
	return unmark(m)
}

// withoutHistory is failure; the error wraps delivery.ErrNoHistory when a scope for
// reading the history is missing.
func withoutHistory(err error) error {
	err = failure(err)
	if e, ok := errors.AsType[*delivery.SendError](err); ok && e.Reason == "missing_scope" {
		e.Err = fmt.Errorf("%w: %w", delivery.ErrNoHistory, e.Err)
	}
	return err
}

// Check says, in a sentence for the operator, why announcements cannot reach
// the channel and what to do.
func (a *Announcer) Check(ctx context.Context, channel string) error {
	if err := a.api().CheckChannel(ctx, channel); err != nil {
		return withoutHistory(err)
	}
	return nil
}

// slackTime is an instant as Slack writes the timestamps of messages.
func slackTime(t time.Time) string {
	return strconv.FormatInt(t.Unix(), 10) + fmt.Sprintf(".%06d", t.Nanosecond()/1000)
}
