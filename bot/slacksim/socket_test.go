package slacksim_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack/socketmode"

	"computeunits/bot/slacksim"
)

// number is a number in a frame.
func number(t *testing.T, v any) int64 {
	t.Helper()
	n, _ := v.(json.Number)
	i, err := n.Int64()
	if err != nil {
		t.Fatalf("%v is not a number", v)
	}
	return i
}

func TestHello(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		link := w.open()
		if !strings.HasPrefix(link, "ws://slack.test/link/?ticket=") || !strings.HasSuffix(link, "&app_id=A0COMPUTE") {
			t.Errorf("the URL to dial is %s", link)
		}
		w.connect()
		hello := w.dial(link).read()
		info, debug := hello["connection_info"].(map[string]any), hello["debug_info"].(map[string]any)
		if hello["type"] != "hello" || info["app_id"] != "A0COMPUTE" || number(t, hello["num_connections"]) != 2 {
			t.Errorf("hello is %v", hello)
		}
		if debug["host"] == "" || number(t, debug["approximate_connection_time"]) != 3600 {
			t.Errorf("debug_info is %v", debug)
		}
		if w.Connections() != 2 {
			t.Errorf("%d connections", w.Connections())
		}
	})
}

func TestTicketIsForOneDialSoon(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		used, old := w.open(), w.open()
		w.dial(used)
		time.Sleep(31 * time.Second)
		for name, link := range map[string]string{"used": used, "old": old, "invented": "ws://slack.test/link/?ticket=x"} {
			_, resp, err := w.dialer().DialContext(t.Context(), link, nil)
			if err == nil || resp == nil || resp.StatusCode != http.StatusForbidden {
				t.Errorf("the %s ticket: %v, %v", name, resp, err)
			}
		}
	})
}

func TestOnlySDKsDial(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		for origin, welcome := range map[string]bool{
			"": true, "https://api.slack.com": true, "https://evil.test": false, "http://slack.test": false,
		} {
			header := http.Header{}
			if origin != "" {
				header.Set("Origin", origin)
			}
			conn, resp, err := w.dialer().DialContext(t.Context(), w.open(), header)
			if (err == nil) != welcome {
				t.Errorf("origin %q: %v", origin, err)
			}
			if err == nil {
				conn.Close()
			} else if resp.StatusCode != http.StatusForbidden {
				t.Errorf("origin %q: status %d", origin, resp.StatusCode)
			}
		}
	})
}

func TestCompressionIsDeclined(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		_, resp, err := w.dialer().DialContext(t.Context(), w.open(), nil)
		ok(t, err)
		if ext := resp.Header.Get("Sec-WebSocket-Extensions"); ext != "" {
			t.Errorf("the server agreed to %q", ext)
		}
	})
}

func TestOtherHostsAreRefused(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		for host, status := range map[string]int{
			"slack.test": 200, "SLACK.test": 200, "localhost:80": 200, "127.0.0.1:80": 200, "[::1]:80": 200,
			"evil.test": 421, "127.0.0.1.evil.test": 421,
		} {
			req, err := http.NewRequestWithContext(t.Context(), "POST", address+"/api/auth.test", nil)
			ok(t, err)
			req.Host = host
			if a := w.do(req); a.Status != status {
				t.Errorf("host %s: status %d, not %d", host, a.Status, status)
			}
		}
	})
}

func TestPings(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		app := w.connect()
		var pings, pongs atomic.Int32
		app.SetPingHandler(func(text string) error {
			pings.Add(1)
			return app.WriteControl(websocket.PongMessage, []byte(text), time.Now().Add(time.Second))
		})
		app.SetPongHandler(func(text string) error {
			if text != "are you there" {
				t.Errorf("pong carries %q", text)
			}
			pongs.Add(1)
			return nil
		})
		go app.read()
		ok(t, app.WriteControl(websocket.PingMessage, []byte("are you there"), time.Now().Add(time.Second)))
		time.Sleep(time.Minute + time.Second)
		if pings.Load() != 12 || pongs.Load() != 1 {
			t.Errorf("%d pings and %d pongs in a minute, not 12 and 1", pings.Load(), pongs.Load())
		}
	})
}

