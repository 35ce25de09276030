package delivery

import (
	"context"
	"errors"
	"fmt"
	"time"

	"computeunits/notify/plan"
)

// Sender puts announcements into channels. Every method makes its requests
// within ctx, which has a deadline, and never repeats one by itself: what to
// do after a failure is the ledger's decision. Errors are *SendError; any
// other error counts as Ambiguous.
//
// Methods are called concurrently, but for one channel one at a time; only an
// Update for somebody who pressed a button does not wait for the others.
type Sender interface {
	// Post renders and posts one message by a single request.
	Post(ctx context.Context, a plan.Announcement) (Receipt, error)
	// Update replaces the message ts by what a says now. Outcome Rejected means
	// that this message cannot be edited, now or later.
	Update(ctx context.Context, ts string, a plan.Announcement) error
	// History returns one page, the latest first, of what this bot announced in a
	// channel itself, which is not in threads. The error wraps ErrNoHistory when the
	// bot may not read the channel.
	History(ctx context.Context, channel string, w Window) (Page, error)
	// Thread returns what this bot announced in the message parent and below it;
	// all of that, or an error. A thread that does not exist is empty.
	Thread(ctx context.Context, channel, parent string) ([]plan.Delivery, error)
	// Delete removes the message ts of this bot. A message that is not there
	// any more is removed.
	Delete(ctx context.Context, channel, ts string) error
	// Check reports, for the operator, why announcements cannot reach the
	// channel: it is unknown or archived, the bot is no member. The error wraps
	// ErrNoHistory when everything else is right.
	Check(ctx context.Context, channel string) error
}

// ErrNoHistory says that the bot lacks the scope to read a channel's history
// (channels:history, groups:history), so that it cannot look whether a message
// of unknown fate was delivered. Delivery is at least once then.
var ErrNoHistory = errors.New("no permission to read the channel's history")

// Receipt is what Slack says of a message that it took.
type Receipt struct {
	TS      string // identifies it in the channel
	Channel string // as Slack calls it now; "" when it did not say
	// Detached says that Slack put a reply into the channel itself, because the
	// message in whose thread it belongs is gone.
	Detached bool
}

// Window is a part of a channel's history.
type Window struct {
	From time.Time // by Slack's clock
	// Before is the timestamp of the message at which the page ends, without it;
	// "": it ends now.
	Before string
}

// Page is a part of a Window.
type Page struct {
	Deliveries []plan.Delivery
	// Threads are the messages below which announcements of this bot may stand
	// although they are none themselves: what remains of a deleted message.
	Threads []string
	Oldest  string // the timestamp of the oldest message of any author on the page
	More    bool   // the window has older ones
}

// Outcome is what became of a request.
type Outcome int

// The outcomes; delivery.md's table of Slack's answers leads to them.
const (
	// Ambiguous: the message may stand in the channel. A timeout, a connection
	// that broke, a 5xx, an answer that cannot be read, internal_error,
	// fatal_error, service_unavailable.
	Ambiguous Outcome = iota
	// NotSent: the request was not written. Refused or failed dial, DNS.
	NotSent
	// RateLimited: 429, most probably not posted. RetryAfter says how long to wait.
	RateLimited
	// Refused: not posted, and nothing else would be until somebody changes
	// something. channel_not_found, not_in_channel, is_archived, invalid_auth,
	// missing_scope, restricted_action and the like.
	Refused
	// Rejected: this message is not posted because of what it is. Others may
	// be. invalid_blocks, msg_too_long, metadata_too_large,
	// cannot_reply_to_message; of an edit also message_not_found,
	// cant_update_message, edit_window_closed.
	Rejected
)

// String returns words for a log.
func (o Outcome) String() string {
	switch o {
	case Ambiguous:
		return "fate unknown"
	case NotSent:
		return "not sent"
	case RateLimited:
		return "rate limited"
	case Refused:
		return "refused"
	case Rejected:
		return "rejected"
	default:
		return fmt.Sprintf("outcome %d", int(o))
	}
}

// SendError is how a method of a Sender failed.
type SendError struct {
	Outcome    Outcome
	RetryAfter time.Duration // of RateLimited: the wait that Slack asks for
	Reason     string        // Slack's code, such as channel_not_found; "" when it gave none
	Err        error         // the cause, without secrets; may be nil
}

// Error says what became of the request, and why.
func (e *SendError) Error() string {
	text := e.Outcome.String()
	if e.Reason != "" {
		text += " (" + e.Reason + ")"
	}
	if e.RetryAfter > 0 {
		text += fmt.Sprintf(", again after %v", e.RetryAfter)
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns Err.
func (e *SendError) Unwrap() error { return e.Err }
