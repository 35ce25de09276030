package bot_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"computeunits/bot/slacksim"
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
			"*Soon* · *4 replicas*", "cu-1", "*5 days left*", "*Ahead* · *4 replicas*", "*40 days left*",
			"`svco-chat` falls from 8 to 0 replicas", "Watched: 2 services", "last read less than a minute ago", "by NOTIFY_SERVICES",
			"*Connected to Slack*", "Qianfan tells of 2 of 2 services", "*Next digest* 2000-01-01 09:00 UTC", "none at present", "Your settings")
		w.opensHome(mei, "*2 个实例* (8 个副本) 将在 7 天内到期", "[关注服务…] [刷新] [打开控制台]", "*临近* · *4 个副本*", "*还剩 5 天*",
			"`svco-chat` 由 8 降至 0 个副本", "已关注 2 个服务", "千帆可读取：2 / 2 个服务", "下一次日报", "目前没有", "你的设置")
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
