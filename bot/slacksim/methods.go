package slacksim

import (
	"slices"
)

const methodPage = "https://docs.slack.dev/reference/methods/"

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
