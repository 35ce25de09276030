package views

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"computeunits/bot/action"
	"computeunits/bot/blocks"
	"computeunits/bot/golden"
	"computeunits/bot/phrase"
	"computeunits/bot/slacksim/blockkit"
	"computeunits/notify/plan"
	"computeunits/qianfan"
)

// homeOfMany is a Home with so many watched services and instances in each; all
// foreign text ends with foreign.
func homeOfMany(services, each int, foreign string) Home {
	p := Home{HomeFacts: HomeFacts{At: golden.Time, Connected: golden.Time.Add(-3 * time.Hour)}, Zone: time.UTC, Console: "https://console.example/"}
	p.Health.NextDigest = golden.Time.Add(22 * time.Hour)
	for s := range services {
		id, label := fmt.Sprintf("svco-%04d%s", s, foreign), fmt.Sprintf("Service %d %s", s, foreign)
		p.Watches = append(p.Watches, plan.Watch{Service: id, Label: label, By: "U0BOB"})
		p.Health.Services = append(p.Health.Services, plan.ServiceHealth{Service: id, Label: label, Channel: "C0GPU", ReadAt: golden.Time.Add(-8 * time.Minute)})
		sum := plan.Summary{Service: id, Label: label, Instances: each, Replicas: 4 * each}
		for i := range each {
			at := golden.Time.Add(time.Duration(s*each+i-1)*7*time.Hour + time.Hour)
			if sum.Soonest.IsZero() {
				sum.Soonest = at
			}
			p.Outlook.Items = append(p.Outlook.Items, plan.Item{Service: id, Label: label, Instance: fmt.Sprintf("cu-%d-%d%s", s, i, foreign), Replicas: 4,
				Status: qianfan.Status("Running" + foreign), Expires: at, ReadAt: golden.Time})
		}
		if each > 0 {
			p.Outlook.Services = append(p.Outlook.Services, sum)
		}
		p.Outlook.Instances += each
		p.Outlook.Replicas += 4 * each
	}
	return p
}

// odd is a Home on which everything is as bad as it gets.
func odd(foreign string) Home {
	p := homeOfMany(23, 3, foreign)
	trouble := plan.Trouble{Service: p.Watches[0].Service, Label: p.Watches[0].Label, ReadAt: golden.Time.Add(-3 * time.Hour), Since: golden.Time.Add(-2 * time.Hour),
		Refused: true, Status: 403, Code: "AccessDenied" + foreign, Message: foreign, RequestID: foreign}
	silent := plan.Trouble{Service: p.Watches[1].Service, Label: p.Watches[1].Label}
	p.Outlook.Unread, p.Outlook.Unknown = []plan.Trouble{trouble, silent}, []plan.Item{{Service: p.Watches[0].Service, Instance: "cu-1" + foreign, Raw: "soon" + foreign}, {Service: p.Watches[1].Service, Instance: "cu-2"}}
	for i := range 7 {
		p.Outlook.Vanished = append(p.Outlook.Vanished, plan.Item{Service: p.Watches[2].Service, Label: p.Watches[2].Label, Instance: fmt.Sprint("cu-", i, foreign), Replicas: 3, Expires: golden.Time.Add(200 * day), Unlisted: true})
	}
	p.Health.Services[0].Trouble, p.Health.Services[0].ReadAt = &trouble, trouble.ReadAt
	p.Health.Services[1].Trouble, p.Health.Services[1].ReadAt = &silent, time.Time{}
	p.Health.Problem = plan.Problem{Channel: "C0GPU" + foreign, Reason: "not_in_channel" + foreign, At: golden.Time.Add(-time.Hour), Again: golden.Time.Add(time.Hour)}
	p.Health.Backlog = plan.Backlog{Messages: 3, Oldest: golden.Time.Add(-time.Hour)}
	p.Health.NextDigest = time.Time{}
	p.Connected = time.Time{}
	for i := range p.Outlook.Items {
		item := &p.Outlook.Items[i]
		item.ZoneAssumed, item.Unlisted, item.Stale, item.ReadAt = true, true, true, golden.Time.Add(-5*time.Hour)
		item.Pause = plan.Pause{By: "U0BOB" + foreign, At: golden.Time, Until: golden.Time.Add(24 * time.Hour)}
	}
	p.Watches[2].Fixed = true
	p.Skip = 20
	return p
}

