package slacksim

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"iter"
	"math"
	"slices"
	"strings"
)

// Limits of a page (https://docs.slack.dev/reference/methods/conversations.history).
const (
	pageDefault = 100
	pageMax     = 999
)

// view is a message as the Web API and events show it. Metadata appears whole
// only when asked for.
func (p *post) view(metadata bool) map[string]any {
	v := map[string]any{"type": "message", "user": p.User, "text": p.Text, "ts": p.TS, "team": p.team()}
	set := func(name string, value any, present bool) {
		if present {
			v[name] = value
		}
	}
	set("subtype", p.Subtype, p.Subtype != "")
	set("client_msg_id", p.clientID, p.clientID != "")
	set("blocks", p.identified(), p.Blocks != nil)
	set("attachments", p.Attachments, p.Attachments != nil)
	set("thread_ts", p.ThreadTS, p.ThreadTS != "")
	set("parent_user_id", p.parentUser, p.parentUser != "")
	set("files", p.files, p.files != nil)
	set("upload", false, p.files != nil)
	set("user_team", p.teamID, p.team() != teamID)
	set("source_team", p.teamID, p.team() != teamID)
	if p.Subtype == "bot_message" {
		delete(v, "user")
		v["username"] = p.username
	}
	set("hidden", true, p.Subtype == tombstone)
	if p.root != nil {
		v["root"] = p.root.view(metadata)
	}
	if p.BotID != "" {
		v["bot_id"], v["app_id"] = p.BotID, p.AppID
		v["bot_profile"] = map[string]any{"id": p.BotID, "app_id": p.AppID, "team_id": teamID, "deleted": false}
	}
	if p.Metadata != nil {
		v["metadata"] = p.Metadata
		if !metadata {
			v["metadata"] = label(p.Metadata)
		}
	}
	if p.Edited != "" {
		v["edited"] = map[string]any{"user": p.User, "ts": p.Edited}
	}
	if p.replies > 0 {
		v["reply_count"], v["reply_users_count"] = p.replies, len(p.repliers)
		v["reply_users"], v["latest_reply"] = slices.Clone(p.repliers), p.lastDown.String()
	}
	return v
}

// readable finds the conversation that a reading method names and checks the
// scope for its kind. w.mu is held.
func (w *Workspace) readable(c *call, right string) (*conversation, *apiError) {
	in := w.channels[c.args["channel"]]
	if in == nil || !in.visible(botUserID) {
		return nil, refuse("channel_not_found")
	}
	return in, w.needs(c.token, in.kind()+":"+right)
}

// conversationInfo is conversations.info.
func conversationInfo(w *Workspace, c *call) (map[string]any, *apiError) {
	w.mu.Lock()
	defer w.mu.Unlock()
	in, refused := w.readable(c, "read")
	if refused != nil {
		return nil, refused
	}
	v := map[string]any{
		"id": in.ID, "is_im": in.IM, "is_channel": !in.IM && !in.Private, "is_group": in.Private,
		"is_private": in.Private || in.IM, "is_archived": in.Archived, "is_member": in.has(botUserID),
		"is_read_only": in.ReadOnly, "is_ext_shared": w.shared(in), "context_team_id": teamID,
	}
	if in.IM {
		for _, user := range in.Members {
			if user != botUserID {
				v["user"] = user
			}
		}
	} else {
		v["name"], v["name_normalized"] = in.Name, in.Name
	}
	if c.args.truth("include_num_members") {
		v["num_members"] = len(in.Members)
	}
	if c.args.truth("include_locale") {
		v["locale"] = "en-US"
	}
	return map[string]any{"channel": v}, nil
}

// span is the part of a history that a call asks for.
type span struct {
	oldest, latest       stamp // the bounds
	withOldest, withTail bool  // and whether they are part of it
	limit                int
	metadata             bool
	forward              bool // from the oldest on
	countless            bool // without the numbers of replies
}

// readSpan reads oldest, latest, inclusive, limit, cursor and
// include_all_metadata.
func readSpan(a arguments) (span, *apiError) {
	s := span{latest: math.MaxInt64, metadata: a.truth("include_all_metadata")}
	var ok bool
	if text := a["oldest"]; text != "" {
		if s.oldest, ok = parseStamp(text); !ok {
			return s, refuse("invalid_ts_oldest")
		}
	}
	if text := a["latest"]; text != "" && text != "now" {
		if s.latest, ok = parseStamp(text); !ok {
			return s, refuse("invalid_ts_latest")
		}
	}
	s.forward = a["oldest"] != "" && a["latest"] == ""
	s.withOldest = a.truth("inclusive")
	s.withTail = s.withOldest
	if s.limit, ok = a.number("limit", pageDefault); !ok || s.limit < 0 {
		return s, refuse("invalid_limit")
	}
	if s.limit == 0 {
		s.limit = pageDefault
	}
	s.limit = min(s.limit, pageMax)
	return s, nil
}

func (s span) contains(at stamp) bool {
	after := at > s.oldest || s.withOldest && at == s.oldest
	before := at < s.latest || s.withTail && at == s.latest
	return after && before
}

// A cursor is the timestamp of the next message, in the form that Slack's
// cursors have when decoded.
const cursorPrefix = "next_ts:"

