package bot

import (
	"cmp"
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"computeunits/bot/action"
	"computeunits/bot/chat"
	"computeunits/bot/guard"
	"computeunits/bot/home"
	"computeunits/bot/interaction"
	"computeunits/bot/messages"
	"computeunits/bot/people"
	"computeunits/bot/phrase"
	"computeunits/bot/reply"
	"computeunits/bot/socket"
	"computeunits/bot/views"
	"computeunits/notify/ledger"
)

const (
	askTimeout   = 25 * time.Second // for Qianfan, with its retries and the wait for the self-limit
	postTimeout  = 15 * time.Second // for the reply, with its retries
	drainTimeout = 20 * time.Second // for the answers under way when the bot stops
)

// A handler is the one way from an interaction to a reply: who asks, what it means,
// what is done, and where the reply goes. It is the socket.Handler of the bot.
type handler struct {
	chat    *chat.Chat
	homes   *home.Controller
	people  *people.Directory
	replier *reply.Replier
	ledger  *ledger.Ledger // what was delivered before; nil: only this process's memory knows
	guard   *guard.Guard
	log     *slog.Logger
}

var _ socket.Handler = (*handler)(nil)

// Accept says what an interaction asks for.
func (h *handler) Accept(i *interaction.Interaction) socket.Job {
	if h.people.Self(i.Installations).User == i.User {
		return socket.Job{} // the bot's own
	}
	var w chat.Work
	var payload any
	switch {
	case i.Opened != nil:
		w.Do = h.homes.Open(i.Opened)
	case i.Pressed != nil:
		i.Stranger = h.people.Foreign(i.Pressed.User.TeamID, i.Pressed.Enterprise.ID)
		w = h.press(*i.Pressed)
	case i.Submitted != nil:
		i.Stranger = h.people.Foreign(i.Submitted.User.TeamID, i.Submitted.Enterprise.ID)
		w.Do, payload = h.chat.Submit(*i.Submitted)
	default:
		w.Do = h.chat.Words
	}
	if w.Do == nil {
		return socket.Job{}
	}
	return socket.Job{Payload: payload, Do: func(ctx context.Context, log *slog.Logger) { h.work(ctx, *i, w, log) }}
}

// work does what an interaction asks for to its end: what happens here is told to the
// person.
func (h *handler) work(ctx context.Context, i interaction.Interaction, w chat.Work, log *slog.Logger) {
	begun := time.Now()
	said, book := h.respond(ctx, i, w, log)
	if said.Empty() {
		log.InfoContext(ctx, "done", "took", time.Since(begun).Round(time.Microsecond))
		return
	}
	err := h.send(ctx, i, said)
	if err == nil {
		log.InfoContext(ctx, "answered", "took", time.Since(begun).Round(time.Microsecond))
		return
	}
	log.WarnContext(ctx, "an answer may not have arrived", "error", err)
	ctx, cancel := context.WithTimeout(ctx, postTimeout)
	defer cancel()
	doubt := messages.Text(book.Say("error.doubt", "id", i.ID))
	if err := h.replier.Rescue(ctx, i, said, doubt, err); err != nil {
		log.ErrorContext(ctx, "a person was left without an answer", "error", err)
	}
}

func (h *handler) send(ctx context.Context, i interaction.Interaction, said reply.Reply) error {
	ctx, cancel := context.WithTimeout(ctx, postTimeout)
	defer cancel()
	return h.replier.Send(ctx, i, said)
}

// before notes that Slack delivered something, and reports whether it did so
// before: to this process, or to one before it. A ledger that cannot be written
// keeps nobody from an answer: then what this process remembers has to do.
func (h *handler) before(ctx context.Context, key string, log *slog.Logger) bool {
	if h.ledger == nil {
		return false
	}
	ctx, cancel := h.ledger.Within(ctx, people.WishTimeout)
	defer cancel()
	first, err := h.ledger.People.MarkSeen(ctx, key, h.chat.Now())
	if err != nil {
		log.WarnContext(ctx, "cannot note what was delivered; it may be answered again after a restart", "error", err)
		return false
	}
	return !first
}

