package slacksim

import (
	"maps"
	"strings"
)

// postMessage is chat.postMessage.
func postMessage(w *Workspace, c *call) (map[string]any, *apiError) {
	said, refused := compose(c.args)
	if refused != nil {
		return nil, refused
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	to, refused := w.addressee(c.args["channel"])
	if refused != nil {
		return nil, refused
	}
	threaded := c.args["thread_ts"] != ""
	switch {
	case to.Archived:
		return nil, refuse("is_archived")
	case to.ReadOnly:
		return nil, refuse("restricted_action_read_only_channel")
	case to.ThreadOnly && !threaded:
		return nil, refuse("restricted_action_thread_only_channel")
	case said.empty():
		return nil, refuse("no_text")
	}
	if refused := w.limit("posts in "+to.ID, postsPerSecond, postBurst); refused != nil {
		return nil, refused
	}
	p := w.botPost(said, "chat.postMessage")
	if threaded {
		if refused := w.thread(to, p, c.args["thread_ts"]); refused != nil {
			return nil, refused
		}
		if p.thread != 0 && c.args.truth("reply_broadcast") {
			p.Subtype, p.root = "thread_broadcast", to.find(p.thread)
		}
	}
	w.add(to, p)
	w.announce(to, p)
	body := map[string]any{"channel": to.ID, "ts": p.TS, "message": p.view(false)}
	maps.Copy(body, w.warnings(said))
	return body, nil
}

// addressee finds where a chat method posts: a channel by id or name, or the
// direct message with a user. w.mu is held.
func (w *Workspace) addressee(name string) (*conversation, *apiError) {
	c := w.channels[name]
	if c == nil && (strings.HasPrefix(name, "U") || strings.HasPrefix(name, "W")) {
		c = w.dm(name)
	}
	if c == nil && name != "" {
		c = w.channelNamed(name)
	}
	switch {
	case c == nil, c.Private && !c.has(botUserID):
		return nil, refuse("channel_not_found")
	case c.IM && !w.app.messagesTab:
		return nil, refuse("messages_tab_disabled")
	case !c.has(botUserID) && !w.app.granted("chat:write.public"):
		return nil, refuse("not_in_channel")
	}
	return c, nil
}

// botPost is a new message of the app. w.mu is held.
func (w *Workspace) botPost(said content, via string) *post {
	return &post{at: w.now(), Message: Message{
		User: botUserID, BotID: botID, AppID: appID, Via: via,
		Text: said.text, Blocks: said.blocks, Attachments: said.attachments, Metadata: said.metadata,
	}}
}

// thread puts a new post into a thread. Slack does not refuse a parent that
// does not exist: it posts into the channel instead and leaves thread_ts out
// of its answer (slack-go #1571). w.mu is held.
func (w *Workspace) thread(c *conversation, p *post, ts string) *apiError {
	at, ok := parseStamp(ts)
	parent := c.find(at)
	switch {
	case !ok || parent == nil:
		if !c.had(at) { // that somebody else was quicker to delete it is not the app's fault
			w.complain("%s into the thread %s of %s, which does not exist, became a message in the channel", p.Via, ts, c.ID)
		}
		return nil
	case parent.VisibleTo != "":
		return refuse("cannot_reply_to_message")
	case parent.thread != 0:
		w.complain("%s gave the timestamp of a reply, %s, as thread_ts", p.Via, ts)
		at = parent.thread
	}
	p.thread = at
	return nil
}

// warnings notes what Slack did to the content, as members of the answer.
func (w *Workspace) warnings(said content) map[string]any {
	if said.unlabelled {
		w.complain("metadata was lost: its event_type is not made of letters, digits, _ and -")
	}
	if !said.truncated {
		return nil
	}
	w.complain("a text of more than %d characters was cut", maxText)
	return map[string]any{"warning": "message_truncated", "response_metadata": map[string]any{
		"warnings": []string{"message_truncated"},
	}}
}

// postEphemeral is chat.postEphemeral.
func postEphemeral(w *Workspace, c *call) (map[string]any, *apiError) {
	said, refused := compose(c.args)
	if refused != nil {
		return nil, refused
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	to, refused := w.addressee(c.args["channel"])
	user := c.args["user"]
	switch {
	case refused != nil:
		return nil, refused
	case to.Archived:
		return nil, refuse("is_archived")
	case !to.has(botUserID): // chat:write.public is of no use here
		return nil, refuse("not_in_channel")
	case !to.has(user):
		return nil, refuse("user_not_in_channel")
	case said.empty():
		return nil, refuse("no_text")
	}
	p := w.botPost(said, "chat.postEphemeral")
	p.VisibleTo = user
	if ts := c.args["thread_ts"]; ts != "" {
		if refused := w.thread(to, p, ts); refused != nil {
			return nil, refused
		}
	}
	w.add(to, p)
	body := map[string]any{"message_ts": p.TS}
	maps.Copy(body, w.warnings(said))
	return body, nil
}

// own finds a message that a method may change: posted by the app and not
// ephemeral. w.mu is held.
func (w *Workspace) own(a arguments, otherwise string) (*conversation, *post, *apiError) {
	c := w.channels[a["channel"]]
	if c == nil || !c.visible(botUserID) {
		return nil, nil, refuse("channel_not_found")
	}
	at, ok := parseStamp(a["ts"])
	p := c.find(at)
	switch {
	case !ok || p == nil || p.VisibleTo != "" || p.Subtype == tombstone:
		return nil, nil, refuse("message_not_found")
	case p.BotID != botID:
		return nil, nil, refuse(otherwise)
	}
	return c, p, nil
}

// updateMessage is chat.update.
func updateMessage(w *Workspace, c *call) (map[string]any, *apiError) {
	said, refused := compose(c.args)
	if refused != nil {
		return nil, refused
	}
	if escapedBytes(said.text) > maxUpdateText {
		return nil, refuse("msg_too_long")
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	in, p, refused := w.own(c.args, "cant_update_message")
	if refused != nil {
		return nil, refused
	}
	if in.Archived {
		return nil, refuse("is_inactive")
	}
	if said.empty() && !c.args.has("metadata") {
		return nil, refuse("no_text")
	}
	before := p.Message
	p.Message = revise(before, said, c.args)
	p.Edited = w.now().String()
	w.tell(in, p)
	w.announceChange(in, p, before)
	body := map[string]any{"channel": in.ID, "ts": p.TS, "text": p.Text, "message": p.view(false)}
	maps.Copy(body, w.warnings(said))
	return body, nil
}

// revise applies an update. Blocks stay when neither text nor blocks are
// given, and go when only text is; attachments and metadata stay when they are
// not given (https://docs.slack.dev/reference/methods/chat.update).
func revise(m Message, said content, given arguments) Message {
	text := given.has("text") || given.has("markdown_text")
	if text || given.has("blocks") {
		m.Text, m.Blocks = said.text, said.blocks
	}
	if given.has("attachments") {
		m.Attachments = said.attachments
	}
	if given.has("metadata") {
		m.Metadata = said.metadata
	}
	return m
}

// deleteMessage is chat.delete.
func deleteMessage(w *Workspace, c *call) (map[string]any, *apiError) {
	w.mu.Lock()
	defer w.mu.Unlock()
	in, p, refused := w.own(c.args, "cant_delete_message")
	if refused != nil {
		return nil, refused
	}
	w.remove(in, p)
	return map[string]any{"channel": in.ID, "ts": p.TS}, nil
}

// remove deletes a message. One with replies leaves a tombstone, below which
// they stand, until the last of them is deleted, too; the app hears of it as a
// change. w.mu is held.
func (w *Workspace) remove(in *conversation, p *post) (sent []*Delivery, id string) {
	if p.replies == 0 {
		in.drop(p)
		return w.announceDeletion(in, p)
	}
	before := *p
	p.Message = Message{
		User: slackbotID, Subtype: tombstone, Text: "This message was deleted.", Via: p.Via,
		Channel: p.Channel, TS: p.TS, ThreadTS: p.ThreadTS,
	}
	p.clientID, p.teamID, p.username, p.files, p.chosen = "", "", "", nil, nil
	w.tell(in, p)
	return w.announceSubtype(in, "message_changed", map[string]any{
		"message": p.view(true), "previous_message": before.view(true),
	})
}

// Purge removes a message without a trace, as a retention policy does: no
// tombstone, no event. What is posted into its thread afterwards stands in the
// channel.
func (w *Workspace) Purge(channel, ts string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	at, _ := parseStamp(ts)
	if in := w.channels[channel]; in != nil && in.find(at) != nil {
		in.drop(in.find(at))
	}
}
