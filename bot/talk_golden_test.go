package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"computeunits/bot/golden"
	"computeunits/bot/grammar"
	"computeunits/bot/phrase"
	"computeunits/notify"
	"computeunits/qianfan"
)

// writer is how somebody who wrote a direct message is answered.
func writer(language string) dialect { return mrkdwn(phrase.For(language), "") }

// talked are the messages of conversations, in the language of w, by name.
func talked(w dialect) map[string]rendering {
	item := func(service, label, id string, left time.Duration) notify.Item {
		return notify.Item{Service: service, Label: label, Instance: id, Replicas: 4, Status: qianfan.Running,
			Expires: goldenTime.Add(left), ReadAt: goldenTime.Add(-3 * time.Minute)}
	}
	soon := notify.Outlook{
		Items: []notify.Item{
			item("svco-a", "Chat <prod>", "cu-gone", -2*day), item("svco-a", "Chat <prod>", "cu-1", 5*day), item("svco-b", "", "cu-2", 20*day),
		},
		Services:  []notify.Summary{{Service: "svco-a", Label: "Chat <prod>", Instances: 2, Replicas: 8, Soonest: goldenTime.Add(-2 * day)}, {Service: "svco-b", Instances: 1, Replicas: 4, Soonest: goldenTime.Add(20 * day)}},
		Instances: 3, Replicas: 12,
	}
	trouble := notify.Trouble{Service: "svco-c", Since: goldenTime.Add(-day), Status: 403, Code: "AccessDenied", RequestID: "r-9", Refused: true}
	blind := notify.Outlook{Unread: []notify.Trouble{trouble}, Unknown: 1}
	look := func(o notify.Outlook, r grammar.Request) rendering {
		if r.Verb == grammar.Next {
			o.Items = upcoming(o.Items, goldenTime)
			o.Instances = len(o.Items)
		}
		p := scribe{notify.Announcement{At: goldenTime, Items: o.Items}, w.Book}.outlook(o, r, horizon(r, goldenTime))
		return folio{line: r.Line()}.rendering(w.Book, p, o.Instances)
	}
	watches := []notify.Watch{{Service: "svco-a", Label: "Chat <prod>", Fixed: true}, {Service: "svco-b", By: "U0BOB"}, {Service: "svco-c", By: "U0BOB"}}
	health := notify.Health{Services: []notify.ServiceHealth{
		{Service: "svco-a", Channel: "C0GPU", ReadAt: goldenTime.Add(-time.Minute)}, {Service: "svco-c", Channel: "C0GPU", Trouble: &trouble},
	}}
	listed := scribe{notify.Announcement{At: goldenTime}, w.Book}.watchedServices(homeFacts{at: goldenTime, watches: watches, outlook: soon, health: health}.services(), 0)
	within := grammar.Request{Verb: grammar.Expiring, For: 30 * day}
	answer := listing(1, "")
	watching := notify.Watching{Watch: watches[1], Changed: true}
	changed, same := watching, watching
	changed.Was, same.Changed = &watches[1], false
	below := sheet{Answer: answer}.rendering(w)
	answers := []notify.Answer{{Expiry: notify.Expiry{Service: "svco-a", Instance: "cu-1", Expires: goldenTime.Add(5 * day)}, Changed: true,
		Pause: notify.Pause{By: "U0ALICE", At: goldenTime, Until: goldenTime.Add(2 * day)}, By: "U0ALICE", At: goldenTime}}
	empty := NewAnswer(qianfan.Query{ServiceID: "svco-a", Timing: qianfan.Postpaid}, qianfan.Reading{At: goldenTime})
	return map[string]rendering{
		"usage":             usage(w, false, documented()),
		"outlook":           look(soon, within),
		"outlook-service":   look(only(soon, "svco-b"), grammar.Request{Verb: grammar.Expiring, Service: "svco-b", For: 30 * day}),
		"outlook-several":   look(only(soon, "svco-a"), grammar.Request{Verb: grammar.Expiring, Service: "svco-a", For: 30 * day}),
		"outlook-nothing":   look(notify.Outlook{}, within),
		"outlook-unsure":    look(blind, within),
		"outlook-next":      look(soon, grammar.Request{Verb: grammar.Next}),
		"outlook-next-none": look(notify.Outlook{}, grammar.Request{Verb: grammar.Next}),
		"services":          folio{line: grammar.Request{Verb: grammar.Services}.Line()}.rendering(w.Book, listed, 3),
		"answer":            NewAnswer(qianfan.Query{ServiceID: "svco-48exxxa594"}, everything()).rendering(w),
		"answer-table":      NewAnswer(qianfan.Query{ServiceID: "svco-48exxxa594"}, many(11)).rendering(w),
		"answer-none":       empty.rendering(w),
		"watch-begun":       begun(w, watching, answer, []string{w.Count("watch.reminders", 5, "when", dateToken(w.Book, goldenTime))}, below),
		"watch-changed":     begun(w, changed, answer, nil, below),
		"watch-same":        begun(w, same, answer, nil, below),
		"unwatch-done":      ended(w.Book, watching, true, goldenTime),
		"unwatch-not":       ended(w.Book, notify.Watching{Watch: notify.Watch{Service: "svco-a", By: "U0BOB", At: goldenTime.Add(-day)}}, true, goldenTime),
		"snooze":            answered(w.Book, actSnooze, answers, map[string]string{"svco-a": "Chat <prod>"}, goldenTime),
	}
}

