package bot_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"computeunits/bot"
	"computeunits/bot/announce"
	"computeunits/bot/slacksim"
	"computeunits/notify"
	"computeunits/notify/ledger"
	"computeunits/notify/plan"
	"computeunits/qianfan/qianfantest"
)

// busy is a workspace with the bot in it, for a benchmark that may change both
// before they start.
func busy(b *testing.B, prepare ...func(*bot.Bot, *qianfantest.Server)) *slacksim.Workspace {
	manifest, err := os.ReadFile("../manifest.yml")
	if err != nil {
		b.Fatal(err)
	}
	workspace, err := slacksim.New(slacksim.Config{Manifest: manifest, URL: "http://slack.test", Unlimited: true})
	if err != nil {
		b.Fatal(err)
	}
	dial := serve(b, workspace)
	qianfan := &qianfantest.Server{}
	units := qianfan.Client()
	it := &bot.Bot{BotToken: "xoxb-simulated", AppToken: "xapp-simulated", APIURL: "http://slack.test/api", Units: units, Dial: dial}
	for _, change := range prepare {
		change(it, qianfan)
	}
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	if it.Notifier != nil {
		running.Go(func() {
			if err := it.Notifier.Run(ctx); err != nil {
				b.Error(err)
			}
		})
	}
	running.Go(func() {
		if err := it.Run(ctx); err != nil {
			b.Error(err)
		}
	})
	b.Cleanup(func() {
		stop()
		workspace.Close()
		running.Wait()
		units.Close()
		qianfan.Close()
	})
	for workspace.Connections() == 0 {
		time.Sleep(time.Millisecond)
	}
	return workspace
}

// BenchmarkAcknowledge is the way of one command from the workspace to the bot
// and of its acknowledgement back, simulator included, while the answers to
// those before are still worked on.
func BenchmarkAcknowledge(b *testing.B) {
	workspace := busy(b)
	b.ReportAllocs()
	for b.Loop() {
		if err := workspace.Slash(alice, general, "/computeunits help").Acked(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkAcknowledgePress is the same for a button.
func BenchmarkAcknowledgePress(b *testing.B) {
	workspace := busy(b)
	help, err := workspace.Slash(alice, general, "/computeunits help").Reply(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := workspace.Press(alice, help, "services").Acked(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkFlood is what everybody else notices of one person who types 400 commands
// a second, at ten times the default rate to Qianfan (50 requests a second): how long
// the others wait for answers, and for how long a watched service was not read at
// most. A sweep is due each second.
func BenchmarkFlood(b *testing.B) {
	b.Run("quiet", func(b *testing.B) { benchmarkFlood(b, 0) })
	b.Run("flood", func(b *testing.B) { benchmarkFlood(b, 400) })
}

func benchmarkFlood(b *testing.B, perSecond int) {
	var qianfan *qianfantest.Server
	workspace := busy(b, func(it *bot.Bot, server *qianfantest.Server) {
		qianfan = server
		server.Latency = 20 * time.Millisecond
		it.Units.MaxRPS, it.Units.MaxConcurrent = 50, 3
		it.Notifier = sweeping(b, it, server, 30)
	})
	ctx, stop := context.WithCancel(b.Context())
	var flood sync.WaitGroup
	if perSecond > 0 {
		flood.Go(func() {
			tick := time.NewTicker(time.Second / time.Duration(perSecond))
			defer tick.Stop()
			for i := 0; ctx.Err() == nil; i++ {
				workspace.Slash(bob, general, fmt.Sprintf("/computeunits svco-flood%06d", i))
				<-tick.C
			}
		})
	}
	time.Sleep(5 * time.Second) // it has become what it will be
	began := time.Now()
	var waits []time.Duration
	for i := 0; b.Loop(); i++ {
		id := fmt.Sprintf("svco-other%06d", i)
		qianfan.Set(id)
		asked := time.Now()
		answer, err := workspace.Slash(alice, general, "/computeunits "+id).Reply(ctx)
		if err != nil || !strings.Contains(answer.Plain(), id) {
			b.Fatalf("no answer about %s: %v: %s", id, err, answer.Plain())
		}
		waits = append(waits, time.Since(asked))
	}
	ended := time.Now()
	stop()
	flood.Wait()

	slices.Sort(waits)
	b.ReportMetric(float64(waits[len(waits)*99/100].Milliseconds()), "p99-ms")
	b.ReportMetric(float64(oldest(qianfan.Calls(), began, ended).Milliseconds()), "unread-ms")
}

// sweeping is a notifier that reads so many services a second.
func sweeping(b *testing.B, it *bot.Bot, server *qianfantest.Server, services int) *notify.Notifier {
	book, err := ledger.Connect("sqlite://" + filepath.Join(b.TempDir(), "ledger.db"))
	if err == nil {
		err = book.Prepare(b.Context())
	}
	if err != nil {
		b.Fatal(err)
	}
	announcer := &announce.Announcer{BotToken: it.BotToken, APIURL: it.APIURL, Dial: it.Dial}
	b.Cleanup(func() { announcer.Close(); book.Close() })
	settings := plan.Settings{
		Channel: gpu, CheckEvery: time.Second, DigestCron: "0 9 * * *", Zone: time.UTC,
		AllClear: plan.AllClearNever, Lease: 45 * time.Second,
	}
	if settings.Before, err = plan.ParseLadder("7d,1d"); err != nil {
		b.Fatal(err)
	}
	for i := range services {
		id := fmt.Sprintf("%s%03d", swept, i)
		server.Set(id)
		settings.Services = append(settings.Services, plan.Service{ID: id})
	}
	return &notify.Notifier{Units: it.Units, Sender: announcer, Ledger: book, Settings: settings}
}

// swept is what the ids of the services begin with that are watched in a benchmark.
const swept = "svco-swept"

// oldest is for how long a watched service was not read at most.
func oldest(calls []qianfantest.Call, began, ended time.Time) (most time.Duration) {
	last := make(map[string]time.Time)
	for _, call := range calls {
		if !strings.HasPrefix(call.ServiceID, swept) {
			continue
		}
		if before, read := last[call.ServiceID]; read && call.Time.After(began) {
			most = max(most, call.Time.Sub(before))
		}
		last[call.ServiceID] = call.Time
	}
	for _, at := range last {
		most = max(most, ended.Sub(at))
	}
	return most
}
