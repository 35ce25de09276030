package bot_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"computeunits/bot"
	"computeunits/bot/announce"
	"computeunits/bot/slacksim"
	"computeunits/notify"
	"computeunits/notify/ledger"
	"computeunits/notify/plan"
	"computeunits/qianfan/qianfantest"
)

const day = 24 * time.Hour

// watching adds a notifier to a world, which watches services in #gpu-capacity.
func watching(language string, services ...string) func(*world) {
	return watchingBy(func(*plan.Settings) {}, language, services...)
}

// watchingBy is watching, by other settings.
func watchingBy(change func(*plan.Settings), language string, services ...string) func(*world) {
	return func(w *world) {
		w.Helper()
		w.file = filepath.Join(w.TempDir(), "ledger.db")
		ledger, err := ledger.Connect("sqlite://" + w.file)
		if err == nil && w.away {
			err = os.Remove(w.file)
		} else if err == nil {
			err = ledger.Prepare(w.Context())
		}
		if err != nil {
			w.Fatal(err)
		}
		log := slog.New(slog.NewTextHandler(w.log, nil))
		announcer := &announce.Announcer{BotToken: w.bot.BotToken, APIURL: w.bot.APIURL, Dial: w.bot.Dial, Language: language}
		ladder, err := plan.ParseLadder("30d,14d,7d,3d,1d,0d,-1d")
		if err != nil {
			w.Fatal(err)
		}
		settings := plan.Settings{
			Channel: gpu, Before: ladder, CheckEvery: 10 * time.Minute, DigestCron: "0 9 * * *", Zone: time.UTC,
			AllClear: plan.AllClearNever, Lease: 45 * time.Second,
		}
		for _, id := range services {
			settings.Services = append(settings.Services, plan.Service{ID: id})
		}
		change(&settings)
		n := &notify.Notifier{Units: w.bot.Units, Sender: announcer, Ledger: ledger, Settings: settings, Logger: log}
		w.bot.Notifier, w.bot.Language = n, language
		w.rest = w.reminds(n)
		w.Cleanup(func() {
			w.rest()
			announcer.Close()
			ledger.Close()
		})
	}
}

// reminds runs a notifier, and returns the way to stop it.
func (w *world) reminds(n *notify.Notifier) (rest func()) {
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		if err := n.Run(ctx); err != nil {
			w.Error(err)
		}
	})
	return func() {
		stop()
		running.Wait()
	}
}

// expiring has a service with prepaid instances that expire after some time.
func expiring(id string, after time.Duration, instances ...string) func(*world) {
	return func(w *world) {
		var all []qianfantest.Instance
		for _, name := range instances {
			all = append(all, qianfantest.Instance{
				ID: name, PaymentTiming: "Prepaid", ReplicasCount: 4, Status: "Running",
				StartTime: time.Now().Add(-20 * day).UTC().Truncate(time.Second), ExpiredTime: time.Now().Add(after).UTC().Truncate(time.Second),
			})
		}
		w.qianfan.Set(id, all...)
	}
}

func both(first, then func(*world)) func(*world) {
	return func(w *world) { first(w); then(w) }
}

// reminded waits for the message in the channel that says so.
func (w *world) reminded(user string, saying ...string) slacksim.Message {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.Context(), 2*time.Minute)
	defer cancel()
	m, err := w.slack.Await(ctx, gpu, user, func(m slacksim.Message) bool {
		for _, want := range saying {
			if !strings.Contains(m.BlocksPlain(), want) {
				return false
			}
		}
		return m.BotID != ""
	})
	if err != nil {
		w.Fatalf("nothing in the channel says %q: %v\n%s", saying, err, w.log)
	}
	return m
}

// presses presses a button or chooses in a menu, and sees to it that Slack is
// told at once.
func (w *world) presses(user string, on slacksim.Place, button string, choice ...string) *slacksim.Interaction {
	w.Helper()
	begun := time.Now()
	var pressed *slacksim.Interaction
	if len(choice) == 0 {
		pressed = w.slack.Press(user, on, button)
	} else {
		pressed = w.slack.Select(user, on, button, choice...)
	}
	if err := pressed.Acked(w.Context()); err != nil {
		w.Fatalf("pressing %s: %v\n%s", button, err, w.log)
	}
	if took := time.Since(begun); took > time.Second {
		w.Errorf("pressing %s was acknowledged after %v", button, took)
	}
	return pressed
}

