package bot_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"computeunits/bot/slacksim"
	"computeunits/notify/plan"
)

func TestWithoutAChannelTheHomeSaysHowToSetItUp(t *testing.T) {
	prepare := both(expiring("svco-chat", 5*day, "cu-1"), func(w *world) {
		w.bot.Services = []plan.Service{{ID: "svco-chat", Label: "Chat prod"}}
	})
	inAWorld(t, prepare, func(w *world) {
		home := w.opensHome(alice, "Set NOTIFY_CHANNEL", "DATABASE_URL", "[Ask about a service…] [Open console]", "Listed: 1 service", "*Chat prod*")
		if strings.Contains(home.Plain(), "Your settings") || strings.Contains(home.Plain(), "Watch a service") {
			w.Errorf("it offers what it cannot do:\n%s", home.Plain())
		}
		w.presses(alice, home, "service", "Show instances")
		w.modalSays(alice, "cu-1", "4 replicas", "5 days left")
		home = w.opensHome(mei, "NOTIFY_CHANNEL", "[查询服务…] [打开控制台]", "已列出 1 个服务")
		w.presses(mei, home, "查询服务…")
		form := w.modal(mei, "服务 ID 以 svco- 开头")
		if err := w.submits(mei, form, map[string][]string{"service/value": {"svco-chat"}}).Acked(w.Context()); err != nil {
			w.Fatal(err)
		}
		w.modalSays(mei, "cu-1", "4 个副本", "还剩 5 天")
		w.content()
	})
}

func TestAServiceIsWatchedAndUnwatchedFromTheHome(t *testing.T) {
	inAWorld(t, both(expiring("svco-chat", 5*day, "cu-1"), watching("en", "svco-fixed")), func(w *world) {
		time.Sleep(30 * time.Second)
		home := w.opensHome(alice, "Watched: 1 service")
		w.presses(alice, home, "Watch a service…")
		form := w.modal(alice, "Its ID begins with svco-")
		if err := w.submits(alice, form, map[string][]string{"service/value": {"chat"}}).Acked(w.Context()); err != nil {
			w.Fatal(err)
		}
		form = w.modal(alice, "“chat” is not the ID of a service")
		if err := w.submits(alice, form, map[string][]string{"service/value": {"svco-nope1"}}).Acked(w.Context()); err != nil {
			w.Fatal(err)
		}
		form = w.modal(alice, "Qianfan does not know this service")
		if err := w.submits(alice, form, map[string][]string{"service/value": {" SVCO-chat "}}).Acked(w.Context()); err != nil {
			w.Fatal(err)
		}
		form = w.modal(alice, "is not watched yet")
		if err := w.submits(alice, form, map[string][]string{"label/value": {"Chat prod"}}).Acked(w.Context()); err != nil {
			w.Fatal(err)
		}
		w.modal(alice, "is watched like that from now on")
		home = w.readsHome(alice, "Watched: 2 services", "*Chat prod*", "cu-1", "*5 days left*", "by @U0ALICE")

		menu := w.menuOf(home, "Chat prod")
		w.presses(alice, home, menu, "Watch settings…")
		w.modalSays(alice, "is watched.", "Chat prod")
		w.presses(alice, home, menu, "Show instances")
		w.modalSays(alice, "cu-1", "4 replicas")
		w.presses(alice, home, menu, "Stop watching…")
		sure := w.modal(alice, "Shall I stop watching *Chat prod*")
		if err := w.submits(alice, sure, nil).Acked(w.Context()); err != nil {
			w.Fatal(err)
		}
		w.modalSays(alice, "Stopped watching", "drops")
		home = w.readsHome(alice, "Watched: 1 service\n")
		if menu := home.Controls(); strings.Contains(string(home.Blocks), "Stop watching") {
			w.Errorf("it offers to stop watching what NOTIFY_SERVICES names: %v", menu)
		}
		w.content()
	})
}

// modalSays waits for the modal that a person sees, and that says all of it.
func (w *world) modalSays(user, first string, wanted ...string) {
	w.Helper()
	v := w.modal(user, first)
	for _, want := range wanted {
		if !strings.Contains(v.Plain(), want) {
			w.Errorf("the modal does not say %q:\n%s", want, v.Plain())
		}
	}
}

// menuOf is the menu of the service with a label.
func (w *world) menuOf(home slacksim.View, label string) string {
	w.Helper()
	id := regexp.MustCompile(`\*` + label + `\* \(` + "`(svco-[a-z0-9]+)`").FindStringSubmatch(home.Plain())
	for _, c := range home.Controls() {
		if c.ActionID == "service" && id != nil && strings.Contains(c.Options[0].Value, id[1]) {
			return c.BlockID + "/" + c.ActionID
		}
	}
	w.Fatalf("no menu is of %s in\n%s", label, home.Plain())
	return ""
}

func TestWhoMayNotChangeReadsSoInTheModal(t *testing.T) {
	prepare := both(expiring("svco-chat", 5*day, "cu-1"), both(watching("en", "svco-chat"), func(w *world) { w.bot.AllowUsers = []string{bob} }))
	inAWorld(t, prepare, func(w *world) {
		time.Sleep(30 * time.Second)
		w.presses(alice, w.opensHome(alice, "cu-1"), "Watch a service…")
		w.modal(alice, "not everybody may change what I watch")
		w.presses(bob, w.opensHome(bob, "cu-1"), "Watch a service…")
		w.modal(bob, "Its ID begins with svco-")
		w.presses(alice, w.opensHome(alice, "cu-1"), "lang", "简体中文") // their own settings are theirs
		w.readsHome(alice, "你的设置")
		w.content()
	})
}
