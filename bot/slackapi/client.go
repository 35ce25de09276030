// Package slackapi is Slack's Web API as this bot uses it: one client, and the one
// place that says what became of a request.
//
// A request is made once. Whether and when it is made again is decided by whoever
// made it, by the [Outcome] of its [Error]: sent, not sent, refused, rejected, limited
// or in doubt. Only [Read] repeats, because reading changes nothing.
//
// slack-go makes the requests and decodes the answers. Its errors alone do not tell
// whether a request may have reached Slack, so each is a [Call] with an HTTP client of
// its own, which notes that. Its retrying, like that of any HTTP library, is not used: it would post twice.
//
// No redirect is followed: it would take the token to another host, and post a
// second time. No error and no log line holds a token or the address of a socket.
package slackapi

import (
	"context"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack"

	"cmp"
)

// DefaultURL is where Slack's Web API is.
const DefaultURL = "https://slack.com/api/"

const (
	// Timeout bounds one request.
	Timeout = 10 * time.Second
	// maxIdle is how many idle connections are kept to Slack; the default of 2
	// would make most replies dial anew.
	maxIdle = 64
)

// Dial opens the network connections to Slack; nil: the network itself, by way of
// the proxy that HTTPS_PROXY names.
type Dial func(ctx context.Context, network, address string) (net.Conn, error)

// A Client makes requests with one token. Set the fields before the first call. It is
// safe for concurrent use.
type Client struct {
	Token string
	URL   string // of the Web API, with or without a trailing slash; "": DefaultURL
	Dial  Dial
	// Date, if not nil, is told what time it is by Slack's clock, with each answer.
	Date func(time.Time)

	opening sync.Once
	http    *http.Client

	mu  sync.Mutex
	who Identity // of the bot; zero until Slack has told
}

// Close gives up idle connections. The Client can still be used.
func (c *Client) Close() { c.client().CloseIdleConnections() }

// client is the one HTTP client.
func (c *Client) client() *http.Client {
	c.opening.Do(func() { c.http = HTTPClient(Transport(c.Dial)) })
	return c.http
}

// BaseURL is a URL of the Web API as slack-go wants it; "" is DefaultURL.
func BaseURL(url string) string { return strings.TrimRight(cmp.Or(url, DefaultURL), "/") + "/" }

// HTTPClient is a client that follows no redirect. It has no Timeout: every request
// has a deadline in its context.
func HTTPClient(t http.RoundTripper) *http.Client {
	return &http.Client{
		Transport:     t,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Transport is how Slack is reached.
func Transport(dial Dial) *http.Transport {
	t := &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		MaxIdleConnsPerHost: maxIdle,
		WriteBufferSize:     16 << 10, // most replies go out in one piece
		IdleConnTimeout:     90 * time.Second,
		TLSHandshakeTimeout: Timeout,
		ForceAttemptHTTP2:   true,
		DialContext:         (&net.Dialer{Timeout: Timeout, KeepAlive: 30 * time.Second}).DialContext,
	}
	if dial != nil {
		t.Proxy, t.DialContext = nil, dial
	}
	return t
}

// Dialer is how the addresses of sockets are dialled.
func Dialer(dial Dial) *websocket.Dialer {
	d := &websocket.Dialer{
		Proxy:            http.ProxyFromEnvironment,
		HandshakeTimeout: Timeout,
		// Slack reads an answer (at most 20 KB) only from a single frame.
		WriteBufferSize: 32 << 10,
	}
	if dial != nil {
		d.Proxy, d.NetDialContext = nil, dial
	}
	return d
}

// withoutToken is text in which the token, should it be there, is hidden.
func (c *Client) withoutToken(text string) string {
	if c.Token == "" {
		return text
	}
	return strings.ReplaceAll(text, c.Token, "xoxb-…")
}

// Quiet keeps slack-go from writing to the process's standard error: what
// matters arrives as an error and is logged by its caller.
func Quiet() slack.Option { return slack.OptionLog(quiet{}) }

type quiet struct{}

// Output discards; it is what slack-go asks of a logger.
func (quiet) Output(int, string) error { return nil }
