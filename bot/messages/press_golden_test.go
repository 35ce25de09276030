package messages

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"computeunits/bot/action"
	"computeunits/bot/blocks"
	"computeunits/bot/golden"
	"computeunits/bot/phrase"
	"computeunits/notify/plan"
	"computeunits/qianfan"
)

// command is how somebody who typed the slash command is answered.
func command(language string) blocks.Dialect {
	return blocks.ForSlack(phrase.For(language), "/computeunits ")
}

// listing is an answer of so many instances.
func listing(n int, foreign string) Answer {
	var r qianfan.Reading
	r.At, r.RequestID = golden.Time, "r-1"
	for i := range n {
		r.Instances = append(r.Instances, qianfan.Instance{
			ID: fmt.Sprintf("cu-%04d%s", i, foreign), Timing: qianfan.Prepaid, Replicas: 2, Status: qianfan.Status("Running" + foreign),
			Start: golden.Time.AddDate(0, -1, 0), Expires: golden.Time.Add(time.Duration(i+1) * time.Hour)})
	}
	return NewAnswer(qianfan.Query{ServiceID: "svco-48exxxa594", Timing: qianfan.Prepaid}, r)
}

// sent is what Slack gets.
func sent(t *testing.T, m Message) []byte {
	t.Helper()
	return golden.Message(t, m.Text, m.Blocks)
}

func TestMessagesWithButtonsAreAsTheyWereAgreed(t *testing.T) {
	soon := plan.Expiry{Service: "svco-48exxxa594", Instance: "cu-0000", Expires: golden.Time.Add(time.Hour)}
	paused := map[plan.Expiry]plan.Pause{soon: {By: "U0BOB", At: golden.Time}}
	for name, s := range map[string]AnswerPage{
		"one":    {Answer: listing(1, ""), Private: true, Watch: true, Watched: true, Pauses: paused},
		"posted": {Answer: listing(1, ""), Private: true, Posted: "✅", Watch: true},
		"direct": {Answer: listing(0, "")},
		"page":   {Answer: listing(200, ""), Skip: 70, Private: true, Watch: true},
	} {
		for _, language := range []string{phrase.English, phrase.Chinese} {
			body := sent(t, s.Message(command(language)))
			golden.JSON(t, "press-"+name+"-"+language, body)
		}
	}
}

func TestPausedRemindersAreAsTheyWereAgreed(t *testing.T) {
	item := func(id string, p plan.Pause) plan.Item {
		return plan.Item{Service: "svco-48exxxa594", Label: "Chat prod", Instance: id, Replicas: 4, Status: qianfan.Running,
			Expires: golden.Time.Add(5 * 24 * time.Hour), ReadAt: golden.Time, Pause: p}
	}
	acknowledged := plan.Pause{By: "U0ALICE", At: golden.Time}
	snoozed := plan.Pause{By: "U0BOB", At: golden.Time, Until: golden.Time.Add(24 * time.Hour)}
	for name, items := range map[string][]plan.Item{
		"acknowledged": {item("cu-1", acknowledged)},
		"snoozed":      {item("cu-1", snoozed)},
		"mixed":        {item("cu-1", acknowledged), item("cu-2", snoozed), item("cu-3", plan.Pause{})},
		"all":          {item("cu-1", acknowledged), item("cu-2", acknowledged)},
	} {
		for _, language := range []string{phrase.English, phrase.Chinese} {
			m := Announce(plan.Announcement{Kind: plan.KindExpiry, At: golden.Time, Items: items}, phrase.For(language), "https://console.example/")
			golden.JSON(t, "press-reminder-"+name+"-"+language, sent(t, m))
		}
	}
}

// partly is what the message that names two services says when people answered
// to some of the open instances of one of them.
func partly(open, acknowledged, snoozed int) plan.Announcement {
	shares := []plan.Share{{By: "U0ALICE", Acknowledged: acknowledged}}
	if snoozed > 0 {
		shares = append(shares, plan.Share{By: "U0BOB", Snoozed: snoozed, Until: golden.Time.Add(48 * time.Hour)})
	}
	return plan.Announcement{Kind: plan.KindCollected, At: golden.Time, More: open + 1, Services: []plan.Summary{
		{Service: "svco-48exxxa594", Label: "Chat prod", Instances: open, Replicas: 2 * open, Open: open, Shares: shares, Soonest: golden.Time.Add(72 * time.Hour)},
		{Service: "svco-7fq2xxk301", Instances: 1, Renewed: 1, Replicas: 4, Soonest: golden.Time.Add(144 * time.Hour)},
	}}
}

