package slackapi

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"computeunits/bot/blocks"
)

// Outcome is what became of a request that failed.
type Outcome int

// The outcomes. Whoever asks for something that must not be done twice may repeat it
// only after NotSent and RateLimited.
const (
	Ambiguous   Outcome = iota // it may have been done: a timeout, a reset, 5xx
	NotSent                    // it certainly did not reach Slack
	RateLimited                // Slack asks to wait for RetryAfter
	Refused                    // Slack refuses all such requests until somebody changes something
	Rejected                   // Slack minds what is in this one
)

// String returns words for a log.
func (o Outcome) String() string {
	switch o {
	case Ambiguous:
		return "fate unknown"
	case NotSent:
		return "not sent"
	case RateLimited:
		return "rate limited"
	case Refused:
		return "refused"
	case Rejected:
		return "rejected"
	default:
		return fmt.Sprintf("outcome %d", int(o))
	}
}

// An Error is a request that failed.
type Error struct {
	Outcome    Outcome
	Reason     string        // Slack's code, printable; "" when there is none
	RetryAfter time.Duration // with RateLimited
	Err        error         // what was being done, and what came of it; holds no secrets
}

// Error says what became of the request, and why.
func (e *Error) Error() string {
	text := e.Outcome.String()
	if e.Reason != "" {
		text += " (" + e.Reason + ")"
	}
	if e.RetryAfter > 0 {
		text += fmt.Sprintf(", again after %v", e.RetryAfter)
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// CodeOf is Slack's code in a failure; "" when there is none.
func CodeOf(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Reason
	}
	return ""
}

// Failure says what became of a request that failed; doing says what was asked for.
func (c *Client) Failure(doing string, x *Call, err error) *Error {
	e := &Error{Outcome: x.outcome(err), Reason: Code(err)}
	if e.Outcome == RateLimited {
		e.RetryAfter = x.wait()
	}
	e.Err = &failedRequest{doing: doing, text: c.withoutToken(detail(err)), err: WithoutURL(err)}
	return e
}

// outcome classifies a failed request. What is not known to be anything else
// is in doubt.
func (x *Call) outcome(err error) Outcome {
	switch {
	case x.status == http.StatusTooManyRequests:
		return RateLimited
	case x.status == http.StatusOK:
		return outcomeOf(Code(err))
	case x.status == 0 && !x.connected.Load():
		return NotSent
	default:
		return Ambiguous
	}
}

// wait is how long Slack asks to wait.
func (x *Call) wait() time.Duration {
	seconds, err := strconv.Atoi(strings.TrimSpace(x.retryAfter))
	if err != nil || seconds <= 0 {
		return unsaidWait
	}
	return min(time.Duration(seconds)*time.Second, 30*24*time.Hour)
}

// Code is the code with which Slack refused; "" when it did not.
func Code(err error) string {
	if e, ok := errors.AsType[slack.SlackErrorResponse](err); ok {
		return blocks.Printable(e.Err, blocks.MaxQuoted)
	}
	return ""
}

// outcomeOf says what a code of Slack's means for a message. Codes:
// https://docs.slack.dev/reference/methods/chat.postMessage#errors, and of
// chat.update, chat.delete, conversations.history.
func outcomeOf(code string) Outcome {
	switch code {
	case "ratelimited", "rate_limited", "message_limit_exceeded":
		return RateLimited
	case "channel_not_found", "not_in_channel", "is_archived", "is_inactive", "messages_tab_disabled",
		"restricted_action", "restricted_action_read_only_channel", "restricted_action_thread_only_channel",
		"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "not_allowed_token_type",
		"missing_scope", "no_permission", "access_denied", "ekm_access_denied", "two_factor_setup_required",
		"org_login_required", "team_access_not_granted", "team_added_to_org", "team_disabled", "team_not_found",
		"user_removed_from_team", "forbidden_team", "enterprise_is_restricted", "accesslimited",
		"method_deprecated", "deprecated_endpoint", "unknown_method", "as_user_not_supported":
		return Refused
	case "invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long", "only_one_table_allowed", "no_text",
		"block_mismatch", "markdown_text_conflict", "too_many_attachments", "invalid_attachments", "attachment_payload_limit_exceeded",
		"metadata_too_large", "invalid_metadata_format", "invalid_metadata_schema", "metadata_must_be_sent_from_app",
		"cannot_reply_to_message", "thread_not_found", "restricted_action_thread_locked", "restricted_action_non_threadable_channel",
		"invalid_arguments", "invalid_arg_name", "invalid_array_arg", "invalid_charset", "invalid_form_data", "invalid_json",
		"json_not_object", "missing_argument", "too_long",
		"message_not_found", "cant_update_message", "cant_delete_message", "edit_window_closed":
		return Rejected
	case "internal_error", "fatal_error", "service_unavailable", "request_timeout", "update_failed",
		"duplicate_message_not_found", "duplicate_channel_not_found", "":
		return Ambiguous
	default:
		return unlisted(code)
	}
}

// unlisted guesses what a code means that was not documented when this was
// written, by the families that Slack's codes come in. Where that fails the
// message is in doubt: it is looked up before it is posted again, so a wrong
// guess here costs time but neither loses nor doubles anything.
func unlisted(code string) Outcome {
	for _, part := range []string{"block", "metadata", "attachment", "too_long", "too_large", "thread"} {
		if strings.Contains(code, part) {
			return Rejected
		}
	}
	for _, part := range []string{"restricted", "not_allowed", "denied", "token", "scope", "permission", "archived", "channel"} {
		if strings.Contains(code, part) {
			return Refused
		}
	}
	return Ambiguous
}

// detail is what an error tells an operator beyond its code.
func detail(err error) string {
	e, ok := errors.AsType[slack.SlackErrorResponse](err)
	if !ok {
		return WithoutURL(err).Error()
	}
	var parts []string
	if e.Needed != "" {
		parts = append(parts, "the bot token needs the scope "+e.Needed)
	}
	for _, m := range e.ResponseMetadata.Messages {
		if len(parts) < 5 {
			parts = append(parts, blocks.Printable(m, 200))
		}
	}
	return strings.Join(parts, "; ")
}

// failedRequest is the cause of an Error. Its text holds no secrets.
type failedRequest struct {
	doing, text string
	err         error
}

// Error says what was being done, and what came of it.
func (f *failedRequest) Error() string {
	if f.text == "" {
		return f.doing
	}
	return f.doing + ": " + f.text
}

// Unwrap returns the error of the network or of slack-go.
func (f *failedRequest) Unwrap() error { return f.err }

// TokenFault turns an error of Slack's that no retry can heal into the
// sentence an operator needs; nil means that it may heal. method is the one
// that was refused, token the setting that holds its token, and scope what
// that token must be allowed.
// Codes: https://docs.slack.dev/reference/methods/apps.connections.open#errors
func TokenFault(err error, method, token, scope string) error {
	refused, ok := errors.AsType[slack.SlackErrorResponse](err)
	if !ok {
		return nil
	}
	var why string
	switch refused.Err {
	case "invalid_auth", "not_authed":
		why = "is not a token Slack knows"
	case "token_revoked", "token_expired":
		why = "is no longer valid"
	case "account_inactive", "team_disabled", "user_removed_from_team", "org_login_required", "forbidden_team":
		why = "belongs to an app, user or workspace that is not active any more"
	case "missing_scope", "no_permission":
		if refused.Needed != "" {
			scope = refused.Needed
		}
		why = "lacks a scope"
	case "not_allowed_token_type":
		why = "is a token of the wrong kind"
	case "access_denied", "ekm_access_denied", "two_factor_setup_required":
		why = "is kept out by the workspace's administrators"
	default:
		return nil
	}
	return fmt.Errorf("%s %s; make a new one with the scope %s (slack answered %s with %w)", token, why, scope, method, err)
}

// NeverSent reports whether a request cannot have reached Slack.
func NeverSent(err error) bool {
	op, ok := errors.AsType[*net.OpError](err)
	return ok && op.Op == "dial"
}

// WithoutURL strips the address from a transport's error: a response_url or a
// socket's ticket lets whoever reads it act for the app.
func WithoutURL(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}
