package notifytest

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// PgBouncer is a real PgBouncer before a throwaway PostgreSQL, in transaction
// mode: each transaction may get another connection to the server.
type PgBouncer struct {
	Postgres *Postgres // which is stopped after it

	once    sync.Once
	port    int
	process *exec.Cmd
	err     error // why there is none
}

var errNoBouncer = errors.New("PgBouncer is not installed")

// URL makes a fresh database and returns the URL that leads to it by way of
// PgBouncer.
func (b *PgBouncer) URL(t testing.TB) string {
	t.Helper()
	direct := b.Postgres.URL(t)
	b.once.Do(func() { b.err = b.start() })
	switch {
	case errors.Is(b.err, errNoBouncer) && os.Getenv("COMPUTEUNITS_REQUIRE_PGBOUNCER") == "":
		t.Skip("skipped: ", b.err)
	case b.err != nil:
		t.Fatal(b.err)
	}
	return strings.Replace(direct, fmt.Sprintf(":%d/", b.Postgres.port), fmt.Sprintf(":%d/", b.port), 1)
}

func (b *PgBouncer) start() error {
	binary, err := exec.LookPath("pgbouncer")
	if err != nil {
		if binary = "/usr/sbin/pgbouncer"; !exists(binary) {
			return errNoBouncer
		}
	}
	if b.port, err = freePort(); err != nil {
		return err
	}
	// The folder is the cluster's, which belongs to the user that both run as.
	settings, users := filepath.Join(b.Postgres.dir, "pgbouncer.ini"), filepath.Join(b.Postgres.dir, "pgbouncer.users")
	text := fmt.Sprintf(`[databases]
* = host=127.0.0.1 port=%d
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = %d
unix_socket_dir =
auth_type = trust
auth_file = %s
pool_mode = transaction
default_pool_size = 3
server_idle_timeout = 5
`, b.Postgres.port, b.port, users)
	for name, content := range map[string]string{settings: text, users: `"bot" ""`} {
		if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
			return err
		}
	}
	b.process = exec.Command(binary, "--quiet", settings)
	b.process.SysProcAttr = b.Postgres.process.SysProcAttr
	if err := b.process.Start(); err != nil {
		return fmt.Errorf("starting pgbouncer: %w", err)
	}
	for range 200 {
		var c net.Conn
		if c, err = net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", b.port)); err == nil {
			return c.Close()
		}
		time.Sleep(20 * time.Millisecond)
	}
	return fmt.Errorf("pgbouncer does not answer: %w", err)
}

// Stop ends it.
func (b *PgBouncer) Stop() {
	if b.process != nil && b.process.Process != nil {
		_ = b.process.Process.Signal(syscall.SIGTERM)
		_ = b.process.Wait()
	}
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}
