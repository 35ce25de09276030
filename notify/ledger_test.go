package notify

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"computeunits/qianfan"
)

// onEachDatabase runs a test of the ledger on a fresh SQLite file, on a fresh
// PostgreSQL database where the server is installed, and on another one behind
// PgBouncer where that is.
func onEachDatabase(t *testing.T, test func(t *testing.T, url string)) {
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		test(t, "sqlite://"+filepath.Join(t.TempDir(), "ledger.db"))
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		test(t, postgres.URL(t))
	})
	t.Run("PgBouncer", func(t *testing.T) {
		t.Parallel()
		test(t, pgbouncer.URL(t))
	})
}

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

// at is a pass at a moment with the default settings.
func at(now time.Time, services ...string) pass {
	s := defaults(services...)
	return pass{policy: s.policy(), settings: s, now: now, started: noon.Add(-30 * day)}
}

func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// withReminder is a ledger in which one message waits: x expires in a day.
func withReminder(t testing.TB, url string) (*Ledger, message) {
	t.Helper()
	l := open(t, url)
	ok(t, l.observe(t.Context(), noon, []observation{seen(noon, unit("x", noon.Add(day)))}))
	must[glance](t)(l.decide(t.Context(), withoutDigest(at(noon, "svco-a"))))
	waiting := must[[]message](t)(l.outbox(t.Context(), channelID, noon))
	if len(waiting) != 1 {
		t.Fatalf("%d messages wait", len(waiting))
	}
	return l, waiting[0]
}

func withoutDigest(p pass) pass {
	p.settings.DigestCron = noDigest
	return p
}

// states returns each message with its state, as people see it in the ledger.
func states(t testing.TB, l *Ledger) string {
	t.Helper()
	all := must[[][2]string](t)(collect(t.Context(), l.db, scanStrings2, `SELECT kind, state FROM message_state ORDER BY kind, state`))
	words := make([]string, len(all))
	for i, s := range all {
		words[i] = s[0] + " " + s[1]
	}
	return strings.Join(words, ", ")
}

func TestOneClaimWins(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, url string) {
		first, m := withReminder(t, url)
		ledgers := []*Ledger{first, open(t, url), open(t, url)}
		p := withoutDigest(at(noon, "svco-a"))
		for round := range 20 {
			var mu sync.Mutex
			var won int
			var racing sync.WaitGroup
			for i := range 9 {
				racing.Go(func() {
					c, err := ledgers[i%len(ledgers)].claim(t.Context(), m, p, true)
					mu.Lock()
					defer mu.Unlock()
					switch {
					case err == nil && c.attempt == round+1:
						won++
					case !errors.Is(err, errOvertaken):
						t.Errorf("claim %v: %v", c, err)
					}
				})
			}
			racing.Wait()
			if won != 1 {
				t.Fatalf("in round %d %d claims won", round, won)
			}
			if early := must[[]message](t)(first.outbox(t.Context(), channelID, p.now.Add(p.settings.Lease-time.Millisecond))); len(early) != 0 {
				t.Fatal("it is offered before the lease has run out")
			}
			p.now = p.now.Add(p.settings.Lease)
			m = must[[]message](t)(first.outbox(t.Context(), channelID, p.now))[0]
		}
	})
}

func TestTheFirstInTheChannelCounts(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, url string) {
		l, m := withReminder(t, url)
		p := withoutDigest(at(noon, "svco-a"))
		frozen := must[*claim](t)(l.claim(t.Context(), m, p, true))
		p.now = p.now.Add(p.settings.Lease)
		m = must[[]message](t)(l.outbox(t.Context(), channelID, p.now))[0]
		second := must[*claim](t)(l.claim(t.Context(), m, p, true))

		// The overtaken attempt cannot shorten the lease of the other.
		ok(t, l.failed(t.Context(), frozen, setback{next: noon, reason: "429"}))
		if got := must[message](t)(messageByKey(t.Context(), l.db, m.key)); !got.next.Equal(p.now.Add(p.settings.Lease)) || !got.unresolved {
			t.Errorf("the lease ends at %v", got.next)
		}
		if d := must[[]double](t)(l.sent(t.Context(), channelID, second.key, "2.000002", p.now)); d != nil {
			t.Errorf("a second message is %+v", d)
		}
		if d := must[[]double](t)(l.sent(t.Context(), channelID, frozen.key, "1.000001", p.now)); len(d) != 1 || d[0].ts != "2.000002" || !slices.Equal(d[0].firsts, []string{"1.000001"}) {
			t.Errorf("after the overtaken attempt, the double is %+v", d)
		}
		if got := states(t, l); got != "expiry sent" {
			t.Errorf("the ledger shows %s", got)
		}
	})
}

