package notify

import (
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"time"
)

// correction is a posted message that no longer says what is true.
type correction struct {
	message
	announcement Announcement
	lease        time.Time // what edit_at is while the edit is under way
}

// corrections returns the keys of posted messages to look at now.
func (l *Ledger) corrections(ctx context.Context, channel string, now time.Time) ([]string, error) {
	return collect(ctx, l.db, scanString, `SELECT key FROM message WHERE channel = $1 AND edit_at <= $2
		ORDER BY priority, soonest_at, key`+fmt.Sprintf(` LIMIT %d`, outboxSize), channel, now.UnixMilli())
}

// Why an edit cannot be claimed now.
var (
	errUnderWay = errors.New("another edit of the message is under way")
	errHeld     = errors.New("the channel takes nothing now")
)

// correct looks at a posted message and claims its edit; nil when what it
// shows is true, or nobody reads it any more. Somebody who waits is not put off
// because an earlier edit failed; where one is under way, they get errUnderWay.
// It fails with errHeld when the channel must wait: somebody else may have found
// out since that was looked at.
func (l *Ledger) correct(ctx context.Context, key string, p pass, waitedFor bool) (*correction, error) {
	if p.doubt {
		return nil, errHeld
	}
	var c *correction
	err := l.db.write(ctx, "looking at "+key, func(tx *sql.Tx) error {
		m, err := messageByKey(ctx, tx, key)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return nil
		case err != nil:
			return err
		case m.editAt.IsZero() || m.editAt.After(p.now) && !waitedFor:
			return nil
		case m.editAt.After(p.now) && m.lastError == "":
			return errUnderWay // until then is its lease
		}
		if h, err := holdOf(ctx, tx, m.channel); err != nil || h.until.After(p.now) {
			return cmp.Or(err, errHeld)
		}
		a, news, err := truthOf(ctx, tx, m, p)
		if err != nil {
			return err
		}
		a.Ledger = l.identity().id
		if !news {
			_, err := exec(ctx, tx, `UPDATE message SET edit_at = NULL, edit_attempt = 0, last_error = '',
				shown = CASE WHEN shown = '?' THEN '' ELSE shown END WHERE key = $1`, key)
			return err
		}
		lease := p.now.Add(p.settings.Lease)
		n, err := exec(ctx, tx, `UPDATE message SET edit_at = $1, edit_attempt = edit_attempt + 1, shown = $2, last_error = ''
			WHERE key = $3 AND edit_at = $4`, lease.UnixMilli(), shownInDoubt, key, m.editAt.UnixMilli())
		if err == nil && n == 1 {
			m.editAttempt++
			c = &correction{m, a, lease}
		}
		return err
	})
	return c, err
}

// truthOf is what a posted message should say by now, and whether that is news
// that anybody still reads.
func truthOf(ctx context.Context, tx *sql.Tx, m message, p pass) (a Announcement, news bool, err error) {
	if m.over(p) {
		return a, false, nil
	}
	thread := ""
	if m.parent != "" {
		if thread, err = threadOf(ctx, tx, m); err != nil && !errors.Is(err, errOvertaken) {
			return a, false, err
		}
	}
	content, err := contentOf(ctx, tx, p.policy, m, p.now)
	if err != nil {
		return a, false, err
	}
	a = content.announce(p)
	a.ThreadTS = thread
	old := m.kind == KindDigest && content.nothingToSay(p)
	return a, !old && m.shown != a.shown() && !(m.shown == shownUnknown && a.shown() == shownAsPosted), nil
}

// corrected records what a message shows now. If it was marked meanwhile, or
// edited by somebody else, it will be looked at again.
func (l *Ledger) corrected(ctx context.Context, c *correction, now time.Time) error {
	return l.db.write(ctx, "recording the edit of "+c.key, func(tx *sql.Tx) error {
		_, err := exec(ctx, tx, `UPDATE message SET shown = $1, edit_at = CASE WHEN edit_at = $2 THEN NULL ELSE CAST($3 AS BIGINT) END,
				edit_attempt = 0, last_error = ''
			WHERE key = $4`, c.announcement.shown(), c.lease.UnixMilli(), now.UnixMilli(), c.key)
		return err
	})
}

// uncorrected records that an edit failed, and when to try again; never when
// that is zero. What was certainly not edited shows what it did before.
func (l *Ledger) uncorrected(ctx context.Context, c *correction, again time.Time, inDoubt bool, reason string) error {
	shown := c.shown
	if inDoubt {
		shown = shownInDoubt
	}
	return l.db.write(ctx, "recording the failed edit of "+c.key, func(tx *sql.Tx) error {
		_, err := exec(ctx, tx, `UPDATE message SET edit_at = CAST($1 AS BIGINT), shown = $2, last_error = $3 WHERE key = $4 AND edit_at = $5`,
			moment(again), shown, storable(reason), c.key, c.lease.UnixMilli())
		return err
	})
}

// uneditable reports whether Slack minds that a message is edited at all, and not
// what it shall say then, which is different without blocks.
func uneditable(reason string) bool {
	switch reason {
	case reasonGone, "cant_update_message", "edit_window_closed":
		return true
	}
	return false
}

// reasonGone is why there is nothing to correct: somebody deleted the message.
const reasonGone = "message_not_found"

