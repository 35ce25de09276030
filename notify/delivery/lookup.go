package delivery

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"computeunits/notify/plan"
)

const (
	// pagesAtOnce bounds the pages of a look-up that are read in one round.
	pagesAtOnce = 20
)

// lookUpResult is what a look-up showed.
type lookUpResult int

const (
	lookUpClear   lookUpResult = iota // what is not recorded now was not posted
	lookUpUnable                      // looking is not permitted
	lookUpFailed                      // it did not succeed
	lookUpPartial                     // it goes on in the next round
)

// lookUp finds out which of the waiting messages stand in the channel already.
// It returns those that may be posted now: when the channel cannot be seen,
// only those that would soon be useless.
//
// A look-up is incremental: the channel is read from where it is known to now, a
// page at a time, and what a page shows is recorded before the next is read. An
// attempt of this process or another was over before the channel is known beyond
// it, so the past is never read twice.
func (c looker) lookUp(ctx context.Context, t *ChannelQueue, waiting []plan.Message, p plan.Evaluation) (lookUpResult, []plan.Message, error) {
	if len(waiting) == 0 {
		return lookUpClear, nil, nil
	}
	limited, cancel := context.WithTimeout(ctx, lookUpTimeout)
	defer cancel()
	s, err := c.look(limited, t, waiting, p)
	if ctx.Err() != nil {
		return lookUpFailed, nil, nil
	}
	if errors.Is(err, ErrNoHistory) {
		c.blind.Do(func() {
			c.log.WarnContext(ctx, "messages are delivered at least once, not exactly once: after a lost answer nobody can look whether"+
				" they arrived. Grant channels:history (groups:history for private channels) to change that", "channel", t.Channel)
		})
		return lookUpUnable, waiting, nil
	}
	c.panicked(ctx, err, "panic while looking at a channel", "channel", t.Channel)
	if e, ok := errors.AsType[*SendError](err); ok {
		if err := c.stopLooking(ctx, t, e, p); err != nil {
			return lookUpFailed, nil, err
		}
		s = lookUpFailed
	} else if err != nil {
		return lookUpFailed, nil, err
	}
	if s == lookUpClear {
		return s, waiting, nil
	}
	lastHour, err := c.ledger.Outbox.LastHour(ctx, t.Channel, p)
	if err != nil {
		return s, nil, err
	}
	urgent, err := c.ledger.Outbox.WaitingOf(ctx, t.Channel, p.Now, slices.Sorted(maps.Keys(lastHour)))
	return s, urgent, err
}

// look reads the channel on, and the threads in which something waits.
func (c looker) look(ctx context.Context, t *ChannelQueue, waiting []plan.Message, p plan.Evaluation) (lookUpResult, error) {
	s, err := c.ledger.Channels.Scan(ctx, t.Channel)
	if err != nil {
		return lookUpFailed, err
	}
	if s.Next.After(p.Now) {
		return lookUpFailed, nil
	}
	var attempted time.Time
	for _, m := range waiting {
		if !m.Claimed.IsZero() && (attempted.IsZero() || m.Claimed.Before(attempted)) {
			attempted = m.Claimed
		}
	}
	if s.Until.IsZero() || s.Until.After(p.Now) {
		s.Until, s.Reached = p.Now, ""
	}
	w := Window{From: s.From(attempted, s.Until), Before: s.Reached}
	for range pagesAtOnce {
		page, err := c.sender.History(ctx, t.Channel, w)
		if err != nil {
			return lookUpFailed, err
		}
		if err := c.record(ctx, t, page.Deliveries, p); err != nil {
			return lookUpFailed, err
		}
		for _, parent := range page.Threads {
			if err := c.lookBelow(ctx, t, parent, p); err != nil {
				return lookUpFailed, err
			}
		}
		if !page.More {
			if err := c.threads(ctx, t, waiting, p); err != nil {
				return lookUpFailed, err
			}
			return lookUpClear, c.ledger.Channels.SetScan(ctx, t.Channel, plan.Scan{Known: s.Until})
		}
		w.Before, s.Reached, s.Next = page.Oldest, page.Oldest, time.Time{}
		if err := c.ledger.Channels.SetScan(ctx, t.Channel, s); err != nil {
			return lookUpFailed, err
		}
	}
	return lookUpPartial, nil
}

