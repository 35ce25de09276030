package plan

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestDigestTimeOverClockChanges(t *testing.T) {
	for _, c := range []struct{ zone, cron, day, want string }{
		{"Asia/Shanghai", "0 9 * * *", "2026-11-24", "2026-11-24T01:00:00Z"},
		{"Europe/Berlin", "30 2 * * *", "2026-03-28", "2026-03-28T01:30:00Z"},
		{"Europe/Berlin", "30 2 * * *", "2026-03-29", "2026-03-29T01:30:00Z"},    // there is no 02:30
		{"Europe/Berlin", "30 2 * * *", "2026-10-25", "2026-10-25T01:30:00Z"},    // 02:30 comes twice
		{"America/New_York", "30 2 * * *", "2026-03-08", "2026-03-08T06:30:00Z"}, // there is no 02:30
		{"America/New_York", "30 1 * * *", "2026-11-01", "2026-11-01T05:30:00Z"},
		{"America/New_York", "0 9 * * *", "2026-11-01", "2026-11-01T14:00:00Z"},
		{"Asia/Shanghai", "0 9 * * 1-5", "2026-11-28", ""}, // a Saturday
		{"Asia/Shanghai", "0 0 * * *", "2026-11-28", "2026-11-27T16:00:00Z"},
	} {
		table, err := parseTimetable(c.cron)
		if err != nil {
			t.Fatal(err)
		}
		at, ok := table.fires(ParseDate(c.day), zone(t, c.zone))
		got := ""
		if ok {
			got = at.Format(time.RFC3339)
		}
		if got != c.want {
			t.Errorf("%s in %s on %s: %s and not %s", c.cron, c.zone, c.day, got, c.want)
		}
	}
}

// Whatever a zone does with its clocks, a daily digest has one moment on each
// of its days, and the moments follow each other like the days.
func TestADigestEveryDayInEveryZone(t *testing.T) {
	zones := []string{"Asia/Shanghai", "Europe/Berlin", "America/New_York", "Africa/Cairo", "America/Santiago",
		"Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca", "Pacific/Apia", "UTC"}
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom(zones).Draw(t, "zone")
		z, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		hour, minute := rapid.IntRange(0, 23).Draw(t, "hour"), rapid.IntRange(0, 59).Draw(t, "minute")
		table, err := parseTimetable(time.Date(2000, 1, 1, hour, minute, 0, 0, time.UTC).Format("4 15") + " * * *")
		if err != nil {
			t.Fatal(err)
		}
		d := Date{rapid.IntRange(2015, 2035).Draw(t, "year"), time.January, 1}.Plus(rapid.IntRange(0, 364).Draw(t, "day"))
		at, ok := table.fires(d, z)
		next, ok2 := table.fires(d.Plus(1), z)
		if !ok || !ok2 {
			t.Fatalf("there is no digest on %v or the day after", d)
		}
		if gap := next.Sub(at); gap < 22*time.Hour || gap > 26*time.Hour {
			t.Fatalf("%v after %v: %v", next, at, gap)
		}
		// By the time the digest is due, it is that day, and never the next one.
		if at = at.Add(time.Hour); dateOf(at, z) != d && hour < 22 {
			t.Fatalf("the digest of %v goes out at %v", d, at.In(z))
		}
	})
}

func TestDates(t *testing.T) {
	d := ParseDate("2026-02-28")
	if d.Plus(1).String() != "2026-03-01" || d.Plus(-59).String() != "2025-12-31" || d.Weekday() != time.Saturday {
		t.Errorf("after %v comes %v; it is a %v", d, d.Plus(1), d.Weekday())
	}
	if ParseDate("2026-02-30") != (Date{}) || ParseDate("") != (Date{}) {
		t.Error("a date that does not exist was read")
	}
	// Midnight in Cairo is skipped on 24 April 2026.
	if begins := ParseDate("2026-04-24").Begins(zone(t, "Africa/Cairo")); begins.Before(time.Date(2026, 4, 23, 21, 0, 0, 0, time.UTC)) ||
		begins.After(time.Date(2026, 4, 23, 22, 0, 0, 0, time.UTC)) {
		t.Errorf("the day begins at %v", begins)
	}
}

func TestDaysOfTheAllClear(t *testing.T) {
	for _, c := range []struct {
		policy, cron, day string
		want              bool
	}{
		{AllClearDaily, "0 9 * * *", "2026-11-24", true},
		{AllClearNever, "0 9 * * *", "2026-11-23", false},
		{AllClearWeekly, "0 9 * * *", "2026-11-23", true}, // a Monday
		{AllClearWeekly, "0 9 * * *", "2026-11-24", false},
		{AllClearWeekly, "0 9 * * *", "2026-11-29", false},
		{AllClearWeekly, "0 9 * * 2-5", "2026-11-24", true}, // the week's first digest
		{AllClearWeekly, "0 9 * * 2-5", "2026-11-25", false},
		{AllClearWeekly, "0 9 * * 0", "2026-11-29", true},
	} {
		p := Evaluation{Settings: Settings{AllClear: c.policy, DigestCron: c.cron, Zone: time.UTC}}
		if got := p.allClearOn(ParseDate(c.day)); got != c.want {
			t.Errorf("%s with %s on %s: %v", c.policy, c.cron, c.day, got)
		}
	}
}
