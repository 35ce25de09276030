package bot_test

import (
	"context"
	"os"
	"sync"
	"testing"
	"time"

	"computeunits/bot"
	"computeunits/bot/slacksim"
	"computeunits/qianfan/qianfantest"
)

// busy is a workspace with the bot in it, for a benchmark.
func busy(b *testing.B) *slacksim.Workspace {
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
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		it := &bot.Bot{BotToken: "xoxb-simulated", AppToken: "xapp-simulated", APIURL: "http://slack.test/api", Units: units, Dial: dial}
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
