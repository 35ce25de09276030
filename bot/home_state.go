package bot

import (
	"time"
)

// up is how long the present socket has been open; 0: there is none.
func (p *pacer) up() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.hello.IsZero() {
		return 0
	}
	return time.Since(p.hello)
}

// since is when the present socket was opened, by the clock of homeFacts, which
// may be another than the one that up is measured by: while that is the same
// socket it is the same moment. Zero: there is none.
func (h *homes) since() time.Time {
	if h.connected == nil {
		return time.Time{}
	}
	up := h.connected()
	if up <= 0 {
		return time.Time{}
	}
	at := h.answers.now().Add(-up).Round(time.Second)
	h.mu.Lock()
	defer h.mu.Unlock()
	if at.Sub(h.up).Abs() > time.Second {
		h.up = at
	}
	return h.up
}
