package slacksim

import (
	"iter"
)

// tombstone is the subtype of what remains of a deleted message with replies.
const tombstone = "tombstone"

// ring keeps the newest limit values.
type ring[T any] struct {
	limit  int
	values []T
	next   int // where the oldest stands once the ring is full
}

// push adds a value. When the ring is full the oldest one leaves and is
// returned.
func (r *ring[T]) push(v T) (old T, left bool) {
	if len(r.values) < r.limit {
		r.values = append(r.values, v)
		return old, false
	}
	old, r.values[r.next] = r.values[r.next], v
	r.next = (r.next + 1) % r.limit
	return old, true
}

// all yields the values, oldest first.
func (r *ring[T]) all() iter.Seq[T] {
	return func(yield func(T) bool) {
		for i := range r.values {
			if !yield(r.values[(r.next+i)%len(r.values)]) {
				return
			}
		}
	}
}

// recent is a map that forgets its oldest entries. Keys are never reused.
type recent[K comparable, V any] struct {
	values map[K]V
	keys   ring[K]
}

func newRecent[K comparable, V any](limit int) *recent[K, V] {
	return &recent[K, V]{values: map[K]V{}, keys: ring[K]{limit: limit}}
}

func (r *recent[K, V]) put(k K, v V) {
	if old, left := r.keys.push(k); left {
		delete(r.values, old)
	}
	r.values[k] = v
}

func (r *recent[K, V]) get(k K) (V, bool) {
	v, ok := r.values[k]
	return v, ok
}

func (r *recent[K, V]) remove(k K) { delete(r.values, k) }
