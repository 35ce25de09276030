package proof

import (
	"context"
	"database/sql"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"computeunits/bot/slacksim"
	"computeunits/notify/notifytest"
	"computeunits/qianfan/qianfantest"
)

// The servers start when the first test asks for them.
var (
	postgres  notifytest.Postgres
	pgbouncer = notifytest.PgBouncer{Postgres: &postgres}
)

func TestMain(m *testing.M) {
	code := m.Run()
	pgbouncer.Stop()
	postgres.Stop()
	os.Exit(code)
}

// asks has Alice type a command, and returns what she reads and after what time.
func (s *surroundings) asks(line string) (slacksim.Message, time.Duration) {
	s.Helper()
	begun := time.Now()
	ctx, cancel := context.WithTimeout(s.Context(), 40*time.Second)
	defer cancel()
	typed := s.slack.Slash("U0ALICE", "C0GENERAL", line)
	answer, err := typed.Reply(ctx)
	if err != nil {
		s.Fatalf("nobody answered %s: %v\n%s", line, err, tail(s.log.String()))
	}
	return answer, time.Since(begun)
}

// soon is how long an answer takes at most, however the database is. The machine
// that runs the tests is busy.
const soon = 1500 * time.Millisecond

// frozen asks the bot while its database does not answer: people are answered all
// the same, and soon, and nobody is blamed who is not at fault.
func (s *surroundings) frozen() {
	s.Helper()
	for line, want := range map[string]string{
		"/computeunits svco-one prepaid":     "unit00001xx",
		"/computeunits expiring 30d":         "unit00001xx",
		"/computeunits next":                 "unit00001xx",
		"/computeunits services":             "svco-one",
		"/computeunits expiring unit00001xx": "unit00001xx",
		"/computeunits help":                 "svco-",
	} {
		answer, took := s.asks(line)
		said := answer.Text + string(answer.Blocks)
		if !strings.Contains(said, want) || strings.Contains(said, "Qianfan has trouble") || strings.Contains(said, "Qianfan did not") {
			s.Errorf("%s is answered by %s", line, said)
		}
		if took > soon {
			s.Errorf("%s is answered after %v", line, took)
		}
	}
}

// refused expects that what must be written is refused, with why.
func (s *surroundings) refused() {
	s.Helper()
	answer, took := s.asks("/computeunits unwatch svco-other1")
	if said := answer.Text; !strings.Contains(said, "database does not answer") || !strings.Contains(said, "again in a minute") {
		s.Errorf("what must be written is answered by %s", said)
	}
	if took > 12*time.Second {
		s.Errorf("it is refused after %v", took)
	}
}

// surroundOne is the program with one service that has an instance, which expires
// in some days.
func surroundOne(t *testing.T, settings ...string) *surroundings {
	s := surround(t, append([]string{"NOTIFY_SERVICES=svco-one=One", "NOTIFY_BEFORE=30d", "NOTIFY_DIGEST_CRON=0 0 31 12 *"}, settings...)...)
	s.qianfan.Set("svco-one", prepaid(1, time.Now().Add(20*24*time.Hour).UTC().Truncate(time.Second)))
	return s
}

func TestAFrozenPostgresDelaysNobody(t *testing.T) {
	var own notifytest.Postgres // for nobody else
	defer own.Stop()
	s := surroundOne(t, "DATABASE_URL="+own.URL(t))
	p := s.start()
	s.eventually(20*time.Second, "the instance is announced", func() bool { return s.told("expiry", []string{"unit00001xx"})["unit00001xx"] == 1 })
	thaw := own.Freeze(t)
	s.frozen()
	s.refused()
	thaw()
	s.eventually(20*time.Second, "what must be written is taken again", func() bool {
		answer, _ := s.asks("/computeunits unwatch svco-other1")
		return strings.Contains(answer.Text, "is not watched")
	})
	s.stop(p)
}