func TestStatesArePlainToSee(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, url string) {
		l, m := withReminder(t, url)
		p := withoutDigest(at(noon, "svco-a"))
		is := func(want string) {
			t.Helper()
			if got := states(t, l); got != want {
				t.Errorf("the ledger shows %s and not %s", got, want)
			}
		}
		is("expiry due")
		c := must[*claim](t)(l.claim(t.Context(), m, p, true))
		is("expiry sending")
		ok(t, l.failed(t.Context(), c, setback{next: p.now, reason: "429"}))
		is("expiry waiting")
		// It is renewed before Slack takes it.
		ok(t, l.observe(t.Context(), p.now, []observation{seen(p.now, unit("x", noon.Add(40*day)))}))
		m = must[[]message](t)(l.outbox(t.Context(), channelID, p.now))[0]
		if c := must[*claim](t)(l.claim(t.Context(), m, p, true)); c != nil {
			t.Errorf("claimed %v", c.announcement)
		}
		is("expiry superseded")
		// And back again, before anybody was told anything.
		ok(t, l.observe(t.Context(), p.now, []observation{seen(p.now, unit("x", noon.Add(day)))}))
		must[glance](t)(l.decide(t.Context(), p))
		is("expiry waiting")
		if b := must[Backlog](t)(l.Backlog(t.Context())); b.Messages != 1 || !b.Oldest.Equal(noon) {
			t.Errorf("the backlog is %+v", b)
		}
	})
}

// What goes into the ledger comes out of it unchanged.
func TestObservationsAreKept(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, url string) {
		l := open(t, url)
		full := qianfan.Instance{ID: "x'\";--\u4e2d", Timing: qianfan.Prepaid, Replicas: 1 << 40, Status: "Re`config\x00uring\xff",
			Start: noon.Add(-day), Expires: noon.Add(day + 700*time.Millisecond), ExpiresAssumedZone: true}
		odd := qianfan.Instance{ID: "odd", Timing: qianfan.Prepaid, ExpiresRaw: "next Friday"}
		ok(t, l.observe(t.Context(), noon, []observation{seen(noon, full, odd)}))
		got := must[map[string][]instance](t)(instances(t.Context(), l.db, []string{"svco-a"}))["svco-a"]
		slices.SortFunc(got, func(a, b instance) int { return strings.Compare(a.id, b.id) })
		want := seen(noon, full, odd).rows()
		if !slices.Equal(got, want) {
			t.Errorf("stored is\n%+v and not\n%+v", got, want)
		}
		ok(t, l.observe(t.Context(), noon.Add(time.Hour), []observation{{service: "svco-a", at: noon.Add(time.Hour), err: errDenied}}))
		s := must[map[string]service](t)(services(t.Context(), l.db, []string{"svco-a", "svco-b"}))
		if a := s["svco-a"]; !a.refused || !a.failing.Equal(noon.Add(time.Hour)) || !a.read.Equal(noon) || a.fingerprint != fingerprint(want) {
			t.Errorf("the service is %+v", a)
		}
		if s["svco-b"] != (service{id: "svco-b"}) {
			t.Errorf("a service never read is %+v", s["svco-b"])
		}
	})
}