func TestEachEnvelopeGoesToOneConnection(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		const apps, commands = 4, 80
		var got [apps]atomic.Int32
		first := w.connect()
		for i := range apps {
			app := first
			if i > 0 {
				app = w.connect()
			}
			go func() {
				for frame := app.read(); frame != nil; frame = app.read() {
					got[i].Add(1)
					first.ack(frame) // any connection may acknowledge
				}
			}()
		}
		for range commands {
			ok(t, w.Slash("U0ALICE", "C0GPU", "/computeunits").Acked(t.Context()))
		}
		sum := int32(0)
		for i := range got {
			n := got[i].Load()
			sum += n
			if n < commands/apps/3 {
				t.Errorf("connection %d got only %d of %d commands", i, n, commands)
			}
		}
		if sum != commands {
			t.Errorf("%d deliveries of %d commands", sum, commands)
		}
		w.uncomplaining()
	})
}

func TestTenConnectionsAtMost(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		for range 10 {
			w.connect()
		}
		eleventh := w.dial(w.open())
		frame := eleventh.read()
		if frame["type"] != "disconnect" || frame["reason"] != "too_many_websockets" {
			t.Errorf("the eleventh connection reads %v", frame)
		}
		if next := eleventh.read(); next != nil {
			t.Errorf("and then %v", next)
		}
		if w.Connections() != 10 {
			t.Errorf("%d connections", w.Connections())
		}
	})
}

func TestLifeOfASocket(t *testing.T) {
	for _, c := range []struct {
		name                 string
		life, warned, closed time.Duration
		query                string
	}{
		{name: "an hour", warned: 59*time.Minute + 50*time.Second, closed: time.Hour},
		{name: "a configured while", life: time.Minute, warned: 50 * time.Second, closed: time.Minute},
		{name: "very short", life: 4 * time.Second, warned: 2 * time.Second, closed: 4 * time.Second},
		{name: "debug_reconnects", query: "&debug_reconnects=true", warned: 350 * time.Second, closed: 6 * time.Minute},
	} {
		t.Run(c.name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				began := time.Now()
				app := w.dial(w.open() + c.query)
				app.read()
				if f := app.read(); f["reason"] != "warning" || time.Since(began) != c.warned {
					t.Errorf("after %s: %v", time.Since(began), f)
				}
				// Slack still delivers on a socket that was warned.
				inv := w.Slash("U0ALICE", "C0GPU", "/computeunits")
				app.ack(app.read())
				ok(t, inv.Acked(t.Context()))
				if f := app.read(); f["reason"] != "refresh_requested" || time.Since(began) != c.closed {
					t.Errorf("after %s: %v", time.Since(began), f)
				}
				if _, _, err := app.ReadMessage(); !websocket.IsCloseError(err, websocket.CloseNormalClosure) {
					t.Errorf("at the end: %v", err)
				}
				if w.Connections() != 0 {
					t.Errorf("%d connections", w.Connections())
				}
			}, func(cfg *slacksim.Config) { cfg.Lifetime = c.life })
		})
	}
}

func TestDisconnect(t *testing.T) {
	for _, reason := range []string{"warning", "refresh_requested", "link_disabled", "too_many_websockets"} {
		t.Run(reason, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				app := w.connect()
				began := time.Now()
				w.Disconnect(reason)
				if f := app.read(); f["type"] != "disconnect" || f["reason"] != reason {
					t.Errorf("the app reads %v", f)
				}
				if reason == "warning" {
					if f := app.read(); f["reason"] != "refresh_requested" || time.Since(began) != 10*time.Second {
						t.Errorf("after %s: %v", time.Since(began), f)
					}
				}
				if _, _, err := app.ReadMessage(); !websocket.IsCloseError(err, websocket.CloseNormalClosure) {
					t.Errorf("at the end: %v", err)
				}
				if err := w.Slash("U0ALICE", "C0GPU", "/computeunits").Acked(t.Context()); failure(err) != "dispatch_failed" {
					t.Errorf("a command afterwards: %v", err)
				}
				w.connect()
			})
		})
	}
}

func TestClientThatDoesNotAnswerTheCloseFrameIsCut(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		app := w.connect()
		app.SetCloseHandler(func(int, string) error { return nil })
		w.Disconnect("refresh_requested")
		app.read()
		began := time.Now()
		w.Close()
		if took := time.Since(began); took > time.Second {
			t.Errorf("Close took %s", took)
		}
	})
}

func TestSocketModeTurnedOff(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		app := w.connect()
		if f := app.read(); f["reason"] != "link_disabled" {
			t.Errorf("the app reads %v", f)
		}
	}, without("socket_mode_enabled"))
}

