package chat

import (
	"context"
	"slices"

	"computeunits/bot/messages"
	"computeunits/bot/people"
	"computeunits/bot/reply"
	"computeunits/bot/slackapi"
)

// MayAsk reports whether a person may ask, and what to say to one who may not.
func (a *Chat) MayAsk(w Turn) (reply.Reply, bool) {
	switch {
	case w.Other:
		return reply.Reply{Message: messages.Text(w.Say("refused.other")), Private: true}, false
	case w.Guest:
		return reply.Reply{Message: messages.Text(w.Say("refused.guest")), Private: true}, false
	}
	return reply.Reply{}, true
}

// mayChange reports whether a person may change something. In doubt they may
// not.
func (a *Chat) mayChange(ctx context.Context, w Turn) (reply.Reply, bool) {
	if refused, ok := a.MayAsk(w); !ok {
		return refused, false
	}
	if w.Unsure {
		return reply.Reply{Message: messages.Text(w.Say("refused.unsure", "id", w.ID)), Private: true}, false
	}
	l := a.Allow
	if l.Everybody() || slices.Contains(l.Users, w.User) || !w.Direct && slices.ContainsFunc(l.Channels, a.same(w.Channel)) {
		return reply.Reply{}, true
	}
	unsure, blind := false, false
	for _, group := range l.Groups {
		users, err := l.Group(ctx, group)
		if err != nil {
			w.Log.WarnContext(ctx, "cannot tell who is in a user group", "group", group, "error", err)
			unsure, blind = true, blind || slackapi.CodeOf(err) == people.ScopeMissing
		}
		if slices.Contains(users, w.User) {
			return reply.Reply{}, true
		}
	}
	switch {
	case blind:
		return reply.Reply{Message: messages.Text(w.Say("refused.scope", "id", w.ID)), Private: true}, false
	case unsure:
		return reply.Reply{Message: messages.Text(w.Say("refused.unsure", "id", w.ID)), Private: true}, false
	}
	return reply.Reply{Message: messages.MayNotChange(w.Book, l.Channels), Private: true}, false
}

// same reports whether an id is of a channel, whose id may have changed.
func (a *Chat) same(channel string) func(id string) bool {
	return func(id string) bool {
		return id == channel || a.Notifier != nil && a.Notifier.Reports().SameChannel(id, channel)
	}
}
