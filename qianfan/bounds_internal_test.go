package qianfan

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// The tests here hold each bound at its last value and the first one beyond.

func TestTheLongestBodyIsReadWhole(t *testing.T) {
	body := func(n int) *http.Response {
		return &http.Response{Body: io.NopCloser(io.LimitReader(spaces{}, int64(n))), ContentLength: int64(n)}
	}
	if got, err := readBody(body(maxBody)); len(got) != maxBody || err != nil {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if got, err := readBody(body(maxBody + 1)); len(got) != maxBody || !errors.Is(err, errTooLong) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	lying := &http.Response{Body: io.NopCloser(strings.NewReader("{}")), ContentLength: 1 << 60}
	if got, err := readBody(lying); string(got) != "{}" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}

// spaces is endless white space.
type spaces struct{}

func (spaces) Read(p []byte) (int, error) { return copy(p, bytes.Repeat([]byte(" "), len(p))), nil }

func TestOnlyStatusesOfSuccessCarryAReading(t *testing.T) {
	list := []byte(`{"requestId":"r","result":{"instances":[]}}`)
	for status, want := range map[int]bool{199: false, 200: true, 299: true, 300: false} {
		if _, _, err := interpret(status, http.Header{}, list, nil, time.Now()); (err == nil) != want {
			t.Errorf("status %d: %v", status, err)
		}
	}
}

func TestCountsFromNoneToABillion(t *testing.T) {
	for text, want := range map[string]count{
		"0":          {value: 0},
		"-0":         {value: 0},
		"-1":         {unread: "-1"},
		"1000000000": {value: 1_000_000_000},
		"1000000001": {unread: "1000000001"},
	} {
		var got count
		if err := got.UnmarshalJSON([]byte(text)); err != nil || got != want {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
}

func TestTheFirstYearIsNoTime(t *testing.T) {
	for text, none := range map[string]bool{
		"0001-01-01T00:00:00Z": true, "0001-12-31T23:59:59Z": true, "0002-01-01T00:00:00Z": false,
	} {
		if at, _, ok := parseInstant([]byte(text)); !ok || at.IsZero() != none {
			t.Errorf("%s: %v, %v", text, at, ok)
		}
	}
}

func TestAStringMayBeginWithAnEscape(t *testing.T) {
	if got, ok := scalar([]byte(`"\u0041b"`)); !ok || string(got) != "Ab" {
		t.Errorf("%q, %v", got, ok)
	}
}

func TestALineIsCutOnlyBeyondItsLimit(t *testing.T) {
	if got := oneLine("12345678", 8); got != "12345678" {
		t.Errorf("%q", got)
	}
	if got := oneLine("123456789", 8); got != "12345…" {
		t.Errorf("%q", got)
	}
}

func TestAnInstanceWithoutAnIDIsCountedFromOne(t *testing.T) {
	_, unread, err := interpret(200, http.Header{}, []byte(`{"requestId":"r","result":{"instances":[{"instanceId":"a"},{"status":"Running"}]}}`), nil, time.Now())
	if err != nil || !strings.Contains(strings.Join(unread, "; "), "instance 2 of 2 has no instanceId") {
		t.Errorf("%q, %v", unread, err)
	}
}

func TestWithoutADeadlineAnAttemptAMinuteAwayIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &waiter{}
		if !p.awaits(time.Now().Add(maxPause)) || p.awaits(time.Now().Add(maxPause+1)) {
			t.Error("the longest pause is another one")
		}
		p.deadline = time.Now().Add(time.Minute)
		if !p.awaits(p.deadline.Add(-1)) || p.awaits(p.deadline) {
			t.Error("an attempt at the deadline is waited for")
		}
	})
}

func TestLatenessOfATimerIsMadeUpForAndAPauseIsNot(t *testing.T) {
	now := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		interval, lateness time.Duration
		madeUp             bool
	}{
		{100 * time.Millisecond, 0, true},
		{100 * time.Millisecond, 25*time.Millisecond - 1, true},
		{100 * time.Millisecond, 25 * time.Millisecond, false},
		{8 * time.Millisecond, 5*time.Millisecond - 1, true}, // a quarter is less than timers are late
		{8 * time.Millisecond, 5 * time.Millisecond, false},
		{8 * time.Millisecond, time.Hour, false},
	} {
		l := &limiter{interval: c.interval, next: now.Add(-c.lateness)}
		want := now.Add(c.interval)
		if c.madeUp {
			want = want.Add(-c.lateness)
		}
		if got := l.following(now); !got.Equal(want) {
			t.Errorf("every %v, %v late: the next is at %v and not %v", c.interval, c.lateness, got.Sub(now), want.Sub(now))
		}
	}
	if l := newLimiter(0, 0); l.interval != 0 {
		t.Errorf("without a limit the interval is %v", l.interval)
	}
}

// TestWhoLeavesAsTheirTurnComesTakesNoPlace has people whose time is over come to
// a free place: whether they notice one or the other first, it is free again.
func TestWhoLeavesAsTheirTurnComesTakesNoPlace(t *testing.T) {
	l := newLimiter(0, 1)
	over, end := context.WithCancel(t.Context())
	end()
	left := 0
	for range 200 {
		one := &turn{}
		if l.acquire(over, one) != nil {
			left++
		} else {
			l.release(one)
		}
		if l.running != 0 {
			t.Fatalf("after %d people who left, %d run", left, l.running)
		}
	}
	if left == 0 {
		t.Error("nobody left as their turn came")
	}
}
