package bot

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"computeunits/bot/golden"
	"computeunits/bot/phrase"
	"computeunits/bot/slacksim/blockkit"
	"computeunits/notify"
	"computeunits/qianfan"
)

// goldenTime is the moment of all golden files here.
var goldenTime = time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC)

// command is how somebody who typed the slash command is answered.
func command(language string) dialect { return mrkdwn(phrase.For(language), "/computeunits ") }

// listing is an answer of so many instances.
func listing(n int, foreign string) Answer {
	var r qianfan.Reading
	r.At, r.RequestID = goldenTime, "r-1"
	for i := range n {
		r.Instances = append(r.Instances, qianfan.Instance{
			ID: fmt.Sprintf("cu-%04d%s", i, foreign), Timing: qianfan.Prepaid, Replicas: 2, Status: qianfan.Status("Running" + foreign),
			Start: goldenTime.AddDate(0, -1, 0), Expires: goldenTime.Add(time.Duration(i+1) * time.Hour)})
	}
	return NewAnswer(qianfan.Query{ServiceID: "svco-48exxxa594", Timing: qianfan.Prepaid}, r)
}

// sent is what Slack gets.
func sent(t *testing.T, m rendering) []byte {
	t.Helper()
	return golden.Message(t, m.text, m.blocks)
}

func TestMessagesWithButtonsAreAsTheyWereAgreed(t *testing.T) {
	soon := notify.Expiry{Service: "svco-48exxxa594", Instance: "cu-0000", Expires: goldenTime.Add(time.Hour)}
	paused := map[notify.Expiry]notify.Pause{soon: {By: "U0BOB", At: goldenTime}}
	for name, s := range map[string]sheet{
		"one":    {Answer: listing(1, ""), private: true, watch: true, watched: true, pauses: paused},
		"posted": {Answer: listing(1, ""), private: true, posted: "✅", watch: true},
		"direct": {Answer: listing(0, "")},
		"page":   {Answer: listing(200, ""), skip: 70, private: true, watch: true},
	} {
		for _, language := range []string{phrase.English, phrase.Chinese} {
			body := sent(t, s.rendering(command(language)))
			golden.JSON(t, "press-"+name+"-"+language, body)
		}
	}
}

func TestPausedRemindersAreAsTheyWereAgreed(t *testing.T) {
	item := func(id string, p notify.Pause) notify.Item {
		return notify.Item{Service: "svco-48exxxa594", Label: "Chat prod", Instance: id, Replicas: 4, Status: qianfan.Running,
			Expires: goldenTime.Add(5 * 24 * time.Hour), ReadAt: goldenTime, Pause: p}
	}
	acknowledged := notify.Pause{By: "U0ALICE", At: goldenTime}
	snoozed := notify.Pause{By: "U0BOB", At: goldenTime, Until: goldenTime.Add(24 * time.Hour)}
	for name, items := range map[string][]notify.Item{
		"acknowledged": {item("cu-1", acknowledged)},
		"snoozed":      {item("cu-1", snoozed)},
		"mixed":        {item("cu-1", acknowledged), item("cu-2", snoozed), item("cu-3", notify.Pause{})},
		"all":          {item("cu-1", acknowledged), item("cu-2", acknowledged)},
	} {
		for _, language := range []string{phrase.English, phrase.Chinese} {
			m := announce(notify.Announcement{Kind: notify.KindExpiry, At: goldenTime, Items: items}, phrase.For(language), "https://console.example/")
			golden.JSON(t, "press-reminder-"+name+"-"+language, sent(t, m))
		}
	}
}

// partly is what the message that names two services says when people answered
// to some of the open instances of one of them.
func partly(open, acknowledged, snoozed int) notify.Announcement {
	shares := []notify.Share{{By: "U0ALICE", Acknowledged: acknowledged}}
	if snoozed > 0 {
		shares = append(shares, notify.Share{By: "U0BOB", Snoozed: snoozed, Until: goldenTime.Add(48 * time.Hour)})
	}
	return notify.Announcement{Kind: notify.KindCollected, At: goldenTime, More: open + 1, Services: []notify.Summary{
		{Service: "svco-48exxxa594", Label: "Chat prod", Instances: open, Replicas: 2 * open, Open: open, Shares: shares, Soonest: goldenTime.Add(72 * time.Hour)},
		{Service: "svco-7fq2xxk301", Instances: 1, Renewed: 1, Replicas: 4, Soonest: goldenTime.Add(144 * time.Hour)},
	}}
}

