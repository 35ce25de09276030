package delivery

import (
	"context"
	"errors"
	"time"

	"computeunits/notify/ledger"
)

const (
	// How often Correct looks again because somebody else pressed, or edited,
	// meanwhile, and how long it waits for an edit that is under way.
	correctTries = 5
	CorrectRest  = 200 * time.Millisecond
	correctWait  = 5 * time.Second
)

// Correct edits one message now, as far as its channel lets it.
func (c *Deliverer) Correct(ctx context.Context, channel, key string) error {
	t := &ChannelQueue{Channel: channel}
	if err := c.check(ctx, t); err != nil || t.held {
		return err
	}
	begun := time.Now()
	for try := 0; try < correctTries; {
		correction, err := c.ledger.Edits.Correct(ctx, key, c.pass(), true)
		switch {
		case errors.Is(err, ledger.ErrUnderWay):
			t.Next = time.Now().Add(CorrectRest)
			if time.Since(begun) >= correctWait || !t.Pause(ctx) {
				return nil
			}
			continue
		case errors.Is(err, ledger.ErrHeld):
			return nil
		case err != nil || correction == nil:
			return err
		}
		try++
		if became, err := (editor{c}).update(ctx, t, correction); err != nil || became != resultPosted && became != resultRejected {
			return err
		}
	}
	return nil
}
