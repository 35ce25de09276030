package ledger

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

	"computeunits/notify/database"
	"computeunits/notify/plan"
	"computeunits/qianfan"
)

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
					c, err := ledgers[i%len(ledgers)].Outbox.Claim(t.Context(), m, p, true)
					mu.Lock()
					defer mu.Unlock()
					switch {
					case err == nil && c.Attempt == round+1:
						won++
					case !errors.Is(err, ErrOvertaken):
						t.Errorf("claim %v: %v", c, err)
					}
				})
			}
			racing.Wait()
			if won != 1 {
				t.Fatalf("in round %d %d claims won", round, won)
			}
			if early := must[[]plan.Message](t)(first.Outbox.Waiting(t.Context(), channelID, p.Now.Add(p.Settings.Lease-time.Millisecond))); len(early) != 0 {
				t.Fatal("it is offered before the lease has run out")
			}
			p.Now = p.Now.Add(p.Settings.Lease)
			m = must[[]plan.Message](t)(first.Outbox.Waiting(t.Context(), channelID, p.Now))[0]
		}
	})
}

func TestTheFirstInTheChannelCounts(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, url string) {
		l, m := withReminder(t, url)
		p := withoutDigest(at(noon, "svco-a"))
		frozen := must[*Claim](t)(l.Outbox.Claim(t.Context(), m, p, true))
		p.Now = p.Now.Add(p.Settings.Lease)
		m = must[[]plan.Message](t)(l.Outbox.Waiting(t.Context(), channelID, p.Now))[0]
		second := must[*Claim](t)(l.Outbox.Claim(t.Context(), m, p, true))

		// The overtaken attempt cannot shorten the lease of the other.
		ok(t, l.Outbox.Failed(t.Context(), frozen, Failure{Next: noon, Reason: "429"}))
		if got := must[plan.Message](t)(messageByKey(t.Context(), l.DB, m.Key)); !got.Next.Equal(p.Now.Add(p.Settings.Lease)) || !got.Unresolved {
			t.Errorf("the lease ends at %v", got.Next)
		}
		if d := must[[]plan.Duplicate](t)(l.Outbox.Sent(t.Context(), channelID, second.Key, "2.000002", p.Now)); d != nil {
			t.Errorf("a second message is %+v", d)
		}
		if d := must[[]plan.Duplicate](t)(l.Outbox.Sent(t.Context(), channelID, frozen.Key, "1.000001", p.Now)); len(d) != 1 || d[0].TS != "2.000002" || !slices.Equal(d[0].Firsts, []string{"1.000001"}) {
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
		c := must[*Claim](t)(l.Outbox.Claim(t.Context(), m, p, true))
		is("expiry sending")
		ok(t, l.Outbox.Failed(t.Context(), c, Failure{Next: p.Now, Reason: "429"}))
		is("expiry waiting")
		// It is renewed before Slack takes it.
		ok(t, l.Readings.Observe(t.Context(), p.Now, []plan.Observation{seen(p.Now, unit("x", noon.Add(40*day)))}))
		m = must[[]plan.Message](t)(l.Outbox.Waiting(t.Context(), channelID, p.Now))[0]
		if c := must[*Claim](t)(l.Outbox.Claim(t.Context(), m, p, true)); c != nil {
			t.Errorf("claimed %v", c.Announcement)
		}
		is("expiry superseded")
		// And back again, before anybody was told anything.
		ok(t, l.Readings.Observe(t.Context(), p.Now, []plan.Observation{seen(p.Now, unit("x", noon.Add(day)))}))
		must[Pending](t)(l.Decisions.Decide(t.Context(), p))
		is("expiry waiting")
		if b := must[plan.Backlog](t)(l.Outbox.Backlog(t.Context())); b.Messages != 1 || !b.Oldest.Equal(noon) {
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
		ok(t, l.Readings.Observe(t.Context(), noon, []plan.Observation{seen(noon, full, odd)}))
		got := must[map[string][]plan.Instance](t)(Instances(t.Context(), l.DB, []string{"svco-a"}))["svco-a"]
		slices.SortFunc(got, func(a, b plan.Instance) int { return strings.Compare(a.ID, b.ID) })
		want := seen(noon, full, odd).Rows()
		if !slices.Equal(got, want) {
			t.Errorf("stored is\n%+v and not\n%+v", got, want)
		}
		ok(t, l.Readings.Observe(t.Context(), noon.Add(time.Hour), []plan.Observation{{Service: "svco-a", At: noon.Add(time.Hour), Err: errDenied}}))
		s := must[map[string]plan.ServiceState](t)(services(t.Context(), l.DB, []string{"svco-a", "svco-b"}))
		if a := s["svco-a"]; !a.Refused || !a.Failing.Equal(noon.Add(time.Hour)) || !a.Read.Equal(noon) || a.Fingerprint != plan.Fingerprint(want) {
			t.Errorf("the service is %+v", a)
		}
		if s["svco-b"] != (plan.ServiceState{ID: "svco-b"}) {
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
		var good, bad []plan.Observation
		var names []string
		for i := range n {
			id := fmt.Sprintf("svco-%04d", i)
			names = append(names, id)
			good = append(good, plan.Observation{Service: id, At: noon, Instances: []qianfan.Instance{unit("x", noon.Add(day))}})
			bad = append(bad, plan.Observation{Service: id, At: noon.Add(time.Hour), Err: errUnavailable})
		}
		ok(t, l.Readings.Observe(t.Context(), noon, good))
		p := at(noon.Add(time.Minute), names...)
		must[Pending](t)(l.Decisions.Decide(t.Context(), p))
		if got := states(t, l); strings.Count(got, "collected") != 1 || strings.Count(got, "expiry") != (n+plan.MaxCarried-1)/plan.MaxCarried || strings.Count(got, "digest") != (min(n, plan.DigestItems)-plan.DigestTop+plan.MaxCarried-1)/plan.MaxCarried+1 {
			t.Errorf("the ledger shows %s", got)
		}
		ok(t, l.Readings.Observe(t.Context(), noon.Add(time.Hour), bad))
		p.Now = noon.Add(2*time.Hour + time.Minute)
		must[Pending](t)(l.Decisions.Decide(t.Context(), p))
		waiting := must[[]plan.Message](t)(l.Outbox.Waiting(t.Context(), channelID, p.Now))
		if i := slices.IndexFunc(waiting, func(m plan.Message) bool { return m.Kind == plan.KindUnreadable }); i < 0 {
			t.Fatal("nobody is told of the outage")
		} else if c := must[*Claim](t)(l.Outbox.Claim(t.Context(), waiting[i], p, true)); len(c.Announcement.Troubles) != n || len(c.Announcement.Reminders) != plan.MaxCarried {
			t.Errorf("the notice names %d services by %d ids", len(c.Announcement.Troubles), len(c.Announcement.Reminders))
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
		_, err := database.Exec(t.Context(), l.DB, `UPDATE schema_version SET version = 99`)
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
	ok(t, l.Readings.Observe(t.Context(), noon, []plan.Observation{seen(noon, unit("x", noon.Add(day)))}))
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
			must[Pending](t)(l.Decisions.Decide(t.Context(), p))
			for _, m := range must[[]plan.Message](t)(l.Outbox.Waiting(t.Context(), channelID, p.Now)) {
				if c := must[*Claim](t)(l.Outbox.Claim(t.Context(), m, p, true)); c != nil {
					must[[]plan.Duplicate](t)(l.Outbox.Sent(t.Context(), m.Channel, m.Key, fmt.Sprintf("%d.%s", p.Now.Unix(), m.Key), p.Now))
				}
			}
		}
		// x expires and is unlisted; y stays; svco-b fails all the time.
		x, y := unit("x", noon.Add(day)), unit("y", noon.Add(300*day))
		rows := func() (n int) {
			ok(t, l.DB.QueryRowContext(t.Context(), `SELECT (SELECT COUNT(*) FROM message) + (SELECT COUNT(*) FROM reminder) + (SELECT COUNT(*) FROM instance)`).Scan(&n))
			return n
		}
		var most, said int
		for n := range 110 {
			p.Now = noon.Add(time.Duration(n) * day)
			o := seen(p.Now, x, y)
			if n > 3 {
				o = seen(p.Now, y)
			}
			ok(t, l.Readings.Observe(t.Context(), p.Now, []plan.Observation{o, {Service: "svco-b", At: p.Now, Err: errUnavailable}}))
			say()
			_, err := l.Prune(t.Context(), p.Now, p.Settings.Before)
			ok(t, err)
			most = max(most, rows())
			if n == 109 {
				ok(t, l.DB.QueryRowContext(t.Context(), `SELECT COUNT(*) FROM message WHERE kind = 'unreadable' AND sent_at IS NOT NULL`).Scan(&said))
			}
		}
		if most > 200 {
			t.Errorf("the ledger grew to %d rows", most)
		}
		if left := must[map[string][]plan.Instance](t)(Instances(t.Context(), l.DB, []string{"svco-a"}))["svco-a"]; len(left) != 1 || left[0].ID != "y" {
			t.Errorf("of the instances there remain %v", left)
		}
		if said != 1 {
			t.Errorf("the ledger remembers %d notices of an outage that goes on", said)
		}
		// And its end is told, however long it took.
		p.Now = p.Now.Add(day)
		ok(t, l.Readings.Observe(t.Context(), p.Now, []plan.Observation{{Service: "svco-b", At: p.Now}}))
		say()
		var readable int
		ok(t, l.DB.QueryRowContext(t.Context(), `SELECT COUNT(*) FROM message WHERE kind = 'readable' AND sent_at IS NOT NULL`).Scan(&readable))
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
		err := l.DB.Write(ctx, "trying", func(tx *sql.Tx) error {
			if _, err := database.Exec(ctx, tx, `DELETE FROM reminder`); err != nil {
				return err
			}
			cancel()
			return nil
		})
		if err == nil {
			t.Error("a cancelled transaction was committed")
		}
		var n int
		ok(t, l.DB.QueryRowContext(t.Context(), `SELECT COUNT(*) FROM reminder`).Scan(&n))
		if n != 1 {
			t.Errorf("%d reminders are left", n)
		}
	})
}

// One process records that the channel was told of an instance while another reads
// that it is renewed and decides: one of them sees the other, and says so.
func TestARenewalIsSeenWhileItsReminderIsRecorded(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, url string) {
		l, m := withReminder(t, url)
		other := open(t, url)
		p := withoutDigest(at(noon.Add(time.Minute), "svco-a"))
		c := must[*Claim](t)(l.Outbox.Claim(t.Context(), m, p, true))
		recorded, decided := make(chan struct{}), make(chan error, 1)
		go func() {
			<-recorded
			err := other.Readings.Observe(t.Context(), p.Now, []plan.Observation{seen(p.Now, unit("x", noon.Add(300*day)))})
			if err == nil {
				_, err = other.Decisions.Decide(t.Context(), p)
			}
			decided <- err
		}()
		ok(t, l.DB.Write(t.Context(), "recording", func(tx *sql.Tx) error {
			_, err := l.recordSent(t.Context(), tx, c.Key, plan.SlackTS(p.Now), p.Now, plan.EditAsPosted)
			close(recorded)
			select {
			case err := <-decided: // nothing kept it from deciding
				decided <- err
			case <-time.After(300 * time.Millisecond):
			}
			return err
		}))
		ok(t, <-decided)
		must[Pending](t)(other.Decisions.Decide(t.Context(), withoutDigest(at(noon.Add(2*time.Minute), "svco-a"))))
		if got := states(t, l); !strings.Contains(got, "renewed due") {
			t.Errorf("the ledger holds %s", got)
		}
	})
}
