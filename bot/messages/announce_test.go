package messages

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"computeunits/bot/golden"
	"computeunits/bot/phrase"
	"computeunits/notify/plan"
	"computeunits/qianfan"
)

// stops is an item of Chat prod that expires after left.
func stops(instance string, replicas int, left time.Duration) plan.Item {
	return plan.Item{Service: "svco-48exxxa594", Label: "Chat prod", Instance: instance, Replicas: replicas, Status: qianfan.Running,
		Expires: noon.Add(left), ReadAt: noon.Add(-time.Minute)}
}

// with changes an item.
func with(i plan.Item, change func(*plan.Item)) plan.Item {
	change(&i)
	return i
}

func in(service, label string, i plan.Item) plan.Item {
	i.Service, i.Label = service, label
	return i
}

func expiring(items ...plan.Item) plan.Announcement {
	return plan.Announcement{Key: "expiry:1", Channel: "C0GPU", Kind: plan.KindExpiry, At: noon, Items: items}
}

// announcements has one of every kind, and every state that one can be in.
func announcements() map[string]plan.Announcement {
	odd := with(stops("a5<odd>`*~", 0, 3*day), func(i *plan.Item) {
		i.Label, i.Status = "R&D <!channel> *bold* ~`", "Re`config`uring <@U1>"
		i.ZoneAssumed, i.Stale, i.ReadAt = true, true, noon.Add(-5*time.Hour)
	})
	renewed := with(stops("a2", 3, day), func(i *plan.Item) { i.Present = noon.Add(366 * day) })
	revoked := with(stops("a3", 1, 6*day), func(i *plan.Item) { i.Present = noon.Add(2 * day) })
	late := with(stops("a0085162xxx9d19e58e", 5, 21*time.Hour), func(i *plan.Item) { i.Late, i.LateWhy = 3*time.Hour, plan.LateSlack })
	over := with(stops("a1", 5, -day), func(i *plan.Item) { i.Unlisted, i.Status = true, qianfan.Deleted })
	trouble := plan.Trouble{Service: "svco-48exxxa594", Label: "Chat prod", ReadAt: noon.Add(-3 * time.Hour), Since: noon.Add(-2 * time.Hour),
		Refused: true, Status: 403, Code: "AccessDenied", Message: "no <!channel> policy", RequestID: "r-1"}
	silent := plan.Trouble{Service: "svco-7fq2xxk301", Since: noon.Add(-time.Hour)}
	repeated := expiring(late)
	repeated.PossiblyRepeated = true
	aged := expiring(with(stops("a1", 5, day), func(i *plan.Item) { i.Stale, i.ReadAt = true, noon.Add(-3*time.Hour) }))
	aged.AgedFrom = noon.Add(-3 * time.Hour)
	more := expiring(stops("a1", 5, 7*day-time.Minute), stops("a2", 1, 7*day), stops("a3", 2, 7*day))
	more.More = 4910
	of := func(kind plan.Kind, a plan.Announcement) plan.Announcement {
		a.Kind, a.Key, a.Channel, a.At = kind, string(kind)+":1", "C0GPU", noon
		return a
	}
	digest := plan.Digest{Day: plan.Date{Year: 2026, Month: time.November, Day: 24}, Zone: time.UTC, Late: 2 * time.Hour, LateWhy: plan.LateNotRunning,
		Services: 3, Instances: 9, Replicas: 30, Unknown: []plan.Item{{Service: "svco-48exxxa594", Instance: "a9", Replicas: 2, Raw: "1795694400000"}}, Vanished: 1, Beyond: 7,
		Counts: []plan.Count{{Urgency: plan.Expired, Instances: 1, Replicas: 5}, {Urgency: plan.WithinDay, Instances: 1, Replicas: 3},
			{Urgency: plan.WithinWeek, Instances: 2, Replicas: 4}, {Urgency: plan.WithinMonth, Instances: 1, Replicas: 1}},
		Losses: []plan.Loss{{Day: plan.Date{Year: 2026, Month: time.November, Day: 25}, Service: "svco-48exxxa594", Label: "Chat prod", Instances: 1, Replicas: 5, Left: 3},
			{Day: plan.Date{Year: 2026, Month: time.December, Day: 12}, Service: "svco-7fq2xxk301", Instances: 1, Replicas: 1, Left: 0}},
		Unread: []plan.Trouble{trouble, silent}}
	clear := plan.Digest{Day: digest.Day, Zone: time.UTC, AllClear: true, Services: 3, Instances: 9, Replicas: 30}
	emptied := plan.Digest{Day: digest.Day, Zone: time.UTC, Services: 3, Instances: 9, Replicas: 30}
	unsure := emptied
	unsure.Unread = []plan.Trouble{silent}
	return map[string]plan.Announcement{
		"reminder-one":          expiring(with(stops("a0085162xxx9d19e58e", 5, 7*day-time.Minute), func(*plan.Item) {})),
		"reminder-tomorrow":     repeated,
		"reminder-now":          expiring(stops("a1", 1, -30*time.Second)),
		"reminder-deleted":      expiring(with(stops("a1", 5, 20*time.Hour), func(i *plan.Item) { i.Status = qianfan.Deleted })),
		"reminder-deleted-some": expiring(with(stops("a1", 1, 20*time.Hour), func(i *plan.Item) { i.Status = qianfan.Deleted }), stops("a2", 2, 21*time.Hour)),
		"reminder-aged":         aged,
		"reminder-after":        expiring(over),
		"reminder-several":      more,
		"reminder-mixed":        expiring(over, renewed, revoked, stops("a4", 2, 3*day), odd),
		"reminder-renewed":      expiring(renewed),
		"reminder-services":     expiring(stops("a1", 5, day), in("svco-7fq2xxk301", "", stops("a2", 1, 2*day))),
		"collected":             of(plan.KindCollected, plan.Announcement{More: 12, Services: []plan.Summary{{Service: "svco-48exxxa594", Label: "Chat prod", Instances: 2, Replicas: 8, Renewed: 1, Open: 1, Soonest: noon.Add(day)}, {Service: "svco-7fq2xxk301", Instances: 1, Replicas: 1, Open: 1, Soonest: noon.Add(6 * day)}, {Service: "svco-c0nexxb777", Instances: 1, Replicas: 4, Renewed: 1, Soonest: noon.Add(7 * day)}}}),
		"reverted-one":          of(plan.KindReverted, plan.Announcement{Items: []plan.Item{with(stops("a1", 5, day), func(i *plan.Item) { i.Before = noon.Add(365 * day) })}}),
		"reverted":              of(plan.KindReverted, plan.Announcement{Owners: []string{"U0BOB"}, Items: []plan.Item{with(stops("a1", 5, day), func(i *plan.Item) { i.Before = noon.Add(365 * day) }), with(renewed, func(i *plan.Item) { i.Before = noon.Add(300 * day) }), with(over, func(i *plan.Item) { i.Before = noon.Add(200 * day) })}}),
		"renewed":               of(plan.KindRenewed, plan.Announcement{Items: []plan.Item{with(stops("a1", 5, 365*day), func(i *plan.Item) { i.Before = noon.Add(day) }), in("svco-7fq2xxk301", "", with(stops("a2", 1, 366*day), func(i *plan.Item) { i.Present = noon.Add(400 * day) }))}}),
		"unreadable":            of(plan.KindUnreadable, plan.Announcement{Troubles: []plan.Trouble{trouble, silent}}),
		"unreadable-one":        of(plan.KindUnreadable, plan.Announcement{Troubles: []plan.Trouble{trouble}}),
		"readable":              of(plan.KindReadable, plan.Announcement{Troubles: []plan.Trouble{{Service: "svco-48exxxa594", Label: "Chat prod", ReadAt: noon, Since: noon.Add(-2 * time.Hour)}}}),
		"digest":                of(plan.KindDigest, plan.Announcement{Digest: &digest, Items: []plan.Item{over, late, renewed, odd}, More: 20}),
		"digest-thread":         of(plan.KindDigest, plan.Announcement{ThreadTS: "1.2", Items: []plan.Item{stops("a1", 5, 8*day), with(stops("a3", 1, 8*day), func(i *plan.Item) { i.Pause = plan.Pause{By: "U0BOB", At: noon} }), with(stops("a4", 1, 8*day), func(i *plan.Item) { i.Pause = plan.Pause{By: "U0BOB", At: noon, Until: noon.Add(day)} }), in("svco-7fq2xxk301", "", stops("a2", 1, 9*day))}}),
		"digest-clear":          of(plan.KindDigest, plan.Announcement{Digest: &clear}),
		"digest-emptied":        of(plan.KindDigest, plan.Announcement{Digest: &emptied}),
		"digest-not-known":      of(plan.KindDigest, plan.Announcement{Digest: &unsure}),
		"correction":            of(plan.KindCorrection, plan.Announcement{Items: []plan.Item{with(stops("a1", 5, 2*day), func(i *plan.Item) { i.Present = noon.Add(365 * day) })}}),
		"vanished":              of(plan.KindVanished, plan.Announcement{Items: []plan.Item{with(stops("a1", 5, 20*day), func(i *plan.Item) { i.Unlisted = true })}}),
		"unknown": of(plan.KindUnknown, plan.Announcement{Items: []plan.Item{
			with(stops("a1", 5, 0), func(i *plan.Item) { i.Expires, i.Raw = time.Time{}, "next <Friday>" }), with(stops("a2", 1, 20*day), func(i *plan.Item) { i.Raw = "+08" }),
			in("svco-7fq2xxk301", "", with(stops("a3", 1, 0), func(i *plan.Item) { i.Expires = time.Time{} }))}}),
		"kind-not-known-yet": of("forecast", plan.Announcement{Items: []plan.Item{stops("a1", 5, day)}}),
	}
}

