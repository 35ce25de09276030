package bot

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"computeunits/bot/messages"
	"computeunits/bot/phrase"
	"computeunits/notify"
)

// A dispatcher takes envelopes from the socket and has them answered.
type dispatcher struct {
	client  *socketmode.Client
	pace    *pacer
	answers *answerer
	courier *courier
	ledger  *notify.Ledger // what was heard before; nil: only this process's memory knows
	log     *slog.Logger

	seen     seen          // belongs to read
	places   chan struct{} // one for each answer under way
	excuses  chan struct{} // one for each person who is told that there is no place
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
		d.take(ctx, ev, d.command(ev))
	case socketmode.EventTypeEventsAPI:
		d.take(ctx, ev, d.event(ev))
	case socketmode.EventTypeInteractive:
		d.take(ctx, ev, d.interaction(ev))
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

// take acknowledges an envelope and has its task done, or says why not.
func (d *dispatcher) take(ctx context.Context, ev socketmode.Event, t *task) {
	envelope := ev.Request.EnvelopeID
	if t == nil || !d.seen.first(t.key) {
		d.acknowledge(ctx, envelope, nil)
		return
	}
	if d.stopping.Load() {
		d.excuse(ctx, t, messages.Text(d.answers.people.glance(t.occasion).Say("excuse.stopping")))
		return
	}
	select {
	case d.places <- struct{}{}:
	default:
		d.log.WarnContext(ctx, "refused a task: all places are taken", "places", maxUnderWay, "origin", t.origin, "user", t.user)
		d.excuse(ctx, t, messages.Text(d.answers.people.glance(t.occasion).Count("excuse.busy", maxUnderWay)))
		return
	}
	d.acknowledge(ctx, envelope, t.payload)
	d.start(d.places, t, func(log *slog.Logger) { d.work(ctx, t, log) })
}

// start does f for a task in a goroutine, and gives its place back whatever
// happens. respond tells the person of a panic; one on the way to telling them
// is left to the log.
func (d *dispatcher) start(places chan struct{}, t *task, f func(*slog.Logger)) {
	log := d.log.With("user", t.user, "channel", t.channel, "origin", t.origin, "envelope", t.id)
	d.jobs.Go(func() {
		defer func() {
			if p := recover(); p != nil {
				log.Error("a person was left without an answer", "panic", p, "stack", string(debug.Stack()))
			}
			<-places
		}()
		f(log)
	})
}

// excuse tells why a task is not done: in the acknowledgement of a command, by
// a message of its own otherwise. When so many are told so already that there
// is no place even for that, the log is all that is left.
func (d *dispatcher) excuse(ctx context.Context, t *task, why messages.Message) {
	if t.origin == byCommand {
		d.acknowledge(ctx, t.id, ephemeral(why.Text, why.Blocks...))
		return
	}
	d.acknowledge(ctx, t.id, nil)
	if t.missable {
		return
	}
	select {
	case d.excuses <- struct{}{}:
	default:
		d.log.ErrorContext(ctx, "a person was left without an answer", "error", "all places are taken", "user", t.user)
		return
	}
	d.start(d.excuses, t, func(log *slog.Logger) {
		ctx, cancel := context.WithTimeout(ctx, postTimeout)
		defer cancel()
		if d.heard(ctx, t.key, log) {
			return
		}
		if err := d.courier.send(ctx, t.occasion, response{Message: why, private: true}); err != nil {
			log.ErrorContext(ctx, "a person was left without an answer", "error", err)
		}
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

// work does one task to its end: what happens here is told to the person.
func (d *dispatcher) work(ctx context.Context, t *task, log *slog.Logger) {
	begun := time.Now()
	said, book := d.respond(ctx, t, log)
	if said.empty() {
		log.InfoContext(ctx, "done", "took", time.Since(begun).Round(time.Microsecond))
		return
	}
	err := d.send(ctx, t.occasion, said)
	if err == nil {
		log.InfoContext(ctx, "answered", "took", time.Since(begun).Round(time.Microsecond))
		return
	}
	log.WarnContext(ctx, "an answer may not have arrived", "error", err)
	ctx, cancel := context.WithTimeout(ctx, postTimeout)
	defer cancel()
	doubt := messages.Text(book.Say("error.doubt", "id", t.id))
	if err := d.courier.rescue(ctx, t.occasion, said, doubt, err); err != nil {
		log.ErrorContext(ctx, "a person was left without an answer", "error", err)
	}
}

func (d *dispatcher) send(ctx context.Context, o occasion, said response) error {
	ctx, cancel := context.WithTimeout(ctx, postTimeout)
	defer cancel()
	return d.courier.send(ctx, o, said)
}

// heard notes that Slack delivered something, and reports whether it did so
// before: to this process, or to one before it. A ledger that cannot be written
// keeps nobody from an answer.
func (d *dispatcher) heard(ctx context.Context, key string, log *slog.Logger) bool {
	if d.ledger == nil {
		return false
	}
	first, err := d.ledger.Hear(ctx, key, d.answers.now())
	if err != nil {
		log.WarnContext(ctx, "cannot note what was heard; it may be answered again after a restart", "error", err)
		return false
	}
	return !first
}

// respond finds the response, and turns a panic on the way into one too. What
// was answered before has none.
func (d *dispatcher) respond(ctx context.Context, t *task, log *slog.Logger) (said response, book *phrase.Book) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	book = d.answers.people.glance(t.occasion)
	defer func() {
		if p := recover(); p != nil {
			log.ErrorContext(ctx, "panic while answering", "panic", p, "stack", string(debug.Stack()))
			said = response{Message: messages.Text(book.Say("error.broken", "id", t.id)), private: true}
		}
	}()
	if t.first != nil {
		t.first(ctx)
	}
	if d.heard(ctx, t.key, log) {
		return response{}, book
	}
	a := asking{occasion: t.occasion, reader: d.answers.people.reader(ctx, t.occasion, d.ledger), log: log}
	book = a.Book
	return t.do(ctx, a), book
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
	for _, places := range []chan struct{}{d.places, d.excuses} {
		for range cap(places) {
			select {
			case places <- struct{}{}:
			case <-timer.C:
				d.log.Warn("stopping with answers still under way")
				return
			}
		}
	}
}
