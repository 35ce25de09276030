package slacksim

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"computeunits/bot/slacksim/blockkit"
)

type draft struct {
	thread, subtype string
	file, webhook   string
}

// maxPosts is how many messages a channel keeps, maxGone of how many deleted
// ones it knows that they were there.
const (
	maxPosts = 50_000
	maxGone  = 10_000
)

// Message is a message as a person sees it.
type Message struct {
	Channel  string
	TS       string // Slack's name of the message: Unix seconds with six decimals
	ThreadTS string // of the thread's first message; "" outside threads
	User     string // who wrote it
	BotID    string // of the app; "" for people
	AppID    string
	Subtype  string
	Text     string // mrkdwn: & < > arrive as &amp; &lt; &gt;

	Blocks      json.RawMessage
	Attachments json.RawMessage // legacy
	Metadata    json.RawMessage

	VisibleTo string // the only person who sees it (ephemeral); "": everybody in the channel
	Edited    string // when it was changed last, as a timestamp; "" never
	Deleted   bool   // it is gone: Invocation.Reply tells so of a delete_original
	Via       string // "chat.postMessage", "chat.postEphemeral", "response_url", "ack", "person", "slack"
}

// Plain is the message's top-level text as a terminal shows it.
func (m Message) Plain() string { return blockkit.PlainMrkdwn(m.Text) }

// BlocksPlain is the text in the message's blocks as a terminal shows it; ""
// without blocks.
func (m Message) BlocksPlain() string {
	if len(m.Blocks) == 0 {
		return ""
	}
	return blockkit.PlainText(m.Blocks)
}

// Controls lists the buttons and menus in the message's blocks, with the
// identifiers that Slack made up where the app gave none.
func (m Message) Controls() []blockkit.Control {
	if len(m.Blocks) == 0 {
		return nil
	}
	return blockkit.Controls(m.identified())
}

// identified is the message's blocks with the identifiers that Slack makes up.
func (m Message) identified() json.RawMessage {
	if len(m.Blocks) == 0 {
		return nil
	}
	return blockkit.WithIDs(m.Blocks, m.TS+m.Edited)
}

// post is a stored message, guarded by Workspace.mu. Copies of its Message may
// be handed out: the JSON in it is never changed in place.
type post struct {
	at     stamp
	thread stamp // of the parent; 0 outside threads and for the parent itself
	Message
	clientID string // client_msg_id of what a person wrote
	teamID   string // of the person, when it is another organisation
	username string // of a classic integration
	files    []map[string]any

	replies  int // in the thread below
	repliers []string
	lastDown stamp // newest reply

	parentUser string // who wrote the thread's first message; "" outside threads
	root       *post  // of a thread_broadcast: the thread's first message

	chosen map[string]choices // by person: what they chose in the message's menus
}

// spoken reports whether somebody said it, rather than Slack about somebody.
func (p *post) spoken() bool {
	switch p.Subtype {
	case "", "file_share", "thread_broadcast", "me_message", "bot_message":
		return true
	}
	return false
}

func (p *post) team() string { return cmp.Or(p.teamID, teamID) }

// now is the timestamp of a message that comes into being: the wall clock's
// time, but later than every one before. w.mu is held.
func (w *Workspace) now() stamp {
	w.latest = max(stamp(w.cfg.Now().UnixMicro()), w.latest+1)
	return w.latest
}

// find is the message with a timestamp; nil when there is none.
func (c *conversation) find(at stamp) *post {
	i, ok := slices.BinarySearchFunc(c.posts, at, func(p *post, at stamp) int { return int(p.at - at) })
	if !ok {
		return nil
	}
	return c.posts[i]
}

// add stores a new message, prunes the oldest and tells watchers. w.mu is held.
func (w *Workspace) add(c *conversation, p *post) {
	p.TS, p.Channel = p.at.String(), c.ID
	if p.thread != 0 {
		p.ThreadTS = p.thread.String()
		if parent := c.find(p.thread); parent != nil && p.VisibleTo == "" {
			p.parentUser = parent.User
			parent.replies++
			parent.lastDown = p.at
			parent.ThreadTS = parent.TS
			if !slices.Contains(parent.repliers, p.User) {
				parent.repliers = append(parent.repliers, p.User)
			}
		}
	}
	if len(c.posts) >= maxPosts+maxPosts/10 {
		c.posts = append([]*post(nil), c.posts[len(c.posts)-maxPosts+1:]...)
	}
	c.posts = append(c.posts, p)
	w.tell(c, p)
}

