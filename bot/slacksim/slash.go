package slacksim

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
)

// Invocation is a slash command that a person typed.
type Invocation struct {
	*Delivery
	responseURL string
	triggerID   string
	replies     *inbox[Message]
}

// slashPayload is what the app is told, every member a string
// (https://docs.slack.dev/interactivity/implementing-slash-commands).
type slashPayload struct {
	Token               string `json:"token"`
	TeamID              string `json:"team_id"`
	TeamDomain          string `json:"team_domain"`
	ChannelID           string `json:"channel_id"`
	ChannelName         string `json:"channel_name"`
	UserID              string `json:"user_id"`
	UserName            string `json:"user_name"`
	Command             string `json:"command"`
	Text                string `json:"text"`
	APIAppID            string `json:"api_app_id"`
	IsEnterpriseInstall string `json:"is_enterprise_install"`
	ResponseURL         string `json:"response_url"`
	TriggerID           string `json:"trigger_id"`
}

// Slash types a line such as "/computeunits svco-1 prepaid" as a person in a
// channel (not in a thread: Slack has no commands there) and does not wait.
// Mentions may be written as people do, @alice and #general, or as <@U0ALICE>.
// What becomes of it is told by Acked and Reply.
func (w *Workspace) Slash(user, channel, line string) *Invocation {
	name, text, _ := strings.Cut(line, " ")
	w.mu.Lock()
	defer w.mu.Unlock()
	inv := &Invocation{replies: newInbox[Message]()}
	inv.Delivery = &Delivery{w: w, kind: slashCommands(), what: name, settled: make(chan struct{})}
	declared, known := w.app.commands[name]
	if f := w.mayType(user, channel); f != nil {
		inv.settle(f, 0)
		return inv
	}
	inv.missed = func(f *Failure) { w.slackbot(channel, user, f.Sentence) }
	if !known || !w.app.granted("commands") {
		inv.settle(&Failure{"invalid_command", name + " is not a valid command."}, 0)
		return inv
	}
	var response *responseURL
	response, inv.responseURL = w.newResponse(channel, user, inv.replies)
	inv.triggerID = w.newTrigger(user, channel, "")
	inv.answer = func(payload json.RawMessage) { w.answerAck(response, name, payload) }
	inv.payload = w.slashPayload(user, channel, name, w.escapeCommand(strings.TrimSpace(text), declared.escape), inv)
	w.send(inv.Delivery, false)
	return inv
}

func (w *Workspace) slashPayload(user, channel, name, text string, inv *Invocation) json.RawMessage {
	return encode(slashPayload{
		Token: verificationToken, TeamID: teamID, TeamDomain: teamDomain,
		ChannelID: channel, ChannelName: w.channels[channel].shownName(), UserID: user, UserName: w.users[user].Name,
		Command: name, Text: text, APIAppID: appID, IsEnterpriseInstall: "false",
		ResponseURL: inv.responseURL, TriggerID: inv.triggerID,
	})
}

// shownName is the name of the conversation in payloads.
func (c *conversation) shownName() string {
	switch {
	case c.IM:
		return "directmessage"
	case c.Private:
		return "privategroup"
	}
	return c.Name
}

// answerAck posts the message that an acknowledgement carries.
func (w *Workspace) answerAck(r *responseURL, name string, payload json.RawMessage) {
	a := arguments{}
	refused := a.readJSON(payload)
	var said content
	if refused == nil {
		said, refused = compose(a)
	}
	if refused == nil && said.empty() {
		return // {"response_type":"in_channel"} alone shows the command only
	}
	if refused != nil {
		w.complain("the acknowledgement of %s carries a message that is refused: %s", name, refused.code)
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.publish(r, said, a, "ack")
}

// mayType tells why a person cannot write in a channel; nil when they can.
// w.mu is held.
func (w *Workspace) mayType(user, channel string) *Failure {
	u, known := w.users[user]
	c := w.channels[channel]
	switch {
	case !known || u.Deleted:
		return &Failure{"user_not_found", fmt.Sprintf("there is no active user %s", user)}
	case c == nil:
		return &Failure{"channel_not_found", fmt.Sprintf("there is no channel %s", channel)}
	case !c.has(user):
		return &Failure{"not_in_channel", fmt.Sprintf("%s is not in %s", user, channel)}
	case c.Archived:
		return &Failure{"is_archived", fmt.Sprintf("%s is archived", channel)}
	case c.IM && (!w.app.messagesTab || w.app.readOnlyTab):
		return &Failure{"messages_tab_disabled", "Sending messages to this app has been turned off."}
	}
	return nil
}

// slackbot tells a person something in a channel. w.mu is held.
func (w *Workspace) slackbot(channel, user, text string) {
	w.add(w.channels[channel], &post{at: w.now(), Message: Message{
		User: slackbotID, Text: escaped(text), VisibleTo: user, Via: "slack",
	}})
}

// Reply returns the next message that arrives for this invocation, from the
// payload of the acknowledgement or by response_url, in order; a message
// changed by replace_original arrives again, one removed by delete_original
// with Deleted set. It waits until there is one. The error is the *Failure of
// a command that never reached the app, or that of ctx, or says that the
// workspace was closed.
func (inv *Invocation) Reply(ctx context.Context) (Message, error) {
	if inv.isSettled() && inv.failure != nil && inv.failure.Code != "operation_timeout" {
		return Message{}, inv.failure // the app never heard of it
	}
	m, err := inv.replies.next(ctx, inv.w.done)
	if err != nil {
		return Message{}, fmt.Errorf("waiting for a reply to %s: %w", inv.what, err)
	}
	return m, nil
}

// ResponseURL is the URL that the app may answer by; "" when the command never
// went out.
func (inv *Invocation) ResponseURL() string { return inv.responseURL }

// TriggerID is the command's trigger_id; "" when the command never went out.
func (inv *Invocation) TriggerID() string { return inv.triggerID }
