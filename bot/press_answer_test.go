package bot_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"computeunits/bot/slacksim"
)

// asksIn types a command as a person in a channel and returns what they read.
func (w *world) asksIn(user, channel, line string) slacksim.Message {
	w.Helper()
	typed := w.slack.Slash(user, channel, line)
	if err := typed.Acked(w.Context()); err != nil {
		w.Fatal(err)
	}
	answer, err := typed.Reply(w.Context())
	if err != nil {
		w.Fatal(err)
	}
	return answer
}

// gets is the next thing that comes of a press.
func (w *world) gets(pressed *slacksim.Interaction) slacksim.Message {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.Context(), time.Minute)
	defer cancel()
	m, err := pressed.Reply(ctx)
	if err != nil {
		w.Fatalf("nothing came of it: %v\n%s", err, w.log)
	}
	return m
}

func TestAnAnswerIsRefreshedAndNarrowedInItsPlace(t *testing.T) {
	for _, c := range []struct{ user, refresh, postpaid string }{{alice, "Refresh", "Postpaid"}, {mei, "刷新", "后付费"}} {
		inAWorld(t, nil, func(w *world) {
			answer := w.asksIn(c.user, general, lookup)
			for _, button := range []string{c.refresh, c.postpaid, c.refresh} {
				next := w.gets(w.presses(c.user, answer, button))
				if next.TS != answer.TS || next.VisibleTo != c.user {
					w.Errorf("%s made another message: %s for %q, not %s", button, next.TS, next.VisibleTo, answer.TS)
				}
				answer = next
			}
			w.sees(answer, "2ad6093exxx7f1c5b48")
			w.content()
		})
	}
}

func TestALongListIsLeafedThrough(t *testing.T) {
	inAWorld(t, nil, func(w *world) {
		answer := w.asksIn(alice, general, "/computeunits svco-biglist000")
		seen := map[string]bool{}
		pages := 0
		for {
			pages++
			for line := range strings.SplitSeq(answer.BlocksPlain(), "\n") {
				if id, _, ok := strings.Cut(line, " | "); ok && strings.HasPrefix(id, "e0") {
					seen[id] = true
				}
			}
			w.sees(answer, "130 instances")
			if !strings.Contains(answer.BlocksPlain(), "[Next ›]") {
				break
			}
			answer = w.gets(w.presses(alice, answer, "Next ›"))
		}
		if len(seen) != 128 || pages != 3 { // the last two are drawn at length
			w.Errorf("%d instances on %d pages", len(seen), pages)
		}
		w.sees(w.gets(w.presses(alice, answer, "‹ Previous")), "65 to 128 of 130")
		w.content()
	})
}

func TestAnAnswerIsPostedToTheChannel(t *testing.T) {
	for channel, how := range map[string]string{gpu: "chat.postMessage", general: "response_url"} {
		inAWorld(t, nil, func(w *world) {
			answer := w.asksIn(alice, channel, lookup)
			w.presses(alice, answer, "Post to channel")
			posted, err := w.slack.Await(w.Context(), channel, bob, func(m slacksim.Message) bool { return m.BotID != "" })
			if err != nil {
				w.Fatal(err)
			}
			w.sees(posted, "Shared by @U0ALICE", "a0085162xxx9d19e58e")
			if posted.Via != how {
				w.Errorf("posted by %s in %s", posted.Via, channel)
			}
			w.content()
		})
	}
}

func TestADoubleClickPostsOnce(t *testing.T) {
	inAWorld(t, nil, func(w *world) {
		answer := w.asksIn(alice, gpu, lookup)
		first, second := w.slack.Press(alice, answer, "Post to channel"), w.slack.Press(alice, answer, "Post to channel")
		for _, p := range []*slacksim.Interaction{first, second} {
			if err := p.Acked(w.Context()); err != nil {
				w.Fatal(err)
			}
			w.gets(p)
		}
		posted := 0
		for _, m := range w.slack.History(gpu, bob) {
			if m.BotID != "" {
				posted++
			}
		}
		if posted != 1 {
			w.Errorf("posted %d times", posted)
		}
		w.content()
	})
}

func TestAServiceIsWatchedByTheModalAndTheChangeIsTold(t *testing.T) {
	inAWorld(t, watching("en"), func(w *world) {
		answer := w.asksIn(alice, gpu, lookup)
		w.presses(alice, answer, "Watch…")
		form := w.modal(alice, "is not watched yet")
		bad := w.submits(alice, form, map[string][]string{"label/value": {"Chat prod"}, "more/value": {"10d, soon"}})
		if err := bad.Acked(w.Context()); err != nil {
			w.Fatal(err)
		}
		form = w.modal(alice, "is not watched yet")
		if !strings.Contains(form.Errors["more"], "“soon”") {
			w.Fatalf("the field says %q", form.Errors)
		}
		good := w.submits(alice, form, map[string][]string{"more/value": {"10d"}, "steps/value": {"7 days before", "at expiry"}, "people/value": {"bob"}})
		if err := good.Acked(w.Context()); err != nil {
			w.Fatal(err)
		}
		saved := w.modal(alice, "is watched like that from now on")
		for _, want := range []string{"This adds", "Reminders go to #C0GPU"} { // as watching by words says
			if !strings.Contains(saved.Plain(), want) {
				w.Errorf("the modal does not say %q:\n%s", want, saved.Plain())
			}
		}

		w.presses(alice, w.gets(w.presses(alice, answer, "Refresh")), "Watch settings…")
		form = w.modal(alice, "is watched.")
		w.sees(slacksim.Message{Blocks: form.Blocks}, "Chat prod")
		again := w.submits(alice, form, map[string][]string{"steps/value": {"30 days before", "1 day before"}})
		if err := again.Acked(w.Context()); err != nil {
			w.Fatal(err)
		}
		w.modal(alice, "This adds")
		w.modal(alice, "This drops")
		w.content()
	})
}

