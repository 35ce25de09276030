// Package demo lets a person try the bot with nothing configured: it puts a
// simulated Slack and a simulated Qianfan on loopback, has the real program
// serve between them, and plays a member of that workspace whose lines come
// from a prompt.
//
// The program is handed in as a function of its settings and of the wall
// clock, so that what is tried here is what runs in production, started the
// same way. The clock is the one thing a demo must be able to move: nobody
// waits a week to see the next reminder.
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
	"sync"
	"time"

	"computeunits/bot/slacksim"
	"computeunits/qianfan/qianfantest"
)

// Who types, where, and the tokens of the simulated app.
const (
	person   = "U0ALICE"
	channel  = "C0GPU"
	botToken = "xoxb-demo"
	appToken = "xapp-demo"
)

const welcome = `This is a simulated Slack workspace with a simulated Qianfan behind it:

  Slack    %s
  Qianfan  %s

The bot watches two services for #gpu-capacity and tells it below what expires.
Type as you would in Slack, for example:

  /computeunits svco-48exxxa594 prepaid
  /computeunits svco-biglist000
  /computeunits help

or write to the bot in your own words, in English or Chinese, or press a button:

  what expires within 30 days?
  watch svco-biglist000 "Batch"
  7 天内到期
  press Refresh                  a button of the latest message that has it
  home                           open the bot's Home

or change the world:

  forward 3d                     time passes (also 12h, 30m)
  renew c84f10d3xxx6e29ab75      somebody renews an instance for 30 days
  break qianfan, break slack     it cannot be reached any more
  mend                           it can again

An empty line changes nothing; quit (or Ctrl-D) ends the demo.
`

// Serve is the program: it serves with these settings, by the clock now, until
// ctx is done.
type Serve func(ctx context.Context, settings map[string]string, now func() time.Time) error

// Run plays until the lines of in end, somebody types quit, or ctx is done.
func Run(ctx context.Context, manifest []byte, in io.Reader, out io.Writer, serve Serve) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	folder, err := os.MkdirTemp("", "computeunits-demo")
	if err != nil {
		return fmt.Errorf("making a folder for the ledger: %w", err)
	}
	defer os.RemoveAll(folder)

	w := &world{}
	w.qianfan = &qianfantest.Server{Now: w.now}
	w.qianfan.SeedExample(time.Now())
	qianfanURL, stopQianfan, err := listen(func(string) (http.Handler, error) { return w.qianfan, nil })
	if err != nil {
		return fmt.Errorf("starting the simulated Qianfan: %w", err)
	}
	defer stopQianfan()
	slackURL, stopSlack, err := listen(func(url string) (http.Handler, error) {
		w.slack, err = slacksim.New(slacksim.Config{Manifest: manifest, URL: url, BotToken: botToken, AppToken: appToken, Now: w.now})
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
			"QIANFAN_CONSOLE_API_BASE_URL": qianfanURL,
			"DATABASE_URL":                 "sqlite://" + filepath.Join(folder, "ledger.db"),
			"NOTIFY_CHANNEL":               channel,
			"NOTIFY_SERVICES":              qianfantest.ExampleService + "=Chat prod," + qianfantest.HealthyService + "=Embeddings",
			"NOTIFY_CHECK_EVERY":           "1s", // the world changes at a word
			"NOTIFY_DIGEST_CRON":           "0 0 * * *",
		}, w.now))
	})

	fmt.Fprintf(out, welcome, slackURL, qianfanURL)
	s := &screen{out: out}
	w.connected(ctx)
	serving.Go(func() { w.watch(ctx, s) })
	w.settle(ctx)
	for line := range lines(ctx, in, s) {
		if line == "quit" || line == "exit" {
			break
		}
		if line != "" {
			s.print(w.obey(ctx, s, line))
		}
	}
	return cause(ctx)
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
