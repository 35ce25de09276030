package main

import (
	"strings"
	"testing"
)

// play types lines in the demo and returns what then stands on the screen.
func play(t *testing.T, lines ...string) string {
	t.Helper()
	t.Parallel() // most of the time of a demo is waiting
	got := call(t, nil, strings.Join(lines, "\n")+"\n", "demo")
	if got.code != 0 || got.errs != "" {
		t.Errorf("exit code %d, on standard error: %s", got.code, got.errs)
	}
	return got.out
}

// inOrder checks that a text says some things one after the other.
func inOrder(t *testing.T, text string, wants ...string) {
	t.Helper()
	rest := text
	for _, want := range wants {
		_, after, ok := strings.Cut(rest, want)
		if !ok {
			t.Fatalf("nothing says %q where it should, in:\n%s", want, text)
		}
		rest = after
	}
}

func TestANewcomerTriesTheDemo(t *testing.T) {
	out := play(t, "/computeunits svco-48exxxa594 prepaid", "", "hello", "svco-c0nexxb777 please", "press Prepaid",
		"/computeunits svco-48exxxa594 preprid", "/unheard of", "snooze a0085162xxx9d19e58e 3d", "break", "Quit", "never read")
	inOrder(t, out,
		"computeunits (#gpu-capacity, ", "the first in 1 day.", "• 🟡 *5 replicas* `a0085162xxx9d19e58e`",
		"[Acknowledge all] [Snooze all… ▾ 1 day | 3 days | 1 week | Until the next reminder] [Choose instances…]",
		" 09:00): What expires: ",
		"computeunits (only you see this): svco-48exxxa594: 6 prepaid instances",
		"• a0085162xxx9d19e58e: 🟢 Running, Prepaid, 5 replicas",
		"[Refresh]",
		"computeunits (direct message): Hello! I know what your compute units have",
		"Qianfan lists no instances for svco-c0nexxb777.",
		"Qianfan lists no prepaid instances for svco-c0nexxb777.",
		"computeunits (only you see this): ", "Did you mean /computeunits svco-48exxxa594 prepaid ?",
		"Slackbot (only you see this): ", "/unheard is not a valid command.",
		"computeunits (direct message): Snoozed the reminders of 1 instance.",
		"(Write what breaks: break qianfan, or break slack.)",
	)
	for _, wrong := range []string{" late", "U0ALICE", "C0GPU", "never read", "ago"} {
		if strings.Contains(strings.ReplaceAll(out, "less than a minute ago", ""), wrong) {
			t.Errorf("it says %q:\n%s", wrong, out)
		}
	}
}

func TestTheDemosButtonsMenusAndWindows(t *testing.T) {
	out := play(t, "help", "press services", "press what expires within 30d",
		"press snooze all", "press Snooze all… > 3 days", "press Acknowledge",
		"home", "press Watch settings…", "press chat prod > watch settings",
		"press Refresh", "fill colour red", "fill Label Chat, new", "fill When to remind 7 days before, 1 day before", "fill Owners @mei, bob",
		"fill Further reminders soon", "submit", "fill Further reminders 36h", "submit", "close", "submit",
		"home", "press svco-7fq2xxk301", "press Embeddings > Stop watching…", "submit", "close",
		"press Choose instances…", "submit", "close", "press open console")
	inOrder(t, out,
		"(direct message): I show the compute unit instances", "[services]",
		"(direct message): 2 services are watched:", "reminds in #gpu-capacity · watched by @alice",
		"(direct message): 🔴 *5 prepaid instances*",
		"(That is a menu. Write what you choose: press Snooze all… > 1 day",
		"Snoozed the reminders of 5 instances.",
		"(Nothing here has that name.",
		"computeunits (Home):", "[Watch a service…] [Refresh]", "[Chat prod ⋯ Show instances | Watch settings… | Stop watching…]",
		"[My language ▾ ✓ As in Slack | English | 简体中文]",
		"(Several have that. Write which:\n  press Chat prod > Watch settings…\n  press Embeddings > Watch settings…)",
		"computeunits (a window, only you see it):\nWatch a service", "  fill Label …", "  fill When to remind 30 days before | 14 days before |", "  submit, or close)",
		"(The window has nothing of that name",
		"(The window has no such field.",
		"(Label: Chat, new)", "(When to remind: 7 days before, 1 day before)", "(Owners: @mei, bob)",
		"Owners: [@mei, @bob ▾]", "! Further reminders: I do not understand “soon”.", "[Cancel] [Save]",
		"Saved. *Chat, new* (`svco-48exxxa594`) is watched like that from now on.", "(Type close when you have read it.)",
		"(The window is closed.)", "(No window is open.",
		"computeunits (Home):", "[Chat, new ⋯ ", "(Nothing here has that name.",
		"Shall I stop watching *Embeddings*", "(Type submit, or close.)", "Stopped watching *Embeddings* (`svco-7fq2xxk301`).", "(The window is closed.)",
		"Choose instances\n", "! Which instances: Please complete this required field.", "(The window is closed.)",
		"(The browser opens https://",
	)
}

