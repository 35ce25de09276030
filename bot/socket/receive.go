package socket

import (
	"cmp"
	"strings"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"

	"computeunits/bot/interaction"
)

// read makes of an envelope what somebody said or did; nil when it is nothing that the
// bot answers: most that happens in a workspace is none of its business.
func read(ev socketmode.Event) *interaction.Interaction {
	switch data := ev.Data.(type) {
	case slack.SlashCommand:
		return command(ev.Request.EnvelopeID, data)
	case slackevents.EventsAPIEvent:
		return event(ev.Request.EnvelopeID, data)
	case slack.InteractionCallback:
		return callback(ev.Request, data)
	}
	return nil
}

func command(envelope string, cmd slack.SlashCommand) *interaction.Interaction {
	return &interaction.Interaction{
		ID: envelope, Key: cmp.Or(cmd.TriggerID, envelope), Origin: interaction.ByCommand, User: cmd.UserID, Text: cmd.Text,
		Channel: cmd.ChannelID, Direct: cmd.ChannelName == "directmessage",
		ResponseURL: cmd.ResponseURL, Trigger: cmd.TriggerID,
	}
}

func event(envelope string, outer slackevents.EventsAPIEvent) *interaction.Interaction {
	callback, ok := outer.Data.(*slackevents.EventsAPICallbackEvent)
	if !ok {
		return nil
	}
	var i *interaction.Interaction
	switch inner := outer.InnerEvent.Data.(type) {
	case *slackevents.MessageEvent:
		if i = message(inner); i != nil {
			i.Stranger = foreignTeam(callback.TeamID, inner.UserTeam, inner.SourceTeam)
		}
	case *slackevents.AppMentionEvent:
		if i = mention(inner); i != nil {
			i.Stranger = foreignTeam(callback.TeamID, inner.UserTeam, inner.SourceTeam)
		}
	case *slackevents.AppHomeOpenedEvent:
		i = home(inner, callback.EventID)
	}
	if i != nil {
		i.ID, i.Installations = envelope, callback.Authorizations
	}
	return i
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
func message(m *slackevents.MessageEvent) *interaction.Interaction {
	edited := m.Message != nil && m.Message.Edited != nil
	if !m.IsIM() || !spokenSubtype(m.SubType) || m.BotID != "" || edited {
		return nil
	}
	return &interaction.Interaction{
		Key: m.Channel + "/" + m.TimeStamp, Origin: interaction.ByMessage, User: m.User, Text: m.Text,
		Channel: m.Channel, Direct: true, TS: m.TimeStamp, Thread: m.ThreadTimeStamp,
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
func mention(m *slackevents.AppMentionEvent) *interaction.Interaction {
	if m.BotID != "" || m.Edited != nil {
		return nil
	}
	return &interaction.Interaction{
		Key: m.Channel + "/" + m.TimeStamp, Origin: interaction.ByMessage, User: m.User, Text: m.Text,
		Channel: m.Channel, TS: m.TimeStamp, Thread: m.ThreadTimeStamp,
	}
}

// home is that somebody opened the App Home; nil for its other tabs.
func home(e *slackevents.AppHomeOpenedEvent, id string) *interaction.Interaction {
	if e.Tab != "home" {
		return nil
	}
	// An answer in words, if there is one, goes into the direct message.
	return &interaction.Interaction{
		Key: id, Origin: interaction.ByHome, User: e.User, Channel: e.Channel, Direct: true,
		Opened: e, Missable: e.View != nil,
	}
}

// callback is a press of a button, a choice in a menu, or something done
// with a modal.
func callback(m *socketmode.Request, cb slack.InteractionCallback) *interaction.Interaction {
	i := &interaction.Interaction{
		ID: m.EnvelopeID, Key: cmp.Or(cb.TriggerID, m.EnvelopeID), Origin: interaction.ByButton, User: cb.User.ID,
		Channel: cmp.Or(cb.Container.ChannelID, cb.Channel.ID), TS: cb.Container.MessageTs,
		Ephemeral:   cb.Container.IsEphemeral,
		Thread:      cmp.Or(cb.Container.ThreadTs, cb.Message.ThreadTimestamp),
		ResponseURL: cb.ResponseURL, Trigger: cb.TriggerID,
	}
	if i.Thread == i.TS {
		i.Thread = "" // a message with replies names itself; it is not among them
	}
	i.Direct = strings.HasPrefix(i.Channel, "D")
	switch cb.Type {
	case slack.InteractionTypeBlockActions:
		switch cb.View.Type {
		case slack.VTHomeTab:
			i.Origin = interaction.ByHome
		case slack.VTModal:
			i.Origin = interaction.ByModal
		}
		i.Pressed = &cb
	case slack.InteractionTypeViewSubmission:
		i.Origin, i.Submitted, i.Form = interaction.ByModal, &cb, m.Payload
	default: // a modal that was closed, a shortcut of an app made by hand
		return nil
	}
	return i
}
