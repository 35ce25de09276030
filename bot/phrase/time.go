package phrase

import (
	"strconv"
	"time"
)

// Span says how long a duration is, rounded down to its largest unit: 6 days,
// 1 hour, less than a minute. The sign does not matter.
func (b *Book) Span(d time.Duration) string {
	switch d = d.Abs(); {
	case d >= 24*time.Hour:
		return b.Count("span.days", int(d/(24*time.Hour)))
	case d >= time.Hour:
		return b.Count("span.hours", int(d/time.Hour))
	case d >= time.Minute:
		return b.Count("span.minutes", int(d/time.Minute))
	default:
		return b.Say("span.moment")
	}
}

// Left says that a duration remains: 6 days left.
func (b *Book) Left(d time.Duration) string { return b.Say("span.left", "span", b.Span(d)) }

// Ago says that a duration has passed: 6 days ago.
func (b *Book) Ago(d time.Duration) string { return b.Say("span.ago", "span", b.Span(d)) }

// Day writes a day of the calendar with its weekday: Tue 24 Nov 2026.
func (b *Book) Day(year int, month time.Month, day int) string {
	noon := time.Date(year, month, day, 12, 0, 0, 0, time.UTC)
	return b.Say("date.day", "weekday", b.locale.WeekdayAbbreviated(noon.Weekday()), "date", b.locale.FmtDateMedium(noon))
}

// ShortDay is Day without the year, for a day that is near: Tue 24 Nov.
func (b *Book) ShortDay(year int, month time.Month, day int) string {
	noon := time.Date(year, month, day, 12, 0, 0, 0, time.UTC)
	return b.Say("date.shortday",
		"weekday", b.locale.WeekdayAbbreviated(noon.Weekday()),
		"day", strconv.Itoa(noon.Day()),
		"month", b.locale.MonthAbbreviated(noon.Month()))
}
