package bot

import (
	"context"
	"log/slog"
	"runtime/debug"
	"sync/atomic"
	"time"

	"computeunits/bot/slackapi"
)

// A guard keeps a panic from ending the process. Everything that is done for one
// message, one person or one request recovers by itself, so that a panic ends
// only that; a part of the bot that runs as long as the process begins anew.
// Each panic is logged with its stack and counted.
type guard struct {
	log    *slog.Logger
	caught atomic.Int64
}

// note logs a panic that was recovered. doing says what ended with it.
func (g *guard) note(ctx context.Context, doing string, v any, attrs ...any) {
	defer func() { _ = recover() }() // of the log itself: there is nobody left to tell
	n := g.caught.Add(1)
	g.log.With(attrs...).ErrorContext(ctx, "panic while "+doing, "panic", v, "panics", n, "stack", string(debug.Stack()))
}

// keep runs a part of the bot until it ends by itself, or ctx is done. After a
// panic it begins anew, in a second at first.
func (g *guard) keep(ctx context.Context, name string, part func(context.Context) error) error {
	for wait := time.Second; ; wait = min(2*wait, time.Minute) {
		err, ended := g.once(ctx, name, part)
		if ended || !slackapi.Sleep(ctx, wait) {
			return err
		}
	}
}

// once reports false after a panic.
func (g *guard) once(ctx context.Context, name string, part func(context.Context) error) (err error, ended bool) {
	defer func() {
		if v := recover(); v != nil {
			g.note(ctx, name, v)
			err, ended = nil, false
		}
	}()
	return part(ctx), true
}