func TestTheDemoLivesThroughTrouble(t *testing.T) {
	out := play(t, "Break Qianfan", "forward 30m", "home", "forward 2h", "/computeunits svco-48exxxa594", "mend qianfan",
		"break slack", "hello", "forward 1d", "mend", "renew 17d0e8b2xxx90c54fa3")
	inOrder(t, out,
		"(Qianfan cannot be read any more.", " 09:30 UTC now.)",
		"computeunits (Home):", "⚠️ 2 services could not be read", "0 of 2 services read",
		" 10:00): ⚠️ Qianfan could not be read for 2 services.", " 11:30 UTC now.)",
		"(only you see this): Qianfan has trouble answering",
		" 11:30): ✅ Qianfan can be read again: 2 services.", "(Qianfan can be read again.)",
		"(Slack cannot be reached any more.", "(Slack cannot be reached, so nobody can write", " 11:30 UTC now.)",
		"*4 replicas* of *Chat prod* (`svco-48exxxa594`) stopped", "⏱️ 2 hours late: Slack could not be reached.",
		"What expires: ", "⏱️ 2 hours late: Slack could not be reached.", "(Everything can be reached.)",
		"renewed until", "edited): ", "(17d0e8b2xxx90c54fa3 was renewed until ",
	)
	if strings.Contains(out, "not running") {
		t.Errorf("the bot was running all the time:\n%s", out)
	}
}

func TestTimePassesInTheDemo(t *testing.T) {
	out := play(t, "forward 3d", "press Acknowledge all", "forward 60d")
	inOrder(t, out,
		" 08:55): 🔴 *4 replicas* of *Chat prod* (`svco-48exxxa594`) stop now,", " 09:00): What expires: ",
		" 08:55): 🔴 ", "*8 replicas* of *Chat prod* (`svco-48exxxa594`) stop 20", ", in 1 day.", " 09:00): What expires: ",
		" 08:55): 🔴 ", " 09:00): What expires: ",
		" 09:00 UTC now.)", "Acknowledged: ",
		" 08:55): ", " 08:55): ", "(So long a time goes by in leaps: ", " 09:00 UTC now.)",
	)
	if strings.Contains(out, " late") {
		t.Errorf("something is late:\n%s", out)
	}
}

func TestTheDemoInChinese(t *testing.T) {
	out := play(t, "as nobody", "as Mei", "7 天内到期", "帮助", "press 关注列表", "/computeunits svco-48exxxa594 预付费",
		"as alice", "home", "press My language > 简体中文", "下一个到期", "press Embeddings > 关注设置…", "fill 名称 向量", "submit")
	inOrder(t, out,
		"(Write who you are: as alice, as bob, or as mei", "(You are @mei now.)",
		"(direct message): 🔴 1 个服务的 *3 个预付费实例*", "(direct message): 我可以查看千帆服务", "(direct message): ", "提醒发到 #gpu-capacity · 由 @alice 关注",
		"(only you see this): svco-48exxxa594：6 个预付费实例",
		"(You are @alice now.)", "Compute units of Qianfan", "千帆算力单元", "[我使用的语言 ▾ 与 Slack 一致 | English | ✓ 简体中文]",
		"(direct message): ", "还剩",
		"关注服务", "  fill 名称 …", "(名称: 向量)", "已保存，*向量*",
	)
}
