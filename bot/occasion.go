package bot

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"time"

	"computeunits/bot/action"
	"computeunits/bot/messages"
	"computeunits/bot/phrase"
	"computeunits/notify/plan"
)

// The ways by which people reach the bot, as the audit names them.
const (
	byCommand = "command"
	byMessage = "message" // a direct message, or a mention in a channel
	byButton  = "button"
	byModal   = "modal"
	byHome    = "home"
)

// An occasion is one thing that a person said to the bot or did with it: who,
// where, and which way the answer goes back.
type occasion struct {
	id     string // of the envelope: what the log has everything under
	origin string // one of the above
	user   string
	// stranger says that Slack told with the envelope itself that the person
	// belongs to another organisation.
	stranger bool
	text     string // as Slack delivers it: escaped; "" where nothing was typed

	channel string // "": none, as in the App Home
	direct  bool   // channel is the direct message of the person with the bot
	ts      string // of the message that was written, or whose button was pressed; "": none
	thread  string // of the thread in which that message stands; "": in none

	// ephemeral says that the message whose button was pressed is one that the
	// person alone sees.
	ephemeral bool

	responseURL string // "": the answer is posted
	trigger     string // opens a modal within three seconds; "": none
}

// change is the occasion as the audit wants it.
func (o occasion) change(now time.Time) plan.Change {
	return plan.Change{By: o.user, At: now, Origin: o.origin, Channel: o.channel, Message: o.ts}
}

// heard reports whether others than the person read the answer, which stands in
// a channel for good.
func (o occasion) heard() bool { return !o.direct && (o.origin == byMessage || o.kept()) }

// alone reports whether nobody but the person reads the answer.
func (o occasion) alone() bool { return o.direct || o.origin == byCommand || o.ephemeral }

// An asking is an occasion together with what is known of the person: all that
// an answer depends on besides the request itself.
type asking struct {
	occasion
	reader
	log *slog.Logger
	// own is the person's language while the Book is that of the channel; nil
	// otherwise.
	own *phrase.Book
}

// aloud is w in the language of what everybody in a channel reads.
func (a *answerer) aloud(w asking) asking {
	if w.own == nil {
		w.own, w.Book = w.Book, a.tongue
	}
	return w
}

// aside is w in the person's own language, for what they alone read.
func (w asking) aside() asking {
	if w.own != nil {
		w.Book, w.own = w.own, nil
	}
	return w
}

// A reader is the person whom an answer is for.
type reader struct {
	person
	preference plan.Preference
	*phrase.Book
}

// A response is what the bot says to one occasion. The zero response says
// nothing, because all has been said already.
type response struct {
	messages.Message
	private bool // an error or a refusal, which others in a channel need not read
	replace bool // it takes the place of the message whose button was pressed
}

func (r response) empty() bool { return r.Text == "" && len(r.Blocks) == 0 }

// A task is what an envelope asks for.
type task struct {
	occasion
	key string // by which a redelivery is recognised
	// missable says that nobody misses the answer: what they see stays.
	missable bool
	// payload of the acknowledgement; nil: an empty one.
	payload any
	// form is the submission of one, as Slack sent it; nil: it is none.
	form json.RawMessage
	// first, when not nil, is done before anything is asked or read: it uses the
	// trigger while that lives.
	first func(ctx context.Context)
	// do finds the response, and does what was asked for.
	do func(ctx context.Context, a asking) response
}

// openedFrom is w, of a modal, with where that was opened.
func (w asking) openedFrom(d action.Action) asking {
	w.channel, w.ts, w.direct = d.Channel, d.TS, strings.HasPrefix(d.Channel, "D")
	return w
}

// attrs are how the log names a task.
func (t *task) attrs() []any {
	return []any{"user", t.user, "channel", t.channel, "origin", t.origin, "envelope", t.id}
}
