package people

import (
	"context"
	"sync"
	"time"

	"computeunits/bot/slackapi"
)

const (
	groupKept  = 5 * time.Minute  // who is in a user group
	groupRetry = 30 * time.Second // after a failure; what was known before holds so long
)

// Allowed says who may change something: all members of the workspace when it
// is empty, else the people and the members of the groups that it names, and
// whoever acts in one of its channels.
type Allowed struct {
	Channels, Users, Groups []string
	Slack                   *slackapi.Client // its requests

	mu      sync.Mutex
	members map[string]membership // of the groups
}

type membership struct {
	users []string
	until time.Time // when to ask again
	err   error     // why users may be of earlier; nil: they are not
}

// Everybody reports whether no one is named, so that every member may.
func (l *Allowed) Everybody() bool {
	return len(l.Channels) == 0 && len(l.Users) == 0 && len(l.Groups) == 0
}

// Group returns who is in a user group, as it was some minutes ago at most.
// After a failure it returns what was known before, with the error, until it asks
// again.
func (l *Allowed) Group(ctx context.Context, id string) ([]string, error) {
	now := time.Now()
	l.mu.Lock()
	was := l.members[id]
	l.mu.Unlock()
	if now.Before(was.until) {
		return was.users, was.err
	}
	ctx, cancel := context.WithTimeout(ctx, whoTimeout)
	defer cancel()
	x := l.Slack.Call()
	users, err := x.API.GetUserGroupMembersContext(ctx, id)
	is := membership{users, now.Add(groupKept), nil}
	if err != nil {
		err = l.Slack.Failure("asking who is in "+id, x, err)
		is = membership{was.users, now.Add(groupRetry), err}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.members == nil {
		l.members = make(map[string]membership)
	}
	l.members[id] = is
	return is.users, err
}
