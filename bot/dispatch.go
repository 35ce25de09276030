package bot

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
)

// A dispatcher takes envelopes from the socket and has them answered.
type dispatcher struct {
	client    *socketmode.Client
	pace      *pacer
	asker     *asker
	responder responder
	log       *slog.Logger

	seen     seen          // belongs to read
	places   chan struct{} // one for each answer under way
	jobs     sync.WaitGroup
	stopping atomic.Bool

	mu     sync.Mutex
	redial context.CancelFunc // ends slack-go's present run
}

// connect keeps a socket open until ctx is done. slack-go reconnects by itself
// for as long as that helps; see connectionError for when it does not.
func (d *dispatcher) connect(ctx context.Context) error {
	for ctx.Err() == nil {
		run, cancel := context.WithCancel(ctx)
		d.mu.Lock()
		d.redial = cancel
		d.mu.Unlock()
		err := d.client.RunContext(run)
		cancel()
		if fault := appTokenFault(err); fault != nil {
			return fault
		}
	}
	return nil
}

// read handles what slack-go hands over until ctx is done. It never blocks
// longer than an acknowledgement does: while it stands still, slack-go answers
// no pings and loses the socket.
func (d *dispatcher) read(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case ev := <-d.client.Events:
			if err := d.handle(ctx, ev); err != nil {
				return err
			}
		}
	}
}

// handle returns only errors that end the process.
func (d *dispatcher) handle(ctx context.Context, ev socketmode.Event) error {
	switch ev.Type {
	case socketmode.EventTypeSlashCommand:
		d.slashCommand(ctx, ev)
	case socketmode.EventTypeEventsAPI, socketmode.EventTypeInteractive:
		// The manifest subscribes to none; an app made by hand may.
		d.acknowledge(ctx, ev.Request.EnvelopeID, nil)
		d.log.DebugContext(ctx, "ignored an envelope", "type", ev.Type, "envelope", ev.Request.EnvelopeID)
	case socketmode.EventTypeHello:
		d.hello(ctx, ev.Request)
	case socketmode.EventTypeErrorBadMessage:
		d.badMessage(ctx, ev)
	case socketmode.EventTypeConnectionError:
		return d.connectionError(ctx, ev)
	case socketmode.EventTypeErrorWriteFailed:
		if failed, ok := ev.Data.(*socketmode.ErrorWriteFailed); ok {
			d.log.WarnContext(ctx, "an acknowledgement was lost with its socket", "envelope", failed.Response.EnvelopeID, "error", failed.Cause)
		}
	case socketmode.EventTypeIncomingError:
		if failed, ok := ev.Data.(*slack.IncomingEventError); ok && ctx.Err() == nil {
			d.log.InfoContext(ctx, "the socket broke; reconnecting", "error", withoutURL(failed.ErrorObj))
		}
	}
	return nil
}

// slashCommand acknowledges and has the command answered, or says in the
// acknowledgement why not.
func (d *dispatcher) slashCommand(ctx context.Context, ev socketmode.Event) {
	cmd, ok := ev.Data.(slack.SlashCommand)
	envelope := ev.Request.EnvelopeID
	if !ok || !d.seen.first(cmp.Or(cmd.TriggerID, envelope)) {
		d.acknowledge(ctx, envelope, nil)
		return
	}
	if d.stopping.Load() {
		d.acknowledge(ctx, envelope, plainly("I am just being restarted. Please ask again in a moment."))
		return
	}
	select {
	case d.places <- struct{}{}:
	default:
		d.acknowledge(ctx, envelope, plainly(fmt.Sprintf("I am busy: %d questions are ahead of yours. Please ask again in a minute.", maxUnderWay)))
		d.log.WarnContext(ctx, "refused a command: all places are taken", "places", maxUnderWay, "user", cmd.UserID)
		return
	}
	d.acknowledge(ctx, envelope, nil)
	d.jobs.Go(func() {
		defer func() { <-d.places }()
		d.answer(ctx, cmd, envelope)
	})
}

// acknowledge tells Slack that an envelope arrived; payload, when not nil, is
// shown to the person. It waits for at most ackTimeout, which is only ever
// needed while there is no socket to write to.
func (d *dispatcher) acknowledge(ctx context.Context, envelope string, payload any) {
	if envelope == "" { // hello and disconnect have none; Slack must get no answer to them
		return
	}
	ctx, cancel := context.WithTimeout(ctx, ackTimeout)
	defer cancel()
	if err := d.client.AckCtx(ctx, envelope, payload); err != nil {
		d.log.WarnContext(ctx, "could not acknowledge", "envelope", envelope, "error", err)
	}
}

