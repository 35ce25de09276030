// Package action is what the controls of messages, modals and the App Home carry:
// an [Action] is all of a control's state, written into its value, so that it works
// after a restart and on a message of last month. The words of its encoding and
// their meaning never change; what is only added is passed over by older readers.
//
// It is written as the query of a URL, by net/url: short, readable in a log, and
// tolerant of members that are added, without a format of our own.
//
// Who may do what is checked when it is done, not here.
package action

import (
	"cmp"
	"net/url"
	"strconv"
	"time"

	"github.com/slack-go/slack"

	"computeunits/bot/blocks"
	"computeunits/notify/plan"
	"computeunits/qianfan"
)

// A Kind is what a control of a message, a modal or the App Home does. Its words
// stand in messages that people may press in months: a word once used keeps its
// meaning.
type Kind string

const (
	Ask           Kind = "ask"    // answers about a service again, in the place of the message
	Say           Kind = "say"    // does as if the person had written Action.Line
	Page          Kind = "leaf"   // answers Action.Line again, a list, in the place of the message
	Share         Kind = "share"  // posts the answer to the channel: about a service, or to Action.Line
	Settings      Kind = "set"    // opens the modal for the watch of a service
	Acknowledge   Kind = "ack"    // the expiry; without an instance all that the message reminds of
	Unacknowledge Kind = "unack"  // likewise
	Snooze        Kind = "snooze" // likewise, for Action.Span, or until the next step
	Unsnooze      Kind = "wake"   // likewise
	Pick          Kind = "pick"   // opens the modal that chooses among the instances of a message
	Console       Kind = "console"
)

// formatVersion is of the values. It rises when an older reader would do the wrong
// thing; what is only added is passed over by older readers.
const formatVersion = 1

// An Action is what pressing a control asks for: all of its state, so that it works
// after a restart and on an old message. It is the value of a button or option,
// and the private metadata of a modal. Who may do what is checked when it is done.
type Action struct {
	Kind     Kind
	Service  string
	Instance string // as in notify.Item; "": all that the message is about
	Expires  time.Time
	Timing   qianfan.PaymentTiming
	Skip     int           // instances before the page
	Span     time.Duration // of a snooze; 0: until the next step
	Line     string        // a request as people write it
	DrawnAt  time.Time     // when the message was; sharing the same twice is recognised by it

	Lang        string // in which a modal is written
	Channel, TS string // of the message that a modal was opened from; "": none
}

// Slack's limits, https://docs.slack.dev/reference/block-kit: values of buttons
// and of options.
const (
	MaxButtonValue = 2000
	MaxOptionValue = 150
	MaxButtonText  = 75
)

// Encode writes the action as a query string, of which everything that is not set
// is left out.
func (d Action) Encode() string {
	v := url.Values{}
	set := func(key, value string) {
		if value != "" {
			v.Set(key, value)
		}
	}
	number := func(key string, n int64) {
		if n != 0 {
			v.Set(key, strconv.FormatInt(n, 10))
		}
	}
	number("v", formatVersion)
	set("do", string(d.Kind))
	set("s", d.Service)
	set("i", d.Instance)
	set("t", string(d.Timing))
	set("l", d.Line)
	set("g", d.Lang)
	set("c", d.Channel)
	set("m", d.TS)
	number("p", int64(d.Skip))
	number("f", int64(d.Span/time.Second))
	if !d.Expires.IsZero() {
		number("e", d.Expires.UnixMilli())
	}
	if !d.DrawnAt.IsZero() {
		number("d", d.DrawnAt.UnixMilli())
	}
	return v.Encode()
}

// Decode reads what encode wrote, be it in an older version. It reports
// false for what it does not understand, such as a value of a newer version.
func Decode(value string) (Action, bool) {
	if len(value) > MaxButtonValue+1000 { // private metadata takes 3,000
		return Action{}, false
	}
	v, err := url.ParseQuery(value)
	if err != nil {
		return Action{}, false
	}
	bad := false
	number := func(key string) int64 {
		n, err := strconv.ParseInt(cmp.Or(v.Get(key), "0"), 10, 64)
		bad = bad || err != nil
		return n
	}
	moment := func(key string) time.Time {
		if n := number(key); n != 0 {
			return time.UnixMilli(n).UTC()
		}
		return time.Time{}
	}
	version, skip, span := number("v"), number("p"), number("f")
	d := Action{
		Kind: Kind(v.Get("do")), Service: v.Get("s"), Instance: v.Get("i"), Timing: qianfan.PaymentTiming(v.Get("t")),
		Line: v.Get("l"), Lang: v.Get("g"), Channel: v.Get("c"), TS: v.Get("m"),
		Skip: int(skip), Span: time.Duration(span) * time.Second, Expires: moment("e"), DrawnAt: moment("d"),
	}
	const most = 1_000_000_000 // keeps spans within a Duration
	if bad || version < 1 || version > formatVersion || d.Kind == "" || skip < 0 || skip > most || span < 0 || span > most {
		return Action{}, false
	}
	return d, true
}

// Expiry is what an action on a reminder is about.
func (d Action) Expiry() plan.Expiry {
	return plan.Expiry{Service: d.Service, Instance: d.Instance, Expires: d.Expires}
}

// Button draws an action. Its id is unique among the buttons of a message, which
// have each their own act and suffix. label says to who cannot see the message
// what the short text leaves out; "": nothing.
func (d Action) Button(suffix, text, label string) *slack.ButtonBlockElement {
	b := slack.NewButtonBlockElement(d.ID(suffix), d.Encode(), blocks.PlainText(blocks.Printable(text, MaxButtonText-1)))
	b.AccessibilityLabel = blocks.Printable(label, MaxButtonText-1)
	return b
}

// Option draws an action as an entry of a menu; nil when it is too long for one.
func (d Action) Option(text string) *slack.OptionBlockObject {
	value := d.Encode()
	if len(value) > MaxOptionValue {
		return nil
	}
	return slack.NewOptionBlockObject(value, blocks.PlainText(blocks.Printable(text, MaxButtonText-1)), nil)
}

func (d Action) ID(suffix string) string {
	if suffix == "" {
		return string(d.Kind)
	}
	return string(d.Kind) + "." + suffix
}

// What the controls of the App Home do. See act.
const (
	Home     Kind = "home"    // shows the Home as it is now, from the watched service number Action.Skip on
	Language Kind = "lang"    // of the person becomes Action.Line; "": as Slack says
	Clock    Kind = "clock"   // likewise, how they read times
	New      Kind = "new"     // opens the modal that asks for a service to watch
	Show     Kind = "show"    // opens the modal with the instances of a service, or that asks of which
	Unwatch  Kind = "unwatch" // opens the modal that asks whether to stop watching a service
)
