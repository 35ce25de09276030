package delivery

import (
	"context"
	"errors"
	"time"

	"computeunits/notify/ledger"
)

// healEvery is how often it is asked whether a channel that refused has been put
// right. It costs a request that nobody sees, unlike a post.
const healEvery = time.Minute

// refusal is what a process knows of the refusal of a channel.
type refusal struct {
	ask time.Time // not before is it asked whether it lasts, by the monotonic clock
	// seen says that asking shows it: the channel is archived, the bot is no member.
	// What does not show, such as who may post there, only another post can tell.
	seen bool
}

// heal asks whether a channel that refused still does, which is noticed long before
// the wait between posts is over. As long as that is known nothing is posted.
func (c *Deliverer) heal(ctx context.Context, t *ChannelQueue) error {
	if err := c.check(ctx, t); err != nil || t.last.Refusals == 0 {
		return err
	}
	if t.held && time.Until(t.refusal.ask) > 0 || !t.held && !t.refusal.seen {
		return nil
	}
	t.refusal.ask = time.Now().Add(healEvery)
	limited, cancel := context.WithTimeout(ctx, lookUpTimeout)
	defer cancel()
	err := c.sender.Check(limited, t.Channel)
	e, _ := errors.AsType[*SendError](err)
	switch {
	case err == nil || errors.Is(err, ErrNoHistory):
		if !t.refusal.seen {
			return nil
		}
		c.log.InfoContext(ctx, "Slack takes announcements again", "channel", t.Channel)
		t.refusal, t.held, t.last = refusal{}, false, ledger.Backoff{}
		return c.ledger.Channels.SetBackoff(ctx, t.Channel, ledger.Backoff{})
	case e != nil && e.Outcome == Refused:
		if !t.held {
			if err := c.stop(ctx, t, e, err); err != nil {
				return err
			}
		}
		t.refusal = refusal{time.Now().Add(healEvery), true}
	}
	return nil
}
