package notify

import (
	"os"
	"testing"

	"computeunits/notify/notifytest"
)

// The servers start when the first test asks for them.
var (
	postgres  notifytest.Postgres
	pgbouncer = notifytest.PgBouncer{Postgres: &postgres}
)

func TestMain(m *testing.M) {
	if path := os.Getenv(writerEnv); path != "" {
		writeForEver(path) // this process is a test's child
	}
	code := m.Run()
	pgbouncer.Stop()
	postgres.Stop()
	os.Exit(code)
}
