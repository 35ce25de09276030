package bot

import (
	"cmp"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"
)

// command is what a slash command asks for; nil when nothing.
func (d *dispatcher) command(ev socketmode.Event) *task {
	cmd, ok := ev.Data.(slack.SlashCommand)
	if !ok {
		return nil
	}
	return &task{
		occasion: occasion{
			id: ev.Request.EnvelopeID, origin: byCommand, user: cmd.UserID, text: cmd.Text,
			channel: cmd.ChannelID, direct: cmd.ChannelName == "directmessage",
			responseURL: cmd.ResponseURL, trigger: cmd.TriggerID,
		},
		key: cmp.Or(cmd.TriggerID, ev.Request.EnvelopeID),
		do:  d.answers.words,
	}
}

// event is what an event asks for; nil when nothing: most that happens in a
// workspace is none of the bot's business.
func (d *dispatcher) event(ev socketmode.Event) *task {
	outer, ok := ev.Data.(slackevents.EventsAPIEvent)
	if !ok {
		return nil
	}
	callback, ok := outer.Data.(*slackevents.EventsAPICallbackEvent)
	if !ok {
		return nil
	}
	var t *task
	switch inner := outer.InnerEvent.Data.(type) {
	case *slackevents.MessageEvent:
		if t = d.message(inner); t != nil {
			t.stranger = foreignTeam(callback.TeamID, inner.UserTeam, inner.SourceTeam)
		}
	case *slackevents.AppMentionEvent:
		if t = d.mention(inner); t != nil {
			t.stranger = foreignTeam(callback.TeamID, inner.UserTeam, inner.SourceTeam)
		}
	case *slackevents.AppHomeOpenedEvent:
		t = d.home(inner, callback.EventID)
	}
	if t == nil || t.user != "" && d.answers.people.self(callback.Authorizations).user == t.user {
		return nil
	}
	t.id = ev.Request.EnvelopeID
	return t
}

// movedChannel is an event about a channel whose id changed; nil for any other.
func movedChannel(ev socketmode.Event) *slackevents.ChannelIDChangedEvent {
	outer, ok := ev.Data.(slackevents.EventsAPIEvent)
	if !ok {
		return nil
	}
	moved, _ := outer.InnerEvent.Data.(*slackevents.ChannelIDChangedEvent)
	return moved
}

// foreignTeam reports whether the author of a message is of another team than
// the one that the bot is installed in; in shared channels messages name it.
func foreignTeam(home, user, source string) bool {
	team := cmp.Or(user, source)
	return team != "" && home != "" && team != home
}

// message is a direct message that a person wrote; nil for any other: what bots
// and apps say (this one too: its own posts come back), and what nobody says:
// edits, deletions, joins.
func (d *dispatcher) message(m *slackevents.MessageEvent) *task {
	edited := m.Message != nil && m.Message.Edited != nil
	if !m.IsIM() || !spokenSubtype(m.SubType) || m.BotID != "" || edited {
		return nil
	}
	return &task{
		occasion: occasion{
			origin: byMessage, user: m.User, text: m.Text,
			channel: m.Channel, direct: true, ts: m.TimeStamp, thread: m.ThreadTimeStamp,
		},
		key: m.Channel + "/" + m.TimeStamp,
		do:  d.answers.words,
	}
}

// spokenSubtype reports whether messages of a subtype are what people say: with
// a file, as /me, or from a thread to the channel too.
// https://docs.slack.dev/reference/events/message#subtypes
func spokenSubtype(subtype string) bool {
	switch subtype {
	case "", slack.MsgSubTypeFileShare, slack.MsgSubTypeMeMessage, "thread_broadcast":
		return true
	}
	return false
}

// mention is a message with the bot's name in it. Where the bot hears all
// messages of the channel it comes as two events, of one key.
func (d *dispatcher) mention(m *slackevents.AppMentionEvent) *task {
	if m.BotID != "" || m.Edited != nil {
		return nil
	}
	return &task{
		occasion: occasion{
			origin: byMessage, user: m.User, text: m.Text,
			channel: m.Channel, ts: m.TimeStamp, thread: m.ThreadTimeStamp,
		},
		key: m.Channel + "/" + m.TimeStamp,
		do:  d.answers.words,
	}
}

// home is that somebody opened the App Home; nil for its other tabs.
func (d *dispatcher) home(e *slackevents.AppHomeOpenedEvent, id string) *task {
	if e.Tab != "home" {
		return nil
	}
	return &task{
		// An answer in words, if there is one, goes into the direct message.
		occasion: occasion{origin: byHome, user: e.User, channel: e.Channel, direct: true},
		key:      id,
		missable: e.View != nil,
		do:       d.answers.home(e),
	}
}

// interaction is a press of a button, a choice in a menu, or something done
// with a modal.
func (d *dispatcher) interaction(ev socketmode.Event) *task {
	cb, ok := ev.Data.(slack.InteractionCallback)
	if !ok {
		return nil
	}
	o := occasion{
		id: ev.Request.EnvelopeID, origin: byButton, user: cb.User.ID,
		channel: cmp.Or(cb.Container.ChannelID, cb.Channel.ID), ts: cb.Container.MessageTs,
		ephemeral:   cb.Container.IsEphemeral,
		thread:      cmp.Or(cb.Container.ThreadTs, cb.Message.ThreadTimestamp),
		responseURL: cb.ResponseURL, trigger: cb.TriggerID,
	}
	if o.thread == o.ts {
		o.thread = "" // a message with replies names itself; it is not among them
	}
	o.stranger = d.answers.people.foreign(cb.User.TeamID, cb.Enterprise.ID)
	o.direct = len(o.channel) > 0 && o.channel[0] == 'D'
	t := &task{occasion: o, key: cmp.Or(cb.TriggerID, o.id)}
	switch cb.Type {
	case slack.InteractionTypeBlockActions:
		if cb.View.Type == slack.VTHomeTab {
			t.origin = byHome
		} else if cb.View.Type == slack.VTModal {
			t.origin = byModal
		}
		pressed := d.answers.press(cb)
		t.first, t.do = pressed.first, pressed.do
	case slack.InteractionTypeViewSubmission:
		t.origin = byModal
		t.form = ev.Request.Payload
		t.do, t.payload = d.answers.submission(cb)
	default: // a modal that was closed, a shortcut of an app made by hand
		return nil
	}
	if t.do == nil {
		return nil
	}
	return t
}
