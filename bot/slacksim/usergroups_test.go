package slacksim_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/slack-go/slack"

	"computeunits/bot/slacksim"
)

func TestUserGroups(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.AddUser(slacksim.User{ID: "U0GONE", Name: "gone", Deleted: true})
		w.AddUserGroup(slacksim.UserGroup{ID: "S0GPU", Handle: "gpu-team", Members: []string{"U0ALICE", "U0MEI", "U0GONE"}})
		w.AddUserGroup(slacksim.UserGroup{ID: "S0OLD", Handle: "old", Members: []string{"U0BOB"}, Disabled: true})
		groups, err := w.slack().GetUserGroupsContext(t.Context(), slack.GetUserGroupsOptionIncludeUsers(true))
		ok(t, err)
		if len(groups) != 1 || groups[0].ID != "S0GPU" || groups[0].Handle != "gpu-team" || len(groups[0].Users) != 3 {
			t.Errorf("groups %+v", groups)
		}
		groups, err = w.slack().GetUserGroupsContext(t.Context(), slack.GetUserGroupsOptionIncludeDisabled(true))
		ok(t, err)
		if len(groups) != 2 || groups[1].ID != "S0OLD" || groups[1].DateDelete == 0 || len(groups[0].Users) != 0 {
			t.Errorf("with the disabled one: %+v", groups)
		}
		members, err := w.slack().GetUserGroupMembersContext(t.Context(), "S0GPU")
		ok(t, err)
		if strings.Join(members, " ") != "U0ALICE U0MEI" {
			t.Errorf("members %q", members)
		}
		for group, want := range map[string]string{"S0NONE": "no_such_subteam", "S0OLD": "no_such_subteam", "": "invalid_arguments"} {
			if got := w.call("usergroups.users.list", botAuth, url.Values{"usergroup": {group}}); got.code() != want {
				t.Errorf("%q: %s", group, got.Raw)
			}
		}
	}, granting("usergroups:read"))
}

func TestUserGroupsNeedTheirScope(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		if _, err := w.slack().GetUserGroupsContext(t.Context()); code(err) != "missing_scope" {
			t.Errorf("listing groups: %v", err)
		}
	})
}

func TestOpeningADirectMessage(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.AddUser(slacksim.User{ID: "U0GONE", Name: "gone", Deleted: true})
		im, existed, _, err := w.slack().OpenConversationContext(t.Context(), &slack.OpenConversationParameters{Users: []string{"U0ALICE"}, ReturnIM: true})
		ok(t, err)
		if im.ID != w.DM("U0ALICE") || im.User != "U0ALICE" || existed {
			t.Errorf("opened %+v, there before: %t", im, existed)
		}
		_, _, err = w.slack().PostMessageContext(t.Context(), im.ID, text("hello"))
		ok(t, err)
		if seen := w.History(im.ID, "U0ALICE"); len(seen) != 1 || seen[0].Plain() != "hello" {
			t.Errorf("Alice sees %+v", seen)
		}
		for _, c := range []struct {
			args url.Values
			code string
		}{
			{url.Values{"users": {"U0ALICE"}}, ""},
			{url.Values{"channel": {im.ID}}, ""},
			{url.Values{"channel": {"C0GPU"}}, "method_not_supported_for_channel_type"},
			{url.Values{"channel": {"D0NONE"}}, "channel_not_found"},
			{url.Values{}, "users_list_not_supplied"},
			{url.Values{"users": {"U0NOBODY"}}, "user_not_found"},
			{url.Values{"users": {"U0GONE"}}, "user_disabled"},
			{url.Values{"users": {"U0COMPUTE"}}, "cannot_dm_bot"},
		} {
			if got := w.call("conversations.open", botAuth, c.args); got.code() != c.code {
				t.Errorf("%v: %s", c.args, got.Raw)
			}
		}
	}, granting("im:write"))
	inWorld(t, func(t *testing.T, w *world) {
		if got := w.call("conversations.open", botAuth, url.Values{"users": {"U0ALICE"}}); got.code() != "missing_scope" {
			t.Errorf("without the scope: %s", got.Raw)
		}
	})
}

func TestPermalinks(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		parent := w.Write("U0BOB", "C0GPU", "what expires?")
		reply := w.Write("U0ALICE", "C0GPU", "cu-1", slacksim.InThread(parent.TS))
		for ts, want := range map[string]string{
			parent.TS: "https://simulated.slack.com/archives/C0GPU/p" + strings.ReplaceAll(parent.TS, ".", ""),
			reply.TS:  "https://simulated.slack.com/archives/C0GPU/p" + strings.ReplaceAll(reply.TS, ".", "") + "?thread_ts=" + parent.TS + "&cid=C0GPU",
		} {
			link, err := w.slack().GetPermalinkContext(t.Context(), &slack.PermalinkParameters{Channel: "C0GPU", Ts: ts})
			if err != nil || link != want {
				t.Errorf("got %q, %v, want %q", link, err, want)
			}
		}
		if _, err := w.slack().GetPermalinkContext(t.Context(), &slack.PermalinkParameters{Channel: "C0GPU", Ts: "1512085950.000216"}); code(err) != "message_not_found" {
			t.Errorf("of no message: %v", err)
		}
		if _, err := w.slack().GetPermalinkContext(t.Context(), &slack.PermalinkParameters{Channel: "C0NOWHERE", Ts: parent.TS}); code(err) != "channel_not_found" {
			t.Errorf("in no channel: %v", err)
		}
	})
}
