package notify

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"computeunits/qianfan"
)

// prepaid is an instance of a watched service that expires after left.
func prepaid(id string, left time.Duration) instance {
	return instance{service: "svco-a", id: id, timing: qianfan.Prepaid, replicas: 2, status: qianfan.Running,
		expires: noon.Add(left), known: noon, seen: noon}
}

func step(expires time.Time, threshold time.Duration, sent bool) carried {
	return carried{reminder{"svco-a", "one", expires, threshold, channelID, KindExpiry}, sent}
}

func renewal(expires time.Time, sent bool) carried {
	return carried{reminder{"svco-a", "one", expires, 0, channelID, KindRenewed}, sent}
}

func revocation(a, b time.Time, sent bool) carried {
	return carried{reminder{"svco-a", "one", a, b.Sub(a), channelID, KindReverted}, sent}
}

func TestJudge(t *testing.T) {
	a, b := noon.Add(2*day), noon.Add(32*day)
	postpaid, goneBy, missed, unwatched, unknown := prepaid("one", 2*day), prepaid("one", 2*day), prepaid("one", 2*day), prepaid("one", 2*day), prepaid("one", 0)
	postpaid.timing, goneBy.missed, missed.missed, unwatched.service, unknown.expires = qianfan.Postpaid, gone, missing, "svco-z", time.Time{}
	goneToday := goneBy
	goneBy.seen = noon.Add(-7 * day)
	for _, c := range []struct {
		name string
		in   instance
		said []carried
		step string // the threshold of the step that is due; "" none
		also string // which of renewed and revoked is said
	}{
		{"nothing crossed", prepaid("one", 31*day), nil, "", ""},
		{"first sight: the most urgent", prepaid("one", 2*day), nil, "3d", ""},
		{"with a message already", prepaid("one", 2*day), []carried{step(a, 3*day, false)}, "", ""},
		{"a step before was said", prepaid("one", 2*day), []carried{step(a, 7*day, true)}, "3d", ""},
		{"a more urgent one was said, by a clock that was ahead", prepaid("one", 2*day), []carried{step(a, 0, true)}, "", ""},
		{"expired", prepaid("one", -2*day), nil, "-1d", ""},
		{"destroyed", prepaid("one", -7*day), nil, "", ""},
		{"absent once", missed, nil, "3d", ""},
		{"gone since today", goneToday, nil, "3d", "vanished"},
		{"gone since a week", goneBy, nil, "", ""},
		{"postpaid", postpaid, nil, "", ""},
		{"not watched", unwatched, nil, "", ""},
		{"expiry unknown", unknown, nil, "", ""},
		{"renewed", prepaid("one", 32*day), []carried{step(a, 3*day, true)}, "", "renewed"},
		{"renewed by less than a step", prepaid("one", 2*day), []carried{step(noon, 0, true)}, "3d", "renewed"},
		{"renewed, but nobody was told of the older expiry", prepaid("one", 32*day), []carried{step(a, 3*day, false)}, "", ""},
		{"renewed, and that was said", prepaid("one", 32*day), []carried{step(a, 3*day, true), renewal(b, false)}, "", ""},
		{"renewed again", prepaid("one", 62*day), []carried{step(a, 3*day, true), renewal(b, true)}, "", "renewed"},
		{"back to an expiry that was said", prepaid("one", 2*day), []carried{step(a, 3*day, true), renewal(b, true)}, "", "reverted"},
		{"back, and that was said", prepaid("one", 2*day), []carried{step(a, 3*day, true), renewal(b, true), revocation(a, b, false)}, "", ""},
		{"back before anybody was told of more", prepaid("one", 2*day), []carried{step(a, 3*day, true), renewal(b, false)}, "", ""},
		{"back from another renewal than that time", prepaid("one", 2*day), []carried{step(a, 3*day, true), renewal(b, true), renewal(b.Add(day), true), revocation(a, b, true)}, "", "reverted"},
		{"renewed for less than was said", prepaid("one", 10*day), []carried{step(a, 3*day, true), renewal(b, true)}, "14d", "reverted"},
		{"renewed for less, and that was said", prepaid("one", 20*day), []carried{step(a, 3*day, true), renewal(b, true), step(noon.Add(20*day), 30*day, true), revocation(noon.Add(20*day), b, true)}, "", ""},
		{"back further than was said", prepaid("one", 2*day), []carried{step(a, 3*day, true), renewal(b, true), revocation(noon.Add(20*day), b, true)}, "", "reverted"},
		{"renewed for less, after that was taken back", prepaid("one", 10*day), []carried{step(a, 3*day, true), renewal(b, true), revocation(a, b, true)}, "14d", "renewed"},
		{"back to an expiry long ago", prepaid("one", -8*day), []carried{renewal(b, true)}, "", ""},
		{"renewed until a moment that passed", prepaid("one", -2*day), []carried{step(noon.Add(-3*day), 0, true)}, "-1d", ""},
		{"moved earlier", prepaid("one", 2*day), []carried{step(b, 30*day, true)}, "3d", ""},
	} {
		p := defaults("svco-a").policy()
		v := p.judge(c.in, pause{}, c.said, noon)
		got := ""
		if v.step != nil {
			got = Ladder{v.step.threshold}.String()
		}
		var also []string
		for _, r := range []*reminder{v.renewed, v.reverted, v.vanished} {
			if r != nil {
				also = append(also, string(r.kind))
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
		p := policy{channel: channelID, labels: map[string]string{"svco-a": ""}, ladder: ladders().Draw(t, "ladder")}
		in := prepaid("one", time.Duration(rapid.Int64Range(-30*24*3600, 60*24*3600).Draw(t, "left"))*time.Second)
		var said []carried
		now := noon
		for range 400 {
			v := p.judge(in, pause{}, said, now)
			if v.step != nil {
				if covered(said, in.expires, v.step.threshold) {
					t.Fatalf("step %v is said twice", v.step.threshold)
				}
				if late := now.Sub(v.step.crossed()); late > 0 && now != noon {
					t.Fatalf("step %v is %v late", v.step.threshold, late)
				}
				said = append(said, carried{*v.step, true})
			}
			if v.next.IsZero() {
				break
			}
			if !v.next.After(now) || v.next.Sub(now) > 2*recheckAfter {
				t.Fatalf("at %v it asks for %v", now, v.next)
			}
			now = v.next
		}
		for _, threshold := range p.ladder { // none was left out but those over at the beginning
			at := in.expires.Add(-threshold)
			if next, ok := p.ladder.next(in.expires, at); ok && !next.After(noon) || !at.Before(p.ladder.end(in.expires)) || at.After(now) ||
				!noon.Before(p.ladder.end(in.expires)) {
				continue
			}
			if !covered(said, in.expires, threshold) {
				t.Fatalf("step %v of %v was not said", threshold, p.ladder)
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

func TestBackoff(t *testing.T) {
	want := []time.Duration{time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 16 * time.Minute, 32 * time.Minute, time.Hour, time.Hour}
	for i, w := range want {
		if got := backoff(refusedRest, i+1); got != w {
			t.Errorf("after %d failures: %v and not %v", i+1, got, w)
		}
	}
	if got := backoff(refusedRest, 1<<30); got != maxRest {
		t.Errorf("after very many failures: %v", got)
	}
}

func TestHowFarALookUpReaches(t *testing.T) {
	for _, c := range []struct {
		name      string
		s         scan
		attempted time.Time
		want      time.Duration // before now
	}{
		{"known a minute ago", scan{known: noon.Add(-time.Minute)}, time.Time{}, time.Minute + clockMargin},
		{"known a minute ago, and tried ten days ago", scan{known: noon.Add(-time.Minute)}, noon.Add(-10 * day), time.Minute + clockMargin},
		{"known a month ago", scan{known: noon.Add(-30 * day)}, time.Time{}, lookBack + clockMargin},
		{"a new ledger", scan{}, time.Time{}, lookBack + clockMargin},
		{"tried first ten days ago, by a version that did not note what is known", scan{}, noon.Add(-10 * day), 10*day + clockMargin},
		{"known tomorrow, by a clock that was ahead", scan{known: noon.Add(day)}, time.Time{}, clockMargin},
	} {
		if got := noon.Sub(c.s.from(c.attempted, noon)); got != c.want {
			t.Errorf("%s: %v and not %v", c.name, got, c.want)
		}
	}
}

func TestIDsOfRemindersDiffer(t *testing.T) {
	seen := make(map[string]reminder)
	for _, service := range []string{"svco-a", "svco-ab"} {
		for _, in := range []string{"", "b", "bc"} {
			for _, expires := range []time.Time{noon, noon.Add(time.Second)} {
				for _, threshold := range []time.Duration{0, day, -day} {
					for _, kind := range []Kind{KindExpiry, KindRenewed} {
						r := reminder{service, in, expires, threshold, channelID, kind}
						if other, ok := seen[r.id()]; ok || len(r.id()) != 16 {
							t.Errorf("%v and %v have the id %q", r, other, r.id())
						}
						seen[r.id()] = r
					}
				}
			}
		}
	}
	// They stand in Slack for months: they must never change.
	if got := (reminder{"svco-a", "one", noon, 7 * day, channelID, KindExpiry}).id(); got != "m-7RzaINbKPN9ZDi" {
		t.Errorf("the id has changed to %q", got)
	}
}

// random is a source of chance that a seed repeats.
func random(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 20261124)) }
