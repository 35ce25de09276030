package slacksim_test

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"computeunits/bot/slacksim"
)

// TestBoltJSWorksAgainstTheSimulator has Slack's own framework prove what our
// own tests with slack-go might both get wrong. It needs node and the packages
// that npm ci installs in testdata/bolt; without them it is skipped, unless
// COMPUTEUNITS_REQUIRE_BOLT says that they must be there.
func TestBoltJSWorksAgainstTheSimulator(t *testing.T) {
	_, missing := exec.LookPath("node")
	if _, err := os.Stat("testdata/bolt/node_modules"); err != nil {
		missing = err
	}
	if missing != nil {
		if os.Getenv("COMPUTEUNITS_REQUIRE_BOLT") != "" {
			t.Fatal(missing)
		}
		t.Skip("run npm ci in bot/slacksim/testdata/bolt first: ", missing)
	}

	server := httptest.NewUnstartedServer(nil) // the workspace must know its address first
	w, err := slacksim.New(slacksim.Config{Manifest: manifest(t), URL: "http://" + server.Listener.Addr().String()})
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = w
	server.Start()
	defer server.Close()
	defer w.Close()

	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	app := exec.CommandContext(ctx, "node", "app.js")
	app.Dir = "testdata/bolt"
	app.Env = append(os.Environ(), "SLACK_BOT_TOKEN="+botAuth, "SLACK_APP_TOKEN="+appAuth, "SLACK_API_URL="+server.URL+"/api/")
	app.Stdout, app.Stderr = t.Output(), t.Output()
	if err := app.Start(); err != nil {
		t.Fatal(err)
	}
	for tick := time.NewTicker(10 * time.Millisecond); w.Connections() == 0; {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatal("Bolt never connected")
		}
	}

	// Alice types a command and reads both answers.
	typed := w.Slash("U0ALICE", "C0GENERAL", "/computeunits a < b")
	if err := typed.Acked(ctx); err != nil {
		t.Fatal(err)
	}
	for _, want := range []struct{ plain, to string }{{"you typed a < b", "U0ALICE"}, {"asked", ""}} {
		m, err := typed.Reply(ctx)
		if err != nil || !strings.Contains(m.Plain(), want.plain) || m.VisibleTo != want.to {
			t.Errorf("want %q for %q, got %q for %q, %v", want.plain, want.to, m.Plain(), m.VisibleTo, err)
		}
	}
	typed = w.Slash("U0ALICE", "C0GENERAL", "/computeunits in the acknowledgement")
	if m, err := typed.Reply(ctx); err != nil || m.Plain() != "acknowledged with this" || m.Via != "ack" {
		t.Errorf("got %q via %s, %v", m.Plain(), m.Via, err)
	}

	// She mentions the app and is answered in the thread.
	mention := w.Write("U0ALICE", "C0GPU", "<@"+w.BotUserID()+"> hello")
	m, err := w.Await(ctx, "C0GPU", "U0ALICE", func(m slacksim.Message) bool { return m.ThreadTS == mention.TS && m.BotID != "" })
	var metadata struct {
		Type string `json:"event_type"`
	}
	if err != nil || m.Plain() != "you called?" || json.Unmarshal(m.Metadata, &metadata) != nil || metadata.Type != "bolt_check" {
		t.Errorf("got %+v, %v", m, err)
	}

	// She writes to it directly; the answer tells what Slack refused.
	dm := w.DM("U0ALICE")
	w.Write("U0ALICE", dm, "hello")
	if m, err = w.Await(ctx, dm, "U0ALICE", func(m slacksim.Message) bool { return m.BotID != "" }); err != nil || m.Plain() != "refused: channel_not_found invalid_blocks unknown_method" {
		t.Errorf("got %q, %v", m.Plain(), err)
	}

	// A recycled socket is replaced by Bolt itself.
	w.Disconnect("refresh_requested")
	for tick := time.NewTicker(10 * time.Millisecond); w.Connections() == 0 || len(w.Calls("apps.connections.open")) < 2; {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatal("Bolt did not reconnect")
		}
	}
	if _, err := w.Slash("U0ALICE", "C0GENERAL", "/computeunits again").Reply(ctx); err != nil {
		t.Error(err)
	}

	app.Process.Signal(syscall.SIGTERM)
	if err := app.Wait(); err != nil {
		t.Errorf("stopping Bolt: %v", err)
	}
	for _, c := range w.Complaints() {
		t.Errorf("complaint: %s", c)
	}
}