// posted is what Slack gets for an announcement.
func posted(t testing.TB, a plan.Announcement, language string) (text string, body []byte) {
	t.Helper()
	m := Announce(a, phrase.For(language), DefaultConsoleURL)
	body, err := json.Marshal(struct {
		Text   string `json:"text"`
		Blocks any    `json:"blocks,omitempty"`
	}{m.Text, m.Blocks})
	if err != nil {
		t.Fatal(err)
	}
	return m.Text, body
}

func TestAnnouncementsAreAsTheyWereAgreed(t *testing.T) {
	for name, a := range announcements() {
		for _, language := range golden.Languages() {
			t.Run(name+"-"+language, func(t *testing.T) {
				_, body := posted(t, a, language)
				golden.Acceptable(t, body)
				golden.JSON(t, "announce-"+name+"-"+language, body)
			})
		}
	}
}

// forms are announcements that differ from the others in a few words only.
func forms() []plan.Announcement {
	moved := with(stops("a3", 1, 6*day), func(i *plan.Item) { i.Present = noon.Add(2 * day) })
	of := func(kind plan.Kind, a plan.Announcement) plan.Announcement {
		a.Kind, a.At = kind, noon
		return a
	}
	late := func(why plan.LateReason) plan.Announcement {
		return expiring(with(stops("a1", 1, day), func(i *plan.Item) { i.Late, i.LateWhy = 3*time.Hour, why }))
	}
	odd := func(i plan.Item) plan.Item {
		return with(i, func(i *plan.Item) { i.ZoneAssumed, i.Unlisted = true, true })
	}
	sum := func(left time.Duration, renewed int) plan.Summary {
		return plan.Summary{Service: "svco-a", Instances: 1, Replicas: 4, Renewed: renewed, Open: 1 - renewed, Soonest: noon.Add(left)}
	}
	collected := func(all ...plan.Summary) plan.Announcement {
		return of(plan.KindCollected, plan.Announcement{Services: all})
	}
	one := expiring(stops("a1", 1, 2*day), stops("a2", 0, 3*day))
	one.More, one.Owners = 1, []string{"U0BOB", "S0OPS"}
	digest := plan.Digest{Day: plan.Date{Year: 2026, Month: time.November, Day: 24}, Zone: time.UTC, Beyond: 1, Services: 2, Instances: 5, Replicas: 9,
		Counts: []plan.Count{{Urgency: plan.Expired, Instances: 2, Replicas: 5}, {Urgency: plan.WithinWeek, Instances: 1, Replicas: 3}}}
	all := []plan.Announcement{
		expiring(stops("a1", 1, 2*day)), one,
		expiring(stops("a1", 3, 0), stops("a2", 1, 0)),
		expiring(stops("a1", 1, -2*day), stops("a2", 0, -day)), expiring(stops("a1", 4, -2*day), stops("a2", 1, -day)),
		expiring(stops("a1", 2, -9*day)), expiring(stops("a1", 2, -9*day), stops("a2", 1, -day)), expiring(moved),
		expiring(with(stops("a1", 2, day), func(i *plan.Item) { i.Stale, i.ReadAt = true, time.Time{} })),
		expiring(odd(stops("a1", 2, -day)), odd(stops("a2", 2, -day))),
		late(plan.LateQianfan), late(plan.LateFirstSeen), late(""),
		collected(sum(day, 0)), collected(sum(-day, 0)), collected(sum(-day, 0), sum(day, 0)), collected(sum(day, 1)), collected(sum(day, 1), sum(day, 1)),
		of(plan.KindRenewed, plan.Announcement{}),
		of(plan.KindVanished, plan.Announcement{}), of(plan.KindVanished, plan.Announcement{Items: []plan.Item{stops("a1", 5, 20*day)}}),
		of(plan.KindVanished, plan.Announcement{Items: []plan.Item{with(stops("a1", 5, 0), func(i *plan.Item) { i.Expires, i.Unlisted = time.Time{}, true })}}),
		of(plan.KindVanished, plan.Announcement{More: 3, Items: []plan.Item{with(stops("a1", 5, 20*day), func(i *plan.Item) { i.Unlisted = true }),
			stops("a2", 1, 21*day), with(stops("a3", 1, 22*day), func(i *plan.Item) { i.Unlisted, i.Present = true, noon.Add(50*day) }), in("svco-b", "", odd(stops("a4", 1, 23*day)))}}),
		of(plan.KindUnknown, plan.Announcement{Items: []plan.Item{stops("a1", 5, 20*day)}}),
		of(plan.KindUnknown, plan.Announcement{Items: []plan.Item{stops("a1", 5, 20*day), stops("a2", 5, 20*day)}}),
		of(plan.KindUnknown, plan.Announcement{More: 2, Items: []plan.Item{stops("a1", 5, 20*day), with(stops("a2", 5, 20*day), func(i *plan.Item) { i.Raw = "+08" })}}),
		of(plan.KindDigest, plan.Announcement{Digest: &plan.Digest{Zone: time.UTC, Vanished: 2}}), of(plan.KindUnknown, plan.Announcement{Items: make([]plan.Item, 1)}),
		of(plan.KindDigest, plan.Announcement{Digest: &digest}),
		of(plan.KindDigest, plan.Announcement{Items: []plan.Item{stops("a1", 5, 8*day)}}),
	}
	slow := plan.Digest{Zone: time.UTC, AllClear: true, Services: 900, Slow: 25 * time.Minute, CheckEvery: 10 * time.Minute}
	all = append(all, of(plan.KindDigest, plan.Announcement{Digest: &slow}))
	for _, t := range []plan.Trouble{{Status: 200, Code: qianfan.UnknownForm, RequestID: "r-7", Refused: true}, {Code: "ResourceNotFound"}, {Code: "InvalidAccessKeyId"}, {Code: "SignatureDoesNotMatch"}, {Code: "RequestExpired"},
		{Status: 429}, {Status: 401, Refused: true}, {Status: 500}, {Status: 200, Code: "1", Refused: true}} {
		t.Service, t.Since = "svco-a", noon.Add(-time.Hour)
		all = append(all, of(plan.KindUnreadable, plan.Announcement{Troubles: []plan.Trouble{t}}))
	}
	return all
}

