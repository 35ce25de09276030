package ledger

import (
	"context"
	"math/rand/v2"
	"strings"
	"testing"

	"computeunits/notify/database"
	"computeunits/notify/notifytest"
	"computeunits/notify/plan"
)

// What the tests begin with.
const (
	day       = notifytest.Day
	channelID = notifytest.Channel
	noDigest  = notifytest.NoDigest
)

var (
	noon     = notifytest.Noon()
	unit     = notifytest.Unit
	seen     = notifytest.Seen
	defaults = notifytest.Defaults
	at       = notifytest.At
	ok       = notifytest.OK

	errUnavailable = notifytest.Unavailable()
	errDenied      = notifytest.Denied()

	databases      notifytest.Databases
	onEachDatabase = databases.Each
)

func must[T any](t testing.TB) func(T, error) T { return notifytest.Must[T](t) }

const ann = "U0ANN"

func open(t testing.TB, url string) *Ledger {
	t.Helper()
	l, err := Open(context.Background(), url)
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
func withReminder(t testing.TB, url string) (*Ledger, plan.Message) {
	t.Helper()
	l := open(t, url)
	ok(t, l.Readings.Observe(t.Context(), noon, []plan.Observation{seen(noon, unit("x", noon.Add(day)))}))
	must[Pending](t)(l.Decisions.Decide(t.Context(), withoutDigest(at(noon, "svco-a"))))
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
func states(t testing.TB, l *Ledger) string {
	t.Helper()
	all := must[[][2]string](t)(database.Collect(t.Context(), l.DB, database.ScanPair, `SELECT kind, state FROM message_state ORDER BY kind, state`))
	words := make([]string, len(all))
	for i, s := range all {
		words[i] = s[0] + " " + s[1]
	}
	return strings.Join(words, ", ")
}

// random is a source of chance that a seed repeats.
func random(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 20261124)) }
