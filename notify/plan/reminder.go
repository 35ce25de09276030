package plan

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"time"

	"computeunits/qianfan"
)

// MaxCarried is how many reminders one message carries: so many ids fit into
// its metadata, and all of them are named in it, whatever becomes of them (a test of
// package messages counts).
const MaxCarried = 45

// Reminder is one thing that is said once: its fields are the key. A later
// expiry is another reminder; the same one never is, also when it comes back.
type Reminder struct {
	Service   string
	Instance  string        // "" when it is about the service
	Expires   time.Time     // unreadable and readable: the UTC day of the outage
	Threshold time.Duration // reverted: from the expiry to the one that is taken back
	Channel   string
	Kind      Kind // expiry, renewed, reverted, vanished, unknown, unreadable, readable, digest
}

// InstanceKey is what a reminder is about.
type InstanceKey struct{ Service, Instance string }

// About is the instance that it is about.
func (r Reminder) About() InstanceKey { return InstanceKey{r.Service, r.Instance} }

// ID returns 16 characters that stand for the key in a message's metadata. They
// are the same in every ledger.
func (r Reminder) ID() string {
	h := sha256.New()
	for _, field := range []string{r.Service, r.Instance, r.Channel, string(r.Kind)} {
		h.Write(binary.AppendUvarint(nil, uint64(len(field))))
		h.Write([]byte(field))
	}
	h.Write(binary.AppendVarint(nil, r.Expires.UnixMilli()))
	h.Write(binary.AppendVarint(nil, r.Threshold.Milliseconds()))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:12])
}

// Message is a row of the outbox.
type Message struct {
	Key      string
	Channel  string
	Kind     Kind
	Parent   string // key of the message in whose thread it goes; "": none
	Day      string // of a digest
	Created  time.Time
	Due      time.Time // when it should have been posted
	Earliest time.Time // it cannot have been posted before
	Soonest  time.Time // the earliest expiry it is about; orders messages of a kind

	Attempt    int
	Unresolved bool      // an attempt may have succeeded without the ledger knowing
	Claimed    time.Time // the first attempt
	Next       time.Time // no attempt before
	Plain      bool
	Sent       time.Time
	TS         string
	Settled    time.Time // unsent, and nothing is left to say

	EditAt      time.Time // look whether it needs an edit, not before; zero: it does not
	EditAttempt int       // failed in a row
	Shown       string    // fingerprint of what was corrected in it
	Rechecks    int       // how often it was looked for once more after an answer in doubt
	LastError   string    // of a post or an edit; "": none, or an attempt is under way
}

// The values of message.shown that are not a fingerprint.
const (
	EditAsPosted = ""  // nothing in it was corrected
	EditUnknown  = "?" // another process, or another ledger, posted it
	EditInDoubt  = "~" // an edit is under way, or nobody knows whether it arrived
)

// Priority orders the kinds in the outbox: the smallest goes first.
func (k Kind) Priority() int {
	switch k {
	case KindExpiry, KindCollected, KindReverted, KindVanished, KindUnknown:
		return 0
	case KindUnreadable:
		return 1
	case KindRenewed:
		return 2
	case KindReadable:
		return 3
	default:
		return 4
	}
}

// The values of instance.missed.
const (
	Listed   = 0
	Missing  = 1 // absent from the last complete read
	Gone     = 2 // absent from two complete reads while unexpired
	Unlisted = 3 // absent, but expired: Baidu may stop listing it then
)

// Instance is a row of what is known.
type Instance struct {
	Service, ID string
	Timing      qianfan.PaymentTiming
	Replicas    int
	Status      qianfan.Status
	Start       time.Time
	Expires     time.Time // zero: not known
	ExpiresRaw  string
	ZoneAssumed bool
	Known       time.Time // the read that first showed this expiry
	KnownAfter  time.Time // the good read before that one; zero: none
	Seen        time.Time // the read that brought the row into this state; the epoch for one that nobody misses
	Missed      int
}

// ServiceState is a row of what is known.
type ServiceState struct {
	ID          string
	Fingerprint string
	Read        time.Time // last good read; zero: never
	Tried       time.Time // last read of any outcome
	Failing     time.Time // first failure since; zero: not failing
	Refused     bool
	Status      int // of HTTP; this and what follows are of the failure
	Code        string
	Message     string
	RequestID   string
	OutageFrom  time.Time // the last outage that ended
	OutageUntil time.Time
	Noticed     time.Time // expires of the reminder that told of the failure; zero: none
}