func TestFormsOfAnnouncementsAreAsTheyWereAgreed(t *testing.T) {
	for _, language := range golden.Languages() {
		var all strings.Builder
		for _, a := range forms() {
			text, body := posted(t, a, language)
			golden.Acceptable(t, body)
			all.WriteString(text + "\n\n")
		}
		golden.File(t, "announce-forms-"+language+".txt", []byte(all.String()))
	}
}

func TestTheFirstWordsSayWhatStopsAndWhen(t *testing.T) {
	for name, wants := range map[string][2]string{
		"reminder-one":      {"🟡 *5 replicas* of *Chat prod* (`svco-48exxxa594`) stop ", "in 7 days"},
		"reminder-tomorrow": {"🔴 *5 replicas* of *Chat prod* (`svco-48exxxa594`) stop ", "in 21 hours"},
		"reminder-now":      {"🔴 *1 replica* of *Chat prod* (`svco-48exxxa594`) stops now", ""},
		"reminder-after":    {"🔴 *5 replicas* of *Chat prod* (`svco-48exxxa594`) stopped ", "1 day ago. Renewing usually restores"},
		"reminder-several":  {"🟡 *8 replicas* of *Chat prod*", "stop from "},
		"reminder-services": {"🔴 *6 replicas* of 2 services stop from ", ""},
		"reminder-renewed":  {"✅ Renewed: *3 replicas* of *Chat prod*", "Nothing is left to do"},
		"collected":         {"🔴 *9 replicas* in 2 services stop unless renewed, the first ", "in 1 day"},
		"renewed":           {"✅ *6 replicas* of 2 services renewed", ""},
		"digest":            {"What expires: Tue 24 Nov 2026\n⛔ *1 instance* (5 replicas) has expired", "🔴 *1 instance* (3 replicas) expires within 24 hours"},
		"digest-clear":      {"✅ Tue 24 Nov 2026: nothing expires within 30 days.", "3 services, 9 prepaid instances, 30 replicas"},
		"digest-not-known":  {"What expires: Tue 24 Nov 2026\n⚠️ No expiry within 30 days is known, but not everything is known.", "1 service could not be read"},
	} {
		text, _ := posted(t, announcements()[name], "en")
		if !strings.HasPrefix(text, wants[0]) || !strings.Contains(text, wants[1]) {
			t.Errorf("%s: %s", name, text)
		}
	}
}

