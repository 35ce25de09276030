package plan

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"computeunits/qianfan"
)

// prepaid is an instance of a watched service that expires after left.
func prepaid(id string, left time.Duration) Instance {
	return Instance{Service: "svco-a", ID: id, Timing: qianfan.Prepaid, Replicas: 2, Status: qianfan.Running,
		Expires: noon.Add(left), Known: noon, Seen: noon}
}

func step(expires time.Time, threshold time.Duration, sent bool) Carried {
	return Carried{Reminder{"svco-a", "one", expires, threshold, channelID, KindExpiry}, sent}
}

func renewal(expires time.Time, sent bool) Carried {
	return Carried{Reminder{"svco-a", "one", expires, 0, channelID, KindRenewed}, sent}
}

func revocation(a, b time.Time, sent bool) Carried {
	return Carried{Reminder{"svco-a", "one", a, b.Sub(a), channelID, KindReverted}, sent}
}

func TestJudge(t *testing.T) {
	a, b := noon.Add(2*day), noon.Add(32*day)
	postpaid, goneBy, missed, unwatched, unknown := prepaid("one", 2*day), prepaid("one", 2*day), prepaid("one", 2*day), prepaid("one", 2*day), prepaid("one", 0)
	postpaid.Timing, goneBy.Missed, missed.Missed, unwatched.Service, unknown.Expires = qianfan.Postpaid, Gone, Missing, "svco-z", time.Time{}
	goneToday := goneBy
	goneBy.Seen = noon.Add(-7 * day)
	for _, c := range []struct {
		name string
		in   Instance
		said []Carried
		step string // the threshold of the step that is due; "" none
		also string // which of renewed and revoked is said
	}{
		{"nothing crossed", prepaid("one", 31*day), nil, "", ""},
		{"first sight: the most urgent", prepaid("one", 2*day), nil, "3d", ""},
		{"with a message already", prepaid("one", 2*day), []Carried{step(a, 3*day, false)}, "", ""},
		{"a step before was said", prepaid("one", 2*day), []Carried{step(a, 7*day, true)}, "3d", ""},
		{"a more urgent one was said, by a clock that was ahead", prepaid("one", 2*day), []Carried{step(a, 0, true)}, "", ""},
		{"expired", prepaid("one", -2*day), nil, "-1d", ""},
		{"destroyed", prepaid("one", -7*day), nil, "", ""},
		{"absent once", missed, nil, "3d", ""},
		{"gone since today", goneToday, nil, "3d", "vanished"},
		{"gone since a week", goneBy, nil, "", ""},
		{"postpaid", postpaid, nil, "", ""},
		{"not watched", unwatched, nil, "", ""},
		{"expiry unknown", unknown, nil, "", ""},
		{"renewed", prepaid("one", 32*day), []Carried{step(a, 3*day, true)}, "", "renewed"},
		{"renewed by less than a step", prepaid("one", 2*day), []Carried{step(noon, 0, true)}, "3d", "renewed"},
		{"renewed, but nobody was told of the older expiry", prepaid("one", 32*day), []Carried{step(a, 3*day, false)}, "", ""},
		{"renewed, and that was said", prepaid("one", 32*day), []Carried{step(a, 3*day, true), renewal(b, false)}, "", ""},
		{"renewed again", prepaid("one", 62*day), []Carried{step(a, 3*day, true), renewal(b, true)}, "", "renewed"},
		{"back to an expiry that was said", prepaid("one", 2*day), []Carried{step(a, 3*day, true), renewal(b, true)}, "", "reverted"},
		{"back, and that was said", prepaid("one", 2*day), []Carried{step(a, 3*day, true), renewal(b, true), revocation(a, b, false)}, "", ""},
		{"back before anybody was told of more", prepaid("one", 2*day), []Carried{step(a, 3*day, true), renewal(b, false)}, "", ""},
		{"back from another renewal than that time", prepaid("one", 2*day), []Carried{step(a, 3*day, true), renewal(b, true), renewal(b.Add(day), true), revocation(a, b, true)}, "", "reverted"},
		{"renewed for less than was said", prepaid("one", 10*day), []Carried{step(a, 3*day, true), renewal(b, true)}, "14d", "reverted"},
		{"renewed for less, and that was said", prepaid("one", 20*day), []Carried{step(a, 3*day, true), renewal(b, true), step(noon.Add(20*day), 30*day, true), revocation(noon.Add(20*day), b, true)}, "", ""},
		{"back further than was said", prepaid("one", 2*day), []Carried{step(a, 3*day, true), renewal(b, true), revocation(noon.Add(20*day), b, true)}, "", "reverted"},
		{"renewed for less, after that was taken back", prepaid("one", 10*day), []Carried{step(a, 3*day, true), renewal(b, true), revocation(a, b, true)}, "14d", "renewed"},
		{"back to an expiry long ago", prepaid("one", -8*day), []Carried{renewal(b, true)}, "", ""},
		{"renewed until a moment that passed", prepaid("one", -2*day), []Carried{step(noon.Add(-3*day), 0, true)}, "-1d", ""},
		{"moved earlier", prepaid("one", 2*day), []Carried{step(b, 30*day, true)}, "3d", ""},
	} {
		p := defaults("svco-a").Policy()
		v := p.Decide(c.in, HeldPause{}, c.said, noon)
		got := ""
		if v.step != nil {
			got = Ladder{v.step.Threshold}.String()
		}
		var also []string
		for _, r := range []*Reminder{v.renewed, v.reverted, v.vanished} {
			if r != nil {
				also = append(also, string(r.Kind))
			}
		}
		if got != c.step || strings.Join(also, " ") != c.also {
			t.Errorf("%s: step %q, and %v", c.name, got, also)
		}
	}
}

