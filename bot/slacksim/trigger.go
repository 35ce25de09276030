package slacksim

import (
	"fmt"
	"time"
)

// newTrigger issues a trigger_id for a person who did something in a channel
// or a view. w.mu is held.
func (w *Workspace) newTrigger(user, channel, view string) string {
	id := fmt.Sprintf("%d.%d.%016x%016x", w.random.Uint32(), w.random.Uint32(), w.random.Uint64(), w.random.Uint64())
	w.triggers.put(id, &trigger{user: user, channel: channel, view: view, issued: time.Now()})
	return id
}

// usable finds a trigger_id that can still be exchanged. w.mu is held.
func (w *Workspace) usable(id string) (*trigger, *apiError) {
	t, known := w.triggers.get(id)
	switch {
	case !known:
		return nil, refuse("invalid_trigger_id")
	case t.spent:
		return nil, refuse("exchanged_trigger_id")
	case time.Since(t.issued) > triggerLife:
		return nil, refuse("expired_trigger_id")
	}
	return t, nil
}