func TestWhatAReaderMustKnowIsSaid(t *testing.T) {
	for name, wants := range map[string][]string{
		"reminder-tomorrow": {"3 hours late: Slack could not be reached.", "may be a repetition"},
		"reminder-mixed":    {"~*3 replicas* `a2`: <!date^", "~ renewed until <!date^", "~ now expires earlier: <!date^", "Beijing time assumed", "data from 5 hours ago", "no longer listed by Qianfan"},
		"reminder-several":  {"4,910 more instances are in the thread."},
		"collected":         {"all renewed", "1 renewed", "12 more instances"},
		"unreadable":        {"does not mean that nothing expires", "QianfanServiceReadAccessPolicy", "AccessDenied", "HTTP 403", "`r-1`", "last read 3 hours ago", "never read yet"},
		"readable":          {"can be read again", "2 hours ago"},
		"digest":            {"falls from 8 to 3 replicas", "2 services could not be read", "last read 3 hours ago", "Nobody knows when 1 prepaid instance expires", "2 hours late: the bot was not running.", "7 further instances"},
	} {
		text, body := posted(t, announcements()[name], "en")
		var blocks string
		for s := range strings.SplitSeq(string(body), `"blocks"`) {
			blocks = s
		}
		blocks = strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(blocks)
		for _, want := range wants {
			if !strings.Contains(text, want) {
				t.Errorf("%s: the text does not say %q:\n%s", name, want, text)
			}
			if !strings.Contains(blocks, want) {
				t.Errorf("%s: the blocks do not say %q:\n%s", name, want, blocks)
			}
		}
	}
}

