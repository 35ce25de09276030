package views

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"computeunits/bot/action"
	"computeunits/bot/blocks"
	"computeunits/bot/golden"
	"computeunits/bot/messages"
	"computeunits/bot/phrase"
	"computeunits/bot/slacksim/blockkit"
	"computeunits/notify/plan"
)

func TestModalsAreAsTheyWereAgreed(t *testing.T) {
	ladder, err := plan.ParseLadder("30d,36h,0d")
	if err != nil {
		t.Fatal(err)
	}
	groups := []slack.UserGroup{{ID: "S0OPS", Handle: "ops"}, {ID: "S0ML", Handle: "ml"}}
	form := WatchForm{Watch: plan.Watch{Service: "svco-48exxxa594", Label: "Chat <prod>", Channel: "C0GPU", Ladder: ladder, Owners: []string{"U0BOB", "S0ML"}},
		Watched: true, Before: ladder, Channel: "C0GPU", Groups: groups}
	fixed, fresh := form, form
	fixed.Watch.Fixed = true
	fresh.Watch, fresh.Watched, fresh.Groups, fresh.Hidden, fresh.Notice = plan.Watch{Service: "svco-1"}, false, nil, true, "No."
	about := []plan.Expiry{{Service: "svco-1", Instance: "cu-1", Expires: golden.Time}, {Service: "svco-1", Instance: "cu-2", Expires: golden.Time.Add(time.Hour)}}
	for _, language := range []string{phrase.English, phrase.Chinese} {
		book := phrase.For(language)
		effect := plan.ReminderDiff{Added: []plan.PlannedReminder{{Expiry: about[0], Threshold: 24 * time.Hour, At: golden.Time, Channel: "C0GPU"}},
			Dropped: []plan.PlannedReminder{{Expiry: about[1], Threshold: 0, At: golden.Time, Channel: "C0GPU"}}}
		for name, view := range map[string]slack.ModalViewRequest{
			"watch": form.View(book), "watch-fixed": fixed.View(book), "watch-new": fresh.View(book),
			"pick":    Pick(book, time.UTC, action.Action{Kind: action.Pick, Channel: "C0GPU", TS: "1.2"}, about),
			"loading": Loading(book), "saving": Saving(book),
			"notice": NoticeModal(book.Say("modal.watch.title"), messages.Mrkdwn(messages.EffectLines(book, effect)...).Text, book),
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

// What stands below the fields of a form that is filled in wrong, and what does
// not fit into one.
func TestFaultsOfFormsAreAsTheyWereAgreed(t *testing.T) {
	value := func(text string) map[string]slack.BlockAction {
		return map[string]slack.BlockAction{fieldAction: {Value: text}}
	}
	for _, language := range golden.Languages() {
		book := phrase.For(language)
		var all []string
		keep := func(faults map[string]string) {
			for _, field := range slices.Sorted(maps.Keys(faults)) {
				all = append(all, field+": "+faults[field])
			}
		}
		_, _, faults := ReadPick(book, nil)
		keep(faults)
		_, faults = ReadWatch(book, "svco-1", &slack.ViewState{Values: map[string]map[string]slack.BlockAction{"label": value("a\nb"), "more": value("soon")}})
		keep(faults)
		for _, n := range []int{blocks.MaxOptions + 1, blocks.MaxOptions + 2} {
			var about []plan.Expiry
			for i := range n {
				about = append(about, plan.Expiry{Service: "svco-1", Instance: fmt.Sprint("cu-", i), Expires: golden.Time})
			}
			view := Pick(book, time.UTC, action.Action{Kind: action.Pick}, about)
			golden.View(t, view)
			last := view.Blocks.BlockSet[len(view.Blocks.BlockSet)-1].(*slack.ContextBlock)
			all = append(all, last.ContextElements.Elements[0].(*slack.TextBlockObject).Text)
		}
		for _, n := range []int{1, 3} { // a table takes what a page holds, and would say so if it did not
			all = append(all, blocks.ForSlack(book, "").Count("ask.more", n, "shown", 90))
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
	f, faults := ReadWatch(book, "svco-1", state)
	if len(faults) > 0 || f.Label != "Chat" || f.Ladder.String() != "10d,36h" || !f.own || f.groups {
		t.Errorf("read %+v, %v", f, faults)
	}
	kept := f.Onto(plan.Watch{Service: "svco-1", Owners: []string{"S0OPS", "U0ALICE"}})
	if fmt.Sprint(kept.Owners) != "[U0BOB S0OPS]" {
		t.Errorf("the owners are %v: a group that could not be shown must stay", kept.Owners)
	}
	for more, field := range map[string]string{"soon": "more", "999d": "more", "1h 1x": "more"} {
		if _, faults := ReadWatch(book, "svco-1", &slack.ViewState{Values: map[string]map[string]slack.BlockAction{"more": text(more)}}); faults[field] == "" {
			t.Errorf("%q has no fault at %s: %v", more, field, faults)
		}
	}
}

func TestAFormThatIsKeptOpenSaysWhy(t *testing.T) {
	const fields = `{"type":"view_submission","view":{"private_metadata":"v=1&do=set&g=%s","blocks":[{"type":"section","block_id":"intro"},{"type":"input","block_id":"label"},{"type":"input","block_id":"more"}]}}`
	const none = `{"type":"view_submission","view":{"private_metadata":"v=1&do=unwatch&g=%s","blocks":[{"type":"section","block_id":"intro"}]}}`
	for _, language := range []string{phrase.English, phrase.Chinese} {
		busy := func(book *phrase.Book) string { return book.Count("excuse.form.busy", 256) }
		many := func(book *phrase.Book) string { return book.Count("excuse.form.many", 8) }
		stopping := func(book *phrase.Book) string { return book.Say("excuse.form.stopping") }
		other := phrase.For(map[string]string{phrase.English: phrase.Chinese, phrase.Chinese: phrase.English}[language])
		body, err := json.Marshal([]any{
			KeptOpen([]byte(fmt.Sprintf(fields, language)), other, busy),
			KeptOpen([]byte(fmt.Sprintf(fields, language)), other, many),
			KeptOpen([]byte(fmt.Sprintf(none, language)), other, stopping),
		})
		if err != nil {
			t.Fatal(err)
		}
		golden.JSON(t, "modal-kept-"+language, body)
	}
	for _, press := range []string{`{"type":"block_actions"}`, `{`, ``} {
		if said := KeptOpen([]byte(press), phrase.For(""), nil); said != nil {
			t.Errorf("%s is answered with %v", press, said)
		}
	}
}
