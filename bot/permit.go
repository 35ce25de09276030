package bot

import (
	"context"
	"slices"
	"sync"
	"time"

	"computeunits/bot/messages"
	"computeunits/bot/reply"
	"computeunits/bot/slackapi"
)

const (
	groupKept  = 5 * time.Minute  // who is in a user group
	groupRetry = 30 * time.Second // after a failure; what was known before holds so long
)

// allowed says who may change something: all members of the workspace when it
// is empty, else the people and the members of the groups that it names, and
// whoever acts in one of its channels.
type allowed struct {
	channels, users, groups []string
	slack                   *slackapi.Client // its requests

	mu      sync.Mutex
	members map[string]membership // of the groups
}

type membership struct {
	users []string
	until time.Time // when to ask again
	err   error     // why users may be of earlier; nil: they are not
}

func (l *allowed) everybody() bool {
	return len(l.channels) == 0 && len(l.users) == 0 && len(l.groups) == 0
}

// mayAsk reports whether a person may ask, and what to say to one who may not.
func (a *answerer) mayAsk(w asking) (reply.Reply, bool) {
	switch {
	case w.other:
		return reply.Reply{Message: messages.Text(w.Say("refused.other")), Private: true}, false
	case w.guest:
		return reply.Reply{Message: messages.Text(w.Say("refused.guest")), Private: true}, false
	}
	return reply.Reply{}, true
}

// mayChange reports whether a person may change something. In doubt they may
// not.
func (a *answerer) mayChange(ctx context.Context, w asking) (reply.Reply, bool) {
	if refused, ok := a.mayAsk(w); !ok {
		return refused, false
	}
	if w.unsure {
		return reply.Reply{Message: messages.Text(w.Say("refused.unsure", "id", w.ID)), Private: true}, false
	}
	l := a.allow
	if l.everybody() || slices.Contains(l.users, w.User) || !w.Direct && slices.ContainsFunc(l.channels, a.same(w.Channel)) {
		return reply.Reply{}, true
	}
	unsure, blind := false, false
	for _, group := range l.groups {
		users, err := l.group(ctx, group)
		if err != nil {
			w.log.WarnContext(ctx, "cannot tell who is in a user group", "group", group, "error", err)
			unsure, blind = true, blind || slackapi.CodeOf(err) == scopeMissing
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
	return reply.Reply{Message: messages.MayNotChange(w.Book, l.channels), Private: true}, false
}

// same reports whether an id is of a channel, whose id may have changed.
func (a *answerer) same(channel string) func(id string) bool {
	return func(id string) bool {
		return id == channel || a.notifier != nil && a.notifier.SameChannel(id, channel)
	}
}

// group returns who is in a user group, as it was some minutes ago at most.
// After a failure it returns what was known before, with the error, until it asks
// again.
func (l *allowed) group(ctx context.Context, id string) ([]string, error) {
	now := time.Now()
	l.mu.Lock()
	was := l.members[id]
	l.mu.Unlock()
	if now.Before(was.until) {
		return was.users, was.err
	}
	ctx, cancel := context.WithTimeout(ctx, whoTimeout)
	defer cancel()
	x := l.slack.Call()
	users, err := x.API.GetUserGroupMembersContext(ctx, id)
	is := membership{users, now.Add(groupKept), nil}
	if err != nil {
		err = l.slack.Failure("asking who is in "+id, x, err)
		is = membership{was.users, now.Add(groupRetry), err}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.members[id] = is
	return is.users, err
}
