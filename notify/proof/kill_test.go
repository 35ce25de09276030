package proof

import (
	"database/sql"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"computeunits/bot/slacksim"
	"computeunits/notify/notifytest"
	"computeunits/qianfan/qianfantest"
)

var (
	kills = flag.Int("kills", 12, "how often the program is killed")
	seed  = flag.Uint64("seed", 1, "of everything random")

	during = flag.Duration("kill-for", 0, "for how long about, instead of -kills")
)

// paceOfExpiry is the time between two instances that run out. The program
// lives for less than two seconds each time, so something is due, claimed or
// on its way at nearly every kill.
const paceOfExpiry = 400 * time.Millisecond

// deployment is how the program that is killed is run.
type deployment struct {
	name      string
	processes int
	// databaseURL names the ledger of a process; lock has it answer nobody for a
	// while, if a ledger can be locked.
	databaseURL func(process int) string
	lock        func(random *rand.Rand)
}

// TestKilledAtAnyMoment kills the program without warning, again and again,
// while reminders fall due and Slack does the worst it can with requests. In
// the end every instance was announced once: none is missing, none is there
// twice. A third of the instances is renewed as soon as the channel was told of
// their expiry; that is said once as well. Now and then another program locks the
// file of the ledger.
func TestKilledAtAnyMoment(t *testing.T) {
	t.Parallel()
	s := surroundMany(t)
	killed(s, deployment{name: "one ledger", processes: 1, databaseURL: s.file, lock: func(random *rand.Rand) {
		s.lockFile(s.file(0), time.Duration(random.Int64N(int64(time.Second))))
	}})
}

// TestTwoLedgersAreKilled has two copies of the program, each with a ledger of its
// own, remind the same channel of the same instances, and kills both by turns.
func TestTwoLedgersAreKilled(t *testing.T) {
	t.Parallel()
	s := surroundMany(t)
	killed(s, deployment{name: "two ledgers", processes: 2, databaseURL: s.file})
}

// TestProcessesOnPostgreSQLAreKilled has three copies share a ledger behind
// PgBouncer, kills them by turns, and has the server stand still now and then.
func TestProcessesOnPostgreSQLAreKilled(t *testing.T) {
	t.Parallel()
	var server notifytest.Postgres // of its own: nobody else shall stand still
	pooler := notifytest.PgBouncer{Postgres: &server}
	t.Cleanup(func() { pooler.Stop(); server.Stop() })
	url := pooler.URL(t)
	killed(surroundMany(t), deployment{name: "three processes", processes: 3, databaseURL: func(int) string { return url }, lock: func(random *rand.Rand) {
		time.AfterFunc(time.Duration(random.Int64N(int64(2*time.Second))), server.Freeze(t))
	}})
}

func surroundMany(t testing.TB) *surroundings {
	return surround(t, "NOTIFY_SERVICES=svco-one=One,svco-two,svco-three,svco-four,svco-five,svco-six,svco-seven", "NOTIFY_BEFORE=0d", "NOTIFY_DIGEST_CRON=0 0 31 12 *")
}

// file names the SQLite ledger of a process.
func (s *surroundings) file(process int) string {
	return fmt.Sprintf("sqlite://%s.%d", s.ledger(), process)
}

// lockFile has another program hold the file of a ledger for a while.
func (s *surroundings) lockFile(url string, hold time.Duration) {
	s.Helper()
	db, err := sql.Open("sqlite", strings.TrimPrefix(url, "sqlite://"))
	if err != nil {
		s.Fatal(err)
	}
	defer db.Close()
	c, err := db.Conn(s.Context())
	if err != nil {
		s.Fatal(err)
	}
	defer c.Close()
	if _, err := c.ExecContext(s.Context(), "BEGIN IMMEDIATE"); err != nil {
		return // the program writes just now
	}
	time.Sleep(hold)
	if _, err := c.ExecContext(s.Context(), "ROLLBACK"); err != nil {
		s.Error(err)
	}
}

