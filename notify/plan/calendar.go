package plan

import (
	"fmt"
	"strings"
	"time"

	"github.com/go-co-op/gocron/v2"
)

// Date is a day of the calendar, without a zone.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// dateOf returns the date that it is in zone.
func dateOf(t time.Time, zone *time.Location) Date {
	y, m, d := t.In(zone).Date()
	return Date{y, m, d}
}

// String writes the date as 2026-11-24.
func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day) }

// Weekday returns the day of the week.
func (d Date) Weekday() time.Weekday { return d.noon().Weekday() }

// noon stands for the date where an instant in UTC is asked for.
func (d Date) noon() time.Time { return time.Date(d.Year, d.Month, d.Day, 12, 0, 0, 0, time.UTC) }

// Plus returns the date n days later.
func (d Date) Plus(n int) Date { return dateOf(d.noon().AddDate(0, 0, n), time.UTC) }

// Begins returns the day's first moment in zone, give or take the hour by
// which a clock jumps over midnight.
func (d Date) Begins(zone *time.Location) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, zone).UTC()
}

// ParseDate reads what String writes; anything else is the zero Date.
func ParseDate(text string) Date {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return Date{}
	}
	return dateOf(t, time.UTC)
}

// timetable says at which moment of a day the digest is due.
type timetable struct{ cron gocron.Cron }

func parseTimetable(crontab string) (timetable, error) {
	t := timetable{cron: gocron.NewDefaultCron(false)}
	if len(strings.Fields(crontab)) != 5 {
		return t, fmt.Errorf("%q does not have the five fields of a cron line, such as 0 9 * * *", crontab)
	}
	if err := t.cron.IsValid(crontab, time.UTC, time.Unix(0, 0)); err != nil {
		return t, fmt.Errorf("%q is not a cron line such as 0 9 * * * (minute, hour, day, month, weekday), or its day never comes", crontab)
	}
	first := t.cron.Next(time.Unix(0, 0).UTC())
	if second := t.cron.Next(first); dateOf(second, time.UTC) == dateOf(first, time.UTC) {
		return t, fmt.Errorf("%q has several moments a day (%s, %s), and there is one digest a day: write one minute and one hour, such as 0 9 * * *",
			crontab, first.Format("15:04"), second.Format("15:04"))
	}
	return t, nil
}

// fires returns the first moment of the local day at which the digest is due.
//
// The cron line is read on a wall clock without jumps, and only the result
// becomes an instant of the zone: a day on which the clock jumps over that
// hour, or shows it twice, has its digest like any other, once.
func (t timetable) fires(d Date, zone *time.Location) (at time.Time, ok bool) {
	wall := t.cron.Next(time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Add(-time.Second))
	if dateOf(wall, time.UTC) != d {
		return time.Time{}, false
	}
	return time.Date(d.Year, d.Month, d.Day, wall.Hour(), wall.Minute(), 0, 0, zone).UTC(), true
}
