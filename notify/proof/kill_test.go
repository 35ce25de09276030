package proof

import (
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"computeunits/bot/slacksim"
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

// TestKilledAtAnyMoment kills the program without warning, again and again,
// while reminders fall due and Slack does the worst it can with requests. In
// the end every instance was announced once: none is missing, none is there
// twice. A third of the instances is renewed as soon as the channel was told of
// their expiry; that is said once as well.
func TestKilledAtAnyMoment(t *testing.T) { killed(t, 1) }

// TestTwoLedgersAreKilled has two copies of the program, each with a ledger of its
// own, remind the same channel of the same instances, and kills both by turns.
func TestTwoLedgersAreKilled(t *testing.T) { killed(t, 2) }

// killed runs so many copies of the program, kills them as often as the flags say,
// and counts what the channel was told against what Qianfan has.
func killed(t *testing.T, copies int) {
	t.Parallel()
	s := surround(t, "NOTIFY_SERVICES=svco-one=One,svco-two,svco-three", "NOTIFY_BEFORE=0d", "NOTIFY_DIGEST_CRON=0 0 31 12 *")
	random := rand.New(rand.NewPCG(*seed, uint64(copies-1)))
	const life = 1400 * time.Millisecond // at most
	lives := *kills
	if *during > 0 {
		lives = int(*during / (life / 2))
	}
	count := int(time.Duration(lives) * life / 2 / paceOfExpiry)
	t.Logf("%d kills with -seed %d", lives, *seed)
	crowd := newCrowd(s, count)
	begin := func(number int) *exec.Cmd {
		return s.start(fmt.Sprintf("DATABASE_URL=sqlite://%s.%d", s.ledger(), number))
	}

	running := make([]*exec.Cmd, copies)
	for n := range running {
		running[n] = begin(n)
	}
	for range lives {
		s.worsen(random)
		time.Sleep(time.Duration(random.Int64N(int64(life))))
		n := random.IntN(copies)
		kill(running[n])
		running[n] = begin(n)
		crowd.renewThird()
	}
	s.slack.Mend()
	s.slack.HideReplyCounts(false)
	s.qianfan.Mend()
	s.eventually(3*time.Minute, "every instance was announced", func() bool {
		crowd.renewThird()
		return len(s.told("expiry", crowd.ids)) == count && len(s.told("renewed", crowd.ids)) == len(crowd.renewed)
	})
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
				t.Errorf("nobody was told of %s (%s)", id, kind)
			}
			if told[id] > 1 {
				doubled++
				t.Errorf("the channel was told %d times of %s (%s)%s", told[id], id, kind, s.marks(kind, id))
			}
		}
	}
	t.Logf("%d kills of %d ledgers, %d instances, %d renewals: lost %d, doubled %d (seed %d)", lives, copies, count, len(crowd.renewed), lost, doubled, *seed)
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

// crowd are instances of three services that run out one after the other.
type crowd struct {
	s       *surroundings
	ids     []string
	renewed map[string]bool
}

func newCrowd(s *surroundings, count int) *crowd {
	c := &crowd{s: s, renewed: make(map[string]bool)}
	services := []string{"svco-one", "svco-two", "svco-three"}
	of := make(map[string][]qianfantest.Instance)
	first := time.Now().Add(time.Second)
	for i := range count {
		in := prepaid(i, first.Add(time.Duration(i)*paceOfExpiry).UTC().Truncate(time.Second))
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
