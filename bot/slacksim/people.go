package slacksim

import (
	"slices"
	"strings"
)

// User is a person or a bot in the workspace.
type User struct {
	ID       string // "U0ALICE"
	Name     string // what others mention: @alice
	RealName string
	Locale   string // IETF tag such as "zh-CN"; "" is "en-US"
	TZ       string // IANA time zone such as "Asia/Shanghai"; "" is "UTC"

	Bot        bool
	Guest      bool // multi-channel guest, is_restricted
	UltraGuest bool // single-channel guest, is_ultra_restricted
	Stranger   bool // of another organisation, met in a shared channel
	Deleted    bool // deactivated account
}

// otherTeamID is the organisation of strangers.
const otherTeamID = "T0OTHER"

func (u User) team() string {
	if u.Stranger {
		return otherTeamID
	}
	return teamID
}

// Channel is a conversation and who is in it.
type Channel struct {
	ID, Name   string
	Private    bool
	IM         bool // direct message between the two members
	Archived   bool
	ReadOnly   bool     // only administrators post; the app does not
	ThreadOnly bool     // the app may reply in threads, not start messages
	Members    []string // user ids, the bot's own too
}

// conversation is a channel and what was said in it, guarded by Workspace.mu.
type conversation struct {
	Channel
	posts []*post                  // in the order of their timestamps
	gone  *recent[stamp, struct{}] // those that were deleted; nil: none
}

func (c *conversation) has(user string) bool { return slices.Contains(c.Members, user) }

// visible reports whether a person can read the conversation.
func (c *conversation) visible(user string) bool {
	return c.has(user) || !c.Private && !c.IM
}

// kind is the word for the conversation in scopes and event names: channels,
// groups or im.
func (c *conversation) kind() string {
	switch {
	case c.IM:
		return "im"
	case c.Private:
		return "groups"
	}
	return "channels"
}

// populate fills the new workspace with the people and channels that every test
// may rely on.
func (w *Workspace) populate() {
	people := []User{
		{ID: "U0ALICE", Name: "alice", RealName: "Alice Martin", Locale: "en-US", TZ: "America/New_York"},
		{ID: "U0BOB", Name: "bob", RealName: "Bob Stone", Locale: "en-US", TZ: "Europe/Berlin"},
		{ID: "U0MEI", Name: "mei", RealName: "Mei Lin", Locale: "zh-CN", TZ: "Asia/Shanghai"},
		{ID: botUserID, Name: strings.ToLower(strings.ReplaceAll(w.app.name, " ", "_")), RealName: w.app.name, Bot: true},
		{ID: slackbotID, Name: "slackbot", RealName: "Slackbot"},
	}
	for _, u := range people {
		w.AddUser(u)
	}
	all := []string{"U0ALICE", "U0BOB", "U0MEI"}
	w.AddChannel(Channel{ID: "C0GENERAL", Name: "general", Members: all})
	w.AddChannel(Channel{ID: "C0GPU", Name: "gpu-capacity", Members: append(all, botUserID)})
}

// AddUser adds a person, or replaces the one with the same ID.
func (w *Workspace) AddUser(u User) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.users[u.ID] = u
}

// AddChannel adds a channel, or changes the one with the same ID: what was
// said in it stays.
func (w *Workspace) AddChannel(c Channel) {
	c.Members = slices.Clone(c.Members)
	w.mu.Lock()
	defer w.mu.Unlock()
	if old := w.channels[c.ID]; old != nil {
		old.Channel = c
		return
	}
	w.channels[c.ID] = &conversation{Channel: c}
}

// ChangeChannelID gives a channel another id, as Slack does when a private one is
// shared with another organisation: what was said in it stays, methods still take
// the old id, and everything that Slack sends has the new one. The app hears of it
// when it is a member, subscribes to channel_id_changed and has the scope to read
// such channels; told false keeps the event from it, as an outage would.
func (w *Workspace) ChangeChannelID(from, to string, told bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := w.channels[from]
	if c == nil || w.channels[to] != nil {
		return
	}
	c.ID, w.channels[to] = to, c
	for _, p := range c.posts {
		p.Channel = to
	}
	if told && c.has(botUserID) && w.app.hears("channel_id_changed", c.kind()+":read") {
		w.emit("channel_id_changed", c, map[string]any{
			"type": "channel_id_changed", "old_channel_id": from, "new_channel_id": to, "event_ts": w.now().String(),
		})
	}
}

// DM is the id of the direct message between a person and the bot, opened when
// there is none yet; "" when there is no such person.
func (w *Workspace) DM(user string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if c := w.dm(user); c != nil {
		return c.ID
	}
	return ""
}

// dm finds or opens the direct message of a person with the bot; nil for an
// unknown one. w.mu is held.
func (w *Workspace) dm(user string) *conversation {
	if _, known := w.users[user]; !known {
		return nil
	}
	id := "D" + strings.TrimLeft(user, "UW")
	c := w.channels[id]
	if c == nil {
		c = &conversation{Channel: Channel{ID: id, IM: true, Members: []string{user, botUserID}}}
		w.channels[id] = c
	}
	return c
}

// named finds a person by what follows the @. w.mu is held.
func (w *Workspace) named(name string) (User, bool) {
	for _, u := range w.users {
		if u.Name == name && !u.Deleted {
			return u, true
		}
	}
	return User{}, false
}

// channelNamed finds a channel by its name, with or without #. w.mu is held.
func (w *Workspace) channelNamed(name string) *conversation {
	name = strings.TrimPrefix(name, "#")
	for _, c := range w.channels {
		if c.Name == name && !c.IM {
			return c
		}
	}
	return nil
}

// meets reports whether a person is in a channel with the app. w.mu is held.
func (w *Workspace) meets(user string) bool {
	for _, c := range w.channels {
		if !c.IM && c.has(user) && c.has(botUserID) {
			return true
		}
	}
	return false
}

// shared reports whether people of another organisation are in the channel.
// w.mu is held.
func (w *Workspace) shared(c *conversation) bool {
	return slices.ContainsFunc(c.Members, func(id string) bool { return w.users[id].Stranger })
}
