package bot

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

	"computeunits/bot/messages"
	"computeunits/bot/phrase"
	"computeunits/bot/slackapi"
	"computeunits/bot/views"
	"computeunits/notify/ledger"
)

// A dispatcher takes envelopes from the socket and has them answered.
type dispatcher struct {
	socket  *socket
	guard   *guard
	answers *answerer
	courier *courier
	ledger  *ledger.Ledger // what was heard before; nil: only this process's memory knows
	log     *slog.Logger

	seen     seen          // belongs to the goroutine that reads the socket
	places   chan struct{} // one for each answer under way
	excuses  chan struct{} // one for each person who is told that there is no place
	jobs     sync.WaitGroup
	stopping atomic.Bool
}

// handle takes a message from the socket. It never blocks longer than an
// acknowledgement does. Whatever breaks on the way ends this one message, and the
// person is told.
func (d *dispatcher) handle(ctx context.Context, m *socketmode.Request, bad error) {
	defer func() {
		if v := recover(); v != nil {
			d.guard.note(ctx, "taking an envelope", v, "type", m.Type, "envelope", m.EnvelopeID)
			d.apologise(ctx, m)
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
	switch m.Type {
	case socketmode.RequestTypeSlashCommands:
		d.take(ctx, ev, d.command(ev))
	case socketmode.RequestTypeEventsAPI:
		if moved := movedChannel(ev); moved != nil {
			d.follow(ctx, m.EnvelopeID, moved)
			return
		}
		d.take(ctx, ev, d.event(ev))
	case socketmode.RequestTypeInteractive:
		d.take(ctx, ev, d.interaction(ev))
	}
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

// apologise acknowledges an envelope that nobody can work on: what was typed into
// a form stays in it, and who typed a command reads why nothing comes of it.
func (d *dispatcher) apologise(ctx context.Context, m *socketmode.Request) {
	var about struct {
		UserID string `json:"user_id"` // of a command
		User   struct {
			ID string `json:"id"`
		} `json:"user"`
	}
	_ = json.Unmarshal(m.Payload, &about) // at worst nothing is known of the person
	book := d.answers.people.glance(occasion{user: cmp.Or(about.UserID, about.User.ID)})
	why := func(book *phrase.Book) string { return book.Say("error.broken", "id", m.EnvelopeID) }
	if m.Type == socketmode.RequestTypeSlashCommands {
		d.acknowledge(ctx, m.EnvelopeID, ephemeral(messages.Text(why(book)).Text))
		return
	}
	d.acknowledge(ctx, m.EnvelopeID, views.KeptOpen(m.Payload, book, why))
}

// take acknowledges an envelope and has its task done, or says why not.
func (d *dispatcher) take(ctx context.Context, ev socketmode.Event, t *task) {
	envelope := ev.Request.EnvelopeID
	if t != nil && t.user == "" {
		d.log.WarnContext(ctx, "dropped an envelope that names nobody", "origin", t.origin, "envelope", envelope)
		t = nil
	}
	if t == nil || !d.seen.first(t.key) {
		d.acknowledge(ctx, envelope, nil)
		return
	}
	if d.stopping.Load() {
		d.excuse(ctx, t, stopping)
		return
	}
	select {
	case d.places <- struct{}{}:
	default:
		d.log.WarnContext(ctx, "refused a task: all places are taken", "places", maxUnderWay, "origin", t.origin, "user", t.user)
		d.excuse(ctx, t, busy)
		return
	}
	d.acknowledge(ctx, envelope, t.payload)
	d.start(ctx, d.places, t, func(log *slog.Logger) { d.work(ctx, t, log) })
}

// follow notes that a channel has another id. What keeps it from that costs little:
// what Slack answers to the next message tells the id again.
func (d *dispatcher) follow(ctx context.Context, envelope string, moved *slackevents.ChannelIDChangedEvent) {
	d.acknowledge(ctx, envelope, nil)
	d.log.InfoContext(ctx, "a channel has another id", "from", moved.OldChannelID, "to", moved.NewChannelID)
	if d.answers.notifier == nil {
		return
	}
	d.jobs.Go(func() {
		defer func() {
			if p := recover(); p != nil {
				d.guard.note(ctx, "following a channel", p, "channel", moved.OldChannelID)
			}
		}()
		ctx, cancel := context.WithTimeout(ctx, slackapi.Timeout)
		defer cancel()
		if err := d.answers.notifier.ChannelMoved(ctx, moved.OldChannelID, moved.NewChannelID); err != nil {
			d.log.WarnContext(ctx, "could not note the new id of a channel", "from", moved.OldChannelID, "to", moved.NewChannelID, "error", err)
		}
	})
}

// start does f for a task in a goroutine, and gives its place back whatever
// happens. respond tells the person of a panic; one on the way to telling them
// is left to the log.
func (d *dispatcher) start(ctx context.Context, places chan struct{}, t *task, f func(*slog.Logger)) {
	log := d.log.With(t.attrs()...)
	d.jobs.Go(func() {
		defer func() {
			if p := recover(); p != nil {
				d.guard.note(ctx, "answering: a person was left without an answer", p, t.attrs()...)
			}
			<-places
		}()
		f(log)
	})
}

// stopping says that no answer is begun any more.
func stopping(book *phrase.Book, form bool) string {
	if form {
		return book.Say("excuse.form.stopping")
	}
	return book.Say("excuse.stopping")
}

// busy says that every place is taken.
func busy(book *phrase.Book, form bool) string {
	if form {
		return book.Count("excuse.form.busy", maxUnderWay)
	}
	return book.Count("excuse.busy", maxUnderWay)
}

// excuse tells why a task is not done: in the acknowledgement of a command, at a
// field of a form, which stays open with what was typed, and by a message of its
// own otherwise. When so many are told so already that there is no place even for
// that, the log is all that is left.
func (d *dispatcher) excuse(ctx context.Context, t *task, say func(book *phrase.Book, form bool) string) {
	book := d.answers.people.glance(t.occasion)
	why := messages.Text(say(book, false))
	switch {
	case t.origin == byCommand:
		d.acknowledge(ctx, t.id, ephemeral(why.Text, why.Blocks...))
		return
	case t.form != nil:
		d.acknowledge(ctx, t.id, views.KeptOpen(t.form, book, func(book *phrase.Book) string { return say(book, true) }))
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
	d.start(ctx, d.excuses, t, func(log *slog.Logger) {
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
// shown to the person. It waits for at most ackTimeout.
func (d *dispatcher) acknowledge(ctx context.Context, envelope string, payload any) {
	if envelope == "" { // hello and disconnect have none; Slack must get no answer to them
		return
	}
	if err := d.socket.acknowledge(envelope, payload); err != nil {
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
// keeps nobody from an answer: then what this process heard has to do.
func (d *dispatcher) heard(ctx context.Context, key string, log *slog.Logger) bool {
	if d.ledger == nil {
		return false
	}
	ctx, cancel := d.ledger.Within(ctx, wishTimeout)
	defer cancel()
	first, err := d.ledger.MarkSeen(ctx, key, d.answers.now())
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
			d.guard.note(ctx, "answering", p, t.attrs()...)
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
	d.socket.pace.helloed()
	d.log.InfoContext(ctx, "connected to Slack", "connections", req.NumConnections, "host", req.DebugInfo.Host)
	if req.NumConnections > 1 {
		d.log.WarnContext(ctx, "Slack counts other connections of this app; commands sent to them are not answered here. "+
			"This passes by itself after a reconnect, unless a second copy runs with the same tokens.", "connections", req.NumConnections)
	}
}

// badMessage acknowledges what cannot be decoded, for Slack would only send the
// same again, and leaves a trace without its content.
func (d *dispatcher) badMessage(ctx context.Context, m *socketmode.Request) {
	d.acknowledge(ctx, m.EnvelopeID, nil)
	d.log.WarnContext(ctx, "could not read a message of Slack's", "type", m.Type, "envelope", m.EnvelopeID, "bytes", len(m.Payload))
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
