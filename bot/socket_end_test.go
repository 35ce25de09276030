package bot_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"computeunits/bot/slacksim"
	"computeunits/qianfan/qianfantest"
)

// A tap notes what is written on the connections of the sockets.
type tap struct {
	mu    sync.Mutex
	lines []*tapped
}

type tapped struct {
	net.Conn
	tap *tap
	// Guarded by tap.mu.
	link bool
	last []byte // of what was written
}

func (c *tapped) Write(p []byte) (int, error) {
	c.tap.mu.Lock()
	if bytes.HasPrefix(p, []byte("GET /link")) {
		c.link = true
	}
	c.last = bytes.Clone(p)
	c.tap.mu.Unlock()
	return c.Conn.Write(p)
}

// on has a world's sockets tapped.
func (t *tap) on(w *world) {
	dial := w.bot.Dial
	w.bot.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		t.mu.Lock()
		defer t.mu.Unlock()
		t.lines = append(t.lines, &tapped{Conn: conn, tap: t})
		return t.lines[len(t.lines)-1], nil
	}
}

// codes are the codes of the close frames with which the app ended its sockets;
// 0 where it sent none.
func (t *tap) codes() (all []uint16) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, c := range t.lines {
		if !c.link {
			continue
		}
		code := uint16(0)
		if f := c.last; len(f) == 8 && f[0] == 0x88 && f[1] == 0x82 { // final, close; masked, two bytes
			code = binary.BigEndian.Uint16([]byte{f[2] ^ f[6], f[3] ^ f[7]})
		}
		all = append(all, code)
	}
	return all
}

// A socket that ends by TCP alone stays registered with Slack, which goes on
// giving it its share of commands.
func TestASocketEndsWithACloseFrame(t *testing.T) {
	var taps tap
	inAWorld(t, taps.on, func(w *world) {
		time.Sleep(time.Minute)
		w.slack.Disconnect("warning")
		time.Sleep(time.Minute)
		begun := time.Now()
		w.stop()
		<-w.ended
		if took := time.Since(begun); took > 1100*time.Millisecond {
			t.Errorf("the close frame is waited for %v", took)
		}
		codes := taps.codes()
		if len(codes) != 2 || codes[0] != 1000 || codes[1] != 1000 {
			t.Errorf("the sockets were closed with %v", codes)
		}
		if n := w.slack.Connections(); n != 0 {
			t.Errorf("Slack still counts %d connections", n)
		}
		w.content()
	})
}

// A peer that does not answer the close frame is waited for one second.
func TestAGhostDoesNotKeepTheProcess(t *testing.T) {
	inAWorld(t, nil, func(w *world) {
		time.Sleep(time.Minute)
		w.slack.Ghost()
		begun := time.Now()
		w.stop()
		<-w.ended
		if took := time.Since(begun); took > 1100*time.Millisecond {
			t.Errorf("stopping took %v", took)
		}
	})
}

func TestWhySlackEndsASocketIsLogged(t *testing.T) {
	for reason, wants := range map[string][]string{
		"refresh_requested":   {"level=INFO", "reason=refresh_requested"},
		"warning":             {"level=INFO", "reason=warning"},
		"link_disabled":       {"level=ERROR", "Socket Mode was turned off", "https://api.slack.com/apps"},
		"too_many_websockets": {"level=WARN", "no further connection"},
	} {
		t.Run(reason, func(t *testing.T) {
			inAWorld(t, nil, func(w *world) {
				time.Sleep(2 * time.Minute)
				w.slack.Disconnect(reason)
				time.Sleep(time.Minute)
				line := ""
				for one := range strings.Lines(w.log.String()) {
					if strings.Contains(one, reason) {
						line = one
					}
				}
				for _, want := range wants {
					if !strings.Contains(line, want) {
						t.Errorf("the log does not say %q of it: %q", want, line)
					}
				}
				w.sees(w.asks(lookup), "a0085162xxx9d19e58e")
				w.content()
			})
		})
	}
}

