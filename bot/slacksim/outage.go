package slacksim

import (
	"encoding/json"
	"errors"
	"slices"
)

// Disconnect sends a disconnect frame on every socket and then closes it as
// Slack does: at once, after "warning" ten seconds later. The reason is one of
// warning, refresh_requested, link_disabled, too_many_websockets. Ghosts are
// buried. New connections are welcome.
func (w *Workspace) Disconnect(reason string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range slices.Clone(w.sockets) {
		if reason != "warning" || s.ghost {
			w.retire(s, reason)
			continue
		}
		s.push(outgoing{data: disconnectFrame(reason)})
		w.stop(s.warn)
		w.stop(s.end)
		s.end = w.after(warningLead, func() { w.retire(s, "refresh_requested") })
	}
}

// Sever cuts the TCP connection of every socket without a close frame. Ghosts
// stay registered.
func (w *Workspace) Sever() {
	w.cut()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sockets = slices.DeleteFunc(w.sockets, func(s *socket) bool {
		if !s.ghost {
			s.closing = true
			w.stop(s.warn)
			w.stop(s.end)
		}
		return !s.ghost
	})
}

// cut closes every connection.
func (w *Workspace) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for s := range w.open {
		s.sever()
	}
}

// ExpectKills tells whether the app's process may be killed: then a socket that
// ends without a close frame is no complaint.
func (w *Workspace) ExpectKills(expected bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.mortal = expected
}

// Ghost turns the present sockets into half-open ones: the TCP connection
// stays, but nothing reaches the client any more, pings included, and nothing
// it sends is heard. Slack goes on counting a ghost and routing envelopes to
// it, where they vanish, even after the client has given the connection up;
// the ghost ends with the socket's lifetime, a Disconnect or a Down.
func (w *Workspace) Ghost() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range w.sockets {
		s.ghost = true
		w.stop(s.warn)
	}
}

// Down makes the whole service unreachable, or reachable again: every socket,
// ghosts included, and every request is cut.
func (w *Workspace) Down(down bool) {
	w.mu.Lock()
	w.down = down
	if down {
		for _, s := range w.sockets {
			s.ghost = false
		}
	}
	w.mu.Unlock()
	if down {
		w.Sever()
	}
}

// SendRaw sends any bytes as a text frame on one live socket: envelopes that
// cannot be decoded, unknown types. The error says that there is no socket.
func (w *Workspace) SendRaw(data json.RawMessage) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, i := range w.random.Perm(len(w.sockets)) {
		if s := w.sockets[i]; s.live() {
			s.push(outgoing{data: data})
			return nil
		}
	}
	return errors.New("sending a raw frame: no socket is connected")
}