// answer works on one command to its end: what happens here is told to the person.
func (d *dispatcher) answer(ctx context.Context, cmd slack.SlashCommand, envelope string) {
	begun := time.Now()
	log := d.log.With("user", cmd.UserID, "channel", cmd.ChannelID, "envelope", envelope)
	r := d.reply(ctx, cmd, envelope, log)
	ctx, cancel := context.WithTimeout(ctx, postTimeout)
	defer cancel()
	if err := d.responder.post(ctx, cmd.ResponseURL, r); err != nil {
		log.ErrorContext(ctx, "a person was left without an answer", "error", err)
		return
	}
	log.InfoContext(ctx, "answered", "took", time.Since(begun).Round(time.Microsecond))
}

// reply asks for the answer, and turns a panic on the way into a reply too.
func (d *dispatcher) reply(ctx context.Context, cmd slack.SlashCommand, envelope string, log *slog.Logger) (r reply) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			log.ErrorContext(ctx, "panic while answering", "panic", p, "stack", string(debug.Stack()))
			r = plainly("Something in me broke while I answered. Please tell an operator: the log has it under " + envelope + ".")
		}
	}()
	return d.asker.reply(ctx, cmd.Text, log)
}

// hello notes a new socket, and how many there are: one that this bot does not
// know of (a second copy running on the same tokens, or the half-open remains
// of a lost connection) gets a share of all envelopes.
func (d *dispatcher) hello(ctx context.Context, req *socketmode.Request) {
	d.pace.helloed()
	d.log.InfoContext(ctx, "connected to Slack", "connections", req.NumConnections, "host", req.DebugInfo.Host)
	if req.NumConnections > 1 {
		d.log.WarnContext(ctx, "Slack counts other connections of this app; commands sent to them are not answered here. "+
			"This passes by itself after a reconnect, unless a second copy runs with the same tokens.", "connections", req.NumConnections)
	}
}

// badMessage acknowledges what slack-go cannot decode, for Slack would only
// send the same again, and leaves a trace without its content.
func (d *dispatcher) badMessage(ctx context.Context, ev socketmode.Event) {
	bad, ok := ev.Data.(*socketmode.ErrorBadMessage)
	if !ok {
		return
	}
	var envelope struct {
		ID   string `json:"envelope_id"`
		Type string `json:"type"`
	}
	_ = json.Unmarshal(bad.Message, &envelope) // at worst nothing is known of it
	d.acknowledge(ctx, envelope.ID, nil)
	d.log.WarnContext(ctx, "could not read a message of Slack's", "type", envelope.Type, "envelope", envelope.ID, "bytes", len(bad.Message))
}

// connectionError decides what a failed connection means. slack-go itself
// would retry nearly all of them for ever, with pauses that grow to five
// minutes; the pacer keeps the pauses, so a long one is cut short by a new run.
func (d *dispatcher) connectionError(ctx context.Context, ev socketmode.Event) error {
	failed, ok := ev.Data.(*slack.ConnectionErrorEvent)
	if !ok || ctx.Err() != nil || errors.Is(failed.ErrorObj, context.Canceled) {
		return nil
	}
	if fault := appTokenFault(failed.ErrorObj); fault != nil {
		return fault
	}
	d.log.WarnContext(ctx, "cannot connect to Slack; will go on trying", "error", withoutURL(failed.ErrorObj))
	if failed.Backoff > 5*time.Second {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.redial()
	}
	return nil
}

func appTokenFault(err error) error {
	return configurationFault(err, "apps.connections.open", "SLACK_APP_TOKEN", "connections:write")
}

// drain takes every place, and so lets the answers under way finish and no new
// one begin. It gives up after limit.
func (d *dispatcher) drain(limit time.Duration) {
	d.stopping.Store(true)
	timer := time.NewTimer(limit)
	defer timer.Stop()
	for range cap(d.places) {
		select {
		case d.places <- struct{}{}:
		case <-timer.C:
			d.log.Warn("stopping with answers still under way")
			return
		}
	}
}
