package ledger

import (
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	if path := os.Getenv(writerEnv); path != "" {
		writeForEver(path) // this process is a test's child
	}
	code := m.Run()
	databases.Stop()
	os.Exit(code)
}
