package notify

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// Shown is whether a posted message shows all that is known, as far as the
// ledger can tell.
type Shown int

// What a message shows.
const (
	ShownUnknown Shown = iota // the ledger does not know the message, and leaves it alone
	ShownNow                  // it shows all
	ShownLater                // it does not yet: an edit is owed, and follows by itself
	ShownNever                // it does not, and Slack does not let it be edited
)

const (
	// How often Correct looks again because somebody else pressed, or edited,
	// meanwhile, and how long it waits for an edit that is under way.
	correctTries = 5
	correctRest  = 200 * time.Millisecond
	correctWait  = 5 * time.Second
)

// Correct edits a posted message so that it shows what is true now, if it does
// not, and tells what it shows then. It is for the message in which somebody
// pressed a button, who waits for it; other messages that show the same follow
// by themselves, and so does this one when Correct fails or is never called.
func (n *Notifier) Correct(ctx context.Context, channel, ts string) (Shown, error) {
	key, name, shown, err := n.Ledger.shown(ctx, channel, ts)
	if err != nil || shown != ShownLater {
		return shown, err
	}
	if err := n.correct(ctx, name, key); err != nil {
		return ShownUnknown, err
	}
	_, _, shown, err = n.Ledger.shown(ctx, channel, ts)
	return shown, err
}

func (n *Notifier) correct(ctx context.Context, channel, key string) error {
	if err := n.refresh(ctx); err != nil {
		return err
	}
	return n.newCourier(cmp.Or(n.Logger, slog.New(slog.DiscardHandler))).correct(ctx, channel, key)
}

// correct edits one message now, as far as its channel lets it.
func (c *courier) correct(ctx context.Context, channel, key string) error {
	t := &track{channel: channel}
	if err := c.check(ctx, t); err != nil || t.held {
		return err
	}
	begun := time.Now()
	for try := 0; try < correctTries; {
		correction, err := c.ledger.correct(ctx, key, c.pass(), true)
		switch {
		case errors.Is(err, errUnderWay):
			t.next = time.Now().Add(correctRest)
			if time.Since(begun) >= correctWait || !t.pause(ctx) {
				return nil
			}
			continue
		case errors.Is(err, errHeld):
			return nil
		case err != nil || correction == nil:
			return err
		}
		try++
		if became, err := c.update(ctx, t, correction); err != nil || became != fatePosted && became != fateRejected {
			return err
		}
	}
	return nil
}

// shown tells what a message shows, its key, and what the ledger calls its channel.
func (l *Ledger) shown(ctx context.Context, channel, ts string) (key, name string, shown Shown, err error) {
	m, err := messageAt(ctx, l.db, channel, ts)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return "", "", ShownUnknown, nil
	case err != nil:
		return "", "", ShownUnknown, fmt.Errorf("reading what the message %s shows: %w", ts, err)
	case !m.editAt.IsZero():
		return m.key, m.channel, ShownLater, nil
	case m.lastError != "":
		return m.key, m.channel, ShownNever, nil
	default:
		return m.key, m.channel, ShownNow, nil
	}
}
