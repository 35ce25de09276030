package notify

import (
	"context"
	"strings"
	"testing"

	"computeunits/notify/database"
	"computeunits/notify/ledger"
	"computeunits/notify/plan"
)

func open(t testing.TB, url string) *ledger.Ledger {
	t.Helper()
	l, err := ledger.Open(context.Background(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

// withReminder is a ledger in which one message waits: x expires in a day.
func withReminder(t testing.TB, url string) (*ledger.Ledger, plan.Message) {
	t.Helper()
	l := open(t, url)
	ok(t, l.Readings.Observe(t.Context(), noon, []plan.Observation{seen(noon, unit("x", noon.Add(day)))}))
	must[ledger.Pending](t)(l.Decisions.Decide(t.Context(), withoutDigest(at(noon, "svco-a"))))
	waiting := must[[]plan.Message](t)(l.Outbox.Waiting(t.Context(), channelID, noon))
	if len(waiting) != 1 {
		t.Fatalf("%d messages wait", len(waiting))
	}
	return l, waiting[0]
}

func withoutDigest(p plan.Evaluation) plan.Evaluation {
	p.Settings.DigestCron = noDigest
	return p
}

// states returns each message with its state, as people see it in the ledger.
func states(t testing.TB, l *ledger.Ledger) string {
	t.Helper()
	all := must[[][2]string](t)(database.Collect(t.Context(), l.DB, database.ScanPair, `SELECT kind, state FROM message_state ORDER BY kind, state`))
	words := make([]string, len(all))
	for i, s := range all {
		words[i] = s[0] + " " + s[1]
	}
	return strings.Join(words, ", ")
}
