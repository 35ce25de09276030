// Package socket is Socket Mode: it keeps a connection to Slack, reads what arrives,
// acknowledges each envelope and hands it over, once, as an interaction.Interaction.
// It knows Slack's protocol and nothing of compute units.
//
//		envelope ─ acknowledge ─ delivered before? ─ a place to work? ─ Handler's Job
//		           └──────────── read loop ────────────┘               └ a goroutine
//
//	  - The read loop waits for nothing but its own acknowledgement.
//	  - An envelope is acknowledged before it is worked on, and worked on once:
//	    redelivery is recognised by the message, the trigger or the envelope; over a
//	    restart the Handler does, by the ledger.
//	  - At most Places jobs are under way; Wait waits for every one. Who finds no place,
//	    or the bot stopping, is told so by the Handler.
//	  - What names nobody is dropped with a warning.
//	  - A connection ends with a close frame, and why Slack ended one is in the log.
//	  - Whatever may pass is retried, with jitter, and never faster than the pacer allows.
package socket

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"computeunits/bot/guard"
	"computeunits/bot/slackapi"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
)

// Rules of the sockets (https://docs.slack.dev/apis/events-api/using-socket-mode).
const (
	// maxMessage bounds what Slack sends in one message, in bytes; the largest
	// payloads, of modals and messages full of blocks, have some 250 KB.
	maxMessage = 1 << 20
	// keptBuffer is how much of the memory for one message is kept for the next.
	keptBuffer = 64 << 10
	// maxAcknowledgement is from how many bytes on Slack drops an acknowledgement
	// without a word.
	maxAcknowledgement = 20 << 10
	// silence is for how long a socket on which nothing arrives, not even a ping,
	// is taken to live. Slack pings every few seconds.
	silence = 30 * time.Second
	// goodbye is how long the answer to a close frame is waited for.
	goodbye = time.Second
	// socketOrigin is what Slack's own clients send as the origin of a dial.
	socketOrigin = "https://api.slack.com"
	// modePage is where an app's Socket Mode is switched on.
	modePage = "https://api.slack.com/apps (the app's page, Settings, Socket Mode)"
)

// A socket is Socket Mode: it keeps one connection to Slack open, and hands over
// what arrives on it, one message after the other.
//
// slack-go decodes what arrives and asks for the address to dial; its loop
// (socketmode.Client) is not used, because it cannot be made to keep these rules:
//
//   - A connection ends with a close frame, whoever ends it, and by TCP only when
//     the other side does not answer that within a second. One that breaks off
//     stays registered with Slack for a while and swallows its share of commands.
//   - Why Slack ends a connection is logged.
//   - What arrives is read, decoded and handled where a panic can be caught.
//   - A message is of bounded size, and the memory for it is used again.
//   - The pacer alone decides when to dial anew.
type socket struct {
	api    *slack.Client // its transport is the pacer
	dialer *websocket.Dialer
	pace   *pacer
	guard  *guard.Guard
	log    *slog.Logger
	// handle takes a message other than disconnect, with the error if it is none
	// of the protocol. It is called in the goroutine that reads: while it stands
	// still no ping is answered.
	handle func(ctx context.Context, m *socketmode.Request, bad error)

	line  *line          // the present one; belongs to the goroutine that calls handle
	lines sync.WaitGroup // the goroutines of all lines
}

// A line is one connection.
type line struct {
	*websocket.Conn
	left  chan struct{} // closed when Slack wants another one dialled
	ended chan struct{} // closed when nothing can be read any more
	err   error         // why; set before ended is closed
}

// run keeps a connection open until ctx is done, and returns when the last one
// is closed. It returns an error only when Slack refuses the token for good.
func (s *socket) run(ctx context.Context) error {
	defer s.lines.Wait()
	for ctx.Err() == nil {
		conn, err := s.dial(ctx)
		if fault := appTokenFault(err); fault != nil {
			return fault
		}
		if err != nil {
			if ctx.Err() == nil {
				s.log.WarnContext(ctx, "cannot connect to Slack; will go on trying", "error", slackapi.WithoutURL(err))
			}
			continue // the pacer waits
		}
		l := &line{Conn: conn, left: make(chan struct{}), ended: make(chan struct{})}
		s.line = l
		s.lines.Go(func() { s.read(ctx, l) })
		s.lines.Go(func() { l.watch(ctx) })
		select {
		case <-l.left:
		case <-l.ended:
			if ctx.Err() == nil {
				s.log.InfoContext(ctx, "the socket broke; reconnecting", "error", slackapi.WithoutURL(l.err))
			}
		}
	}
	return nil
}

