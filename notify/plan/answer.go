package plan

import (
	"time"
)

// AnswerFunc makes of the pause that an expiry has the one that it gets. Of the
// Answer it sets what only it knows.
type AnswerFunc func(in Instance, was HeldPause, ladder Ladder) (HeldPause, Answer)

// Undone is what the audit calls it when a pause is taken back.
func (p HeldPause) Undone() string {
	if p.Acknowledged() {
		return "unacknowledge"
	}
	return "unsnooze"
}

// Answer decides about one expiry. in is the instance; a zero one when it is not
// known.
func (p Policy) Answer(in Instance, was HeldPause, c Change, e Expiry, decide AnswerFunc) (is HeldPause, a Answer) {
	is, a.Reason = was, ReasonUnknown
	if in.ID != "" && p.Watches(e.Service) && in.prepaid() && in.matters(c.At) {
		a.Reason = ReasonRenewed
		if in.Expires.Equal(e.Expires) {
			is, a = decide(in, was, p.LadderOf(e.Service))
		}
		a.Present = in.Expires
	}
	a.Expiry, a.By, a.At, a.Changed = e, is.By, is.At, is != was
	if a.Pause = is.Shown(c.At); is.Ended(c.At) && !is.Lifted {
		a.By, a.At = "", time.Time{} // nobody made it stand so, time did
	}
	return is, a
}
