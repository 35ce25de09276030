package notify

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"
)

// This file keeps a bug from ending the process, and one row, message or channel
// whose treatment panics from keeping the others. What panicked rests: a row and a
// message for poisonRest, a channel for refusedRest.

// poisonRest is how long what panicked is left alone.
const poisonRest = time.Hour

// panicError is a panic that was recovered.
type panicError struct {
	value any
	stack []byte
}

// Error says what the panic said; the stack is for the log.
func (e *panicError) Error() string { return fmt.Sprintf("panic: %v", e.value) }

// safely runs f and makes a panic in it an error.
func safely(f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &panicError{v, debug.Stack()}
		}
	}()
	return f()
}

// panicked logs err with its stack if it is a panic, counts it, and reports whether
// it is.
func (n *Notifier) panicked(ctx context.Context, log *slog.Logger, err error, what string, args ...any) bool {
	p, ok := errors.AsType[*panicError](err)
	if !ok {
		return false
	}
	n.panics.Add(1)
	// A log handler that panics must not end the process either.
	_ = safely(func() error {
		log.ErrorContext(ctx, what, append(args, "panic", p.value, "stack", string(p.stack))...)
		return nil
	})
	return true
}

// Panics is how many panics were recovered since the process began.
func (n *Notifier) Panics() int64 { return n.panics.Load() }

// goOn calls f until it returns without a panic, or ctx is done.
func (n *Notifier) goOn(ctx context.Context, what string, f func()) {
	for ctx.Err() == nil {
		err := safely(func() error { f(); return nil })
		if !n.panicked(ctx, n.log, err, "panic in a part of the notifier; it begins again", "part", what) {
			return
		}
		t := &track{next: time.Now().Add(time.Second)}
		t.pause(ctx)
	}
}

// guarded is a Sender whose panics are errors: what became of the request is not
// known.
type guarded struct{ Sender }

func sendSafely(f func() error) error {
	err := safely(f)
	if _, ok := errors.AsType[*panicError](err); ok {
		return &SendError{Outcome: Ambiguous, Err: err}
	}
	return err
}

// Post is that of the Sender.
func (g guarded) Post(ctx context.Context, a Announcement) (r Receipt, err error) {
	err = sendSafely(func() (err error) { r, err = g.Sender.Post(ctx, a); return err })
	return r, err
}

// Update is that of the Sender.
func (g guarded) Update(ctx context.Context, ts string, a Announcement) error {
	return sendSafely(func() error { return g.Sender.Update(ctx, ts, a) })
}

// History is that of the Sender.
func (g guarded) History(ctx context.Context, channel string, w Window) (p Page, err error) {
	err = sendSafely(func() (err error) { p, err = g.Sender.History(ctx, channel, w); return err })
	return p, err
}

// Thread is that of the Sender.
func (g guarded) Thread(ctx context.Context, channel, parent string) (all []Delivery, err error) {
	err = sendSafely(func() (err error) { all, err = g.Sender.Thread(ctx, channel, parent); return err })
	return all, err
}

// Delete is that of the Sender.
func (g guarded) Delete(ctx context.Context, channel, ts string) error {
	return sendSafely(func() error { return g.Sender.Delete(ctx, channel, ts) })
}

// Check is that of the Sender.
func (g guarded) Check(ctx context.Context, channel string) error {
	return sendSafely(func() error { return g.Sender.Check(ctx, channel) })
}

// poisoned lets a message rest whose content cannot be found without a panic, so
// that it keeps no other from being said or corrected.
func (l *Ledger) poisoned(ctx context.Context, key string, until time.Time, err error) error {
	return l.db.write(ctx, "recording a panic about "+key, func(tx *sql.Tx) error {
		_, err := exec(ctx, tx, `UPDATE message SET last_error = $1,
				next_at = CASE WHEN sent_at IS NULL THEN CAST($2 AS BIGINT) ELSE next_at END,
				edit_at = CASE WHEN edit_at IS NULL THEN NULL ELSE CAST($2 AS BIGINT) END
			WHERE key = $3`, storable(err.Error()), until.UnixMilli(), key)
		return err
	})
}
