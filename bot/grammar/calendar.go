package grammar

import (
	"strings"
	"time"
)

// date reads a day, or a stretch of days, and how many tokens it takes.
func (j dates) date(i int) (when, int) {
	if i >= len(j.tokens) {
		return when{}, 0
	}
	t, today := j.tokens[i], j.today()
	switch t.kind {
	case date:
		return j.written(t.n), 1
	case dayahead:
		return one(today.AddDate(0, 0, t.n)), 1
	case weekday:
		return one(j.weekday(t.n, t.text)), 1
	case period:
		if strings.HasPrefix(t.text, "year") && j.is(i+1, number) && j.is(i+2, zhmonth) { // 明年2月28日
			w, n := j.chineseMonth(i+1, j.period(t.text).from.Year())
			return w, n + 1
		}
		return j.period(t.text), 1
	case end:
		w := j.period(t.text)
		w.from, w.end = w.to, true
		return w, 1
	case month:
		return j.monthFirst(i)
	case number, ordinal:
		return j.numberFirst(i)
	}
	return when{}, 0
}

func one(day time.Time) when { return when{from: day, to: day, clock: -1} }

// monthFirst reads "Dec 1", "December 1st, 2026", and "December" where only a
// month can stand: "may" and "march" are words too.
func (j dates) monthFirst(i int) (when, int) {
	m := j.tokens[i].n
	if d := i + 1; (j.is(d, number) && !j.is(d+1, unit) || j.is(d, ordinal)) && j.tokens[d].n <= 31 {
		return j.withYear(m, j.tokens[d].n, i, 2)
	}
	if j.is(i-1, within) || j.is(i-1, before) || j.is(i-1, till) || j.is(i-1, edge) || len(j.tokens) == 1 {
		return j.wholeMonth(0, m), 1
	}
	return when{}, 0
}

// numberFirst reads "1 December", "1st of December", "2026年12月1日", "12月1号",
// "12月", "1号", and "the 1st".
func (j dates) numberFirst(i int) (when, int) {
	n := j.tokens[i].n
	switch k := i + 1; {
	case j.is(k, month):
		return j.withYear(j.tokens[k].n, n, i, 2)
	case j.is(i, ordinal) && j.is(k, polite) && j.is(k+1, month): // 1st of December
		return j.withYear(j.tokens[k+1].n, n, i, 3)
	case j.is(k, unit) && j.tokens[k].n == 525600 && j.is(k+1, number) && j.is(k+2, zhmonth):
		w, taken := j.chineseMonth(i+2, n)
		return w, taken + 2
	case j.is(k, end) && j.tokens[k].text == "month" && j.lang == "zh": // 12月底
		w := j.wholeMonth(0, n)
		w.from, w.end = w.to, true
		return w, 2
	case j.is(k, zhmonth):
		return j.chineseMonth(i, 0)
	case j.is(i, ordinal), j.is(k, zhday):
		taken := 1
		if j.is(k, zhday) {
			taken = 2
		}
		return j.dayOfMonth(n), taken
	}
	return when{}, 0
}

// chineseMonth reads "12月1日", "12月1", "12月底" without its end, and "12月".
func (j dates) chineseMonth(i, year int) (when, int) {
	m := j.tokens[i].n
	if !j.is(i+2, number) {
		return j.wholeMonth(year, m), 2
	}
	taken := 3
	if j.is(i+3, zhday) || j.is(i+3, unit) && j.tokens[i+3].n == 1440 {
		taken = 4
	}
	return j.day(year, m, j.tokens[i+2].n), taken
}

// withYear takes the year behind a day of a month, when there is one.
func (j dates) withYear(m, d, i, taken int) (when, int) {
	if j.is(i+taken, number) && j.tokens[i+taken].n >= 2000 && j.tokens[i+taken].n < 3000 {
		return j.day(j.tokens[i+taken].n, m, d), taken + 1
	}
	return j.day(0, m, d), taken
}