func TestAnOutageIsNeverNothingExpires(t *testing.T) {
	for _, name := range []string{"digest-not-known", "unreadable", "unreadable-one"} {
		for language, nothing := range map[string]string{"en": "othing expires within", "zh": "没有实例到期。"} {
			text, _ := posted(t, announcements()[name], language)
			if text = strings.ReplaceAll(text, "并不表示没有实例到期。", ""); strings.Contains(text, nothing) {
				t.Errorf("%s: %s", name, text)
			}
		}
	}
}

func TestThePlainFormHasNoBlocks(t *testing.T) {
	for name, a := range announcements() {
		rich := Announce(a, phrase.For("en"), "https://x.example")
		a.Plain = true
		plain := Announce(a, phrase.For("en"), "https://x.example")
		if plain.Blocks != nil || plain.Text != rich.Text || len(rich.Blocks) == 0 {
			t.Errorf("%s: %d blocks, text %q", name, len(plain.Blocks), plain.Text)
		}
	}
}

// crowd is an announcement of a kind with n of everything in it, in which
// foreign texts are text.
func crowd(kind plan.Kind, n int, text string) plan.Announcement {
	r := rand.New(rand.NewPCG(uint64(n), 7))
	a := plan.Announcement{Key: "k", Channel: "C0GPU", Kind: kind, At: noon, More: n, PossiblyRepeated: true}
	reasons := []plan.LateReason{plan.LateSlack, plan.LateQianfan, plan.LateNotRunning, plan.LateFirstSeen, ""}
	for i := range min(n, 90) {
		item := in(fmt.Sprintf("svco-%d%s", i%7, text), text, stops(fmt.Sprint(i)+text, r.IntN(1<<40), time.Duration(i-20)*7*time.Hour))
		item.Late, item.LateWhy = time.Duration(i)*time.Hour, reasons[i%5]
		item.Status, item.ZoneAssumed, item.Unlisted, item.Stale = qianfan.Status(text), i%2 == 0, i%3 == 0, i%4 == 0
		if i%5 == 0 {
			item.Present = item.Expires.Add(time.Duration(r.IntN(3)-1) * day)
		}
		a.Items = append(a.Items, item)
	}
	d := &plan.Digest{Day: plan.Date{Year: 2026, Month: 11, Day: 24}, Zone: time.UTC, Unknown: make([]plan.Item, n), Vanished: n, Beyond: n, Services: n, Instances: n, Replicas: n, Late: time.Hour}
	for i := range n {
		id := fmt.Sprintf("svco-%d%s", i, text)
		tr := plan.Trouble{Service: id, Label: text, ReadAt: noon.Add(-time.Hour), Since: noon, Status: 400 + i%200, Code: text, Message: text, RequestID: text}
		a.Troubles = append(a.Troubles, tr)
		d.Unread = append(d.Unread, tr)
		a.Services = append(a.Services, plan.Summary{Service: id, Label: text, Instances: 2, Replicas: i, Renewed: i % 3, Open: 1, Soonest: noon.Add(time.Duration(i) * time.Hour), Shares: []plan.Share{{By: fmt.Sprint("U", i, text), Acknowledged: i % 4, Snoozed: i % 5, Until: noon}}})
		d.Losses = append(d.Losses, plan.Loss{Day: d.Day, Service: id, Label: text, Instances: i, Replicas: i, Left: 1 << 40})
	}
	if kind == plan.KindDigest {
		a.Digest = d
	}
	return a
}