// What the message says whose thread has the instances.
func TestCollectedRemindersAreAsTheyWereAgreed(t *testing.T) {
	many := partly(16, 2, 0)
	for i := range 14 {
		many.Services[0].Shares = append(many.Services[0].Shares, notify.Share{By: fmt.Sprint("U", i), Acknowledged: 1})
	}
	for name, a := range map[string]notify.Announcement{
		"some": partly(5, 3, 2), "all": partly(5, 5, 0), "one": partly(1, 1, 0), "snoozed": partly(1, 0, 1), "people": many,
	} {
		for _, language := range languages {
			golden.JSON(t, "press-collected-"+name+"-"+language, sent(t, announce(a, phrase.For(language), "https://console.example/")))
		}
	}
}

// What a press, or words, did to one instance and to several.
func TestOutcomesAreAsTheyWereAgreed(t *testing.T) {
	mine := notify.Answer{Changed: true}
	obstacle := func(o notify.Obstacle) notify.Answer { return notify.Answer{Obstacle: o} }
	for _, language := range languages {
		var all []string
		asked := 0
		tell := func(did act, answers ...notify.Answer) {
			lines := outcome(phrase.For(language), did, max(asked, len(answers)), answers, goldenTime)
			sent(t, marking(lines...))
			all = append(all, lines...)
		}
		for _, did := range []act{actAcknowledge, actUnacknowledge, actSnooze, actUnsnooze} {
			tell(did, mine)
			tell(did, mine, mine)
		}
		tell(actAcknowledge, notify.Answer{By: "U0BOB", At: goldenTime.Add(-time.Hour)})
		tell(actAcknowledge, notify.Answer{})
		tell(actUnacknowledge, notify.Answer{By: "U0BOB", At: goldenTime, Pause: notify.Pause{By: "U0BOB", At: goldenTime, Until: goldenTime.Add(time.Hour)}})
		tell(actAcknowledge, notify.Answer{}, notify.Answer{})
		short := notify.Answer{Changed: true, Shortened: true}
		for _, a := range []notify.Answer{obstacle(notify.ObstacleRenewed), obstacle(notify.ObstacleOver), obstacle("gone"), short} {
			tell(actSnooze, a)
			tell(actSnooze, a, a)
		}
		for _, asked = range []int{3, 4} { // the time was up after the first two
			tell(actAcknowledge, mine, mine)
		}
		all = append(all, follows(phrase.For(language), notify.ShownNever, []notify.Answer{mine})...)
		golden.File(t, "press-outcomes-"+language+".txt", []byte(strings.Join(all, "\n")+"\n"))
	}
}

func TestModalsAreAsTheyWereAgreed(t *testing.T) {
	ladder, err := notify.ParseLadder("30d,36h,0d")
	if err != nil {
		t.Fatal(err)
	}
	groups := []slack.UserGroup{{ID: "S0OPS", Handle: "ops"}, {ID: "S0ML", Handle: "ml"}}
	form := watchForm{watch: notify.Watch{Service: "svco-48exxxa594", Label: "Chat <prod>", Channel: "C0GPU", Ladder: ladder, Owners: []string{"U0BOB", "S0ML"}},
		watched: true, before: ladder, channel: "C0GPU", groups: groups}
	fixed, fresh := form, form
	fixed.watch.Fixed = true
	fresh.watch, fresh.watched, fresh.groups, fresh.hidden, fresh.notice = notify.Watch{Service: "svco-1"}, false, nil, true, "No."
	about := []notify.Expiry{{Service: "svco-1", Instance: "cu-1", Expires: goldenTime}, {Service: "svco-1", Instance: "cu-2", Expires: goldenTime.Add(time.Hour)}}
	for _, language := range []string{phrase.English, phrase.Chinese} {
		book := phrase.For(language)
		effect := notify.Effect{Added: []notify.Step{{Expiry: about[0], Threshold: 24 * time.Hour, At: goldenTime, Channel: "C0GPU"}},
			Dropped: []notify.Step{{Expiry: about[1], Threshold: 0, At: goldenTime, Channel: "C0GPU"}}}
		for name, view := range map[string]slack.ModalViewRequest{
			"watch": form.view(book), "watch-fixed": fixed.view(book), "watch-new": fresh.view(book),
			"pick":    pickView(book, time.UTC, deed{act: actPick, channel: "C0GPU", ts: "1.2"}, about),
			"loading": loading(book), "saving": saving(book),
			"notice": notice(book.Say("modal.watch.title"), marking(effectLines(book, effect)...).text, book),
		} {
			body, err := json.Marshal(view)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range blockkit.CheckView(body) {
				t.Errorf("%s-%s: %s", name, language, p)
			}
			golden.JSON(t, "modal-"+name+"-"+language, body)
		}
	}
}

