package bot_test

import (
	"context"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"computeunits/bot/slacksim"
	"computeunits/notify/plan"
)

// A brittle log panics once when it is to write a certain message.
type brittle struct {
	slog.Handler
	at   string
	left *atomic.Int32
}

func (b brittle) Handle(ctx context.Context, r slog.Record) error {
	if r.Message == b.at && b.left.Add(-1) >= 0 {
		panic("the log is brittle")
	}
	return b.Handler.Handle(ctx, r)
}

func (b brittle) WithAttrs(attrs []slog.Attr) slog.Handler {
	return brittle{b.Handler.WithAttrs(attrs), b.at, b.left}
}

// breaks has the log of a world panic n times at a message.
func (w *world) breaks(at string, n int) *atomic.Int32 {
	left := new(atomic.Int32)
	left.Store(int32(n))
	w.bot.Logger = slog.New(brittle{slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}), at, left})
	return left
}

// Whatever breaks, in whichever goroutine of the bot, the process goes on, and
// the log has the stack and how many panics there were.
func TestAPanicAnywhereIsSurvived(t *testing.T) {
	for at, happen := range map[string]func(*world){
		"installed in Slack":             func(*world) {},
		"connected to Slack":             func(*world) {},
		"the socket broke; reconnecting": func(w *world) { w.slack.Sever() },
		"cannot connect to Slack; will go on trying": func(w *world) {
			w.slack.Inject(slacksim.Fault{Method: "apps.connections.open", Times: 3, Status: 503})
			w.slack.Sever()
		},
		"Slack asks to reconnect": func(w *world) { w.slack.Disconnect("warning") },
		"could not read a message of Slack's": func(w *world) {
			if err := w.slack.SendRaw([]byte(`{"type":"surprise","envelope_id":"e-1"}`)); err != nil {
				w.Fatal(err)
			}
		},
		"dropped an envelope that names nobody": func(w *world) {
			if err := w.slack.SendRaw([]byte(`{"type":"slash_commands","envelope_id":"e-1","payload":{}}`)); err != nil {
				w.Fatal(err)
			}
		},
		"answered": func(w *world) { w.asks(lookup) },
		"cannot tell who somebody is; will ask again in a minute": func(w *world) {
			w.slack.Inject(slacksim.Fault{Method: "users.info", Times: 1, Status: 503})
			w.asks(lookup)
		},
		"refreshed an App Home": func(w *world) {
			w.opensHome(alice)
			w.converse(says{bob, "watch " + service, []string{"Now watching"}})
			w.readsHome(alice, "Watched: 2 services")
		},
	} {
		t.Run(at, func(t *testing.T) {
			var left *atomic.Int32
			inAWorld(t, both(watching("en", "svco-chat"), func(w *world) { left = w.breaks(at, 1) }), func(w *world) {
				time.Sleep(2 * time.Minute)
				happen(w)
				time.Sleep(2 * time.Minute)
				if log := w.log.String(); left.Load() > 0 || !strings.Contains(log, "panics=1") || !strings.Contains(log, "goroutine") {
					t.Errorf("nothing broke, or the log does not have the stack:\n%s", log)
				}
				w.sees(w.asks(lookup), "a0085162xxx9d19e58e")
			})
		})
	}
}

// A picky log panics when it is told that it is about the Home of a person.
type picky struct {
	slog.Handler
	user   string
	broken *atomic.Bool
}

func (p picky) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 2 && attrs[0].Value.String() == p.user && attrs[1].Key == "origin" && p.broken.Load() {
		panic("no Home of " + p.user)
	}
	return picky{p.Handler.WithAttrs(attrs), p.user, p.broken}
}

// One Home that cannot be refreshed keeps no other, and is tried ever more rarely.
func TestAPanicOverOneHomeKeepsNotTheOthers(t *testing.T) {
	var broken atomic.Bool
	inAWorld(t, both(watching("en", "svco-chat"), func(w *world) {
		w.bot.Logger = slog.New(picky{slog.NewTextHandler(w.log, nil), alice, &broken})
	}), func(w *world) {
		time.Sleep(2 * time.Minute)
		w.opensHome(alice)
		w.opensHome(bob)
		broken.Store(true)
		w.converse(says{mei, "watch " + service, []string{"已开始关注"}})
		w.readsHome(bob, "Watched: 2 services")
		time.Sleep(10 * time.Minute)
		if n := strings.Count(w.log.String(), "panic while refreshing an App Home"); n == 0 || n > 10 {
			t.Errorf("tried %d times within ten minutes", n)
		}
		broken.Store(false)
		w.readsHome(alice, "Watched: 2 services")
		w.content()
	})
}

// What is asked of several services at once is answered but for the one that
// breaks.
func TestAPanicOverOneServiceKeepsNotTheOthers(t *testing.T) {
	inAWorld(t, both(expiring("svco-chat", 5*day, "cu-1"), func(w *world) {
		w.bot.Services = []plan.Service{{ID: "svco-chat"}, {ID: "svco-unknown"}}
		w.breaks("could not ask Qianfan", 1)
	}), func(w *world) {
		answer := w.asks("/computeunits expiring 30d")
		w.sees(answer, "cu-1", "svco-unknown")
		if !strings.Contains(w.log.String(), "panics=1") {
			t.Errorf("nothing broke:\n%s", w.log)
		}
	})
}

// A form whose reading breaks stays open; a command is answered.
func TestAPanicInTheReadLoopIsToldToThePerson(t *testing.T) {
	var broken atomic.Bool
	prepare := both(watching("en", "svco-chat"), func(w *world) {})
	inAWorld(t, prepare, func(w *world) {
		time.Sleep(30 * time.Second)
		w.presses(alice, w.opensHome(alice), "Watch a service…")
		form := w.modal(alice, "Its ID begins with svco-")
		if err := w.slack.Fill(alice, form, "service/value", service); err != nil {
			t.Fatal(err)
		}
		w.rest()
		w.bot.Notifier.Now = func() time.Time {
			if broken.Load() {
				panic("no clock")
			}
			return time.Now()
		}
		broken.Store(true)
		if err := w.slack.Submit(alice, form).Acked(w.Context()); err != nil {
			t.Fatalf("she sees %v", err)
		}
		now, open := w.slack.Modal(alice)
		if !open || now.ID != form.ID || !strings.Contains(now.Plain(), "Something went wrong on my side") || !strings.Contains(now.Plain(), service) {
			t.Errorf("she sees\n%s", now.Plain())
		}
		broken.Store(false)
		if !strings.Contains(w.log.String(), "panic while taking an envelope") {
			t.Errorf("the log says\n%s", w.log)
		}
		if err := w.slack.Submit(alice, form).Acked(w.Context()); err != nil {
			t.Fatal(err)
		}
		w.modal(alice, "Watch")
		w.content()
	})
}
