package plan

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func ladder(t testing.TB, text string) Ladder {
	t.Helper()
	l, err := ParseLadder(text)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestParseLadder(t *testing.T) {
	for _, c := range []struct{ text, want, fault string }{
		{text: "30d,14d,7d,3d,1d,0d,-1d,-6d", want: "30d,14d,7d,3d,1d,0d,-1d,-6d"},
		{text: " 0 , 90m,12h ,-30m,2d,", want: "2d,12h,90m,0d,-30m"},
		{text: "24h", want: "1d"},
		{text: "60m,-48h", want: "1h,-2d"},
		{text: "366d,-366d", want: "366d,-366d"},
		{text: "-0d", want: "0d"},
		{text: "", fault: "there is no step"},
		{text: ",,", fault: "there is no step"},
		{text: "1d,24h", fault: `"24h" says the same`},
		{text: "0d,0h", fault: `"0h" says the same`},
		{text: "7", fault: `"7" is not a number of days`},
		{text: "1.5d", fault: `"1.5d" is not a number`},
		{text: "1d12h", fault: `"1d12h" is not a number`},
		{text: "d", fault: `"d" is not a number`},
		{text: "30s", fault: `"30s" is not a number`},
		{text: "367d", fault: `"367d" is more than 366 days`},
		{text: "-8785h", fault: `"-8785h" is more than 366 days`},
		{text: "99999999999d", fault: `"99999999999d" is not a number`},
		{text: "soon,1d,never", fault: "\"soon\" is not a number of days, hours or minutes such as 7d, 12h, 90m, 0d or -1d\n\"never\""},
	} {
		l, err := ParseLadder(c.text)
		switch {
		case c.fault == "" && (err != nil || l.String() != c.want):
			t.Errorf("ParseLadder(%q) = %v, %v, and not %s", c.text, l, err, c.want)
		case c.fault != "" && (err == nil || !strings.Contains(err.Error(), c.fault)):
			t.Errorf("ParseLadder(%q) = %v, %v, and does not say %s", c.text, l, err, c.fault)
		}
	}
}

func FuzzParseLadder(f *testing.F) {
	f.Add("30d,14d,-6d")
	f.Add("90m,0,-1h")
	f.Fuzz(func(t *testing.T, text string) {
		l, err := ParseLadder(text)
		if err != nil {
			return
		}
		if len(l) == 0 || !slices.IsSortedFunc(l, func(a, b time.Duration) int { return int((b - a) / time.Minute) }) {
			t.Errorf("%q gives %v", text, l)
		}
		again, err := ParseLadder(l.String())
		if err != nil || !slices.Equal(l, again) {
			t.Errorf("%q gives %v, which reads as %v, %v", text, l, again, err)
		}
	})
}

func TestMostUrgentCrossedStep(t *testing.T) {
	l := ladder(t, "30d,7d,90m,0d,-1d")
	for _, c := range []struct {
		left time.Duration // until expiry
		want string        // "": nothing
	}{
		{31 * day, ""}, {30*day + time.Millisecond, ""}, {30 * day, "30d"}, {8 * day, "30d"}, {7 * day, "7d"},
		{90*time.Minute + 1, "7d"}, {90 * time.Minute, "90m"}, {time.Nanosecond, "90m"}, {0, "0d"}, {-day + 1, "0d"},
		{-day, "-1d"}, {-7*day + 1, "-1d"}, {-7 * day, ""}, {-100 * day, ""},
	} {
		got := ""
		if step, ok := l.due(noon.Add(c.left), noon); ok {
			got = Ladder{step}.String()
		}
		if got != c.want {
			t.Errorf("%v before the expiry step %q is due and not %q", c.left, got, c.want)
		}
	}
}

func TestEndOfALadder(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"1d": 7 * day, "0d": 7 * day, "-6d": 7 * day, "-7d": 8 * day, "-30d": 31 * day, "-6d,-145h": 7*day + time.Hour,
	} {
		if got := ladder(t, text).End(noon).Sub(noon); got != want {
			t.Errorf("%s ends %v after the expiry and not %v", text, got, want)
		}
	}
}

// ladders draws any ladder.
func ladders() *rapid.Generator[Ladder] {
	return rapid.Custom(func(t *rapid.T) Ladder {
		minutes := rapid.SliceOfNDistinct(rapid.IntRange(-20*24*60, 40*24*60), 1, 10, rapid.ID).Draw(t, "minutes")
		slices.Sort(minutes)
		slices.Reverse(minutes)
		l := make(Ladder, len(minutes))
		for i, m := range minutes {
			l[i] = time.Duration(m) * time.Minute
		}
		return l
	})
}

func TestALadderHasNoGapsAndNoOverlaps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := ladders().Draw(t, "ladder")
		now := noon.Add(time.Duration(rapid.Int64Range(-60*24*3600, 60*24*3600).Draw(t, "seconds")) * time.Second)
		step, due := l.due(noon, now)
		if due != (!now.Before(noon.Add(-l[0])) && now.Before(l.End(noon))) {
			t.Fatalf("due is %v", due)
		}
		next, more := l.next(noon, now)
		if more && !next.After(now) {
			t.Fatalf("the next step, %v, is not after now", next)
		}
		if !due {
			return
		}
		if now.Before(noon.Add(-step)) {
			t.Fatalf("step %v is due before its time", step)
		}
		until := l.usefulUntil(noon, step)
		if !now.Before(until) {
			t.Fatalf("step %v is due although it is of no use since %v", step, until)
		}
		if more && !until.Equal(next) {
			t.Fatalf("step %v is of use until %v although the next comes at %v", step, until, next)
		}
		if later, ok := l.due(noon, until); ok && later >= step {
			t.Fatalf("when step %v is of no use, %v is due", step, later)
		}
	})
}
