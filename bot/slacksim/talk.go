package slacksim

import (
	"cmp"
	"slices"
	"strings"
)

// WithFile shares a file with the message, which makes it a file_share.
func WithFile(name string) WriteOption { return func(d *draft) { d.file = name } }

// WithSubtype gives the message a subtype, such as "me_message".
func WithSubtype(subtype string) WriteOption { return func(d *draft) { d.subtype = subtype } }

// AsWebhook has the person's classic integration say it, under a name of its
// own: a bot_message, without a user.
func AsWebhook(username string) WriteOption { return func(d *draft) { d.webhook = username } }

// EditAs changes a message as the person who wrote it, and does not wait. Where
// the app hears messages it hears of it as message_changed.
func (w *Workspace) EditAs(user, channel, ts, text string) *Posted {
	w.mu.Lock()
	defer w.mu.Unlock()
	c, p, posted := w.ownMessage(user, channel, ts)
	if p == nil {
		return posted
	}
	before := p.Message
	fresh := w.personPost(user, text)
	p.Text, p.Blocks, p.Edited = fresh.Text, fresh.Blocks, fresh.at.String()
	w.tell(c, p)
	posted.events, posted.eventID = w.announceChange(c, p, before)
	return posted.unheard()
}

// DeleteAs deletes a message as the person who wrote it, and does not wait.
// Where the app hears messages it hears of it as message_deleted, of one with
// replies as message_changed: a tombstone remains.
func (w *Workspace) DeleteAs(user, channel, ts string) *Posted {
	w.mu.Lock()
	defer w.mu.Unlock()
	c, p, posted := w.ownMessage(user, channel, ts)
	if p == nil {
		return posted
	}
	posted.events, posted.eventID = w.remove(c, p)
	return posted.unheard()
}

// DeleteAsAdmin deletes anybody's message, as an administrator of the workspace may.
func (w *Workspace) DeleteAsAdmin(channel, ts string) *Posted {
	w.mu.Lock()
	defer w.mu.Unlock()
	posted := &Posted{Channel: channel, TS: ts}
	at, _ := parseStamp(ts)
	c := w.channels[channel]
	if c == nil || c.find(at) == nil {
		posted.failure = &Failure{"message_not_found", "no message " + ts + " stands in " + channel}
		return posted
	}
	posted.events, posted.eventID = w.remove(c, c.find(at))
	return posted.unheard()
}

// ownMessage finds a message that a person wrote; p is nil when there is none,
// which posted then says. w.mu is held.
func (w *Workspace) ownMessage(user, channel, ts string) (c *conversation, p *post, posted *Posted) {
	posted = &Posted{Channel: channel, TS: ts}
	if posted.failure = w.mayType(user, channel); posted.failure != nil {
		return nil, nil, posted
	}
	c = w.channels[channel]
	at, _ := parseStamp(ts)
	p = c.find(at)
	if p == nil || p.User != user || p.Via != "person" {
		posted.failure = &Failure{"message_not_found", user + " wrote no message " + ts + " in " + channel}
		return nil, nil, posted
	}
	return c, p, posted
}

// unheard says so when the app hears nothing.
func (p *Posted) unheard() *Posted {
	if len(p.events) == 0 {
		p.failure = &Failure{"no_event", "the app hears nothing of it in " + p.Channel}
	}
	return p
}

// Join makes a person, or the bot, a member of a channel. Everybody sees a
// channel_join message; the app gets it where it hears messages, and
// member_joined_channel when it subscribes to that.
func (w *Workspace) Join(user, channel string) *Posted {
	return w.move(user, channel, true)
}

// Leave ends a membership, as Join begins it.
func (w *Workspace) Leave(user, channel string) *Posted {
	return w.move(user, channel, false)
}

func (w *Workspace) move(user, channel string, in bool) *Posted {
	w.mu.Lock()
	defer w.mu.Unlock()
	posted := &Posted{Channel: channel}
	c := w.channels[channel]
	u, known := w.users[user]
	switch {
	case !known || u.Deleted:
		posted.failure = &Failure{"user_not_found", "there is no active user " + user}
	case c == nil || c.IM:
		posted.failure = &Failure{"channel_not_found", "there is no channel " + channel}
	case c.has(user) == in:
		posted.failure = &Failure{"already_so", user + " is a member of " + channel + " already, or is none"}
	}
	if posted.failure != nil {
		return posted
	}
	if in {
		c.Members = append(slices.Clone(c.Members), user)
	}
	p := w.movePost(c, u, in)
	w.add(c, p)
	posted.TS = p.TS
	posted.events, posted.eventID = w.announce(c, p)
	if d, id := w.announceMember(c, u, in); d != nil {
		posted.events = append(posted.events, d)
		posted.eventID = cmp.Or(posted.eventID, id)
	}
	if !in {
		c.Members = slices.DeleteFunc(slices.Clone(c.Members), func(id string) bool { return id == user })
	}
	return posted.unheard()
}

func (w *Workspace) movePost(c *conversation, u User, in bool) *post {
	subtype, text := "channel_join", "<@"+u.ID+"> has joined the channel"
	if !in {
		subtype, text = "channel_leave", "<@"+u.ID+"> has left the channel"
	}
	if c.Private {
		subtype = strings.Replace(subtype, "channel", "group", 1)
	}
	return &post{at: w.now(), teamID: u.team(), Message: Message{User: u.ID, Subtype: subtype, Text: text, Via: "slack"}}
}

// announceMember sends member_joined_channel or member_left_channel
// (https://docs.slack.dev/reference/events/member_joined_channel). w.mu is held.
func (w *Workspace) announceMember(c *conversation, u User, in bool) (*Delivery, string) {
	name := "member_joined_channel"
	if !in {
		name = "member_left_channel"
	}
	if !c.has(botUserID) || !w.app.hears(name, c.kind()+":read") {
		return nil, ""
	}
	kind := "C"
	if c.Private {
		kind = "G"
	}
	d, id := w.emit(name, c, map[string]any{
		"type": name, "user": u.ID, "channel": c.ID, "channel_type": kind, "team": u.team(), "event_ts": w.now().String(),
	})
	return d, id
}