// An outage of a thousand services, and their return, fits into statements.
func TestManyAtOnce(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, url string) {
		l := open(t, url)
		n := 1200
		if underRace {
			n = 130 // more than one statement takes
		}
		var good, bad []observation
		var names []string
		for i := range n {
			id := fmt.Sprintf("svco-%04d", i)
			names = append(names, id)
			good = append(good, observation{service: id, at: noon, instances: []qianfan.Instance{unit("x", noon.Add(day))}})
			bad = append(bad, observation{service: id, at: noon.Add(time.Hour), err: errUnavailable})
		}
		ok(t, l.observe(t.Context(), noon, good))
		p := at(noon.Add(time.Minute), names...)
		must[glance](t)(l.decide(t.Context(), p))
		if got := states(t, l); strings.Count(got, "collected") != 1 || strings.Count(got, "expiry") != (n+maxCarried-1)/maxCarried || strings.Count(got, "digest") != (min(n, digestItems)-digestTop+maxCarried-1)/maxCarried+1 {
			t.Errorf("the ledger shows %s", got)
		}
		ok(t, l.observe(t.Context(), noon.Add(time.Hour), bad))
		p.now = noon.Add(2*time.Hour + time.Minute)
		must[glance](t)(l.decide(t.Context(), p))
		waiting := must[[]message](t)(l.outbox(t.Context(), channelID, p.now))
		if i := slices.IndexFunc(waiting, func(m message) bool { return m.kind == KindUnreadable }); i < 0 {
			t.Fatal("nobody is told of the outage")
		} else if c := must[*claim](t)(l.claim(t.Context(), waiting[i], p, true)); len(c.announcement.Troubles) != n || len(c.announcement.Reminders) != maxCarried {
			t.Errorf("the notice names %d services by %d ids", len(c.announcement.Troubles), len(c.announcement.Reminders))
		}
	})
}

func TestMigrations(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, url string) {
		var racing sync.WaitGroup
		for range 4 { // several processes on a fresh database
			racing.Go(func() {
				l, err := Open(context.Background(), url)
				if err != nil {
					t.Error(err)
					return
				}
				if err := l.Close(); err != nil {
					t.Error(err)
				}
			})
		}
		racing.Wait()
		l, _ := withReminder(t, url)
		again := open(t, url)
		if got := states(t, again); got != "expiry due" {
			t.Errorf("after opening it again the ledger shows %s", got)
		}
		_, err := exec(t.Context(), l.db, `UPDATE schema_version SET version = 99`)
		ok(t, err)
		if l, err := Open(t.Context(), url); err == nil || !strings.Contains(err.Error(), "schema version 99, but this program knows only up to") {
			t.Errorf("a ledger of a newer program was opened: %v, %v", l, err)
		}
	})
}

func TestLedgersThatCannotBeOpened(t *testing.T) {
	folder := t.TempDir()
	notLedger := filepath.Join(folder, "notes.txt")
	ok(t, os.WriteFile(notLedger, []byte(strings.Repeat("not a database\n", 100)), 0o600))
	for url, want := range map[string]string{
		"":                          "must begin with sqlite:// or postgres://",
		"ledger.db":                 "must begin with",
		"mysql://root:pass@db/x":    "must begin with",
		"sqlite://":                 "names no file",
		"sqlite://:memory:":         "names no file",
		"sqlite:///nonexistent/x/y": "the file /nonexistent/x/y: no such file or directory: make the folder /nonexistent/x",
		"sqlite://" + notLedger:     "file is not a database (26): it is no ledger; name another file",
		"sqlite://" + folder:        "is a directory: it is a folder",
		"postgres://bot:secret@127.0.0.1:1/x?connect_timeout=1": "opening the ledger",
		"postgres://bot:secret@%zz/x":                           "is not an address of PostgreSQL",
	} {
		l, err := Open(t.Context(), url)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "pass@") {
			t.Errorf("%s: %v, %v", url, l, err)
		}
	}
}

