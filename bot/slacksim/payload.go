package slacksim

import (
	"encoding/json"
	"maps"
	"strings"

	"computeunits/bot/slacksim/blockkit"
)

// interaction is what every payload of an interaction says
// (https://docs.slack.dev/reference/interaction-payloads). w.mu is held.
func (w *Workspace) interaction(kind, user string) map[string]any {
	u := w.users[user]
	return map[string]any{
		"type": kind, "token": verificationToken, "api_app_id": appID,
		"team":       map[string]any{"id": teamID, "domain": teamDomain},
		"user":       map[string]any{"id": u.ID, "username": u.Name, "name": u.Name, "team_id": u.team()},
		"enterprise": nil, "is_enterprise_install": false,
	}
}

// messageAction adds what a block_actions payload says of a message, and
// returns its response_url. Of an ephemeral message the app is told where it
// stands, not what it says
// (https://docs.slack.dev/reference/interaction-payloads/block_actions-payload).
func (w *Workspace) messageAction(payload map[string]any, user string, s surface, replies *inbox[Message]) string {
	p := s.post
	container := map[string]any{
		"type": "message", "message_ts": p.TS, "channel_id": s.in.ID, "is_ephemeral": p.VisibleTo != "",
	}
	if p.thread != 0 {
		container["thread_ts"] = p.ThreadTS
	}
	r, link := w.newResponse(s.in.ID, user, replies)
	r.original, r.pressed = p.at, true
	maps.Copy(payload, map[string]any{
		"container": container, "response_url": link,
		"channel": map[string]any{"id": s.in.ID, "name": s.in.shownName()},
		"state":   stateOf(s.blocks, func(c blockkit.Control) json.RawMessage { return s.value(user, c) }),
	})
	if p.VisibleTo == "" {
		payload["message"] = p.view(false)
	}
	return link
}

// viewAction adds what a block_actions payload says of a Home or a modal.
func (w *Workspace) viewAction(payload map[string]any, v *view) {
	payload["container"] = map[string]any{"type": "view", "view_id": v.id}
	payload["view"] = v.object()
}

// action is one element of actions. w.mu is held.
func (w *Workspace) action(c blockkit.Control, value json.RawMessage) map[string]any {
	var element map[string]json.RawMessage
	json.Unmarshal(c.JSON, &element) // it was checked when it was sent
	a := map[string]any{"type": c.Type, "block_id": c.BlockID, "action_id": c.ActionID, "action_ts": w.now().String()}
	for name, member := range element {
		switch {
		case name == "text", name == "value", name == "style", name == "url", name == "placeholder":
			a[name] = member
		case strings.HasPrefix(name, "initial_") && c.Holds != "value":
			a[name] = member
		}
	}
	switch {
	case c.Type == "overflow":
		a["selected_option"] = value
	case c.Holds != "":
		a[c.Holds] = value
	}
	return a
}
