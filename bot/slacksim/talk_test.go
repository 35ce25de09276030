package slacksim_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/slack-go/slack"

	"computeunits/bot/slacksim"
)

// hearing subscribes the app to everything that people say.
func hearing(cfg *slacksim.Config) {
	granting("channels:history", "groups:history", "channels:read")(cfg)
	subscribing("message.channels", "message.groups", "member_joined_channel", "member_left_channel")(cfg)
}

// event reads an events_api envelope, acknowledges it and returns its payload.
func (a *app) event() payload {
	a.t.Helper()
	frame := a.read()
	a.ack(frame)
	if frame["type"] != "events_api" {
		a.t.Errorf("the envelope is %v", frame)
	}
	p, _ := frame["payload"].(map[string]any)
	return payload(p)
}

func TestPeopleEditAndDeleteWhatTheyWrote(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		a := w.connect()
		dm := w.DM("U0ALICE")
		posted := w.Write("U0ALICE", dm, "what expires?")
		a.event().says(t, map[string]string{"event type": "message", "event channel_type": "im", "event text": "what expires?", "event subtype": ""})
		edited := w.EditAs("U0ALICE", dm, posted.TS, "what expires next?")
		p := a.event()
		ok(t, edited.Acked(t.Context()))
		p.says(t, map[string]string{
			"event type": "message", "event subtype": "message_changed", "event channel": dm, "event hidden": "true", "event channel_type": "im",
			"event message text": "what expires next?", "event message user": "U0ALICE", "event message ts": posted.TS,
			"event message edited user": "U0ALICE", "event previous_message text": "what expires?", "event user": "", "event text": "",
		})
		if seen := w.History(dm, "U0ALICE"); len(seen) != 1 || seen[0].Plain() != "what expires next?" || seen[0].Edited == "" {
			t.Errorf("she sees %+v", seen)
		}
		deleted := w.DeleteAs("U0ALICE", dm, posted.TS)
		p = a.event()
		ok(t, deleted.Acked(t.Context()))
		p.says(t, map[string]string{"event subtype": "message_deleted", "event deleted_ts": posted.TS, "event previous_message text": "what expires next?"})
		if seen := w.History(dm, "U0ALICE"); len(seen) != 0 {
			t.Errorf("she sees %+v", seen)
		}
		if err := w.DeleteAs("U0ALICE", dm, posted.TS).Acked(t.Context()); failure(err) != "message_not_found" {
			t.Errorf("deleting it again: %v", err)
		}
	})
}

func TestNobodyEditsWhatAnotherWrote(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		posted := w.Write("U0ALICE", "C0GPU", "mine")
		if err := w.EditAs("U0BOB", "C0GPU", posted.TS, "ours").Acked(t.Context()); failure(err) != "message_not_found" {
			t.Errorf("Bob edits it: %v", err)
		}
		if err := w.EditAs("U0ALICE", "C0GPU", posted.TS, "mine!").Acked(t.Context()); failure(err) != "no_event" {
			t.Errorf("the app hears nothing in channels: %v", err)
		}
	})
}

func TestWhatElseIsSaidInAChannel(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		a := w.connect()
		w.AddUser(slacksim.User{ID: "U0CI", Name: "ci", Bot: true})

		w.Join("U0CI", "C0GPU")
		a.either(t, map[string]map[string]string{
			"message":               {"event subtype": "channel_join", "event user": "U0CI", "event text": "<@U0CI> has joined the channel"},
			"member_joined_channel": {"event user": "U0CI", "event channel": "C0GPU", "event channel_type": "C", "event team": "T0SIM"},
		})
		// A bot speaks of the app, which may mention it; so does a classic one.
		w.Write("U0CI", "C0GPU", "<@U0COMPUTE> build passed")
		a.either(t, map[string]map[string]string{
			"message":     {"event bot_id": "B0CI", "event app_id": "A0CI", "event subtype": "", "event user": "U0CI"},
			"app_mention": {"event bot_id": "B0CI"},
		})
		w.Write("U0BOB", "C0GPU", "deployed", slacksim.AsWebhook("jenkins"))
		a.event().says(t, map[string]string{"event subtype": "bot_message", "event username": "jenkins", "event bot_id": "B0WEBHOOK", "event user": ""})

		parent := w.Write("U0BOB", "C0GPU", "the plan", slacksim.WithFile("plan.csv"))
		a.event().says(t, map[string]string{"event subtype": "file_share", "event files 0 name": "plan.csv", "event user": "U0BOB", "event upload": "false"})
		w.Write("U0ALICE", "C0GPU", "reads it", slacksim.WithSubtype("me_message"), slacksim.InThread(parent.TS))
		a.event().says(t, map[string]string{"event subtype": "me_message", "event thread_ts": parent.TS, "event parent_user_id": "U0BOB"})
		w.Leave("U0CI", "C0GPU")
		a.either(t, map[string]map[string]string{
			"message":             {"event subtype": "channel_leave", "event user": "U0CI"},
			"member_left_channel": {"event user": "U0CI"},
		})
		w.uncomplaining()
	}, hearing)
}

