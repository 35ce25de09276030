package home

import (
	"time"
)

// since is when the present socket was opened, by the clock of homeFacts, which
// may be another than the one that up is measured by: while that is the same
// socket it is the same moment. Zero: there is none.
func (h *Controller) since() time.Time {
	if h.connected == nil {
		return time.Time{}
	}
	up := h.connected()
	if up <= 0 {
		return time.Time{}
	}
	at := h.answers.Now().Add(-up).Round(time.Second)
	h.mu.Lock()
	defer h.mu.Unlock()
	if at.Sub(h.up).Abs() > time.Second {
		h.up = at
	}
	return h.up
}
