// Package demo lets a person try the bot with nothing configured: it puts a
// simulated Slack and a simulated Qianfan on loopback, has the real program
// serve between them, and plays a member of that workspace whose lines come
// from a prompt.
//
// The program is handed in as a function of its settings, so that what is
// tried here is what runs in production, started the same way.
package demo

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
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

Type as you would in Slack, for example:

  /computeunits svco-48exxxa594 prepaid
  /computeunits svco-biglist000
  /computeunits help

An empty line changes nothing; quit (or Ctrl-D) ends the demo.
`

// Run plays until the lines of in end, somebody types quit, or ctx is done.
// serve is the program; it gets the settings that lead to the simulators.
func Run(ctx context.Context, manifest []byte, in io.Reader, out io.Writer, serve func(context.Context, map[string]string) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)

	qianfan := &qianfantest.Server{}
	qianfan.SeedExample(time.Now())
	qianfanURL, stopQianfan, err := listen(func(string) (http.Handler, error) { return qianfan, nil })
	if err != nil {
		return fmt.Errorf("starting the simulated Qianfan: %w", err)
	}
	defer stopQianfan()

	var slack *slacksim.Workspace
	slackURL, stopSlack, err := listen(func(url string) (http.Handler, error) {
		slack, err = slacksim.New(slacksim.Config{Manifest: manifest, URL: url, BotToken: botToken, AppToken: appToken})
		return slack, err
	})
	if err != nil {
		return fmt.Errorf("starting the simulated Slack: %w", err)
	}
	defer stopSlack()
	defer slack.Close()

	var serving sync.WaitGroup
	defer serving.Wait()
	defer cancel(nil)
	serving.Go(func() {
		cancel(serve(ctx, map[string]string{
			"SLACK_BOT_TOKEN": botToken, "SLACK_APP_TOKEN": appToken,
			"SLACK_API_URL":      slackURL + "/api/",
			"QIANFAN_ACCESS_KEY": qianfantest.AccessKey, "QIANFAN_SECRET_KEY": qianfantest.SecretKey,
			"QIANFAN_CONSOLE_API_BASE_URL": qianfanURL,
		}))
	})

	fmt.Fprintf(out, welcome, slackURL, qianfanURL)
	connected(ctx, slack)
	for line := range lines(ctx, in, out) {
		if line == "quit" || line == "exit" {
			break
		}
		if line != "" {
			fmt.Fprintln(out, say(ctx, slack, line))
		}
	}
	return cause(ctx)
}

// connected waits for the bot's socket, without which nothing typed arrives.
func connected(ctx context.Context, slack *slacksim.Workspace) {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for slack.Connections() == 0 {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// say types line in Slack and returns what the person sees.
func say(ctx context.Context, slack *slacksim.Workspace, line string) string {
	if !strings.HasPrefix(line, "/") {
		return "(Nobody answers that: the bot listens to commands, which begin with /.)"
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	typed := slack.Slash(person, channel, line)
	if err := typed.Acked(ctx); err != nil {
		return "Slackbot (only you see this): " + err.Error()
	}
	answer, err := typed.Reply(ctx)
	if err != nil {
		return "(No answer came: " + err.Error() + ")"
	}
	return "computeunits (only you see this): " + answer.Plain()
}

// lines yields what is typed, with a prompt before each line, until in ends or
// ctx is done. The goroutine that reads is left behind in the second case: a
// read from a terminal cannot be interrupted, and the process ends next.
func lines(ctx context.Context, in io.Reader, out io.Writer) func(func(string) bool) {
	typed := make(chan string)
	go func() {
		defer close(typed)
		for s := bufio.NewScanner(in); s.Scan(); {
			select {
			case typed <- strings.TrimSpace(s.Text()):
			case <-ctx.Done():
				return
			}
		}
	}()
	return func(yield func(string) bool) {
		for {
			fmt.Fprint(out, "\n> ")
			select {
			case line, ok := <-typed:
				if !ok || !yield(line) {
					fmt.Fprintln(out)
					return
				}
			case <-ctx.Done():
				fmt.Fprintln(out)
				return
			}
		}
	}
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