// either reads one event of each type, in whichever order they come.
func (a *app) either(t *testing.T, want map[string]map[string]string) {
	t.Helper()
	for range want {
		p := a.event()
		kind := p.at("event", "type")
		if want[kind] == nil {
			t.Errorf("an event %s: %v", kind, p)
		}
		p.says(t, want[kind])
	}
}

func TestTheAppIsInvited(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		a := w.connect()
		if _, _, err := w.slack().PostMessageContext(t.Context(), "C0GENERAL", text("hi")); code(err) != "not_in_channel" {
			t.Errorf("before: %v", err)
		}
		w.Join("U0COMPUTE", "C0GENERAL")
		a.either(t, map[string]map[string]string{ // and no app_mention
			"message":               {"event subtype": "channel_join", "event user": "U0COMPUTE"},
			"member_joined_channel": {"event user": "U0COMPUTE", "event channel": "C0GENERAL"},
		})
		_, _, err := w.slack().PostMessageContext(t.Context(), "C0GENERAL", text("hi"))
		ok(t, err)
		if err := w.Join("U0COMPUTE", "C0GENERAL").Acked(t.Context()); failure(err) != "already_so" {
			t.Errorf("a second invitation: %v", err)
		}
	}, hearing)
}

func TestPeopleOfAnotherOrganisation(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		a := w.connect()
		w.AddUser(slacksim.User{ID: "U0SAM", Name: "sam", Stranger: true})
		info := func() *slack.User {
			u, err := w.slack().GetUserInfoContext(t.Context(), "U0SAM")
			ok(t, err)
			return u
		}
		if u := info(); !u.IsStranger || u.TeamID != "T0OTHER" {
			t.Errorf("before they meet: %+v", u)
		}
		w.AddChannel(slacksim.Channel{ID: "C0SHARED", Name: "shared", Members: []string{"U0SAM", "U0ALICE", "U0COMPUTE"}})
		if u := info(); u.IsStranger || u.TeamID != "T0OTHER" {
			t.Errorf("in a shared channel: %+v", u)
		}
		w.Write("U0SAM", "C0SHARED", "<@U0COMPUTE> next")
		a.event().says(t, map[string]string{
			"event type": "app_mention", "event user": "U0SAM", "event team": "T0OTHER", "event user_team": "T0OTHER", "event source_team": "T0OTHER",
			"team_id": "T0SIM", "is_ext_shared_channel": "true",
		})
		w.call("chat.postMessage", botAuth, map[string][]string{"channel": {"C0SHARED"}, "text": {"t"}, "blocks": {reminder}})
		seen := w.History("C0SHARED", "U0SAM")
		w.Press("U0SAM", seen[len(seen)-1], "ack")
		a.payload().says(t, map[string]string{"user team_id": "T0OTHER", "team id": "T0SIM"})
	})
}

func TestAUserGroupIsMentioned(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.AddUserGroup(slacksim.UserGroup{ID: "S0GPU", Handle: "gpu-team"})
		w.Write("U0ALICE", "C0GPU", "ask @gpu-team, not @others")
		if seen := w.History("C0GPU", "U0BOB")[0]; seen.Text != "ask <!subteam^S0GPU|@gpu-team>, not @others" || seen.BlocksPlain() != "ask @S0GPU, not @others" {
			t.Errorf("Bob sees %q, %q", seen.Text, seen.BlocksPlain())
		}
	})
}

// What a person writes becomes what Slack makes of it, in the text and in the
// blocks.
func TestWhatIsTypedIsNotWhatArrives(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.Write("U0ALICE", "C0GPU", "🚀 R&D <b> on x.com, ask a@b.com")
		m := w.History("C0GPU", "U0BOB")[0]
		if want := ":rocket: R&amp;D &lt;b&gt; on <http://x.com|x.com>, ask <mailto:a@b.com|a@b.com>"; m.Text != want {
			t.Errorf("the text is %s, not %s", m.Text, want)
		}
		var blocks []struct {
			Elements []struct{ Elements []map[string]string }
		}
		ok(t, json.Unmarshal(m.Blocks, &blocks))
		var got []string
		for _, e := range blocks[0].Elements[0].Elements {
			got = append(got, e["type"]+"="+e["name"]+e["url"]+"="+e["text"])
		}
		want := "emoji=rocket=|text== R&D <b> on |link=http://x.com=x.com|text==, ask |link=mailto:a@b.com=a@b.com"
		if all := strings.Join(got, "|"); all != want {
			t.Errorf("the elements are %s, not %s", all, want)
		}
	})
}