// killed kills what is deployed as often as the flags say, and counts what the
// channel was told against what Qianfan has.
func killed(s *surroundings, d deployment) {
	s.Helper()
	random := rand.New(rand.NewPCG(*seed, uint64(d.processes-1)))
	const life = 1400 * time.Millisecond // at most
	lives := *kills
	if *during > 0 {
		lives = int(*during / (life / 2))
	}
	count := int(time.Duration(lives) * life / 2 / paceOfExpiry)
	s.Logf("%s: %d kills with -seed %d", d.name, lives, *seed)
	crowd := newCrowd(s, count)
	begin := func(process int) *exec.Cmd { return s.start("DATABASE_URL=" + d.databaseURL(process)) }

	running := make([]*exec.Cmd, d.processes)
	for n := range running {
		running[n] = begin(n)
	}
	for range lives {
		s.worsen(random)
		if random.IntN(4) == 0 {
			s.behead()
		}
		began := time.Now()
		span := time.Duration(random.Int64N(int64(life)))
		if d.lock != nil && random.IntN(6) == 0 {
			d.lock(random)
		}
		time.Sleep(time.Until(began.Add(span)))
		n := random.IntN(d.processes)
		kill(running[n])
		running[n] = begin(n)
		crowd.renewThird()
	}
	s.slack.Mend()
	s.slack.HideReplyCounts(false)
	s.qianfan.Mend()
	for limit := time.Now().Add(4 * time.Minute); time.Now().Before(limit); time.Sleep(time.Second) {
		crowd.renewThird()
		if len(s.told("expiry", crowd.ids)) == count && len(s.told("renewed", crowd.ids)) == len(crowd.renewed) {
			break // what is missing is named below
		}
	}
	time.Sleep(40 * time.Second) // longer than a lease and a second look: what is in doubt has been looked up by then
	for _, p := range running {
		s.stop(p)
	}

	lost, doubled := 0, 0
	for _, kind := range []string{"expiry", "renewed"} {
		told := s.told(kind, crowd.ids)
		for _, id := range crowd.ids {
			if kind == "renewed" && !crowd.renewed[id] {
				continue
			}
			if told[id] == 0 {
				lost++
				s.Errorf("nobody was told of %s (%s)", id, kind)
			}
			if told[id] > 1 {
				doubled++
				s.Errorf("the channel was told %d times of %s (%s)%s", told[id], id, kind, s.marks(kind, id))
			}
		}
	}
	if lost+doubled > 0 {
		s.keep()
	}
	s.Logf("%s: %d kills, %d instances, %d renewals, %d heads of threads deleted: lost %d, doubled %d (seed %d)",
		d.name, lives, count, len(crowd.renewed), s.beheaded, lost, doubled, *seed)
}

// keep writes what happened where go test -artifacts puts it.
func (s *surroundings) keep() {
	folder := s.ArtifactDir()
	history, err := json.MarshalIndent(s.slack.History(channel, "U0ALICE"), "", " ")
	if err == nil {
		err = errors.Join(os.WriteFile(filepath.Join(folder, "log.txt"), []byte(s.log.String()), 0o644),
			os.WriteFile(filepath.Join(folder, "history.json"), history, 0o644))
	}
	var calls strings.Builder
	for _, c := range s.slack.Calls("") {
		fmt.Fprintf(&calls, "%+v\n", c)
	}
	if err = errors.Join(err, os.WriteFile(filepath.Join(folder, "calls.txt"), []byte(calls.String()), 0o644)); err != nil {
		s.Error(err)
	}
	s.Logf("kept in %s", folder)
}

// marks are the metadata of the messages that tell of an instance.
func (s *surroundings) marks(kind, id string) (marks string) {
	for _, m := range s.slack.History(channel, "U0ALICE") {
		if kindOf(m) == kind && strings.Contains(m.Text+string(m.Blocks), id) {
			marks += "\n\t" + m.TS + " " + string(m.Metadata)
		}
	}
	return marks
}

// worsen has Slack and Qianfan fail during the next life of the program.
func (s *surroundings) worsen(random *rand.Rand) {
	s.slack.Mend()
	s.qianfan.Mend()
	post := []slacksim.Fault{
		{}, // works
		{Commit: true, Drop: true},
		{Drop: true},
		{Commit: true, Status: 500},
		{Status: 500},
		{RetryAfter: time.Second},
		{Commit: true, Delay: 2 * time.Second}, // on its way when the process dies
		{Delay: 2 * time.Second},
		{Commit: true, Error: "internal_error"},
		{Error: "fatal_error"},
		{Commit: true, RetryAfter: time.Second},          // answered 429, and posted
		{Late: 4 * time.Second, Error: "internal_error"}, // posted after the answer
	}
	for range random.IntN(3) {
		f := post[random.IntN(len(post))]
		f.Method, f.Times = "chat.postMessage", 1+random.IntN(2)
		s.slack.Inject(f)
	}
	if random.IntN(8) == 0 {
		s.slack.Inject(slacksim.Fault{Method: "conversations.history", Times: 1, Status: 500})
	}
	if random.IntN(4) == 0 {
		s.slack.Inject(slacksim.Fault{Method: "conversations.history", Times: 1, RetryAfter: time.Second})
	}
	s.slack.HideReplyCounts(random.IntN(2) == 0)
	if random.IntN(8) == 0 {
		s.slack.Inject(slacksim.Fault{Method: "chat.update", Times: 1, Commit: true, Drop: true})
	}
	if random.IntN(4) == 0 {
		s.qianfan.Inject(qianfantest.Fault{Times: 1, Status: 500, Code: "InternalError"})
	}
	for range random.IntN(3) { // well-formed and useless
		useless := []string{
			`{"requestId":"r","result":{"units":[]}}`, `{"requestId":"r","success":false,"result":{"instances":[]}}`,
			`{"requestId":"r","result":{"instances":[],"isTruncated":true}}`, `{"requestId":"r","result":{"instances":[],"total":9}}`,
			`{"requestId":"r","result":{"instances":[null]}}`, `{"requestId":"r","error":{"code":"Busy"},"result":{"instances":[]}}`,
		}
		s.qianfan.Inject(qianfantest.Fault{Times: 1 + random.IntN(3), Body: useless[random.IntN(len(useless))]})
	}
}

