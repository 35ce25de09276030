package slacksim_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"computeunits/bot/slacksim"
)

func TestCommandIsAcknowledgedAndAnswered(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.bot(func(ctx context.Context, c *socketmode.Client, ev socketmode.Event) {
			if ev.Type != socketmode.EventTypeSlashCommand {
				return
			}
			cmd := ev.Data.(slack.SlashCommand)
			time.Sleep(40 * time.Millisecond)
			if err := c.AckCtx(ctx, ev.Request.EnvelopeID, nil); err != nil {
				t.Error(err)
			}
			_, _, err := c.PostMessageContext(ctx, cmd.ChannelID,
				slack.MsgOptionResponseURL(cmd.ResponseURL, slack.ResponseTypeEphemeral),
				slack.MsgOptionText("looking at "+cmd.Text, false))
			if err != nil {
				t.Error(err)
			}
		})
		inv := w.Slash("U0ALICE", "C0GPU", "/computeunits svco-1 prepaid")
		ok(t, inv.Acked(t.Context()))
		if got := inv.AckedAfter(); got != 40*time.Millisecond {
			t.Errorf("acknowledged after %s, not 40ms", got)
		}
		m := w.reply(inv)
		if m.Text != "looking at svco-1 prepaid" || m.VisibleTo != "U0ALICE" || m.Via != "response_url" {
			t.Errorf("Alice reads %+v", m)
		}
		if seen := w.History("C0GPU", "U0BOB"); len(seen) != 0 {
			t.Errorf("Bob sees Alice's ephemeral answer: %v", seen)
		}
		w.uncomplaining()
	})
}

func TestCommandPayloadIsWhatSlackSends(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		app := w.connect()
		inv := w.Slash("U0MEI", "C0GPU", "/computeunits  svco-1  prepaid ")
		frame := app.read()
		want := map[string]any{
			"type": "slash_commands", "envelope_id": inv.EnvelopeID(), "accepts_response_payload": true,
			"payload": map[string]any{
				"token": "simulated-verification-token", "team_id": "T0SIM", "team_domain": "simulated",
				"channel_id": "C0GPU", "channel_name": "gpu-capacity", "user_id": "U0MEI", "user_name": "mei",
				"command": "/computeunits", "text": "svco-1  prepaid", "api_app_id": "A0COMPUTE",
				"is_enterprise_install": "false", "response_url": inv.ResponseURL(), "trigger_id": inv.TriggerID(),
			},
		}
		if diff := cmp.Diff(want, frame); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		if !strings.HasPrefix(inv.ResponseURL(), address+"/response/T0SIM/") {
			t.Errorf("response_url %s", inv.ResponseURL())
		}
		app.ack(frame)
		ok(t, inv.Acked(t.Context()))
	})
}

func TestChannelNameTellsDirectAndPrivateApart(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.AddChannel(slacksim.Channel{ID: "G0SECRET", Name: "secret", Private: true, Members: []string{"U0BOB"}})
		app := w.connect()
		for channel, want := range map[string]string{w.DM("U0BOB"): "directmessage", "G0SECRET": "privategroup"} {
			w.Slash("U0BOB", channel, "/computeunits")
			frame := app.read()
			app.ack(frame)
			if got := frame["payload"].(map[string]any)["channel_name"]; got != want {
				t.Errorf("in %s channel_name is %q, not %q", channel, got, want)
			}
		}
	})
}

