package grammar

import (
	"strings"
	"time"
)

// A when is a span or a stretch of time that a text names.
type when struct {
	minutes  int       // of a span; 0: it is a date
	from, to time.Time // midnights of its first and its last day
	clock    int       // minutes of the day, or -1
	end      bool      // "the end of": never excluded
	excluded bool      // "before" it
	through  bool      // "for" all of it
	bad      bool      // there is no such date, or it is too far away
	other    *when     // what it may mean as well
	vague    bool      // "a few days": good enough for a question only
}

const maxDays = 3653 // how far away a time may be: ten years

// until is the instant that bounds what expires: exclusive.
func (w when) until() time.Time {
	switch {
	case w.clock >= 0:
		return at(w.from, w.clock)
	case w.excluded && !w.end:
		return w.from
	default:
		return w.to.AddDate(0, 0, 1)
	}
}

// wake is the instant at which a snooze ends.
func (w when) wake() time.Time {
	switch {
	case w.clock >= 0:
		return at(w.from, w.clock)
	case w.through && w.to.After(w.from):
		return at(w.to.AddDate(0, 0, 1), morning*60)
	}
	return at(w.from, morning*60)
}

// at is the minute of a day.
func at(midnight time.Time, minute int) time.Time {
	y, m, d := midnight.Date()
	return time.Date(y, m, d, minute/60, minute%60, 0, 0, midnight.Location())
}

// A joiner finds the times in tokens.
type joiner struct {
	text   string
	tokens []token
	now    time.Time // in the zone of the person
	lang   string
	whens  []when
}

// Each of these is a joiner with the methods for one part of the work.
type (
	dates struct{ *joiner }
)

func (j *joiner) is(i int, k kind) bool { return i >= 0 && i < len(j.tokens) && j.tokens[i].kind == k }

// join replaces the tokens of each time by one of kind moment.
func (j *joiner) join() {
	out := make([]token, 0, len(j.tokens))
	for i := 0; i < len(j.tokens); {
		w, n := j.time(i)
		if n == 0 {
			t := j.tokens[i]
			if t.kind == number && t.n == 1 && t.text != "1" { // "which one", 一个
				t.kind = talk
			}
			if t.kind == month && t.n == 5 { // "which may expire"
				t.kind = doubt
			}
			out = append(out, t)
			i++
			continue
		}
		first, last := j.tokens[i], j.tokens[i+n-1]
		out = append(out, token{moment, len(j.whens), "", first.from, last.to})
		j.whens = append(j.whens, w)
		i += n
	}
	j.tokens = out
}

// time reads the time that begins at token i, and how many tokens it takes.
func (j *joiner) time(i int) (when, int) {
	if minutes, n, other := j.span(i); n > 0 {
		w := when{minutes: minutes, clock: -1, vague: j.tokens[i].text == "vague", bad: minutes <= 0 || minutes > maxDays*24*60}
		if other > 0 {
			w.other = &when{minutes: other, clock: -1, bad: other > maxDays*24*60}
		}
		return w, n
	}
	w, n := dates{j}.date(i)
	if n == 0 {
		return j.timeAlone(i)
	}
	k := i + n
	for j.is(k, polite) || j.is(k, within) || j.is(k, edge) {
		k++ // "tomorrow at 9:00"
	}
	if c, m := j.clock(k); m > 0 {
		if j.evening(i) && c < 12*60 {
			c += 12 * 60
		}
		w.clock, n = c, k+m-i
	}
	if o := w.other; o != nil {
		o.clock = w.clock
	}
	w.excluded, w.through = j.excluded(i), j.through(i)
	if w.bad = w.bad || j.far(w.to); w.other != nil {
		w.other.excluded = w.excluded
	}
	return w, n
}

// evening reports whether the day of token i is an evening: 明晚8点 is 20:00.
func (j *joiner) evening(i int) bool {
	t := j.tokens[i]
	said := j.text[t.from:t.to]
	return strings.Contains(said, "晚") || said == "tonight"
}

// through reports whether the words in front of token i mean all of its days:
// "for the weekend".
func (j *joiner) through(i int) bool {
	for i--; i >= 0 && (j.is(i, polite) || j.is(i, within)); i-- {
		switch j.text[j.tokens[i].from:j.tokens[i].to] {
		case "for", "over", "during", "over the", "for the":
			return true
		}
	}
	return false
}

