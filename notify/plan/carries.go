package plan

import (
	"slices"
)

// Duplicate is a message of which all stands in a channel already.
type Duplicate struct {
	TS     string   // of the later one
	Firsts []string // of those that count
}

// Below is a message with those in its own thread, among what was found in a thread:
// the timestamp of a reply finds all of the thread that it stands in.
func Below(ts string, found []Delivery) []Delivery {
	return slices.DeleteFunc(slices.Clone(found), func(d Delivery) bool { return d.TS != ts && d.Thread != ts })
}

// Carries reports whether the first messages say all that the later ones do: every
// reminder, whose id stands for its expiry, and the same key where there is none.
func Carries(first, later []Delivery) bool {
	keys, reminders := make(map[string]bool), make(map[string]bool)
	for _, d := range first {
		keys[d.Key] = true
		for _, id := range d.Reminders {
			reminders[id] = true
		}
	}
	for _, d := range later {
		if len(d.Reminders) == 0 && !keys[d.Key] || slices.ContainsFunc(d.Reminders, func(id string) bool { return !reminders[id] }) {
			return false
		}
	}
	return len(first) > 0
}
