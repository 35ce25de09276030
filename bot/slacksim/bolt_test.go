package slacksim_test

import (
	"context"
	"encoding/json"
	"errors"
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

	boltConverses(ctx, t, w)

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

// boltConverses has Alice open the Home, fill in the form behind its button,
// and choose and press in the message that comes of it.
func boltConverses(ctx context.Context, t *testing.T, w *slacksim.Workspace) {
	t.Helper()
	for _, header := range []string{"Welcome", "Welcome back"} { // the second publication has a hash
		if err := w.OpenHome("U0ALICE").Acked(ctx); err != nil {
			t.Fatal(err)
		}
		_, err := w.AwaitHome(ctx, "U0ALICE", func(v slacksim.View) bool { return v.Plain() == header+"\n[Watch]" })
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Press("U0ALICE", w.Home("U0ALICE"), "Watch").Acked(ctx); err != nil {
		t.Fatal(err)
	}
	form, err := w.AwaitModal(ctx, "U0ALICE", func(v slacksim.View) bool { return v.CallbackID == "watch" })
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"nonsense", "svco-1"} {
		if err := errors.Join(w.Fill("U0ALICE", form, "Service", id), w.Fill("U0ALICE", form, "Owner", "@mei")); err != nil {
			t.Fatal(err)
		}
		if err := w.Submit("U0ALICE", form).Acked(ctx); err != nil {
			t.Fatal(err)
		}
		if seen, open := w.Modal("U0ALICE"); open != (id == "nonsense") || open && seen.Errors["service"] != "Ids begin with svco-" {
			t.Errorf("after %s she sees %q", id, seen.Plain())
		}
	}
	m, err := w.Await(ctx, "C0GPU", "U0BOB", func(m slacksim.Message) bool {
		return m.Plain() == "@U0ALICE watches svco-1 for @U0MEI"
	})
	if err != nil {
		t.Fatal(err)
	}
	if answer, err := w.Select("U0BOB", m, "Snooze", "3 days").Reply(ctx); err != nil || answer.Plain() != "snoozed for 3d" || answer.VisibleTo != "U0BOB" {
		t.Errorf("got %q for %q, %v", answer.Plain(), answer.VisibleTo, err)
	}
	if answer, err := w.Press("U0BOB", m, "Acknowledge").Reply(ctx); err != nil || answer.Plain() != "svco-1 was acknowledged by @U0BOB" || answer.TS != m.TS {
		t.Errorf("got %q, %v", answer.Plain(), err)
	}
}
