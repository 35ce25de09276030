package bot_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"computeunits/bot"
	"computeunits/bot/slacksim"
	"computeunits/qianfan"
	"computeunits/qianfan/qianfantest"
	"computeunits/qianfan/qianfantest/memnet"
)

const (
	gpu     = "C0GPU"
	alice   = "U0ALICE"
	general = "C0GENERAL"
	service = "svco-48exxxa594"
	lookup  = "/computeunits " + service + " prepaid"
)

// A world is a workspace with the bot in it, all in memory: the real bot and
// the real slack-go client, a simulated Slack and a simulated Qianfan. It lives
// in a bubble, where waiting costs nothing.
type world struct {
	*testing.T
	slack   *slacksim.Workspace
	qianfan *qianfantest.Server
	bot     *bot.Bot
	log     *journal
	stop    context.CancelFunc // as SIGTERM does
	rest    func()             // stops the notifier, if there is one
	file    string             // of the ledger, if there is one
	away    bool               // the ledger cannot be used until somebody makes its file
	hangUp  func()             // stops the bot that took the place of the first one
	ended   chan struct{}      // closed when Run has returned
	err     error              // what Run returned
}

// inAWorld tells a story in a bubble. Whoever changes the world before the bot
// starts does so in prepare.
func inAWorld(t *testing.T, prepare func(*world), story func(*world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		manifest, err := os.ReadFile("../manifest.yml")
		if err != nil {
			t.Fatal(err)
		}
		w := &world{T: t, qianfan: &qianfantest.Server{}, log: &journal{}, ended: make(chan struct{})}
		w.qianfan.SeedExample(time.Now())
		w.slack, err = slacksim.New(slacksim.Config{Manifest: manifest, URL: "http://slack.test"})
		if err != nil {
			t.Fatal(err)
		}
		dial := serve(t, w.slack)
		units := w.qianfan.Client()
		t.Cleanup(func() { units.Close(); w.qianfan.Close() })
		w.bot = &bot.Bot{
			BotToken: "xoxb-simulated", AppToken: "xapp-simulated", APIURL: "http://slack.test/api",
			Units: units, Logger: slog.New(slog.NewTextHandler(w.log, nil)), Dial: dial,
		}
		if prepare != nil {
			prepare(w)
		}
		ctx, stop := context.WithCancel(context.Background())
		w.stop = stop
		go func() {
			defer close(w.ended)
			w.err = w.bot.Run(ctx)
		}()
		defer func() {
			if w.hangUp != nil {
				w.hangUp()
			}
			stop()
			<-w.ended
			w.slack.Close()
			for _, secret := range []string{"xoxb-simulated", "xapp-simulated", qianfantest.SecretKey, "/response/", "ticket="} {
				if strings.Contains(w.log.String(), secret) {
					t.Errorf("the log holds a secret (%s…)", secret[:5])
				}
			}
		}()
		synctest.Wait()
		story(w)
	})
}

// serve listens in memory for as long as the test lasts.
func serve(t testing.TB, h http.Handler) func(context.Context, string, string) (net.Conn, error) {
	l := memnet.Listen()
	server := &http.Server{Handler: h}
	var serving sync.WaitGroup
	serving.Go(func() { server.Serve(l) })
	t.Cleanup(func() {
		server.Close()
		serving.Wait()
	})
	return l.DialContext
}

// crowded has so many commands under way: one person has eight at most.
func (w *world) crowded(n int) (typed []*slacksim.Invocation) {
	w.Helper()
	for i := range n {
		user := fmt.Sprintf("U0CROWD%03d", i/8)
		if i%8 == 0 {
			w.slack.AddUser(slacksim.User{ID: user, Name: user})
			w.slack.Join(user, general)
		}
		typed = append(typed, w.slack.Slash(user, general, lookup))
	}
	return typed
}

// asks types a command as Alice and returns what she reads.
func (w *world) asks(line string) slacksim.Message {
	w.Helper()
	typed := w.slack.Slash(alice, general, line)
	return w.reads(typed)
}

// reads waits for the answer to what was typed.
func (w *world) reads(typed *slacksim.Invocation) slacksim.Message {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.Context(), time.Minute)
	defer cancel()
	if err := typed.Acked(ctx); err != nil {
		w.Fatalf("the command was not acknowledged: %v\n%s", err, w.log)
	}
	answer, err := typed.Reply(ctx)
	if err != nil {
		w.Fatalf("no answer came: %v\n%s", err, w.log)
	}
	if answer.VisibleTo != alice {
		w.Errorf("the answer is visible to %q, and should be to Alice alone", answer.VisibleTo)
	}
	return answer
}

// sees fails unless the message says all of it, in its blocks or its text.
func (w *world) sees(m slacksim.Message, wanted ...string) {
	w.Helper()
	for _, want := range wanted {
		if !strings.Contains(m.BlocksPlain(), want) && !strings.Contains(m.Plain(), want) {
			w.Errorf("nothing says %q in:\n%s\n--- text:\n%s", want, m.BlocksPlain(), m.Plain())
		}
	}
}

// content fails when the bot did anything that Slack minds.
func (w *world) content() {
	w.Helper()
	for _, c := range w.slack.Complaints() {
		w.Errorf("Slack complains: %s", c)
	}
}

// opens counts the calls of apps.connections.open.
func (w *world) opens() int { return len(w.slack.Calls("apps.connections.open")) }

// fails injects a fault into the simulated Qianfan and returns the way to mend it.
func (w *world) fails(f qianfantest.Fault) { w.qianfan.Inject(f) }

// journal is a log that can be read while it is written.
type journal struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.String()
}

var _ = qianfan.Prepaid
