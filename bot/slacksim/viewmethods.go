package slacksim

import (
	"encoding/json"
	"slices"

	"computeunits/bot/slacksim/blockkit"
)

// readView reads and checks a view of a kind: "modal" or "home".
func readView(text, kind string) (viewSource, *apiError) {
	var source viewSource
	if text == "" {
		return source, invalidArguments("missing required field: view")
	}
	if problems := blockkit.CheckView(json.RawMessage(text)); len(problems) > 0 {
		return source, blockProblems(problems[0].Code, problems)
	}
	if err := json.Unmarshal([]byte(text), &source); err != nil { // checked just now
		return source, invalidArguments("must provide an object [json-pointer:/view]")
	}
	if source.Type != kind {
		return source, invalidArguments("unsupported type: " + source.Type + " [json-pointer:/view/type]")
	}
	return source, nil
}

// taken refuses an external_id that another view has. w.mu is held.
func (w *Workspace) taken(externalID string, except *view) *apiError {
	for _, v := range w.views {
		if externalID != "" && v.ExternalID == externalID && v != except {
			return refuse("duplicate_external_id")
		}
	}
	return nil
}

// readModal reads what views.open and views.push have in common.
func readModal(a arguments) (viewSource, *apiError) {
	if a["trigger_id"] == "" {
		return viewSource{}, invalidArguments("missing required field: trigger_id")
	}
	return readView(a["view"], "modal")
}

// mayAppear finds the trigger for a new view without using it up: whether a
// refused view spends one is documented nowhere, so an app may try again. w.mu
// is held.
func (w *Workspace) mayAppear(source viewSource, a arguments) (*trigger, *apiError) {
	t, refused := w.usable(a["trigger_id"])
	if refused == nil {
		refused = w.taken(source.ExternalID, nil)
	}
	return t, refused
}

// openView is views.open. A person sees one modal at a time; which one wins
// over another that is still open is documented nowhere: here the new one.
func openView(w *Workspace, c *call) (map[string]any, *apiError) {
	source, refused := readModal(c.args)
	if refused != nil {
		return nil, refused
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	t, refused := w.mayAppear(source, c.args)
	if refused != nil {
		return nil, refused
	}
	t.spent = true
	if w.top(t.user) != nil {
		w.forget(t.user, 0)
	}
	v := w.newView(t.user, t.channel, source)
	w.push(v)
	return map[string]any{"view": v.object()}, nil
}

// pushView is views.push. The answer to a trigger from outside the person's
// modal is ours.
func pushView(w *Workspace, c *call) (map[string]any, *apiError) {
	source, refused := readModal(c.args)
	if refused != nil {
		return nil, refused
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	t, refused := w.mayAppear(source, c.args)
	if refused != nil {
		return nil, refused
	}
	stack := w.modals[t.user]
	switch {
	case !slices.ContainsFunc(stack, func(v *view) bool { return v.id == t.view }):
		return nil, invalidArguments("invalid `trigger_id`")
	case len(stack) >= maxStack:
		return nil, refuse("push_limit_reached")
	}
	t.spent = true
	v := w.newView(t.user, t.channel, source)
	w.push(v)
	return map[string]any{"view": v.object()}, nil
}

// updateView is views.update.
func updateView(w *Workspace, c *call) (map[string]any, *apiError) {
	if c.args["view_id"] == "" && c.args["external_id"] == "" {
		return nil, invalidArguments("missing required field: view_id")
	}
	var kind struct {
		Type string `json:"type"`
	}
	json.Unmarshal([]byte(c.args["view"]), &kind) // what it is not is refused next
	source, refused := readView(c.args["view"], kind.Type)
	if refused != nil {
		return nil, refused
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	v := w.views[c.args["view_id"]]
	for _, other := range w.views {
		if id := c.args["external_id"]; c.args["view_id"] == "" && other.ExternalID == id {
			v = other
		}
	}
	if v == nil {
		return nil, refuse("not_found")
	}
	return w.change(v, source, c.args["hash"])
}

// change gives a view new content unless it changed since the app last saw it.
// w.mu is held.
func (w *Workspace) change(v *view, source viewSource, hash string) (map[string]any, *apiError) {
	switch refused := w.taken(source.ExternalID, v); {
	case source.Type != v.Type:
		return nil, invalidArguments("unsupported type: " + source.Type + " [json-pointer:/view/type]")
	case hash != "" && hash != v.hash:
		return nil, refuse("hash_conflict")
	case refused != nil:
		return nil, refused
	}
	w.fill(v, source)
	w.tellView(v)
	return map[string]any{"view": v.object()}, nil
}

// publishView is views.publish. A person's Home keeps its id.
func publishView(w *Workspace, c *call) (map[string]any, *apiError) {
	source, refused := readView(c.args["view"], "home")
	if refused != nil {
		return nil, refused
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	user := c.args["user_id"]
	u, known := w.users[user]
	switch {
	case !w.app.homeTab:
		return nil, refuse("not_enabled")
	case user == "":
		return nil, invalidArguments("missing required field: user_id")
	case !known || u.Deleted || u.Bot:
		return nil, invalidArguments("invalid `user_id`")
	}
	if v := w.homes[user]; v != nil {
		return w.change(v, source, c.args["hash"])
	}
	if refused := w.taken(source.ExternalID, nil); refused != nil {
		return nil, refused
	}
	if c.args["hash"] != "" { // of a Home that was never published
		return nil, refuse("hash_conflict")
	}
	v := w.newView(user, "", source)
	w.homes[user] = v
	w.tellView(v)
	return map[string]any{"view": v.object()}, nil
}
