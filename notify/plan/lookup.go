package plan

import (
	"fmt"
	"time"
)

// LastHour reports whether the last useful hour of a reminder has begun.
func (p Evaluation) LastHour(r Reminder) bool {
	until := p.usefulUntil(r)
	if until.IsZero() {
		return false
	}
	begins := until.Add(-time.Hour)
	if half := until.Sub(r.DueAt()) / 2; r.Kind == KindExpiry && half < time.Hour {
		begins = until.Add(-half)
	}
	return !p.Now.Before(begins)
}

// CompareTS orders Slack's timestamps, which have a fixed number of decimals.
func CompareTS(a, b string) int {
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	default:
		return 0
	}
}

// SlackTS is an instant as Slack writes the timestamps of messages.
func SlackTS(t time.Time) string { return fmt.Sprintf("%010d.%06d", t.Unix(), t.Nanosecond()/1000) }
