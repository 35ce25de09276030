// Package interaction is one thing that a person said to the bot or did with it: who,
// where, and which way the answer goes back. It is what package socket hands over,
// whatever Slack sent: a command, a message, a press, a form, an opened Home.
package interaction

import (
	"encoding/json"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"

	"computeunits/notify/plan"
)

// Origin is the way by which a person reached the bot, as the audit names it.
type Origin string

// The origins.
const (
	ByCommand Origin = "command"
	ByMessage Origin = "message" // a direct message, or a mention in a channel
	ByButton  Origin = "button"
	ByModal   Origin = "modal"
	ByHome    Origin = "home"
)

// An Interaction is what happened.
type Interaction struct {
	ID     string // of the envelope: what the log has everything under
	Key    string // by which a redelivery is recognised
	Origin Origin
	User   string // U…; "": nobody
	// Stranger says that Slack told with the envelope itself that the person
	// belongs to another organisation.
	Stranger bool
	Text     string // as Slack delivers it: escaped; "" where nothing was typed

	Channel string // "": none, as in the App Home
	Direct  bool   // Channel is the direct message of the person with the bot
	TS      string // of the message that was written, or whose button was pressed; "": none
	Thread  string // of the thread in which that message stands; "": in none

	// Ephemeral says that the message whose button was pressed is one that the
	// person alone sees.
	Ephemeral bool

	ResponseURL string // "": the answer is posted
	Trigger     string // opens a modal within three seconds; "": none

	// One of these is set for what was not typed.
	Opened    *slackevents.AppHomeOpenedEvent // the Home
	Pressed   *slack.InteractionCallback      // a button or a menu
	Submitted *slack.InteractionCallback      // a form

	Form json.RawMessage // the submission of a form, as Slack sent it
	// Missable says that nobody misses the answer: what they see stays.
	Missable bool
	// Installations are those that an event was sent for.
	Installations []slack.EventAuthorization
}

// Change is the interaction as the audit wants it.
func (i Interaction) Change(now time.Time) plan.Change {
	return plan.Change{By: i.User, At: now, Origin: string(i.Origin), Channel: i.Channel, Message: i.TS}
}

// Public reports whether others than the person read the answer, which stands in
// a channel for good.
func (i Interaction) Public() bool { return !i.Direct && (i.Origin == ByMessage || i.Kept()) }

// Alone reports whether nobody but the person reads the answer.
func (i Interaction) Alone() bool { return i.Direct || i.Origin == ByCommand || i.Ephemeral }

// Kept reports whether what the bot says after a press stands in a conversation
// for good: in the direct message, unless the person alone sees what they pressed
// there, or in a thread, which a response_url does not reach.
func (i Interaction) Kept() bool {
	return i.Origin == ByButton && (i.Direct && !i.Ephemeral || i.Thread != "")
}

// Attrs are how the log names it.
func (i Interaction) Attrs() []any {
	return []any{"user", i.User, "channel", i.Channel, "origin", i.Origin, "envelope", i.ID}
}
