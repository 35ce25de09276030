package ledger

import (
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"computeunits/notify/database"
	"computeunits/notify/plan"
)

// Correction is a posted message that no longer says what is true.
type Correction struct {
	plan.Message
	Announcement plan.Announcement
	lease        time.Time // what edit_at is while the edit is under way
}

// Corrections returns the keys of posted messages to look at now.
func (l Edits) Corrections(ctx context.Context, channel string, now time.Time) ([]string, error) {
	return database.Collect(ctx, l.DB, database.ScanString, `SELECT key FROM message WHERE channel = $1 AND edit_at <= $2
		ORDER BY priority, soonest_at, key`+fmt.Sprintf(` LIMIT %d`, outboxSize), channel, now.UnixMilli())
}

// Why an edit cannot be claimed now.
var (
	ErrUnderWay = errors.New("another edit of the message is under way")
	ErrHeld     = errors.New("the channel takes nothing now")
)

// Correct looks at a posted message and claims its edit; nil when what it
// shows is true, or nobody reads it any more. Somebody who waits is not put off
// because an earlier edit failed; where one is under way, they get errUnderWay.
// It fails with errHeld when the channel must wait: somebody else may have found
// out since that was looked at.
func (l Edits) Correct(ctx context.Context, key string, p plan.Evaluation, waitedFor bool) (*Correction, error) {
	if p.Doubt {
		return nil, ErrHeld
	}
	var c *Correction
	err := l.DB.Write(ctx, "looking at "+key, func(tx *sql.Tx) error {
		m, err := messageByKey(ctx, tx, key)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return nil
		case err != nil:
			return err
		case m.EditAt.IsZero() || m.EditAt.After(p.Now) && !waitedFor:
			return nil
		case m.EditAt.After(p.Now) && m.LastError == "":
			return ErrUnderWay // until then is its lease
		}
		if h, err := backoffOf(ctx, tx, m.Channel); err != nil || h.Until.After(p.Now) {
			return cmp.Or(err, ErrHeld)
		}
		a, news, err := currentContent(ctx, tx, m, p)
		if err != nil {
			return err
		}
		a.Ledger = l.Identity().ID
		if !news {
			_, err := database.Exec(ctx, tx, `UPDATE message SET edit_at = NULL, edit_attempt = 0, last_error = '',
				shown = CASE WHEN shown = '?' THEN '' ELSE shown END WHERE key = $1`, key)
			return err
		}
		lease := p.Now.Add(p.Settings.Lease)
		n, err := database.Exec(ctx, tx, `UPDATE message SET edit_at = $1, edit_attempt = edit_attempt + 1, shown = $2, last_error = ''
			WHERE key = $3 AND edit_at = $4`, lease.UnixMilli(), plan.EditInDoubt, key, m.EditAt.UnixMilli())
		if err == nil && n == 1 {
			m.EditAttempt++
			c = &Correction{m, a, lease}
		}
		return err
	})
	return c, err
}

// currentContent is what a posted message should say by now, and whether that is news
// that anybody still reads.
func currentContent(ctx context.Context, tx *sql.Tx, m plan.Message, p plan.Evaluation) (a plan.Announcement, news bool, err error) {
	if m.Over(p) {
		return a, false, nil
	}
	thread := ""
	if m.Parent != "" {
		if thread, err = threadOf(ctx, tx, m); err != nil && !errors.Is(err, ErrOvertaken) {
			return a, false, err
		}
	}
	content, err := contentOf(ctx, tx, p.Policy, m, p.Now)
	if err != nil {
		return a, false, err
	}
	a = content.Announce(p)
	a.ThreadTS = thread
	old := m.Kind == plan.KindDigest && content.NothingToSay(p)
	return a, !old && m.Shown != a.Fingerprint() && !(m.Shown == plan.EditUnknown && a.Fingerprint() == plan.EditAsPosted), nil
}

// Corrected records what a message shows now. If it was marked meanwhile, or
// edited by somebody else, it will be looked at again.
func (l Edits) Corrected(ctx context.Context, c *Correction, now time.Time) error {
	return l.DB.Write(ctx, "recording the edit of "+c.Key, func(tx *sql.Tx) error {
		_, err := database.Exec(ctx, tx, `UPDATE message SET shown = $1, edit_at = CASE WHEN edit_at = $2 THEN NULL ELSE CAST($3 AS BIGINT) END,
				edit_attempt = 0, last_error = ''
			WHERE key = $4`, c.Announcement.Fingerprint(), c.lease.UnixMilli(), now.UnixMilli(), c.Key)
		return err
	})
}

// Uncorrected records that an edit failed, and when to try again; never when
// that is zero. What was certainly not edited shows what it did before.
func (l Edits) Uncorrected(ctx context.Context, c *Correction, again time.Time, inDoubt bool, reason string) error {
	shown := c.Shown
	if inDoubt {
		shown = plan.EditInDoubt
	}
	return l.DB.Write(ctx, "recording the failed edit of "+c.Key, func(tx *sql.Tx) error {
		_, err := database.Exec(ctx, tx, `UPDATE message SET edit_at = CAST($1 AS BIGINT), shown = $2, last_error = $3 WHERE key = $4 AND edit_at = $5`,
			database.Millis(again), shown, plan.Storable(reason), c.Key, c.lease.UnixMilli())
		return err
	})
}

// Uneditable reports whether Slack minds that a message is edited at all, and not
// what it shall say then, which is different without blocks.
func Uneditable(reason string) bool {
	switch reason {
	case ReasonGone, "cant_update_message", "edit_window_closed":
		return true
	}
	return false
}

// ReasonGone is why there is nothing to correct: somebody deleted the message.
const ReasonGone = "message_not_found"

// Simplify has an edit made again at once, and the message drawn without blocks
// from now on.
func (l Edits) Simplify(ctx context.Context, c *Correction, now time.Time, reason string) error {
	return l.DB.Write(ctx, "recording the rejected edit of "+c.Key, func(tx *sql.Tx) error {
		_, err := database.Exec(ctx, tx, `UPDATE message SET plain = 1, edit_at = $1, shown = $2, last_error = $3 WHERE key = $4 AND edit_at = $5`,
			now.UnixMilli(), c.Shown, plan.Storable(reason), c.Key, c.lease.UnixMilli())
		return err
	})
}

// CorrectBelow has what a message should say by now said in its thread, once,
// because Slack does not let it be edited.
func (l Edits) CorrectBelow(ctx context.Context, c *Correction, now time.Time, reason string) error {
	sum := sha256.Sum256([]byte(c.Key + "\n" + c.Announcement.Fingerprint()))
	below := plan.Message{
		Key: string(plan.KindCorrection) + ":" + base64.RawURLEncoding.EncodeToString(sum[:12]), Channel: c.Channel, Kind: plan.KindCorrection,
		Parent: c.Key, Day: c.Day, Created: now, Due: now, Earliest: now, Soonest: c.Soonest, Next: now,
	}
	return l.DB.Write(ctx, "recording the rejected edit of "+c.Key, func(tx *sql.Tx) error {
		n, err := database.Exec(ctx, tx, `UPDATE message SET edit_at = NULL, shown = $1, last_error = $2 WHERE key = $3 AND edit_at = $4`,
			c.Announcement.Fingerprint(), plan.Storable(reason), c.Key, c.lease.UnixMilli())
		if err != nil || n == 0 || c.Kind == plan.KindCorrection {
			return err
		}
		return putMessage(ctx, tx, below)
	})
}
