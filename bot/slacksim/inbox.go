package slacksim

import (
	"context"
	"sync"
)

// inbox holds what arrived, messages or views, until somebody takes it.
type inbox[T any] struct {
	ready chan struct{} // holds a token while there is something

	mu    sync.Mutex
	queue []T
}

func newInbox[T any]() *inbox[T] { return &inbox[T]{ready: make(chan struct{}, 1)} }

func (b *inbox[T]) put(m T) {
	b.mu.Lock()
	b.queue = append(b.queue, m)
	b.mu.Unlock()
	b.signal()
}

func (b *inbox[T]) signal() {
	select {
	case b.ready <- struct{}{}:
	default:
	}
}

// next takes the oldest one, or waits for one until ctx or the workspace
// ends. Several may wait at once.
func (b *inbox[T]) next(ctx context.Context, done <-chan struct{}) (m T, err error) {
	for {
		if m, ok := b.take(); ok {
			return m, nil
		}
		select {
		case <-b.ready:
		case <-ctx.Done():
			return m, context.Cause(ctx)
		case <-done:
			return m, errClosed
		}
	}
}

func (b *inbox[T]) take() (m T, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.queue) == 0 {
		return m, false
	}
	m, b.queue = b.queue[0], b.queue[1:]
	if len(b.queue) > 0 {
		b.signal() // for the next one who waits
	}
	return m, true
}
