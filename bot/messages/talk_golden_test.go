package messages

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"computeunits/bot/action"
	"computeunits/bot/blocks"
	"computeunits/bot/golden"
	"computeunits/bot/grammar"
	"computeunits/bot/phrase"
	"computeunits/notify/plan"
	"computeunits/qianfan"
)

// writer is how somebody who wrote a direct message is answered.
func writer(language string) blocks.Dialect { return blocks.ForSlack(phrase.For(language), "") }

// talked are the messages of conversations, in the language of w, by name.
func talked(w blocks.Dialect) map[string]Message {
	item := func(service, label, id string, left time.Duration) plan.Item {
		return plan.Item{Service: service, Label: label, Instance: id, Replicas: 4, Status: qianfan.Running,
			Expires: golden.Time.Add(left), ReadAt: golden.Time.Add(-3 * time.Minute)}
	}
	soon := plan.Outlook{
		Items: []plan.Item{
			item("svco-a", "Chat <prod>", "cu-gone", -2*day), item("svco-a", "Chat <prod>", "cu-1", 5*day), item("svco-b", "", "cu-2", 20*day),
		},
		Services:  []plan.Summary{{Service: "svco-a", Label: "Chat <prod>", Instances: 2, Replicas: 8, Soonest: golden.Time.Add(-2 * day)}, {Service: "svco-b", Instances: 1, Replicas: 4, Soonest: golden.Time.Add(20 * day)}},
		Instances: 3, Replicas: 12,
	}
	trouble := plan.Trouble{Service: "svco-c", Since: golden.Time.Add(-day), Status: 403, Code: "AccessDenied", RequestID: "r-9", Refused: true}
	blind := plan.Outlook{Unread: []plan.Trouble{trouble}, Unknown: []plan.Item{{Service: "svco-a", Label: "Chat <prod>", Instance: "cu-odd", Replicas: 2, Raw: "+08"}}}
	missed := plan.Outlook{Vanished: []plan.Item{item("svco-a", "Chat <prod>", "cu-3", 200*day), {Service: "svco-b", Instance: "cu-4", Replicas: 1, Unlisted: true}}}
	missed.Vanished[0].Unlisted = true
	look := func(o plan.Outlook, r grammar.Request) Message {
		if r.Verb == grammar.Next {
			o.Items = Upcoming(o.Items, golden.Time)
			o.Instances = len(o.Items)
		}
		p := Words{plan.Announcement{At: golden.Time, Items: o.Items}, w.Book}.Outlook(o, r, Horizon(r, golden.Time))
		return ListPage{Line: r.Line()}.Message(w.Book, p, o.Instances)
	}
	watches := []plan.Watch{{Service: "svco-a", Label: "Chat <prod>", Fixed: true}, {Service: "svco-b", By: "U0BOB"}, {Service: "svco-c", By: "U0BOB"}}
	health := plan.Health{Services: []plan.ServiceHealth{
		{Service: "svco-a", Channel: "C0GPU", ReadAt: golden.Time.Add(-time.Minute)}, {Service: "svco-c", Channel: "C0GPU", Trouble: &trouble},
	}}
	soon.Unknown, soon.Vanished = blind.Unknown, missed.Vanished
	listed := Words{plan.Announcement{At: golden.Time}, w.Book}.WatchedServices(Watched(golden.Time, watches, soon, health), 0)
	soon.Unknown, soon.Vanished = nil, nil
	unknown := Words{plan.Announcement{At: golden.Time}, w.Book}.Instance("cu-odd", blind.Unknown)
	within := grammar.Request{Verb: grammar.Expiring, For: 30 * day}
	answer := listing(1, "")
	watching := plan.WatchChange{Watch: watches[1], Changed: true}
	changed, same := watching, watching
	changed.Was, same.Changed = &watches[1], false
	below := AnswerPage{Answer: answer}.Message(w)
	answers := []plan.Answer{{Expiry: plan.Expiry{Service: "svco-a", Instance: "cu-1", Expires: golden.Time.Add(5 * day)}, Changed: true,
		Pause: plan.Pause{By: "U0ALICE", At: golden.Time, Until: golden.Time.Add(2 * day)}, By: "U0ALICE", At: golden.Time}}
	empty := NewAnswer(qianfan.Query{ServiceID: "svco-a", Timing: qianfan.Postpaid}, qianfan.Reading{At: golden.Time})
	return map[string]Message{
		"usage":             Help(w, false, DocumentedExample()),
		"outlook":           look(soon, within),
		"outlook-service":   look(OfService(soon, "svco-b"), grammar.Request{Verb: grammar.Expiring, Service: "svco-b", For: 30 * day}),
		"outlook-several":   look(OfService(soon, "svco-a"), grammar.Request{Verb: grammar.Expiring, Service: "svco-a", For: 30 * day}),
		"outlook-nothing":   look(plan.Outlook{}, within),
		"outlook-unsure":    look(blind, within),
		"outlook-vanished":  look(missed, within),
		"instance-unknown":  {unknown.Text(w.Book), unknown.Blocks(w.Book)},
		"outlook-next":      look(soon, grammar.Request{Verb: grammar.Next}),
		"outlook-next-none": look(plan.Outlook{}, grammar.Request{Verb: grammar.Next}),
		"services":          ListPage{Line: grammar.Request{Verb: grammar.Services}.Line()}.Message(w.Book, listed, 3),
		"answer":            NewAnswer(qianfan.Query{ServiceID: "svco-48exxxa594"}, everything()).Message(w),
		"answer-table":      NewAnswer(qianfan.Query{ServiceID: "svco-48exxxa594"}, many(11)).Message(w),
		"answer-none":       empty.Message(w),
		"watch-begun":       WatchBegun(w, watching, answer, []string{w.Count("watch.reminders", 5, "when", blocks.Date(w.Book, golden.Time))}, below),
		"watch-changed":     WatchBegun(w, changed, answer, nil, below),
		"watch-same":        WatchBegun(w, same, answer, nil, below),
		"unwatch-done":      WatchEnded(w.Book, watching, true, golden.Time),
		"unwatch-not":       WatchEnded(w.Book, plan.WatchChange{Watch: plan.Watch{Service: "svco-a", By: "U0BOB", At: golden.Time.Add(-day)}}, true, golden.Time),
		"snooze":            Answered(w.Book, action.Snooze, answers, map[string]string{"svco-a": "Chat <prod>"}, golden.Time),
	}
}