// drop removes a message, and with the last reply the tombstone above it. w.mu
// is held.
func (c *conversation) drop(p *post) {
	if i := slices.Index(c.posts, p); i >= 0 {
		c.posts = slices.Delete(c.posts, i, i+1)
	}
	if c.gone == nil {
		c.gone = newRecent[stamp, struct{}](maxGone)
	}
	c.gone.put(p.at, struct{}{})
	parent := c.find(p.thread)
	if parent == nil || parent.replies == 0 || p.VisibleTo != "" {
		return
	}
	if parent.replies--; parent.replies > 0 {
		return
	}
	parent.ThreadTS = ""
	if parent.Subtype == tombstone {
		c.drop(parent)
	}
}

// had reports whether there was a message that has been deleted since.
func (c *conversation) had(at stamp) bool {
	if c.gone == nil {
		return false
	}
	_, known := c.gone.get(at)
	return known
}

// Backfill puts n messages of a person into a channel, spread over the time from..to,
// which may be past: a busy channel, cheaply. No event tells the app, and nobody
// who waits sees them come.
func (w *Workspace) Backfill(channel, user string, n int, from, to time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := w.channels[channel]
	if c == nil || n <= 0 {
		return
	}
	c.posts = slices.Grow(c.posts, n)
	step := max(to.Sub(from).Microseconds()/int64(n), 1)
	for i := range n {
		at := stamp(from.UnixMicro() + int64(i)*step)
		p := &post{at: at, Message: Message{Channel: c.ID, TS: at.String(), User: user, Text: "message " + strconv.Itoa(i+1), Via: "person"}}
		c.posts = append(c.posts, p)
	}
	w.latest = max(w.latest, c.posts[len(c.posts)-1].at)
	slices.SortStableFunc(c.posts, func(a, b *post) int { return cmp.Compare(a.at, b.at) })
	c.posts = slices.CompactFunc(c.posts, func(a, b *post) bool { return a.at == b.at }) // the earlier stays
}

// shows reports whether a person in the conversation sees the message.
func (p *post) shows(user string) bool { return p.VisibleTo == "" || p.VisibleTo == user }

// History is what a person sees in a channel, oldest first: replies in threads
// and ephemeral messages to this person included, deleted messages gone. It is
// empty for a channel the person cannot read.
func (w *Workspace) History(channel, user string) []Message {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.history(channel, user)
}

func (w *Workspace) history(channel, user string) []Message {
	c := w.channels[channel]
	if c == nil || !c.visible(user) {
		return nil
	}
	var seen []Message
	for _, p := range c.posts {
		if p.shows(user) {
			seen = append(seen, p.Message)
		}
	}
	return seen
}

// tell passes a new or changed message to those who wait for one. w.mu is held.
func (w *Workspace) tell(c *conversation, p *post) {
	for a := range w.watchers {
		if a.channel == c.ID && c.visible(a.user) && p.shows(a.user) {
			a.inbox.put(p.Message)
		}
	}
}

// Await returns the first message that matches of those a person sees in a
// channel, and waits for new or edited ones when none of the present ones
// does. match must not call the workspace's methods with side effects on the
// same channel; it is called without locks. The error is the one of ctx, or
// says that the workspace was closed.
func (w *Workspace) Await(ctx context.Context, channel, user string, match func(Message) bool) (Message, error) {
	a := &watcher{channel: channel, user: user, inbox: newInbox[Message]()}
	w.mu.Lock()
	w.watchers[a] = struct{}{}
	present := w.history(channel, user)
	w.mu.Unlock()
	defer func() {
		w.mu.Lock()
		delete(w.watchers, a)
		w.mu.Unlock()
	}()
	if i := slices.IndexFunc(present, match); i >= 0 {
		return present[i], nil
	}
	for {
		m, err := a.inbox.next(ctx, w.done)
		if err != nil {
			return Message{}, fmt.Errorf("waiting for a message to %s in %s: %w", user, channel, err)
		}
		if match(m) {
			return m, nil
		}
	}
}

// dress gives a new message what the options say, and a bot's message its
// bot_id. w.mu is held.
func (w *Workspace) dress(p *post, d draft) {
	p.Subtype = d.subtype
	switch u := w.users[p.User]; {
	case d.webhook != "":
		p.Subtype, p.username, p.BotID, p.User = "bot_message", d.webhook, "B0WEBHOOK", ""
	case u.ID == botUserID:
		p.BotID, p.AppID = botID, appID
	case u.Bot:
		p.BotID, p.AppID = "B"+u.ID[1:], "A"+u.ID[1:]
	}
	if d.file != "" {
		p.Subtype = "file_share"
		p.files = []map[string]any{{
			"id": w.id("F", 10), "name": d.file, "title": d.file, "user": p.User, "mode": "hosted",
			"created": w.cfg.Now().Unix(), "is_external": false, "is_public": true,
		}}
	}
}
