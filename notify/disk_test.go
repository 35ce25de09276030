package notify

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"computeunits/notify/ledger"
	"computeunits/notify/plan"
)

func TestDiskFull(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.settings.DigestCron = noDigest
		w.platform.put("svco-a", "one", 1, start.Add(8*day))
		w.turn()
		w.room.expect("expiry one@14d")

		// The file cannot grow while many instances appear and a step is crossed.
		w.until(start.Add(day + time.Minute))
		pages := func(most int) {
			_, err := w.ledger.DB.ExecContext(t.Context(), fmt.Sprintf(`PRAGMA max_page_count = %d`, most))
			ok(t, err)
		}
		pages(1)
		for i := range 60 {
			w.platform.put("svco-a", fmt.Sprintf("more%03d", i), 1, start.Add(300*day))
		}
		w.turns(time.Minute, 10*time.Minute)
		if n := w.stored("svco-a"); n != 1 {
			t.Errorf("on a full disk %d instances were stored", n)
		}
		pages(1_000_000)
		w.turns(time.Minute, 5*time.Minute)
		w.room.expect("expiry one@14d", "expiry one@7d")
		if n := w.stored("svco-a"); n != 61 {
			t.Errorf("the ledger holds %d instances", n)
		}
	}, "svco-a")
}

// stored returns how many instances of a service the ledger holds.
func (w *world) stored(service string) int {
	w.t.Helper()
	return len(must[map[string][]plan.Instance](w.t)(ledger.Instances(w.t.Context(), w.ledger.DB, []string{service}))[service])
}

func TestBackupOfTheDayBefore(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.settings.DigestCron = "0 9 * * *"
		for i := range 8 {
			w.platform.put(fmt.Sprintf("svco-%d", i), "x", 1, start.Add(8*day))
		}
		w.platform.put("svco-0", "renewed", 2, start.Add(9*day))
		w.turns(time.Hour, 2*time.Hour)
		w.close()
		backup, err := os.ReadFile(w.file)
		ok(t, err)
		w.open()
		w.restart()

		// On the next day everything steps to 7 days, one instance is renewed,
		// one service fails, and the digest comes.
		w.turns(time.Hour, 22*time.Hour)
		w.platform.fail("svco-7", errDenied)
		w.platform.put("svco-0", "renewed", 2, start.Add(60*day))
		w.turns(time.Hour, 4*time.Hour)
		before := len(w.room.standing())

		w.close()
		ok(t, os.WriteFile(w.file, backup, 0o600))
		for _, suffix := range []string{"-wal", "-shm"} {
			_ = os.Remove(w.file + suffix)
		}
		w.open()
		w.restart()
		w.turns(10*time.Minute, 2*time.Hour)
		if got := len(w.room.standing()); got != before {
			t.Errorf("after the backup came back there are %d messages and not %d", got, before)
			for _, p := range w.room.standing() {
				t.Log(p)
			}
		}
		if p := w.room.of(plan.KindExpiry); !strings.Contains(p[len(p)-1].String(), "@7d") {
			t.Errorf("the last reminder is %v", p[len(p)-1])
		}
	}, "svco-0", "svco-1", "svco-2", "svco-3", "svco-4", "svco-5", "svco-6", "svco-7")
}
