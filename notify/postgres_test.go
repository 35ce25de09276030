package notify

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"os"
	osexec "os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// postgresServer is a throwaway PostgreSQL. It starts when the first test asks
// for it, and TestMain stops it.
type postgresServer struct {
	once    sync.Once
	dir     string
	port    int
	process *osexec.Cmd
	err     error // why there is none

	databases atomic.Int64
}

var postgres postgresServer

func TestMain(m *testing.M) {
	if path := os.Getenv(writerEnv); path != "" {
		writeForEver(path) // this process is a test's child
	}
	code := m.Run()
	postgres.stop()
	os.Exit(code)
}

var errNoPostgres = errors.New("PostgreSQL's server is not installed")

// url makes a fresh database and returns its URL. It skips the test when
// PostgreSQL is not installed, unless COMPUTEUNITS_REQUIRE_POSTGRES is set.
func (s *postgresServer) url(t testing.TB) string {
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

func (s *postgresServer) address(database string) string {
	return fmt.Sprintf("postgres://bot@127.0.0.1:%d/%s?sslmode=disable", s.port, database)
}

func (s *postgresServer) exec(ctx context.Context, statement string) error {
	db, err := sql.Open("pgx", s.address("postgres"))
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, statement)
	return errors.Join(err, db.Close())
}

// start makes a cluster in a temporary folder and waits until it answers.
func (s *postgresServer) start() error {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err != nil || len(found) == 0 {
		return errNoPostgres
	}
	bin := filepath.Dir(slices.Max(found))
	attr, err := s.home()
	if err != nil {
		return err
	}
	initdb := osexec.Command(filepath.Join(bin, "initdb"), "-D", s.dir, "-U", "bot", "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C")
	initdb.SysProcAttr = attr
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	if s.port, err = freePort(); err != nil {
		return err
	}
	s.process = osexec.Command(filepath.Join(bin, "postgres"), "-D", s.dir, "-k", s.dir, "-h", "127.0.0.1", "-p", strconv.Itoa(s.port), "-c", "fsync=off")
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
func (s *postgresServer) home() (*syscall.SysProcAttr, error) {
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

func (s *postgresServer) stop() {
	if s.process != nil && s.process.Process != nil {
		_ = s.process.Process.Signal(syscall.SIGQUIT)
		_ = s.process.Wait()
	}
	if s.dir != "" {
		_ = os.RemoveAll(s.dir)
	}
}
