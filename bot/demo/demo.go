// Package demo lets a person try the bot with nothing configured: it puts a
// simulated Slack and a simulated Qianfan on loopback, has the real program
// serve between them, and plays a member of that workspace whose lines come
// from a prompt.
//
// The program is handed in as a function of its settings and of the wall
// clock, so that what is tried here is what runs in production, started the
// same way. The clock is the one thing a demo must be able to move: nobody
// waits a week to see the next reminder. It stops wherever something is due, and
// the program's notifier, which is handed to the demo, sweeps once at each stop:
// what it posts is on time, and late only for the reason that it says.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"computeunits/bot/slacksim"
	"computeunits/notify"
	"computeunits/notify/plan"
	"computeunits/qianfan/qianfantest"
)

// Who types at first, where the bot announces, and the tokens of the simulated app.
const (
	alice    = "U0ALICE"
	channel  = "C0GPU"
	general  = "C0GENERAL"
	botToken = "xoxb-demo"
	appToken = "xapp-demo"
)

const welcome = `This is a simulated Slack workspace with a simulated Qianfan behind it:

  Slack    %s
  Qianfan  %s

It is %s there, and you are Alice. The bot watches two
services for #gpu-capacity and tells that channel below what expires. Type as
in Slack:

  what expires within 30 days?           a direct message to the bot
  /computeunits svco-48exxxa594 prepaid  a command; only you see the answer
  watch svco-biglist000 "Batch"
  help                                   what the bot understands
  home                                   opens the bot's Home

Press and choose what stands in brackets, where you saw it last:

  press Acknowledge all                  a button
  press Snooze all… > 1 day              a choice of a menu
  press Chat prod > Watch settings…      after home; the window says how to fill it in

Be somebody who reads Chinese, or change the world:

  as mei                                 then 7 天内到期, and back: as alice
  forward 1d                             time passes (also 12h, 30m)
  renew c84f10d3xxx6e29ab75              somebody renews an instance for 60 days
  break qianfan, break slack             it cannot be reached any more
  mend                                   it can again

An empty line changes nothing; quit (or Ctrl-D) ends the demo.
`

// Serve is the program: it serves with these settings, by the clock now, until
// ctx is done. It hands its notifier to meet before it runs it.
type Serve func(ctx context.Context, settings map[string]string, now func() time.Time, meet func(*notify.Notifier)) error

// Run plays until the lines of in end, somebody types quit, or ctx is done.
func Run(ctx context.Context, manifest []byte, in io.Reader, out io.Writer, serve Serve) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	folder, err := os.MkdirTemp("", "computeunits-demo")
	if err != nil {
		return fmt.Errorf("making a folder for the ledger: %w", err)
	}
	defer os.RemoveAll(folder)

	w := newWorld(out)
	qianfanURL, stopQianfan, err := listen(func(string) (http.Handler, error) { return w.qianfan, nil })
	if err != nil {
		return fmt.Errorf("starting the simulated Qianfan: %w", err)
	}
	defer stopQianfan()
	slackURL, stopSlack, err := listen(func(url string) (http.Handler, error) {
		w.slack, err = slacksim.New(slacksim.Config{Manifest: manifest, URL: url, BotToken: botToken, AppToken: appToken, Now: hours{w}.now})
		return w.slack, err
	})
	if err != nil {
		return fmt.Errorf("starting the simulated Slack: %w", err)
	}
	defer stopSlack()
	defer w.slack.Close()

	var serving sync.WaitGroup
	defer serving.Wait()
	defer cancel(nil)
	serving.Go(func() {
		cancel(serve(ctx, map[string]string{
			"SLACK_BOT_TOKEN": botToken, "SLACK_APP_TOKEN": appToken,
			"SLACK_API_URL":      slackURL + "/api/",
			"QIANFAN_ACCESS_KEY": qianfantest.AccessKey, "QIANFAN_SECRET_KEY": qianfantest.SecretKey,
			"QIANFAN_CONSOLE_API_BASE_URL": qianfanURL, "QIANFAN_MAX_RPS": "0",
			"DATABASE_URL":       "sqlite://" + filepath.Join(folder, "ledger.db"),
			"NOTIFY_CHANNEL":     channel,
			"NOTIFY_CHECK_EVERY": "500ms", // the world changes at a word
			"NOTIFY_TIMEZONE":    "UTC",   // as the times are printed here
		}, hours{w}.now, func(n *notify.Notifier) { w.meet(ctx, n) }))
	})

	fmt.Fprintf(out, welcome, slackURL, qianfanURL, hours{w}.now().Format("Monday, 2006-01-02 15:04 MST"))
	if !w.begin(ctx) {
		return cause(ctx)
	}
	serving.Go(func() { feed{w}.watch(ctx) })
	for line := range lines(ctx, in, w.screen) {
		if word := strings.ToLower(line); word == "quit" || word == "exit" {
			break
		}
		if line == "" {
			continue
		}
		if said := w.obey(ctx, line); said != "" {
			w.screen.print(said)
		}
	}
	return cause(ctx)
}

// newWorld is the world at its beginning, without Slack.
func newWorld(out io.Writer) *world {
	w := &world{
		qianfan: &qianfantest.Server{}, screen: &screen{out: out, full: true}, met: make(chan struct{}),
		shown: make(map[string]string), stale: make(map[string]bool),
	}
	w.who.Store(alice)
	w.qianfan.Now = hours{w}.now
	beginning := begins(time.Now())
	w.ahead.Store(int64(time.Until(beginning)))
	seed(w.qianfan, beginning)
	return w
}

// meet takes part in the program's notifier, and has Alice watch two services.
func (w *world) meet(ctx context.Context, n *notify.Notifier) {
	w.gate = newGate(n.Units)
	n.Units, w.notifier = w.gate, n
	for _, one := range []plan.Watch{{Service: qianfantest.ExampleService, Label: "Chat prod"}, {Service: qianfantest.HealthyService, Label: "Embeddings"}} {
		if _, err := n.Changes().Watch(ctx, plan.Change{By: alice, At: (hours{w}).now()}, one); err != nil {
			w.screen.print("(Nobody watches " + one.Label + ": " + err.Error() + ")")
		}
	}
	close(w.met)
}

// begin waits until the program serves, and lives through the first digest. It
// reports whether it came to that.
func (w *world) begin(ctx context.Context) bool {
	select {
	case <-w.met:
	case <-ctx.Done():
		return false
	}
	if !until(ctx, func() bool { return w.slack.Connections() > 0 }) {
		return false
	}
	hours{w}.settle(ctx)
	hours{w}.live(ctx, hours{w}.now().Truncate(dayLong).Add(9*time.Hour))
	return ctx.Err() == nil
}

// listen serves what handler makes of its own address, on loopback.
func listen(handler func(url string) (http.Handler, error)) (url string, stop func(), err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	url = "http://" + l.Addr().String()
	h, err := handler(url)
	if err != nil {
		l.Close()
		return "", nil, err
	}
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	var serving sync.WaitGroup
	serving.Go(func() { server.Serve(l) })
	return url, func() { server.Close(); serving.Wait() }, nil
}

// cause is why the demo ended, nil when somebody ended it.
func cause(ctx context.Context) error {
	if err := context.Cause(ctx); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}
