package slacksim

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// socket is one Socket Mode connection. Its reader runs in the goroutine of
// the HTTP request, its writer in one of its own.
type socket struct {
	w     *Workspace
	conn  *websocket.Conn
	wake  chan struct{} // holds a token while queue has frames
	ended chan struct{} // closed when the reader has ended

	// Guarded by w.mu.
	queue     []outgoing
	warn, end *time.Timer
	ends      time.Time
	ghost     bool // registered, but nothing reaches the client any more
	closing   bool // the last frame is queued; nothing is routed here
	farewell  bool // the client has sent a close frame
	cut       bool // by this side, without a close frame
}

// outgoing is a data frame, and whether the socket is closed after it.
type outgoing struct {
	data []byte
	last bool
}

// live reports whether envelopes given to the socket reach the client. w.mu is
// held.
func (s *socket) live() bool {
	select {
	case <-s.ended:
		return false
	default:
		return !s.ghost && !s.closing
	}
}

// Connections is how many sockets count against the limit of ten: live ones
// and ghosts.
func (w *Workspace) Connections() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.sockets)
}

// anySocket picks the connection for an envelope without any pattern: the one
// may be a ghost. Nil when there is none. w.mu is held.
func (w *Workspace) anySocket() *socket {
	var open []*socket
	for _, s := range w.sockets {
		if !s.closing {
			open = append(open, s)
		}
	}
	if len(open) == 0 {
		return nil
	}
	return open[w.random.IntN(len(open))]
}

// serveLink answers a dial to the URL of apps.connections.open.
func (w *Workspace) serveLink(rw http.ResponseWriter, r *http.Request) {
	c := Call{Time: time.Now().UTC(), Method: "link", Status: http.StatusSwitchingProtocols}
	if w.misbehave(rw, r, w.takeFault(c.Method, nil), false, &c) {
		return
	}
	if !w.spendTicket(r.URL.Query().Get("ticket")) {
		c.Status, c.Error = http.StatusForbidden, "invalid_ticket" // status and name are ours
		w.record(c)
		http.Error(rw, c.Error, c.Status)
		return
	}
	// EnableCompression stays off: Slack declines permessage-deflate.
	up := websocket.Upgrader{CheckOrigin: allowedOrigin, ReadBufferSize: 4096, WriteBufferSize: 4096}
	conn, err := up.Upgrade(rw, r, nil)
	if err != nil {
		c.Status, c.Error = http.StatusBadRequest, err.Error()
		w.record(c)
		return
	}
	w.record(c)
	life := w.cfg.Lifetime
	if r.URL.Query().Get("debug_reconnects") == "true" {
		life = min(life, debugLife)
	}
	conn.SetReadLimit(maxFrame)
	s := &socket{w: w, conn: conn, wake: make(chan struct{}, 1), ended: make(chan struct{})}
	if w.join(s, life) {
		s.run()
	}
}

// allowedOrigin takes the origin that SDKs send, or none; a web page has
// another one.
func allowedOrigin(r *http.Request) bool {
	o := r.Header.Get("Origin")
	return o == "" || o == origin
}

// spendTicket reports whether a ticket may be used now, and ends it.
func (w *Workspace) spendTicket(ticket string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	issued, ok := w.tickets.get(ticket)
	w.tickets.remove(ticket)
	return ok && time.Since(issued) <= ticketLife
}

// join registers a new socket and greets it, or turns it away when there are
// too many. It reports false when the workspace is closed: nothing runs then.
func (w *Workspace) join(s *socket, life time.Duration) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed || w.down {
		s.conn.Close()
		return false
	}
	w.running.Add(1)
	w.open[s] = struct{}{}
	if len(w.sockets) >= maxSockets {
		s.finish(disconnectFrame("too_many_websockets"))
		return true
	}
	w.sockets = append(w.sockets, s)
	s.push(outgoing{data: helloFrame(len(w.sockets), life)})
	if !w.app.socketMode {
		w.retire(s, "link_disabled")
		return true
	}
	if f, ok := w.matchFault("hello", nil); ok {
		w.retire(s, f.Error)
		return true
	}
	s.ends = time.Now().Add(life)
	s.warn = w.after(life-min(warningLead, life/2), func() { s.push(outgoing{data: disconnectFrame("warning")}) })
	s.end = w.after(life, func() { w.retire(s, "refresh_requested") })
	return true
}

func helloFrame(connections int, life time.Duration) []byte {
	return fmt.Appendf(nil, `{"type":"hello","num_connections":%d,"connection_info":{"app_id":%q},`+
		`"debug_info":{"host":%q,"started":%q,"build_number":54,"approximate_connection_time":%d}}`,
		connections, appID, host, time.Now().UTC().Format("2006-01-02 15:04:05.000"), int(life.Seconds()))
}

