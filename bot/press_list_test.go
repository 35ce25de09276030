package bot_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"computeunits/bot/slacksim"
)

// crowd are services with an instance each.
func crowd(n int) (ids []string, prepare func(*world)) {
	for i := range n {
		ids = append(ids, fmt.Sprintf("svco-crowd%03d", i))
	}
	return ids, func(w *world) {
		for i, id := range ids {
			expiring(id, time.Duration(40+i)*day, fmt.Sprintf("cu-crowd%03d", i))(w)
		}
	}
}

// leafs presses next until there is none, and counts what it finds by the way.
func (w *world) leafs(user string, m slacksim.Message, next string, what *regexp.Regexp) (found map[string]int, last slacksim.Message, pages int) {
	w.Helper()
	found = make(map[string]int)
	for pages = 1; ; pages++ {
		for _, id := range what.FindAllString(m.BlocksPlain(), -1) {
			found[id]++
		}
		if !strings.Contains(m.BlocksPlain(), "["+next+"]") {
			return found, m, pages
		}
		m = w.gets(w.presses(user, m, next))
	}
}

func TestLongListsAreLeafedThrough(t *testing.T) {
	for language, c := range map[string]struct{ who, next, previous, all, services string }{
		"en": {alice, "Next ›", "‹ Previous", "expiring 1000d", "services"},
		"zh": {mei, "下一页 ›", "‹ 上一页", "1000 天内到期", "关注列表"},
	} {
		t.Run(language, func(t *testing.T) {
			ids, prepare := crowd(50)
			inAWorld(t, both(prepare, watching(language, ids...)), func(w *world) {
				time.Sleep(time.Minute)
				for line, what := range map[string]string{c.all: "cu-crowd[0-9]+", c.services: "svco-crowd[0-9]+"} {
					answers := []slacksim.Message{w.asksIn(c.who, gpu, "/computeunits "+line), w.writes(c.who, line)}
					for _, m := range answers {
						found, last, pages := w.leafs(c.who, m, c.next, regexp.MustCompile(what))
						if len(found) != 50 || pages != 3 {
							t.Errorf("%s: %d of 50 stand on %d pages", line, len(found), pages)
						}
						for id, n := range found {
							if n != 1 {
								t.Errorf("%s: %s stands on %d pages", line, id, n)
							}
						}
						if last.TS != m.TS {
							t.Errorf("%s: the last page is another message", line)
						}
						w.sees(w.gets(w.presses(c.who, last, c.previous)), "21")
					}
				}
				w.content()
			})
		})
	}
}

// A span counts from when somebody looks, a date does not.
func TestAListIsRefreshedInItsPlaceAlsoAfterARestart(t *testing.T) {
	inAWorld(t, both(expiring("svco-chat", 10*day+2*time.Hour, "cu-chat1"), watching("en", "svco-chat")), func(w *world) {
		time.Sleep(time.Minute)
		span := w.writes(alice, "what expires within 10d?")
		w.sees(span, "Nothing known to me expires before")
		date := w.writes(alice, "what expires by 2000-01-01 06:00")
		w.stop()
		<-w.ended
		time.Sleep(3 * time.Hour)
		defer w.another()()
		again := w.gets(w.presses(alice, span, "Refresh"))
		w.sees(again, "1 prepaid instance", "cu-chat1")
		if again.TS != span.TS {
			t.Errorf("it stands in another message")
		}
		w.sees(w.gets(w.presses(alice, date, "Refresh")), "Nothing known to me expires before 2000-01-01")
		time.Sleep(9 * time.Hour)
		w.presses(alice, date, "Refresh") // that is over: the old answer stays, and it is said why
		w.tells(alice, "I cannot use")
		w.content()
	})
}

func TestAListIsPostedToTheChannelInItsLanguage(t *testing.T) {
	for language, c := range map[string]struct{ who, line, share, shared, says, done string }{
		"en": {mei, "30 天内到期", "发到频道", "Shared by @U0MEI", "1 prepaid instance", "已发到频道"},
		"zh": {alice, "expiring 30d", "Post to channel", "由 @U0ALICE 分享", "1 个预付费实例", "Posted to the channel"},
	} {
		inAWorld(t, both(expiring("svco-chat", 5*day, "cu-chat1"), watching(language, "svco-chat")), func(w *world) {
			time.Sleep(time.Minute)
			answer := w.asksIn(c.who, gpu, "/computeunits "+c.line)
			w.sees(w.gets(w.presses(c.who, answer, c.share)), c.done)
			w.sees(w.reminded(bob, c.shared), c.says, "cu-chat1")
			w.content()
		})
	}
}

