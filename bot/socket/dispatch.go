package socket

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"

	"computeunits/bot/guard"
	"computeunits/bot/interaction"
	"computeunits/bot/slackapi"
)

const (
	// Places is how many interactions are worked on at once.
	Places = 256
	// PlacesEach is how many of them one person has at most.
	PlacesEach = 8
	// maxExcuses is how many people are told at once that all those places are taken.
	maxExcuses = 32
	ackTimeout = 2 * time.Second // Slack gives up after three
)

// A Handler knows what interactions ask for. Accept, Excuse and Apology are called by
// the goroutine that reads the socket: they ask nobody and read nothing.
type Handler interface {
	// Accept says what is to be done; a Job without Do is nothing.
	Accept(i *interaction.Interaction) Job
	// Excuse says to a person why an interaction is not worked on: in the payload of
	// the acknowledgement, or by tell, which takes time. Either may be nil.
	Excuse(i *interaction.Interaction, why Refusal) (payload any, tell func(context.Context, *slog.Logger))
	// Apology is the payload for an envelope that cannot be read, or whose taking ended
	// in a panic.
	Apology(m *socketmode.Request) (payload any)
	// ChannelMoved is told that a channel has another id.
	ChannelMoved(ctx context.Context, from, to string) error
}

// A Job is what an interaction asks for.
type Job struct {
	Payload any // of the acknowledgement; nil: an empty one
	// Do does it to its end, in a goroutine of its own. A panic in it is logged.
	Do func(ctx context.Context, log *slog.Logger)
}

// Refusal is why an interaction is not worked on.
type Refusal int

// The refusals.
const (
	Busy     Refusal = iota // every place is taken
	TooMany                 // every place of this person is taken
	Stopping                // no work is begun any more
)

// A Dispatcher takes envelopes from Slack, acknowledges each, and has it worked on.
// Set the fields, then call Run once.
type Dispatcher struct {
	AppToken string // xapp-…, with the scope connections:write
	APIURL   string // of the Web API; "": slackapi.DefaultURL
	Dial     slackapi.Dial
	Handler  Handler
	Guard    *guard.Guard
	Log      *slog.Logger

	opening sync.Once
	pace    *pacer
	socket  *socket

	mu   sync.Mutex
	each map[string]int // jobs under way, by who asked

	seen     seen          // belongs to the goroutine that reads the socket
	places   chan struct{} // one for each job under way
	excuses  chan struct{} // one for each person who is told that there is no place
	jobs     sync.WaitGroup
	stopping atomic.Bool
}

// open makes the parts.
func (d *Dispatcher) open() {
	d.opening.Do(func() {
		d.pace = &pacer{next: slackapi.Transport(d.Dial)}
		api := slack.New("", slack.OptionAppLevelToken(d.AppToken), slack.OptionAPIURL(slackapi.BaseURL(d.APIURL)),
			slack.OptionHTTPClient(slackapi.HTTPClient(d.pace)), slackapi.Quiet())
		d.socket = &socket{api: api, dialer: slackapi.Dialer(d.Dial), pace: d.pace, guard: d.Guard, log: d.Log, handle: d.handle}
		d.places, d.excuses = make(chan struct{}, Places), make(chan struct{}, maxExcuses)
	})
}

// Run keeps a connection to Slack until ctx is done. It returns an error only when
// Slack refuses the token for good.
func (d *Dispatcher) Run(ctx context.Context) error {
	d.open()
	return d.socket.run(ctx)
}

// Connected is for how long the present connection has been open; 0: there is none.
func (d *Dispatcher) Connected() time.Duration {
	d.open()
	return d.pace.up()
}

// Wait waits for the jobs under way, when no more can come: after Run.
func (d *Dispatcher) Wait() { d.jobs.Wait() }

