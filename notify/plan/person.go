package plan

import (
	"time"
)

// Change says who changes something, when, and from where.
type Change struct {
	By string    // id of the person, such as U0123456789
	At time.Time // now

	Origin  string // what they used: command, message, button, modal, home
	Channel string // id of the channel where; "": none
	Message string // ts of the message with the button; "": none
}

// Entry is one row of the audit: what a person changed.
type Entry struct {
	Change
	What   string // watch, change, unwatch, acknowledge, snooze, resume or preference
	About  Expiry // as far as it is about one
	Was    string // before, in words for people; "": nothing
	Become string // after
}

// Preference is how a person wants to be talked to.
type Preference struct {
	Language   string // such as en or zh; "": by Slack's locale
	TimeFormat string // the bot's word for it; "": by the language
}

// String names what is set.
func (p Preference) String() string { return "language=" + p.Language + " time=" + p.TimeFormat }
