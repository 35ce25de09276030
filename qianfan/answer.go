package qianfan

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"strconv"
	"time"
)

// maxBody is the longest body that is read, in bytes. An instance takes about
// 170, so a list of ten thousand has room.
const maxBody = 8 << 20

var errTooLong = fmt.Errorf("the answer is longer than %d bytes", maxBody)

// readBody returns what arrived of a body, and why that is not all of it.
func readBody(resp *http.Response) ([]byte, error) {
	var buf bytes.Buffer
	if n := resp.ContentLength; n > 0 && n <= maxBody {
		buf.Grow(int(n) + bytes.MinRead) // so that ReadFrom need not grow it
	}
	n, err := buf.ReadFrom(io.LimitReader(resp.Body, maxBody+1))
	if n > maxBody {
		return buf.Bytes()[:maxBody], errTooLong
	}
	return buf.Bytes(), err
}

// interpret decides what an HTTP answer means: a reading, with words on what
// of it could not be read, or an *Error. Nothing but a list that arrived whole
// under a successful status, without any code and with nothing beside it that says
// otherwise, is a reading. bodyErr says why
// body is not all there was. The texts of the *Error are raw.
func interpret(status int, h http.Header, body []byte, bodyErr error, now time.Time) (Reading, []string, *Error) {
	var a answer
	var decodeErr error
	switch {
	case bodyErr == nil:
		a, decodeErr = decodeAnswer(body)
	case !errors.Is(bodyErr, errTooLong):
		a = salvage(body)
	}
	code, message := a.refusal()
	requestID := cmp.Or(string(a.RequestID), h.Get("X-Bce-Request-Id"))
	refusal := &Error{
		Status:     status,
		Code:       cmp.Or(code, h.Get("X-Bce-Error-Code")),
		Message:    cmp.Or(message, h.Get("X-Bce-Error-Message")),
		RequestID:  requestID,
		RetryAfter: parseRetryAfter(h.Get("Retry-After"), now),
		Err:        bodyErr,
		At:         now,
		Date:       parseDate(h.Get("Date")),
	}
	_, mismatch := errors.AsType[*json.UnmarshalTypeError](decodeErr)
	ok := status >= 200 && status < 300 && refusal.Code == ""
	switch {
	case ok && bodyErr == nil && decodeErr == nil && a.Result != nil && a.Result.Instances != nil:
		if why := a.objection(status, body); why != "" {
			refusal.Code, refusal.Message = UnknownForm, "the answer is not complete by its own words: "+why
			break
		}
		instances, unread := a.instances()
		return Reading{RequestID: requestID, At: now, Date: refusal.Date, Instances: instances}, unread, nil
	case ok && bodyErr != nil:
		refusal.garbled = !errors.Is(bodyErr, errTooLong)
	case ok && (decodeErr == nil || mismatch):
		refusal.Code = UnknownForm
		refusal.Message = cmp.Or(refusal.Message, "the answer has no list of instances: "+gist(body))
	case ok:
		refusal.garbled = true
		refusal.Message = cmp.Or(refusal.Message, "the answer is not JSON: "+gist(body))
	default:
		refusal.Message = cmp.Or(refusal.Message, gist(body))
	}
	return Reading{}, nil, refusal
}

// parseDate reads the header Date; what it cannot read is no date.
func parseDate(value string) time.Time {
	at, err := http.ParseTime(value)
	if err != nil {
		return time.Time{}
	}
	return at.UTC()
}

// parseRetryAfter reads both forms of the header: seconds and an HTTP date.
// Anything else, and what has passed, is no wait.
func parseRetryAfter(value string, now time.Time) time.Duration {
	const longest = math.MaxInt64 / int64(time.Second)
	if seconds, err := strconv.ParseInt(value, 10, 64); err == nil {
		return time.Duration(min(max(seconds, 0), longest)) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(at.Sub(now), 0)
	}
	return 0
}
