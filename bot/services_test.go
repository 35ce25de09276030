package bot_test

import (
	"strings"
	"testing"
	"time"

	"computeunits/qianfan/qianfantest"
)

func TestTheServicesSayHowMuchExpiresNext(t *testing.T) {
	twoTerms := func(w *world) {
		now := time.Now().UTC().Truncate(time.Second)
		unit := func(id string, replicas int, expires time.Time) qianfantest.Instance {
			return qianfantest.Instance{ID: id, PaymentTiming: "Prepaid", ReplicasCount: replicas, Status: "Running",
				StartTime: now.Add(-30 * day), ExpiredTime: expires}
		}
		w.qianfan.Set("svco-chat", unit("cu-soon1", 3, now.Add(5*day)), unit("cu-soon2", 1, now.Add(5*day)), unit("cu-late1", 40, now.Add(400*day)))
	}
	for language, c := range map[string]struct{ person, ask, want string }{
		"en": {alice, "services", "4 replicas"},
		"zh": {mei, "有哪些服务", "4 个副本"},
	} {
		inAWorld(t, both(twoTerms, watching(language, "svco-chat")), func(w *world) {
			w.reminded(alice, "cu-soon1")
			m := w.writes(c.person, c.ask)
			w.sees(m, c.want, "svco-chat")
			if strings.Contains(m.BlocksPlain(), "44") {
				t.Errorf("what expires in a year is said to expire in days:\n%s", m.BlocksPlain())
			}
			w.content()
		})
	}
}