func TestTypedTextIsEscaped(t *testing.T) {
	cases := []struct{ name, typed, escaped, plain string }{
		{"a service", "svco-1", "svco-1", "svco-1"},
		{"markup", "<!channel> a&b", "&lt;!channel&gt; a&amp;b", "&lt;!channel&gt; a&amp;b"},
		{"a person", "ask @alice, please", "ask <@U0ALICE|alice>, please", "ask @alice, please"},
		{"a person picked from the list", "<@U0BOB>", "<@U0BOB|bob>", "@bob"},
		{"a channel", "#general", "<#C0GENERAL|general>", "#general"},
		{"a channel picked from the list", "<#C0GPU>", "<#C0GPU|gpu-capacity>", "#gpu-capacity"},
		{"everybody", "@here @channel", "<!here> <!channel>", "@here @channel"},
		{"a link", "see https://x.test/?a=1&b=2.", "see <https://x.test/?a=1&amp;b=2>.", "see https://x.test/?a=1&amp;b=2."},
		{"strangers", "@nobody #nowhere <@U0NOBODY> a@bob.test", "@nobody #nowhere &lt;@U0NOBODY&gt; <mailto:a@bob.test|a@bob.test>", "@nobody #nowhere &lt;@U0NOBODY&gt; a@bob.test"},
		{"a bare domain", "see x.com, or shop.x.io/a?b.", "see <http://x.com|x.com>, or <http://shop.x.io/a?b|shop.x.io/a?b>.", "see x.com, or shop.x.io/a?b."},
		{"no domain", "v1.2 e.g. 3.5h a.b svco-1.", "v1.2 e.g. 3.5h a.b svco-1.", "v1.2 e.g. 3.5h a.b svco-1."},
		{"e-mail", "mail mei@x.com.", "mail <mailto:mei@x.com|mei@x.com>.", "mail mei@x.com."},
		{"a link with words", "<https://x.com/svco-1|the console>", "<https://x.com/svco-1|the console>", "the console"},
		{"names picked as they are delivered", "<@U0BOB|bob> <#C0GPU|gpu-capacity>", "<@U0BOB|bob> <#C0GPU|gpu-capacity>", "@bob #gpu-capacity"},
		{"emoji", "7d 💯 🚀❤️ 👍🏽 :100: :1234:", "7d :100: :rocket::heart: :+1::skin-tone-4: :100: :1234:", "7d :100: :rocket::heart: :+1::skin-tone-4: :100: :1234:"},
		{"no emoji", "10:30:15 :nobody_made_this: ℃", "10:30:15 :nobody_made_this: ℃", "10:30:15 :nobody_made_this: ℃"},
		{"other scripts", "\u9884\u4ed8\u8d39\u3000svco-1 \u00a0x", "\u9884\u4ed8\u8d39\u3000svco-1 \u00a0x", "\u9884\u4ed8\u8d39\u3000svco-1 \u00a0x"},
		{"backticks and controls", "`*_~`\x01", "`*_~`\x01", "`*_~`\x01"},
	}
	inWorld(t, func(t *testing.T, w *world) {
		app := w.connect()
		for _, c := range cases {
			for command, want := range map[string]string{"/computeunits": c.escaped, "/plain": c.plain} {
				w.Slash("U0ALICE", "C0GPU", command+" "+c.typed)
				frame := app.read()
				app.ack(frame)
				if got := frame["payload"].(map[string]any)["text"]; got != want {
					t.Errorf("%s: %s %s arrives as %q, not %q", c.name, command, c.typed, got, want)
				}
			}
		}
	})
}

func TestCommandNobodyDeclared(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.connect()
		inv := w.Slash("U0ALICE", "C0GPU", "/computeunit svco-1")
		err := inv.Acked(t.Context())
		if failure(err) != "invalid_command" || !strings.Contains(err.Error(), "/computeunit is not a valid command") {
			t.Errorf("Acked: %v", err)
		}
		if _, err := inv.Reply(t.Context()); failure(err) != "invalid_command" {
			t.Errorf("Reply: %v", err)
		}
		seen := w.History("C0GPU", "U0ALICE")
		if len(seen) != 1 || seen[0].VisibleTo != "U0ALICE" || seen[0].User != "USLACKBOT" {
			t.Errorf("Alice sees %+v", seen)
		}
	})
}

func TestCommandWithoutTheScope(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.connect()
		if err := w.Slash("U0ALICE", "C0GPU", "/computeunits").Acked(t.Context()); failure(err) != "invalid_command" {
			t.Errorf("Acked: %v", err)
		}
	}, without("- commands"))
}

