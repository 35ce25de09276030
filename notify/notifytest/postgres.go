// Package notifytest runs real database servers for tests: a throwaway
// PostgreSQL, and PgBouncer before it. Both are programs that must be installed;
// a test that asks for one which is not is skipped, unless
// COMPUTEUNITS_REQUIRE_POSTGRES or COMPUTEUNITS_REQUIRE_PGBOUNCER is set.
package notifytest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
)

// Postgres is a throwaway PostgreSQL. It starts when the first test asks for it,
// and a TestMain stops it.
type Postgres struct {
	once    sync.Once
	dir     string
	port    int
	process *exec.Cmd
	err     error // why there is none

	databases atomic.Int64
}

var errNoPostgres = errors.New("PostgreSQL's server is not installed")

// URL makes a fresh database and returns its URL.
func (s *Postgres) URL(t testing.TB) string {
	t.Helper()
	s.once.Do(func() { s.err = s.start() })
	switch {
	case errors.Is(s.err, errNoPostgres) && os.Getenv("COMPUTEUNITS_REQUIRE_POSTGRES") == "":
		t.Skip("skipped: ", s.err)
	case s.err != nil:
		t.Fatal(s.err)
	}
	name := fmt.Sprintf("ledger%d", s.databases.Add(1))
	if err := s.exec(t.Context(), "CREATE DATABASE "+name+" TEMPLATE blank STRATEGY file_copy"); err != nil {
		t.Fatal(err)
	}
	return s.address(name)
}

// Freeze stops the server in the middle of whatever it does, as a machine does
// that has lost its disk: connections stay open, and nobody answers. The test
// thaws it in the end, whatever happens.
func (s *Postgres) Freeze(t testing.TB) (thaw func()) {
	t.Helper()
	all, err := s.family()
	if err != nil {
		t.Fatal(err)
	}
	signal := func(sig syscall.Signal) {
		for _, pid := range all {
			_ = syscall.Kill(pid, sig)
		}
	}
	signal(syscall.SIGSTOP)
	thaw = sync.OnceFunc(func() { signal(syscall.SIGCONT) })
	t.Cleanup(thaw)
	return thaw
}

// family are the ids of the server's processes, the first one last: it would
// start others.
func (s *Postgres) family() ([]int, error) {
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return nil, err
	}
	var all []int
	for _, stat := range stats {
		text, err := os.ReadFile(stat)
		if err != nil {
			continue // it has ended
		}
		// pid (name) state ppid ...; a name may have anything in it.
		fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
		if len(fields) > 1 && fields[1] == strconv.Itoa(s.process.Process.Pid) {
			pid, err := strconv.Atoi(filepath.Base(filepath.Dir(stat)))
			if err != nil {
				return nil, err
			}
			all = append(all, pid)
		}
	}
	return append([]int{s.process.Process.Pid}, all...), nil
}

// Stop ends the server and removes its files.
func (s *Postgres) Stop() {
	if s.process != nil && s.process.Process != nil {
		_ = s.process.Process.Signal(syscall.SIGQUIT)
		_ = s.process.Wait()
	}
	if s.dir != "" {
		_ = os.RemoveAll(s.dir)
	}
}

func (s *Postgres) address(database string) string {
	return fmt.Sprintf("postgres://bot@127.0.0.1:%d/%s?sslmode=disable", s.port, database)
}

func (s *Postgres) exec(ctx context.Context, statement string) error {
	db, err := sql.Open("pgx", s.address("postgres"))
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, statement)
	return errors.Join(err, db.Close())
}

// start makes a cluster in a temporary folder and waits until it answers.
func (s *Postgres) start() error {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err != nil || len(found) == 0 {
		return errNoPostgres
	}
	bin := filepath.Dir(slices.Max(found))
	attr, err := s.home()
	if err != nil {
		return err
	}
	initdb := exec.Command(filepath.Join(bin, "initdb"), "-D", s.dir, "-U", "bot", "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C")
	initdb.SysProcAttr = attr
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	if s.port, err = freePort(); err != nil {
		return err
	}
	s.process = exec.Command(filepath.Join(bin, "postgres"), "-D", s.dir, "-k", s.dir, "-h", "127.0.0.1", "-p", strconv.Itoa(s.port), "-c", "fsync=off")
	s.process.SysProcAttr = attr
	if err := s.process.Start(); err != nil {
		return fmt.Errorf("starting postgres: %w", err)
	}
	for range 200 {
		if err = s.exec(context.Background(), "CREATE DATABASE blank"); err == nil {
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	return fmt.Errorf("postgres does not answer: %w", err)
}

// home makes the folder of the cluster. The server refuses to run as root, so
// that it runs as the user postgres then.
func (s *Postgres) home() (*syscall.SysProcAttr, error) {
	var err error
	if s.dir, err = os.MkdirTemp("", "ledger"); err != nil {
		return nil, err
	}
	attr := &syscall.SysProcAttr{Pdeathsig: syscall.SIGQUIT}
	if os.Getuid() != 0 {
		return attr, nil
	}
	who, err := user.Lookup("postgres")
	if err != nil {
		return nil, err
	}
	uid, err1 := strconv.ParseUint(who.Uid, 10, 32)
	gid, err2 := strconv.ParseUint(who.Gid, 10, 32)
	attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return attr, errors.Join(err1, err2, os.Chown(s.dir, int(uid), int(gid)))
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}
