package notify

import (
	"time"
)

// slowEvery is how often the log says that sweeps are slow.
const slowEvery = time.Hour

// pace is how fast services are read. Its times are those of the monotonic clock.
type pace struct {
	began         time.Time     // the sweep under way; zero: none
	asked, failed int           // readings of it
	took          time.Duration // the sweep before, if it was answered; 0: it was not, or there was none
	said          time.Time     // when the log said that sweeps are slow
}

// slow returns how long reading all services takes, if that is longer than every;
// 0 otherwise. A sweep that is slow because Qianfan does not answer is another
// trouble, which is told as such.
func (p pace) slow(every time.Duration, now time.Time) time.Duration {
	takes := p.took
	if !p.began.IsZero() && p.answered() {
		takes = max(takes, now.Sub(p.began))
	}
	if takes <= every {
		return 0
	}
	return takes
}

// answered reports whether most readings of the sweep were.
func (p pace) answered() bool { return p.asked > 0 && 2*p.failed < p.asked }

// setPace notes that a sweep has ended, and returns how long it took if the log
// should say so.
func (n sweeper) setPace() time.Duration {
	n.mu.Lock()
	defer n.mu.Unlock()
	now := time.Now()
	p := pace{said: n.pace.said}
	if n.pace.answered() {
		p.took = now.Sub(n.pace.began)
	}
	slow := p.slow(n.Settings.CheckEvery, now)
	if slow > 0 && !p.said.IsZero() && now.Sub(p.said) < slowEvery {
		slow = 0
	} else if slow > 0 {
		p.said = now
	}
	n.pace = p
	return slow
}