// handle takes a message from the socket. It never blocks longer than an
// acknowledgement does. Whatever breaks on the way ends this one message, and the
// person is told.
func (d *Dispatcher) handle(ctx context.Context, m *socketmode.Request, bad error) {
	defer func() {
		if v := recover(); v != nil {
			d.Guard.Note(ctx, "taking an envelope", v, "type", m.Type, "envelope", m.EnvelopeID)
			d.acknowledge(ctx, m.EnvelopeID, d.Handler.Apology(m))
		}
	}()
	if bad == nil && m.Type == socketmode.RequestTypeHello {
		d.hello(ctx, m)
		return
	}
	ev, err := decode(m)
	if bad = cmp.Or(bad, err); bad != nil {
		d.badMessage(ctx, m)
		return
	}
	if moved := movedChannel(ev); moved != nil {
		d.follow(ctx, m.EnvelopeID, moved)
		return
	}
	d.take(ctx, m.EnvelopeID, read(ev))
}

// decode reads the payload of an envelope into slack-go's type for it.
func decode(m *socketmode.Request) (ev socketmode.Event, err error) {
	ev.Request = m
	switch m.Type {
	case socketmode.RequestTypeSlashCommands:
		var command slack.SlashCommand
		err = json.Unmarshal(m.Payload, &command)
		ev.Data = command
	case socketmode.RequestTypeEventsAPI:
		ev.Data, err = slackevents.ParseEvent(m.Payload, slackevents.OptionNoVerifyToken())
	case socketmode.RequestTypeInteractive:
		var callback slack.InteractionCallback
		err = json.Unmarshal(m.Payload, &callback)
		ev.Data = callback
	default:
		err = fmt.Errorf("unknown type %q", m.Type)
	}
	return ev, err
}

// take acknowledges an envelope and has worked on what it asks for, or says why not.
func (d *Dispatcher) take(ctx context.Context, envelope string, i *interaction.Interaction) {
	var job Job
	switch {
	case i == nil:
	case i.User == "":
		d.Log.WarnContext(ctx, "dropped an envelope that names nobody", "origin", i.Origin, "envelope", envelope)
	default:
		job = d.Handler.Accept(i)
	}
	if job.Do == nil || !d.seen.first(i.Key) {
		d.acknowledge(ctx, envelope, nil)
		return
	}
	if d.stopping.Load() {
		d.excuse(ctx, i, Stopping)
		return
	}
	if !d.enter(i.User) {
		d.Log.WarnContext(ctx, "refused a task: all places of this person are taken", "places", PlacesEach, "origin", i.Origin, "user", i.User)
		d.excuse(ctx, i, TooMany)
		return
	}
	select {
	case d.places <- struct{}{}:
	default:
		d.leave(i.User)
		d.Log.WarnContext(ctx, "refused a task: all places are taken", "places", Places, "origin", i.Origin, "user", i.User)
		d.excuse(ctx, i, Busy)
		return
	}
	d.acknowledge(ctx, envelope, job.Payload)
	d.start(ctx, d.places, i, func(ctx context.Context, log *slog.Logger) {
		defer d.leave(i.User)
		job.Do(ctx, log)
	})
}

// enter takes one of a person's places; false: all of them are taken.
func (d *Dispatcher) enter(user string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.each[user] >= PlacesEach {
		return false
	}
	if d.each == nil {
		d.each = make(map[string]int)
	}
	d.each[user]++
	return true
}

// leave gives it back.
func (d *Dispatcher) leave(user string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.each[user]--; d.each[user] <= 0 {
		delete(d.each, user)
	}
}

