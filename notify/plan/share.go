package plan

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"
)

// Share is to how many instances one person answered.
type Share struct {
	By           string // id of the person
	Acknowledged int
	Snoozed      int
	Until        time.Time // the first end of a snooze, UTC; zero: there is none
}

func acknowledged(shares []Share) (n int) {
	for _, s := range shares {
		n += s.Acknowledged
	}
	return n
}

func snoozed(shares []Share) (n int) {
	for _, s := range shares {
		n += s.Snoozed
	}
	return n
}

// Answered sums up what people answered to the instances of a message and of its
// thread: open is how many there are to answer to. Who answered to most comes
// first.
func (a Announcement) Answered() (open int, shares []Share) {
	all := make(counts)
	for _, i := range a.Items {
		if !i.Renewed() && !i.Revoked() {
			open++
			all.pause(i.Pause)
		}
	}
	for _, s := range a.Services {
		open += s.Open
		for _, one := range s.Shares {
			all.add(one)
		}
	}
	return open, all.shares()
}

// counts adds shares up, by person.
type counts map[string]Share

func (t counts) add(s Share) {
	sum := t[s.By]
	if sum.Until.IsZero() || !s.Until.IsZero() && s.Until.Before(sum.Until) {
		sum.Until = s.Until
	}
	t[s.By] = Share{s.By, sum.Acknowledged + s.Acknowledged, sum.Snoozed + s.Snoozed, sum.Until}
}

// pause adds what was answered to one instance.
func (t counts) pause(p Pause) {
	switch {
	case p.Acknowledged():
		t.add(Share{By: p.By, Acknowledged: 1})
	case p.Snoozed():
		t.add(Share{By: p.By, Snoozed: 1, Until: p.Until})
	}
}

func (t counts) shares() []Share {
	return slices.SortedFunc(maps.Values(t), func(a, b Share) int {
		return cmp.Or(cmp.Compare(b.Acknowledged+b.Snoozed, a.Acknowledged+a.Snoozed), strings.Compare(a.By, b.By))
	})
}
