package slacksim

import (
	"slices"
)

// Method is one Web API method as the simulation enforces it.
type Method struct {
	Name      string
	Tier      Tier
	Scopes    []string  // at least one of them; several: it depends on the kind of conversation
	TokenKind TokenKind // that it takes
	Source    string    // page that says so

	run func(*Workspace, *call) (map[string]any, *apiError)
}

const methodPage = "https://docs.slack.dev/reference/methods/"

// notSimulated lists methods that Slack has and the simulation has not, of those
// that an app like this one might call. They get an answer of their own,
// not_simulated: unknown_method would say that there is a mistake in the name.
func notSimulated() []string {
	return []string{
		"api.test", "apps.event.authorizations.list", "apps.manifest.validate", "apps.uninstall", "assistant.threads.setStatus",
		"auth.revoke", "auth.teams.list", "blocks.validate", "bookmarks.add", "bookmarks.list", "bots.info",
		"canvases.create", "canvases.edit", "chat.deleteScheduledMessage", "chat.meMessage", "chat.scheduleMessage",
		"chat.scheduledMessages.list", "chat.startStream", "chat.unfurl", "conversations.archive", "conversations.close",
		"conversations.create", "conversations.invite", "conversations.join", "conversations.kick", "conversations.leave",
		"conversations.list", "conversations.mark", "conversations.members", "conversations.rename", "conversations.setPurpose",
		"conversations.setTopic", "conversations.unarchive", "dialog.open", "dnd.info", "dnd.teamInfo", "emoji.list",
		"files.completeUploadExternal", "files.delete", "files.getUploadURLExternal", "files.info", "files.list", "files.upload",
		"functions.completeError", "functions.completeSuccess", "migration.exchange", "oauth.v2.access", "oauth.v2.exchange",
		"pins.add", "pins.list", "pins.remove", "reactions.add", "reactions.get", "reactions.list", "reactions.remove",
		"reminders.add", "reminders.list", "rtm.connect", "search.messages", "team.info", "team.profile.get",
		"usergroups.create", "usergroups.disable", "usergroups.enable", "usergroups.update", "usergroups.users.update",
		"users.conversations", "users.getPresence", "users.list", "users.lookupByEmail", "users.profile.get", "users.profile.set",
	}
}

// Methods lists the Web API methods of the simulation, the same list that it
// answers by. Others that Slack has are refused with not_simulated, all else with
// unknown_method.
func Methods() []Method {
	history := []string{"channels:history", "groups:history", "im:history"}
	read := []string{"channels:read", "groups:read", "im:read"}
	write := []string{"chat:write"}
	list := []Method{
		// The page says tier 3, the Python SDK's source tier 1: the stricter holds.
		{Name: "apps.connections.open", Tier: Tier1, Scopes: []string{"connections:write"}, TokenKind: AppToken, run: openConnection},
		{Name: "auth.test", Tier: TierSpecial, TokenKind: AnyToken, run: authTest},
		{Name: "chat.delete", Tier: Tier3, Scopes: write, TokenKind: BotToken, run: deleteMessage},
		{Name: "chat.getPermalink", Tier: TierSpecial, TokenKind: BotToken, run: permalink},
		{Name: "chat.postEphemeral", Tier: Tier4, Scopes: write, TokenKind: BotToken, run: postEphemeral},
		{Name: "chat.postMessage", Tier: TierPosting, Scopes: write, TokenKind: BotToken, run: postMessage},
		{Name: "chat.update", Tier: Tier3, Scopes: write, TokenKind: BotToken, run: updateMessage},
		{Name: "conversations.history", Tier: Tier3, Scopes: history, TokenKind: BotToken, run: conversationHistory},
		{Name: "conversations.info", Tier: Tier3, Scopes: read, TokenKind: BotToken, run: conversationInfo},
		// Bot tokens need the write scope of the kind of conversation, which here is
		// a direct message.
		{Name: "conversations.open", Tier: Tier3, Scopes: []string{"im:write"}, TokenKind: BotToken, run: openConversation},
		{Name: "conversations.replies", Tier: Tier3, Scopes: history, TokenKind: BotToken, run: conversationReplies},
		{Name: "usergroups.list", Tier: Tier2, Scopes: []string{"usergroups:read"}, TokenKind: BotToken, run: listUserGroups},
		{Name: "usergroups.users.list", Tier: Tier2, Scopes: []string{"usergroups:read"}, TokenKind: BotToken, run: listGroupUsers},
		{Name: "users.info", Tier: Tier4, Scopes: []string{"users:read"}, TokenKind: BotToken, run: userInfo},
		{Name: "views.open", Tier: Tier4, TokenKind: BotToken, run: openView},
		{Name: "views.publish", Tier: Tier4, TokenKind: BotToken, run: publishView},
		{Name: "views.push", Tier: Tier4, TokenKind: BotToken, run: pushView},
		{Name: "views.update", Tier: Tier4, TokenKind: BotToken, run: updateView},
	}
	for i := range list {
		list[i].Source = methodPage + list[i].Name
		list[i].Scopes = slices.Clone(list[i].Scopes)
	}
	return list
}
