package notify

import (
	"bytes"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"computeunits/notify/plan"
)

// What a clock is trusted with, by what was heard of others.
func TestWhenAClockIsTrusted(t *testing.T) {
	type at = time.Duration
	const hour = at(time.Hour)
	begin := time.Now()
	for name, story := range map[string][]struct {
		elapsed at     // by the monotonic clock
		ahead   at     // of this machine's clock, by what is true
		heard   string // clocks that are heard then, with how far they are ahead
		doubt   string // a part of why; "": it is trusted
	}{
		"nothing happens": {{0, 0, "", ""}, {hour, 0, "", ""}, {2 * hour, 59 * at(time.Minute), "", ""}},
		"wrong from the start": {
			{0, 400 * 24 * hour, "slack", "9600h0m0s ahead by that of slack"},
			{hour, 0, "", ""}},
		"set ahead, and back": {
			{0, 0, "slack qianfan", ""}, {hour, 24 * hour, "", "no other clock was heard"}, {hour, 24 * hour, "slack", "24h0m0s ahead by that of slack"},
			{2 * hour, 0, "", ""}},
		"the machine slept": { // and the monotonic clock with it
			{0, 0, "slack qianfan", ""}, {hour, 50 * hour, "", "no other clock"}, {hour, 50 * hour, "slack+50h", ""}, {2 * hour, 50 * hour, "", ""}},
		"the database is set with it": {
			{0, 0, "slack database", ""}, {hour, -3 * hour, "database-3h slack", "3h0m0s behind by that of slack"}, {hour, -3 * hour, "qianfan", "slack"},
			{2 * hour, 0, "", ""}},
		"one of three is wrong": {{0, 0, "slack qianfan database+5h", ""}},
		"one of two is wrong":   {{0, 0, "slack database+5h", "5h0m0s behind by that of database"}},
		"nobody to ask":         {{0, 0, "", ""}, {hour, 24 * hour, "", "no other clock"}, {2 * hour, 24 * hour, "", "no other clock"}, {3 * hour, 24 * hour, "", ""}},
		"slowly":                {{0, 0, "slack", ""}, {hour, hour / 2, "", ""}, {2 * hour, hour, "", "1h0m0s ahead by that of slack"}},
	} {
		t.Run(name, func(t *testing.T) {
			var c clocks
			for _, s := range story {
				now := begin.Add(s.elapsed)
				for one := range strings.FieldsSeq(s.heard) {
					name, off := one, at(0)
					if i := strings.IndexAny(one, "+-"); i > 0 {
						name, off = one[:i], must[at](t)(time.ParseDuration(one[i:]))
					}
					c.hear(name, now.Add(off), now)
				}
				got := c.doubt(now.Add(s.ahead), now)
				if (got == "") != (s.doubt == "") || !strings.Contains(got, s.doubt) {
					t.Errorf("after %v, %v ahead, it is doubted because %q, not %q", s.elapsed, s.ahead, got, s.doubt)
				}
			}
		})
	}
}

// A clock that is set ahead for a while, by a day or by more than a year, makes
// the notifier say nothing early, forget nothing, and miss no digest.
func TestAClockThatIsWrongForAWhile(t *testing.T) {
	for name, ahead := range map[string]time.Duration{"a day": day, "400 days": 400 * day, "3 hours behind": -3 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				var skew atomic.Int64
				var log bytes.Buffer
				w.log = &log
				w.now = func() time.Time { return time.Now().Add(time.Duration(skew.Load())) }
				w.settings.AllClear = plan.AllClearDaily
				w.platform.dated = true
				w.platform.put("svco-a", "one", 1, start.Add(7*day+20*time.Hour))
				w.platform.put("svco-a", "two", 1, start.Add(3*day+30*time.Hour))
				said := []string{"expiry two@7d one@14d", "digest two one"}
				w.up()
				w.pass(2 * time.Hour)
				w.room.expect(said...)
				rows := w.count(`SELECT (SELECT COUNT(*) FROM message) + (SELECT COUNT(*) FROM reminder) + (SELECT COUNT(*) FROM instance)`)

				skew.Store(int64(ahead))
				w.pass(30 * time.Minute)
				if got := w.count(`SELECT (SELECT COUNT(*) FROM message) + (SELECT COUNT(*) FROM reminder) + (SELECT COUNT(*) FROM instance)`); got != rows {
					t.Errorf("the ledger has %d rows, not %d", got, rows)
				}
				if !strings.Contains(log.String(), "the clock of this machine cannot be trusted") {
					t.Errorf("nobody is told: %s", log.String())
				}
				skew.Store(0)
				w.pass(30 * time.Minute)
				w.room.expect(said...)
				w.until(start.Add(day + 2*time.Hour))
				w.room.expect(append(said, "expiry one@7d", "digest two one")...)
				w.until(start.Add(day + 7*time.Hour))
				w.room.expect(append(said, "expiry one@7d", "digest two one", "expiry two@3d")...)
			}, "svco-a")
		})
	}
}

// A process that begins with a wrong clock says nothing until it is set right.
func TestAClockThatIsWrongAtTheStart(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		var skew atomic.Int64
		skew.Store(int64(-3 * day))
		w.now = func() time.Time { return time.Now().Add(time.Duration(skew.Load())) }
		w.settings.DigestCron = noDigest
		w.platform.dated = true
		w.platform.put("svco-a", "one", 1, start.Add(9*day))
		w.up()
		w.pass(time.Hour)
		w.room.expect()
		skew.Store(0)
		w.pass(20 * time.Minute)
		w.room.expect("expiry one@14d")
	}, "svco-a")
}

// count is what a query counts in the ledger.
func (w *world) count(query string) (n int) {
	w.t.Helper()
	if err := w.ledger.DB.QueryRowContext(w.t.Context(), query).Scan(&n); err != nil {
		w.t.Fatal(err)
	}
	return n
}
