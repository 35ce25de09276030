package ledger

import (
	"bufio"
	"context"
	"fmt"
	"os"
	osexec "os/exec"
	"testing"
	"time"

	"computeunits/notify/plan"
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
		if err := l.Readings.Observe(context.Background(), noon, []plan.Observation{{Service: "svco-a", At: noon, Instances: generation(n)}}); err != nil {
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
			ok(t, l.DB.QueryRowContext(t.Context(), `SELECT MIN(replicas), MAX(replicas) FROM instance`).Scan(&least, &most))
			if least != most {
				t.Fatalf("a write was cut in two: generations %d and %d", least, most)
			}
			if got := fmt.Sprint(most); got < committed && len(got) <= len(committed) {
				t.Fatalf("generation %s was committed, and there is %s", committed, got)
			}
			if !l.DB.Postgres {
				var verdict string
				ok(t, l.DB.QueryRowContext(t.Context(), `PRAGMA integrity_check`).Scan(&verdict))
				if verdict != "ok" {
					t.Fatal(verdict)
				}
			}
		}
	})
}
