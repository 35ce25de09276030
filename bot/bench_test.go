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

// BenchmarkAcknowledge is the way of one command from the workspace to the bot
// and of its acknowledgement back, simulator included, while the answers to
// those before are still worked on.
func BenchmarkAcknowledge(b *testing.B) {
	manifest, err := os.ReadFile("../manifest.yml")
	if err != nil {
		b.Fatal(err)
	}
	slack, err := slacksim.New(slacksim.Config{Manifest: manifest, URL: "http://slack.test", Unlimited: true})
	if err != nil {
		b.Fatal(err)
	}
	dial := serve(b, slack)
	qianfan := &qianfantest.Server{}
	units := qianfan.Client()
	defer qianfan.Close()
	defer units.Close()
	ctx, stop := context.WithCancel(b.Context())
	var running sync.WaitGroup
	defer running.Wait()
	defer slack.Close()
	defer stop()
	running.Go(func() {
		it := &bot.Bot{BotToken: "xoxb-simulated", AppToken: "xapp-simulated", APIURL: "http://slack.test/api", Units: units, Dial: dial}
		if err := it.Run(ctx); err != nil {
			b.Error(err)
		}
	})
	for slack.Connections() == 0 {
		time.Sleep(time.Millisecond)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := slack.Slash(alice, general, "/computeunits help").Acked(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}
