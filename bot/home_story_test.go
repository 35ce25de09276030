package bot_test

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"computeunits/bot/slacksim"
	"computeunits/qianfan/qianfantest"
)

// opensHome opens the App Home and waits until it says something.
func (w *world) opensHome(user string, saying ...string) slacksim.View {
	w.Helper()
	if err := w.slack.OpenHome(user).Acked(w.Context()); err != nil {
		w.Fatalf("opening the Home: %v\n%s", err, w.log)
	}
	return w.readsHome(user, saying...)
}

// readsHome waits until a person's Home says something.
func (w *world) readsHome(user string, saying ...string) slacksim.View {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.Context(), time.Minute)
	defer cancel()
	v, err := w.slack.AwaitHome(ctx, user, func(v slacksim.View) bool {
		for _, want := range saying {
			if !strings.Contains(v.Plain(), want) {
				return false
			}
		}
		return true
	})
	if err != nil {
		w.Fatalf("the Home does not say %q: %v; it says\n%s\n%s", saying, err, w.slack.Home(user).Plain(), w.log)
	}
	return v
}

func TestWhatAPersonReadsWhenTheyOpenTheirHome(t *testing.T) {
	prepare := both(both(expiring("svco-chat", 5*day, "cu-1", "cu-2"), expiring("svco-embed", 40*day, "cu-3")), watching("en", "svco-chat", "svco-embed"))
	inAWorld(t, prepare, func(w *world) {
		time.Sleep(30 * time.Second) // the services are read
		w.opensHome(alice, "*2 instances* (8 replicas) expire within 7 days", "[Watch a service…] [Refresh] [Open console]",
			"*Soon* · *4 replicas*", "cu-1", "*5 days left*", "*Later* · *4 replicas*", "*40 days left*",
			"`svco-chat` loses 8 replicas", "Watched: 2 services", "last read less than a minute ago", "by NOTIFY_SERVICES",
			"*Connected to Slack*", "2 of 2 services read", "*Next digest* 2000-01-01 09:00 UTC", "none at present", "Your settings")
		w.opensHome(mei, "*2 个实例* (8 个副本) 将在 7 天内到期", "[关注服务…] [刷新] [打开控制台]", "*临近* · *4 个副本*", "*还剩 5 天*",
			"`svco-chat` 减少 8 个副本", "已关注 2 个服务", "千帆可读取：2 / 2 个服务", "下一次日报", "目前没有", "你的设置")
		if err := w.slack.OpenMessages(bob).Acked(w.Context()); err != nil {
			w.Fatal(err)
		}
		time.Sleep(time.Minute)
		if home := w.slack.Home(bob); home.ID != "" {
			w.Errorf("Bob opened another tab, and got a Home:\n%s", home.Plain())
		}
		w.content()
	})
}

// publications counts how often a Home was published.
func (w *world) publications() int {
	synctest.Wait() // what is seen is not yet recorded
	return len(w.slack.Calls("views.publish"))
}

func TestAnOpenHomeFollowsARenewal(t *testing.T) {
	for language, c := range map[string]struct{ who, before, after string }{
		"en": {alice, "*5 days left*", "*365 days left*"},
		"zh": {mei, "*还剩 5 天*", "*还剩 365 天*"},
	} {
		inAWorld(t, both(expiring("svco-chat", 5*day, "cu-1"), watching(language, "svco-chat")), func(w *world) {
			time.Sleep(30 * time.Second)
			w.opensHome(c.who, c.before)
			w.qianfan.Update("svco-chat", "cu-1", func(in *qianfantest.Instance) { in.ExpiredTime = time.Now().Add(366 * day).UTC().Truncate(time.Second) })
			begun := time.Now()
			ctx, cancel := context.WithTimeout(w.Context(), 11*time.Minute)
			defer cancel()
			renewed, err := w.slack.AwaitHome(ctx, c.who, func(v slacksim.View) bool { return strings.Contains(v.Plain(), c.after) })
			if err != nil {
				w.Fatalf("%v; it says\n%s", err, w.slack.Home(c.who).Plain())
			}
			if strings.Contains(renewed.Plain(), c.before) || strings.Contains(renewed.Plain(), "🟡") {
				w.Errorf("it still shows the old expiry:\n%s", renewed.Plain())
			}
			if took := time.Since(begun); took > 10*time.Minute+10*time.Second { // services are read every ten minutes
				w.Errorf("it took %v", took)
			}
			w.content()
		})
	}
}