func disconnectFrame(reason string) []byte {
	quoted, _ := json.Marshal(reason) // of a string: cannot fail
	return fmt.Appendf(nil, `{"type":"disconnect","reason":%s,"debug_info":{"host":%q}}`, quoted, host)
}

// push queues a frame. w.mu is held.
func (s *socket) push(o outgoing) {
	if s.closing || s.ghost {
		return
	}
	if len(s.queue) >= maxQueue {
		s.sever()
		return
	}
	s.queue = append(s.queue, o)
	s.closing = o.last
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// finish queues a last frame, if any, and the close frame. w.mu is held.
func (s *socket) finish(data []byte) {
	if s.ghost || s.farewell {
		s.sever()
		return
	}
	s.push(outgoing{data: data, last: true})
}

// sever cuts the TCP connection. w.mu is held.
func (s *socket) sever() {
	s.cut = true
	s.conn.Close()
}

// retire ends a socket as Slack does: a disconnect frame, then the close
// frame. A ghost is buried. w.mu is held.
func (w *Workspace) retire(s *socket, reason string) {
	s.finish(disconnectFrame(reason))
	w.leave(s)
}

// leave takes a socket off the register. w.mu is held.
func (w *Workspace) leave(s *socket) {
	for i, other := range w.sockets {
		if other == s {
			w.sockets = append(w.sockets[:i:i], w.sockets[i+1:]...)
			w.stop(s.warn)
			w.stop(s.end)
			return
		}
	}
}

// run reads until the connection ends. A ghost stays registered beyond that.
func (s *socket) run() {
	defer s.w.running.Done()
	s.conn.SetCloseHandler(s.hearFarewell)
	var writing sync.WaitGroup
	writing.Go(s.write)
	for {
		_, data, err := s.conn.ReadMessage()
		if err != nil {
			break
		}
		if s.hears() {
			s.w.acknowledge(data)
		}
	}
	lingering := s.part()
	close(s.ended)
	writing.Wait()
	if lingering { // Slack leaves it to the client to close TCP
		s.conn.SetReadDeadline(time.Now().Add(linger))
		io.Copy(io.Discard, s.conn.NetConn())
	}
	s.conn.Close()
	s.w.mu.Lock()
	defer s.w.mu.Unlock()
	delete(s.w.open, s)
}

// part takes the socket off the register once nothing can be read any more, and
// reports whether TCP stays open because it was the client who said goodbye.
func (s *socket) part() (lingering bool) {
	s.w.mu.Lock()
	defer s.w.mu.Unlock()
	if s.ghost {
		return false
	}
	s.w.leave(s)
	ours := s.closing || s.cut || s.w.down || s.w.closed
	if !s.farewell && !ours && !s.w.mortal {
		s.w.complain("a socket ended without a close frame; until Slack notices, it sends its share of commands there")
	}
	return s.farewell && !ours
}

// hearFarewell answers the client's close frame.
func (s *socket) hearFarewell(code int, _ string) error {
	s.w.mu.Lock()
	s.farewell = true
	s.w.mu.Unlock()
	if code == websocket.CloseNoStatusReceived {
		code = websocket.CloseNormalClosure
	}
	s.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, ""), time.Now().Add(goodbye))
	return nil
}

func (s *socket) hears() bool {
	s.w.mu.Lock()
	defer s.w.mu.Unlock()
	return !s.ghost
}

// write sends queued frames and pings until the connection ends.
func (s *socket) write() {
	ping := time.NewTicker(s.w.cfg.PingEvery)
	defer ping.Stop()
	for {
		select {
		case <-s.ended:
			return
		case <-s.wake:
			if !s.flush() {
				return
			}
		case <-ping.C:
			s.ping()
		}
	}
}

// flush sends what is queued; false after the close frame or a failure.
func (s *socket) flush() bool {
	s.w.mu.Lock()
	queue := s.queue
	s.queue = nil
	s.w.mu.Unlock()
	for _, o := range queue {
		if o.data != nil {
			s.conn.SetWriteDeadline(time.Now().Add(writeWithin))
			if err := s.conn.WriteMessage(websocket.TextMessage, o.data); err != nil {
				s.w.mu.Lock()
				s.sever()
				s.w.mu.Unlock()
				return false
			}
		}
		if o.last {
			text := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
			s.conn.WriteControl(websocket.CloseMessage, text, time.Now().Add(goodbye))
			s.conn.SetReadDeadline(time.Now().Add(goodbye))
			return false
		}
	}
	return true
}

func (s *socket) ping() {
	if s.hears() {
		s.conn.WriteControl(websocket.PingMessage, []byte("Ping from "+host), time.Now().Add(writeWithin))
	}
}
