package grammar

import (
	"strconv"
	"strings"
	"time"

	"computeunits/qianfan"
)

// A Verb is what a person wants.
type Verb string

const (
	Ask           Verb = "ask"           // the instances of Service, of one Timing or all
	Expiring      Verb = "expiring"      // what expires, in Service or in all that is watched, perhaps within For or before Until; or when Instance does
	Next          Verb = "next"          // what expires next, in Service or in all that is watched
	Services      Verb = "services"      // which services are watched
	Watch         Verb = "watch"         // Service from now on, under Label unless it is ""
	Unwatch       Verb = "unwatch"       // Service no longer
	Snooze        Verb = "snooze"        // reminders of Instance, for For, until Until or until the next Step
	Unsnooze      Verb = "unsnooze"      // reminders of Instance again
	Acknowledge   Verb = "acknowledge"   // the reminder of Instance
	Unacknowledge Verb = "unacknowledge" // take that back
	Help          Verb = "help"          // also what no text at all asks for
	Greeting      Verb = "hello"
	Thanks        Verb = "thanks"
)

// Changes reports whether obeying v changes something: who may do it is to be
// checked, and what was done to be written down.
func (v Verb) Changes() bool {
	switch v {
	case Watch, Unwatch, Snooze, Unsnooze, Acknowledge, Unacknowledge:
		return true
	}
	return false
}

// A Request is what one text asks for. Fields that its verb does not mention
// are zero.
type Request struct {
	Verb Verb
	// Service is an id: one of the Context, or anything of the form of an id.
	Service string
	// Timing narrows Ask, Expiring and Next; "" is all.
	Timing qianfan.PaymentTiming
	// Instance is an id as it was typed, or as the Context spells it. Unless
	// the Context lists it, nothing says that it exists.
	Instance string
	// Label is foreign text of at most maxLabel characters, without control
	// characters, quotes and line breaks.
	Label string
	// For is a span of whole minutes from now: a day is 24 hours, a month 30
	// days, a year 365.
	For time.Duration
	// Until is an instant of whole minutes in the Context's zone; never set
	// together with For. For Expiring it is exclusive: the midnight after a
	// day that was named. Snooze until a day ends at morning o'clock of it.
	Until time.Time
	// Step is until the next reminder of the reminders; never set together with For
	// or Until.
	Step bool
	// Lang is the language of the text, "en" or "zh"; "" when it has no words,
	// such as an id alone.
	Lang string
}

// morning is the hour at which a snooze until a day ends: waking people's
// phones at midnight helps nobody.
const morning = 9

// Line is the canonical command for r, without the name of the slash command:
// for examples and suggestions. Parse understands it again under any Context
// of the same time zone, as long as Until lies ahead.
func (r Request) Line() string {
	words := make([]string, 0, 6)
	add := func(word string) {
		if word != "" {
			words = append(words, word)
		}
	}
	if r.Verb != Ask {
		add(string(r.Verb))
	}
	add(r.Service)
	add(r.Instance)
	add(strings.ToLower(string(r.Timing)))
	if r.Label != "" {
		add(`"` + r.Label + `"`)
	}
	if r.For != 0 {
		add(spell(r.For))
	}
	if !r.Until.IsZero() {
		add(r.until())
	}
	if r.Step {
		add("until the next reminder")
	}
	return strings.Join(words, " ")
}

const (
	day      = 24 * time.Hour
	dateForm = "2006-01-02"
)

// until writes Until as the day that a person would name, or else to the minute.
func (r Request) until() string {
	hour, minute, _ := r.Until.Clock()
	switch {
	case r.Verb == Snooze && hour == morning && minute == 0:
		return "until " + r.Until.Format(dateForm)
	case r.Verb == Snooze:
		return "until " + r.Until.Format(dateForm+" 15:04")
	case hour == 0 && minute == 0:
		return "by " + r.Until.AddDate(0, 0, -1).Format(dateForm)
	default:
		return "by " + r.Until.Format(dateForm+" 15:04")
	}
}

// spell writes a span of whole minutes in its largest unit: 7d, 36h, 90min.
func spell(d time.Duration) string {
	switch {
	case d%day == 0:
		return strconv.FormatInt(int64(d/day), 10) + "d"
	case d%time.Hour == 0:
		return strconv.FormatInt(int64(d/time.Hour), 10) + "h"
	default:
		return strconv.FormatInt(int64(d/time.Minute), 10) + "min"
	}
}
