package qianfan

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Error is an answer other than the one asked for: a refusal of the API, of a
// gateway or proxy before it, or an answer that cannot be understood. It is
// returned as *Error. A failure without any answer is not an *Error.
//
// An answer of HTTP 200 without a complete list has the Code [UnknownForm].
type Error struct {
	Op        string // the action of the API, such as DescribeComputeUnits
	ServiceID string // what it was asked about
	Status    int    // of HTTP; refusals with 200 exist
	// Code is a word such as AccessDenied or, from the platform's older half,
	// a number such as 336100; "" when the answer had none. The codes known
	// are on qianfan/s/Pmh4sv5qa and HOSTEYE/s/0jwvxjzos.
	Code string
	// Message is the API's own, or the gist of a body that is not the API's,
	// in one line of at most 500 bytes. It is foreign text: escape it.
	Message    string
	RequestID  string        // Baidu's id of this answer, for its support; "" when the answer had none
	RetryAfter time.Duration // how long the answer asked to wait; 0: it did not
	Err        error         // what broke while reading the answer; nil: nothing
	// At is when the answer arrived, by the Client's clock, and Date when it says
	// that it was made; as in Reading.
	At, Date time.Time

	garbled bool // a successful status over a body that was damaged on its way
}

// UnknownForm is the Code of an answer that is well-formed and in a form that this
// version does not know, or that says itself that it is not complete. It is never
// a reading: "nothing expires" must not be concluded from it. It is a word of this
// package, not of the API.
const UnknownForm = "UnknownForm"

// Error names the action, the service, and everything the answer told.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s of %q: HTTP %d", e.Op, e.ServiceID, e.Status)
	if e.Code != "" {
		b.WriteString(" " + e.Code)
	}
	if e.Message != "" {
		b.WriteString(": " + e.Message)
	}
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	if e.RequestID != "" {
		b.WriteString(" (request id " + e.RequestID + ")")
	}
	return b.String()
}

// Ahead is how far the Client's clock is ahead of the one that dated the answer,
// as in Reading: also what refuses tells the time, RequestExpired above all.
func (e *Error) Ahead() (by time.Duration, ok bool) { return ahead(e.At, e.Date) }

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// Temporary reports whether the same question may be answered later: the
// service is busy or broken, or the answer was damaged on its way. Otherwise
// somebody has to change something first. The code decides where it is known,
// because Baidu's products disagree on the status that goes with it.
func (e *Error) Temporary() bool {
	switch e.Code {
	case "InternalError", "336100", "18", "500000": // internal, high load, too many a second, internal
		return true
	case "AccessDenied", "IdempotentParameterMismatch", "InappropriateJSON",
		"InvalidAccessKeyId", "InvalidHTTPAuthHeader", "InvalidHTTPRequest",
		"InvalidMarker", "InvalidURI", "InvalidVersion", "MalformedJSON",
		"OptInRequired", "PreconditionFailed", "RequestExpired",
		"ResourceNotFound", "SignatureDoesNotMatch", "SignatureEmpty":
		return false
	}
	return e.Status == http.StatusTooManyRequests || e.Status >= 500 || e.garbled
}
