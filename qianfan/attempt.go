package qianfan

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

// signatureTerm is how long a signature is good for, as in Baidu's samples.
const signatureTerm = 30 * time.Minute

// attempt waits for its turn and asks once.
func (c *Client) attempt(ctx context.Context, f *call, number int) (Reading, error) {
	queued := time.Now()
	err := c.limiter.acquire(ctx, f.turn)
	if background, warn := c.limiter.late(f.turn, time.Since(queued)); warn {
		who := "people"
		if background {
			who = "the notifier's sweep"
		}
		c.logger.LogAttrs(ctx, slog.LevelWarn, "requests wait for the self-limit of Qianfan's API; raise QIANFAN_MAX_RPS or QIANFAN_MAX_CONCURRENT if the account allows it",
			slog.String("who", who), slog.Duration("waited", time.Since(queued).Round(time.Millisecond)))
	}
	if err != nil {
		return Reading{}, err
	}
	defer c.limiter.release(f.turn)

	start := time.Now()
	reading, unread, err := c.exchange(ctx, f.question)
	if c.logger.Enabled(ctx, slog.LevelDebug) {
		c.logAttempt(ctx, f.question, number, time.Since(start), reading, err)
	}
	if len(unread) > 0 {
		c.logger.LogAttrs(ctx, slog.LevelWarn, "could not read parts of an answer of Qianfan",
			slog.String("service", f.serviceID),
			slog.String("request_id", reading.RequestID),
			slog.Int("parts", len(unread)),
			slog.Any("first", unread[:min(len(unread), 5)]))
	}
	return reading, err
}

func (c *Client) logAttempt(ctx context.Context, q question, number int, took time.Duration, reading Reading, err error) {
	attrs := []slog.Attr{
		slog.String("service", q.serviceID),
		slog.String("timing", string(q.timing)),
		slog.Int("attempt", number),
		slog.Duration("took", took),
	}
	if err != nil {
		attrs = append(attrs, slog.Any("error", err))
	} else {
		attrs = append(attrs, slog.String("request_id", reading.RequestID), slog.Int("instances", len(reading.Instances)))
	}
	c.logger.LogAttrs(ctx, slog.LevelDebug, "asked Qianfan", attrs...)
}

// exchange sends a request signed now and reads its answer. unread says in
// words which parts of the reading could not be understood.
func (c *Client) exchange(ctx context.Context, q question) (_ Reading, unread []string, _ error) {
	limited, cancel := context.WithTimeout(ctx, attemptTimeout)
	defer cancel()
	explain := func(err error) error {
		if urlErr, ok := errors.AsType[*url.Error](err); ok {
			err = urlErr.Err // the rest repeats the URL
		}
		if limited.Err() != nil && ctx.Err() == nil {
			// Not the caller's deadline, so it must not look like it.
			return fmt.Errorf("no complete answer within %v: %w", attemptTimeout, os.ErrDeadlineExceeded)
		}
		return err
	}

	req, err := c.request(limited, q, c.now())
	if err != nil {
		return Reading{}, nil, err
	}
	resp, err := c.doer.Do(req)
	if err != nil {
		return Reading{}, nil, explain(err)
	}
	defer resp.Body.Close()
	body, err := readBody(resp)
	if err != nil {
		err = explain(err)
	}
	reading, unread, refusal := interpret(resp.StatusCode, resp.Header, body, err, c.now())
	if refusal != nil {
		c.finish(refusal, q, req)
		return Reading{}, nil, refusal
	}
	reading.ServiceID = q.serviceID
	return reading, unread, nil
}

// request builds and signs the documented request: of its headers, host and
// those of Baidu.
func (c *Client) request(ctx context.Context, q question, now time.Time) (*http.Request, error) {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false) // the id verbatim
	if err := encoder.Encode(struct {
		ServiceID string        `json:"serviceId"`
		Timing    PaymentTiming `json:"paymentTiming,omitempty"`
	}{q.serviceID, q.timing}); err != nil {
		return nil, fmt.Errorf("encoding the request: %w", err)
	}
	body.Truncate(body.Len() - 1) // the encoder's line feed

	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.target.String(), &body)
	if err != nil {
		return nil, fmt.Errorf("building the request: %w", err)
	}
	date := now.UTC().Format(dateFormat)
	signed := []header{{"host", req.Host}, {"x-bce-date", date}}
	req.Header = http.Header{
		"Content-Type": {"application/json"},
		"User-Agent":   {"computeunits"},
		"X-Bce-Date":   {date},
	}
	if c.SessionToken != "" {
		req.Header.Set("X-Bce-Security-Token", c.SessionToken)
		signed = append(signed, header{"x-bce-security-token", c.SessionToken})
	}
	req.Header.Set("Authorization", sign(c.AccessKey, c.SecretKey, now, signatureTerm,
		signable{req.Method, req.URL.Path, req.URL.RawQuery, signed}))
	return req, nil
}

// finish makes an *Error fit to be shown: it names the question, and hides
// what a talkative proxy repeats of the request.
func (c *Client) finish(e *Error, q question, req *http.Request) {
	var hidden []string
	for _, secret := range []string{req.Header.Get("Authorization"), c.SessionToken, c.SecretKey, c.AccessKey} {
		if secret != "" {
			hidden = append(hidden, secret, "[hidden]")
		}
	}
	hide := strings.NewReplacer(hidden...)
	e.Op, e.ServiceID = action, q.serviceID
	e.Code = oneLine(hide.Replace(e.Code), 100)
	e.Message = oneLine(hide.Replace(e.Message), 500)
	e.RequestID = oneLine(hide.Replace(e.RequestID), 100)
}