func TestPeopleWhoCannotType(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.AddUser(slacksim.User{ID: "U0GONE", Name: "gone", Deleted: true})
		w.AddUser(slacksim.User{ID: "U0EVE", Name: "eve"})
		w.AddChannel(slacksim.Channel{ID: "C0OLD", Name: "old", Archived: true, Members: []string{"U0BOB"}})
		for _, c := range []struct{ user, channel, code string }{
			{"U0NOBODY", "C0GPU", "user_not_found"},
			{"U0GONE", "C0GPU", "user_not_found"},
			{"U0BOB", "C0NOWHERE", "channel_not_found"},
			{"U0EVE", "C0GPU", "not_in_channel"},
			{"U0BOB", "C0OLD", "is_archived"},
			{"U0BOB", "D0ALICE", "not_in_channel"},
		} {
			w.DM("U0ALICE")
			if err := w.Slash(c.user, c.channel, "/computeunits").Acked(t.Context()); failure(err) != c.code {
				t.Errorf("%s types in %s: %v, not %s", c.user, c.channel, err, c.code)
			}
			if err := w.Write(c.user, c.channel, "hi").Acked(t.Context()); failure(err) != c.code {
				t.Errorf("%s writes in %s: %v, not %s", c.user, c.channel, err, c.code)
			}
		}
	})
}

func TestCommandWhileTheAppIsNotConnected(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		inv := w.Slash("U0ALICE", "C0GPU", "/computeunits svco-1")
		err := inv.Acked(t.Context())
		if failure(err) != "dispatch_failed" || err.Error() != `/computeunits failed with the error "dispatch_failed"` {
			t.Errorf("Acked: %v", err)
		}
		if _, err := inv.Reply(t.Context()); failure(err) != "dispatch_failed" {
			t.Errorf("Reply: %v", err)
		}
		if seen := w.History("C0GPU", "U0ALICE"); len(seen) != 1 || !strings.Contains(seen[0].Text, "dispatch_failed") {
			t.Errorf("Alice sees %+v", seen)
		}
	})
}

func TestThreeSecondsToAcknowledge(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		app := w.connect()
		inTime := w.Slash("U0ALICE", "C0GPU", "/computeunits")
		frame := app.read()
		time.Sleep(3*time.Second - time.Millisecond)
		app.ack(frame)
		ok(t, inTime.Acked(t.Context()))
		w.uncomplaining()

		began := time.Now()
		late := w.Slash("U0ALICE", "C0GPU", "/computeunits")
		frame = app.read()
		if err := late.Acked(t.Context()); failure(err) != "operation_timeout" || time.Since(began) != 3*time.Second {
			t.Errorf("after %s: %v", time.Since(began), err)
		}
		seen := w.History("C0GPU", "U0ALICE")
		if len(seen) != 1 || seen[0].Text != `/computeunits failed with the error "operation_timeout"` {
			t.Errorf("Alice sees %+v", seen)
		}
		app.ack(frame, `{"text":"too late"}`)
		// The response URL still works: the app may be slow, not silent.
		if a := w.respond(late.ResponseURL(), `{"text":"sorry"}`); a.Status != 200 {
			t.Errorf("response_url: %s", a.Raw)
		}
		if m := w.reply(late); m.Text != "sorry" {
			t.Errorf("Alice reads %q: the late acknowledgement's payload counts", m.Text)
		}
		w.complains("was not acknowledged within 3s")
		w.complains("too late")
		if late.AckedAfter() != 0 || late.Delivered() != 1 {
			t.Errorf("AckedAfter %s, Delivered %d: slash commands are not retried", late.AckedAfter(), late.Delivered())
		}
	})
}