// isTold is what only the person who pressed reads.
func (w *world) isTold(pressed *slacksim.Interaction, user string) slacksim.Message {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.Context(), time.Minute)
	defer cancel()
	m, err := pressed.Reply(ctx)
	if err != nil {
		w.Fatalf("nothing was said: %v\n%s", err, w.log)
	}
	if m.VisibleTo != user {
		w.Errorf("visible to %q, not to %s alone: %s", m.VisibleTo, user, m.Plain())
	}
	return m
}

func TestAReminderIsAcknowledgedAndThatIsTakenBack(t *testing.T) {
	for _, c := range []struct{ language, acknowledge, by, back string }{
		{"en", "Acknowledge", "acknowledged by @U0ALICE", "Un-acknowledge"},
		{"zh", "认领", "@U0ALICE 已认领", "取消认领"},
	} {
		inAWorld(t, both(expiring("svco-a", 5*day, "cu-1"), watching(c.language, "svco-a")), func(w *world) {
			m := w.reminded(alice, "cu-1", c.acknowledge)
			w.presses(alice, m, c.acknowledge)
			done := w.reminded(bob, c.by, c.back)
			if done.TS != m.TS {
				t.Errorf("another message says so: %s, not %s", done.TS, m.TS)
			}
			w.presses(bob, done, c.back)
			undone := w.reminded(bob, "cu-1", "["+c.acknowledge)
			if strings.Contains(undone.BlocksPlain(), c.by) {
				t.Errorf("still acknowledged:\n%s", undone.BlocksPlain())
			}
			w.content()
		})
	}
}

func TestOfTwoPeopleWhoPressAtOnceTheSecondReadsWhoWasFirst(t *testing.T) {
	inAWorld(t, both(expiring("svco-a", 5*day, "cu-1"), watching("en", "svco-a")), func(w *world) {
		m := w.reminded(alice, "cu-1")
		first, second := w.slack.Press(alice, m, "Acknowledge"), w.slack.Press(bob, m, "Acknowledge")
		for _, pressed := range []*slacksim.Interaction{first, second} {
			if err := pressed.Acked(w.Context()); err != nil {
				w.Fatal(err)
			}
		}
		done := w.reminded(alice, "acknowledged by @U0")
		late, who, winner := second, bob, "@U0ALICE"
		if strings.Contains(done.BlocksPlain(), "@U0BOB") {
			late, who, winner = first, alice, "@U0BOB"
		}
		w.sees(w.isTold(late, who), "Already done by", winner)
		w.content()
	})
}

func TestAReminderIsSnoozedAndTheSnoozeEnds(t *testing.T) {
	inAWorld(t, both(expiring("svco-a", 5*day, "cu-1"), watching("en", "svco-a")), func(w *world) {
		m := w.reminded(alice, "cu-1")
		w.presses(alice, m, "snooze", "1 day")
		snoozed := w.reminded(bob, "snoozed until", "by @U0ALICE", "[End snooze]")
		w.presses(bob, snoozed, "End snooze")
		w.reminded(bob, "cu-1", "Snooze…")
		w.content()
	})
}

func TestSeveralInstancesAreAcknowledgedTogether(t *testing.T) {
	inAWorld(t, both(expiring("svco-a", 5*day, "cu-1", "cu-2", "cu-3"), watching("en", "svco-a")), func(w *world) {
		m := w.reminded(alice, "cu-3")
		w.sees(w.isTold(w.presses(alice, m, "Acknowledge all"), alice), "Acknowledged: 3 instances.")
		done := w.reminded(bob, "[Un-acknowledge all]")
		if n := strings.Count(done.BlocksPlain(), "acknowledged by @U0ALICE"); n != 3 {
			t.Errorf("%d of 3 are acknowledged:\n%s", n, done.BlocksPlain())
		}
		w.content()
	})
}