func TestConversationsAreAsTheyWereAgreed(t *testing.T) {
	for _, language := range []string{phrase.English, phrase.Chinese} {
		for name, m := range talked(writer(language)) {
			golden.JSON(t, "talk-"+name+"-"+language, sent(t, m))
		}
		golden.JSON(t, "talk-usage-command-"+language, sent(t, usage(command(language), true, documented())))
	}
}

// Sentences of which each is a message by itself stand together in one file.
func TestSentencesAreAsTheyWereAgreed(t *testing.T) {
	reasons := []grammar.Reason{grammar.TooLong, grammar.Unknown, grammar.Nothing, grammar.BadServiceID, grammar.NoService, grammar.NoInstance,
		grammar.NoTime, grammar.TwoServices, grammar.TwoInstances, grammar.TwoTimes, grammar.TwoVerbs, grammar.AmbiguousLabel, grammar.AmbiguousTime,
		grammar.BadTime, grammar.Past, grammar.Negated, grammar.Doubtful, grammar.BadLabel, grammar.Misplaced}
	failures := []error{errors.New("x"), context.DeadlineExceeded}
	for _, e := range []qianfan.Error{{Code: "InvalidAccessKeyId"}, {Code: "SignatureDoesNotMatch"}, {Code: "RequestExpired"}, {Code: "AccessDenied"},
		{Code: "ResourceNotFound"}, {Status: 429}, {Status: 401}, {Status: 500}, {Status: 400}, {Status: 200, Code: "1", Message: "<odd>", RequestID: "r-1"}} {
		failures = append(failures, &e)
	}
	for _, language := range []string{phrase.English, phrase.Chinese} {
		w := writer(language)
		var all []string
		keep := func(m rendering) {
			sent(t, m)
			all = append(all, m.text)
		}
		for _, r := range reasons {
			keep(misunderstood(w, &grammar.Misunderstanding{Reason: r, Words: []string{"<!here>", "`b`"},
				Suggestions: []grammar.Request{{Verb: grammar.Next}, {Verb: grammar.Ask, Service: "svco-a"}}[:len(r)%3]}))
		}
		for _, err := range failures {
			keep(plain(explain(w.Book, err)))
		}
		keep(plain(w.Say("error.inside", "id", "envelope")))
		keep(refusal(w.Book, nil))
		keep(refusal(w.Book, []string{"C0GPU", "C0OPS"}))
		keep(plain(w.Say("talk.terminal")))
		keep(plain(w.Say("error.broken", "id", "envelope")))
		keep(para(w.Book, w.Say("watch.fixed", "service", code("svco-a"))))
		keep(para(w.Book, w.Count("watch.reminders", 1, "when", "tomorrow")))
		keep(para(w.Book, w.Count("watch.reminders.now", 1)))
		keep(para(w.Book, w.Say("pause.unknown", "instance", code("cu-<1>"))))
		text := strings.Join(all, "\n") + "\n"
		golden.File(t, "talk-sentences-"+language+".txt", []byte(text))
		for _, known := range []string{"[reason.", "[explain.", "<!here>", "{"} {
			if strings.Contains(text, known) {
				t.Errorf("%s: %q stands in\n%s", language, known, text)
			}
		}
	}
}

// Whatever the services are called, every entry stands as a whole on one page.
func TestEveryEntryStandsOnAPage(t *testing.T) {
	for _, label := range []string{"", "Chat", strings.Repeat("<&>", 60), strings.Repeat("界", 200)} {
		var all []homeService
		for i := range 500 {
			all = append(all, homeService{Watch: notify.Watch{Service: fmt.Sprintf("svco-%03d", i), Label: label, By: "U0BOB"}})
		}
		w := writer("en")
		for begin := 0; begin < len(all); {
			s := scribe{notify.Announcement{At: goldenTime}, w.Book}
			f := folio{line: "services", begin: begin}
			m := f.rendering(w.Book, s.watchedServices(all, begin), len(all))
			body := string(sent(t, m))
			after := begin
			for ; after < len(all) && strings.Contains(body, fmt.Sprintf("svco-%03d", after)); after++ {
			}
			next := deed{act: actLeaf, line: "services", skip: after}.encode()
			if quoted, _ := json.Marshal(next); after == begin || after < len(all) && !strings.Contains(body, string(quoted)) {
				t.Fatalf("labels like %.9q: the page from %d on ends before %d, and no button goes on there", label, begin, after)
			}
			begin = after
		}
	}
}