func TestSever(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		app := w.connect()
		inv := w.Slash("U0ALICE", "C0GPU", "/computeunits")
		app.read()
		w.Sever()
		if _, _, err := app.ReadMessage(); !websocket.IsCloseError(err, websocket.CloseAbnormalClosure) {
			t.Errorf("the app's read ends with %v", err)
		}
		if w.Connections() != 0 {
			t.Errorf("%d connections", w.Connections())
		}
		if err := inv.Acked(t.Context()); failure(err) != "operation_timeout" {
			t.Errorf("the command under way: %v", err)
		}
		w.uncomplaining() // not the app's fault
	})
}

func TestLateAcknowledgementOnTheNewSocketCounts(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		app := w.connect()
		inv := w.Slash("U0ALICE", "C0GPU", "/computeunits")
		frame := app.read()
		w.Sever()
		time.Sleep(time.Second)
		w.connect().ack(frame)
		ok(t, inv.Acked(t.Context()))
		w.uncomplaining()
	})
}

func TestGhosts(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		dead := w.connect()
		w.Ghost()
		if err := w.Slash("U0ALICE", "C0GPU", "/computeunits").Acked(t.Context()); failure(err) != "operation_timeout" {
			t.Errorf("a command to a ghost: %v", err)
		}
		dead.Close() // the client gives up; Slack does not notice
		alive := w.dial(w.open())
		if n := number(t, alive.read()["num_connections"]); n != 2 {
			t.Errorf("hello counts %d connections", n)
		}
		go func() {
			for frame := alive.read(); frame != nil; frame = alive.read() {
				if frame["type"] == "slash_commands" {
					alive.ack(frame)
				}
			}
		}()
		lost := 0
		for range 40 {
			if w.Slash("U0ALICE", "C0GPU", "/computeunits").Acked(t.Context()) != nil {
				lost++
			}
		}
		if lost < 10 || lost > 30 {
			t.Errorf("%d of 40 commands vanished, not about half", lost)
		}
		w.uncomplaining()
		time.Sleep(time.Hour)
		if w.Connections() != 0 {
			t.Errorf("%d connections after the ghost's life", w.Connections())
		}
	})
}

func TestTenGhostsShutEverybodyOut(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		for range 10 {
			w.connect()
		}
		w.Ghost()
		w.Sever()
		if w.Connections() != 10 {
			t.Fatalf("%d connections", w.Connections())
		}
		if f := w.dial(w.open()).read(); f["reason"] != "too_many_websockets" {
			t.Errorf("the next connection reads %v", f)
		}
		w.Disconnect("refresh_requested")
		if w.Connections() != 0 {
			t.Errorf("%d connections after Disconnect", w.Connections())
		}
		w.connect()
	})
}

func TestGhostSendsNoPings(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		app := w.connect()
		w.Ghost()
		app.SetPingHandler(func(string) error { t.Error("a ping from a ghost"); return nil })
		ok(t, app.SetReadDeadline(time.Now().Add(time.Minute)))
		if f := app.read(); f != nil {
			t.Errorf("a frame from a ghost: %v", f)
		}
	})
}

func TestServiceDown(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		app := w.connect()
		w.Ghost()
		second := w.connect()
		w.Down(true)
		if app.read() != nil || second.read() != nil {
			t.Error("a socket survived")
		}
		if _, err := w.slack().AuthTestContext(t.Context()); err == nil {
			t.Error("a request got through")
		}
		if w.Connections() != 0 {
			t.Errorf("%d connections", w.Connections())
		}
		w.Down(false)
		w.connect()
	})
}

func TestServiceGoesDownWhileARequestIsUnderWay(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.Inject(slacksim.Fault{Method: "auth.test", Delay: 2 * time.Second})
		time.AfterFunc(time.Second, func() { w.Down(true) })
		if _, err := w.slack().AuthTestContext(t.Context()); err == nil {
			t.Error("the answer got through")
		}
	})
}

func TestFramesThatMakeNoSense(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		if err := w.SendRaw(json.RawMessage(`{}`)); err == nil {
			t.Error("a frame was sent without a socket")
		}
		bad := make(chan socketmode.Event, 1)
		w.bot(func(_ context.Context, _ *socketmode.Client, ev socketmode.Event) {
			if ev.Type == socketmode.EventTypeErrorBadMessage {
				bad <- ev
			}
		})
		ok(t, w.SendRaw(json.RawMessage(`{"type":"surprise","envelope_id":"1"}`)))
		if ev := <-bad; !strings.Contains(fmt.Sprint(ev.Data.(*socketmode.ErrorBadMessage).Cause), "surprise") {
			t.Errorf("the bot reads %+v", ev.Data)
		}
	})
}