func TestAcknowledgementMayCarryTheAnswer(t *testing.T) {
	for _, c := range []struct{ name, payload, text, visibleTo string }{
		{"ephemeral by default", `{"text":"five units"}`, "five units", "U0ALICE"},
		{"in the channel", `{"text":"five units","response_type":"in_channel"}`, "five units", ""},
		{"blocks", `{"text":"t","blocks":[{"type":"divider"}]}`, "t", "U0ALICE"},
	} {
		t.Run(c.name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				app := w.connect()
				inv := w.Slash("U0ALICE", "C0GENERAL", "/computeunits")
				app.ack(app.read(), c.payload)
				ok(t, inv.Acked(t.Context()))
				if seen := w.History("C0GENERAL", "U0ALICE"); len(seen) != 1 {
					t.Errorf("the answer is not there with the acknowledgement: %v", seen)
				}
				m := w.reply(inv)
				if m.Text != c.text || m.VisibleTo != c.visibleTo || m.Via != "ack" || m.BotID == "" {
					t.Errorf("Alice reads %+v", m)
				}
				w.uncomplaining()
			})
		})
	}
}

func TestEmptyAcknowledgementsShowNothing(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		app := w.connect()
		for _, payload := range []string{`{}`, `null`, `{"response_type":"in_channel"}`, `{"text":""}`} {
			inv := w.Slash("U0ALICE", "C0GPU", "/computeunits")
			app.ack(app.read(), payload) // Bolt JS sends {} for nothing
			ok(t, inv.Acked(t.Context()))
		}
		if seen := w.History("C0GPU", "U0ALICE"); len(seen) != 0 {
			t.Errorf("Alice sees %v", seen)
		}
		w.uncomplaining()
	})
}

func TestAcknowledgementsThatSlackDrops(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		app := w.connect()
		inv := w.Slash("U0ALICE", "C0GPU", "/computeunits")
		frame := app.read()
		app.ack(frame, `{"text":"`+strings.Repeat("x", 20_480)+`"}`)
		app.write(`{"envelope_id":""}`)
		app.write(`{}`)
		app.write(`rubbish`)
		app.write(`{"envelope_id":"0000"}`)
		if err := inv.Acked(t.Context()); failure(err) != "operation_timeout" {
			t.Errorf("Acked: %v", err)
		}
		w.complains("from 20480 on it is dropped")
		w.complains("without an envelope_id")
		w.complains("not JSON")
		w.complains("unknown envelope 0000")
	})
}

func TestLargestAcknowledgementThatCounts(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		app := w.connect()
		inv := w.Slash("U0ALICE", "C0GPU", "/computeunits")
		app.read()
		text := `{"envelope_id":"` + inv.EnvelopeID() + `","payload":{"text":"`
		text += strings.Repeat("x", 20_479-len(text)-3) + `"}}`
		app.write(text)
		ok(t, inv.Acked(t.Context()))
	})
}

func TestAcknowledgedTwice(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		app := w.connect()
		inv := w.Slash("U0ALICE", "C0GPU", "/computeunits")
		frame := app.read()
		app.ack(frame, `{"text":"once"}`)
		app.ack(frame, `{"text":"twice"}`)
		ok(t, inv.Acked(t.Context()))
		w.reply(inv)
		time.Sleep(time.Second)
		if seen := w.History("C0GPU", "U0ALICE"); len(seen) != 1 {
			t.Errorf("Alice sees %v", seen)
		}
		w.complains("acknowledged twice")
	})
}

func TestAcknowledgementWithBlocksThatSlackRefuses(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		app := w.connect()
		inv := w.Slash("U0ALICE", "C0GPU", "/computeunits")
		app.ack(app.read(), `{"blocks":[{"type":"nonsense"}]}`)
		ok(t, inv.Acked(t.Context()))
		if seen := w.History("C0GPU", "U0ALICE"); len(seen) != 0 {
			t.Errorf("Alice sees %v", seen)
		}
		w.complains("refused: invalid_blocks")
	})
}

