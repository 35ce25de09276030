package home

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/slack-go/slack"

	"computeunits/bot/chat"
	"computeunits/bot/slackapi"
	"computeunits/bot/views"
	"computeunits/notify/database"
)

// publish shows a person the Home as it is now. When somebody else published it
// meanwhile, such as another process of the bot, it is read and published once
// more. What cannot be read is said in the Home itself. The caller has the
// viewer's turn.
func (h publisher) publish(ctx context.Context, w chat.Turn, v *viewer) error {
	v.facts, v.failures = 0, 0 // refreshing finds out what this shows
	for last := false; ; last = true {
		p, failed := h.read(ctx, w, v)
		err := h.write(ctx, w, v, p)
		if slackapi.CodeOf(err) == hashConflict && !last {
			w.Log.InfoContext(ctx, "the App Home was published by somebody else meanwhile; it is read and published again")
			v.hash = ""
			continue
		}
		if rejected(err) {
			w.Log.ErrorContext(ctx, "Slack does not take the App Home", "error", err)
			refused := p.Fingerprint(w.Book)
			p.Troubled = w.Say("home.rejected", "id", w.ID)
			err = h.write(ctx, w, v, p)
			v.print = refused // the same would be refused again
		}
		if failed != nil {
			v.print = 0 // what stands there is an apology: it is replaced as soon as that can be done
		}
		return err
	}
}

const hashConflict = "hash_conflict"

// read finds what a Home shows. What it cannot find out it says in the page.
func (h publisher) read(ctx context.Context, w chat.Turn, v *viewer) (views.Home, error) {
	f, err := h.facts(ctx)
	p := pages(h).page(f, w.Reader, h.position(v))
	if err != nil {
		w.Log.ErrorContext(ctx, "could not find out what the App Home shows", "error", err)
		if p.Troubled = w.Inside(err); database.Unavailable(err) {
			p.Troubled = w.Say("home.ledger", "id", w.ID)
		}
	}
	return p, err
}

// write publishes a page, as often as it takes within ctx, and notes what stands
// there then.
func (h publisher) write(ctx context.Context, w chat.Turn, v *viewer, p views.Home) error {
	hash, err := h.put(ctx, w.User, v.hash, p.View(w.Book))
	if err == nil {
		v.hash, v.print, v.published = hash, p.Fingerprint(w.Book), time.Now()
	}
	return err
}

// put is views.publish, made again until Slack takes the view, or ctx ends, or
// Slack refuses for good: to publish twice what shall stand there harms nobody.
// hash is of the view that it takes the place of; "": of any.
func (h publisher) put(ctx context.Context, user, hash string, view slack.HomeTabViewRequest) (string, error) {
	for wait := 200 * time.Millisecond; ; wait = min(2*wait, 5*time.Second) {
		next, failed := h.tryPut(ctx, user, hash, view)
		if failed == nil {
			return next, nil
		}
		switch {
		case failed.Outcome == slackapi.RateLimited:
			wait = max(failed.RetryAfter, wait)
		case !passing(failed):
			return "", failed
		}
		if !slackapi.Sleep(ctx, wait) {
			return "", fmt.Errorf("no time to try again: %w", failed)
		}
	}
}

// tryPut makes one request. After 429 nobody's Home is refreshed until the time
// that Slack asks for has passed.
func (h publisher) tryPut(ctx context.Context, user, hash string, view slack.HomeTabViewRequest) (next string, failed *slackapi.Error) {
	ctx, cancel := context.WithTimeout(ctx, slackapi.Timeout)
	defer cancel()
	web := h.answers.Replier.Slack
	x := web.Call()
	request := slack.PublishViewContextRequest{UserID: user, View: view}
	if hash != "" {
		request.Hash = &hash
	}
	published, err := x.API.PublishViewContext(ctx, request)
	if err == nil {
		return published.Hash, nil
	}
	failed = web.Failure("publishing the App Home of "+user, x, err)
	if failed.Outcome == slackapi.RateLimited {
		h.pauseUntil(failed.RetryAfter)
	}
	return "", failed
}

// passing reports whether a failure may be over soon.
func passing(e *slackapi.Error) bool {
	return e.Outcome == slackapi.NotSent || e.Outcome == slackapi.Ambiguous &&
		slices.Contains([]string{"", "internal_error", "fatal_error", "service_unavailable", "request_timeout"}, e.Reason)
}

// rejected reports whether Slack minds what is in a view.
func rejected(err error) bool {
	e, ok := errors.AsType[*slackapi.Error](err)
	return ok && e.Outcome == slackapi.Rejected
}
