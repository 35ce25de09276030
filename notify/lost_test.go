package notify

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"computeunits/notify/database"
	"computeunits/notify/plan"
)

// remove deletes the file of the ledger with its companions.
func (w *world) remove() {
	w.t.Helper()
	all, err := filepath.Glob(w.file + "*")
	if err != nil || len(all) == 0 {
		w.t.Fatalf("there is no ledger to remove: %v", err)
	}
	for _, one := range all {
		if err := os.Remove(one); err != nil {
			w.t.Fatal(err)
		}
	}
}

// A ledger that is deleted while it is used is noticed within a minute, said, and
// made again with all that it held; nothing is said twice and nothing is lost.
func TestALedgerThatIsDeletedWhileItIsUsed(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		var log bytes.Buffer
		w.log = &log
		w.settings.DigestCron = noDigest
		w.platform.put("svco-a", "one", 1, start.Add(7*day+2*time.Hour))
		w.platform.put("svco-b", "two", 1, start.Add(20*day))
		w.up()
		w.pass(time.Minute)
		must[plan.WatchChange](t)(w.n.Changes().Watch(t.Context(), by(ann), plan.Watch{Service: "svco-b", Label: "Embeddings"}))
		w.pass(time.Minute)
		w.room.expect("expiry one@14d", "expiry two@30d")

		w.remove()
		w.pass(time.Minute)
		if !strings.Contains(log.String(), "was deleted, or replaced, while it was in use") {
			t.Errorf("nobody is told: %s", log.String())
		}
		if info, err := os.Stat(w.file); err != nil || info.Mode().Perm() != database.LedgerMode {
			t.Fatalf("it was not made again: %v, %v", info, err)
		}
		if watches := must[[]plan.Watch](t)(w.n.Reports().Watches(t.Context())); len(watches) != 2 {
			t.Errorf("what people watch is lost: %v", watches)
		}
		w.pass(20 * time.Minute)
		w.until(start.Add(3 * time.Hour))
		w.room.expect("expiry one@14d", "expiry two@30d", "expiry one@7d")
	}, "svco-a")
}

// Where another file is put in the place of the ledger, that one counts, be it as
// old or as empty as it may: what was said since stands in the channel.
func TestALedgerThatIsReplacedWhileItIsUsed(t *testing.T) {
	for name, content := range map[string]bool{"an empty one": false, "an old one": true} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				w.settings.DigestCron = noDigest
				old := filepath.Join(filepath.Dir(w.file), "old.db")
				must[int64](t)(database.Exec(t.Context(), w.ledger.DB, `VACUUM INTO $1`, old))
				w.platform.put("svco-a", "one", 1, start.Add(7*day+2*time.Hour))
				w.up()
				w.pass(time.Minute)
				w.room.expect("expiry one@14d")
				w.remove()
				if content {
					ok(t, os.Rename(old, w.file))
				} else {
					ok(t, os.WriteFile(w.file, nil, database.LedgerMode))
				}
				w.until(start.Add(3 * time.Hour))
				w.room.expect("expiry one@14d", "expiry one@7d")
			}, "svco-a")
		})
	}
}
