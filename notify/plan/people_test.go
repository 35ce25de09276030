package plan

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Whatever people press, and whenever: no step comes twice, none comes before a
// snooze ends, and those of the last day and of the expiry come when they should.
func TestPausesLoseNothingThatMatters(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := Policy{Channel: channelID, Labels: map[string]string{"svco-a": ""}, Ladder: ladders().Draw(t, "ladder")}
		left := time.Duration(rapid.IntRange(25, 40*24).Draw(t, "hours")) * time.Hour
		in := prepaid("one", left)
		var held HeldPause
		var said []Carried
		for now := noon; now.Before(in.Expires.Add(2 * day)); now = now.Add(time.Hour) {
			switch rapid.IntRange(0, 30).Draw(t, "press") {
			case 0:
				held = HeldPause{Pause: Pause{By: ann, At: now}}
			case 1:
				held = held.Lift(Change{By: ann, At: now}, true)
			case 2:
				until := now.Add(time.Duration(rapid.IntRange(1, 300).Draw(t, "for")) * time.Hour)
				if end, ok := p.Ladder.Snooze(in.Expires, now, until); ok {
					held = HeldPause{Pause: Pause{By: ann, At: now, Until: end}}
				}
			}
			v := p.Decide(in, held, said, now)
			if v.step == nil {
				continue
			}
			if covered(said, in.Expires, v.step.Threshold) {
				t.Fatalf("step %v is said again", v.step.Threshold)
			}
			if held.Holds() && held.Snoozed() && now.Before(held.Until) && v.step.DueAt().After(held.At) {
				t.Fatalf("step %v comes although it is snoozed until %v", v.step.Threshold, held.Until)
			}
			said = append(said, Carried{*v.step, true})
		}
		for _, threshold := range p.Ladder {
			at := in.Expires.Add(-threshold)
			if threshold >= 0 && threshold <= lastDay && !p.coveredWithin(said, in.Expires, at) {
				t.Fatalf("step %v of %v was lost: %v", threshold, p.Ladder, said)
			}
		}
	})
}

// coveredWithin reports whether the step crossed at a moment was said within
// the hour of the test's clock, or a more urgent one was.
func (p Policy) coveredWithin(said []Carried, expires, at time.Time) bool {
	next, ok := p.Ladder.next(expires, at)
	if ok && next.Sub(at) < time.Hour {
		return true // the more urgent one takes its place
	}
	return slices.ContainsFunc(said, func(c Carried) bool { return c.DueAt().Equal(at) }) ||
		slices.ContainsFunc(said, func(c Carried) bool { d := c.DueAt().Sub(at); return d > 0 && d < time.Hour })
}

func TestEffectOfALadder(t *testing.T) {
	before := defaults("svco-a").Policy()
	after := before.With(nil)
	after.Own = map[string]Watch{"svco-a": {Ladder: must[Ladder](t)(ParseLadder("5d,3d,0d"))}}
	in := KnownInstance{Instance: prepaid("one", 4*day), Said: []Carried{step(noon.Add(4*day), 7*day, true)}}
	e := Diff(before, after, []KnownInstance{in}, noon)
	words := func(steps []PlannedReminder) (s string) {
		for _, one := range steps {
			s += Ladder{one.Threshold}.String() + "@" + one.At.Sub(noon).String() + " "
		}
		return s
	}
	if got := words(e.Added) + "-" + words(e.Dropped); got != "5d@0s -1d@72h0m0s -1d@120h0m0s -6d@240h0m0s " {
		t.Errorf("the effect is %q", got)
	}
	if same := Diff(before, before, []KnownInstance{in}, noon); len(same.Added)+len(same.Dropped) != 0 {
		t.Errorf("no change has the effect %+v", same)
	}
}
