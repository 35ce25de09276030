package notify

import (
	"os"
	"testing"

	"computeunits/notify/notifytest"
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

func TestMain(m *testing.M) {
	code := m.Run()
	databases.Stop()
	os.Exit(code)
}