func kinds() []plan.Kind {
	return []plan.Kind{plan.KindExpiry, plan.KindCollected, plan.KindRenewed, plan.KindReverted, plan.KindVanished, plan.KindUnknown, plan.KindCorrection, plan.KindUnreadable, plan.KindReadable, plan.KindDigest, "forecast"}
}

func TestAnyAnnouncementFits(t *testing.T) {
	long := strings.Repeat("<&`*_~\x00\u202e界", 2000)
	turn := 0
	for _, kind := range kinds() {
		for _, n := range []int{0, 1, 2, 10, 90, 5000} {
			hostile := []string{"", "Chat prod", long, "<!channel> <@U1> & @here", strings.Repeat("&", 100)}
			if n > 90 {
				hostile = hostile[1:3]
			}
			for _, text := range hostile {
				turn++ // each language has every other of them
				language := golden.Languages()[turn%2]
				said, body := posted(t, crowd(kind, n, text), language)
				golden.Acceptable(t, body)
				editable(t, said)
				if t.Failed() {
					t.Fatalf("%s with %d of %.20q in %s", kind, n, text, language)
				}
			}
		}
	}
}

// editable fails for a text that chat.update would refuse, which counts bytes,
// and for one that was cut in the middle of something.
func editable(t *testing.T, text string) {
	t.Helper()
	if len(text) > 4000 || !utf8.ValidString(text) {
		t.Errorf("a text of %d bytes, or none:\n%s", len(text), text)
	}
	for line := range strings.Lines(text) {
		if strings.Count(line, "<") != strings.Count(line, ">") {
			t.Errorf("cut in the middle: %q", line)
		}
	}
}

