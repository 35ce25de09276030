package slacksim

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// Failure is why something a person did came to nothing.
type Failure struct {
	// Code is Slack's name for it: "operation_timeout", "dispatch_failed",
	// "invalid_command". For messages: "timeout" (no attempt was acknowledged)
	// and "no_event" (the app is not told of such messages). When the person
	// could not do it at all: "user_not_found", "channel_not_found",
	// "not_in_channel", "is_archived", "messages_tab_disabled",
	// "home_tab_disabled", "interactivity_disabled", "invalid_form",
	// "unconfirmed", "invalid_response" (of the app to a submission). When there
	// is nothing to do it with, a mistake in the test: "message_not_found",
	// "view_not_found", "no_such_control", "ambiguous", "no_such_choice",
	// "not_asked", "not_simulated".
	Code string
	// Sentence is what people see.
	Sentence string
}

func (f *Failure) Error() string { return f.Sentence }

// envelopeKind is how Slack treats the envelopes of a type.
type envelopeKind struct {
	name     string
	answered bool            // accepts_response_payload
	retries  []time.Duration // waits before each further attempt
}

// The kinds of envelopes. Only events are sent again. Of interactions only those
// with a form take a payload in the acknowledgement, those with a control take
// none.
func interactive() envelopeKind { return envelopeKind{name: "interactive", answered: true} }

func unanswered() envelopeKind { return envelopeKind{name: "interactive"} }

func slashCommands() envelopeKind { return envelopeKind{name: "slash_commands", answered: true} }

func eventsAPI() envelopeKind {
	return envelopeKind{name: "events_api", retries: []time.Duration{0, time.Minute, 5 * time.Minute}}
}

// Delivery is the way of one payload to the app: handed to a connection, in
// several attempts when it is an event, and acknowledged or not.
type Delivery struct {
	w       *Workspace
	kind    envelopeKind
	what    string // in sentences: "/computeunits", "message.im event Ev…"
	payload json.RawMessage
	fails   func(code string) *Failure // what people see then; nil: commandFailure
	answer  func(json.RawMessage)      // takes what an acknowledgement carries
	// conclude, called with w.mu held, takes an acknowledgement in time with what
	// it carries, which may be nothing, and says whether people see it fail.
	conclude func(json.RawMessage) *Failure
	missed   func(*Failure) // called with w.mu held when nobody acknowledged

	settled chan struct{} // closed when failure and after are final

	// Guarded by w.mu until settled.
	attempts int    // made, those of Redeliver too
	retried  int    // of them made because nobody acknowledged
	handed   int    // of them handed to a connection
	envelope string // id of the latest
	after    time.Duration
	failure  *Failure
}

// envelope is one attempt of a delivery.
type envelope struct {
	id       string
	delivery *Delivery
	repeat   bool // sent by Redeliver: no retries of its own
	socket   *socket
	sent     time.Time
	timer    *time.Timer
	acked    bool
	late     bool
}

func (d *Delivery) isSettled() bool {
	select {
	case <-d.settled:
		return true
	default:
		return false
	}
}

// Acked waits until the app has acknowledged and returns nil, or the *Failure
// that people see when it has not, or an error when ctx or the workspace ends
// first. For an event that is the outcome of the last attempt.
func (d *Delivery) Acked(ctx context.Context) error {
	if d.isSettled() { // that counts even when ctx is done
		return d.outcome()
	}
	select {
	case <-d.settled:
		return d.outcome()
	case <-ctx.Done():
		return fmt.Errorf("waiting for the acknowledgement of %s: %w", d.what, context.Cause(ctx))
	case <-d.w.done:
		return fmt.Errorf("waiting for the acknowledgement of %s: %w", d.what, errClosed)
	}
}

func (d *Delivery) outcome() error {
	if d.failure != nil {
		return d.failure
	}
	return nil
}

// AckedAfter is the time from the delivery of the envelope to its
// acknowledgement; zero while there is none.
func (d *Delivery) AckedAfter() time.Duration {
	d.w.mu.Lock()
	defer d.w.mu.Unlock()
	return d.after
}

// EnvelopeID is the id of the latest attempt's envelope; "" while none was made.
func (d *Delivery) EnvelopeID() string {
	d.w.mu.Lock()
	defer d.w.mu.Unlock()
	return d.envelope
}

// Delivered is how many attempts were handed to a connection.
func (d *Delivery) Delivered() int {
	d.w.mu.Lock()
	defer d.w.mu.Unlock()
	return d.handed
}

// settle ends the delivery, once. w.mu is held.
func (d *Delivery) settle(f *Failure, after time.Duration) {
	if d.isSettled() {
		return
	}
	d.failure, d.after = f, after
	close(d.settled)
	if f != nil && d.missed != nil {
		d.missed(f)
	}
}

// frame is an envelope on the wire.
type frame struct {
	Type         string          `json:"type"`
	EnvelopeID   string          `json:"envelope_id"`
	Accepts      bool            `json:"accepts_response_payload"`
	RetryAttempt *int            `json:"retry_attempt,omitempty"`
	RetryReason  *string         `json:"retry_reason,omitempty"`
	Payload      json.RawMessage `json:"payload"`
}

