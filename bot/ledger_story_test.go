package bot_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"computeunits/notify/plan"
)

// The ledger cannot be used when the bot is started. People are answered from
// Qianfan, are told what is missing, and what must be written is refused. When it
// can be used again, it goes on by itself.
func TestTheStoryOfALedgerThatIsAway(t *testing.T) {
	prepare := func(language string) func(*world) {
		return both(both(expiring("svco-chat", 5*day, "cu-chat1"), expiring("svco-none1", 500*day, "cu-none1")), func(w *world) {
			w.away = true
			watchingBy(func(s *plan.Settings) { s.DigestCron = "0 9 31 12 *" }, language, "svco-chat", "svco-none1")(w)
		})
	}
	tell(t, "ledger", prepare, func(s *story) {
		s.types(s.in("/computeunits what expires within 7 days?", "/computeunits 7 天内有哪些到期？"))
		s.types(s.in("/computeunits expiring 1d", "/computeunits 1 天内到期"))
		s.types(s.in("/computeunits next", "/computeunits 下一个到期"))
		s.types(s.in("/computeunits services", "/computeunits 服务列表"))
		s.types(s.in("/computeunits when does cu-chat1 expire", "/computeunits cu-chat1 什么时候到期"))
		s.types(s.in("/computeunits acknowledge cu-chat1", "/computeunits 认领 cu-chat1"))
		s.types(s.in("/computeunits watch svco-none1 \"Nobody\"", "/computeunits 关注 svco-none1 叫 空"))
		s.opens(s.in("My database", "我的数据库"))
		time.Sleep(10 * time.Minute)
		for _, m := range s.slack.History(gpu, s.who) {
			if m.VisibleTo == "" {
				s.Errorf("announced: %s", m.Plain())
			}
		}
		if !strings.Contains(s.log.String(), "nothing is announced") || !strings.Contains(s.log.String(), s.file) {
			s.Error("the log does not say that nothing is announced, and which file it is")
		}
		if err := os.WriteFile(s.file, nil, 0o600); err != nil {
			s.Fatal(err)
		}
		s.waits(2*time.Minute, "cu-chat1")
		s.types(s.in("/computeunits acknowledge cu-chat1", "/computeunits 认领 cu-chat1"))
	})
}
