package bot

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"computeunits/qianfan"
)

// Explain turns an error of Qianfan's into a sentence for the person who
// asked: what happened, what to do, and what to quote to support. The result
// is plain text. The cause of an error that did not come from Qianfan is for
// the log, not for people, so it is not repeated.
func Explain(err error) string {
	e, ok := errors.AsType[*qianfan.Error](err)
	if !ok {
		if errors.Is(err, context.DeadlineExceeded) {
			return "Qianfan did not answer in time, so I cannot say what expires. Please ask again in a minute."
		}
		return "I could not reach Qianfan, so I cannot say what expires. Please ask again in a minute; if it goes on, an operator finds the cause in the bot's log."
	}
	return diagnosis(e) + " (" + reference(e) + ")"
}

// diagnosis says what happened and what to do. Products disagree on the HTTP
// status, so the code decides first (reference: cloud.baidu.com/doc/qianfan/s/Pmh4sv5qa).
func diagnosis(e *qianfan.Error) string {
	switch {
	case e.Code == "InvalidAccessKeyId", strings.Contains(e.Message, "Could not find credential"):
		return "Qianfan does not know the bot's access key. An operator should check QIANFAN_ACCESS_KEY."
	case e.Code == "SignatureDoesNotMatch", strings.Contains(e.Message, "Signature does not match"):
		return "Qianfan refused the bot's signature. An operator should check QIANFAN_SECRET_KEY (and the session token, if one is used)."
	case e.Code == "RequestExpired":
		return "Qianfan found the request too old. An operator should check the clock of the machine the bot runs on."
	case e.Code == "AccessDenied", e.Code == "OptInRequired":
		return "The bot's account may not read this service. An operator should attach the policy QianfanServiceReadAccessPolicy to its IAM user."
	case e.Code == "ResourceNotFound", e.Status == http.StatusNotFound:
		return "Qianfan does not know this service. Please check its id in the Qianfan console."
	case e.Status == http.StatusTooManyRequests:
		return "Qianfan is asked too often just now. Please ask again in a minute."
	case e.Status == http.StatusUnauthorized, e.Status == http.StatusForbidden:
		return "Qianfan refused the bot. An operator should check its keys and that its IAM user has the policy QianfanServiceReadAccessPolicy."
	case e.Status >= 500, e.Temporary():
		return "Qianfan has trouble answering, so I cannot say what expires. Please ask again in a few minutes."
	case e.Status == http.StatusBadRequest:
		return "Qianfan did not accept the question. Please check the id of the service."
	default:
		return "Qianfan's answer made no sense, so I cannot say what expires. Please ask again; if it goes on, tell an operator."
	}
}

// reference is what support wants to know: code, HTTP status, request id.
func reference(e *qianfan.Error) string {
	parts := make([]string, 0, 4)
	if e.Code != "" {
		parts = append(parts, "code "+printable(e.Code, 60))
	}
	if e.Message != "" {
		parts = append(parts, quote(e.Message))
	}
	if e.Status != 0 {
		parts = append(parts, fmt.Sprintf("HTTP %d", e.Status))
	}
	if e.RequestID != "" {
		parts = append(parts, "request "+printable(e.RequestID, maxQuoted))
	} else {
		parts = append(parts, "no request id")
	}
	return strings.Join(parts, ", ")
}