// What the message says whose thread has the instances.
func TestCollectedRemindersAreAsTheyWereAgreed(t *testing.T) {
	many := partly(16, 2, 0)
	for i := range 14 {
		many.Services[0].Shares = append(many.Services[0].Shares, plan.Share{By: fmt.Sprint("U", i), Acknowledged: 1})
	}
	for name, a := range map[string]plan.Announcement{
		"some": partly(5, 3, 2), "all": partly(5, 5, 0), "one": partly(1, 1, 0), "snoozed": partly(1, 0, 1), "people": many,
	} {
		for _, language := range golden.Languages() {
			golden.JSON(t, "press-collected-"+name+"-"+language, sent(t, Announce(a, phrase.For(language), "https://console.example/")))
		}
	}
}

// What a press, or words, did to one instance and to several.
func TestOutcomesAreAsTheyWereAgreed(t *testing.T) {
	mine := plan.Answer{Changed: true}
	obstacle := func(o plan.Reason) plan.Answer { return plan.Answer{Reason: o} }
	for _, language := range golden.Languages() {
		var all []string
		asked := 0
		tell := func(did action.Kind, answers ...plan.Answer) {
			lines := PauseOutcome(phrase.For(language), did, max(asked, len(answers)), answers, golden.Time)
			sent(t, Mrkdwn(lines...))
			all = append(all, lines...)
		}
		for _, did := range []action.Kind{action.Acknowledge, action.Unacknowledge, action.Snooze, action.Unsnooze} {
			tell(did, mine)
			tell(did, mine, mine)
		}
		tell(action.Acknowledge, plan.Answer{By: "U0BOB", At: golden.Time.Add(-time.Hour)})
		tell(action.Acknowledge, plan.Answer{})
		tell(action.Unacknowledge, plan.Answer{By: "U0BOB", At: golden.Time, Pause: plan.Pause{By: "U0BOB", At: golden.Time, Until: golden.Time.Add(time.Hour)}})
		tell(action.Acknowledge, plan.Answer{}, plan.Answer{})
		short := plan.Answer{Changed: true, Shortened: true}
		for _, a := range []plan.Answer{obstacle(plan.ReasonRenewed), obstacle(plan.ReasonOver), obstacle("gone"), short} {
			tell(action.Snooze, a)
			tell(action.Snooze, a, a)
		}
		for _, asked = range []int{3, 4} { // the time was up after the first two
			tell(action.Acknowledge, mine, mine)
		}
		all = append(all, FollowUps(phrase.For(language), plan.ShownNever, []plan.Answer{mine})...)
		golden.File(t, "press-outcomes-"+language+".txt", []byte(strings.Join(all, "\n")+"\n"))
	}
}

// Whatever Qianfan sends, every instance stands on some page, and every page is
// within Slack's limits.
func TestEveryInstanceStandsOnAPage(t *testing.T) {
	for _, foreign := range []string{"", "<&\x00é", fmt.Sprintf("%0120d", 7)} {
		for _, n := range []int{0, 1, 10, 11, 64, 65, 500} {
			s := AnswerPage{Answer: listing(n, foreign), Private: true, Watch: true}
			on := 0
			for s.Skip = 0; ; s.Skip += s.PerPage() {
				sent(t, s.Message(command("en")))
				page := s.Answer
				begin := s.First(s.Skip)
				page.Instances = s.Instances[begin:min(begin+s.PerPage(), n)]
				if len(page.Instances) > maxSections {
					_, shown := page.table(phrase.For("en"))
					on += shown
				} else {
					on += len(page.Instances)
				}
				if s.Skip+s.PerPage() >= n {
					break
				}
			}
			if on != n {
				t.Errorf("%d of %d instances of %q are shown", on, n, foreign)
			}
		}
	}
}