func TestHomesAreAsTheyWereAgreed(t *testing.T) {
	without := homeOfMany(2, 0, "")
	without.Without, without.Health = true, plan.Health{}
	chosen := homeOfMany(1, 2, "")
	chosen.Preference = plan.Preference{Language: "zh", TimeFormat: Hours12}
	chosen.Zone = time.FixedZone("", 8*60*60)
	far := homeOfMany(2, 2, "")
	for i := range far.Outlook.Items {
		far.Outlook.Items[i].Expires = golden.Time.Add([]time.Duration{-50 * time.Hour, -49 * time.Hour, 40 * day, 41 * day}[i])
		far.Health.Services[i/2].ReadAt = time.Time{}
	}
	far.Health.Outage = plan.Outage{Service: "svco-0001", Label: "Chat <prod>", ToldAt: golden.Time.Add(-5 * time.Hour)}
	far.Health.Backlog = plan.Backlog{Messages: 1, Oldest: golden.Time.Add(-time.Hour)}
	middle := homeOfMany(500, 1, "")
	middle.Skip = 245
	for _, language := range golden.Languages() {
		book := phrase.For(language)
		broken := homeOfMany(0, 0, "")
		broken.Troubled = book.Say("error.inside", "id", "envelope")
		for name, view := range map[string]slack.HomeTabViewRequest{
			"none": homeOfMany(0, 0, "").View(book), "one": homeOfMany(1, 1, "").View(book), "clear": homeOfMany(1, 0, "").View(book),
			"many": middle.View(book), "bad": odd("").View(book), "chosen": chosen.View(book), "without": without.View(book),
			"broken": broken.View(book), "far": far.View(book), "refused": SmallHome(book, book.Say("home.refused.other")),
		} {
			golden.JSON(t, "home-"+name+"-"+language, golden.View(t, view))
		}
		for name, view := range map[string]slack.ModalViewRequest{
			"which": WhichService(book, action.Action{Kind: action.New}, "", ""), "show": WhichService(book, action.Action{Kind: action.Show}, "svco-1", blocks.Escape(book.Say("explain.service"))),
			"unwatch": Unwatch(book, plan.Watch{Service: "svco-1", Label: "Chat <prod>"}),
		} {
			golden.JSON(t, "modal-home-"+name+"-"+language, golden.View(t, view))
		}
	}
}

// Whatever the world is like, Slack takes the Home, and every page of it.
func TestEveryHomeIsWithinSlacksLimits(t *testing.T) {
	foreigns := []string{"", "<!channel>&", strings.Repeat("<&>", 60), strings.Repeat("界\x00`*~", 60), strings.Repeat("\u202e😀", 90), strings.Repeat("x", 3000)}
	random := rand.New(rand.NewPCG(1, 2))
	for _, foreign := range foreigns {
		for _, n := range []int{0, 1, 20, 21, 500, 2_100} {
			for _, p := range []Home{homeOfMany(n, 1+random.IntN(4), foreign), odd(foreign)} {
				p.Preference = plan.Preference{TimeFormat: []string{"", Hours24, Hours12, "rubbish"}[random.IntN(4)], Language: []string{"", "zh", "xx"}[random.IntN(3)]}
				p.Without = random.IntN(5) == 0
				for _, p.Skip = range []int{0, 20, n / 2, n, random.IntN(1_000_000), -1} {
					view := p.View(phrase.For(golden.Languages()[random.IntN(2)]))
					golden.View(t, view)
					if n := len(view.Blocks.BlockSet); n > 60 {
						t.Errorf("%d blocks: that is no page any more", n)
					}
				}
			}
		}
	}
}

func TestEveryServiceStandsOnOnePage(t *testing.T) {
	p := homeOfMany(487, 1, "")
	seen := make(map[string]int)
	for p.Skip = 0; p.Skip < 487; p.Skip += HomeServices {
		body := string(golden.View(t, p.View(phrase.For("en"))))
		for i := range 487 {
			if strings.Contains(body, fmt.Sprintf(`"do=show\u0026s=svco-%04d\u0026v=1"`, i)) {
				seen[fmt.Sprint(i)]++
			}
		}
	}
	for i := range 487 {
		if seen[fmt.Sprint(i)] != 1 {
			t.Errorf("service %d stands on %d pages", i, seen[fmt.Sprint(i)])
		}
	}
}

func TestWhatIsLostIsCountedByTheReadersDay(t *testing.T) {
	at := time.Date(2026, 11, 30, 20, 0, 0, 0, time.UTC) // the first of December in Shanghai
	item := func(service string, replicas int, expires time.Time) plan.Item {
		return plan.Item{Service: service, Replicas: replicas, Expires: expires}
	}
	p := Home{HomeFacts: HomeFacts{At: golden.Time}, Zone: time.UTC}
	p.Outlook.Services = []plan.Summary{{Service: "a", Replicas: 21}, {Service: "b", Replicas: 5}}
	p.Outlook.Items = []plan.Item{
		item("a", 1, golden.Time.Add(-time.Hour)), // gone already
		item("a", 2, at), item("b", 5, at.Add(time.Hour)), item("a", 3, at.Add(2*time.Hour)),
		item("a", 4, at.Add(10*time.Hour)), item("a", 11, golden.Time.Add(400*24*time.Hour)),
	}
	told := func(zone *time.Location) (all string) {
		p.Zone = zone
		for _, l := range p.losses() {
			all += fmt.Sprintf("%v %s -%d; ", l.Day, l.Service, l.Replicas)
		}
		return all
	}
	if got, want := told(time.UTC), "2026-11-30 a -5; 2026-11-30 b -5; 2026-12-01 a -4; "; got != want {
		t.Errorf("in London %s, want %s", got, want)
	}
	if got, want := told(time.FixedZone("", 8*60*60)), "2026-12-01 a -9; 2026-12-01 b -5; "; got != want {
		t.Errorf("in Shanghai %s, want %s", got, want)
	}
}