func encodeCursor(at stamp) string {
	return base64.StdEncoding.EncodeToString([]byte(cursorPrefix + at.String()))
}

func decodeCursor(text string) (stamp, bool) {
	data, err := base64.StdEncoding.DecodeString(text)
	ts, marked := strings.CutPrefix(string(data), cursorPrefix)
	at, ok := parseStamp(ts)
	return at, err == nil && marked && ok
}

// conversationHistory is conversations.history: newest first, without replies
// in threads and without ephemeral messages. Where there is more than a page it
// has the messages closest to latest; but with oldest alone those closest to
// oldest, and goes forward from there (slackhq/slack-api-docs#4).
func conversationHistory(w *Workspace, c *call) (map[string]any, *apiError) {
	s, refused := readSpan(c.args)
	if refused != nil {
		return nil, refused
	}
	if text := c.args["cursor"]; text != "" {
		at, ok := decodeCursor(text)
		if !ok {
			return nil, refuse("invalid_cursor")
		}
		if s.forward {
			s.oldest, s.withOldest = at, true
		} else {
			s.latest, s.withTail = at, true
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	in, refused := w.readable(c, "history")
	if refused != nil {
		return nil, refused
	}
	if !in.has(botUserID) {
		return nil, refuse("not_in_channel")
	}
	var found []*post
	for p := range in.between(s) {
		if p.VisibleTo == "" && (p.thread == 0 || p.Subtype == "thread_broadcast") {
			found = append(found, p)
		}
		if len(found) > s.limit {
			break
		}
	}
	s.countless = w.countless
	body := w.page(in, found, s)
	body["pin_count"] = 0
	return body, nil
}

// conversationReplies is conversations.replies: the parent, then its replies,
// oldest first. The timestamp of a reply finds its thread too.
func conversationReplies(w *Workspace, c *call) (map[string]any, *apiError) {
	s, refused := readSpan(c.args)
	if refused != nil {
		return nil, refused
	}
	at, ok := parseStamp(c.args["ts"])
	from := stamp(0)
	if text := c.args["cursor"]; text != "" {
		if from, ok = decodeCursor(text); !ok {
			return nil, refuse("invalid_cursor")
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	in, refused := w.readable(c, "history")
	if refused != nil {
		return nil, refused
	}
	if !in.has(botUserID) {
		return nil, refuse("not_in_channel")
	}
	parent := in.find(at)
	if parent != nil && parent.thread != 0 {
		at = parent.thread
		parent = in.find(at)
	}
	if !ok || parent == nil || parent.VisibleTo != "" {
		return nil, refuse("thread_not_found")
	}
	var found []*post
	for _, p := range in.posts {
		part := p == parent || p.thread == at && p.VisibleTo == "" && s.contains(p.at)
		if part && p.at >= from && len(found) <= s.limit {
			found = append(found, p)
		}
	}
	s.forward = false // oldest first already
	return w.page(in, found, s), nil
}

// between yields the messages of a span, in the order in which pages have them.
func (c *conversation) between(s span) iter.Seq[*post] {
	from, _ := slices.BinarySearchFunc(c.posts, s.oldest, func(p *post, at stamp) int { return cmp.Compare(p.at, at) })
	return func(yield func(*post) bool) {
		for i := range len(c.posts) - from {
			p := c.posts[from+i]
			if !s.forward {
				p = c.posts[len(c.posts)-1-i]
			}
			if s.contains(p.at) && !yield(p) {
				return
			}
		}
	}
}

// lagging is a message as it was seen before the newest replies to it were
// counted. w.mu is held.
func (w *Workspace) lagging(in *conversation, p *post) *post {
	if w.countLag == 0 || p.replies == 0 {
		return p
	}
	counted := stamp(w.cfg.Now().Add(-w.countLag).UnixMicro())
	seen := *p
	seen.replies, seen.repliers, seen.lastDown = 0, nil, 0
	for _, reply := range in.posts {
		if reply.thread == p.at && reply.VisibleTo == "" && reply.at <= counted {
			seen.replies, seen.lastDown = seen.replies+1, reply.at
			if !slices.Contains(seen.repliers, reply.User) {
				seen.repliers = append(seen.repliers, reply.User)
			}
		}
	}
	if seen.replies == 0 {
		seen.ThreadTS = ""
	}
	return &seen
}

// page is the answer with the first limit messages of those found, and a
// cursor when there is one more. w.mu is held.
func (w *Workspace) page(in *conversation, found []*post, s span) map[string]any {
	body := map[string]any{"has_more": len(found) > s.limit}
	if len(found) > s.limit {
		body["response_metadata"] = map[string]any{"next_cursor": encodeCursor(found[s.limit].at)}
		found = found[:s.limit]
	}
	if s.forward {
		slices.Reverse(found)
	}
	messages := make([]json.RawMessage, len(found))
	for i, p := range found {
		v := w.lagging(in, p).view(s.metadata)
		if s.countless {
			for _, name := range []string{"reply_count", "reply_users_count", "reply_users", "latest_reply"} {
				delete(v, name)
			}
		}
		messages[i] = encode(v)
	}
	body["messages"] = messages
	return body
}
