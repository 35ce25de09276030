package reply

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"computeunits/bot/blocks"
	"computeunits/bot/messages"
	"computeunits/bot/slackapi"

	"github.com/slack-go/slack"
)

// responseHost is where Slack's response_urls lead.
const responseHost = "hooks.slack.com"

// A Response is a message for the person who typed a command, and nobody else, in
// the form that a response_url, and the payload of an acknowledgement, takes.
// https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
type Response struct {
	ResponseType string        `json:"response_type,omitempty"`
	Text         string        `json:"text"` // mrkdwn; all of it, for clients that show no blocks
	Blocks       []slack.Block `json:"blocks,omitempty"`
	UnfurlLinks  bool          `json:"unfurl_links"`
	UnfurlMedia  bool          `json:"unfurl_media"`
	// ReplaceOriginal puts it in the place of the message whose button was
	// pressed, which stays visible to whom it was.
	ReplaceOriginal bool `json:"replace_original,omitempty"`
}

// Ephemeral is a Response that the person alone sees.
func Ephemeral(text string, drawn ...slack.Block) Response {
	return Response{ResponseType: slack.ResponseTypeEphemeral, Text: blocks.ClipBytes(text, messages.MaxText), Blocks: drawn}
}

// A refusal is an answer with which Slack says that it did not take a reply.
type refusedReply struct {
	status     int
	text       string        // as far as it was short
	retryAfter time.Duration // with 429
}

// Error says with what Slack answered.
func (r *refusedReply) Error() string {
	return fmt.Sprintf("slack refused it: HTTP %d %q", r.status, r.text)
}

// Respond posts r to a response_url, and again when Slack certainly did not take it: while the
// connection is refused, after 429, and once as plain text when blocks are the
// trouble. Only an address of Slack's is used. An ambiguous failure (a timeout, a reset, 5xx) is not repeated: the
// person may have the answer already. ctx bounds the whole.
func (c *Replier) Respond(ctx context.Context, address string, r Response) error {
	for wait := 200 * time.Millisecond; ; wait = min(2*wait, 5*time.Second) {
		err := c.try(ctx, address, r)
		refused, isRefusal := errors.AsType[*refusedReply](err)
		switch {
		case err == nil:
			return nil
		case isRefusal && refused.status == http.StatusTooManyRequests:
			wait = max(refused.retryAfter, wait)
		case isRefusal && refused.status < 500 && r.Blocks != nil && bytes.Contains([]byte(refused.text), []byte("block")):
			r.Blocks = nil
			continue
		case !slackapi.NeverSent(err):
			return fmt.Errorf("posting the reply: %w", err)
		}
		if !slackapi.Sleep(ctx, wait) {
			return fmt.Errorf("posting the reply: %w", err)
		}
	}
}

// errElsewhere: nothing was sent.
var errElsewhere = errors.New("the response_url is not an https address of Slack's")

// leadsToSlack reports whether an address is one of Slack's: https on the host of its
// response_urls, or on that of SLACK_API_URL. What that may be in the clear (a
// simulator on loopback), these addresses may be there, too.
func (c *Replier) leadsToSlack(u *url.URL) bool {
	api, err := url.Parse(slackapi.BaseURL(c.Slack.URL))
	switch {
	case u.User != nil || err != nil:
		return false
	case strings.EqualFold(u.Host, api.Host):
		return u.Scheme == "https" || u.Scheme == api.Scheme
	default:
		return u.Scheme == "https" && strings.EqualFold(u.Hostname(), responseHost) && (u.Port() == "" || u.Port() == "443")
	}
}

// try posts once. The address is a secret of a kind (whoever has it may write), so
// it is kept out of errors.
func (c *Replier) try(ctx context.Context, address string, r Response) error {
	u, err := url.Parse(address)
	if err != nil || !c.leadsToSlack(u) {
		return errElsewhere
	}
	body, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("encoding: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), bytes.NewReader(body))
	if err != nil {
		return errElsewhere
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	resp, err := c.HTTP.Do(req)
	if err != nil {
		return slackapi.WithoutURL(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 4096))
	switch {
	case resp.StatusCode == http.StatusOK && taken(text):
		return nil
	case err != nil && resp.StatusCode == http.StatusOK:
		return fmt.Errorf("reading what Slack said: %w", err) // in doubt
	case err != nil:
		return &refusedReply{status: resp.StatusCode}
	}
	seconds, _ := strconv.Atoi(resp.Header.Get("Retry-After"))
	return &refusedReply{status: resp.StatusCode, text: blocks.Printable(string(text), 200), retryAfter: time.Duration(seconds) * time.Second}
}

// taken reports whether an answer says that Slack has the reply: "ok", or {"ok":true} as
// its methods do. Anything else with 200, such as a proxy's login page, is not Slack's.
func taken(answer []byte) bool {
	var said struct {
		OK bool `json:"ok"`
	}
	return string(bytes.TrimSpace(answer)) == "ok" || json.Unmarshal(answer, &said) == nil && said.OK
}