func TestCommandDeliveredTwice(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		app := w.connect()
		inv := w.Slash("U0ALICE", "C0GPU", "/computeunits svco-1")
		first := app.read()
		app.ack(first)
		ok(t, inv.Acked(t.Context()))
		ok(t, w.Redeliver(inv.EnvelopeID()))
		second := app.read()
		if first["envelope_id"] == second["envelope_id"] {
			t.Error("the repetition has the same envelope_id")
		}
		if diff := cmp.Diff(first["payload"], second["payload"]); diff != "" {
			t.Errorf("the repetition has another payload:\n%s", diff)
		}
		app.ack(second)
		time.Sleep(10 * time.Second)
		w.uncomplaining()
		if err := w.Redeliver("0000"); err == nil {
			t.Error("an unknown envelope can be redelivered")
		}
	})
}

func TestWaitingEndsWithTheContextAndTheWorkspace(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.connect()
		inv := w.Slash("U0ALICE", "C0GPU", "/computeunits")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := inv.Acked(ctx); err == nil || !strings.Contains(err.Error(), "acknowledgement of /computeunits") {
			t.Errorf("Acked: %v", err)
		}
		if _, err := inv.Reply(ctx); err == nil || !strings.Contains(err.Error(), "reply to /computeunits") {
			t.Errorf("Reply: %v", err)
		}
		match := func(slacksim.Message) bool { return false }
		if _, err := w.Await(ctx, "C0GPU", "U0ALICE", match); err == nil || !strings.Contains(err.Error(), "U0ALICE in C0GPU") {
			t.Errorf("Await: %v", err)
		}
		time.AfterFunc(time.Second, w.Close)
		if err := inv.Acked(t.Context()); err == nil || !strings.Contains(err.Error(), "closed") {
			t.Errorf("Acked of a closed workspace: %v", err)
		}
		if _, err := inv.Reply(t.Context()); err == nil || !strings.Contains(err.Error(), "closed") {
			t.Errorf("Reply of a closed workspace: %v", err)
		}
	})
}

func TestIdentifiersFollowFromTheSeed(t *testing.T) {
	ids := func(seed uint64) (ids []string) {
		inWorld(t, func(t *testing.T, w *world) {
			w.connect()
			inv := w.Slash("U0ALICE", "C0GPU", "/computeunits")
			ids = []string{inv.EnvelopeID(), inv.TriggerID(), inv.ResponseURL()}
		}, func(cfg *slacksim.Config) { cfg.Seed = seed })
		return ids
	}
	first, again, other := ids(0), ids(0), ids(7)
	if diff := cmp.Diff(first, again); diff != "" {
		t.Errorf("the same seed gives other identifiers:\n%s", diff)
	}
	for i := range first {
		if first[i] == other[i] {
			t.Errorf("another seed gives the same identifier %s", first[i])
		}
	}
}

func FuzzAcknowledge(f *testing.F) {
	for _, seed := range []string{`{"envelope_id":"x"}`, `{"envelope_id":1}`, `{"envelope_id":"ENVELOPE","payload":{"text":1}}`,
		`{"envelope_id":"ENVELOPE","payload":[]}`, `{"envelope_id":"ENVELOPE","payload":{"blocks":"[]"}}`, `[`, `null`, ``} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		inWorld(t, func(t *testing.T, w *world) {
			app := w.connect()
			inv := w.Slash("U0ALICE", "C0GPU", "/computeunits")
			app.read()
			app.write(strings.ReplaceAll(string(data), "ENVELOPE", inv.EnvelopeID()))
			err := inv.Acked(t.Context())
			var frame struct {
				ID string `json:"envelope_id"`
			}
			json.Unmarshal(data, &frame)
			if err == nil && frame.ID != "ENVELOPE" && !strings.EqualFold(frame.ID, inv.EnvelopeID()) {
				t.Errorf("%q acknowledges the command", data)
			}
		})
	})
}

func TestACommandsAnswerIsNotReplacedInSlack(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		a := w.connect()
		typed := w.Slash("U0ALICE", "C0GPU", "/computeunits x")
		a.ack(a.read())
		w.respond(typed.ResponseURL(), `{"text":"looking …"}`)
		w.respond(typed.ResponseURL(), `{"text":"found","replace_original":true}`)
		w.complains("replace_original does nothing in Slack by the response_url of a command")
	})
}
