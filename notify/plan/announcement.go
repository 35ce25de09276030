package plan

import (
	"time"

	"computeunits/qianfan"
)

// Kind is what an Announcement is about.
type Kind string

// The kinds of announcements. Their words stand in the ledger and in the keys
// of messages: a word once used keeps its meaning.
const (
	// KindExpiry: prepaid instances expire soon, now, or have expired. Items
	// are of one service, except in the thread of a KindCollected message.
	KindExpiry Kind = "expiry"
	// KindCollected: so many services have something due at once that one
	// message names the services and its thread carries the Items.
	KindCollected Kind = "collected"
	// KindRenewed: instances that a posted reminder was about expire later now.
	KindRenewed Kind = "renewed"
	// KindReverted: instances of which a posted message said that they are renewed
	// expire before that after all, which other messages may have said already.
	KindReverted Kind = "reverted"
	// KindCorrection: what a message says now that Slack does not let be edited. It
	// goes into the thread of that message.
	KindCorrection Kind = "correction"
	// KindVanished: instances that Qianfan does not list any more, before their
	// expiry. Of some that may not be known.
	KindVanished Kind = "vanished"
	// KindUnknown: instances whose expiry is not given, or cannot be read.
	KindUnknown Kind = "unknown"
	// KindUnreadable: Qianfan does not say what some services have.
	KindUnreadable Kind = "unreadable"
	// KindReadable: it does again, after a KindUnreadable message.
	KindReadable Kind = "readable"
	// KindDigest: what expires when, once a local day.
	KindDigest Kind = "digest"
)

// Announcement is one message as plain facts, to be rendered and posted by a
// Sender. All of it is the truth of the moment At; the same Key may be rendered
// again later, with a newer truth, to edit the message in place.
type Announcement struct {
	// Key identifies the message in the ledger. It belongs into the metadata
	// of the message, and so do Reminders, the ids of at most MaxCarried reminders that
	// the message carries (16 characters each), and Ledger, the id of the ledger
	// that says it: Sender.History finds the message again by them. They hold
	// nothing secret.
	Key       string
	Reminders []string
	Ledger    string

	// Owners are whom the message mentions: ids of people (U..., W...) and user
	// groups (S...). Those of the services whose reminders it carries, itself or
	// in its thread, if they are of 7 days or less, or say that a renewal does not
	// hold.
	Owners []string

	Channel  string // id, such as C0123456789
	ThreadTS string // the message in whose thread this one belongs; "": none

	Kind Kind
	At   time.Time // UTC; what "in 3 days" is reckoned from

	// Items are instances, soonest expiry first, at most MaxCarried.
	Items []Item
	// More is how many further items the thread of this message carries.
	More int
	// Services sums up the items in the thread of a KindCollected or KindExpiry
	// message, most urgent first. They may be thousands: show what fits, count the
	// rest.
	Services []Summary
	// Troubles are the services of KindUnreadable and KindReadable, by id. They
	// may be thousands.
	Troubles []Trouble
	// Digest is the body of a KindDigest message; nil in its thread, where
	// Items go on.
	Digest *Digest

	// AgedFrom is when Qianfan last told about that of its services of which the
	// message knows least, if that is more than two checks ago and it could not be
	// read since: the message begins with that. UTC; zero otherwise.
	AgedFrom time.Time

	// PossiblyRepeated says that the message may stand in the channel already:
	// looking was not possible, and waiting longer would have meant silence.
	PossiblyRepeated bool
	// Plain asks for text without blocks: Slack rejected the richer form.
	Plain bool
}

// Item is one instance of an Announcement. All times are UTC.
type Item struct {
	Service string // id, such as svco-48exxxa594
	Label   string // what people call the service; "": nothing
	// Instance is the id as Qianfan gives it. Where that is empty or names two
	// instances at once, "#" and the expiry are appended.
	Instance string
	Replicas int
	Status   qianfan.Status

	// Expires is the expiry that this item is about; in KindRenewed the new one.
	Expires time.Time
	// ZoneAssumed says that Expires came without a zone and was read as
	// Asia/Shanghai.
	ZoneAssumed bool
	// Threshold is the ladder's step that is due: so long before Expires; 0 at
	// expiry, negative after it. Of KindExpiry only.
	Threshold time.Duration
	// Before is the expiry that the channel was told before: in KindRenewed the
	// older one, which a posted reminder was about; in KindReverted the one until
	// which a posted message called it renewed. Zero in other kinds.
	Before time.Time
	// Present is when the instance expires now, if that is no longer Expires;
	// zero otherwise. See Renewed and Revoked.
	Present time.Time

	// Pause is what somebody answered to the reminders of Expires. A snooze that
	// has ended is none.
	Pause Pause

	// Late is how long after its time the reminder goes out; 0 up to 5 minutes.
	Late    time.Duration
	LateWhy LateReason

	// ReadAt is when Qianfan last told about the service. Stale says that this
	// is too long ago, or that Qianfan cannot be read now.
	ReadAt time.Time
	Stale  bool
	// Unlisted says that Qianfan stopped listing the instance: once it had expired,
	// or before. In KindVanished it is false once it is listed again.
	Unlisted bool
	// Raw is the expiry as Qianfan wrote it, where it cannot be read; "" otherwise.
	Raw string
}

