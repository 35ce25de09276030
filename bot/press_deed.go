package bot

import (
	"cmp"
	"net/url"
	"strconv"
	"time"

	"github.com/slack-go/slack"

	"computeunits/notify"
	"computeunits/qianfan"
)

// An act is what a control of a message, a modal or the App Home does. Its words
// stand in messages that people may press in months: a word once used keeps its
// meaning.
type act string

const (
	actAsk           act = "ask"    // answers about a service again, in the place of the message
	actSay           act = "say"    // does as if the person had written deed.line
	actLeaf          act = "leaf"   // answers deed.line again, a list, in the place of the message
	actShare         act = "share"  // posts the answer to the channel: about a service, or to deed.line
	actSettings      act = "set"    // opens the modal for the watch of a service
	actAcknowledge   act = "ack"    // the expiry; without an instance all that the message reminds of
	actUnacknowledge act = "unack"  // likewise
	actSnooze        act = "snooze" // likewise, for deed.span, or until the next step
	actUnsnooze      act = "wake"   // likewise
	actPick          act = "pick"   // opens the modal that chooses among the instances of a message
	actConsole       act = "console"
)

// deedVersion is of the values. It rises when an older reader would do the wrong
// thing; what is only added is passed over by older readers.
const deedVersion = 1

// A deed is what pressing a control asks for: all of its state, so that it works
// after a restart and on an old message. It is the value of a button or option,
// and the private metadata of a modal. Who may do what is checked when it is done.
type deed struct {
	act      act
	service  string
	instance string // as in notify.Item; "": all that the message is about
	expires  time.Time
	timing   qianfan.PaymentTiming
	skip     int           // instances before the page
	span     time.Duration // of a snooze; 0: until the next step
	line     string        // a request as people write it
	drawn    time.Time     // when the message was; sharing the same twice is recognised by it

	lang        string // in which a modal is written
	channel, ts string // of the message that a modal was opened from; "": none
}

// Slack's limits, https://docs.slack.dev/reference/block-kit: values of buttons
// and of options.
const (
	maxButtonValue = 2000
	maxOptionValue = 150
	maxButtonText  = 75
)

// encode writes the deed as a query string, of which everything that is not set
// is left out.
func (d deed) encode() string {
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
	number("v", deedVersion)
	set("do", string(d.act))
	set("s", d.service)
	set("i", d.instance)
	set("t", string(d.timing))
	set("l", d.line)
	set("g", d.lang)
	set("c", d.channel)
	set("m", d.ts)
	number("p", int64(d.skip))
	number("f", int64(d.span/time.Second))
	if !d.expires.IsZero() {
		number("e", d.expires.UnixMilli())
	}
	if !d.drawn.IsZero() {
		number("d", d.drawn.UnixMilli())
	}
	return v.Encode()
}

// decodeDeed reads what encode wrote, be it in an older version. It reports
// false for what it does not understand, such as a value of a newer version.
func decodeDeed(value string) (deed, bool) {
	if len(value) > maxButtonValue+1000 { // private metadata takes 3,000
		return deed{}, false
	}
	v, err := url.ParseQuery(value)
	if err != nil {
		return deed{}, false
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
	d := deed{
		act: act(v.Get("do")), service: v.Get("s"), instance: v.Get("i"), timing: qianfan.PaymentTiming(v.Get("t")),
		line: v.Get("l"), lang: v.Get("g"), channel: v.Get("c"), ts: v.Get("m"),
		skip: int(skip), span: time.Duration(span) * time.Second, expires: moment("e"), drawn: moment("d"),
	}
	const most = 1_000_000_000 // keeps spans within a Duration
	if bad || version < 1 || version > deedVersion || d.act == "" || skip < 0 || skip > most || span < 0 || span > most {
		return deed{}, false
	}
	return d, true
}

// expiry is what a deed on a reminder is about.
func (d deed) expiry() notify.Expiry {
	return notify.Expiry{Service: d.service, Instance: d.instance, Expires: d.expires}
}

// button draws a deed. Its id is unique among the buttons of a message, which
// have each their own act and suffix. label says to who cannot see the message
// what the short text leaves out; "": nothing.
func (d deed) button(suffix, text, label string) *slack.ButtonBlockElement {
	b := slack.NewButtonBlockElement(d.id(suffix), d.encode(), plainText(printable(text, maxButtonText-1)))
	b.AccessibilityLabel = printable(label, maxButtonText-1)
	return b
}

// option draws a deed as an entry of a menu; nil when it is too long for one.
func (d deed) option(text string) *slack.OptionBlockObject {
	value := d.encode()
	if len(value) > maxOptionValue {
		return nil
	}
	return slack.NewOptionBlockObject(value, plainText(printable(text, maxButtonText-1)), nil)
}

func (d deed) id(suffix string) string {
	if suffix == "" {
		return string(d.act)
	}
	return string(d.act) + "." + suffix
}

func plainText(s string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.PlainTextType, s, false, false)
}
