package notifytest

import (
	"path/filepath"
	"testing"
	"time"

	"computeunits/notify/plan"
	"computeunits/qianfan"
)

// What the tests of notify's packages have in common: a moment, a channel and
// what Qianfan says.
const (
	Day      = 24 * time.Hour
	Channel  = "C0123456789"
	NoDigest = "0 9 31 12 *" // the schedule of a digest that is not posted during a test
)

// Noon is the moment at which the tests begin: a Tuesday.
func Noon() time.Time { return time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC) }

// Unit is a running prepaid instance with two replicas.
func Unit(id string, expires time.Time) qianfan.Instance {
	return qianfan.Instance{ID: id, Timing: qianfan.Prepaid, Replicas: 2, Status: qianfan.Running, Expires: expires}
}

// Seen is a complete reading of svco-a at a moment.
func Seen(at time.Time, instances ...qianfan.Instance) plan.Observation {
	return plan.Observation{Service: "svco-a", At: at, Instances: instances}
}

// Defaults are the settings of the README for some services.
func Defaults(services ...string) plan.Settings {
	ladder, err := plan.ParseLadder("30d,14d,7d,3d,1d,0d,-1d,-6d")
	if err != nil {
		panic(err)
	}
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		panic(err)
	}
	s := plan.Settings{
		Channel: Channel, Before: ladder, CheckEvery: 10 * time.Minute, DigestCron: "0 9 * * *",
		Zone: zone, AllClear: plan.AllClearNever, Lease: 45 * time.Second,
	}
	for _, id := range services {
		s.Services = append(s.Services, plan.Service{ID: id})
	}
	return s
}

// At is what decisions depend on at a moment, with the default settings.
func At(now time.Time, services ...string) plan.Evaluation {
	s := Defaults(services...)
	return plan.Evaluation{Policy: s.Policy(), Settings: s, Now: now, Started: Noon().Add(-30 * Day)}
}

// Unavailable and Denied are errors of Qianfan.
func Unavailable() error {
	return &qianfan.Error{Op: "DescribeComputeUnits", Status: 503, Message: "upstream unavailable"}
}

// Denied is the error of a key without permission.
func Denied() error {
	return &qianfan.Error{Op: "DescribeComputeUnits", Status: 403, Code: "AccessDenied", Message: "no permission", RequestID: "r-1"}
}

// Databases are the servers of a package's tests. They start when the first test
// asks for them; a TestMain stops them.
type Databases struct {
	postgres  Postgres
	pgbouncer PgBouncer
}

// Each runs a test on every database that the ledger can be kept in.
func (d *Databases) Each(t *testing.T, test func(t *testing.T, url string)) {
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		test(t, "sqlite://"+filepath.Join(t.TempDir(), "ledger.db"))
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		test(t, d.postgres.URL(t))
	})
	t.Run("PgBouncer", func(t *testing.T) {
		t.Parallel()
		d.pgbouncer.Postgres = &d.postgres
		test(t, d.pgbouncer.URL(t))
	})
}

// Stop ends the servers.
func (d *Databases) Stop() {
	d.pgbouncer.Stop()
	d.postgres.Stop()
}

// Must returns what a call returned, and ends the test if it failed.
func Must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// OK ends the test if a call failed.
func OK(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
