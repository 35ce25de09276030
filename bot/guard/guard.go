// Package guard keeps a panic from ending the process.
package guard

import (
	"context"
	"log/slog"
	"runtime/debug"
	"sync/atomic"
	"time"
)

// A Guard keeps a panic from ending the process. Everything that is done for one
// message, one person or one request recovers by itself, so that a panic ends
// only that; a part of the bot that runs as long as the process begins anew.
// Each panic is logged with its stack and counted.
type Guard struct {
	Log    *slog.Logger
	caught atomic.Int64
}

// Note logs a panic that was recovered. doing says what ended with it.
func (g *Guard) Note(ctx context.Context, doing string, v any, attrs ...any) {
	defer func() { _ = recover() }() // of the log itself: there is nobody left to tell
	n := g.caught.Add(1)
	g.Log.With(attrs...).ErrorContext(ctx, "panic while "+doing, "panic", v, "panics", n, "stack", string(debug.Stack()))
}

// Keep runs a part of the bot until it ends by itself, or ctx is done. After a
// panic it begins anew, in a second at first.
func (g *Guard) Keep(ctx context.Context, name string, part func(context.Context) error) error {
	for wait := time.Second; ; wait = min(2*wait, time.Minute) {
		err, ended := g.once(ctx, name, part)
		if ended || !sleep(ctx, wait) {
			return err
		}
	}
}

// once reports false after a panic.
func (g *Guard) once(ctx context.Context, name string, part func(context.Context) error) (err error, ended bool) {
	defer func() {
		if v := recover(); v != nil {
			g.Note(ctx, name, v)
			err, ended = nil, false
		}
	}()
	return part(ctx), true
}

// sleep waits, and reports false when ctx ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
