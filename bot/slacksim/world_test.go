package slacksim_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"computeunits/bot/slacksim"
	"computeunits/qianfan/qianfantest/memnet"
)

const (
	address = "http://slack.test"
	botAuth = "xoxb-simulated"
	appAuth = "xapp-simulated"
)

// world is a workspace, the network to it and a person's patience.
type world struct {
	*slacksim.Workspace
	t    *testing.T
	net  *memnet.Listener
	http *http.Client
}

// inWorld runs a story in a bubble of its own, where time flies.
func inWorld(t *testing.T, story func(*testing.T, *world), change ...func(*slacksim.Config)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { story(t, newWorld(t, change...)) })
}

// newWorld serves a workspace in memory. Everything ends with the test.
func newWorld(t *testing.T, change ...func(*slacksim.Config)) *world {
	t.Helper()
	cfg := slacksim.Config{Manifest: manifest(t), URL: address}
	for _, f := range change {
		f(&cfg)
	}
	w, err := slacksim.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	l := memnet.Listen()
	srv := &http.Server{Handler: w}
	var serving sync.WaitGroup
	serving.Go(func() { srv.Serve(l) })
	transport := &http.Transport{DialContext: l.DialContext}
	t.Cleanup(func() {
		w.Close()
		transport.CloseIdleConnections()
		srv.Close()
		serving.Wait()
	})
	return &world{Workspace: w, t: t, net: l, http: &http.Client{Transport: transport}}
}

func manifest(t testing.TB) []byte {
	t.Helper()
	text, err := os.ReadFile("testdata/manifest.yml")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// without returns a change of the manifest: the lines that contain a text are gone.
func without(text string) func(*slacksim.Config) {
	return func(cfg *slacksim.Config) {
		var kept []string
		for line := range strings.Lines(string(cfg.Manifest)) {
			if !strings.Contains(line, text) {
				kept = append(kept, line)
			}
		}
		cfg.Manifest = []byte(strings.Join(kept, ""))
	}
}

// granting returns a change of the manifest: further bot scopes.
func granting(scopes ...string) func(*slacksim.Config) {
	return func(cfg *slacksim.Config) {
		list := "    bot:\n      - " + strings.Join(scopes, "\n      - ")
		cfg.Manifest = []byte(strings.Replace(string(cfg.Manifest), "    bot:", list, 1))
	}
}

func unlimited(cfg *slacksim.Config) { cfg.Unlimited = true }

// slack is the real Web API client.
func (w *world) slack() *slack.Client {
	return slack.New(botAuth, slack.OptionAppLevelToken(appAuth), slack.OptionAPIURL(address+"/api/"), slack.OptionHTTPClient(w.http))
}

// call makes a form call by hand and returns the decoded answer.
func (w *world) call(method, token string, args url.Values) answer {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), "POST", address+"/api/"+method, strings.NewReader(args.Encode()))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	return w.do(req)
}

// answer is what came back for a request.
type answer struct {
	Status int
	Header http.Header
	Body   map[string]any
	Raw    string
}

func (a answer) code() string {
	code, _ := a.Body["error"].(string)
	return code
}

// list is a member of the answer that is a list of strings.
func (a answer) list(path ...string) (found []string) {
	var v any = a.Body
	for _, name := range path {
		m, _ := v.(map[string]any)
		v = m[name]
	}
	items, _ := v.([]any)
	for _, item := range items {
		s, _ := item.(string)
		found = append(found, s)
	}
	return found
}

func (w *world) do(req *http.Request) answer {
	w.t.Helper()
	resp, err := w.http.Do(req)
	if err != nil {
		w.t.Fatalf("%s %s: %v", req.Method, req.URL, err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatalf("reading the answer of %s: %v", req.URL, err)
	}
	a := answer{Status: resp.StatusCode, Header: resp.Header, Raw: string(data)}
	json.Unmarshal(data, &a.Body) // pages of faults are no JSON
	return a
}

// respond posts to a response URL.
func (w *world) respond(responseURL, body string) answer {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), "POST", responseURL, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	return w.do(req)
}

// app is a Socket Mode connection made by hand.
type app struct {
	*websocket.Conn
	t       *testing.T
	writing sync.Mutex
}

func (w *world) dialer() *websocket.Dialer {
	return &websocket.Dialer{NetDialContext: w.net.DialContext, EnableCompression: true}
}

// open asks for a URL to dial.
func (w *world) open() string {
	w.t.Helper()
	a := w.call("apps.connections.open", appAuth, nil)
	link, _ := a.Body["url"].(string)
	if link == "" {
		w.t.Fatalf("apps.connections.open: %s", a.Raw)
	}
	return link
}

