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
