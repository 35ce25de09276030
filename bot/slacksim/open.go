package slacksim

import (
	"strings"
)

// openConversation is conversations.open for direct messages of two; those of
// several people are not simulated.
func openConversation(w *Workspace, c *call) (map[string]any, *apiError) {
	w.mu.Lock()
	defer w.mu.Unlock()
	in, existed, refused := w.meant(c.args)
	if refused != nil {
		return nil, refused
	}
	channel := map[string]any{"id": in.ID}
	if c.args.truth("return_im") {
		for _, user := range in.Members {
			if user != botUserID {
				channel["user"] = user
			}
		}
		channel["created"], channel["is_im"], channel["is_open"] = w.cfg.Now().Unix(), true, true
	}
	body := map[string]any{"channel": channel}
	if existed {
		body["no_op"], body["already_open"] = true, true
	}
	return body, nil
}

// meant finds or opens the direct message that the arguments of
// conversations.open mean. w.mu is held.
func (w *Workspace) meant(a arguments) (in *conversation, existed bool, refused *apiError) {
	if id := a["channel"]; id != "" {
		in = w.channels[id]
		switch {
		case in == nil || !in.visible(botUserID):
			return nil, false, refuse("channel_not_found")
		case !in.IM:
			return nil, false, refuse("method_not_supported_for_channel_type")
		}
		return in, true, nil
	}
	users := strings.Split(a["users"], ",")
	u, known := w.users[strings.TrimSpace(users[0])]
	switch {
	case a["users"] == "":
		return nil, false, refuse("users_list_not_supplied")
	case len(users) > 1:
		return nil, false, refuse("method_not_supported_for_channel_type")
	case !known:
		return nil, false, refuse("user_not_found")
	case u.Deleted:
		return nil, false, refuse("user_disabled")
	case u.Bot:
		return nil, false, refuse("cannot_dm_bot")
	}
	before := len(w.channels)
	in = w.dm(u.ID)
	return in, len(w.channels) == before, nil
}

// permalink is chat.getPermalink.
func permalink(w *Workspace, c *call) (map[string]any, *apiError) {
	w.mu.Lock()
	defer w.mu.Unlock()
	in := w.channels[c.args["channel"]]
	if in == nil || !in.visible(botUserID) {
		return nil, refuse("channel_not_found")
	}
	at, ok := parseStamp(c.args["message_ts"])
	p := in.find(at)
	if !ok || p == nil || p.VisibleTo != "" {
		return nil, refuse("message_not_found")
	}
	link := "https://" + teamDomain + ".slack.com/archives/" + in.ID + "/p" + strings.ReplaceAll(p.TS, ".", "")
	if p.thread != 0 {
		link += "?thread_ts=" + p.ThreadTS + "&cid=" + in.ID
	}
	return map[string]any{"channel": in.ID, "permalink": link}, nil
}