// modal waits for the modal that a person sees and that says something.
func (w *world) modal(user, saying string) slacksim.View {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.Context(), time.Minute)
	defer cancel()
	v, err := w.slack.AwaitModal(ctx, user, func(v slacksim.View) bool { return strings.Contains(v.Plain(), saying) })
	if err != nil {
		now, _ := w.slack.Modal(user)
		w.Fatalf("no modal says %q: %v\n%s\n%s", saying, err, now.Plain(), w.log)
	}
	return v
}

// fills fills in fields of a form, and submits.
func (w *world) submits(user string, form slacksim.View, fields map[string][]string) *slacksim.Interaction {
	w.Helper()
	for field, values := range fields {
		if err := w.slack.Fill(user, form, field, values...); err != nil {
			w.Fatalf("filling in %s: %v", field, err)
		}
	}
	return w.slack.Submit(user, form)
}

func TestSomeInstancesAreChosenInAModal(t *testing.T) {
	inAWorld(t, both(expiring("svco-a", 5*day, "cu-1", "cu-2", "cu-3"), watching("en", "svco-a")), func(w *world) {
		m := w.reminded(alice, "cu-3")
		w.presses(alice, m, "Choose instances…")
		form := w.modal(alice, "Which instances")
		if err := w.submits(alice, form, map[string][]string{"which/value": {"cu-2 · Wed 5 Jan"}, "what/value": {"Acknowledge"}}).Acked(w.Context()); err != nil {
			w.Fatal(err)
		}
		w.modal(alice, "Acknowledged: 1 instance.")
		done := w.reminded(bob, "acknowledged by @U0ALICE", "[Acknowledge all]")
		if n := strings.Count(done.BlocksPlain(), "acknowledged by"); n != 1 {
			w.Errorf("%d are acknowledged:\n%s", n, done.BlocksPlain())
		}
		w.content()
	})
}

// old posts a message with a button as another version of the bot might have.
func (w *world) old(value string) slacksim.Message {
	w.Helper()
	time.Sleep(2 * time.Second) // Slack takes one message a second
	transport := &http.Transport{DialContext: w.bot.Dial}
	defer transport.CloseIdleConnections()
	api := slack.New("xoxb-simulated", slack.OptionAPIURL("http://slack.test/api/"), slack.OptionHTTPClient(&http.Client{Transport: transport}))
	button := slack.NewButtonBlockElement("old", value, slack.NewTextBlockObject(slack.PlainTextType, "Old", false, false))
	_, ts, err := api.PostMessageContext(w.Context(), gpu, slack.MsgOptionText("old", false), slack.MsgOptionBlocks(slack.NewActionBlock("", button)))
	if err != nil {
		w.Fatal(err)
	}
	for _, m := range w.slack.History(gpu, alice) {
		if m.TS == ts {
			return m
		}
	}
	w.Fatal("the message does not stand in the channel")
	return slacksim.Message{}
}

func TestOldButtonsAnswerWithASentence(t *testing.T) {
	inAWorld(t, both(expiring("svco-a", 5*day, "cu-1"), watching("en", "svco-a")), func(w *world) {
		w.reminded(alice, "cu-1")
		at := time.Now().Add(5*day).UnixMilli() / 1000 * 1000
		for value, want := range map[string]string{
			"v=9&do=explode":                                   "I do not understand this button",
			"v=1&do=explode":                                   "I do not understand this button",
			"rubbish%":                                         "I do not understand this button",
			"v=1&do=ack":                                       "so old that I do not know",
			"v=1&do=ack&s=svco-gone&i=cu-1&e=1000":             "its service is not watched any more",
			"v=1&do=ack&s=svco-a&i=cu-1&e=1000":                "has a new expiry",
			"v=1&do=ask&s=svco-removed&t=Prepaid":              "Qianfan does not know this service",
			fmt.Sprintf("v=1&do=ack&s=svco-a&i=cu-1&e=%d", at): "Acknowledged: 1 instance.",
		} {
			w.sees(w.isTold(w.presses(alice, w.old(value), "old"), alice), want)
		}
		w.reminded(bob, "acknowledged by @U0ALICE") // the reminder shows what was pressed elsewhere
		if !strings.Contains(w.log.String(), "does not understand") {
			w.Error("the log does not know of it")
		}
		w.content()
	})
}