// day is a day of the calendar; without a year, the next one from today.
func (j dates) day(year, month, day int) when {
	today := j.today()
	y := year
	if y == 0 {
		y = today.Year()
	}
	make := func(y int) (time.Time, bool) {
		t := time.Date(y, time.Month(month), day, 12, 0, 0, 0, time.UTC)
		return at(time.Date(y, time.Month(month), day, 12, 0, 0, 0, today.Location()), 0), int(t.Month()) == month && t.Day() == day
	}
	t, ok := make(y)
	for range 8 { // 29 February
		if year != 0 || ok && !t.Before(today) {
			break
		}
		y++
		t, ok = make(y)
	}
	w := one(t)
	w.bad = !ok
	return w
}

// dayOfMonth is the next day with this number.
func (j dates) dayOfMonth(d int) when {
	today := j.today()
	for k := range 12 {
		first := time.Date(today.Year(), today.Month()+time.Month(k), 1, 0, 0, 0, 0, today.Location())
		t := first.AddDate(0, 0, d-1)
		if d >= 1 && t.Month() == first.Month() && !t.Before(today) {
			return one(t)
		}
	}
	w := one(today)
	w.bad = true
	return w
}

// written is a date in numbers. 12/1 is 1 December in Chinese, and also
// 12 January to some readers of English.
func (j dates) written(n int) when {
	year, m, d := n/10000, n/100%100, n%100
	w := j.day(year, m, d)
	switch {
	case year != 0 && !j.slashed(n), j.lang == "zh", m == d, d > 12:
	case m > 12:
		return j.day(year, d, m)
	default:
		other := j.day(year, d, m)
		w.other = &other
	}
	return w
}

// slashed reports whether the date n was written with its year at the end and
// with slashes, which leaves the order of the other two open.
func (j dates) slashed(n int) bool {
	for _, t := range j.tokens {
		if t.kind == date && t.n == n {
			return t.text == "/"
		}
	}
	return false
}

// weekday is a day of this or the next week, which begin on Monday, or without
// either the first such day after today.
func (j dates) weekday(n int, week string) time.Time {
	today := j.today()
	monday := today.AddDate(0, 0, -(int(today.Weekday())+6)%7)
	switch week {
	case "next":
		return monday.AddDate(0, 0, 7+(n+6)%7)
	case "after":
		return monday.AddDate(0, 0, 14+(n+6)%7)
	case "this":
		return monday.AddDate(0, 0, (n+6)%7)
	}
	return today.AddDate(0, 0, (n-int(today.Weekday())+6)%7+1)
}

// wholeMonth is the next month of that name, or the one that is.
func (j dates) wholeMonth(year, m int) when {
	today := j.today()
	bad := m < 1 || m > 12
	if year == 0 {
		if year = today.Year(); m < int(today.Month()) {
			year++
		}
	}
	first := time.Date(year, time.Month(m), 1, 0, 0, 0, 0, today.Location())
	return when{from: first, to: first.AddDate(0, 1, -1), clock: -1, bad: bad}
}

// period is a stretch of the calendar by its name in the tables.
func (j dates) period(name string) when {
	name, later, _ := strings.Cut(name, "+")
	n := len(later) // "1" is the next one, "11" the one after
	today := j.today()
	monday := today.AddDate(0, 0, -(int(today.Weekday())+6)%7+7*n)
	switch name {
	case "week":
		return when{from: monday, to: monday.AddDate(0, 0, 6), clock: -1}
	case "weekend":
		return when{from: monday.AddDate(0, 0, 5), to: monday.AddDate(0, 0, 6), clock: -1}
	case "month":
		first := time.Date(today.Year(), today.Month()+time.Month(n), 1, 0, 0, 0, 0, today.Location())
		return when{from: first, to: first.AddDate(0, 1, -1), clock: -1}
	default: // year
		first := time.Date(today.Year()+n, 1, 1, 0, 0, 0, 0, today.Location())
		return when{from: first, to: first.AddDate(1, 0, -1), clock: -1}
	}
}
