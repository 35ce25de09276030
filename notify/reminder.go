package notify

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"time"

	"computeunits/qianfan"
)

// maxCarried is how many reminders one message carries: so many ids fit into
// its metadata, and so many lines remain readable.
const maxCarried = 90

// reminder is one thing that is said once: its fields are the key. A later
// expiry is another reminder; the same one never is, also when it comes back.
type reminder struct {
	service   string
	instance  string        // "" when it is about the service
	expires   time.Time     // unreadable and readable: the UTC day of the outage
	threshold time.Duration // reverted: from the expiry to the one that is taken back
	channel   string
	kind      Kind // expiry, renewed, reverted, vanished, unknown, unreadable, readable, digest
}

// subject is what a reminder is about.
type subject struct{ service, instance string }

func (r reminder) about() subject { return subject{r.service, r.instance} }

// id returns 16 characters that stand for the key in a message's metadata. They
// are the same in every ledger.
func (r reminder) id() string {
	h := sha256.New()
	for _, field := range []string{r.service, r.instance, r.channel, string(r.kind)} {
		h.Write(binary.AppendUvarint(nil, uint64(len(field))))
		h.Write([]byte(field))
	}
	h.Write(binary.AppendVarint(nil, r.expires.UnixMilli()))
	h.Write(binary.AppendVarint(nil, r.threshold.Milliseconds()))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:12])
}

// message is a row of the outbox.
type message struct {
	key      string
	channel  string
	kind     Kind
	parent   string // key of the message in whose thread it goes; "": none
	day      string // of a digest
	created  time.Time
	due      time.Time // when it should have been posted
	earliest time.Time // it cannot have been posted before
	soonest  time.Time // the earliest expiry it is about; orders messages of a kind

	attempt    int
	unresolved bool      // an attempt may have succeeded without the ledger knowing
	claimed    time.Time // the first attempt
	next       time.Time // no attempt before
	plain      bool
	sent       time.Time
	ts         string
	settled    time.Time // unsent, and nothing is left to say

	editAt      time.Time // look whether it needs an edit, not before; zero: it does not
	editAttempt int       // failed in a row
	shown       string    // fingerprint of what was corrected in it
	rechecks    int       // how often it was looked for once more after an answer in doubt
	lastError   string    // of a post or an edit; "": none, or an attempt is under way
}

// The values of message.shown that are not a fingerprint.
const (
	shownAsPosted = ""  // nothing in it was corrected
	shownUnknown  = "?" // another process, or another ledger, posted it
	shownInDoubt  = "~" // an edit is under way, or nobody knows whether it arrived
)

// priority orders the kinds in the outbox: the smallest goes first.
func (k Kind) priority() int {
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
	listed   = 0
	missing  = 1 // absent from the last complete read
	gone     = 2 // absent from two complete reads while unexpired
	unlisted = 3 // absent, but expired: Baidu may stop listing it then
)

// instance is a row of what is known.
type instance struct {
	service, id string
	timing      qianfan.PaymentTiming
	replicas    int
	status      qianfan.Status
	start       time.Time
	expires     time.Time // zero: not known
	expiresRaw  string
	zoneAssumed bool
	known       time.Time // the read that first showed this expiry
	knownAfter  time.Time // the good read before that one; zero: none
	seen        time.Time // the read that brought the row into this state; the epoch for one that nobody misses
	missed      int
}

// service is a row of what is known.
type service struct {
	id          string
	fingerprint string
	read        time.Time // last good read; zero: never
	tried       time.Time // last read of any outcome
	failing     time.Time // first failure since; zero: not failing
	refused     bool
	status      int // of HTTP; this and what follows are of the failure
	code        string
	message     string
	requestID   string
	outageFrom  time.Time // the last outage that ended
	outageUntil time.Time
	noticed     time.Time // expires of the reminder that told of the failure; zero: none
}