func TestAServiceNamesWhatExpiresTogetherNext(t *testing.T) {
	p := homeOfMany(1, 0, "")
	service := p.Watches[0].Service
	for _, i := range []struct {
		replicas int
		left     time.Duration
	}{{1, -time.Hour}, {2, 48 * time.Hour}, {3, 48 * time.Hour}, {40, 400 * 24 * time.Hour}} {
		p.Outlook.Items = append(p.Outlook.Items, plan.Item{Service: service, Replicas: i.replicas, Expires: golden.Time.Add(i.left)})
	}
	p.Outlook.Services = []plan.Summary{{Service: service, Instances: 4, Replicas: 46, Soonest: golden.Time.Add(-time.Hour)}}
	text := blockkit.PlainText(blocksOf(t, p.View(phrase.For("en"))))
	for _, want := range []string{"⛔ 1 instance has expired", "*5 replicas* until 2026-11-26 03:00 UTC, 2 days left"} {
		if !strings.Contains(text, want) {
			t.Errorf("nothing says %q in\n%s", want, text)
		}
	}
}

func blocksOf(t *testing.T, view slack.HomeTabViewRequest) json.RawMessage {
	t.Helper()
	body, err := json.Marshal(view.Blocks)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func TestAPageIsNewOnlyWhenThereIsSomethingNewToSee(t *testing.T) {
	book := phrase.For("en")
	was := odd("")
	for name, c := range map[string]struct {
		change func(*Home)
		isNew  bool
	}{
		"a minute passes":             {func(p *Home) { p.At = p.At.Add(time.Minute) }, false},
		"everything was read again":   {func(p *Home) { p.Health.Services[5].ReadAt = p.At }, false},
		"five minutes pass":           {func(p *Home) { p.At = p.At.Add(homeRenew) }, true},
		"something fails":             {func(p *Home) { p.Health.Services[20].Trouble = &plan.Trouble{} }, true},
		"something is renewed":        {func(p *Home) { p.Outlook.Items[4].Expires = golden.Time.AddDate(1, 0, 0) }, true},
		"somebody takes care":         {func(p *Home) { p.Outlook.Items[4].Pause.Until = time.Time{} }, true},
		"a service is watched":        {func(p *Home) { p.Watches = append(p.Watches, plan.Watch{Service: "svco-new"}) }, true},
		"a message waits":             {func(p *Home) { p.Health.Backlog.Messages++ }, true},
		"the socket is another":       {func(p *Home) { p.Connected = golden.Time }, true},
		"times are written otherwise": {func(p *Home) { p.Preference.TimeFormat = Hours24 }, true},
	} {
		is := odd("")
		c.change(&is)
		if isNew := is.Fingerprint(book) != was.Fingerprint(book); isNew != c.isNew {
			t.Errorf("%s: new %v", name, isNew)
		}
	}
}

func TestTimesAreWrittenAsThePersonWants(t *testing.T) {
	shanghai := time.FixedZone("", 8*60*60)
	midnight, noon, next := golden.Time.Add(13*time.Hour), golden.Time.Add(time.Hour), golden.Time.AddDate(1, 0, 0)
	for _, c := range []struct {
		language, format string
		zone             *time.Location
		at               time.Time
		want             string
	}{
		{"en", Hours24, shanghai, midnight, "Wed 25 Nov at 00:00"}, {"en", Hours12, shanghai, midnight, "Wed 25 Nov at 12:00 AM"},
		{"en", Hours12, shanghai, noon, "Tue 24 Nov at 12:00 PM"}, {"en", Hours24, shanghai, next, "Wed 24 Nov 2027 at 11:00"},
		{"zh", Hours12, shanghai, noon, "11月24日 周二 下午 12:00"}, {"zh", Hours24, shanghai, noon, "11月24日 周二 12:00"},
		{"en", Hours24, time.UTC, noon, "Tue 24 Nov at 04:00 UTC"}, {"en", "", shanghai, noon, blocks.Date(phrase.For("en"), noon)},
	} {
		p := Home{HomeFacts: HomeFacts{At: golden.Time}, Zone: c.zone, Preference: plan.Preference{TimeFormat: c.format}}
		if got := p.when(phrase.For(c.language), c.at); got != c.want {
			t.Errorf("%s %s: %s, want %s", c.language, c.format, got, c.want)
		}
	}
}

// BenchmarkHome draws a page of the Home of 500 services with 5,000 instances,
// as Slack gets it; 10 ms are allowed.
func BenchmarkHome(b *testing.B) {
	p := homeOfMany(500, 10, "")
	p.Skip = 240
	book := phrase.For("zh")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := json.Marshal(p.View(book)); err != nil {
			b.Fatal(err)
		}
	}
}

const day = 24 * time.Hour
