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
	user   string
	issued time.Time
	spent  bool
}

// newTrigger issues a trigger_id for a person. w.mu is held.
func (w *Workspace) newTrigger(user string) string {
	id := fmt.Sprintf("%d.%d.%016x%016x", w.random.Uint32(), w.random.Uint32(), w.random.Uint64(), w.random.Uint64())
	w.triggers.put(id, &trigger{user: user, issued: time.Now()})
	return id
}

// exchange uses a trigger_id up and says whose it was. w.mu is held.
func (w *Workspace) exchange(id string) (user string, refused *apiError) {
	t, known := w.triggers.get(id)
	switch {
	case !known:
		return "", refuse("invalid_trigger_id")
	case t.spent:
		return "", refuse("exchanged_trigger_id")
	case time.Since(t.issued) > triggerLife:
		return "", refuse("expired_trigger_id")
	}
	t.spent = true
	return t.user, nil
}
