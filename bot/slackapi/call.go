package slackapi

import (
	"io"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"time"

	"github.com/slack-go/slack"
)

const (
	// maxAnswer bounds an answer of Slack's, in bytes. A page of history with
	// the longest messages there are stays below it.
	maxAnswer = 32 << 20

	// unsaidWait is how long to wait after a 429 that does not say.
	unsaidWait = time.Minute
)

// A Call is one request to Slack and what is known of it afterwards, which
// slack-go's errors alone do not tell. It is the HTTP client of an API client
// of its own, so that two requests never mix.
type Call struct {
	API  *slack.Client
	http *http.Client

	connected  atomic.Bool // a connection was had: the request may have been written
	status     int         // of HTTP; 0: no answer
	retryAfter string
	date       func(time.Time)

	Keep bool   // the body of the answer is wanted
	Body []byte // of the answer
}

// Call begins a request: make it by its API, once, and ask Failure what became of it
// when that returns an error.
func (c *Client) Call() *Call {
	x := &Call{http: c.client(), date: c.Date}
	x.API = slack.New(c.Token, slack.OptionAPIURL(BaseURL(c.URL)), slack.OptionHTTPClient(x), Quiet())
	return x
}

// Do makes the request.
func (x *Call) Do(req *http.Request) (*http.Response, error) {
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
	if x.Keep {
		x.Body = nil
		body = io.TeeReader(body, (*kept)(&x.Body))
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
