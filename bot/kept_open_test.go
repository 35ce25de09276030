package bot_test

import (
	"bytes"
	"context"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"computeunits/bot/slacksim"
	"computeunits/qianfan/qianfantest"
)

// Each kind of form stays open, with what was chosen and typed, when nobody can
// take it: with the reason at its first field, or above it where it has none.
func TestEveryKindOfFormStaysOpenWhenNobodyCanTakeIt(t *testing.T) {
	for kind, form := range map[string]struct {
		open func(*world) slacksim.View
		fill [][]string // each a field and what is put in
	}{
		"settings": {func(w *world) slacksim.View {
			w.presses(alice, w.asksIn(alice, gpu, lookup), "Watch…")
			return w.modal(alice, "is not watched yet")
		}, [][]string{{"label/value", "Typed"}}},
		"choosing": {func(w *world) slacksim.View {
			w.presses(alice, w.reminded(alice, "cu-2"), "Choose instances…")
			return w.modal(alice, "Which instances")
		}, [][]string{{"which/value", "cu-2 · Wed 5 Jan"}, {"what/value", "Acknowledge"}}},
		"no fields": {func(w *world) slacksim.View {
			w.converse(says{alice, `watch ` + service + ` "Other"`, []string{"Now watching"}})
			home := w.opensHome(alice, "Other")
			w.presses(alice, home, w.menuOf(home, "Other"), "Stop watching…")
			return w.modal(alice, "Shall I stop watching")
		}, nil},
	} {
		for name, c := range map[string]struct {
			hinder func(*world)
			why    string
		}{
			"busy":     {(*world).busy, "I am busy: 256 questions are ahead of yours. Nothing is lost"},
			"stopping": {func(w *world) { w.busy(); w.stop(); time.Sleep(time.Second) }, "just being restarted. Nothing is lost"},
		} {
			t.Run(kind+" "+name, func(t *testing.T) {
				inAWorld(t, both(expiring("svco-chat", 5*day, "cu-1", "cu-2"), watching("en", "svco-chat")), func(w *world) {
					time.Sleep(30 * time.Second)
					stood := form.open(w)
					for _, f := range form.fill {
						if err := w.slack.Fill(alice, stood, f[0], f[1]); err != nil {
							t.Fatal(err)
						}
					}
					w.qianfan.Inject(qianfantest.Fault{Delay: time.Hour})
					c.hinder(w)
					if err := w.slack.Submit(alice, stood).Acked(w.Context()); err != nil {
						t.Fatalf("she sees %v", err)
					}
					now, open := w.slack.Modal(alice)
					if !open || !strings.Contains(now.Plain(), c.why) {
						t.Fatalf("open: %v, and it says\n%s", open, now.Plain())
					}
					for _, f := range form.fill {
						if !strings.Contains(now.Plain(), f[1]) {
							t.Errorf("%s is gone:\n%s", f[1], now.Plain())
						}
					}
					if form.fill == nil { // the reason stands in a view above it
						w.slack.Cancel(alice, now)
						now, open = w.slack.Modal(alice)
					}
					if !open || now.ID != stood.ID {
						t.Errorf("open: %v, and it is another\n%s", open, now.Plain())
					}
					w.content()
				})
			})
		}
	}
}

// A garbler is a network on which some of what Slack sends arrives as something else,
// of the same length.
type garbler struct {
	net.Conn
	broken *atomic.Bool
}

func (g garbler) Read(p []byte) (int, error) {
	n, err := g.Conn.Read(p)
	if !g.broken.Load() {
		return n, err
	}
	for was, is := range map[string]string{
		`"enterprise":null`: `"enterprise":"E1"`, `"is_enterprise_install":"false"`: `"is_enterprise_install":[1,2,3]`,
	} {
		copy(p, bytes.ReplaceAll(p[:n], []byte(was), []byte(is)))
	}
	return n, err
}

// garbled has Slack send payloads in a form that no version knows, while broken.
func garbled(broken *atomic.Bool) func(*world) {
	return func(w *world) {
		dial := w.bot.Dial
		w.bot.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := dial(ctx, network, address)
			if err != nil {
				return nil, err
			}
			return garbler{conn, broken}, nil
		}
	}
}

// Who typed what arrives in a form that this version cannot read is told so: a
// command in its acknowledgement, a form at its field.
func TestWhatCannotBeReadIsToldToWhoTypedIt(t *testing.T) {
	for who, c := range map[string]struct{ open, form, broken string }{
		alice: {"Watch a service…", "Its ID begins with svco-", "Something went wrong on my side"},
		mei:   {"关注服务…", "svco- 开头", "我在回答时出错了"},
	} {
		t.Run(who, func(t *testing.T) {
			var broken atomic.Bool
			prepare := both(expiring("svco-chat", 5*day, "cu-1"), watching("en", "svco-chat"))
			inAWorld(t, both(prepare, garbled(&broken)), func(w *world) {
				time.Sleep(30 * time.Second)
				w.presses(who, w.opensHome(who, "cu-1"), c.open)
				form := w.modal(who, c.form)
				broken.Store(true)
				if err := w.submits(who, form, map[string][]string{"service/value": {service}}).Acked(w.Context()); err != nil {
					t.Fatal(err)
				}
				now, open := w.slack.Modal(who)
				if !open || now.ID != form.ID || !strings.Contains(now.Plain(), c.broken) || !strings.Contains(now.Plain(), service) {
					t.Fatalf("the form is open: %v; it says\n%s", open, now.Plain())
				}
				w.logged(now.Plain())
				typed := w.slack.Slash(who, general, lookup)
				ctx, cancel := context.WithTimeout(w.Context(), time.Minute)
				defer cancel()
				answer, err := typed.Reply(ctx)
				if err != nil {
					t.Fatal(err)
				}
				w.sees(answer, c.broken, typed.EnvelopeID())
				w.logged(answer.Plain())
				w.content()
			})
		})
	}
}
