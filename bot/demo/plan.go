package demo

import (
	"slices"
	"time"
)

// maxStops is how many moments of a span are lived through one by one: the bot
// posts once a second, and nobody waits for minutes.
const maxStops = 16

// A course is one after the other what is to be said about an instance, or on a
// day: each makes the one before it old.
type course struct {
	at  []time.Time // in order
	end time.Time   // from when on nothing of it is said any more; zero: never
}

// latest is what is to be said at a moment; false when nothing is.
func (c course) latest(t time.Time) (at time.Time, ok bool) {
	if !c.end.IsZero() && !t.Before(c.end) {
		return at, false
	}
	for _, one := range slices.Backward(c.at) {
		if !one.After(t) {
			return one, true
		}
	}
	return at, false
}

// stops are the moments at which time stands still on its way, so that each
// message comes when it is due. Of a long way not all are taken, but never one
// is passed that would have its message come late afterwards: at each stop, what
// is to be said there has had its stop. The last one is the end.
func stops(from, end time.Time, courses []course) (some []time.Time, all int) {
	chosen := map[time.Time]bool{end: true}
	for _, c := range courses {
		for _, t := range c.at {
			if t.After(from) && !t.After(end) {
				chosen[t] = true
			}
		}
	}
	if all = len(chosen); all > maxStops {
		chosen = needed(from, end, courses)
	}
	for t := range chosen {
		some = append(some, t)
	}
	slices.SortFunc(some, time.Time.Compare)
	return some, all
}

// needed are the fewest stops of a way that make nothing late.
func needed(from, end time.Time, courses []course) map[time.Time]bool {
	chosen := map[time.Time]bool{end: true}
	for open := []time.Time{end}; len(open) > 0; open = open[1:] {
		for _, c := range courses {
			if t, ok := c.latest(open[0]); ok && t.After(from) && !chosen[t] {
				chosen[t] = true
				open = append(open, t)
			}
		}
	}
	return chosen
}