// threads reads every thread in which one of the messages may stand, whatever
// the channel's history says of it: its count of replies may be late, or missing.
func (c looker) threads(ctx context.Context, t *ChannelQueue, waiting []plan.Message, p plan.Evaluation) error {
	read := make(map[string]bool)
	for _, m := range waiting {
		if m.Parent == "" {
			continue
		}
		parent, err := c.ledger.Outbox.ThreadAt(ctx, m.Parent)
		if err != nil {
			return err
		}
		if parent == "" || read[parent] || m.Attempt == 0 && t.fresh[parent] {
			continue // it is not posted, or it was by this process and nobody replied yet
		}
		read[parent] = true
		if err := c.lookBelow(ctx, t, parent, p); err != nil {
			return err
		}
	}
	return nil
}

func (c looker) lookBelow(ctx context.Context, t *ChannelQueue, parent string, p plan.Evaluation) error {
	found, err := c.sender.Thread(ctx, t.Channel, parent)
	if err != nil {
		return err
	}
	return c.record(ctx, t, found, p)
}

// record notes what stands in the channel, and takes doubles away.
func (c looker) record(ctx context.Context, t *ChannelQueue, found []plan.Delivery, p plan.Evaluation) error {
	doubles, err := c.ledger.Channels.Reconcile(ctx, t.Channel, found, p.Now)
	if err != nil {
		return err
	}
	for _, d := range doubles {
		c.removeDuplicate(ctx, t.Channel, d)
	}
	for _, other := range c.ledger.Channels.OtherLedgers(found) {
		news, err := c.ledger.Channels.NoteOtherLedger(ctx, other)
		if err != nil {
			return err
		}
		if news {
			c.log.WarnContext(ctx, "a second ledger announces into this channel: another copy of this program has a database of its own."+
				" Give all copies one database (DATABASE_URL), or each a channel of its own", "channel", t.Channel,
				"own_ledger", c.ledger.Identity().ID, "other_ledger", other.Ledger, "message", other.TS)
		}
	}
	return nil
}

// removeDuplicate takes a later message away, with its thread, if the first one
// still stands and carries, with its thread, all that the later one does. Both
// are read in this moment: what the ledger holds is not enough to delete.
func (c looker) removeDuplicate(ctx context.Context, channel string, d plan.Duplicate) {
	log := c.log.With("channel", channel, "ts", d.TS, "first", strings.Join(d.Firsts, " "))
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookUpTimeout)
	defer cancel()
	var survivor []plan.Delivery
	for _, first := range d.Firsts {
		some, err := c.sender.Thread(ctx, channel, first)
		if err != nil {
			log.WarnContext(ctx, "cannot look at the first of two equal messages; both stay", "error", err)
			return
		}
		survivor = append(survivor, plan.Below(first, some)...)
	}
	later, err := c.sender.Thread(ctx, channel, d.TS)
	if err != nil {
		log.WarnContext(ctx, "cannot look at the second of two equal messages; both stay", "error", err)
		return
	}
	later = plan.Below(d.TS, later)
	if !plan.Carries(survivor, later) {
		log.WarnContext(ctx, "two messages carry the same reminder, and the later one carries others too; both stay")
		return
	}
	slices.Reverse(later) // replies before the message above them
	for _, one := range later {
		if err := c.sender.Delete(ctx, channel, one.TS); err != nil {
			log.ErrorContext(ctx, "cannot remove a double", "error", err)
			return
		}
	}
	log.WarnContext(ctx, "removed a double")
}

// stopLooking notes that the channel cannot be looked at, and until when it is
// not tried again. A wait for look-ups keeps no message back whose last useful
// hour has begun.
func (c looker) stopLooking(ctx context.Context, t *ChannelQueue, e *SendError, p plan.Evaluation) error {
	wait := unreachableRest
	switch e.Outcome {
	case RateLimited:
		wait = min(max(e.RetryAfter, PostEvery), MaxRest)
		c.log.WarnContext(ctx, "Slack asks to wait before the channel is looked at again", "channel", t.Channel, "for", e.RetryAfter, "again_in", wait)
	case Refused:
		return c.stop(ctx, t, e, e)
	default:
		c.log.WarnContext(ctx, "cannot look whether messages arrived; nothing is posted until that succeeds or their last useful hour begins",
			"channel", t.Channel, "again_in", wait, "error", e)
	}
	s, err := c.ledger.Channels.Scan(ctx, t.Channel)
	if err != nil {
		return err
	}
	s.Next = p.Now.Add(wait)
	return c.ledger.Channels.SetScan(ctx, t.Channel, s)
}
