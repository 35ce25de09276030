package bot_test

import (
	"context"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"computeunits/bot"
	"computeunits/bot/slacksim"
)

func TestATokenThatNoRetryHealsEndsTheProcess(t *testing.T) {
	for name, c := range map[string]struct {
		prepare func(*world)
		wants   []string
	}{
		"unknown bot token":       {func(w *world) { w.bot.BotToken = "xoxb-somebody-elses" }, []string{"SLACK_BOT_TOKEN", "commands", "invalid_auth"}},
		"unknown app token":       {func(w *world) { w.bot.AppToken = "xapp-somebody-elses" }, []string{"SLACK_APP_TOKEN", "connections:write", "invalid_auth"}},
		"bot token for app token": {func(w *world) { w.bot.AppToken = "xoxb-simulated" }, []string{"SLACK_APP_TOKEN", "wrong kind", "connections:write"}},
		"app token lacks a scope": {func(w *world) {
			w.slack.Inject(slacksim.Fault{Method: "apps.connections.open", Body: `{"ok":false,"error":"missing_scope","needed":"connections:write","provided":"authorizations:read"}`})
		}, []string{"SLACK_APP_TOKEN", "lacks a scope", "connections:write"}},
		"revoked": {func(w *world) {
			w.slack.Inject(slacksim.Fault{Method: "auth.test", Error: "token_revoked"})
		}, []string{"SLACK_BOT_TOKEN", "no longer valid"}},
		"workspace gone": {func(w *world) {
			w.slack.Inject(slacksim.Fault{Method: "apps.connections.open", Error: "team_disabled"})
		}, []string{"SLACK_APP_TOKEN", "not active"}},
	} {
		t.Run(name, func(t *testing.T) {
			inAWorld(t, c.prepare, func(w *world) {
				select {
				case <-w.ended:
				case <-time.After(time.Hour):
					t.Fatalf("still running after an hour:\n%s", w.log)
				}
				for _, want := range c.wants {
					if w.err == nil || !strings.Contains(w.err.Error(), want) {
						t.Errorf("ended with %v, which does not say %q", w.err, want)
					}
				}
				if w.err != nil && strings.Contains(w.err.Error(), "somebody-elses") {
					t.Errorf("the error holds the token: %v", w.err)
				}
			})
		})
	}
}

func TestEachScopeThatIsMissingIsNamedWithWhatIsLost(t *testing.T) {
	declining := func(scopes ...string) func(*world) {
		return func(w *world) {
			manifest, err := os.ReadFile("../manifest.yml")
			if err != nil {
				w.Fatal(err)
			}
			w.slack.Close()
			if w.slack, err = slacksim.New(slacksim.Config{Manifest: manifest, URL: "http://slack.test", Declined: scopes}); err != nil {
				w.Fatal(err)
			}
			w.bot.Dial = serve(w, w.slack)
		}
	}
	const lacks = "lacks an optional scope"
	inAWorld(t, declining(), func(w *world) {
		if strings.Count(w.log.String(), lacks) != 0 {
			t.Errorf("nothing is missing:\n%s", w.log)
		}
	})
	inAWorld(t, declining(bot.OptionalScopes()...), func(w *world) {
		if n := strings.Count(w.log.String(), lacks); n != len(bot.OptionalScopes()) {
			t.Errorf("%d scopes are named:\n%s", n, w.log)
		}
		for _, want := range []string{
			`scope=channels:history lost="a message whose answer was lost cannot be looked for in public channels`, `scope=channels:read lost="`,
			"scope=groups:history", "scope=groups:read", "scope=usergroups:read", `scope=users:read lost="people's languages`,
		} {
			if !strings.Contains(w.log.String(), want) {
				t.Errorf("nothing says %s in:\n%s", want, w.log)
			}
		}
	})
}

func TestAPassingFaultOfTheConnectionIsSurvived(t *testing.T) {
	for name, fault := range map[string]slacksim.Fault{
		"busy":            {Method: "apps.connections.open", Times: 3, Status: 503},
		"rate limited":    {Method: "apps.connections.open", Times: 2, RetryAfter: 90 * time.Second},
		"internal error":  {Method: "apps.connections.open", Times: 3, Error: "internal_error"},
		"not found":       {Method: "apps.connections.open", Times: 2, Status: 404},
		"dial refused":    {Method: "link", Times: 3, Drop: true},
		"unverifiable":    {Method: "auth.test", Times: 5, Status: 500},
		"nonsense":        {Method: "apps.connections.open", Times: 2, Body: "<html>"},
		"hangs":           {Method: "apps.connections.open", Times: 1, Delay: time.Hour},
		"hello, goodbye!": {Method: "hello", Times: 4, Error: "refresh_requested"},
	} {
		t.Run(name, func(t *testing.T) {
			inAWorld(t, func(w *world) { w.slack.Inject(fault) }, func(w *world) {
				time.Sleep(10 * time.Minute)
				w.sees(w.asks(lookup), "a0085162xxx9d19e58e")
				if n := w.opens(); n > 8 {
					t.Errorf("%d calls of apps.connections.open", n)
				}
				if fault.RetryAfter > 0 {
					calls := w.slack.Calls("apps.connections.open")
					for i := 1; i < 3 && i < len(calls); i++ {
						if gap := calls[i].Time.Sub(calls[i-1].Time); gap < fault.RetryAfter {
							t.Errorf("asked again after %v", gap)
						}
					}
				}
			})
		})
	}
}