func TestAHomeIsRefreshedRarelyAndOnlyWhileSomebodyLooks(t *testing.T) {
	inAWorld(t, both(expiring("svco-chat", 5*day, "cu-1"), watching("en", "svco-chat")), func(w *world) {
		time.Sleep(30 * time.Second)
		w.opensHome(alice, "cu-1")
		time.Sleep(14 * time.Minute)
		if n := w.publications(); n < 3 || n > 5 {
			w.Errorf("nothing happened, and the Home was published %d times in a quarter of an hour; every five minutes is enough", n)
		}
		time.Sleep(2 * time.Minute) // nobody looks any more
		n := w.publications()
		w.converse(says{bob, "watch " + service, []string{"Now watching"}})
		time.Sleep(time.Hour)
		if more := w.publications() - n; more > 0 {
			w.Errorf("published %d times for nobody", more)
		}
		w.opensHome(alice, "Watched: 2 services")
		w.converse(says{bob, "unwatch " + service, []string{"Stopped watching"}})
		w.readsHome(alice, "Watched: 1 service\n")
		w.content()
	})
}

func TestChangesThatComeFastAreShownTogether(t *testing.T) {
	inAWorld(t, watching("en", "svco-chat"), func(w *world) {
		time.Sleep(30 * time.Second)
		w.opensHome(alice, "Watched: 1 service")
		before := w.publications()
		dm := w.slack.DM(bob)
		for range 10 {
			w.slack.Write(bob, dm, "watch "+service)
			time.Sleep(time.Second)
			w.slack.Write(bob, dm, "unwatch "+service)
			time.Sleep(time.Second)
		}
		if n := w.publications() - before; n > 5 { // in 20 seconds
			w.Errorf("published %d times", n)
		}
		w.content()
	})
}

func TestWithQianfanDownTheHomeSaysWhatItDoesNotKnow(t *testing.T) {
	prepare := both(both(expiring("svco-chat", 40*day, "cu-1"), expiring("svco-new", 5*day, "cu-2")), watching("en", "svco-chat"))
	inAWorld(t, prepare, func(w *world) {
		time.Sleep(30 * time.Second)
		w.opensHome(alice, "✅ Nothing known to me expires within 30 days.")
		w.fails(qianfantest.Fault{Status: 500, Code: "InternalError", Message: "<!channel> down"})
		time.Sleep(3 * time.Hour)
		home := w.opensHome(alice, "⚠️ No expiry within 30 days is known, but not everything is known.", "1 service could not be read",
			"Qianfan has trouble answering", "last read 3 hours ago", "⚠️ 0 of 1 service read", "cu-1", "1 service: Qianfan has trouble answering")
		w.opensHome(mei, "所知并不完整", "千帆可读取：0 / 1 个服务", "上次读取：3 小时前")
		if strings.Contains(home.Plain(), "✅ Nothing") || strings.Contains(string(home.Blocks), "<!channel>") {
			w.Errorf("an outage reads as nothing, or calls everybody:\n%s", home.Plain())
		}
		w.qianfan.Mend()
		time.Sleep(11 * time.Minute)
		w.readsHome(alice, "✅ Nothing known to me expires within 30 days.", "none at present")
		w.content()
	})
}

// many has so many services with one instance each, the first expiring first.
func many(n int) func(*world) {
	return func(w *world) {
		ids := make([]string, n)
		for i := range n {
			ids[i] = fmt.Sprintf("svco-%03d", i)
			expiring(ids[i], time.Duration(i+5)*day, fmt.Sprintf("cu-%03d", i))(w)
		}
		watching("en", ids...)(w)
	}
}

