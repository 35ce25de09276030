package plan

import (
	"testing"
	"time"

	"computeunits/qianfan"
)

// What is less than what was known, and what is not.
func TestKnowsLess(t *testing.T) {
	a, b := noon.Add(5*day), noon.Add(35*day)
	with := func(in qianfan.Instance, change func(*qianfan.Instance)) qianfan.Instance {
		change(&in)
		return in
	}
	timing := func(word qianfan.PaymentTiming) func(*qianfan.Instance) {
		return func(in *qianfan.Instance) { in.Timing = word }
	}
	status := func(word qianfan.Status) func(*qianfan.Instance) {
		return func(in *qianfan.Instance) { in.Status, in.Expires = word, time.Time{} }
	}
	type list = []qianfan.Instance
	for _, c := range []struct {
		name       string
		first, now list
		after      time.Duration
		less       bool
	}{
		{"the same", list{unit("x", a)}, list{unit("x", a)}, 0, false},
		{"renewed", list{unit("x", a)}, list{unit("x", b)}, 0, false},
		{"gone", list{unit("x", a), unit("y", a)}, list{unit("y", a)}, 0, false},
		{"no expiry", list{unit("x", a), unit("y", a)}, list{unit("x", time.Time{}), unit("y", a)}, 0, true},
		{"no expiry, which was not known before", list{unit("x", time.Time{})}, list{unit("x", time.Time{})}, 0, false},
		{"no expiry, a week after it", list{unit("x", a)}, list{unit("x", time.Time{})}, 13 * day, false},
		{"no expiry, because it is over", list{unit("x", a)}, list{with(unit("x", a), status(qianfan.Deleted))}, 0, false},
		{"no expiry, because it is paid as it is used", list{unit("x", a)}, list{with(unit("x", time.Time{}), timing(qianfan.Postpaid))}, 0, false},
		{"no expiry beside one of the same id that has it", list{unit("x", a)}, list{unit("x", a), unit("x", time.Time{})}, 0, false},
		{"no timing", list{unit("x", a)}, list{with(unit("x", a), timing(""))}, 0, true},
		{"a timing nobody knows", list{unit("x", a)}, list{with(unit("x", a), timing("Prepay"))}, 0, true},
		{"no timing, as always", list{with(unit("x", a), timing(""))}, list{with(unit("x", a), timing(""))}, 0, false},
		{"an id became none", list{unit("x", a), unit("y", a)}, list{unit("x", a), unit("", a)}, 0, true},
		{"no id, as always", list{unit("", a), unit("", b)}, list{unit("", a), unit("", b)}, 0, false},
		{"another without an id", list{unit("x", a)}, list{unit("x", a), unit("", b)}, 0, false},
		{"one of two without an id, and another gone", list{unit("x", a), unit("", a)}, list{unit("", a)}, 0, false},
	} {
		s := &state{rows: make(map[string]Instance)}
		s.read(seen(noon, c.first...))
		var stored []Instance
		for _, row := range s.rows {
			stored = append(stored, row)
		}
		if less := seen(noon.Add(c.after+time.Minute), c.now...).KnowsLess(stored); (less != "") != c.less {
			t.Errorf("%s: it lacks %q", c.name, less)
		}
	}
}
