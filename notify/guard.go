package notify

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"computeunits/notify/delivery"
	"computeunits/notify/guard"
)

// panicked logs err with its stack if it is a panic, counts it, and reports whether
// it is.
func (n *Notifier) panicked(ctx context.Context, log *slog.Logger, err error, what string, args ...any) bool {
	p, ok := errors.AsType[*guard.PanicError](err)
	if !ok {
		return false
	}
	n.panics.Add(1)
	// A log handler that panics must not end the process either.
	_ = guard.Safely(func() error {
		log.ErrorContext(ctx, what, append(args, "panic", p.Value, "stack", string(p.Stack))...)
		return nil
	})
	return true
}

// Panics is how many panics were recovered since the process began.
func (n *Notifier) Panics() int64 { return n.panics.Load() }

// keepRunning calls f until it returns without a panic, or ctx is done.
func (n runner) keepRunning(ctx context.Context, what string, f func()) {
	for ctx.Err() == nil {
		err := guard.Safely(func() error { f(); return nil })
		if !n.panicked(ctx, n.log, err, "panic in a part of the notifier; it begins again", "part", what) {
			return
		}
		t := &delivery.ChannelQueue{Next: time.Now().Add(time.Second)}
		t.Pause(ctx)
	}
}