// Whoever asks again when judge says so, and only then, says what must be said.
func TestJudgeAsksAgainInTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := Policy{Channel: channelID, Labels: map[string]string{"svco-a": ""}, Ladder: ladders().Draw(t, "ladder")}
		in := prepaid("one", time.Duration(rapid.Int64Range(-30*24*3600, 60*24*3600).Draw(t, "left"))*time.Second)
		var said []Carried
		now := noon
		for range 400 {
			v := p.Decide(in, HeldPause{}, said, now)
			if v.step != nil {
				if covered(said, in.Expires, v.step.Threshold) {
					t.Fatalf("step %v is said twice", v.step.Threshold)
				}
				if late := now.Sub(v.step.DueAt()); late > 0 && now != noon {
					t.Fatalf("step %v is %v late", v.step.Threshold, late)
				}
				said = append(said, Carried{*v.step, true})
			}
			if v.Next.IsZero() {
				break
			}
			if !v.Next.After(now) || v.Next.Sub(now) > 2*recheckAfter {
				t.Fatalf("at %v it asks for %v", now, v.Next)
			}
			now = v.Next
		}
		for _, threshold := range p.Ladder { // none was left out but those over at the beginning
			at := in.Expires.Add(-threshold)
			if next, ok := p.Ladder.next(in.Expires, at); ok && !next.After(noon) || !at.Before(p.Ladder.End(in.Expires)) || at.After(now) ||
				!noon.Before(p.Ladder.End(in.Expires)) {
				continue
			}
			if !covered(said, in.Expires, threshold) {
				t.Fatalf("step %v of %v was not said", threshold, p.Ladder)
			}
		}
	})
}

func TestRechecksAreSpread(t *testing.T) {
	const n, buckets = 20_000, 12
	var count [buckets]int
	for i := range n {
		in := prepaid(string(rune('a'+i%26))+string(rune('0'+i%10))+time.Duration(i).String(), 0)
		wait := recheck(in, noon).Sub(noon)
		if wait < recheckAfter || wait >= 2*recheckAfter {
			t.Fatalf("a recheck after %v", wait)
		}
		count[(wait-recheckAfter)/time.Hour]++
	}
	for hour, got := range count {
		if got < n/buckets*8/10 || got > n/buckets*12/10 {
			t.Errorf("hour %d has %d of %d rechecks", hour, got, n)
		}
	}
}

func TestHowFarALookUpReaches(t *testing.T) {
	for _, c := range []struct {
		name      string
		s         Scan
		attempted time.Time
		want      time.Duration // before now
	}{
		{"known a minute ago", Scan{Known: noon.Add(-time.Minute)}, time.Time{}, time.Minute + clockMargin},
		{"known a minute ago, and tried ten days ago", Scan{Known: noon.Add(-time.Minute)}, noon.Add(-10 * day), time.Minute + clockMargin},
		{"known a month ago", Scan{Known: noon.Add(-30 * day)}, time.Time{}, LookBack + clockMargin},
		{"a new ledger", Scan{}, time.Time{}, LookBack + clockMargin},
		{"tried first ten days ago, by a version that did not note what is known", Scan{}, noon.Add(-10 * day), 10*day + clockMargin},
		{"known tomorrow, by a clock that was ahead", Scan{Known: noon.Add(day)}, time.Time{}, clockMargin},
	} {
		if got := noon.Sub(c.s.From(c.attempted, noon)); got != c.want {
			t.Errorf("%s: %v and not %v", c.name, got, c.want)
		}
	}
}

func TestIDsOfRemindersDiffer(t *testing.T) {
	seen := make(map[string]Reminder)
	for _, service := range []string{"svco-a", "svco-ab"} {
		for _, in := range []string{"", "b", "bc"} {
			for _, expires := range []time.Time{noon, noon.Add(time.Second)} {
				for _, threshold := range []time.Duration{0, day, -day} {
					for _, kind := range []Kind{KindExpiry, KindRenewed} {
						r := Reminder{service, in, expires, threshold, channelID, kind}
						if other, ok := seen[r.ID()]; ok || len(r.ID()) != 16 {
							t.Errorf("%v and %v have the id %q", r, other, r.ID())
						}
						seen[r.ID()] = r
					}
				}
			}
		}
	}
	// They stand in Slack for months: they must never change.
	if got := (Reminder{"svco-a", "one", noon, 7 * day, channelID, KindExpiry}).ID(); got != "m-7RzaINbKPN9ZDi" {
		t.Errorf("the id has changed to %q", got)
	}
}
