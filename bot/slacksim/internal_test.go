package slacksim

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

const minimal = `{display_information: {name: Tiny}, settings: {socket_mode_enabled: true}}`

func tiny(t *testing.T) *Workspace {
	t.Helper()
	w, err := New(Config{Manifest: []byte(minimal), URL: "http://slack.test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	return w
}

func TestTriggerIDIsForOneViewWithinThreeSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := tiny(t)
		w.mu.Lock()
		defer w.mu.Unlock()
		inTime, late := w.newTrigger("U0ALICE", "C0GPU", ""), w.newTrigger("U0BOB", "C0GPU", "")
		time.Sleep(3 * time.Second)
		if found, refused := w.usable(inTime); refused != nil || found.user != "U0ALICE" {
			t.Errorf("after three seconds: %+v, %v", found, refused)
		} else {
			found.spent = true
		}
		time.Sleep(time.Millisecond)
		for id, code := range map[string]string{inTime: "exchanged_trigger_id", late: "expired_trigger_id", "1.2.3": "invalid_trigger_id"} {
			if _, refused := w.usable(id); refused == nil || refused.code != code {
				t.Errorf("exchanging %s: %v, not %s", id, refused, code)
			}
		}
	})
}

func TestTimestamps(t *testing.T) {
	for text, want := range map[string]stamp{
		"1512085950.000216": 1512085950000216, "1512085950": 1512085950000000, "0": 0, "1512085950.5": 1512085950500000,
		"946684800.000001": 946684800000001,
	} {
		if got, ok := parseStamp(text); !ok || got != want {
			t.Errorf("%s is read as %d, %t", text, got, ok)
		}
	}
	for _, text := range []string{"", "now", "-1", "1.2.3", "1.", "1.0000001", "1e9", "99999999999999", "1.+5", ".5"} {
		if got, ok := parseStamp(text); ok && text != "1." {
			t.Errorf("%q is read as %d", text, got)
		}
	}
	if got := stamp(1512085950000216).String(); got != "1512085950.000216" {
		t.Errorf("written as %s", got)
	}
}

func FuzzParseStamp(f *testing.F) {
	f.Add("1512085950.000216")
	f.Add("1.")
	f.Add("1099511627775.999999")
	f.Fuzz(func(t *testing.T, text string) {
		at, ok := parseStamp(text)
		if !ok {
			return
		}
		if again, ok := parseStamp(at.String()); !ok || again != at {
			t.Errorf("%q is %d, and %s again %d, %t", text, at, at, again, ok)
		}
	})
}

func TestTimestampsOfMessagesRise(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // no time passes in here
		w := tiny(t)
		w.mu.Lock()
		defer w.mu.Unlock()
		first := w.now()
		if second := w.now(); second != first+1 {
			t.Errorf("%s after %s", second, first)
		}
		time.Sleep(time.Second)
		if third := w.now(); third != first+1e6 {
			t.Errorf("%s a second after %s", third, first)
		}
	})
}

func TestRecentForgetsTheOldest(t *testing.T) {
	r := newRecent[int, string](3)
	for i := range 5 {
		r.put(i, "x")
		if i == 3 {
			r.remove(3)
		}
	}
	if kept := slices.Sorted(func(yield func(int) bool) {
		for k := range r.values {
			if !yield(k) {
				return
			}
		}
	}); !slices.Equal(kept, []int{2, 4}) {
		t.Errorf("kept %v", kept)
	}
	if got := slices.Collect(r.keys.all()); !slices.Equal(got, []int{2, 3, 4}) {
		t.Errorf("keys %v", got)
	}
}

func TestCursors(t *testing.T) {
	at := stamp(1512085861000543)
	if got, ok := decodeCursor(encodeCursor(at)); !ok || got != at {
		t.Errorf("decoded %d, %t", got, ok)
	}
	for _, text := range []string{"", "x", "bmV4dA==", "bmV4dF90czp4"} {
		if got, ok := decodeCursor(text); ok {
			t.Errorf("cursor %q is %d", text, got)
		}
	}
}

func TestEventsOfAnHour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := tiny(t)
		w.mu.Lock()
		defer w.mu.Unlock()
		pause := func(d time.Duration) { // timers need the mutex
			w.mu.Unlock()
			defer w.mu.Lock()
			time.Sleep(d)
		}
		for i := range eventsPerHour {
			if w.limitEvents() {
				t.Fatalf("event %d is one too many", i)
			}
		}
		warnings := func() int { // an unacknowledged one is sent again, which is no second warning
			deliveries := map[*Delivery]bool{}
			for _, e := range w.envelopes.values {
				if e.delivery.what == "app_rate_limited" {
					deliveries[e.delivery] = true
				}
			}
			return len(deliveries)
		}
		for range 5 {
			if !w.limitEvents() {
				t.Error("no limit")
			}
		}
		if n := warnings(); n != 1 {
			t.Errorf("app_rate_limited was sent %d times in a minute", n)
		}
		pause(time.Minute)
		w.limitEvents()
		if n := warnings(); n != 2 {
			t.Errorf("app_rate_limited was sent %d times in two minutes", n)
		}
		pause(time.Hour)
		if w.limitEvents() {
			t.Error("the next hour is limited too")
		}
	})
}

func TestConfigurationFaults(t *testing.T) {
	good := Config{Manifest: []byte(minimal), URL: "http://slack.test/"}
	if w, err := New(good); err != nil || w.base.String() != "http://slack.test" {
		t.Errorf("a good configuration: %v", err)
	}
	for name, change := range map[string]func(*Config){
		"no URL":           func(c *Config) { c.URL = "" },
		"a URL without //": func(c *Config) { c.URL = "localhost:80" },
		"a path":           func(c *Config) { c.URL = "http://slack.test/api/" },
		"no host":          func(c *Config) { c.URL = "http://" },
		"a broken URL":     func(c *Config) { c.URL = "http://\x00" },
		"no manifest":      func(c *Config) { c.Manifest = nil },
		"broken YAML":      func(c *Config) { c.Manifest = []byte("a: [") },
		"no name":          func(c *Config) { c.Manifest = []byte("settings: {}") },
		"a bare command": func(c *Config) {
			c.Manifest = []byte("{display_information: {name: x}, features: {slash_commands: [{command: x}]}}")
		},
	} {
		bad := good
		change(&bad)
		if _, err := New(bad); err == nil {
			t.Errorf("%s is no error", name)
		}
	}
}
