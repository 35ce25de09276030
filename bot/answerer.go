package bot

import (
	"context"
	"sync"
	"time"

	"computeunits/bot/blocks"
	"computeunits/bot/grammar"
	"computeunits/bot/guard"
	"computeunits/bot/interaction"
	"computeunits/bot/messages"
	"computeunits/bot/phrase"
	"computeunits/bot/reply"
	"computeunits/notify"
	"computeunits/notify/database"
	"computeunits/notify/plan"
	"computeunits/qianfan"
)

// An answerer finds the responses to all that people say to the bot or do with
// it, and does what they ask for.
type answerer struct {
	units    *qianfan.Client
	notifier *notify.Notifier // nil: nothing is watched
	people   *people
	allow    *allowed
	replier  *reply.Replier // for those who send more than the one response
	listed   []plan.Service // what is asked about when there is no notifier
	guard    *guard.Guard

	tongue *phrase.Book // of what is said to everybody in a channel

	mu    sync.Mutex
	known []string // services that Qianfan has answered for, the latest last
	// done is what was pressed, and until when the same is not done again, so that
	// a double click does it once.
	done map[string]time.Time
}

// words is the whole way from what somebody wrote to the response.
func (a *answerer) words(ctx context.Context, w asking) reply.Reply {
	now := a.now()
	named := a.named(ctx, w)
	r, bad := grammar.Parse(w.Text, grammar.Context{
		Now: now, Zone: w.zone, Services: named, Self: a.people.self(nil).user,
	})
	if bad != nil {
		if refused, ok := a.mayAsk(w); !ok {
			return refused
		}
		if w.Public() {
			w = a.aloud(w)
		}
		said := messages.Misunderstood(w.dialect(), bad)
		said.Blocks = append(said.Blocks, messages.SayButtons(w.Book, bad.Suggestions...)...)
		return reply.Reply{Message: said}
	}
	return a.answer(ctx, w, r, now)
}

// answer is what the bot says to a request, and does because of it: the one way
// for commands, messages, buttons and the App Home.
func (a *answerer) answer(ctx context.Context, w asking, r grammar.Request, now time.Time) reply.Reply {
	may := a.mayAsk
	if r.Verb.Changes() {
		may = func(w asking) (reply.Reply, bool) { return a.mayChange(ctx, w) }
	}
	if refused, ok := may(w); !ok {
		w.log.InfoContext(ctx, "refused", "verb", r.Verb, "service", r.Service, "instance", r.Instance)
		return refused
	}
	if w.Public() {
		w = a.aloud(w)
	}
	switch r.Verb {
	case grammar.Ask:
		return a.ask(ctx, w, qianfan.Query{ServiceID: r.Service, Timing: r.Timing})
	case grammar.Expiring, grammar.Next, grammar.Services:
		return a.list(ctx, w, r, now, folioOf(w, r))
	case grammar.Watch:
		return a.watch(ctx, w, r, now)
	case grammar.Unwatch:
		return a.unwatch(ctx, w, r, now)
	case grammar.Snooze, grammar.Unsnooze, grammar.Acknowledge, grammar.Unacknowledge:
		return a.pause(ctx, w, r, now)
	case grammar.Greeting:
		return reply.Reply{Message: messages.Text(w.Say("talk.hello", "line", w.dialect().Prefix+grammar.Request{Verb: grammar.Help}.Line()))}
	case grammar.Thanks:
		return reply.Reply{Message: messages.Text(w.Say("talk.thanks"))}
	default:
		return reply.Reply{Message: messages.Help(w.dialect(), w.Origin == interaction.ByCommand, a.sample(ctx, w))}
	}
}

// named are the services that have a label, as they were last known if the ledger
// does not tell.
func (a *answerer) named(ctx context.Context, w asking) []grammar.Named {
	watches, err := a.watches(ctx)
	if err != nil {
		w.log.WarnContext(ctx, "cannot read what services are called; what was last known of it has to do", "error", err)
		watches = a.notifier.Remembered()
	}
	named := make([]grammar.Named, 0, len(watches)+len(a.listed))
	if a.notifier == nil {
		for _, s := range a.listed {
			named = append(named, grammar.Named{ID: s.ID, Label: s.Label})
		}
	}
	for _, watch := range watches {
		named = append(named, grammar.Named{ID: watch.Service, Label: watch.Label})
	}
	return named
}

const (
	// wishTimeout is what an answer gets from the ledger for what it can do
	// without: whether the same was heard before, what the person chose, what
	// services are called. Then what memory knows has to do.
	wishTimeout = 300 * time.Millisecond
	// wantTimeout is for what the answer is made of: then Qianfan is asked.
	wantTimeout = 2 * time.Second
)

// watches are all watched services, by id; none without a notifier.
func (a *answerer) watches(ctx context.Context) ([]plan.Watch, error) {
	if a.notifier == nil {
		return nil, nil
	}
	ctx, cancel := a.notifier.Ledger.Within(ctx, wishTimeout)
	defer cancel()
	return a.notifier.Watches(ctx)
}

// dialect is how the person of an asking is written to.
func (w asking) dialect() blocks.Dialect { return blocks.ForSlack(w.Book, w.prefix()) }

// prefix is what goes before a line that the person may write: in the direct
// message nothing, elsewhere the command.
func (w asking) prefix() string {
	if w.Direct && w.Origin != interaction.ByCommand {
		return ""
	}
	return commandPrefix
}

const commandPrefix = "/computeunits "

// trouble is the response to a failure within the bot. Its cause is for the log,
// where the id leads to it.
func (w asking) trouble(ctx context.Context, err error) reply.Reply {
	w = w.aside()
	w.log.ErrorContext(ctx, "could not do what was asked", "error", err)
	return reply.Reply{Message: messages.Text(w.inside(err)), Private: true}
}

// inside says that something within the bot failed, and when to try again. A
// ledger that does not answer is nobody else's fault.
func (w asking) inside(err error) string {
	if database.Unavailable(err) {
		return w.Say("error.ledger", "id", w.ID)
	}
	return w.Say("error.inside", "id", w.ID)
}

// zoneOf is the time zone of a reader, else that of the settings.
func (a *answerer) zoneOf(r reader) *time.Location {
	switch n := a.notifier; {
	case r.zone != nil:
		return r.zone
	case n != nil && n.Settings.Zone != nil:
		return n.Settings.Zone
	default:
		return time.UTC
	}
}
