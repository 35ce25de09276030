package plan

import (
	"time"
)

const (
	// clockMargin is how far a look-up reaches back beyond the moment up to which
	// a channel is known. That moment is by this machine's clock, messages are
	// dated by Slack's, and what was posted may appear some minutes later.
	clockMargin = time.Hour
)

// Scan is how far a channel is known, and how far the look-up under way got.
type Scan struct {
	Known   time.Time // what was posted before is recorded; zero: nothing is known
	Until   time.Time // when the look-up under way began; zero: none is
	Reached string    // the timestamp down to which it saw the channel; "": nothing yet
	Next    time.Time // no look-up before
}

// From is since when a look-up must see the channel. What a lost ledger said is
// found as far back as lookBack; what this one attempted before its channels were
// known, however long ago that was.
func (s Scan) From(attempted, now time.Time) time.Time {
	from := now.Add(-LookBack)
	switch {
	case s.Known.After(from):
		from = MinTime(s.Known, now)
	case s.Known.IsZero() && !attempted.IsZero():
		from = MinTime(from, attempted)
	}
	return from.Add(-clockMargin)
}