// excluded reports whether the words in front of token i exclude its day.
func (j *joiner) excluded(i int) bool {
	for i--; i >= 0; i-- {
		switch t := j.tokens[i]; t.kind {
		case before:
			return true
		case polite, article, edge:
			if t.kind == edge {
				return false
			}
		default:
			return false
		}
	}
	return false
}

func (j *joiner) far(t time.Time) bool { return t.After(j.now.AddDate(0, 0, maxDays)) }

// span reads "3 days", "a week", "1d 12h". other is what a single letter may
// mean as well.
func (j *joiner) span(i int) (minutes, n, other int) {
	smallest := 1 << 62
	for {
		value, size, taken := j.oneSpan(i + n)
		if taken == 0 || size >= smallest {
			return minutes, n, other
		}
		if t := j.tokens[i+n]; t.kind == span && t.text == "m" && n == 0 {
			other = value * 43200
		}
		minutes, n, smallest = minutes+value, n+taken, size
		if other > 0 {
			return minutes, n, other
		}
	}
}

// oneSpan reads a number with its unit, whose size it returns too.
func (j *joiner) oneSpan(i int) (value, size, taken int) {
	switch {
	case j.is(i, span):
		size = 1
		for _, u := range [...]int{60, 1440, 10080, 43200, 525600} {
			if j.tokens[i].n%u == 0 {
				size = u
			}
		}
		return j.tokens[i].n, size, 1
	case (j.is(i, number) || j.is(i, article)) && j.is(i+1, unit):
		n := j.tokens[i].n
		size = j.tokens[i+1].n
		if size == 525600 && n >= 1900 && n < 3000 {
			return 0, 0, 0 // 2026年
		}
		if t := j.tokens[i].text; t != "" {
			if parts, ok := tenths(t); ok {
				return parts * size / 10, size, 2
			}
		}
		return n * size, size, 2
	}
	return 0, 0, 0
}

// clock reads a time of day: 15:00, 5 pm, 下午3点, 9点半, noon.
func (j *joiner) clock(i int) (minute, n int) {
	start, noon := i, ""
	if j.is(i, half) && j.tokens[i].text != "past" {
		noon, i = j.tokens[i].text, i+1
	}
	switch {
	case j.is(i, clock):
		minute, i = j.tokens[i].n, i+1
	case j.is(i, number) && j.is(i+1, hour):
		minute, i = j.tokens[i].n*60, i+2
		if j.is(i, number) && j.is(i+1, unit) && j.tokens[i+1].n == 1 {
			minute, i = minute+j.tokens[i].n, i+2
		}
	case j.is(i, number) && j.is(i+1, half) && j.tokens[i+1].text == "past":
		minute, i = j.tokens[i].n*60+30, i+2
	case j.is(i, number) && j.is(i+1, half) && noon == "":
		minute, i = j.tokens[i].n*60, i+1
	default:
		return 0, 0
	}
	if noon == "" && j.is(i, half) && j.tokens[i].text != "past" {
		noon, i = j.tokens[i].text, i+1
	}
	switch {
	case noon == "pm" && minute < 12*60:
		minute += 12 * 60
	case noon == "am" && minute >= 12*60:
		minute -= 12 * 60
	}
	if minute < 0 || minute >= 24*60 {
		return 0, 0
	}
	return minute, i - start
}

// timeAlone reads a time of day before its day, or without one: the next one.
func (j *joiner) timeAlone(i int) (when, int) {
	minute, n := j.clock(i)
	if n == 0 {
		return when{}, 0
	}
	k := i + n
	for j.is(k, polite) || j.is(k, till) {
		k++
	}
	if w, m := (dates{j}).date(k); m > 0 { // "5 pm on Friday"
		w.clock, w.bad = minute, w.bad || j.far(w.to)
		return w, k + m - i
	}
	today := j.today()
	if !at(today, minute).After(j.now) {
		today = today.AddDate(0, 0, 1)
	}
	return when{from: today, to: today, clock: minute}, n
}

func (j *joiner) today() time.Time {
	y, m, d := j.now.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, j.now.Location())
}
