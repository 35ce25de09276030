package bot_test

import (
	"strings"
	"testing"
	"time"

	"computeunits/bot/slacksim"
)

// opened is what the bot showed while it looked for what a modal shows.
func (w *world) opened() string {
	w.Helper()
	calls := w.slack.Calls("views.open")
	if len(calls) == 0 {
		w.Fatal("no modal was opened")
	}
	return calls[len(calls)-1].Args["view"]
}

func TestAModalSpeaksTheLanguageOfWhoeverOpensIt(t *testing.T) {
	inAWorld(t, both(expiring("svco-chat", 5*day, "cu-1", "cu-2"), watching("zh", "svco-chat")), func(w *world) {
		m := w.reminded(mei, "cu-1")
		w.presses(mei, m, "选择实例…") // nobody knows her yet
		form := w.modal(mei, "哪些实例")
		if said := w.opened(); !strings.Contains(said, "请稍候") {
			t.Errorf("while she waits she reads %s", said)
		}
		w.stop()
		<-w.ended
		defer w.another()()
		sent := w.submits(mei, form, map[string][]string{"which/value": {"cu-2 · 1月6日 周四"}, "what/value": {"认领"}})
		if err := sent.Acked(w.Context()); err != nil {
			t.Fatal(err)
		}
		w.modal(mei, "正在保存…") // by a process that does not know her
		w.modal(mei, "已认领 1 个实例")
		w.content()
	})
}

func TestASlowUsersInfoDelaysNoModal(t *testing.T) {
	inAWorld(t, both(expiring("svco-chat", 5*day, "cu-1", "cu-2"), watching("en", "svco-chat")), func(w *world) {
		m := w.reminded(alice, "cu-1")
		w.slack.Inject(slacksim.Fault{Method: "users.info", Delay: time.Hour})
		begun := time.Now()
		w.presses(alice, m, "Choose instances…")
		w.modal(alice, "Just a moment…")
		if took := time.Since(begun); took > time.Second {
			t.Errorf("opened after %v: the trigger lives three seconds", took)
		}
		w.content()
	})
}

// Who closes the window before the work is done reads in a message what became
// of it.
func TestAModalThatIsClosedAtSavingIsAnsweredAllTheSame(t *testing.T) {
	for language, c := range map[string]struct{ who, open, form, saving, refused, saved string }{
		"en": {alice, "Watch…", "is not watched yet", "Saving…", "Qianfan does not know this service", "is watched like that from now on"},
		"zh": {mei, "关注…", "尚未关注", "正在保存…", "千帆中没有该服务", "的关注设置立即生效"},
	} {
		t.Run(language, func(t *testing.T) {
			inAWorld(t, watching(language), func(w *world) {
				answer := w.asksIn(c.who, gpu, lookup)
				save := func() {
					w.presses(c.who, answer, c.open)
					form := w.modal(c.who, c.form)
					if err := w.slack.Submit(c.who, form).Acked(w.Context()); err != nil {
						t.Fatal(err)
					}
					w.slack.Dismiss(c.who, w.modal(c.who, c.saving))
				}
				w.qianfan.Remove(service)
				save()
				w.tells(c.who, c.refused)
				w.qianfan.SeedExample(time.Now())
				save()
				w.tells(c.who, c.saved)
				w.content()
			})
		})
	}
}
