package bot

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/slack-go/slack"

	"computeunits/bot/blocks"
	"computeunits/notify/delivery"
)

const (
	// maxAnswer bounds an answer of Slack's, in bytes. A page of history with
	// the longest messages there are stays below it.
	maxAnswer = 32 << 20

	// unsaidWait is how long to wait after a 429 that does not say.
	unsaidWait = time.Minute
)

// An exchange is one request to Slack and what is known of it afterwards, which
// slack-go's errors alone do not tell. It is the HTTP client of an API client
// of its own, so that two requests never mix.
type exchange struct {
	api  *slack.Client
	http *http.Client

	connected  atomic.Bool // a connection was had: the request may have been written
	status     int         // of HTTP; 0: no answer
	retryAfter string
	keep       bool // the body of the answer is wanted
	date       func(time.Time)
	body       []byte // of the answer
}

func (a *Announcer) exchange() *exchange {
	x := &exchange{http: a.client(), date: a.Date}
	x.api = slack.New(a.BotToken,
		slack.OptionAPIURL(a.apiURL()),
		slack.OptionHTTPClient(x),
		slack.OptionLog(quiet{}))
	return x
}

// Do makes the request.
func (x *exchange) Do(req *http.Request) (*http.Response, error) {
	ctx := httptrace.WithClientTrace(req.Context(), &httptrace.ClientTrace{
		// This comes before a byte is written, in contrast to the hooks that
		// tell of writing: they may be late when the request is cancelled.
		GotConn: func(httptrace.GotConnInfo) { x.connected.Store(true) },
	})
	resp, err := x.http.Do(req.WithContext(ctx))
	if err != nil {
		return nil, err
	}
	if at, err := http.ParseTime(resp.Header.Get("Date")); err == nil && x.date != nil {
		x.date(at)
	}
	x.status, x.retryAfter = resp.StatusCode, resp.Header.Get("Retry-After")
	body := io.LimitReader(resp.Body, maxAnswer)
	if x.keep {
		x.body = nil
		body = io.TeeReader(body, (*kept)(&x.body))
	}
	resp.Body = struct {
		io.Reader
		io.Closer
	}{body, resp.Body}
	return resp, nil
}

// kept takes what is written to it.
type kept []byte

// Write never fails.
func (k *kept) Write(p []byte) (int, error) {
	*k = append(*k, p...)
	return len(p), nil
}

// failure says what became of a request that failed.
func (a *Announcer) failure(doing string, x *exchange, err error) *delivery.SendError {
	e := &delivery.SendError{Outcome: x.outcome(err), Reason: slackCode(err)}
	if e.Outcome == delivery.RateLimited {
		e.RetryAfter = x.wait()
	}
	e.Err = &failedRequest{doing: doing, text: a.withoutToken(detail(err)), err: withoutURL(err)}
	return e
}

// outcome classifies a failed request. What is not known to be anything else
// is in doubt.
func (x *exchange) outcome(err error) delivery.Outcome {
	switch {
	case x.status == http.StatusTooManyRequests:
		return delivery.RateLimited
	case x.status == http.StatusOK:
		return outcomeOf(slackCode(err))
	case x.status == 0 && !x.connected.Load():
		return delivery.NotSent
	default:
		return delivery.Ambiguous
	}
}

// wait is how long Slack asks to wait.
func (x *exchange) wait() time.Duration {
	seconds, err := strconv.Atoi(strings.TrimSpace(x.retryAfter))
	if err != nil || seconds <= 0 {
		return unsaidWait
	}
	return min(time.Duration(seconds)*time.Second, 30*24*time.Hour)
}

// slackCode is the code with which Slack refused; "" when it did not.
func slackCode(err error) string {
	if e, ok := errors.AsType[slack.SlackErrorResponse](err); ok {
		return blocks.Printable(e.Err, blocks.MaxQuoted)
	}
	return ""
}

// outcomeOf says what a code of Slack's means for a message. Codes:
// https://docs.slack.dev/reference/methods/chat.postMessage#errors, and of
// chat.update, chat.delete, conversations.history.
func outcomeOf(code string) delivery.Outcome {
	switch code {
	case "ratelimited", "rate_limited", "message_limit_exceeded":
		return delivery.RateLimited
	case "channel_not_found", "not_in_channel", "is_archived", "is_inactive", "messages_tab_disabled",
		"restricted_action", "restricted_action_read_only_channel", "restricted_action_thread_only_channel",
		"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "not_allowed_token_type",
		"missing_scope", "no_permission", "access_denied", "ekm_access_denied", "two_factor_setup_required",
		"org_login_required", "team_access_not_granted", "team_added_to_org", "team_disabled", "team_not_found",
		"user_removed_from_team", "forbidden_team", "enterprise_is_restricted", "accesslimited",
		"method_deprecated", "deprecated_endpoint", "unknown_method", "as_user_not_supported":
		return delivery.Refused
	case "invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long", "only_one_table_allowed", "no_text",
		"block_mismatch", "markdown_text_conflict", "too_many_attachments", "invalid_attachments", "attachment_payload_limit_exceeded",
		"metadata_too_large", "invalid_metadata_format", "invalid_metadata_schema", "metadata_must_be_sent_from_app",
		"cannot_reply_to_message", "thread_not_found", "restricted_action_thread_locked", "restricted_action_non_threadable_channel",
		"invalid_arguments", "invalid_arg_name", "invalid_array_arg", "invalid_charset", "invalid_form_data", "invalid_json",
		"json_not_object", "missing_argument", "too_long",
		"message_not_found", "cant_update_message", "cant_delete_message", "edit_window_closed":
		return delivery.Rejected
	case "internal_error", "fatal_error", "service_unavailable", "request_timeout", "update_failed",
		"duplicate_message_not_found", "duplicate_channel_not_found", "":
		return delivery.Ambiguous
	default:
		return unlisted(code)
	}
}

// unlisted guesses what a code means that was not documented when this was
// written, by the families that Slack's codes come in. Where that fails the
// message is in doubt: it is looked up before it is posted again, so a wrong
// guess here costs time but neither loses nor doubles anything.
func unlisted(code string) delivery.Outcome {
	for _, part := range []string{"block", "metadata", "attachment", "too_long", "too_large", "thread"} {
		if strings.Contains(code, part) {
			return delivery.Rejected
		}
	}
	for _, part := range []string{"restricted", "not_allowed", "denied", "token", "scope", "permission", "archived", "channel"} {
		if strings.Contains(code, part) {
			return delivery.Refused
		}
	}
	return delivery.Ambiguous
}

// detail is what an error tells an operator beyond its code.
func detail(err error) string {
	e, ok := errors.AsType[slack.SlackErrorResponse](err)
	if !ok {
		return withoutURL(err).Error()
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

// failedRequest is the cause of a SendError. Its text holds no secrets.
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