func TestAServiceThatQianfanDoesNotKnowIsNotWatched(t *testing.T) {
	inAWorld(t, watching("en"), func(w *world) {
		answer := w.asksIn(alice, gpu, lookup)
		w.qianfan.Remove(service)
		w.presses(alice, answer, "Watch…")
		form := w.modal(alice, "is not watched yet")
		if err := w.slack.Submit(alice, form).Acked(w.Context()); err != nil {
			w.Fatal(err)
		}
		w.modal(alice, "Qianfan does not know this service")
		watches, err := w.bot.Notifier.Reports().Watches(w.Context())
		if err != nil || len(watches) != 0 {
			w.Errorf("watched: %v, %v", watches, err)
		}
		w.content()
	})
}

func TestASuggestionIsAButton(t *testing.T) {
	inAWorld(t, nil, func(w *world) {
		answer := w.asksIn(alice, general, "/computeunits svco-48exxxa594 preprid")
		w.sees(w.gets(w.presses(alice, answer, "svco-48exxxa594 prepaid")), "a0085162xxx9d19e58e")
		help := w.asksIn(alice, general, "/computeunits help")
		w.sees(w.gets(w.presses(alice, help, "svco-48exxxa594 prepaid")), "a0085162xxx9d19e58e")
		w.content()
	})
}

func TestInADirectMessageWhatAButtonBringsStays(t *testing.T) {
	inAWorld(t, nil, func(w *world) {
		answer := w.writes(alice, service+" prepaid")
		if strings.Contains(answer.BlocksPlain(), "Post to channel") {
			w.Error("there is no channel to post to")
		}
		again := w.gets(w.presses(alice, answer, "Postpaid"))
		if again.TS != answer.TS || again.VisibleTo != "" {
			w.Errorf("it should stand in the place of the answer: %+v", again)
		}
		help := w.writes(alice, "help")
		w.presses(alice, help, "svco-48exxxa594 prepaid")
		said, err := w.slack.Await(w.Context(), w.slack.DM(alice), alice, func(m slacksim.Message) bool { return m.TS > help.TS })
		if err != nil {
			w.Fatal(err)
		}
		if said.Via != "chat.postMessage" {
			w.Errorf("said by %s", said.Via)
		}
		w.content()
	})
}

func TestPeopleAndGroupsAreChosenAsOwners(t *testing.T) {
	inAWorld(t, both(expiring("svco-alpha", 40*day, "cu-1"), watching("zh", "svco-alpha")), func(w *world) {
		w.slack.AddUserGroup(slacksim.UserGroup{ID: "S0OPS", Handle: "ops", Members: []string{bob}})
		answer := w.asksIn(mei, gpu, "/computeunits svco-alpha")
		w.presses(mei, answer, "关注设置…")
		form := w.modal(mei, "只能更改其负责人") // NOTIFY_SERVICES names it
		if err := w.submits(mei, form, map[string][]string{"people/value": {"bob"}, "groups/value": {"@ops"}}).Acked(w.Context()); err != nil {
			w.Fatal(err)
		}
		w.modal(mei, "已保存")
		watches, err := w.bot.Notifier.Reports().Watches(w.Context())
		if err != nil || len(watches) != 1 || strings.Join(watches[0].Owners, " ") != "S0OPS U0BOB" || watches[0].By != mei {
			w.Errorf("watched are %+v, %v", watches, err)
		}
		entries, err := w.bot.Notifier.Ledger.Reports.Entries(w.Context(), 1)
		if err != nil || len(entries) != 1 || entries[0].Channel != gpu || entries[0].Origin != "modal" {
			w.Errorf("the audit has %+v, %v", entries, err)
		}
		w.content()
	})
}

func TestASubmissionThatIsMadeTwiceChangesOnce(t *testing.T) {
	inAWorld(t, both(expiring("svco-alpha", 40*day, "cu-1"), watching("en", "svco-alpha")), func(w *world) {
		answer := w.asksIn(alice, gpu, "/computeunits svco-alpha")
		for _, says := range []string{"Saved.", "Nothing was changed"} {
			w.presses(alice, answer, "Watch settings…")
			form := w.modal(alice, "only its owners")
			if err := w.submits(alice, form, map[string][]string{"people/value": {"bob"}}).Acked(w.Context()); err != nil {
				w.Fatal(err)
			}
			w.modal(alice, says)
		}
		w.content()
	})
}
