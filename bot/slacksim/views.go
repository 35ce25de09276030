package slacksim

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"computeunits/bot/slacksim/blockkit"
)

// Rules of views (https://docs.slack.dev/surfaces/modals).
const maxStack = 3 // views in a modal

// View is a modal or a Home as a person sees it.
type View struct {
	ID, Hash        string
	Type            string // "modal" or "home"
	User            string // who sees it
	CallbackID      string
	ExternalID      string
	PrivateMetadata string
	Title           string // of a modal, as are the labels of its buttons
	SubmitLabel     string // "" without that button
	CloseLabel      string

	// Blocks are those of the app, with the identifiers that Slack made up and
	// with what the person chose and typed as the initial values.
	Blocks json.RawMessage
	Errors map[string]string // shown at fields, by block_id
	// Trouble is what Slack shows when the app failed the last submission.
	Trouble string
}

// Controls lists what the person can press, choose and type into. Initial is
// what each holds at present.
func (v View) Controls() []blockkit.Control { return blockkit.Controls(v.Blocks) }

// Plain is the view as a terminal shows it: the title, the blocks, what is
// wrong, the buttons at the end.
func (v View) Plain() string {
	lines := []string{v.Title, blockkit.PlainText(v.Blocks)}
	for _, c := range v.Controls() {
		if wrong := v.Errors[c.BlockID]; wrong != "" {
			lines = append(lines, "! "+c.Label+": "+wrong)
		}
	}
	if v.Trouble != "" {
		lines = append(lines, "! "+v.Trouble)
	}
	if v.Type == "modal" {
		buttons := "[" + v.CloseLabel + "]"
		if v.SubmitLabel != "" {
			buttons += " [" + v.SubmitLabel + "]"
		}
		lines = append(lines, buttons)
	}
	lines = slices.DeleteFunc(lines, func(line string) bool { return line == "" })
	return strings.Join(lines, "\n")
}

// viewSource is a view as the app sends it.
type viewSource struct {
	Type            string          `json:"type"`
	Title           *plainText      `json:"title"`
	Submit          *plainText      `json:"submit"`
	Close           *plainText      `json:"close"`
	Blocks          json.RawMessage `json:"blocks"`
	PrivateMetadata string          `json:"private_metadata"`
	CallbackID      string          `json:"callback_id"`
	ExternalID      string          `json:"external_id"`
	ClearOnClose    bool            `json:"clear_on_close"`
	NotifyOnClose   bool            `json:"notify_on_close"`
}

// plainText is a plain_text object.
type plainText struct {
	Type  string `json:"type"`
	Text  string `json:"text"`
	Emoji *bool  `json:"emoji,omitempty"`
}

// or is the label's text, or another when there is no label.
func (l *plainText) or(other string) string {
	if l == nil {
		return other
	}
	return l.Text
}

// view is a view that somebody has, guarded by Workspace.mu.
type view struct {
	viewSource
	id, hash       string
	user           string
	channel        string // where the person was; "" unknown
	root, previous string
	blocks         json.RawMessage // with the identifiers that Slack makes up
	chosen         choices
	errors         map[string]string
	trouble        string
}

// newView makes a view for a person. w.mu is held.
func (w *Workspace) newView(user, channel string, source viewSource) *view {
	v := &view{id: w.id("V", 10), user: user, channel: channel}
	v.root = v.id
	w.views[v.id] = v
	w.fill(v, source)
	return v
}

// fill gives a view new content. What its controls hold stays where block_id
// and action_id stay, even when the new content has other initial values
// (https://docs.slack.dev/reference/views/home-tab-views, "Preserving input
// entry in views"). w.mu is held.
func (w *Workspace) fill(v *view, source viewSource) {
	before := v.held()
	v.viewSource = source
	v.hash = fmt.Sprintf("%d.%08x", w.cfg.Now().Unix(), w.random.Uint32())
	v.blocks = blockkit.WithIDs(source.Blocks, v.id+v.hash)
	v.chosen, v.errors, v.trouble = nil, nil, ""
	for _, c := range blockkit.Controls(v.blocks) {
		if old, kept := before[slot{c.BlockID, c.ActionID}]; kept && old.kind == c.Type {
			v.chosen = v.chosen.with(c, old.value)
		}
	}
}

// heldValue is what a control held before its view changed.
type heldValue struct {
	kind  string
	value json.RawMessage
}

func (v *view) held() map[slot]heldValue {
	held := map[slot]heldValue{}
	for _, c := range blockkit.Controls(v.blocks) {
		if c.Holds != "" {
			held[slot{c.BlockID, c.ActionID}] = heldValue{c.Type, v.value(c)}
		}
	}
	return held
}

// value is what a control of the view holds.
func (v *view) value(c blockkit.Control) json.RawMessage {
	var here struct {
		Current bool `json:"default_to_current_conversation"`
	}
	if c.Initial == nil && v.channel != "" && json.Unmarshal(c.JSON, &here) == nil && here.Current {
		c.Initial = encode(v.channel)
		if c.Many {
			c.Initial = encode([]string{v.channel})
		}
	}
	return v.chosen.value(c)
}