// What stands in a channel is in the channel's language, whoever asks or presses,
// and says who changed it; what goes wrong is said to the person in theirs.
func TestAnAnswerInAChannelIsInTheLanguageOfTheChannel(t *testing.T) {
	inAWorld(t, both(expiring("svco-chat", 5*day, "cu-chat1"), watching("en", "svco-chat")), func(w *world) {
		time.Sleep(time.Minute)
		answer := w.hears(mei, w.slack.Write(mei, gpu, "<@U0COMPUTE> svco-chat 预付费"))
		w.sees(answer, "1 prepaid instance", "[Postpaid]")
		w.presses(mei, answer, "Postpaid")
		changed := w.stands(bob, answer.TS, "Shown by @U0MEI")
		w.sees(changed, "Qianfan lists no postpaid instances")
		w.qianfan.Remove("svco-chat")
		w.presses(mei, changed, "Prepaid")
		m, err := w.slack.Await(w.Context(), gpu, mei, func(m slacksim.Message) bool { return m.VisibleTo == mei })
		if err != nil {
			t.Fatal(err)
		}
		w.sees(m, "千帆中没有该服务")
		w.content()
	})
}

func TestAnAnswerIsPostedOnceByTwoCopiesOfTheBot(t *testing.T) {
	inAWorld(t, both(expiring("svco-chat", 5*day, "cu-chat1"), watching("en", "svco-chat")), func(w *world) {
		defer w.another()()
		for range 5 {
			answer := w.asksIn(alice, gpu, "/computeunits svco-chat")
			first, second := w.slack.Press(alice, answer, "Post to channel"), w.slack.Press(alice, answer, "Post to channel")
			for _, p := range []*slacksim.Interaction{first, second} {
				if err := p.Acked(w.Context()); err != nil {
					t.Fatal(err)
				}
				w.gets(p)
			}
			time.Sleep(10 * time.Second)
		}
		posted := 0
		for _, m := range w.slack.History(gpu, bob) {
			posted += strings.Count(m.BlocksPlain(), "Shared by")
		}
		if posted != 5 {
			t.Errorf("posted %d times", posted)
		}
	})
}

// What the person reads of a failed post is true, and they can press again.
func TestAPostThatFailedCanBeMadeAgain(t *testing.T) {
	for name, c := range map[string]struct {
		fault slacksim.Fault
		says  string
	}{
		"lost":       {slacksim.Fault{Method: "chat.postMessage", Times: 1, Drop: true}, "Slack did not confirm"},
		"not member": {slacksim.Fault{Method: "chat.postMessage", Times: 1, Error: "not_in_channel"}, "type /invite"},
	} {
		t.Run(name, func(t *testing.T) {
			inAWorld(t, both(expiring("svco-chat", 5*day, "cu-chat1"), watching("en", "svco-chat")), func(w *world) {
				answer := w.asksIn(alice, gpu, "/computeunits svco-chat")
				w.slack.Inject(c.fault)
				if name == "not member" {
					w.slack.Inject(slacksim.Fault{Method: "response_url", Status: 404, Times: 1})
				}
				w.sees(w.gets(w.presses(alice, answer, "Post to channel")), c.says)
				w.slack.Mend()
				w.presses(alice, answer, "Post to channel")
				w.reminded(bob, "Shared by @U0ALICE")
			})
		})
	}
}

func TestADoubleClickOnASuggestionAnswersOnce(t *testing.T) {
	inAWorld(t, nil, func(w *world) {
		help := w.writes(alice, "help")
		for range 2 {
			w.slack.Press(alice, help, "say.a")
		}
		if n := w.said(alice, w.slack.DM(alice)); n != 2 {
			t.Errorf("%d messages, with the help itself", n)
		}
		w.presses(alice, help, "say.a") // a minute later it is asked again
		if n := w.said(alice, w.slack.DM(alice)); n != 3 {
			t.Errorf("%d messages", n)
		}
	})
}