// send makes the next attempt. w.mu is held.
func (w *Workspace) send(d *Delivery, repeat bool) {
	e := &envelope{id: w.uuid(), delivery: d, repeat: repeat, sent: time.Now()}
	e.socket = w.anySocket()
	if e.socket == nil && d.kind.retries == nil {
		d.settle(d.failed("dispatch_failed"), 0)
		return
	}
	f := frame{Type: d.kind.name, EnvelopeID: e.id, Accepts: d.kind.answered, Payload: d.payload}
	if d.kind.retries != nil {
		attempt, reason := d.attempts, ""
		if attempt > 0 {
			reason = "timeout"
		}
		f.RetryAttempt, f.RetryReason = &attempt, &reason
	}
	d.attempts++
	d.envelope = e.id
	if e.socket != nil {
		d.handed++
		e.socket.push(outgoing{data: encode(f)})
	}
	w.envelopes.put(e.id, e)
	e.timer = w.after(ackWithin, func() { w.lapse(e) })
}

// encode is JSON of values made here, which cannot fail.
func encode(v any) json.RawMessage {
	data, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("slacksim: encoding %T: %v", v, err))
	}
	return data
}

// lapse ends an attempt that was not acknowledged in time. w.mu is held.
func (w *Workspace) lapse(e *envelope) {
	d := e.delivery
	e.late = true
	if e.socket != nil && e.socket.live() {
		w.complain("%s was not acknowledged within %s (envelope %s)", d.what, ackWithin, e.id)
	}
	switch {
	case e.repeat || d.isSettled():
	case d.kind.retries == nil:
		d.settle(d.failed("operation_timeout"), 0)
	case d.retried >= len(d.kind.retries):
		d.settle(&Failure{"timeout", d.what + " was never acknowledged"}, 0)
	default:
		pause := d.kind.retries[d.retried]
		d.retried++
		w.after(pause, func() {
			if !d.isSettled() {
				w.send(d, false)
			}
		})
	}
}

func (d *Delivery) failed(code string) *Failure {
	if d.fails != nil {
		return d.fails(code)
	}
	return commandFailure(d.what, code)
}

// commandFailure is what a person reads when a slash command fails.
func commandFailure(command, code string) *Failure {
	return &Failure{code, fmt.Sprintf("%s failed with the error %q", command, code)}
}

// acknowledge takes a frame from the app. Acknowledgements are looked up
// among all envelopes, whichever connection they come by. Slack ignores
// unknown ids, late ones and large frames without a word; here they become
// complaints.
func (w *Workspace) acknowledge(data []byte) {
	var ack struct {
		EnvelopeID *string         `json:"envelope_id"`
		Payload    json.RawMessage `json:"payload"`
	}
	if err := json.Unmarshal(data, &ack); err != nil {
		w.complain("the app sent a frame that is not JSON: %v", err)
		return
	}
	if ack.EnvelopeID == nil || *ack.EnvelopeID == "" {
		w.complain("the app acknowledged without an envelope_id (hello and disconnect want no acknowledgement)")
		return
	}
	if len(data) >= maxAck {
		w.complain("the acknowledgement of envelope %s has %d bytes; from %d on it is dropped", *ack.EnvelopeID, len(data), maxAck)
		return
	}
	e, after := w.take(*ack.EnvelopeID)
	if e == nil {
		return
	}
	d := e.delivery
	payload := ack.Payload
	if text := string(payload); text == "null" || text == "{}" {
		payload = nil
	}
	switch {
	case len(payload) == 0 || d.conclude != nil:
	case d.answer != nil:
		d.answer(payload)
	default:
		w.complain("the acknowledgement of %s carries a payload, which is ignored", d.what)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	var failure *Failure
	if d.conclude != nil && !d.isSettled() {
		failure = d.conclude(payload)
	}
	d.settle(failure, after)
}

// take marks an envelope as acknowledged and says how long that took; nil when
// the acknowledgement counts for nothing.
func (w *Workspace) take(id string) (*envelope, time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	e, known := w.envelopes.get(id)
	switch {
	case !known:
		w.complain("the app acknowledged the unknown envelope %s", id)
	case e.acked:
		w.complain("%s was acknowledged twice (envelope %s)", e.delivery.what, id)
	case e.late:
		e.acked = true
		w.complain("%s was acknowledged after %s, too late (envelope %s)", e.delivery.what, time.Since(e.sent), id)
	default:
		e.acked = true
		w.stop(e.timer)
		return e, time.Since(e.sent)
	}
	return nil, 0
}

// Redeliver sends what an envelope carried once more, in a new envelope: an
// event with the same event_id and the next retry_attempt, a slash command
// with the same trigger_id and response_url. It is meant for tests of
// de-duplication; the repetition is not retried. The error says that no such
// envelope is remembered (the last 10,000 are).
func (w *Workspace) Redeliver(envelopeID string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	e, known := w.envelopes.get(envelopeID)
	if !known {
		return fmt.Errorf("redelivering envelope %q: not sent by this workspace", envelopeID)
	}
	w.send(e.delivery, true)
	return nil
}
