package slacksim

// Method is one Web API method as the simulation enforces it.
type Method struct {
	Name      string
	Tier      Tier
	Scopes    []string  // at least one of them; several: it depends on the kind of conversation
	TokenKind TokenKind // that it takes
	Source    string    // page that says so

	run func(*Workspace, *call) (map[string]any, *apiError)
}

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

// TokenKind is the kind of a token.
type TokenKind string

// The kinds of tokens an app has here.
const (
	BotToken TokenKind = "bot" // xoxb-…
	AppToken TokenKind = "app" // xapp-…, made by hand with connections:write
	AnyToken TokenKind = "any"
)