// Renewed reports whether the instance expires later now than this item says:
// what it asks for has been done.
func (i Item) Renewed() bool { return i.Present.After(i.Expires) }

// Revoked reports whether the instance expires earlier now than this item says.
func (i Item) Revoked() bool { return !i.Present.IsZero() && i.Present.Before(i.Expires) }

// LateReason is why a message goes out late; "" when it does not.
type LateReason string

// The reasons for lateness.
const (
	LateFirstSeen  LateReason = "first seen"  // the instance, or this expiry of it, was not known in time, or not watched
	LateQianfan    LateReason = "qianfan"     // Qianfan could not be read
	LateSlack      LateReason = "slack"       // Slack did not take it
	LateNotRunning LateReason = "not running" // the bot was not running
)

// Summary is what one service contributes to the thread of a message.
type Summary struct {
	Service, Label string
	Instances      int       // items of the service in the thread
	Renewed        int       // of Instances: renewed since
	Replicas       int       // of those not renewed; of all when all are
	Soonest        time.Time // the earliest expiry, likewise. UTC
	Open           int       // of Instances: they still expire then, so that people can answer to it
	Shares         []Share   // what people answered to those, most of it first
}

// Acknowledged is how many instances somebody takes care of.
func (s Summary) Acknowledged() int { return acknowledged(s.Shares) }

// Snoozed is of how many instances somebody asked to hear later.
func (s Summary) Snoozed() int { return snoozed(s.Shares) }

// Trouble is a service that Qianfan does not tell about, or did not.
type Trouble struct {
	Service, Label string
	ReadAt         time.Time // when Qianfan last told about it, UTC; zero: never yet
	Since          time.Time // when the failures began, UTC; in KindReadable those that are over. Zero: none
	// Refused says that waiting will not help: somebody has to change something.
	Refused bool
	// What the last failure was: the HTTP status (0: no answer), and Qianfan's
	// code, message and request id as far as it gave them. Foreign text: escape.
	Status    int
	Code      string
	Message   string
	RequestID string
}

// Urgency is how soon an instance expires.
type Urgency string

// The urgencies, most urgent first.
const (
	Expired     Urgency = "expired" // but usually still restorable by renewing it
	WithinDay   Urgency = "day"     // 24 hours
	WithinWeek  Urgency = "week"    // 7 days
	WithinMonth Urgency = "month"   // 30 days
)

// Digest is the body of a day's digest: what expires within 30 days of the
// moment it was decided, or has expired and is usually still restorable.
type Digest struct {
	Day  Date           // the local day it is for
	Zone *time.Location // of the days here

	// AllClear says that nothing expires within 30 days and that every service
	// could be read.
	AllClear bool

	Late    time.Duration // how long after its time it goes out; 0 up to 5 minutes
	LateWhy LateReason

	Services  int // watched
	Instances int // prepaid, in these services, and not expired
	Replicas  int // of these instances

	Counts []Count // most urgent first; urgencies without an instance are left out
	Losses []Loss  // by day, then by service
	Unread []Trouble
	// Unknown are the prepaid instances whose expiry is not given, or could not be
	// read. It never means that they do not expire.
	Unknown []Item
	// Vanished is how many instances are not listed any more since a day, before
	// their expiry.
	Vanished int
	// Slow is how long reading all services takes, if that is longer than
	// CheckEvery, which is the time between two readings; 0 otherwise.
	Slow, CheckEvery time.Duration
	// Beyond is how many items neither the message nor its thread lists,
	// because they are too many. Counts has them.
	Beyond int
}

// Count is how many instances, and replicas in them, are of one Urgency.
type Count struct {
	Urgency   Urgency
	Instances int
	Replicas  int
}

// Loss is capacity that goes away on one local day unless it is renewed.
type Loss struct {
	Day            Date // in Digest.Zone
	Service, Label string
	Instances      int
	Replicas       int // that go away that day
	Left           int // prepaid replicas of the service that remain after it
}