// Whatever Qianfan sends, every instance stands on some page, and every page is
// within Slack's limits.
func TestEveryInstanceStandsOnAPage(t *testing.T) {
	for _, foreign := range []string{"", "<&\x00é", fmt.Sprintf("%0120d", 7)} {
		for _, n := range []int{0, 1, 10, 11, 64, 65, 500} {
			s := sheet{Answer: listing(n, foreign), private: true, watch: true}
			on := 0
			for s.skip = 0; ; s.skip += s.perPage() {
				sent(t, s.rendering(command("en")))
				page := s.Answer
				begin := s.first(s.skip)
				page.instances = s.instances[begin:min(begin+s.perPage(), n)]
				if len(page.instances) > maxSections {
					_, shown := page.table(phrase.For("en"))
					on += shown
				} else {
					on += len(page.instances)
				}
				if s.skip+s.perPage() >= n {
					break
				}
			}
			if on != n {
				t.Errorf("%d of %d instances of %q are shown", on, n, foreign)
			}
		}
	}
}

// What stands below the fields of a form that is filled in wrong, and what does
// not fit into one.
func TestFaultsOfFormsAreAsTheyWereAgreed(t *testing.T) {
	value := func(text string) map[string]slack.BlockAction {
		return map[string]slack.BlockAction{fieldAction: {Value: text}}
	}
	for _, language := range languages {
		book := phrase.For(language)
		var all []string
		keep := func(faults map[string]string) {
			for _, field := range slices.Sorted(maps.Keys(faults)) {
				all = append(all, field+": "+faults[field])
			}
		}
		_, _, faults := readPick(book, nil)
		keep(faults)
		_, faults = readWatch(book, "svco-1", &slack.ViewState{Values: map[string]map[string]slack.BlockAction{"label": value("a\nb"), "more": value("soon")}})
		keep(faults)
		for _, n := range []int{maxOptions + 1, maxOptions + 2} {
			var about []notify.Expiry
			for i := range n {
				about = append(about, notify.Expiry{Service: "svco-1", Instance: fmt.Sprint("cu-", i), Expires: goldenTime})
			}
			view := pickView(book, time.UTC, deed{act: actPick}, about)
			golden.View(t, view)
			last := view.Blocks.BlockSet[len(view.Blocks.BlockSet)-1].(*slack.ContextBlock)
			all = append(all, last.ContextElements.Elements[0].(*slack.TextBlockObject).Text)
		}
		for _, n := range []int{1, 3} { // a table takes what a page holds, and would say so if it did not
			all = append(all, mrkdwn(book, "").Count("ask.more", n, "shown", 90))
		}
		golden.File(t, "modal-faults-"+language+".txt", []byte(strings.Join(all, "\n")+"\n"))
	}
}

func TestAFormIsReadAsItWasFilledIn(t *testing.T) {
	text := func(s string) map[string]slack.BlockAction {
		return map[string]slack.BlockAction{fieldAction: {Value: s}}
	}
	book := phrase.For("en")
	state := &slack.ViewState{Values: map[string]map[string]slack.BlockAction{
		"label": text(" Chat "), "more": text("３６h、 10d"),
		"people": {fieldAction: {SelectedUsers: []string{"U0BOB"}}},
	}}
	f, faults := readWatch(book, "svco-1", state)
	if len(faults) > 0 || f.Label != "Chat" || f.Ladder.String() != "10d,36h" || !f.own || f.groups {
		t.Errorf("read %+v, %v", f, faults)
	}
	kept := f.onto(notify.Watch{Service: "svco-1", Owners: []string{"S0OPS", "U0ALICE"}})
	if fmt.Sprint(kept.Owners) != "[U0BOB S0OPS]" {
		t.Errorf("the owners are %v: a group that could not be shown must stay", kept.Owners)
	}
	for more, field := range map[string]string{"soon": "more", "999d": "more", "1h 1x": "more"} {
		if _, faults := readWatch(book, "svco-1", &slack.ViewState{Values: map[string]map[string]slack.BlockAction{"more": text(more)}}); faults[field] == "" {
			t.Errorf("%q has no fault at %s: %v", more, field, faults)
		}
	}
}
