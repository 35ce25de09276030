package plan

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Retention is how long Baidu usually keeps what has expired, so that it can
// be restored by renewing it (Finance/s/gjwvysrlu).
const Retention = 7 * 24 * time.Hour

// MaxThreshold bounds a ladder's steps on both sides of the expiry.
const MaxThreshold = 366 * 24 * time.Hour

// Ladder is when people are reminded: so long before the expiry. 0 is the
// expiry itself, a negative step comes after it. Steps are distinct and stand
// in the order of time, the longest first. Use ParseLadder to make one.
type Ladder []time.Duration

// ParseLadder reads steps separated by commas, in any order, such as
// "30d,12h,90m,0d,-1d". The error names every fault in sentences, one a line.
func ParseLadder(text string) (Ladder, error) {
	var ladder Ladder
	var faults []string
	for part := range strings.SplitSeq(text, ",") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		step, fault := parseStep(part)
		switch {
		case fault != "":
			faults = append(faults, fault)
		case slices.Contains(ladder, step):
			faults = append(faults, fmt.Sprintf("%q says the same as an earlier step", part))
		default:
			ladder = append(ladder, step)
		}
	}
	if len(ladder) == 0 && faults == nil {
		faults = []string{"there is no step: write for example 30d,14d,7d,3d,1d,0d"}
	}
	if faults != nil {
		return nil, Sentences(faults)
	}
	slices.SortFunc(ladder, func(a, b time.Duration) int { return int(b/time.Second - a/time.Second) })
	return ladder, nil
}

// parseStep reads a whole number of days, hours or minutes.
func parseStep(text string) (step time.Duration, fault string) {
	number, unit := text, time.Duration(0)
	for suffix, d := range map[string]time.Duration{"d": 24 * time.Hour, "h": time.Hour, "m": time.Minute} {
		if rest, ok := strings.CutSuffix(text, suffix); ok {
			number, unit = rest, d
		}
	}
	n, err := strconv.ParseInt(number, 10, 32)
	if err != nil || unit == 0 && n != 0 {
		return 0, fmt.Sprintf("%q is not a number of days, hours or minutes such as 7d, 12h, 90m, 0d or -1d", text)
	}
	if limit := int64(MaxThreshold / max(unit, time.Minute)); n > limit || n < -limit {
		return 0, fmt.Sprintf("%q is more than 366 days away from the expiry", text)
	}
	return time.Duration(n) * unit, ""
}

// String writes the ladder as ParseLadder reads it.
func (l Ladder) String() string {
	steps := make([]string, len(l))
	for i, step := range l {
		switch {
		case step%(24*time.Hour) == 0:
			steps[i] = fmt.Sprintf("%dd", step/(24*time.Hour))
		case step%time.Hour == 0:
			steps[i] = fmt.Sprintf("%dh", step/time.Hour)
		default:
			steps[i] = fmt.Sprintf("%dm", step/time.Minute)
		}
	}
	return strings.Join(steps, ",")
}

// due returns the most urgent step that is crossed at now. There is none
// before the first step and from the end on.
func (l Ladder) due(expires, now time.Time) (threshold time.Duration, ok bool) {
	if !now.Before(l.End(expires)) {
		return 0, false
	}
	for _, step := range slices.Backward(l) {
		if !now.Before(expires.Add(-step)) {
			return step, true
		}
	}
	return 0, false
}

// next returns when the step after now is crossed.
func (l Ladder) next(expires, now time.Time) (at time.Time, ok bool) {
	for _, step := range l {
		if at := expires.Add(-step); at.After(now) {
			return at, true
		}
	}
	return time.Time{}, false
}

// usefulUntil returns when a reminder of the step has nothing to say any more:
// when the next step is crossed, or the instance is usually gone for good.
func (l Ladder) usefulUntil(expires time.Time, threshold time.Duration) time.Time {
	if at, ok := l.next(expires, expires.Add(-threshold)); ok {
		return at
	}
	return l.End(expires)
}

// End returns when nothing is worth saying any more. A ladder that reaches
// beyond the usual retention knows better, and its last step gets a day.
func (l Ladder) End(expires time.Time) time.Time {
	keep := Retention
	if len(l) > 0 {
		keep = max(keep, 24*time.Hour-l[len(l)-1])
	}
	return expires.Add(keep)
}