func TestAMessageOfAnySizeTakesBoundedMemory(t *testing.T) {
	inAWorld(t, nil, func(w *world) {
		huge := append(bytes.Repeat([]byte(" "), 2<<20), `{"type":"slash_commands"}`...)
		if err := w.slack.SendRaw(huge); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Second)
		if !strings.Contains(w.log.String(), "more than 1048576 bytes") {
			t.Errorf("the log does not say so: %s", w.log)
		}
		w.sees(w.asks(lookup), "a0085162xxx9d19e58e")
	})
}

func TestAnEnvelopeWithoutAUserIsDropped(t *testing.T) {
	for name, envelope := range map[string]string{
		"a command":     `{"type":"slash_commands","envelope_id":"e-1","payload":{"command":"/computeunits","text":"help","channel_id":"C0GENERAL","trigger_id":"t.1"}}`,
		"a message":     `{"type":"events_api","envelope_id":"e-1","payload":{"type":"event_callback","team_id":"T1","event_id":"Ev1","event":{"type":"message","channel_type":"im","channel":"D1","text":"help","ts":"1.1"}}}`,
		"a mention":     `{"type":"events_api","envelope_id":"e-1","payload":{"type":"event_callback","team_id":"T1","event_id":"Ev1","event":{"type":"app_mention","channel":"C0GPU","text":"help","ts":"1.1"}}}`,
		"a Home":        `{"type":"events_api","envelope_id":"e-1","payload":{"type":"event_callback","team_id":"T1","event_id":"Ev1","event":{"type":"app_home_opened","tab":"home"}}}`,
		"a press":       `{"type":"interactive","envelope_id":"e-1","payload":{"type":"block_actions","trigger_id":"t.1","container":{"channel_id":"C0GPU","message_ts":"1.1"},"actions":[{"type":"button","action_id":"x","block_id":"b","value":"do=say&l=help&v=1"}]}}`,
		"a submission":  `{"type":"interactive","envelope_id":"e-1","payload":{"type":"view_submission","trigger_id":"t.1","view":{"id":"V1","callback_id":"home","private_metadata":"do=show&v=1"}}}`,
		"an empty user": `{"type":"interactive","envelope_id":"e-1","payload":{"type":"view_submission","user":{},"trigger_id":"t.1","view":{"id":"V1"}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			inAWorld(t, nil, func(w *world) {
				if err := w.slack.SendRaw([]byte(envelope)); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Minute)
				if !strings.Contains(w.log.String(), `level=WARN msg="dropped an envelope that names nobody"`) {
					t.Errorf("the log does not say so: %s", w.log)
				}
				for _, c := range w.slack.Calls("") {
					if c.Method != "auth.test" && c.Method != "apps.connections.open" && c.Method != "link" {
						t.Errorf("it led to %s %v", c.Method, c.Args)
					}
				}
			})
		})
	}
}

// busy takes every place, until the world ends.
func (w *world) busy() {
	w.Helper()
	synctest.Wait() // until nothing holds one
	for _, typed := range w.crowded(256) {
		if err := typed.Acked(w.Context()); err != nil {
			w.Fatal(err)
		}
	}
}

// What somebody typed into a form is not lost because nobody can work on it now.
func TestAFormThatNobodyCanTakeStaysOpen(t *testing.T) {
	for name, c := range map[string]struct {
		hinder func(*world)
		en, zh string
	}{
		"busy": {(*world).busy, "I am busy: 256 questions are ahead of yours. Nothing is lost", "已填写的内容不会丢失，请一分钟后"},
		"too many": {func(w *world) {
			synctest.Wait() // until nothing holds a place
			for _, who := range []string{alice, mei} {
				for range 8 {
					if err := w.slack.Slash(who, general, lookup).Acked(w.Context()); err != nil {
						w.Fatal(err)
					}
				}
			}
		}, "working on 8 questions of yours. Nothing is lost", "已填写的内容不会丢失，请等我答完"},
		"stopping": {func(w *world) { w.busy(); w.stop(); time.Sleep(time.Second) }, "just being restarted. Nothing is lost", "已填写的内容不会丢失，请稍后"},
	} {
		for _, who := range []string{alice, mei} {
			t.Run(name+" "+who, func(t *testing.T) {
				words := map[string][]string{
					alice: {"Watch a service…", "Its ID begins with svco-", c.en, "sure", "Stop watching"},
					mei:   {"关注服务…", "svco- 开头", c.zh, "确定", "取消关注"},
				}[who]
				inAWorld(t, both(expiring("svco-chat", 5*day, "cu-1"), watching("en", "svco-chat")), func(w *world) {
					time.Sleep(30 * time.Second)
					w.presses(who, w.opensHome(who, "cu-1"), words[0])
					form := w.modal(who, words[1])
					if err := w.slack.Fill(who, form, "service/value", service); err != nil {
						t.Fatal(err)
					}
					w.qianfan.Inject(qianfantest.Fault{Delay: time.Hour})
					c.hinder(w)
					if err := w.slack.Submit(who, form).Acked(w.Context()); err != nil {
						t.Fatalf("she sees %v", err)
					}
					now, open := w.slack.Modal(who)
					if !open || now.ID != form.ID {
						t.Fatalf("the form is closed; she sees %q", now.Plain())
					}
					if !strings.Contains(now.Plain(), words[2]) || !strings.Contains(now.Plain(), service) {
						t.Errorf("the form says\n%s", now.Plain())
					}
					w.content()
				})
			})
		}
	}
}

// Slack may ask twice for another connection.
func TestASecondGoodbyeOnOneSocketBreaksNothing(t *testing.T) {
	inAWorld(t, nil, func(w *world) {
		time.Sleep(2 * time.Minute)
		for range 2 {
			if err := w.slack.SendRaw([]byte(`{"type":"disconnect","reason":"warning"}`)); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Minute)
		if strings.Contains(w.log.String(), "panic") {
			t.Errorf("the log says: %s", w.log)
		}
		w.sees(w.asks(lookup), "a0085162xxx9d19e58e")
		w.content()
	})
}

// Where ten connections are open already, the next is not dialled at once.
func TestTooManyConnectionsAreWaitedFor(t *testing.T) {
	inAWorld(t, nil, func(w *world) {
		time.Sleep(2 * time.Minute)
		w.slack.Inject(slacksim.Fault{Method: "hello", Times: 1, Error: "too_many_websockets"})
		before := w.opens()
		w.slack.Sever()
		time.Sleep(2 * time.Second)
		if n := w.opens() - before; n != 1 {
			t.Errorf("dialled %d times within two seconds", n)
		}
		time.Sleep(time.Minute)
		w.sees(w.asks(lookup), "a0085162xxx9d19e58e")
	})
}

// A hole is a network that takes what is written and brings it nowhere.
type hole struct {
	net.Conn
	open *atomic.Bool
}

func (h hole) Write(p []byte) (int, error) {
	if h.open.Load() {
		return len(p), nil
	}
	return h.Conn.Write(p)
}

// The answer to a close frame that is lost on the way is waited for one second.
func TestALostCloseFrameDoesNotKeepTheProcess(t *testing.T) {
	var lost atomic.Bool
	inAWorld(t, func(w *world) {
		dial := w.bot.Dial
		w.bot.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := dial(ctx, network, address)
			if err != nil {
				return nil, err
			}
			return hole{conn, &lost}, nil
		}
	}, func(w *world) {
		time.Sleep(time.Minute)
		lost.Store(true)
		begun := time.Now()
		w.stop()
		<-w.ended
		if took := time.Since(begun); took > 1100*time.Millisecond {
			t.Errorf("stopping took %v", took)
		}
	})
}
