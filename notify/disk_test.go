package notify

import (
	"bufio"
	"context"
	"fmt"
	"os"
	osexec "os/exec"
	"strings"
	"testing"
	"time"

	"computeunits/qianfan"
)

// writerEnv has the test binary write into the ledger that it names, for ever.
const writerEnv = "COMPUTEUNITS_TEST_WRITER"

// writeForEver observes a service whose instances all move, decides, and says
// so on standard output after each commit.
func writeForEver(url string) {
	l, err := Open(context.Background(), url)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	for n := 1; ; n++ {
		if err := l.observe(context.Background(), noon, []observation{{service: "svco-a", at: noon, instances: generation(n)}}); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println(n)
	}
}

// generation is 300 instances that all have as many replicas as it says.
func generation(n int) []qianfan.Instance {
	all := make([]qianfan.Instance, 300)
	for i := range all {
		all[i] = unit(fmt.Sprintf("i%03d", i), noon.Add(day))
		all[i].Replicas = n
	}
	return all
}

func TestKilledInsideAWrite(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, url string) {
		self, err := os.Executable()
		ok(t, err)
		chance := random(1)
		for range 8 {
			child := osexec.Command(self)
			child.Env = append(os.Environ(), writerEnv+"="+url)
			out, err := child.StdoutPipe()
			ok(t, err)
			ok(t, child.Start())
			lines := bufio.NewScanner(out)
			lines.Scan() // it is at work
			time.Sleep(time.Duration(chance.IntN(30_000)) * time.Microsecond)
			ok(t, child.Process.Kill())
			committed := lines.Text()
			for lines.Scan() {
				committed = lines.Text()
			}
			_ = child.Wait()

			l := open(t, url)
			var least, most int
			ok(t, l.db.QueryRowContext(t.Context(), `SELECT MIN(replicas), MAX(replicas) FROM instance`).Scan(&least, &most))
			if least != most {
				t.Fatalf("a write was cut in two: generations %d and %d", least, most)
			}
			if got := fmt.Sprint(most); got < committed && len(got) <= len(committed) {
				t.Fatalf("generation %s was committed, and there is %s", committed, got)
			}
			if !l.db.postgres {
				var verdict string
				ok(t, l.db.QueryRowContext(t.Context(), `PRAGMA integrity_check`).Scan(&verdict))
				if verdict != "ok" {
					t.Fatal(verdict)
				}
			}
		}
	})
}

func TestDiskFull(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.settings.DigestCron = noDigest
		w.platform.put("svco-a", "one", 1, start.Add(8*day))
		w.turn()
		w.room.expect("expiry one@14d")

		// The file cannot grow while many instances appear and a step is crossed.
		w.until(start.Add(day + time.Minute))
		pages := func(most int) {
			_, err := w.ledger.db.ExecContext(t.Context(), fmt.Sprintf(`PRAGMA max_page_count = %d`, most))
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
	return len(must[map[string][]instance](w.t)(instances(w.t.Context(), w.ledger.db, []string{service}))[service])
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
		if p := w.room.of(KindExpiry); !strings.Contains(p[len(p)-1].String(), "@7d") {
			t.Errorf("the last reminder is %v", p[len(p)-1])
		}
	}, "svco-0", "svco-1", "svco-2", "svco-3", "svco-4", "svco-5", "svco-6", "svco-7")
}
