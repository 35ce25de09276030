package bot_test

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slack-go/slack"

	"computeunits/bot"
	"computeunits/bot/slacksim"
	"computeunits/qianfan/qianfantest"
)

// elsewhere publishes a Home as another copy of the bot would.
func (w *world) elsewhere(user string) {
	w.Helper()
	transport := &http.Transport{DialContext: w.bot.Dial}
	defer transport.CloseIdleConnections()
	api := slack.New("xoxb-simulated", slack.OptionAPIURL("http://slack.test/api/"), slack.OptionHTTPClient(&http.Client{Transport: transport}))
	view := slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: []slack.Block{slack.NewDividerBlock()}}}
	if _, err := api.PublishViewContext(w.Context(), slack.PublishViewContextRequest{UserID: user, View: view}); err != nil {
		w.Fatal(err)
	}
}

func TestSomebodyElsePublishedTheHomeMeanwhile(t *testing.T) {
	inAWorld(t, both(expiring("svco-chat", 5*day, "cu-1"), watching("en", "svco-chat")), func(w *world) {
		time.Sleep(30 * time.Second)
		w.opensHome(alice, "cu-1")
		w.elsewhere(alice)
		before := w.publications()
		w.opensHome(alice, "cu-1")
		if n := w.publications() - before; n != 2 {
			w.Errorf("published %d times: it should be read again, and published once more", n)
		}
		// The same in a refresh that nobody asked for.
		w.elsewhere(alice)
		w.converse(says{bob, "watch " + service, []string{"Now watching"}})
		w.readsHome(alice, "Watched: 2 services")
		w.content()
	})
}

func TestARefreshKeepsItsDistanceFromAPress(t *testing.T) {
	inAWorld(t, both(expiring("svco-chat", 5*day, "cu-1"), watching("en", "svco-chat")), func(w *world) {
		time.Sleep(30 * time.Second)
		home := w.opensHome(alice, "cu-1")
		time.Sleep(3 * time.Second)
		w.presses(alice, home, "Refresh")
		time.Sleep(time.Second)
		before := w.publications()
		w.converse(says{bob, "watch " + service, []string{"Now watching"}})
		time.Sleep(3 * time.Second)
		if n := w.publications() - before; n > 0 {
			w.Error("refreshed within five seconds after a press")
		}
		w.readsHome(alice, "Watched: 2 services")
		w.content()
	})
}

func TestTwoCopiesOfTheBotShowTheSameHome(t *testing.T) {
	inAWorld(t, both(expiring("svco-chat", 5*day, "cu-1"), watching("en", "svco-chat")), func(w *world) {
		time.Sleep(30 * time.Second)
		defer w.another()()
		for range 8 { // each is heard by one of them
			w.opensHome(alice, "cu-1")
			time.Sleep(10 * time.Second)
		}
		before := w.publications()
		w.converse(says{bob, "watch " + service, []string{"Now watching"}})
		w.readsHome(alice, "Watched: 2 services")
		time.Sleep(time.Minute)
		if n := w.publications() - before; n > 6 {
			w.Errorf("they publish against each other: %d times", n)
		}
		w.content()
	})
}

// another starts one more process of the bot, and returns the way to stop it.
func (w *world) another() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	again := &bot.Bot{BotToken: w.bot.BotToken, AppToken: w.bot.AppToken, APIURL: w.bot.APIURL, Units: w.bot.Units,
		Logger: w.bot.Logger, Dial: w.bot.Dial, Notifier: w.bot.Notifier, Language: w.bot.Language}
	var running sync.WaitGroup
	running.Go(func() {
		if err := again.Run(ctx); err != nil {
			w.Error(err)
		}
	})
	time.Sleep(10 * time.Second)
	return func() {
		cancel()
		running.Wait()
	}
}