func TestFiveHundredServicesArePagedThrough(t *testing.T) {
	inAWorld(t, many(500), func(w *world) {
		time.Sleep(3 * time.Minute) // they are read
		home := w.opensHome(mei, "已关注 500 个服务", "svco-019", "第 1 至 20 个，共 500 个")
		seen := map[string]bool{}
		for page := 1; ; page++ {
			for _, id := range regexp.MustCompile("svco-[0-9]{3}`\n(⛔|🔴|🟡|🟢)").FindAllString(home.Plain(), -1) {
				seen[id[:8]] = true
			}
			if !strings.Contains(home.Plain(), "[下一页 ›]") {
				break
			}
			w.presses(mei, home, "下一页 ›")
			home = w.readsHome(mei, fmt.Sprintf("第 %d 至 %d 个，共 500 个", page*20+1, page*20+20))
		}
		if len(seen) != 500 {
			w.Errorf("%d of 500 services stood on some page", len(seen))
		}
		w.presses(mei, home, "‹ 上一页")
		w.readsHome(mei, "第 461 至 480 个")

		// By the menu.
		home = w.opensHome(alice, "1 to 20 of 500")
		w.presses(alice, home, "home.page.0", "101 to 120 of 500")
		home = w.readsHome(alice, "svco-100", "101 to 120 of 500 ▾]")
		w.presses(alice, home, "home.page.100", "1 to 20 of 500")
		w.readsHome(alice, "svco-000", "1 to 20 of 500 ▾]")
		w.content()
	})
}

func TestWhoComesBackSoonFindsThePageThatTheyLeft(t *testing.T) {
	inAWorld(t, many(45), func(w *world) {
		time.Sleep(time.Minute)
		w.presses(mei, w.opensHome(mei, "第 1 至 20 个"), "下一页 ›")
		w.readsHome(mei, "第 21 至 40 个")
		if err := w.slack.OpenMessages(mei).Acked(w.Context()); err != nil {
			w.Fatal(err)
		}
		w.opensHome(mei, "第 21 至 40 个")
		left := w.slack.Home(mei).Hash
		time.Sleep(6 * time.Minute)
		if home := w.readsHome(mei, "第 21 至 40 个"); home.Hash == left {
			w.Error("it was not refreshed meanwhile")
		}
		time.Sleep(10 * time.Minute)
		w.opensHome(mei, "第 1 至 20 个")
		w.content()
	})
}

// chooses is Alice choosing in a menu of her Home, which says something at once.
func (w *world) chooses(home slacksim.View, menu, choice string, saying ...string) slacksim.View {
	w.Helper()
	w.presses(alice, home, menu, choice)
	begun := time.Now()
	home = w.readsHome(alice, saying...)
	if took := time.Since(begun); took > time.Second {
		w.Errorf("choosing %s took effect after %v", choice, took)
	}
	return home
}

func TestLanguageAndTimeFormatTakeEffectAtOnce(t *testing.T) {
	inAWorld(t, both(expiring("svco-chat", 5*day, "cu-1"), watching("en", "svco-chat")), func(w *world) {
		time.Sleep(30 * time.Second)
		w.slack.AddUser(slacksim.User{ID: alice, Name: "alice", Locale: "en-US", TZ: "Asia/Shanghai"})
		home := w.opensHome(alice, "Your settings", "2000-01-06 00:00 UTC")
		home = w.chooses(home, "lang", "简体中文", "你的设置", "[简体中文 ▾]", "还剩 5 天")
		w.converse(says{alice, "next", []string{"接下来到期的是"}}) // in everything that the bot says
		home = w.chooses(home, "clock", "12 小时制（下午 3:04）", "1月6日 周四 上午 8:00", "[12 小时制（下午 3:04） ▾]")
		home = w.chooses(home, "lang", "English", "Thu 6 Jan at 8:00 AM", "[12 hours (3:04 PM) ▾]", "[English ▾]")
		home = w.chooses(home, "clock", "24 hours (15:04)", "Thu 6 Jan at 08:00", "[24 hours (15:04) ▾]")
		home = w.chooses(home, "clock", "As in Slack", "2000-01-06 00:00 UTC")
		w.chooses(home, "lang", "As in Slack", "Your settings")
		w.opensHome(bob, "Your settings", "2000-01-06 00:00 UTC") // whose settings are his own
		entries, err := w.bot.Notifier.Ledger.Reports.Entries(w.Context(), 10)
		if err != nil || len(entries) != 6 || entries[5].By != alice || entries[5].What != "preference" || entries[5].Origin != "home" {
			w.Errorf("the audit has %+v, %v", entries, err)
		}
		w.content()
	})
}