func TestALockedFileDelaysNobody(t *testing.T) {
	t.Parallel()
	s := surroundOne(t)
	p := s.start()
	s.eventually(20*time.Second, "the instance is announced", func() bool { return s.told("expiry", []string{"unit00001xx"})["unit00001xx"] == 1 })
	db, err := sql.Open("sqlite", "file:"+s.ledger())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(t.Context(), "BEGIN EXCLUSIVE"); err != nil {
		t.Fatal(err)
	}
	s.frozen()
	s.refused()
	if _, err := db.ExecContext(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	s.stop(p)
}

// PostgreSQL is not there when the program starts. It answers, says that nothing
// is announced, and goes on by itself.
func TestADatabaseThatComesLater(t *testing.T) {
	t.Parallel()
	url := postgres.URL(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	there := l.Addr().String()
	l.Close()
	address := strings.Split(strings.TrimPrefix(url, "postgres://bot@"), "/")[0]
	s := surroundOne(t, "DATABASE_URL="+strings.Replace(url, address, there, 1))
	p := s.start()
	s.eventually(10*time.Second, "it is connected to Slack", func() bool { return s.slack.Connections() > 0 })
	s.frozen()
	s.refused()
	for _, want := range []string{"nothing is announced", there, "the server does not answer"} {
		if !strings.Contains(s.log.String(), want) {
			t.Errorf("the log does not say %q: %s", want, tail(s.log.String()))
		}
	}
	forward(t, there, address)
	s.eventually(30*time.Second, "the instance is announced", func() bool { return s.told("expiry", []string{"unit00001xx"})["unit00001xx"] == 1 })
	s.stop(p)
}

// forward makes an address lead to another one.
func forward(t *testing.T, from, to string) {
	t.Helper()
	l, err := net.Listen("tcp", from)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			here, err := l.Accept()
			if err != nil {
				return
			}
			there, err := net.Dial("tcp", to)
			if err != nil {
				here.Close()
				continue
			}
			go copyAndClose(here, there)
			go copyAndClose(there, here)
		}
	}()
}

func copyAndClose(to, from net.Conn) {
	defer to.Close()
	defer from.Close()
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}

// What waiting does not heal ends the program, with the remedy.
func TestADatabaseThatCannotBeUsedEndsTheProgram(t *testing.T) {
	t.Parallel()
	url := postgres.URL(t)
	folder := t.TempDir()
	noLedger := folder + "/notes.txt"
	if err := os.WriteFile(noLedger, []byte(strings.Repeat("this is no database ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		url   string
		wants []string
	}{
		"scheme":      {"mysql://bot:secret@db/x", []string{"DATABASE_URL must begin with"}},
		"no ledger":   {"sqlite://" + noLedger, []string{noLedger, "it is no ledger"}},
		"no folder":   {"sqlite://" + folder + "/none/ledger.db", []string{folder + "/none", "make the folder"}},
		"no database": {url + "x", []string{"127.0.0.1", "CREATE DATABASE"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := surroundOne(t, "DATABASE_URL="+strings.Replace(c.url, "x?sslmode", "?sslmode", 1))
			if name == "no database" {
				s.settings = append(s.settings, "DATABASE_URL="+strings.Replace(url, "?", "none?", 1))
			}
			p := s.start()
			done := make(chan error, 1)
			go func() { done <- p.Wait() }()
			select {
			case err := <-done:
				if err == nil {
					t.Error("it ended well")
				}
			case <-time.After(20 * time.Second):
				p.Process.Kill()
				t.Fatalf("it goes on\n%s", s.log.String())
			}
			for _, want := range c.wants {
				if !strings.Contains(s.log.String(), want) {
					t.Errorf("nothing says %q: %s", want, s.log.String())
				}
			}
			if strings.Contains(s.log.String(), "secret") {
				t.Errorf("the password is printed: %s", s.log.String())
			}
		})
	}
}

// Two processes share a ledger behind PgBouncer, where each transaction may get
// another connection to the server.
func TestTwoProcessesBehindPgBouncer(t *testing.T) {
	t.Parallel()
	s := surroundOne(t, "DATABASE_URL="+pgbouncer.URL(t))
	var many []qianfantest.Instance
	var ids []string
	for i := range 12 {
		many = append(many, prepaid(i, time.Now().Add(2*time.Second+time.Duration(i)*500*time.Millisecond).UTC().Truncate(time.Second)))
		ids = append(ids, many[i].ID)
	}
	s.qianfan.Set("svco-one", many...)
	s.settings = append(s.settings, "NOTIFY_BEFORE=0d")
	first, second := s.start(), s.start()
	s.eventually(30*time.Second, "all are announced", func() bool { return len(s.told("expiry", ids)) == len(ids) })
	s.stop(first)
	s.stop(second)
	for id, n := range s.told("expiry", ids) {
		if n != 1 {
			t.Errorf("the channel was told %d times of %s", n, id)
		}
	}
	for _, bad := range []string{"prepared statement", "level=ERROR"} {
		if strings.Contains(s.log.String(), bad) {
			t.Errorf("the log has %q: %s", bad, tail(s.log.String()))
		}
	}
}
