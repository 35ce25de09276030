package slacksim

import (
	"fmt"
	"time"
)

// Rules of trigger_id (https://docs.slack.dev/surfaces/modals).
const (
	triggerLife = 3 * time.Second
	maxTriggers = 10_000
)

// trigger is a trigger_id: the right to open one modal for the person who did
// something, for three seconds.
type trigger struct {
	user    string
	channel string // where it was done; "" in a view
	view    string // in which it was done; "" outside views
	issued  time.Time
	spent   bool
}

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
