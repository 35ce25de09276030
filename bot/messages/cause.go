package messages

import (
	"net/http"
	"strings"

	"computeunits/qianfan"
)

// A cause is why Qianfan did not tell what a service has, as far as that
// decides what somebody should do about it.
type cause int

const (
	causeNonsense    cause = iota // an answer that nothing here explains
	causeAccessKey                // the access key is not known
	causeSignature                // the secret key, or the session token, is wrong
	causeClock                    // the request seemed too old
	causePolicy                   // the account may not read the service
	causeService                  // there is no such service
	causeTooOften                 // asked too often
	causeRefused                  // refused, it is not said why
	causeBroken                   // trouble that may pass
	causeBadQuestion              // the question was not accepted
)

// causeOf sorts a refusal. Products disagree on the HTTP status, so the code
// decides first (reference: cloud.baidu.com/doc/qianfan/s/Pmh4sv5qa). passing
// says that the client would ask again.
func causeOf(status int, code, message string, passing bool) cause {
	switch {
	case code == "InvalidAccessKeyId", strings.Contains(message, "Could not find credential"):
		return causeAccessKey
	case code == "SignatureDoesNotMatch", strings.Contains(message, "Signature does not match"):
		return causeSignature
	case code == "RequestExpired":
		return causeClock
	case code == qianfan.UnknownForm:
		return causeNonsense
	case code == "AccessDenied", code == "OptInRequired":
		return causePolicy
	case code == "ResourceNotFound", status == http.StatusNotFound:
		return causeService
	case status == http.StatusTooManyRequests:
		return causeTooOften
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return causeRefused
	case status >= 500, passing:
		return causeBroken
	case status == http.StatusBadRequest:
		return causeBadQuestion
	default:
		return causeNonsense
	}
}