// behead has an administrator delete the latest message that has replies, which
// names no instance itself: a tombstone remains, and the replies below it.
func (s *surroundings) behead() {
	var head string
	for _, m := range s.slack.History(channel, "U0ALICE") {
		if kindOf(m) == "collected" {
			head = m.TS
		}
	}
	if head != "" {
		s.slack.DeleteAsAdmin(channel, head)
		s.beheaded++
	}
}

// crowd are instances of seven services. They run out one after the other, and
// now and then two of each service at once.
type crowd struct {
	s       *surroundings
	ids     []string
	renewed map[string]bool
}

func newCrowd(s *surroundings, count int) *crowd {
	c := &crowd{s: s, renewed: make(map[string]bool)}
	services := []string{"svco-one", "svco-two", "svco-three", "svco-four", "svco-five", "svco-six", "svco-seven"}
	of := make(map[string][]qianfantest.Instance)
	first := time.Now().Add(time.Second)
	for i := range count {
		turn := i
		if i%70 < 14 { // two for each service
			turn -= i % 14
		}
		in := prepaid(i, first.Add(time.Duration(turn)*paceOfExpiry).UTC().Truncate(time.Second))
		service := services[i%len(services)]
		of[service] = append(of[service], in)
		c.ids = append(c.ids, in.ID)
	}
	for _, service := range services {
		s.qianfan.Set(service, of[service]...)
	}
	return c
}

// renewThird renews every third instance of which the channel was told.
func (c *crowd) renewThird() {
	for id := range c.s.told("expiry", c.ids) {
		var number int
		if _, err := fmt.Sscanf(id, "unit%d", &number); err != nil || number%3 != 0 || c.renewed[id] {
			continue
		}
		c.renewed[id] = true
		c.s.qianfan.Update("", id, func(in *qianfantest.Instance) {
			in.ExpiredTime = in.ExpiredTime.(time.Time).AddDate(1, 0, 0)
		})
	}
}

// TestALedgerFromABackupRepeatsNothing replaces the ledger by yesterday's: what
// was said since then stands in the channel, is found there, and is not said
// again.
func TestALedgerFromABackupRepeatsNothing(t *testing.T) {
	t.Parallel()
	s := surround(t, "NOTIFY_SERVICES=svco-one", "NOTIFY_BEFORE=0d", "NOTIFY_DIGEST_CRON=0 0 31 12 *")
	now := time.Now().UTC().Truncate(time.Second)
	old, fresh := prepaid(1, now.Add(-time.Hour)), prepaid(2, now.Add(-time.Minute))
	s.qianfan.Set("svco-one", old)
	ids := []string{old.ID, fresh.ID}
	p := s.start()
	s.eventually(20*time.Second, "the first instance was announced", func() bool { return s.told("expiry", ids)[old.ID] == 1 })
	s.stop(p)
	backup := s.folder + "/backup.db"
	copyFile(t, s.ledger(), backup)

	s.qianfan.Set("svco-one", old, fresh)
	p = s.start()
	s.eventually(20*time.Second, "the second instance was announced", func() bool { return s.told("expiry", ids)[fresh.ID] == 1 })
	s.stop(p)
	for _, suffix := range []string{"", "-wal", "-shm"} {
		os.Remove(s.ledger() + suffix)
	}
	copyFile(t, backup, s.ledger())

	third := prepaid(3, now.Add(-time.Second))
	s.qianfan.Set("svco-one", old, fresh, third)
	ids = append(ids, third.ID)
	p = s.start()
	s.eventually(20*time.Second, "the third instance was announced", func() bool { return s.told("expiry", ids)[third.ID] >= 1 })
	time.Sleep(3 * time.Second)
	s.stop(p)
	for id, n := range s.told("expiry", ids) {
		if n != 1 {
			t.Errorf("%s was announced %d times", id, n)
		}
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	in, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	if _, err := io.Copy(out, in); err != nil {
		t.Fatal(err)
	}
}