func TestTheLedgerIsNobodyElsesToRead(t *testing.T) {
	old := syscall.Umask(0)
	defer syscall.Umask(old)
	file := filepath.Join(t.TempDir(), "ledger.db")
	l := open(t, "sqlite://"+file)
	ok(t, l.observe(t.Context(), noon, []observation{seen(noon, unit("x", noon.Add(day)))}))
	for _, suffix := range []string{"", "-wal", "-shm"} {
		info, err := os.Stat(file + suffix)
		ok(t, err)
		if info.Mode().Perm() != 0o600 {
			t.Errorf("ledger.db%s is %v", suffix, info.Mode())
		}
	}
}

func TestPruning(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, url string) {
		l := open(t, url)
		p := at(noon, "svco-a", "svco-b")
		say := func() {
			t.Helper()
			must[glance](t)(l.decide(t.Context(), p))
			for _, m := range must[[]message](t)(l.outbox(t.Context(), channelID, p.now)) {
				if c := must[*claim](t)(l.claim(t.Context(), m, p, true)); c != nil {
					must[[]double](t)(l.sent(t.Context(), m.channel, m.key, fmt.Sprintf("%d.%s", p.now.Unix(), m.key), p.now))
				}
			}
		}
		// x expires and is unlisted; y stays; svco-b fails all the time.
		x, y := unit("x", noon.Add(day)), unit("y", noon.Add(300*day))
		rows := func() (n int) {
			ok(t, l.db.QueryRowContext(t.Context(), `SELECT (SELECT COUNT(*) FROM message) + (SELECT COUNT(*) FROM reminder) + (SELECT COUNT(*) FROM instance)`).Scan(&n))
			return n
		}
		var most, said int
		for n := range 110 {
			p.now = noon.Add(time.Duration(n) * day)
			o := seen(p.now, x, y)
			if n > 3 {
				o = seen(p.now, y)
			}
			ok(t, l.observe(t.Context(), p.now, []observation{o, {service: "svco-b", at: p.now, err: errUnavailable}}))
			say()
			_, err := l.prune(t.Context(), p.now, p.settings.Before)
			ok(t, err)
			most = max(most, rows())
			if n == 109 {
				ok(t, l.db.QueryRowContext(t.Context(), `SELECT COUNT(*) FROM message WHERE kind = 'unreadable' AND sent_at IS NOT NULL`).Scan(&said))
			}
		}
		if most > 200 {
			t.Errorf("the ledger grew to %d rows", most)
		}
		if left := must[map[string][]instance](t)(instances(t.Context(), l.db, []string{"svco-a"}))["svco-a"]; len(left) != 1 || left[0].id != "y" {
			t.Errorf("of the instances there remain %v", left)
		}
		if said != 1 {
			t.Errorf("the ledger remembers %d notices of an outage that goes on", said)
		}
		// And its end is told, however long it took.
		p.now = p.now.Add(day)
		ok(t, l.observe(t.Context(), p.now, []observation{{service: "svco-b", at: p.now}}))
		say()
		var readable int
		ok(t, l.db.QueryRowContext(t.Context(), `SELECT COUNT(*) FROM message WHERE kind = 'readable' AND sent_at IS NOT NULL`).Scan(&readable))
		if readable != 1 {
			t.Errorf("the end of the outage was told %d times", readable)
		}
	})
}

// A process that shuts down in the middle of a transaction leaves nothing of it.
func TestATransactionIsAllOrNothing(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, url string) {
		l, _ := withReminder(t, url)
		ctx, cancel := context.WithCancel(t.Context())
		err := l.db.write(ctx, "trying", func(tx *sql.Tx) error {
			if _, err := exec(ctx, tx, `DELETE FROM reminder`); err != nil {
				return err
			}
			cancel()
			return nil
		})
		if err == nil {
			t.Error("a cancelled transaction was committed")
		}
		var n int
		ok(t, l.db.QueryRowContext(t.Context(), `SELECT COUNT(*) FROM reminder`).Scan(&n))
		if n != 1 {
			t.Errorf("%d reminders are left", n)
		}
	})
}