// connect opens a connection and reads the greeting.
func (w *world) connect() *app {
	w.t.Helper()
	a := w.dial(w.open())
	if hello := a.read(); hello["type"] != "hello" {
		w.t.Fatalf("the first frame is %v, not hello", hello)
	}
	return a
}

func (w *world) dial(link string) *app {
	w.t.Helper()
	conn, _, err := w.dialer().DialContext(w.t.Context(), link, nil)
	if err != nil {
		w.t.Fatalf("dialling %s: %v", link, err)
	}
	w.t.Cleanup(func() { conn.Close() })
	return &app{Conn: conn, t: w.t}
}

// read returns the next frame; nil when the connection ends first.
func (a *app) read() map[string]any {
	a.t.Helper()
	_, data, err := a.ReadMessage()
	if err != nil {
		return nil
	}
	var frame map[string]any
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	if err := decoder.Decode(&frame); err != nil {
		a.t.Errorf("frame %s: %v", data, err) // not Fatalf: tests read in goroutines too
		return nil
	}
	return frame
}

// ack acknowledges an envelope, with a payload when there is one.
func (a *app) ack(frame map[string]any, payload ...string) {
	a.t.Helper()
	id, _ := frame["envelope_id"].(string)
	text := `{"envelope_id":"` + id + `"}`
	if len(payload) > 0 {
		text = `{"envelope_id":"` + id + `","payload":` + payload[0] + `}`
	}
	a.write(text)
}

func (a *app) write(text string) {
	a.t.Helper()
	a.writing.Lock()
	defer a.writing.Unlock()
	if err := a.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
		a.t.Fatalf("writing %.80s: %v", text, err)
	}
}

// bot runs the real Socket Mode client; f gets every event. It returns when
// the greeting has come.
func (w *world) bot(f func(context.Context, *socketmode.Client, socketmode.Event)) *socketmode.Client {
	w.t.Helper()
	client := socketmode.New(w.slack(), socketmode.OptionDialer(w.dialer()))
	ctx, cancel := context.WithCancel(context.WithoutCancel(w.t.Context()))
	var running sync.WaitGroup
	hello := make(chan struct{})
	running.Go(func() { client.RunContext(ctx) })
	running.Go(func() {
		greeted := false
		for {
			select {
			case ev := <-client.Events:
				if ev.Type == socketmode.EventTypeHello && !greeted {
					greeted = true
					close(hello)
				}
				w.handle(client, ev, f)
			case <-ctx.Done():
				return
			}
		}
	})
	w.t.Cleanup(func() {
		cancel()
		running.Wait()
	})
	select {
	case <-hello:
	case <-time.After(time.Minute):
		w.t.Fatal("the bot did not connect")
	}
	return client
}

// handle gives an event to a bot, with a context of its own: what the bot
// began it ends, even when the test is over.
func (w *world) handle(c *socketmode.Client, ev socketmode.Event, f func(context.Context, *socketmode.Client, socketmode.Event)) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(w.t.Context()), time.Minute)
	defer cancel()
	f(ctx, c, ev)
}

// reply is the next answer to a command, which comes within ten seconds.
func (w *world) reply(inv *slacksim.Invocation) slacksim.Message {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), 10*time.Second)
	defer cancel()
	m, err := inv.Reply(ctx)
	if err != nil {
		w.t.Fatal(err)
	}
	return m
}

// failure is the code of a *slacksim.Failure; "" for any other error.
func failure(err error) string {
	if f, ok := errors.AsType[*slacksim.Failure](err); ok {
		return f.Code
	}
	return ""
}

// uncomplaining fails the test when the app did something it should not do.
func (w *world) uncomplaining() {
	w.t.Helper()
	for _, c := range w.Complaints() {
		w.t.Errorf("complaint: %s", c)
	}
}

// complains fails the test unless a complaint contains a text.
func (w *world) complains(text string) {
	w.t.Helper()
	all := strings.Join(w.Complaints(), "\n")
	if !strings.Contains(all, text) {
		w.t.Errorf("no complaint says %q; there are:\n%s", text, all)
	}
}

// ok fails the test when something went wrong.
func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// subscribing returns a change of the manifest: further bot events.
func subscribing(events ...string) func(*slacksim.Config) {
	return func(cfg *slacksim.Config) {
		list := "    bot_events:\n      - " + strings.Join(events, "\n      - ")
		cfg.Manifest = []byte(strings.Replace(string(cfg.Manifest), "    bot_events:", list, 1))
	}
}