func TestAnOpenHomeIsRefreshedAfterARestart(t *testing.T) {
	inAWorld(t, both(expiring("svco-chat", 5*day, "cu-1"), watching("en", "svco-chat")), func(w *world) {
		time.Sleep(30 * time.Second)
		w.opensHome(alice, "cu-1")
		w.opensHome(bob, "cu-1")
		time.Sleep(10 * time.Minute)
		w.opensHome(alice, "cu-1")
		w.stop()
		<-w.ended
		time.Sleep(6 * time.Minute)
		left := w.slack.Home(bob).Hash
		defer w.another()()
		time.Sleep(time.Minute)
		if home := w.slack.Home(alice); !strings.Contains(home.Plain(), "since "+time.Now().Add(-70*time.Second).UTC().Format("2006-01-02 15:04")) {
			w.Errorf("Alice reads of the connection before:\n%s", home.Plain())
		}
		if w.slack.Home(bob).Hash != left {
			w.Error("Bob has not looked for longer than a quarter of an hour, and his Home was refreshed")
		}
	})
}

func TestSlackAsksTheHomeToWait(t *testing.T) {
	inAWorld(t, both(expiring("svco-chat", 5*day, "cu-1"), watching("en", "svco-chat")), func(w *world) {
		time.Sleep(30 * time.Second)
		w.opensHome(alice, "cu-1")
		w.opensHome(bob, "cu-1")
		w.slack.Inject(slacksim.Fault{Method: "views.publish", RetryAfter: 40 * time.Second, Times: 1})
		w.converse(says{mei, "watch " + service, []string{"已开始关注"}})
		before := w.publications()
		time.Sleep(39 * time.Second)
		if n := w.publications() - before; n > 1 {
			w.Errorf("%d requests although Slack asked to wait", n)
		}
		w.readsHome(alice, "Watched: 2 services")
		w.readsHome(bob, "Watched: 2 services")

		// Who presses waits a little themselves.
		w.slack.Inject(slacksim.Fault{Method: "views.publish", RetryAfter: 3 * time.Second, Times: 1})
		w.opensHome(mei, "已关注 2 个服务")
	})
}

func TestManyPeopleLookAtOnce(t *testing.T) {
	inAWorld(t, both(expiring("svco-chat", 5*day, "cu-1"), watching("en", "svco-chat")), func(w *world) {
		time.Sleep(30 * time.Second)
		var people []string
		for i := range 60 {
			id := fmt.Sprintf("U0MANY%02d", i)
			w.slack.AddUser(slacksim.User{ID: id, Name: strings.ToLower(id)})
			people = append(people, id)
			w.opensHome(id, "cu-1")
			time.Sleep(time.Second)
		}
		w.converse(says{bob, "watch " + service, []string{"Now watching"}})
		time.Sleep(90 * time.Second)
		for _, id := range people {
			if home := w.slack.Home(id).Plain(); !strings.Contains(home, "Watched: 2 services") {
				w.Fatalf("%s still reads\n%s", id, home)
			}
		}
		var last time.Time
		for _, c := range w.slack.Calls("views.publish")[len(people):] {
			if c.Error != "" {
				w.Errorf("Slack answered %s", c.Error)
			}
			if pause := c.Time.Sub(last); pause < 900*time.Millisecond {
				w.Errorf("two refreshes within %v", pause)
			}
			last = c.Time
		}
		w.content()
	})
}

func TestPressingWildlyShowsTheLastPage(t *testing.T) {
	inAWorld(t, many(100), func(w *world) {
		time.Sleep(time.Minute)
		home := w.opensHome(alice, "1 to 20 of 100")
		w.slack.Inject(slacksim.Fault{Method: "views.publish", Delay: 2 * time.Second})
		before := w.publications()
		for _, page := range []string{"21 to 40", "41 to 60", "61 to 80", "81 to 100", "21 to 40", "41 to 60"} {
			w.presses(alice, home, "home.page.0", page+" of 100")
			time.Sleep(50 * time.Millisecond) // faster than anybody clicks; two presses of one instant have no order
		}
		w.readsHome(alice, "41 to 60 of 100 ▾]")
		time.Sleep(10 * time.Second)
		if n := w.publications() - before; n > 3 {
			w.Errorf("published %d times, although only the last page is of interest", n)
		}
		w.readsHome(alice, "41 to 60 of 100 ▾]")
		w.content()
	})
}

