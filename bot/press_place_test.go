package bot_test

import (
	"testing"
	"time"

	"computeunits/bot/slacksim"
)

// between is a direct message of two people, which the bot is not part of.
const between = "D0BETWEEN"

// What a button brings stands where it was pressed, also where only the
// response_url leads to.
func TestAButtonInADirectMessageOfTwoOthersAnswersThere(t *testing.T) {
	for _, c := range []struct{ who, share, refresh, want string }{
		{alice, "Post to channel", "Refresh", "/computeunits svco-48exxxa594 prepaid"},
		{mei, "发到频道", "刷新", "/computeunits svco-48exxxa594 预付费"},
	} {
		inAWorld(t, nil, func(w *world) {
			w.slack.AddChannel(slacksim.Channel{ID: between, IM: true, Members: []string{c.who, bob}})
			help := w.asksIn(c.who, between, "/computeunits help")
			w.sees(help, c.want)
			answer := w.gets(w.presses(c.who, help, "say.a"))
			w.sees(answer, "a0085162xxx9d19e58e")
			if answer.Channel != between || answer.VisibleTo != c.who {
				t.Errorf("it stands in %s, for %q", answer.Channel, answer.VisibleTo)
			}
			if w.offers(answer, c.share) {
				t.Errorf("there is no channel to post to:\n%s", answer.BlocksPlain())
			}
			again := w.gets(w.presses(c.who, answer, c.refresh))
			if again.TS != answer.TS || w.offers(again, c.share) {
				t.Errorf("refreshed in %s, not %s:\n%s", again.TS, answer.TS, again.BlocksPlain())
			}
			if n := len(w.slack.History(w.slack.DM(c.who), c.who)); n != 0 {
				t.Errorf("%d messages stand in the direct message with the bot", n)
			}
			w.content()
		})
	}
}

// In the bot's own direct message what one person alone sees stays so, and what
// stands there for good too.
func TestInTheBotsDirectMessageACommandIsAnsweredLikeEverywhere(t *testing.T) {
	inAWorld(t, nil, func(w *world) {
		dm := w.slack.DM(alice)
		help := w.asksIn(alice, dm, "/computeunits help")
		answer := w.gets(w.presses(alice, help, "say.a"))
		if answer.Channel != dm || answer.VisibleTo != alice {
			t.Errorf("it stands in %s, for %q", answer.Channel, answer.VisibleTo)
		}
		time.Sleep(10 * time.Second)
		written := w.writes(alice, "help")
		if w.presses(alice, written, "say.a"); w.said(alice, dm) != 4 { // two commands' answers, and two messages
			t.Errorf("%d messages of the bot stand there", w.said(alice, dm))
		}
		w.content()
	})
}

// offers reports whether a message has a button.
func (w *world) offers(m slacksim.Message, button string) bool {
	for _, c := range m.Controls() {
		if c.Label == button || c.ActionID == button {
			return true
		}
	}
	return false
}
