package socket

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"computeunits/bot/slackapi"
)

// stable is how long a socket must have lived to prove that connecting works.
const stable = time.Minute

// A pacer is the transport of apps.connections.open: it lets a call through
// only when enough time has passed since the one before. The socket dials
// again at once, and for ever, when a fresh one is closed again; Slack documents
// only about one call a minute as sure (rate limit tier 1).
//
// The first redial after a stable socket goes at once, so that a recycled
// socket costs nobody an answer; then the pause doubles from one second to
// five minutes, or to half a minute while Slack is merely out of reach, which
// costs Slack nothing. Every pause is spread by a quarter either way.
type pacer struct {
	next http.RoundTripper

	mu        sync.Mutex
	futile    int       // calls since a socket last proved stable
	last      time.Time // of the latest call
	reached   bool      // the latest call was answered by Slack
	notBefore time.Time // Retry-After
	hello     time.Time // when the present socket said hello; zero: none since the last call
}

// crowded notes that Slack turned a socket away because there are too many: the
// next call is not made at once.
func (p *pacer) crowded() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.hello, p.futile = time.Time{}, max(p.futile, 4)
}

// helloed notes that a socket is up.
func (p *pacer) helloed() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.hello = time.Now()
}

// RoundTrip waits for its turn; other methods than apps.connections.open pass.
func (p *pacer) RoundTrip(req *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(req.URL.Path, "/apps.connections.open") {
		return p.next.RoundTrip(req)
	}
	if err := p.wait(req.Context()); err != nil {
		return nil, err
	}
	resp, err := p.once(req)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.reached = err == nil && resp.StatusCode < 500
	if err == nil && resp.StatusCode == http.StatusTooManyRequests {
		seconds, _ := strconv.Atoi(resp.Header.Get("Retry-After"))
		p.notBefore = time.Now().Add(min(time.Duration(min(max(seconds, 1), 1e6))*time.Second, slackapi.LongestWait))
	}
	return resp, err
}

// once calls with a deadline of its own: the http.Client can have none, for the
// wait before may be longer than any sensible call. The answer is a few
// hundred bytes, so it is read here, within the deadline.
func (p *pacer) once(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(req.Context(), slackapi.Timeout)
	defer cancel()
	resp, err := p.next.RoundTrip(req.WithContext(ctx))
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return nil, fmt.Errorf("reading the answer to apps.connections.open: %w", err)
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

func (p *pacer) wait(ctx context.Context) error {
	p.mu.Lock()
	now := time.Now()
	if !p.hello.IsZero() && now.Sub(p.hello) >= stable {
		p.futile = 0
	}
	at := p.last.Add(pause(p.futile, p.reached))
	if p.notBefore.After(at) {
		at = p.notBefore
	}
	p.mu.Unlock()

	if d := at.Sub(now); d > 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last, p.hello = time.Now(), time.Time{}
	p.futile++
	return nil
}

// pause is the time to keep between the calls before the nth futile one and it.
func pause(n int, reached bool) time.Duration {
	longest := 5 * time.Minute
	if !reached {
		longest = 30 * time.Second
	}
	if n < 2 {
		return 0 // the first connection, and the first redial
	}
	return slackapi.Backoff(n-2, longest)
}

// up is how long the present socket has been open; 0: there is none.
func (p *pacer) up() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.hello.IsZero() {
		return 0
	}
	return time.Since(p.hello)
}