// logged finds the id that a text quotes, which the log must have too.
func (w *world) logged(text string) {
	w.Helper()
	id := regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f-]{20,}`).FindString(text)
	if id == "" || !strings.Contains(w.log.String(), id) {
		w.Errorf("no id (%q) leads into the log from:\n%s", id, text)
	}
}

func TestWhatGoesWrongIsSaidInTheHome(t *testing.T) {
	for who, saying := range map[string]string{alice: "Something went wrong on my side", mei: "我内部出错了"} {
		inAWorld(t, both(expiring("svco-chat", 5*day, "cu-1"), watching("en", "svco-chat")), func(w *world) {
			time.Sleep(30 * time.Second)
			w.opensHome(who, "cu-1")
			w.bot.Notifier.Ledger.Close()
			home := w.opensHome(who, saying)
			w.logged(home.Plain())
			w.presses(who, home, "home.again")
			time.Sleep(time.Second)
			w.readsHome(who, saying)
			w.content()
		})
	}
}

func TestWhoCannotBeShownAHomeIsToldInTheDirectMessage(t *testing.T) {
	for who, saying := range map[string]string{alice: "I could not show you the App Home", mei: "无法显示应用主页"} {
		inAWorld(t, both(expiring("svco-chat", 5*day, "cu-1"), watching("en", "svco-chat")), func(w *world) {
			time.Sleep(30 * time.Second)
			w.slack.Inject(slacksim.Fault{Method: "views.publish", Status: 503})
			if err := w.slack.OpenHome(who).Acked(w.Context()); err != nil {
				w.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(w.Context(), time.Minute)
			defer cancel()
			m, err := w.slack.Await(ctx, w.slack.DM(who), who, func(m slacksim.Message) bool { return strings.Contains(m.Plain(), saying) })
			if err != nil {
				w.Fatalf("%v\n%s", err, w.log)
			}
			w.logged(m.Plain())
			w.slack.Mend()
			w.readsHome(who, "cu-1") // it as soon as Slack accepts it
		})
	}
}

func TestAHomeThatSlackDoesNotTakeIsReplacedByAnApology(t *testing.T) {
	inAWorld(t, both(expiring("svco-chat", 5*day, "cu-1"), watching("en", "svco-chat")), func(w *world) {
		time.Sleep(30 * time.Second)
		w.slack.Inject(slacksim.Fault{Method: "views.publish", Error: "view_too_large", Times: 1})
		w.logged(w.opensHome(alice, "Slack did not take what should stand here").Plain())
		time.Sleep(6 * time.Minute)
		w.readsHome(alice, "cu-1")
		w.content()
	})
}

func TestAHomeForWhichThereIsNoPlaceIsExplained(t *testing.T) {
	for language, c := range map[string]struct{ who, watch, busy string }{
		"en": {alice, "Watch a service…", "I am busy: 256 questions"},
		"zh": {mei, "关注服务…", "我正忙"},
	} {
		inAWorld(t, both(expiring("svco-chat", 5*day, "cu-1"), watching(language, "svco-chat")), func(w *world) {
			time.Sleep(30 * time.Second)
			home := w.opensHome(c.who, "cu-1")
			synctest.Wait() // until that has given its place back
			w.fails(qianfantest.Fault{Delay: 20 * time.Second})
			w.crowded(256)
			time.Sleep(time.Second)
			w.presses(c.who, home, c.watch)
			w.tells(c.who, c.busy)
			w.opensHome(c.who, "cu-1") // what stands there stays
			if err := w.slack.OpenHome(bob).Acked(w.Context()); err != nil {
				w.Fatal(err)
			}
			w.tells(bob, "I am busy") // who sees an empty page
			time.Sleep(10 * time.Second)
			told := 0
			for _, m := range w.slack.History(w.slack.DM(c.who), c.who) {
				told += strings.Count(m.Plain(), c.busy)
			}
			if told != 1 {
				w.Errorf("told %d times", told)
			}
		})
	}
}
