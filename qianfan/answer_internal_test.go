package qianfan

import (
	"math"
	"testing"
	"time"
)

func TestRetryAfterIsSecondsOrADate(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"":                               0,
		"0":                              0,
		"1":                              time.Second,
		"3600":                           time.Hour,
		"-1":                             0,
		"1.5":                            0,
		"soon":                           0,
		"9223372036854775807":            math.MaxInt64 / time.Second * time.Second,
		"99999999999999999999":           0,
		"Fri, 02 Jan 2026 03:04:35 GMT":  30 * time.Second,
		"Friday, 02-Jan-26 03:05:05 GMT": time.Minute,
		"Fri, 02 Jan 2026 03:04:04 GMT":  0,
	} {
		if got := parseRetryAfter(value, now); got != want {
			t.Errorf("%q: %v, want %v", value, got, want)
		}
	}
}

func TestTheLongestWaitIsEightSeconds(t *testing.T) {
	longest := func(n int64) int64 { return n - 1 }
	for attempts, want := range map[int]time.Duration{
		1: 500 * time.Millisecond, 2: time.Second, 3: 2 * time.Second, 4: 4 * time.Second,
		5: 8 * time.Second, 6: 8 * time.Second, 11: 8 * time.Second, 1000: 8 * time.Second,
	} {
		if got := backoff(attempts, longest); got != want {
			t.Errorf("after %d attempts: %v, want %v", attempts, got, want)
		}
	}
}

func TestInstantsAreReadInTheFormsThatOccur(t *testing.T) {
	utc := func(h, m, s int) time.Time { return time.Date(2030, 1, 25, h, m, s, 0, time.UTC) }
	for _, tt := range []struct {
		text    string
		want    time.Time
		assumed bool
		ok      bool
	}{
		{"2030-01-25T12:30:30Z", utc(12, 30, 30), false, true},
		{"2030-01-25T12:30:30+08:00", utc(4, 30, 30), false, true},
		{"2030-01-25T12:30:30+0800", utc(4, 30, 30), false, true},
		{"2030-01-25 12:30:30+08:00", utc(4, 30, 30), false, true},
		{"2030-01-25 12:30:30 +0800", utc(4, 30, 30), false, true},
		{"2030-01-25T12:30:30.000Z", utc(12, 30, 30), false, true},
		{"2030-01-25 12:30:30", utc(4, 30, 30), true, true},
		{"2030-01-25T12:30:30", utc(4, 30, 30), true, true},
		{"", time.Time{}, false, true},
		{"-", time.Time{}, false, true},
		{"0001-01-01T00:00:00Z", time.Time{}, false, true},
		{"0001-01-01 00:00:00", time.Time{}, false, true},
		{"never", time.Time{}, false, false},
		{"2030-01-25", time.Time{}, false, false},
		{"25/01/2030 12:30:30", time.Time{}, false, false},
		{"2030-13-25T12:30:30Z", time.Time{}, false, false},
		{"1895574630", time.Time{}, false, false},
	} {
		got, assumed, ok := parseInstant([]byte(tt.text))
		if got != tt.want || assumed != tt.assumed || ok != tt.ok {
			t.Errorf("%q: %v, assumed %v, ok %v, want %v, %v, %v", tt.text, got, assumed, ok, tt.want, tt.assumed, tt.ok)
		}
	}
}