// A reminder of many instances in Chinese, three bytes a character, can be
// edited later, and says of how many it says nothing.
func TestATextIsCutByBytesAtTheEndOfALine(t *testing.T) {
	var many []plan.Item
	for i := range 40 {
		many = append(many, with(stops(fmt.Sprintf("%019x", i), 1+i%9, 7*day), func(i *plan.Item) { i.Label = "大语言模型推理服务（生产环境）" }))
	}
	for _, language := range golden.Languages() {
		for _, plain := range []bool{false, true} {
			a := expiring(many...)
			a.Plain = plain
			said := Announce(a, phrase.For(language), "").Text
			editable(t, said)
			if last := said[strings.LastIndexByte(said, '\n')+1:]; !strings.HasPrefix(last, "…") || strings.Count(said, "\n• ") < 15 {
				t.Errorf("%s, %d bytes, ends with %q:\n%s", language, len(said), last, said)
			}
		}
	}
}

// What is called deleted before it expires has no hours left, and has not expired.
func TestWhatWasDeletedBeforeItsExpiryIsNotCalledExpired(t *testing.T) {
	for _, name := range []string{"reminder-deleted", "reminder-deleted-some"} {
		for language, words := range map[string][]string{"en": {"20 hours", "xpired"}, "zh": {"20 小时", "已到期"}} {
			text, body := posted(t, announcements()[name], language)
			for _, wrong := range words {
				if strings.Contains(text, wrong) || strings.Contains(string(body), wrong) {
					t.Errorf("%s says %q:\n%s", name, wrong, text)
				}
			}
		}
	}
}

func TestWhatDoesNotFitIsCounted(t *testing.T) {
	for _, kind := range []plan.Kind{plan.KindCollected, plan.KindUnreadable, plan.KindDigest} {
		text, body := posted(t, crowd(kind, 5000, "Chat"), "en")
		if !strings.Contains(text, "more, not shown here.") || strings.Count(string(body), "more, not shown here.") < 2 {
			t.Errorf("%s: %s", kind, text)
		}
	}
	var ninety []plan.Item
	for i := range 90 {
		ninety = append(ninety, stops(fmt.Sprintf("%019x", i), 1+i%9, time.Duration(i)*time.Hour+day))
	}
	if _, body := posted(t, expiring(ninety...), "en"); strings.Count(string(body[len(body)/4:]), "0000000000000000059") == 0 {
		t.Errorf("the 90 instances of one reminder should all be shown")
	}
}

func FuzzAnnouncement(f *testing.F) {
	f.Add(0, 3, "Chat <!channel>", int64(3600), true)
	f.Add(5, 200, "`*~_&", int64(-1), false)
	f.Fuzz(func(t *testing.T, kind, n int, text string, seconds int64, chinese bool) {
		all := kinds()
		if n < 0 || n > 300 || kind < 0 {
			t.Skip()
		}
		a := crowd(all[kind%len(all)], n, text)
		a.At = a.At.Add(time.Duration(seconds%(1<<27)) * time.Second)
		_, body := posted(t, a, golden.Languages()[truth(chinese)])
		golden.Acceptable(t, body)
	})
}

func BenchmarkAnnounce(b *testing.B) {
	for _, kind := range []plan.Kind{plan.KindExpiry, plan.KindCollected, plan.KindDigest} {
		a := crowd(kind, 5000, "Chat prod")
		b.Run(string(kind), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				posted(b, a, "en")
			}
		})
	}
	one := expiring(stops("a0085162xxx9d19e58e", 5, day))
	b.Run("one", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			posted(b, one, "en")
		}
	})
}
