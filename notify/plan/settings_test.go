package plan

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
)

func TestParseServices(t *testing.T) {
	for _, c := range []struct {
		text  string
		want  []Service
		fault string
	}{
		{text: "svco-a=Chat prod,svco-b", want: []Service{{"svco-a", "Chat prod"}, {"svco-b", ""}}},
		{text: " svco-a = Chat = prod ,, svco-b= ,", want: []Service{{"svco-a", "Chat = prod"}, {"svco-b", ""}}},
		{text: "svco-a=聊天 <prod> & *co*", want: []Service{{"svco-a", "聊天 <prod> & *co*"}}},
		{text: "", want: nil},
		{text: "=Chat", fault: `"=Chat" names no service`},
		{text: "svco-a,svco-b,svco-a=again", fault: `"svco-a" is there twice`},
		{text: "svco a", fault: "white space"},
		{text: "svco-a=Chat, prod", fault: `"prod" is not the id of a service, which begins with svco-. A comma ends a label`},
		{text: "svco-", fault: `"svco-" is not the id of a service`},
		{text: "svco-a=one\x00two", fault: "control character"},
		{text: "svco-a=one\ttwo", fault: "control character"},
		{text: "svco-a=生产，svco-b=测试", want: []Service{{"svco-a", "生产"}, {"svco-b", "测试"}}},
		{text: "svco-a＝生产；svco-b;svco-c、svco-d|svco-e｜svco-f\r\nsvco-g = G \n", want: []Service{{"svco-a", "生产"},
			{"svco-b", ""}, {"svco-c", ""}, {"svco-d", ""}, {"svco-e", ""}, {"svco-f", ""}, {"svco-g", "G"}}},
		{text: "svco-a=生产/svco-b=测试", fault: "contains the id of a service: a comma separates"},
		{text: "svco-a=prod SVCO–b", fault: "contains the id of a service"},
		{text: "svco-a=one svco-b=two", fault: "contains the id of a service"},
		{text: "svco-a svco-b", fault: "a comma separates two services"},
		{text: "svco-a:生产", fault: `"svco-a:生产" is not the id of a service, which has letters`},
		{text: "svco-a/svco-b", fault: `"svco-a/svco-b" is not the id of a service, which has letters`},
		{text: "svco-a.", fault: `"svco-a." is not the id`},
		{text: "svco-" + strings.Repeat("a", 65), fault: "is not the id"},
		{text: "svco-a=" + strings.Repeat("名", 80), want: []Service{{"svco-a", strings.Repeat("名", 80)}}},
		{text: "svco-a=" + strings.Repeat("名", 81), fault: "the label of svco-a has more than 80 characters"},
		{text: "svco-a=\xff", fault: "not UTF-8"},
		{text: "=x,svco-b,svco-b", fault: "\n"},
	} {
		got, err := ParseServices(c.text)
		switch {
		case c.fault == "" && (err != nil || !slices.Equal(got, c.want)):
			t.Errorf("ParseServices(%q) = %v, %v, and not %v", c.text, got, err, c.want)
		case c.fault != "" && (err == nil || !strings.Contains(err.Error(), c.fault)):
			t.Errorf("ParseServices(%q) = %v, %v, and does not say %s", c.text, got, err, c.fault)
		}
	}
}

func FuzzParseServices(f *testing.F) {
	f.Add("svco-a=Chat prod,svco-b")
	f.Add("svco-a==,\x00")
	f.Add("svco-a＝生产，svco-b；svco-c/svco-d")
	f.Fuzz(func(t *testing.T, text string) {
		services, err := ParseServices(text)
		if err != nil {
			return
		}
		seen := make(map[string]bool)
		for _, s := range services {
			if seen[s.ID] || (Watch{Service: s.ID, Label: s.Label}).Faults() != nil || strings.ContainsFunc(s.ID+s.Label, unicode.IsControl) || Storable(s.Label) != s.Label {
				t.Errorf("%q gives %q", text, services)
			}
			seen[s.ID] = true
		}
	})
}

func TestFaultsOfSettings(t *testing.T) {
	good := defaults("svco-a")
	if faults := good.Faults(); faults != nil {
		t.Fatalf("the defaults have faults: %q", faults)
	}
	for want, spoil := range map[string]func(*Settings){
		"NOTIFY_CHANNEL is missing":          func(s *Settings) { s.Channel = "" },
		`NOTIFY_CHANNEL is "#ops", a name`:   func(s *Settings) { s.Channel = "#ops" },
		"NOTIFY_BEFORE has no step":          func(s *Settings) { s.Before = nil },
		"NOTIFY_CHECK_EVERY must be from":    func(s *Settings) { s.CheckEvery = 499 * time.Millisecond },
		"to 24h0m0s, and is 24h0m0.001s":     func(s *Settings) { s.CheckEvery = 24*time.Hour + time.Millisecond },
		"NOTIFY_LEASE must be longer":        func(s *Settings) { s.Lease = 15 * time.Second },
		"16s, and is 15.9s":                  func(s *Settings) { s.Lease = 15900 * time.Millisecond },
		"NOTIFY_LEASE must be at most":       func(s *Settings) { s.Lease = time.Hour },
		"NOTIFY_DIGEST_CRON: \"0 9 * *\"":    func(s *Settings) { s.DigestCron = "0 9 * *" },
		"NOTIFY_DIGEST_CRON: \"0 9 31 2 *\"": func(s *Settings) { s.DigestCron = "0 9 31 2 *" },
		"NOTIFY_DIGEST_CRON: \"0 25 * * *\"": func(s *Settings) { s.DigestCron = "0 25 * * *" },
		"has several moments a day (09:00, ": func(s *Settings) { s.DigestCron = "0,30 9 * * *" },
		"NOTIFY_DIGEST_CRON: \"@daily\"":     func(s *Settings) { s.DigestCron = "@daily" },
		"NOTIFY_TIMEZONE is missing":         func(s *Settings) { s.Zone = nil },
		"NOTIFY_ALL_CLEAR must be weekly":    func(s *Settings) { s.AllClear = "monthly" },
	} {
		s := good
		spoil(&s)
		faults := s.Faults()
		if len(faults) != 1 || !strings.Contains(faults[0], want) {
			t.Errorf("the faults are %q and not %q", faults, want)
		}
	}
	if faults := (Settings{}).Faults(); len(faults) != 7 {
		t.Errorf("empty settings have the faults %q", faults)
	}
	shortest := good
	shortest.Lease = minLease
	if faults := shortest.Faults(); faults != nil {
		t.Errorf("the shortest lease has faults: %q", faults)
	}
}