// respond finds the reply, and turns a panic on the way into one too. What was
// answered before has none.
func (h *handler) respond(ctx context.Context, i interaction.Interaction, w chat.Work, log *slog.Logger) (said reply.Reply, book *phrase.Book) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	book = h.people.Guess(i)
	defer func() {
		if p := recover(); p != nil {
			h.guard.Note(ctx, "answering", p, i.Attrs()...)
			said = reply.Reply{Message: messages.Text(book.Say("error.broken", "id", i.ID)), Private: true}
		}
	}()
	if w.First != nil {
		w.First(ctx)
	}
	if h.before(ctx, i.Key, log) {
		return reply.Reply{}, book
	}
	a := chat.Turn{Interaction: i, Reader: h.people.Reader(ctx, i, h.ledger), Log: log}
	book = a.Book
	return w.Do(ctx, a), book
}

// Excuse tells why an interaction is not worked on: in the acknowledgement of a
// command, at a field of a form, which stays open with what was typed, and by a
// message of its own otherwise.
func (h *handler) Excuse(i *interaction.Interaction, why socket.Refusal) (payload any, tell func(context.Context, *slog.Logger)) {
	book := h.people.Guess(*i)
	said := messages.Text(excuse(why, book, false))
	switch {
	case i.Origin == interaction.ByCommand:
		return reply.Ephemeral(said.Text, said.Blocks...), nil
	case i.Form != nil:
		return views.KeptOpen(i.Form, book, func(book *phrase.Book) string { return excuse(why, book, true) }), nil
	case i.Missable:
		return nil, nil
	}
	return nil, func(ctx context.Context, log *slog.Logger) {
		ctx, cancel := context.WithTimeout(ctx, postTimeout)
		defer cancel()
		if h.before(ctx, i.Key, log) {
			return
		}
		if err := h.replier.Send(ctx, *i, reply.Reply{Message: said, Private: true}); err != nil {
			log.ErrorContext(ctx, "a person was left without an answer", "error", err)
		}
	}
}

// excuse is a sentence that says why.
func excuse(why socket.Refusal, book *phrase.Book, form bool) string {
	switch {
	case why == socket.Stopping && form:
		return book.Say("excuse.form.stopping")
	case why == socket.Stopping:
		return book.Say("excuse.stopping")
	case why == socket.TooMany && form:
		return book.Count("excuse.form.many", socket.PlacesEach)
	case why == socket.TooMany:
		return book.Count("excuse.many", socket.PlacesEach)
	case form:
		return book.Count("excuse.form.busy", socket.Places)
	default:
		return book.Count("excuse.busy", socket.Places)
	}
}

// Apology acknowledges an envelope that nobody can work on: what was typed into
// a form stays in it, and who typed a command reads why nothing comes of it.
func (h *handler) Apology(m *socketmode.Request) (payload any) {
	var about struct {
		UserID string `json:"user_id"` // of a command
		User   struct {
			ID string `json:"id"`
		} `json:"user"`
	}
	_ = json.Unmarshal(m.Payload, &about) // at worst nothing is known of the person
	book := h.people.Guess(interaction.Interaction{User: cmp.Or(about.UserID, about.User.ID)})
	why := func(book *phrase.Book) string { return book.Say("error.broken", "id", m.EnvelopeID) }
	if m.Type == socketmode.RequestTypeSlashCommands {
		return reply.Ephemeral(messages.Text(why(book)).Text)
	}
	return views.KeptOpen(m.Payload, book, why)
}

// ChannelMoved notes that a channel has another id.
func (h *handler) ChannelMoved(ctx context.Context, from, to string) error {
	if h.chat.Notifier == nil {
		return nil
	}
	return h.chat.Notifier.Changes().ChannelMoved(ctx, from, to)
}

// press returns what a press of a button, or a choice in a menu, does. It runs
// in the read loop: what takes time belongs into the work that it returns.
func (h *handler) press(cb slack.InteractionCallback) chat.Work {
	if len(cb.ActionCallback.BlockActions) == 0 {
		return chat.Work{}
	}
	pressed := cb.ActionCallback.BlockActions[0]
	value := pressed.Value
	if value == "" {
		value = pressed.SelectedOption.Value
	}
	d, ok := action.Decode(value)
	switch {
	case action.Kind(pressed.ActionID) == action.Console:
		return chat.Work{} // Slack opens the page
	case !ok && (cb.View.Type == slack.VTModal || value == ""):
		return chat.Work{} // a field of a form, or a choice that was taken back
	case !ok:
		return chat.Work{Do: chat.UnknownAction}
	}
	switch d.Kind {
	case action.Home, action.Language, action.Clock:
		return chat.Work{Do: func(ctx context.Context, w chat.Turn) reply.Reply { return h.homes.Pressed(ctx, w, d, cb.View) }}
	}
	return h.chat.Press(d, cb)
}
