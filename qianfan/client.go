package qianfan

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// action is the one of the API that this client calls, and path where.
// The same word on /v2/computeunit is another action with another answer.
const (
	action = "DescribeComputeUnits"
	path   = "/v2/serviceresources"
)

// DefaultBaseURL is where the API stands (qianfan-api/s/9mwbl2jxf).
const DefaultBaseURL = "https://qianfan.baidubce.com"

// Client asks one account of Qianfan. Its zero value with keys is ready; set
// the fields before the first call and leave them alone from then on. All
// methods may be called from several goroutines.
type Client struct {
	// AccessKey and SecretKey sign every request; see CheckKey. SessionToken
	// belongs to temporary keys of the STS and is empty otherwise. Neither
	// formatting, logging nor encoding a Client as JSON shows any of them.
	AccessKey    string `json:"-"`
	SecretKey    string `json:"-"`
	SessionToken string `json:"-"`
	// BaseURL is where the API stands; empty means DefaultBaseURL. It may end
	// with a slash and have a path, which is sent and signed. See CheckBaseURL.
	BaseURL string
	// HTTP makes the requests; nil means a client of its own that keeps enough
	// idle connections. Its CheckRedirect is not used: a signature is good for
	// one address, so redirects are not followed.
	HTTP *http.Client `json:"-"`
	// MaxRPS is how many attempts may start a second, evenly spaced; it may be
	// a fraction. 0 means no limit.
	MaxRPS float64
	// MaxConcurrent is how many attempts may run at once. 0 means no limit.
	MaxConcurrent int
	// Now is the wall clock, which dates requests and readings; nil means
	// time.Now. Only a simulated world needs another: Baidu refuses a signature
	// whose time is far from its own.
	Now func() time.Time `json:"-"`
	// Logger gets every attempt at level debug, and what could not be read of
	// an answer at level warn. nil discards both.
	Logger *slog.Logger

	once    sync.Once // of prepare, which sets what follows
	fault   error     // why no request can be made
	target  *url.URL
	doer    http.Client
	own     *http.Transport // nil when HTTP is set
	logger  *slog.Logger
	limiter *limiter
	calls   calls
}

// Query is one question: the instances of a service.
type Query struct {
	ServiceID string // svco-..., sent verbatim; required
	// Timing asks for Prepaid or Postpaid instances only; "" means all.
	Timing PaymentTiming
	// Background lets every question without it go first. Set it where nobody
	// waits for the answer.
	Background bool
}

// ComputeUnits asks for the instances of a service by DescribeComputeUnits
// (qianfan-api/s/9mwbl2jxf).
//
// An attempt that fails in a way that may pass is repeated, after a random
// wait or the one the answer asks for, as long as the next attempt can start
// before ctx's deadline; without a deadline there are 4 attempts. Whoever asks
// the same while an answer is on its way gets that answer too.
//
// Errors are *Error when something answered, and otherwise wrap their cause,
// such as the error of ctx or of the network.
func (c *Client) ComputeUnits(ctx context.Context, q Query) (Reading, error) {
	reading, err := c.computeUnits(ctx, q)
	if err == nil {
		return reading, nil
	}
	if _, ok := err.(*Error); ok { // names the question itself
		return Reading{}, err
	}
	return Reading{}, fmt.Errorf("%s of %q: %w", action, q.ServiceID, err)
}

func (c *Client) computeUnits(ctx context.Context, q Query) (Reading, error) {
	c.once.Do(c.prepare)
	switch {
	case c.fault != nil:
		return Reading{}, c.fault
	case q.ServiceID == "":
		return Reading{}, errors.New("no service is named")
	case q.Timing != "" && q.Timing != Prepaid && q.Timing != Postpaid:
		return Reading{}, fmt.Errorf("the payment timing %q is neither %s nor %s", q.Timing, Prepaid, Postpaid)
	case ctx.Err() != nil:
		return Reading{}, ctx.Err()
	}
	return c.await(ctx, q)
}

// Close ends the questions under way, whose callers get context.Canceled,
// waits for their goroutines and closes idle connections of the client's own.
func (c *Client) Close() {
	c.once.Do(c.prepare)
	c.calls.close()
	if c.own != nil {
		c.own.CloseIdleConnections()
	}
}

// now is the present moment in UTC, without a monotonic part: it is shown and
// stored, never used to measure.
func (c *Client) now() time.Time {
	if c.Now != nil {
		return c.Now().UTC().Round(0)
	}
	return time.Now().UTC().Round(0)
}

// prepare turns the fields into what requests are made with.
func (c *Client) prepare() {
	c.logger = cmp.Or(c.Logger, slog.New(slog.DiscardHandler))
	c.limiter = newLimiter(c.MaxRPS, c.MaxConcurrent)
	if c.HTTP != nil {
		c.doer = *c.HTTP
	} else {
		c.own = newTransport()
		c.doer.Transport = c.own
	}
	c.doer.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

	if c.fault = CheckKey(c.AccessKey, c.SecretKey); c.fault != nil {
		return
	}
	if c.target, c.fault = parseBaseURL(c.BaseURL); c.fault != nil {
		return
	}
	c.target = c.target.JoinPath(path)
	c.target.RawQuery = "Action=" + action
}

// newTransport differs from http.DefaultTransport in what this client needs:
// that one keeps 2 idle connections a host, so that most of a crowd's requests
// would dial, and adds a header of its own to ask for compression.
func newTransport() *http.Transport {
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		ForceAttemptHTTP2:      true,
		DisableCompression:     true,
		MaxIdleConnsPerHost:    64,
		IdleConnTimeout:        90 * time.Second,
		TLSHandshakeTimeout:    attemptTimeout,
		MaxResponseHeaderBytes: 64 << 10,
	}
}

// CheckBaseURL reports why a Client cannot use a base URL, in words for the
// person who configured it. The error does not repeat the URL, which may hold
// a password.
func CheckBaseURL(base string) error {
	_, err := parseBaseURL(base)
	return err
}

func parseBaseURL(base string) (*url.URL, error) {
	u, err := url.Parse(cmp.Or(base, DefaultBaseURL))
	plain := func(r rune) bool { return r > 0x20 && r < 0x7f && r != '%' }
	switch {
	case err != nil:
		return nil, errors.New("the base URL is not a URL")
	case u.Scheme != "https" && u.Scheme != "http", u.Host == "":
		return nil, errors.New("the base URL is not of the form https://host")
	case u.User != nil:
		return nil, errors.New("the base URL holds a user name: requests are authorized by their signature alone")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, errors.New("the base URL has a query or fragment")
	case strings.ContainsFunc(u.Host, func(r rune) bool { return !plain(r) }):
		// net/http would send another host than the one that was signed.
		return nil, errors.New("the host of the base URL is not plain ASCII")
	}
	return u, nil
}