func TestWhatSlackDoesNotTakeJustNowIsSaidAndFollows(t *testing.T) {
	inAWorld(t, both(expiring("svco-a", 5*day, "cu-1"), watching("en", "svco-a")), func(w *world) {
		m := w.reminded(alice, "cu-1")
		w.slack.Inject(slacksim.Fault{Method: "chat.update", Status: 503})
		w.sees(w.isTold(w.presses(alice, m, "Acknowledge"), alice), "Acknowledged: 1 instance.", "as soon as Slack accepts it")
		w.slack.Mend()
		w.reminded(bob, "acknowledged by @U0ALICE")
	})
}

func TestAButtonWorksAfterARestartAndTheAuditKnowsWhoPressed(t *testing.T) {
	inAWorld(t, both(expiring("svco-a", 5*day, "cu-1"), watching("en", "svco-a")), func(w *world) {
		m := w.reminded(alice, "cu-1")
		w.stop()
		<-w.ended
		ctx, stop := context.WithCancel(context.Background())
		next := &bot.Bot{BotToken: w.bot.BotToken, AppToken: w.bot.AppToken, APIURL: w.bot.APIURL, Units: w.bot.Units,
			Logger: w.bot.Logger, Dial: w.bot.Dial, Notifier: w.bot.Notifier, Language: w.bot.Language}
		var running sync.WaitGroup
		running.Go(func() {
			if err := next.Run(ctx); err != nil {
				w.Error(err)
			}
		})
		defer running.Wait()
		defer stop()
		time.Sleep(10 * time.Second)
		w.presses(alice, m, "Acknowledge")
		w.reminded(bob, "acknowledged by @U0ALICE")
		entries, err := w.bot.Notifier.Ledger.Reports.Entries(w.Context(), 10)
		if err != nil || len(entries) != 1 {
			w.Fatalf("the audit has %v, %v", entries, err)
		}
		if e := entries[0]; e.By != alice || e.What != "acknowledge" || e.Origin != "button" || e.Channel != gpu || e.Message != m.TS || e.About.Instance != "cu-1" {
			w.Errorf("the audit has %+v", e)
		}
		w.content()
	})
}

func TestAModalThatCannotBeOpenedIsExplained(t *testing.T) {
	inAWorld(t, both(expiring("svco-a", 5*day, "cu-1", "cu-2"), watching("zh", "svco-a")), func(w *world) {
		m := w.reminded(mei, "cu-1")
		w.slack.Inject(slacksim.Fault{Method: "views.open", Status: 503})
		told := w.isTold(w.presses(mei, m, "选择实例…"), mei)
		w.sees(told, "由于我或 Slack")
		if id := regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f-]+`).FindString(told.Plain()); id == "" || !strings.Contains(w.log.String(), id) {
			w.Errorf("the log does not have the id %q", id)
		}
	})
}

// stands waits until a message of the channel says something.
func (w *world) stands(user, ts, saying string) slacksim.Message {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.Context(), 2*time.Minute)
	defer cancel()
	m, err := w.slack.Await(ctx, gpu, user, func(m slacksim.Message) bool { return m.TS == ts && strings.Contains(m.BlocksPlain(), saying) })
	if err != nil {
		w.Fatalf("the message %s does not say %q: %v\n%s", ts, saying, err, w.log)
	}
	return m
}

// tells waits for a direct message of the bot that says something.
func (w *world) tells(user, saying string) slacksim.Message {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.Context(), 2*time.Minute)
	defer cancel()
	m, err := w.slack.Await(ctx, w.slack.DM(user), user, func(m slacksim.Message) bool { return m.BotID != "" && strings.Contains(m.BlocksPlain(), saying) })
	if err != nil {
		w.Fatalf("no direct message says %q: %v\n%s", saying, err, w.log)
	}
	return m
}
