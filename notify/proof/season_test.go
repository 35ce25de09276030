package proof

import (
	"context"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"computeunits/bot/announce"
	"computeunits/bot/slacksim"
	"computeunits/notify"
	"computeunits/notify/ledger"
	"computeunits/notify/plan"
	"computeunits/qianfan"
	"computeunits/qianfan/qianfantest"
	"computeunits/qianfan/qianfantest/memnet"
)

const (
	day    = 24 * time.Hour
	ladder = "30d,14d,7d,3d,1d,0d,-1d,-6d"
)

// A season is months of the notifier's life in a bubble: real slack-go, gocron
// and SQLite between a simulated Slack and a simulated Qianfan, all in memory
// but for the ledger's file. Time costs nothing there.
type season struct {
	*testing.T
	slack    *slacksim.Workspace
	qianfan  *qianfantest.Server
	settings plan.Settings
	skew     time.Duration // by which the notifier's clock is ahead of everybody else's

	dial   func() *announce.Announcer
	units  *qianfan.Client
	ledger string
	all    []qianfantest.Instance // of svco-one
	stop   func()                 // ends the present life
	log    lockedBuffer
	mu     sync.Mutex // guards skew
}

// inASeason tells a story in a bubble. It begins with the notifier at rest; run
// starts it.
func inASeason(t *testing.T, story func(*season)) {
	t.Helper()
	folder := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		manifest, err := os.ReadFile("../../manifest.yml")
		if err != nil {
			t.Fatal(err)
		}
		steps, err := plan.ParseLadder(ladder)
		if err != nil {
			t.Fatal(err)
		}
		shanghai, err := time.LoadLocation("Asia/Shanghai")
		if err != nil {
			t.Fatal(err)
		}
		s := &season{T: t, qianfan: &qianfantest.Server{}, ledger: "sqlite://" + filepath.Join(folder, "ledger.db"), stop: func() {}}
		s.settings = plan.Settings{
			Channel: channel, Services: []plan.Service{{ID: "svco-one", Label: "Chat prod"}}, Before: steps,
			CheckEvery: 10 * time.Minute, Lease: 45 * time.Second, DigestCron: "0 9 * * *", Zone: shanghai, AllClear: plan.AllClearWeekly,
		}
		s.slack, err = slacksim.New(slacksim.Config{Manifest: manifest, URL: "http://slack.test"})
		if err != nil {
			t.Fatal(err)
		}
		l := memnet.Listen()
		server := &http.Server{Handler: s.slack}
		var serving sync.WaitGroup
		serving.Go(func() { server.Serve(l) })
		s.dial = func() *announce.Announcer {
			return &announce.Announcer{BotToken: "xoxb-simulated", APIURL: "http://slack.test/api/", Dial: l.DialContext}
		}
		s.units = s.qianfan.Client()
		defer func() {
			s.stop()
			s.units.Close()
			s.qianfan.Close()
			s.slack.Close()
			server.Close()
			serving.Wait()
		}()
		story(s)
	})
}

func (s *season) logger() *slog.Logger { return slog.New(slog.NewTextHandler(&s.log, nil)) }

// run begins a life of the notifier; s.stop ends it.
func (s *season) run() {
	s.Helper()
	ledger, err := ledger.Open(s.Context(), s.ledger)
	if err != nil {
		s.Fatal(err)
	}
	announcer := s.dial()
	n := &notify.Notifier{Units: s.units, Sender: announcer, Ledger: ledger, Settings: s.settings, Logger: s.logger(), Now: func() time.Time {
		s.mu.Lock()
		defer s.mu.Unlock()
		return time.Now().Add(s.skew)
	}}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- n.Run(ctx) }()
	s.stop = func() {
		s.stop = func() {}
		cancel()
		if err := <-ended; err != nil {
			s.Error(err)
		}
		announcer.Close()
		if err := ledger.Close(); err != nil {
			s.Error(err)
		}
	}
}

// set steps the notifier's clock to so much ahead of the world's.
func (s *season) set(skew time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.skew = skew
}

// said are the messages of a kind in the channel, of those that mention
// something ("": all), with the moment they were posted at.
func (s *season) said(kind, mention string) (messages []slacksim.Message, at []time.Time) {
	for _, m := range s.slack.History(channel, "U0ALICE") {
		if kindOf(m) == kind && strings.Contains(m.Text+string(m.Blocks), mention) {
			messages = append(messages, m)
			at = append(at, posted(s, m))
		}
	}
	return messages, at
}

// posted is when Slack took a message.
func posted(s *season, m slacksim.Message) time.Time {
	s.Helper()
	seconds, _, _ := strings.Cut(m.TS, ".")
	at, err := time.ParseDuration(seconds + "s")
	if err != nil {
		s.Fatal(err)
	}
	return time.Unix(0, int64(at)).UTC()
}

// steps expects that the channel was told of an instance once at each of these
// moments, within a minute and a half, and at no other.
func (s *season) steps(id string, moments ...time.Time) {
	s.Helper()
	_, at := s.said("expiry", id)
	if len(at) != len(moments) {
		s.Errorf("of %s the channel was told at %v, and should have been at %v", id, at, moments)
		return
	}
	for i, want := range moments {
		if late := at[i].Sub(want); late < 0 || late > 90*time.Second {
			s.Errorf("of %s the channel was told at %v, and should have been at %v", id, at[i], want)
		}
	}
}

// crossed are the moments from..until at which an expiry crosses a step.
func (s *season) crossed(expires, from, until time.Time) (moments []time.Time) {
	for _, step := range s.settings.Before {
		if at := expires.Add(-step); at.After(from) && at.Before(until) {
			moments = append(moments, at)
		}
	}
	return slices.Clip(moments)
}

// daily expects one digest each local day from a day to another, both included,
// at the hour it should come.
func (s *season) daily(zone *time.Location, first time.Time, days int) {
	s.Helper()
	_, at := s.said("digest", "")
	if len(at) != days {
		s.Errorf("%d digests in %d days: %v", len(at), days, at)
		return
	}
	for i := range days {
		local := first.In(zone)
		want := time.Date(local.Year(), local.Month(), local.Day()+i, 9, 0, 0, 0, zone)
		if late := at[i].Sub(want); late < 0 || late > 90*time.Second {
			s.Errorf("the digest came at %v, and should have at %v", at[i].In(zone), want)
		}
	}
}

// until lets time pass up to a moment.
func until(at time.Time) { time.Sleep(time.Until(at)) }

// lateStep is the moment of the first pass, if an expiry has crossed a step by then.
func (s *season) lateStep(expires, begin time.Time) (time.Time, bool) {
	return begin, !expires.Add(-s.settings.Before[0]).After(begin)
}

// content fails when the notifier did anything that Slack minds.
func (s *season) content() {
	s.Helper()
	for _, c := range s.slack.Complaints() {
		s.Errorf("Slack complains: %s", c)
	}
}

// patient fails when a method was called again before Slack's Retry-After.
func (s *season) patient(wait time.Duration) {
	s.Helper()
	last := map[string]slacksim.Call{}
	for _, c := range s.slack.Calls("") {
		before, again := last[c.Method]
		if again && before.Status == http.StatusTooManyRequests && c.Time.Sub(before.Time) < wait {
			s.Errorf("%s was called %v after Slack asked for %v", c.Method, c.Time.Sub(before.Time), wait)
		}
		last[c.Method] = c
	}
}

func serviceNamed(id string) plan.Service { return plan.Service{ID: id} }
