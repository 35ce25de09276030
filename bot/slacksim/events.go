package slacksim

import (
	"context"
	"maps"
	"strings"
	"time"
)

// eventsPerHour is how many events an app gets for one workspace in an hour
// (https://docs.slack.dev/apis/events-api/#rate-limiting); after that one
// app_rate_limited a minute.
const eventsPerHour = 30_000

// Posted is a message that a person wrote, and the way of the event about it.
type Posted struct {
	Channel string
	TS      string // "" when the person could not write it

	failure *Failure
	events  []*Delivery
	eventID string
}

// WriteOption says how a person writes a message.
type WriteOption func(*draft)

// InThread makes the message a reply in the thread of a message.
func InThread(ts string) WriteOption { return func(d *draft) { d.thread = ts } }

// Write posts a message as a person and does not wait. In the direct message
// with the bot it gives a message.im event, with <@U0COMPUTE> in a channel of
// the bot an app_mention, each only when the manifest subscribes to it and has
// the scope. Mentions may also be written as @alice and #general, links with
// words as <https://x.com|words>; everything else in angle brackets is escaped,
// as Slack does with typed text, emoji become codes, bare domains and e-mail
// links. What a User with Bot writes carries a bot_id.
func (w *Workspace) Write(user, channel, text string, opts ...WriteOption) *Posted {
	var d draft
	for _, o := range opts {
		o(&d)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	posted := &Posted{Channel: channel}
	if posted.failure = w.mayType(user, channel); posted.failure != nil {
		return posted
	}
	c := w.channels[channel]
	p := w.personPost(user, text)
	w.dress(p, d)
	if d.thread != "" {
		if refused := w.thread(c, p, d.thread); refused != nil || p.thread == 0 {
			posted.failure = &Failure{"thread_not_found", "there is no thread " + d.thread + " in " + channel}
			return posted
		}
	}
	w.add(c, p)
	posted.TS = p.TS
	posted.events, posted.eventID = w.announce(c, p)
	if len(posted.events) == 0 {
		posted.failure = &Failure{"no_event", "the app hears nothing of a message in " + channel}
	}
	return posted
}

// personPost is a new message of a person. w.mu is held.
func (w *Workspace) personPost(user, text string) *post {
	var mrkdwn strings.Builder
	elements := []map[string]any{}
	for _, p := range w.pieces(text) {
		mrkdwn.WriteString(p.mrkdwn())
		elements = append(elements, p.element())
	}
	blocks := encode([]map[string]any{{
		"type": "rich_text", "block_id": w.id("", 5),
		"elements": []map[string]any{{"type": "rich_text_section", "elements": elements}},
	}})
	return &post{at: w.now(), clientID: w.uuid(), teamID: w.users[user].team(), Message: Message{
		User: user, Text: mrkdwn.String(), Blocks: blocks, Via: "person",
	}}
}

// Acked waits until the app has acknowledged every event about the message. It
// returns nil then, a *Failure when the person could not write it, when no
// event goes out for it ("no_event") or when none of the four attempts was
// acknowledged ("timeout"), and an error when ctx or the workspace ends first.
func (p *Posted) Acked(ctx context.Context) error {
	if p.failure != nil {
		return p.failure
	}
	for _, d := range p.events {
		if err := d.Acked(ctx); err != nil {
			return err
		}
	}
	return nil
}

// AckedAfter is the time from the first event's latest attempt to its
// acknowledgement; zero while there is none.
func (p *Posted) AckedAfter() time.Duration {
	if len(p.events) == 0 {
		return 0
	}
	return p.events[0].AckedAfter()
}

// Delivered is how many attempts of the first event were handed to a
// connection; 1 when there was no retry.
func (p *Posted) Delivered() int {
	if len(p.events) == 0 {
		return 0
	}
	return p.events[0].Delivered()
}

// EnvelopeID is the id of the envelope of the first event's latest attempt; ""
// without an event.
func (p *Posted) EnvelopeID() string {
	if len(p.events) == 0 {
		return ""
	}
	return p.events[0].EnvelopeID()
}

// EventID is the first event's id, the same in all its attempts; "" without an
// event.
func (p *Posted) EventID() string { return p.eventID }

// announce sends the events about a new message. The app's own messages come
// back to it as events too, but never as app_mention. w.mu is held.
func (w *Workspace) announce(c *conversation, p *post) (sent []*Delivery, firstID string) {
	mentioned := !c.IM && c.has(botUserID) && strings.Contains(p.Text, "<@"+botUserID+">")
	if mentioned && p.BotID != botID && p.spoken() && w.app.hears("app_mention", "app_mentions:read") {
		v := p.view(true)
		v["type"], v["channel"], v["event_ts"] = "app_mention", c.ID, p.TS
		d, id := w.emit("app_mention", c, v)
		sent, firstID = append(sent, d), id
	}
	if w.hearsMessages(c) {
		v := p.view(true)
		v["channel"], v["channel_type"], v["event_ts"] = c.ID, channelType(c), p.TS
		d, id := w.emit("message", c, v)
		if sent = append(sent, d); firstID == "" {
			firstID = id
		}
	}
	return sent, firstID
}

// announceChange tells the app that a message was edited. w.mu is held.
func (w *Workspace) announceChange(c *conversation, p *post, before Message) (sent []*Delivery, id string) {
	previous := *p
	previous.Message = before
	return w.announceSubtype(c, "message_changed", map[string]any{
		"message": p.view(true), "previous_message": previous.view(true),
	})
}

// announceDeletion tells the app that a message was deleted. w.mu is held.
func (w *Workspace) announceDeletion(c *conversation, p *post) (sent []*Delivery, id string) {
	return w.announceSubtype(c, "message_deleted", map[string]any{
		"deleted_ts": p.TS, "previous_message": p.view(true),
	})
}

func (w *Workspace) announceSubtype(c *conversation, subtype string, more map[string]any) (sent []*Delivery, id string) {
	if !w.hearsMessages(c) {
		return nil, ""
	}
	ts := w.now().String()
	v := map[string]any{
		"type": "message", "subtype": subtype, "hidden": true,
		"channel": c.ID, "channel_type": channelType(c), "ts": ts, "event_ts": ts,
	}
	maps.Copy(v, more)
	d, id := w.emit(subtype, c, v)
	return []*Delivery{d}, id
}

// hearsMessages reports whether the app gets the messages of a conversation as
// events: message.im, message.groups or message.channels.
func (w *Workspace) hearsMessages(c *conversation) bool {
	return c.has(botUserID) && w.app.hears("message."+c.kind(), c.kind()+":history")
}

func channelType(c *conversation) string {
	switch {
	case c.IM:
		return "im"
	case c.Private:
		return "group"
	}
	return "channel"
}

// emit sends one event. w.mu is held.
func (w *Workspace) emit(name string, c *conversation, event map[string]any) (*Delivery, string) {
	id := w.id("Ev", 10)
	d := &Delivery{w: w, kind: eventsAPI(), what: name + " event " + id, settled: make(chan struct{})}
	if w.limitEvents() {
		d.settle(&Failure{"app_rate_limited", "the app has had its events of this hour"}, 0)
		return d, id
	}
	d.payload = encode(map[string]any{
		"token": verificationToken, "team_id": teamID, "api_app_id": appID, "type": "event_callback",
		"event_id": id, "event_time": w.cfg.Now().Unix(), "event_context": "4-" + id,
		"is_ext_shared_channel": w.shared(c), "event": event,
		"authorizations": []map[string]any{{
			"enterprise_id": nil, "team_id": teamID, "user_id": botUserID, "is_bot": true, "is_enterprise_install": false,
		}},
	})
	w.send(d, false)
	return d, id
}

// limitEvents counts an event and reports whether it is one too many; the app
// is told so once a minute. w.mu is held.
func (w *Workspace) limitEvents() bool {
	if w.cfg.Unlimited {
		return false
	}
	now := time.Now()
	if now.Sub(w.events.began) >= time.Hour {
		w.events = eventHour{began: now}
	}
	w.events.count++
	if w.events.count <= eventsPerHour {
		return false
	}
	if now.Sub(w.events.warned) >= time.Minute {
		w.events.warned = now
		d := &Delivery{w: w, kind: eventsAPI(), what: "app_rate_limited", settled: make(chan struct{})}
		d.payload = encode(map[string]any{
			"token": verificationToken, "type": "app_rate_limited", "team_id": teamID,
			"minute_rate_limited": w.cfg.Now().Truncate(time.Minute).Unix(), "api_app_id": appID,
		})
		w.send(d, false)
	}
	return true
}