// recycle lets Alice ask every half second for five minutes while something
// happens to the sockets, and returns how many of her questions were answered.
func recycle(w *world, happen func()) (asked, answered int) {
	w.Helper()
	var typed []*slacksim.Invocation
	var happening sync.WaitGroup
	for i := range 600 {
		if i == 60 {
			happening.Go(happen)
		}
		typed = append(typed, w.slack.Slash(alice, general, lookup))
		time.Sleep(500 * time.Millisecond)
	}
	happening.Wait()
	time.Sleep(time.Minute)
	for _, one := range typed {
		n := 0
		for {
			ctx, cancel := context.WithTimeout(w.Context(), time.Millisecond)
			_, err := one.Reply(ctx)
			cancel()
			if err != nil {
				break
			}
			n++
		}
		answered += min(n, 1)
		if n > 1 {
			w.Errorf("envelope %s was answered %d times", one.EnvelopeID(), n)
		}
	}
	for _, late := range typed[len(typed)-60:] {
		if err := late.Acked(w.Context()); err != nil {
			w.Errorf("the last half minute is not back to normal: %v", err)
		}
	}
	return len(typed), answered
}

func TestRecyclingTheSocketUnderSteadyCommands(t *testing.T) {
	for name, c := range map[string]struct {
		happen func(*slacksim.Workspace)
		lost   int // questions that may go unanswered
		opens  int
	}{
		"refresh":       {func(s *slacksim.Workspace) { s.Disconnect("refresh_requested") }, 2, 2},
		"warning":       {func(s *slacksim.Workspace) { s.Disconnect("warning") }, 2, 2},
		"link disabled": {func(s *slacksim.Workspace) { s.Disconnect("link_disabled") }, 2, 2},
		"abrupt close":  {func(s *slacksim.Workspace) { s.Sever() }, 2, 2},
		"gone a minute": {func(s *slacksim.Workspace) { s.Down(true); time.Sleep(time.Minute); s.Down(false) }, 120 + 80, 10},
		"hello, goodbye": {func(s *slacksim.Workspace) {
			s.Inject(slacksim.Fault{Method: "hello", Times: 5, Error: "refresh_requested"})
			s.Sever()
		}, 100, 8},
		"every second": {func(s *slacksim.Workspace) {
			for range 60 {
				s.Disconnect("refresh_requested")
				time.Sleep(time.Second)
			}
		}, 420, 12},
		"ghost": {func(s *slacksim.Workspace) { s.Ghost(); time.Sleep(time.Minute); s.Disconnect("refresh_requested") }, 180, 5},
	} {
		t.Run(name, func(t *testing.T) {
			inAWorld(t, nil, func(w *world) {
				asked, answered := recycle(w, func() { c.happen(w.slack) })
				if lost := asked - answered; lost > c.lost {
					t.Errorf("%d of %d questions were lost, at most %d may be", lost, asked, c.lost)
				}
				if n := w.opens(); n > c.opens {
					t.Errorf("%d calls of apps.connections.open, at most %d may be", n, c.opens)
				}
				t.Logf("%d asked, %d answered, %d calls of apps.connections.open", asked, answered, w.opens())
			})
		})
	}
}

func TestAnEndlessHelloGoodbyeIsPaced(t *testing.T) {
	inAWorld(t, func(w *world) { w.slack.Inject(slacksim.Fault{Method: "hello", Error: "refresh_requested"}) }, func(w *world) {
		time.Sleep(time.Hour)
		if n := w.opens(); n > 25 {
			t.Errorf("%d calls of apps.connections.open in an hour", n)
		}
		w.slack.Mend()
		time.Sleep(10 * time.Minute)
		w.sees(w.asks(lookup), "a0085162xxx9d19e58e")
	})
}

func TestALongLivedBotIsRecycledWithoutNotice(t *testing.T) {
	inAWorld(t, nil, func(w *world) {
		time.Sleep(24 * time.Hour) // Slack recycles a socket each hour
		w.sees(w.asks(lookup), "a0085162xxx9d19e58e")
		if n := w.opens(); n > 50 {
			t.Errorf("%d calls of apps.connections.open in a day", n)
		}
		w.content()
	})
}

func TestASecondConnectionIsReported(t *testing.T) {
	inAWorld(t, func(w *world) {}, func(w *world) {
		w.slack.Ghost()
		time.Sleep(2 * time.Minute) // no pings: slack-go dials anew
		if !strings.Contains(w.log.String(), "other connections of this app") {
			t.Errorf("the log does not say so: %s", w.log)
		}
	})
}