func appTokenFault(err error) error {
	return slackapi.TokenFault(err, "apps.connections.open", "SLACK_APP_TOKEN", "connections:write")
}

// dial asks for an address and dials it.
func (s *socket) dial(ctx context.Context) (*websocket.Conn, error) {
	_, url, err := s.api.StartSocketModeContext(ctx)
	if err != nil {
		return nil, err
	}
	conn, _, err := s.dialer.DialContext(ctx, url, http.Header{"Origin": {socketOrigin}})
	return conn, err
}

// read hands over what arrives until nothing can be read any more. Once the
// connection is being given up, only its end is waited for.
func (s *socket) read(ctx context.Context, l *line) {
	defer close(l.ended)
	defer func() {
		if v := recover(); v != nil {
			s.guard.Note(ctx, "reading the socket", v)
			l.err = errors.New("reading it ended in a panic")
		}
	}()
	alive := func() { l.SetReadDeadline(time.Now().Add(silence)) }
	l.SetReadLimit(maxMessage)
	l.SetPingHandler(func(data string) error {
		alive()
		// What cannot be written now shows when something can not be read.
		_ = l.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(ackTimeout))
		return nil
	})
	alive()
	var message bytes.Buffer
	for {
		_, r, err := l.NextReader()
		if err == nil {
			message.Reset()
			_, err = message.ReadFrom(r)
		}
		if err != nil {
			if errors.Is(err, websocket.ErrReadLimit) {
				err = fmt.Errorf("slack sent more than %d bytes in one message: %w", maxMessage, err)
			}
			l.err = err
			return
		}
		alive()
		if ctx.Err() == nil && !l.isLeft() {
			s.take(ctx, l, message.Bytes())
		}
		if message.Cap() > keptBuffer {
			message = bytes.Buffer{}
		}
	}
}

// take hands over one message, but for disconnect. A panic ends the message, and
// not the connection.
func (s *socket) take(ctx context.Context, l *line, data []byte) {
	defer func() {
		if v := recover(); v != nil {
			s.guard.Note(ctx, "taking a message of Slack's", v)
		}
	}()
	m := new(socketmode.Request)
	bad := json.Unmarshal(data, m)
	if bad != nil || m.Type != socketmode.RequestTypeDisconnect {
		s.handle(ctx, m, bad)
		return
	}
	close(l.left)
	s.disconnected(ctx, m.Reason, m.DebugInfo.Host)
}

// disconnected says why Slack ends a connection, and what is to be done about it.
// https://docs.slack.dev/apis/events-api/using-socket-mode#disconnect
func (s *socket) disconnected(ctx context.Context, reason, host string) {
	switch reason {
	case "link_disabled":
		s.log.ErrorContext(ctx, "Socket Mode was turned off for this app: nobody is answered until it is turned on again at "+modePage, "reason", reason)
	case "too_many_websockets":
		s.pace.crowded()
		s.log.WarnContext(ctx, "Slack takes no further connection of this app: ten are open. Other copies run with the same tokens, or connections that were lost are still counted, which passes", "reason", reason)
	default:
		s.log.InfoContext(ctx, "Slack asks to reconnect", "reason", reason, "host", host)
	}
}

// isLeft reports whether Slack has asked for another connection.
func (l *line) isLeft() bool {
	select {
	case <-l.left:
		return true
	default:
		return false
	}
}

// watch ends the connection: when ctx is done or Slack wants another one by a
// close frame, which the other side has a second to answer.
func (l *line) watch(ctx context.Context) {
	defer l.Close()
	select {
	case <-l.ended:
		return
	case <-ctx.Done():
	case <-l.left:
	}
	frame := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
	if l.WriteControl(websocket.CloseMessage, frame, time.Now().Add(goodbye)) != nil {
		return
	}
	timer := time.NewTimer(goodbye)
	defer timer.Stop()
	select {
	case <-l.ended:
	case <-timer.C:
	}
}

// acknowledge tells Slack that an envelope arrived. It is called by handle only.
func (s *socket) acknowledge(envelope string, payload any) error {
	data, err := json.Marshal(socketmode.Response{EnvelopeID: envelope, Payload: payload})
	if err != nil {
		return fmt.Errorf("encoding: %w", err)
	}
	if len(data) >= maxAcknowledgement {
		return fmt.Errorf("it has %d bytes; Slack takes less than %d", len(data), maxAcknowledgement)
	}
	s.line.SetWriteDeadline(time.Now().Add(ackTimeout))
	return s.line.WriteMessage(websocket.TextMessage, data)
}
