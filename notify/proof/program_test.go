package proof

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http/httptest"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"computeunits/bot/slacksim"
	"computeunits/qianfan/qianfantest"
)

const channel = "C0GPU"

// surroundings are what the program runs between: a workspace and an account of
// Qianfan on loopback, and a folder that outlives the process.
type surroundings struct {
	testing.TB
	binary     string
	folder     string
	slack      *slacksim.Workspace
	qianfan    *qianfantest.Server
	slackURL   string
	qianfanURL string
	settings   []string
	log        lockedBuffer // of all lives

	mu   sync.Mutex
	read map[string]reading // by ts

	lives    atomic.Int64
	beheaded int // heads of threads that were deleted
}

// lockedBuffer is a log that processes write to while a test reads it.
type lockedBuffer struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.all.Write(p)
}

// life is the log of one process, each line of which begins with its name.
type life struct {
	log  *lockedBuffer
	name string
	rest []byte // of a line that has not ended
}

func (l *life) Write(p []byte) (int, error) {
	l.rest = append(l.rest, p...)
	for {
		line, rest, ended := bytes.Cut(l.rest, []byte{'\n'})
		if !ended {
			return len(p), nil
		}
		fmt.Fprintf(l.log, "%s%s\n", l.name, line)
		l.rest = rest
	}
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.all.String()
}

func surround(t testing.TB, settings ...string) *surroundings {
	t.Helper()
	s := &surroundings{TB: t, folder: t.TempDir(), qianfan: &qianfantest.Server{}, settings: settings}
	s.binary = filepath.Join(s.folder, "computeunits")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", s.binary, "computeunits")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building: %v\n%s", err, out)
	}
	manifest, err := os.ReadFile("../../manifest.yml")
	if err != nil {
		t.Fatal(err)
	}
	qianfan := httptest.NewServer(s.qianfan)
	t.Cleanup(qianfan.Close)
	s.qianfanURL = qianfan.URL
	slack := httptest.NewUnstartedServer(nil) // the workspace must know its address first
	s.slackURL = "http://" + slack.Listener.Addr().String()
	if s.slack, err = slacksim.New(slacksim.Config{Manifest: manifest, URL: s.slackURL, Unlimited: true}); err != nil {
		t.Fatal(err)
	}
	slack.Config.Handler = s.slack
	slack.Start()
	t.Cleanup(slack.Close)
	t.Cleanup(s.slack.Close)
	return s
}

func (s *surroundings) ledger() string { return filepath.Join(s.folder, "ledger.db") }

// start begins a life of the program, with settings that go before the others.
func (s *surroundings) start(more ...string) *exec.Cmd {
	s.Helper()
	p := exec.Command(s.binary)
	p.Env = append([]string{
		"SLACK_BOT_TOKEN=xoxb-simulated", "SLACK_APP_TOKEN=xapp-simulated", "SLACK_API_URL=" + s.slackURL + "/api",
		"QIANFAN_ACCESS_KEY=" + qianfantest.AccessKey, "QIANFAN_SECRET_KEY=" + qianfantest.SecretKey,
		"QIANFAN_CONSOLE_API_BASE_URL=" + s.qianfanURL, "QIANFAN_MAX_RPS=0",
		"DATABASE_URL=sqlite://" + s.ledger(), "NOTIFY_CHANNEL=" + channel, "NOTIFY_CHECK_EVERY=500ms", "NOTIFY_LEASE=16s",
	}, append(slices.Clone(s.settings), more...)...)
	p.Stderr = &life{log: &s.log, name: fmt.Sprintf("%d %s ", s.lives.Add(1), path.Base(strings.Join(more, "")))}
	if err := p.Start(); err != nil {
		s.Fatal(err)
	}
	return p
}

// kill ends a life as a power cut ends a process: without a word.
func kill(p *exec.Cmd) {
	p.Process.Kill()
	p.Wait()
}

// stop ends a life as an operator does, and expects it to end well.
func (s *surroundings) stop(p *exec.Cmd) {
	s.Helper()
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		s.Error(err)
	}
	if err := p.Wait(); err != nil {
		s.Errorf("after SIGTERM: %v\n%s", err, tail(s.log.String()))
	}
}

// told counts in how many messages of a kind the channel was told of each
// instance, by what people read.
func (s *surroundings) told(kind string, instances []string) map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.read == nil {
		s.read = make(map[string]reading)
	}
	count := make(map[string]int)
	for _, m := range s.slack.History(channel, "U0ALICE") {
		r, ok := s.read[m.TS]
		if said := m.Text + string(m.Blocks); !ok || r.said != said {
			r = reading{said: said, kind: kindOf(m), ids: unitID.FindAllString(said, -1)}
			slices.Sort(r.ids)
			r.ids = slices.Compact(r.ids)
			s.read[m.TS] = r
		}
		if r.kind != kind {
			continue
		}
		for _, id := range r.ids {
			count[id]++
		}
	}
	maps.DeleteFunc(count, func(id string, _ int) bool { return !slices.Contains(instances, id) })
	return count
}

// reading is what told has read in a message: most stay as they are.
type reading struct {
	said string
	kind string
	ids  []string
}

// unitID is what prepaid calls an instance.
var unitID = regexp.MustCompile(`unit\d{5}xx`)

// kindOf is what a message is about: the first part of the key in its metadata.
func kindOf(m slacksim.Message) string {
	var mark struct {
		Payload struct{ Key string } `json:"event_payload"`
	}
	if json.Unmarshal(m.Metadata, &mark) != nil {
		return ""
	}
	kind, _, _ := strings.Cut(mark.Payload.Key, ":")
	return kind
}

// eventually waits until something is so; the reason says what it waits for.
func (s *surroundings) eventually(within time.Duration, reason string, so func() bool) {
	s.Helper()
	limit := time.NewTimer(within)
	defer limit.Stop()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for !so() {
		select {
		case <-tick.C:
		case <-limit.C:
			s.Fatalf("waited %v in vain for this: %s\n%s", within, reason, tail(s.log.String()))
		}
	}
}

func tail(log string) string { return "…" + log[max(0, len(log)-6000):] }

// prepaid is an instance that expires at a moment.
func prepaid(number int, expires time.Time) qianfantest.Instance {
	return qianfantest.Instance{
		ID: fmt.Sprintf("unit%05dxx", number), PaymentTiming: "Prepaid", ReplicasCount: 1 + number%8, Status: "Running",
		StartTime: expires.AddDate(0, -1, 0), ExpiredTime: expires,
	}
}