// follow notes that a channel has another id. What keeps it from that costs little:
// what Slack answers to the next message tells the id again.
func (d *Dispatcher) follow(ctx context.Context, envelope string, moved *slackevents.ChannelIDChangedEvent) {
	d.acknowledge(ctx, envelope, nil)
	d.Log.InfoContext(ctx, "a channel has another id", "from", moved.OldChannelID, "to", moved.NewChannelID)
	d.jobs.Go(func() {
		defer func() {
			if p := recover(); p != nil {
				d.Guard.Note(ctx, "following a channel", p, "channel", moved.OldChannelID)
			}
		}()
		ctx, cancel := context.WithTimeout(ctx, slackapi.Timeout)
		defer cancel()
		if err := d.Handler.ChannelMoved(ctx, moved.OldChannelID, moved.NewChannelID); err != nil {
			d.Log.WarnContext(ctx, "could not note the new id of a channel", "from", moved.OldChannelID, "to", moved.NewChannelID, "error", err)
		}
	})
}

// start does f for an interaction in a goroutine, and gives its place back whatever
// happens. A handler tells the person of a panic; one on the way to telling them
// is left to the log.
func (d *Dispatcher) start(ctx context.Context, places chan struct{}, i *interaction.Interaction, f func(context.Context, *slog.Logger)) {
	log := d.Log.With(i.Attrs()...)
	d.jobs.Go(func() {
		defer func() {
			if p := recover(); p != nil {
				d.Guard.Note(ctx, "answering: a person was left without an answer", p, i.Attrs()...)
			}
			<-places
		}()
		f(ctx, log)
	})
}

// excuse tells why an interaction is not worked on. When so many are told so already
// that there is no place even for that, the log is all that is left.
func (d *Dispatcher) excuse(ctx context.Context, i *interaction.Interaction, why Refusal) {
	payload, tell := d.Handler.Excuse(i, why)
	d.acknowledge(ctx, i.ID, payload)
	if tell == nil {
		return
	}
	select {
	case d.excuses <- struct{}{}:
		d.start(ctx, d.excuses, i, tell)
	default:
		d.Log.ErrorContext(ctx, "a person was left without an answer", "error", "all places are taken", "user", i.User)
	}
}

// acknowledge tells Slack that an envelope arrived; payload, when not nil, is
// shown to the person. It waits for at most ackTimeout.
func (d *Dispatcher) acknowledge(ctx context.Context, envelope string, payload any) {
	if envelope == "" { // hello and disconnect have none; Slack must get no answer to them
		return
	}
	if err := d.socket.acknowledge(envelope, payload); err != nil {
		d.Log.WarnContext(ctx, "could not acknowledge", "envelope", envelope, "error", err)
	}
}

// hello notes a new socket, and how many there are: one that this bot does not
// know of (a second copy running on the same tokens, or the half-open remains
// of a lost connection) gets a share of all envelopes.
func (d *Dispatcher) hello(ctx context.Context, req *socketmode.Request) {
	d.socket.pace.helloed()
	d.Log.InfoContext(ctx, "connected to Slack", "connections", req.NumConnections, "host", req.DebugInfo.Host)
	if req.NumConnections > 1 {
		d.Log.WarnContext(ctx, "Slack counts other connections of this app; commands sent to them are not answered here. "+
			"This passes by itself after a reconnect, unless a second copy runs with the same tokens.", "connections", req.NumConnections)
	}
}

// badMessage acknowledges what cannot be decoded, for Slack would only send the
// same again, tells so to who typed it, and leaves a trace without its content.
func (d *Dispatcher) badMessage(ctx context.Context, m *socketmode.Request) {
	d.acknowledge(ctx, m.EnvelopeID, d.Handler.Apology(m))
	d.Log.WarnContext(ctx, "could not read a message of Slack's", "type", m.Type, "envelope", m.EnvelopeID, "bytes", len(m.Payload))
}

// Drain takes every place, and so lets the answers under way finish and no new
// one begin. It gives up after limit.
func (d *Dispatcher) Drain(limit time.Duration) {
	d.open()
	d.stopping.Store(true)
	timer := time.NewTimer(limit)
	defer timer.Stop()
	for _, places := range []chan struct{}{d.places, d.excuses} {
		for range cap(places) {
			select {
			case places <- struct{}{}:
			case <-timer.C:
				d.Log.Warn("stopping with answers still under way")
				return
			}
		}
	}
}