func TestGuestsAndPeopleOfOtherOrganisationsReadARefusal(t *testing.T) {
	inAWorld(t, both(expiring("svco-chat", 5*day, "cu-1"), watching("en", "svco-chat")), func(w *world) {
		w.slack.AddUser(slacksim.User{ID: "U0GUEST", Name: "guest", Locale: "en-US", Guest: true})
		w.slack.AddUser(slacksim.User{ID: "U0OTHER", Name: "other", Locale: "zh-CN", Stranger: true})
		time.Sleep(30 * time.Second)
		for who, saying := range map[string]string{"U0GUEST": "you are a guest in it", "U0OTHER": "只回答本组织的成员"} {
			home := w.opensHome(who, saying)
			if strings.Contains(home.Plain(), "svco-chat") || len(home.Controls()) > 0 {
				w.Errorf("%s sees more:\n%s", who, home.Plain())
			}
		}
		n := w.publications()
		time.Sleep(20 * time.Minute)
		if more := w.publications() - n; more > 0 {
			w.Errorf("a refusal was refreshed %d times", more)
		}
		w.content()
	})
}

func TestTheHomeRemembersTheLastProblem(t *testing.T) {
	inAWorld(t, both(expiring("svco-chat", 5*day, "cu-1"), watching("en", "svco-chat")), func(w *world) {
		time.Sleep(30 * time.Second)
		w.fails(qianfantest.Fault{Status: 500})
		time.Sleep(3 * time.Hour)
		w.opensHome(alice, "trouble answering")
		w.qianfan.Mend()
		time.Sleep(time.Hour)
		w.opensHome(alice, "none at present", "The last one: `svco-chat` could not be read")
		w.opensHome(mei, "目前没有", "最近一次：", "无法读取 `svco-chat`")
	})
}

// While nothing happens, refreshing looks once for all who have their Home open,
// and at none of them: here that would show, because Slack does not tell who they
// are, and is asked again a minute later by whoever wants to know.
func TestNothingIsDoneForHomesInWhichNothingIsNew(t *testing.T) {
	inAWorld(t, both(expiring("svco-chat", 5*day, "cu-1"), watching("en", "svco-chat")), func(w *world) {
		w.slack.Inject(slacksim.Fault{Method: "users.info", Status: 500})
		time.Sleep(30 * time.Second)
		const many = 20
		for i := range many {
			id := fmt.Sprintf("U0LOOKS%d", i)
			w.slack.AddUser(slacksim.User{ID: id, Name: strings.ToLower(id)})
			w.opensHome(id, "cu-1")
		}
		time.Sleep(30 * time.Second)
		before := len(w.slack.Calls(""))
		time.Sleep(3 * time.Minute)
		if n := len(w.slack.Calls("")) - before; n > 0 {
			t.Errorf("%d requests for nothing", n)
		}
		w.slack.Mend()
		w.converse(says{bob, "watch " + service, []string{"Now watching"}})
		for i := range many {
			w.readsHome(fmt.Sprintf("U0LOOKS%d", i), "Watched: 2 services")
		}
		w.content()
	})
}

// A Home that Slack does not take is tried again at growing intervals.
func TestAHomeThatCannotBeRefreshedIsNotTriedEveryFewSeconds(t *testing.T) {
	inAWorld(t, both(expiring("svco-chat", 5*day, "cu-1"), watching("en", "svco-chat")), func(w *world) {
		time.Sleep(30 * time.Second)
		w.opensHome(alice, "Watched: 1 service")
		w.slack.Inject(slacksim.Fault{Method: "views.publish", Status: 503})
		w.converse(says{bob, "watch " + service, []string{"Now watching"}})
		before := w.publications()
		time.Sleep(8 * time.Minute)
		if n := w.publications() - before; n < 3 || n > 10 {
			t.Errorf("tried %d times", n)
		}
		w.slack.Mend()
		ctx, cancel := context.WithTimeout(w.Context(), 6*time.Minute)
		defer cancel()
		if _, err := w.slack.AwaitHome(ctx, alice, func(v slacksim.View) bool { return strings.Contains(v.Plain(), "Watched: 2 services") }); err != nil {
			t.Error(err)
		}
	})
}
