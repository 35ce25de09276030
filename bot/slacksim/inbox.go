package slacksim

import (
	"context"
	"sync"
)

// inbox holds messages until somebody takes them.
type inbox struct {
	ready chan struct{} // holds a token while there are messages

	mu    sync.Mutex
	queue []Message
}

func newInbox() *inbox { return &inbox{ready: make(chan struct{}, 1)} }

func (b *inbox) put(m Message) {
	b.mu.Lock()
	b.queue = append(b.queue, m)
	b.mu.Unlock()
	b.signal()
}

func (b *inbox) signal() {
	select {
	case b.ready <- struct{}{}:
	default:
	}
}

// next takes the oldest message, or waits for one until ctx or the workspace
// ends. Several may wait at once.
func (b *inbox) next(ctx context.Context, done <-chan struct{}) (Message, error) {
	for {
		if m, ok := b.take(); ok {
			return m, nil
		}
		select {
		case <-b.ready:
		case <-ctx.Done():
			return Message{}, context.Cause(ctx)
		case <-done:
			return Message{}, errClosed
		}
	}
}

func (b *inbox) take() (m Message, ok bool) {
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
