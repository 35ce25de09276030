// Computeunits reminds people in Slack before compute unit instances of Qianfan
// expire, and answers what a service has.
//
// This file joins the parts: it reads the environment and the command line,
// and turns what they ask for into calls of qianfan, notify and bot. Everything that
// decides anything is there. Five words and no flags need no command-line library.
package main

import (
	"cmp"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"time"
	_ "time/tzdata"

	"github.com/caarlos0/env/v11"
	"golang.org/x/sync/errgroup"

	"computeunits/bot"
	"computeunits/bot/announce"
	"computeunits/bot/chat"
	"computeunits/bot/config"
	"computeunits/bot/demo"
	"computeunits/bot/messages"
	"computeunits/notify"
	"computeunits/notify/database"
	"computeunits/notify/ledger"
)

//go:embed manifest.yml
var manifest []byte

const usage = `computeunits reminds people in Slack before compute unit instances of Qianfan
expire, and answers what a service has.

  computeunits                    serve: answer people, and remind a channel
  computeunits query SERVICE [prepaid|postpaid] [--json]
                                  the same answer in this terminal, without Slack
  computeunits demo               try it: Slack and Qianfan are simulated here
  computeunits version
  computeunits help

Settings come from the environment; README.md lists them all. To serve it needs
SLACK_BOT_TOKEN, SLACK_APP_TOKEN, QIANFAN_ACCESS_KEY and QIANFAN_SECRET_KEY, to
query the last two, and to remind NOTIFY_CHANNEL and NOTIFY_SERVICES as well.
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	if os.Getenv("GOGC") == "" {
		// A few MiB live and tens of KiB a question: collecting at twice the
		// heap, as is usual, would take a fifth of the processor time.
		debug.SetGCPercent(400)
	}
	os.Exit(run(ctx, os.Args[1:], env.ToMap(os.Environ()), os.Stdin, os.Stdout, os.Stderr))
}

// run is the program. It returns the exit code: 0 done, 1 failed, 2 called or
// configured wrongly.
func run(ctx context.Context, args []string, environ map[string]string, in io.Reader, out, errs io.Writer) int {
	command := "serve"
	if len(args) > 0 {
		command, args = args[0], args[1:]
	}
	var err error
	switch command {
	case "serve":
		err = serve(ctx, environ, errs, nil, nil)
	case "query":
		err = query(ctx, args, environ, out, errs)
	case "demo":
		err = runDemo(ctx, environ, in, out, errs)
	case "version":
		fmt.Fprintln(out, "computeunits", version())
	case "help", "-h", "-help", "--help":
		fmt.Fprint(out, usage)
	default:
		err = misuse{fmt.Errorf("there is no command %q; computeunits help lists them", command)}
	}
	if err == nil {
		return 0
	}
	lastWords(errs, environ, err)
	if _, ok := errors.AsType[misuse](err); ok {
		return 2
	}
	return 1
}

// lastWords says why the program ends, as the log is written: whoever collects
// JSON gets no other line.
func lastWords(w io.Writer, environ map[string]string, err error) {
	if !config.LogsJSON(environ) {
		fmt.Fprintln(w, "computeunits:", err)
		return
	}
	attr := slog.Any("error", err.Error())
	if faults, ok := errors.AsType[config.Faults](err); ok {
		attr = slog.Any("faults", []string(faults))
	}
	slog.New(slog.NewJSONHandler(w, nil)).LogAttrs(context.Background(), slog.LevelError, "ended", attr)
}

// misuse is an error in how the program was called or configured.
type misuse struct{ error }

func (m misuse) Unwrap() error { return m.error }

// serve answers people in Slack, and tells a channel what expires, until ctx is
// done. now is the wall clock, nil for time.Now; meet, if not nil, is handed the
// notifier before it runs.
func serve(ctx context.Context, environ map[string]string, logTo io.Writer, now func() time.Time, meet func(*notify.Notifier)) error {
	c, err := config.Serving(environ)
	if err != nil {
		return misuse{err}
	}
	log := c.Logger(logTo)
	log.Info("starting", "version", version())
	c.Announce(log)
	units := c.Units(log)
	units.Now = now
	defer units.Close()
	b := &bot.Bot{
		BotToken: c.BotToken, AppToken: c.AppToken, APIURL: c.APIURL, Units: units, Services: c.Notify.Services, Logger: log,
		ConsoleURL: c.ConsoleURL, Language: c.Language,
		AllowUsers: c.AllowUsers, AllowUserGroups: c.AllowUserGroups, AllowChannels: c.AllowChannels,
	}
	parts := []func(context.Context) error{b.Run}
	if c.Channel == "" {
		log.Warn("NOTIFY_CHANNEL is not set: commands are answered, but nothing is announced")
	} else {
		ledger, err := ledger.Connect(c.DatabaseURL)
		if err != nil {
			return err
		}
		defer ledger.Close()
		if err := prepare(ctx, ledger); err != nil {
			return err
		}
		announcer := &announce.Announcer{BotToken: c.BotToken, APIURL: c.APIURL, ConsoleURL: c.ConsoleURL, Language: c.Language}
		defer announcer.Close()
		n := &notify.Notifier{Units: units, Sender: announcer, Ledger: ledger, Settings: c.Notify, Logger: log, Now: now}
		announcer.Date = func(at time.Time) { n.Heard(notify.ClockSlack, at) }
		b.Notifier = n
		if meet != nil {
			meet(n)
		}
		parts = append(parts, n.Run)
	}
	running, together := errgroup.WithContext(ctx)
	for _, part := range parts {
		running.Go(func() error { return part(together) })
	}
	if err := running.Wait(); err != nil {
		return err
	}
	log.Info("stopped")
	return nil
}

// prepareFor is how long people wait for the first answer of the database: then
// they are answered without it.
const prepareFor = 3 * time.Second

// prepare makes the ledger ready before anybody is answered, if its database is
// there. It fails for what waiting does not heal.
func prepare(ctx context.Context, ledger *ledger.Ledger) error {
	ctx, cancel := context.WithTimeout(ctx, prepareFor)
	defer cancel()
	if err := ledger.Prepare(ctx); err != nil && !database.Unavailable(err) && !errors.Is(err, context.Canceled) {
		return fmt.Errorf("opening the ledger: %w", err)
	}
	return nil // the notifier says what is wrong, and goes on trying
}

// query prints one answer.
func query(ctx context.Context, args []string, environ map[string]string, out, logTo io.Writer) error {
	plain := slices.DeleteFunc(slices.Clone(args), func(a string) bool { return a == "--json" || a == "-json" })
	q, err := chat.Parse(strings.Join(plain, " "))
	if err != nil {
		return misuse{errors.New(strings.NewReplacer("/computeunits help", "computeunits help", "/computeunits", "computeunits query").Replace(err.Error()))}
	}
	if q.ServiceID == "" {
		return misuse{errors.New("which service? computeunits query SERVICE [prepaid|postpaid] [--json]")}
	}
	c, err := config.Asking(environ)
	if err != nil {
		return misuse{err}
	}
	units := c.Units(c.Logger(logTo))
	defer units.Close()
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	reading, err := units.ComputeUnits(ctx, q)
	if err != nil {
		return fmt.Errorf("%s\n(%w)", messages.Explain(err), err)
	}
	answer := messages.NewAnswer(q, reading)
	if len(plain) < len(args) {
		enc := json.NewEncoder(out)
		enc.SetIndent("", "  ")
		return enc.Encode(answer)
	}
	_, err = fmt.Fprintln(out, answer.Plain(time.Local))
	return err
}

// runDemo serves against simulators, with the settings that lead to them.
func runDemo(ctx context.Context, environ map[string]string, in io.Reader, out, logTo io.Writer) error {
	return demo.Run(ctx, manifest, in, out, func(ctx context.Context, settings map[string]string, now func() time.Time, meet func(*notify.Notifier)) error {
		all := map[string]string{"LOG_LEVEL": "error"} // the prompt is for people
		for name := range maps.Keys(environ) {
			if strings.HasPrefix(name, "LOG_") {
				all[name] = environ[name]
			}
		}
		maps.Copy(all, settings)
		return serve(ctx, all, logTo, now, meet)
	})
}

// builtAs is set by the linker where the build knows its version better than
// the module does, as in the Dockerfile.
var builtAs string

// version is what the build recorded: a tag, or the commit.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return cmp.Or(builtAs, "unknown")
	}
	return cmp.Or(builtAs, info.Main.Version)
}