// simplify has an edit made again at once, and the message drawn without blocks
// from now on.
func (l *Ledger) simplify(ctx context.Context, c *correction, now time.Time, reason string) error {
	return l.db.write(ctx, "recording the rejected edit of "+c.key, func(tx *sql.Tx) error {
		_, err := exec(ctx, tx, `UPDATE message SET plain = 1, edit_at = $1, shown = $2, last_error = $3 WHERE key = $4 AND edit_at = $5`,
			now.UnixMilli(), c.shown, storable(reason), c.key, c.lease.UnixMilli())
		return err
	})
}

// correctBelow has what a message should say by now said in its thread, once,
// because Slack does not let it be edited.
func (l *Ledger) correctBelow(ctx context.Context, c *correction, now time.Time, reason string) error {
	sum := sha256.Sum256([]byte(c.key + "\n" + c.announcement.shown()))
	below := message{
		key: string(KindCorrection) + ":" + base64.RawURLEncoding.EncodeToString(sum[:12]), channel: c.channel, kind: KindCorrection,
		parent: c.key, day: c.day, created: now, due: now, earliest: now, soonest: c.soonest, next: now,
	}
	return l.db.write(ctx, "recording the rejected edit of "+c.key, func(tx *sql.Tx) error {
		n, err := exec(ctx, tx, `UPDATE message SET edit_at = NULL, shown = $1, last_error = $2 WHERE key = $3 AND edit_at = $4`,
			c.announcement.shown(), storable(reason), c.key, c.lease.UnixMilli())
		if err != nil || n == 0 || c.kind == KindCorrection {
			return err
		}
		return putMessage(ctx, tx, below)
	})
}

// edit brings posted messages up to date. It reports whether it did anything.
func (c *courier) edit(ctx context.Context, t *track) (moved bool, err error) {
	if err := c.check(ctx, t); err != nil || t.held {
		return false, err
	}
	changes := c.changes.Load()
	keys, err := c.ledger.corrections(ctx, t.channel, c.pass().now)
	if err != nil {
		return false, err
	}
	for _, key := range keys {
		if moved && c.changes.Load() != changes {
			break // something to post goes first
		}
		if !t.pause(ctx) {
			break
		}
		correction, err := c.ledger.correct(ctx, key, c.pass(), false)
		if c.panicked(ctx, err, "panic about an edit; it rests, and keeps no other", "message", key, "channel", t.channel) {
			if err := c.ledger.poisoned(ctx, key, c.pass().now.Add(poisonRest), err); err != nil {
				return moved, err
			}
			continue
		}
		if errors.Is(err, errHeld) {
			t.held = true
			return moved, nil
		}
		if err != nil {
			return moved, err
		}
		moved = true
		if correction == nil {
			continue
		}
		if became, err := c.update(ctx, t, correction); err != nil || became == fateStopped {
			return moved, err
		}
	}
	return moved, nil
}

// update makes one edit and records what became of it.
func (c *courier) update(ctx context.Context, t *track, e *correction) (fate, error) {
	ctx = context.WithoutCancel(ctx)
	limited, cancel := context.WithTimeout(ctx, attemptTimeout)
	defer cancel()
	err := c.sender.Update(limited, e.ts, e.announcement)
	t.next = time.Now().Add(postEvery)
	ctx, cancel = context.WithTimeout(ctx, recordTimeout)
	defer cancel()
	if err == nil {
		c.log.InfoContext(ctx, "corrected", "message", e.key, "channel", t.channel, "ts", e.ts)
		return fatePosted, c.ledger.corrected(ctx, e, c.pass().now)
	}
	c.panicked(ctx, err, "panic while editing", "message", e.key, "channel", t.channel)
	failure, ok := errors.AsType[*SendError](err)
	if !ok {
		failure = &SendError{Outcome: Ambiguous}
	}
	p := c.pass()
	now := p.now
	switch {
	case failure.Outcome == Rejected && !e.announcement.Plain && !uneditable(failure.Reason):
		c.log.WarnContext(ctx, "Slack rejects an edit; it is made without blocks next", "message", e.key, "channel", t.channel, "error", err)
		return fateRejected, c.ledger.simplify(ctx, e, now, err.Error())
	case failure.Outcome == Rejected && failure.Reason != reasonGone:
		c.log.ErrorContext(ctx, "cannot correct a message; what is true now is said in its thread", "message", e.key, "channel", t.channel, "error", err)
		return fateRejected, c.ledger.correctBelow(ctx, e, now, err.Error())
	case failure.Outcome == Rejected,
		failure.Outcome == Refused && e.channel != p.channel && !p.tells(e.channel): // nobody is told anything there any more
		c.log.ErrorContext(ctx, "cannot correct a message; it stays as it is", "message", e.key, "channel", t.channel, "error", err)
		return fateRejected, c.ledger.uncorrected(ctx, e, time.Time{}, false, err.Error())
	case failure.Outcome == Ambiguous: // to make the same edit twice does no harm
		c.log.WarnContext(ctx, "could not correct a message", "message", e.key, "channel", t.channel, "error", err)
		return fateUnknown, c.ledger.uncorrected(ctx, e, now.Add(backoff(ambiguousRest, e.editAttempt)), true, err.Error())
	default: // the channel waits before anybody can take the edit up again
		if err := c.stop(ctx, t, failure, err); err != nil {
			return fateStopped, err
		}
		return fateStopped, c.ledger.uncorrected(ctx, e, now, false, err.Error())
	}
}
