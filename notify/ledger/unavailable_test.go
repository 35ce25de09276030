package ledger

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"computeunits/notify/database"
	"computeunits/notify/plan"
)

// What waiting heals is told from what it does not, and for that there is a remedy.
func TestWhatWaitingHeals(t *testing.T) {
	for _, c := range []struct {
		err    error
		heals  bool
		remedy string
	}{
		{nil, false, ""},
		{context.Canceled, false, ""},
		{errors.New("sql: database is closed"), false, ""},
		{context.DeadlineExceeded, true, "does not answer"},
		{database.ErrNotReady, true, ""},
		{&pgconn.PgError{Code: "28P01"}, false, "the password in DATABASE_URL"},
		{&pgconn.PgError{Code: "3D000"}, false, "CREATE DATABASE"},
		{&pgconn.PgError{Code: "42501"}, false, "GRANT CREATE"},
		{&pgconn.PgError{Code: "42P01"}, false, ""},
		{&pgconn.PgError{Code: "57P01"}, true, ""},
		{&pgconn.PgError{Code: "57P03"}, true, "starting"},
		{&pgconn.PgError{Code: "53300"}, true, "no connection left"},
		{&pgconn.PgError{Code: "08P01"}, true, ""},
		{&pgconn.PgError{Code: "25006"}, true, "standby"},
	} {
		wrapped := c.err
		if c.err != nil {
			wrapped = fmt.Errorf("reading: %w", c.err)
		}
		if got := database.Unavailable(wrapped); got != c.heals {
			t.Errorf("%v heals: %v", c.err, got)
		}
		if got := database.ServerRemedy(wrapped); c.err != nil && (!strings.Contains(got, c.remedy) || c.remedy == "" && got != "" && !c.heals) {
			t.Errorf("against %v helps %q", c.err, got)
		}
	}
}

// The clock of PostgreSQL's server can be asked, that of a file cannot.
func TestTheClockOfTheDatabase(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, url string) {
		l := open(t, url)
		at, has, err := l.DB.Clock(t.Context())
		if ok(t, err); has != l.DB.Postgres || has && time.Since(at).Abs() > time.Minute {
			t.Errorf("it shows %v, %v", at, has)
		}
	})
}

// What was said a short while ago stays in the ledger, however old what it is about:
// a look-up still finds it in the channel.
func TestPruningKeepsWhatALookUpMayFind(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, url string) {
		l, m := withReminder(t, url)
		late := noon.Add(200 * day) // as if Slack had not been reached for so long
		if _, err := l.Outbox.Sent(t.Context(), channelID, m.Key, "1.000001", late.Add(-plan.LookBack)); err != nil {
			t.Fatal(err)
		}
		count := func() (n int) {
			ok(t, l.DB.QueryRowContext(t.Context(), `SELECT (SELECT COUNT(*) FROM message) + (SELECT COUNT(*) FROM reminder)`).Scan(&n))
			return n
		}
		must[int64](t)(l.Prune(t.Context(), late, defaults().Before))
		if n := count(); n != 2 {
			t.Errorf("%d rows are left of what was just said", n)
		}
		must[int64](t)(l.Prune(t.Context(), late.Add(30*day), defaults().Before))
		if n := count(); n != 0 {
			t.Errorf("%d rows are left a month later", n)
		}
	})
}