// state is the state of the view in payloads.
func (v *view) state() map[string]any { return stateOf(v.blocks, v.value) }

// object is the view as the Web API and payloads show it
// (https://docs.slack.dev/reference/methods/views.open).
func (v *view) object() map[string]any {
	var previous any
	if v.previous != "" {
		previous = v.previous
	}
	return map[string]any{
		"id": v.id, "team_id": teamID, "type": v.Type, "blocks": v.blocks,
		"title": v.Title, "submit": v.Submit, "close": v.Close,
		"private_metadata": v.PrivateMetadata, "callback_id": v.CallbackID, "external_id": v.ExternalID,
		"clear_on_close": v.ClearOnClose, "notify_on_close": v.NotifyOnClose,
		"state": v.state(), "hash": v.hash, "root_view_id": v.root, "previous_view_id": previous,
		"app_id": appID, "app_installed_team_id": teamID, "bot_id": botID,
	}
}

// seen is the view as its person sees it.
func (v *view) seen() View {
	controls := map[slot]blockkit.Control{}
	for _, c := range blockkit.Controls(v.blocks) {
		controls[slot{c.BlockID, c.ActionID}] = c
	}
	blocks := blockkit.WithValues(v.blocks, func(block, action string) json.RawMessage {
		c := controls[slot{block, action}]
		if value := v.value(c); !bytes.Equal(value, c.Initial) {
			return value
		}
		return nil
	})
	errors := map[string]string{}
	for block, wrong := range v.errors {
		errors[block] = wrong
	}
	return View{
		ID: v.id, Hash: v.hash, Type: v.Type, User: v.user,
		CallbackID: v.CallbackID, ExternalID: v.ExternalID, PrivateMetadata: v.PrivateMetadata,
		Title: v.Title.or(""), SubmitLabel: v.Submit.or(""), CloseLabel: v.Close.or("Close"),
		Blocks: blocks, Errors: errors, Trouble: v.trouble,
	}
}

// top is the modal view that a person sees; nil when none is open. w.mu is held.
func (w *Workspace) top(user string) *view {
	stack := w.modals[user]
	if len(stack) == 0 {
		return nil
	}
	return stack[len(stack)-1]
}

// forget removes the modal views of a person from a depth on; 0 closes the
// modal. w.mu is held.
func (w *Workspace) forget(user string, depth int) {
	stack := w.modals[user]
	for _, v := range stack[depth:] {
		delete(w.views, v.id)
	}
	w.modals[user] = stack[:depth]
	if depth == 0 {
		delete(w.modals, user)
	}
	if v := w.top(user); v != nil {
		w.tellView(v)
	}
}

// push puts a view on a person's modal. w.mu is held.
func (w *Workspace) push(v *view) {
	if below := w.top(v.user); below != nil {
		v.root, v.previous, v.channel = below.root, below.id, below.channel
	}
	w.modals[v.user] = append(w.modals[v.user], v)
	w.tellView(v)
}

// tellView passes a view that appeared or changed to those who wait. w.mu is
// held.
func (w *Workspace) tellView(v *view) {
	for a := range w.viewWatchers {
		if a.user == v.user && a.kind == v.Type {
			a.inbox.put(v.seen())
		}
	}
}

// Modal is the modal view that a person sees; false when none is open.
func (w *Workspace) Modal(user string) (View, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if v := w.top(user); v != nil {
		return v.seen(), true
	}
	return View{}, false
}

// Home is what a person sees in the app's Home tab; the zero View before the
// app has published one.
func (w *Workspace) Home(user string) View {
	w.mu.Lock()
	defer w.mu.Unlock()
	if v := w.homes[user]; v != nil {
		return v.seen()
	}
	return View{}
}

// AwaitModal returns the modal view that a person sees once it matches, and
// waits until there is one; match is called without locks. The error is the
// one of ctx, or says that the workspace was closed.
func (w *Workspace) AwaitModal(ctx context.Context, user string, match func(View) bool) (View, error) {
	return w.awaitView(ctx, user, "modal", match)
}

// AwaitHome is AwaitModal for the Home that the app publishes for a person.
func (w *Workspace) AwaitHome(ctx context.Context, user string, match func(View) bool) (View, error) {
	return w.awaitView(ctx, user, "home", match)
}

func (w *Workspace) awaitView(ctx context.Context, user, kind string, match func(View) bool) (View, error) {
	a := &viewWatcher{user: user, kind: kind, inbox: newInbox[View]()}
	w.mu.Lock()
	w.viewWatchers[a] = struct{}{}
	present := w.top(user)
	if kind == "home" {
		present = w.homes[user]
	}
	if present != nil {
		a.inbox.put(present.seen())
	}
	w.mu.Unlock()
	defer func() {
		w.mu.Lock()
		delete(w.viewWatchers, a)
		w.mu.Unlock()
	}()
	for {
		v, err := a.inbox.next(ctx, w.done)
		if err != nil {
			return View{}, fmt.Errorf("waiting for the %s of %s: %w", kind, user, err)
		}
		if match(v) {
			return v, nil
		}
	}
}
