package qianfan

import (
	"time"
)

// PaymentTiming is how an instance is paid, or which ones a Query asks for.
type PaymentTiming string

// The words of the API (qianfan-api/s/9mwbl2jxf). Another action of the
// platform, DescribeServices, writes Prepay and Postpay: they are not these.
const (
	Prepaid  PaymentTiming = "Prepaid"  // paid for a term; ends at Expires unless renewed
	Postpaid PaymentTiming = "Postpaid" // paid by use; what an expiry means here is not documented
)

// Status is the state of an instance. Words the API may add later are kept as
// they come; "" is a status that was absent or could not be read.
type Status string

// The documented states (qianfan-api/s/9mwbl2jxf). The page numbers them 1, 2
// and 3, and its samples carry the word: both are understood.
const (
	Creating Status = "Creating" // 1: no start and no expiry yet
	Running  Status = "Running"  // 2
	Deleted  Status = "Deleted"  // 3: expired
)

// Instance is one compute unit instance behind a service. It is a plain value:
// two readings of an unchanged instance compare equal with ==.
type Instance struct {
	// ID is hexadecimal in the documentation's samples. It may be empty, and
	// nothing documented keeps two instances from bearing the same.
	ID string
	// Timing is "" when absent; a word other than Prepaid and Postpaid is kept.
	Timing PaymentTiming
	// Replicas is the number of replicas this instance pays for; 0 also when
	// the number was absent or could not be read, which is then logged.
	Replicas int
	Status   Status
	// Start and Expires are instants in UTC, zero when the API gave none (as
	// while Creating) or none that could be read.
	Start, Expires time.Time
	// ExpiresRaw is the expiry as it came when it could not be read, cut after
	// 200 bytes; "" otherwise. Expires is zero then.
	ExpiresRaw string
	// ExpiresAssumedZone says that the expiry came without a zone and was read
	// as Asia/Shanghai: if it was meant as UTC, Expires is 8 hours early.
	ExpiresAssumedZone bool
}

// ExpiryKnown reports whether Expires holds an instant. If it does not, the
// expiry is unknown; that never means that the instance does not expire.
func (i Instance) ExpiryKnown() bool { return !i.Expires.IsZero() }

// Reading is one complete answer of the API.
type Reading struct {
	ServiceID string    // as it was asked for
	RequestID string    // Baidu's id of this answer, for its support
	At        time.Time // when the answer arrived, by the Client's clock, UTC
	// Date is when the answer says that it was made (the header Date, in whole
	// seconds, UTC); zero when it does not say. It is Baidu's clock, or that of a
	// proxy in between.
	Date time.Time
	// Instances are all that the service has of the timing asked for, in the
	// API's order, which is not documented. An empty list means that the API
	// said so: a list that is missing is an *Error instead.
	Instances []Instance
}

// Ahead is how far the Client's clock is ahead of the one that dated the answer,
// negative when it is behind; ok is false when the answer has no date. It is as
// exact as the answer was fast, so it shows a clock that is minutes off.
func (r Reading) Ahead() (by time.Duration, ok bool) { return ahead(r.At, r.Date) }

func ahead(at, date time.Time) (by time.Duration, ok bool) {
	if date.IsZero() {
		return 0, false
	}
	return at.Sub(date), true
}