func TestConversationsAreAsTheyWereAgreed(t *testing.T) {
	for _, language := range []string{phrase.English, phrase.Chinese} {
		for name, m := range talked(writer(language)) {
			golden.JSON(t, "talk-"+name+"-"+language, sent(t, m))
		}
		golden.JSON(t, "talk-usage-command-"+language, sent(t, Help(command(language), true, DocumentedExample())))
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
		keep := func(m Message) {
			sent(t, m)
			all = append(all, m.Text)
		}
		for _, r := range reasons {
			keep(Misunderstood(w, &grammar.Misunderstanding{Reason: r, Words: []string{"<!here>", "`b`"},
				Suggestions: []grammar.Request{{Verb: grammar.Next}, {Verb: grammar.Ask, Service: "svco-a"}}[:len(r)%3]}))
		}
		for _, err := range failures {
			keep(Text(ExplainIn(w.Book, err)))
		}
		keep(Text(w.Say("error.inside", "id", "envelope")))
		keep(MayNotChange(w.Book, nil))
		keep(MayNotChange(w.Book, []string{"C0GPU", "C0OPS"}))
		keep(Text(w.Say("talk.terminal")))
		keep(Text(w.Say("error.broken", "id", "envelope")))
		keep(Paragraph(w.Book, w.Say("watch.fixed", "service", blocks.Code("svco-a"))))
		keep(Paragraph(w.Book, w.Count("watch.reminders", 1, "when", "tomorrow")))
		keep(Paragraph(w.Book, w.Count("watch.reminders.now", 1)))
		keep(Paragraph(w.Book, w.Say("pause.unknown", "instance", blocks.Code("cu-<1>"))))
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
		var all []WatchedService
		for i := range 500 {
			all = append(all, WatchedService{Watch: plan.Watch{Service: fmt.Sprintf("svco-%03d", i), Label: label, By: "U0BOB"}})
		}
		w := writer("en")
		for begin := 0; begin < len(all); {
			s := Words{plan.Announcement{At: golden.Time}, w.Book}
			f := ListPage{Line: "services", Begin: begin}
			m := f.Message(w.Book, s.WatchedServices(all, begin), len(all))
			body := string(sent(t, m))
			after := begin
			for ; after < len(all) && strings.Contains(body, fmt.Sprintf("svco-%03d", after)); after++ {
			}
			next := action.Action{Kind: action.Page, Line: "services", Skip: after}.Encode()
			if quoted, _ := json.Marshal(next); after == begin || after < len(all) && !strings.Contains(body, string(quoted)) {
				t.Fatalf("labels like %.9q: the page from %d on ends before %d, and no button goes on there", label, begin, after)
			}
			begin = after
		}
	}
}