// slack-go leaves at the first disconnect frame, drops a silent connection
// after 30 seconds, and comes back each time.
func TestRealClientReconnects(t *testing.T) {
	trouble := map[string]func(*world){
		"warning": func(w *world) { w.Disconnect("warning") },
		"refresh": func(w *world) { w.Disconnect("refresh_requested") },
		"severed": func(w *world) { w.Sever() },
		"ghost":   func(w *world) { w.Ghost() },
		"down":    func(w *world) { w.Down(true); time.AfterFunc(20*time.Second, func() { w.Down(false) }) },
		"hello": func(w *world) {
			w.Inject(slacksim.Fault{Method: "hello", Times: 2, Error: "refresh_requested"})
			w.Sever()
		},
	}
	for name, strike := range trouble {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				w.bot(func(ctx context.Context, c *socketmode.Client, ev socketmode.Event) {
					if ev.Type == socketmode.EventTypeSlashCommand {
						c.AckCtx(ctx, ev.Request.EnvelopeID, nil)
					}
				})
				ok(t, w.Slash("U0ALICE", "C0GPU", "/computeunits").Acked(t.Context()))
				strike(w)
				time.Sleep(2 * time.Minute)
				answered := false
				for range 10 { // a ghost may get some
					answered = answered || w.Slash("U0ALICE", "C0GPU", "/computeunits").Acked(t.Context()) == nil
				}
				if !answered {
					t.Error("the bot did not come back")
				}
			})
		})
	}
}

func TestHelloThenDisconnect(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.Inject(slacksim.Fault{Method: "hello", Times: 1, Error: "link_disabled"})
		app := w.connect()
		if f := app.read(); f["reason"] != "link_disabled" {
			t.Errorf("after hello: %v", f)
		}
		if app.read() != nil {
			t.Error("the socket is still open")
		}
		synctest.Wait()
		if w.Connections() != 0 {
			t.Errorf("%d connections", w.Connections())
		}
	})
}

func TestDialRefused(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		link := w.open()
		w.Inject(slacksim.Fault{Method: "link", Times: 1, Status: 503})
		w.Inject(slacksim.Fault{Method: "link", Times: 1, Drop: true})
		if _, resp, err := w.dialer().DialContext(t.Context(), link, nil); err == nil || resp.StatusCode != 503 {
			t.Errorf("first dial: %v", err)
		}
		if _, _, err := w.dialer().DialContext(t.Context(), link, nil); err == nil {
			t.Error("the second dial succeeded")
		}
		w.dial(link) // a refused dial does not use the ticket
		var outcomes []int
		for _, c := range w.Calls("link") {
			outcomes = append(outcomes, c.Status)
		}
		if fmt.Sprint(outcomes) != "[503 0 101]" {
			t.Errorf("recorded %v", outcomes)
		}
	})
}

func TestHotReconnectingMeetsTheRateLimit(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.Inject(slacksim.Fault{Method: "hello", Error: "refresh_requested"})
		client := socketmode.New(w.slack(), socketmode.OptionDialer(w.dialer()))
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
		defer cancel()
		go func() {
			for range client.Events {
			}
		}()
		defer close(client.Events)
		client.RunContext(ctx)
		limited := 0
		for _, c := range w.Calls("apps.connections.open") {
			if c.Status == http.StatusTooManyRequests {
				limited++
			}
		}
		if opened := len(w.Calls("link")); opened < 25 || opened > 31 || limited == 0 {
			t.Errorf("%d dials in ten minutes and %d refusals; 20 and one a minute are allowed", opened, limited)
		}
	})
}

func TestCloseEndsSocketsWithACloseFrame(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		app := w.connect()
		ended := make(chan error)
		go func() { _, _, err := app.ReadMessage(); ended <- err }()
		w.Close()
		if err := <-ended; !websocket.IsCloseError(err, websocket.CloseNormalClosure) {
			t.Errorf("the app's read ends with %v", err)
		}
		w.Close() // twice is no error
		if _, err := w.slack().AuthTestContext(t.Context()); err == nil {
			t.Error("a request got through")
		}
	})
}

func TestSlowClientDoesNotHoldAnybodyUp(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		app := w.connect() // and never reads again
		for range 300 {
			w.Slash("U0ALICE", "C0GPU", "/computeunits "+strings.Repeat("x", 3000))
		}
		if a := w.call("auth.test", botAuth, nil); a.Status != 200 {
			t.Errorf("auth.test: %s", a.Raw)
		}
		time.Sleep(15 * time.Second) // a frame that cannot leave for ten seconds ends the connection
		if w.Connections() != 0 {
			t.Error("the stuck connection is still there")
		}
		_ = app
	}, unlimited)
}
