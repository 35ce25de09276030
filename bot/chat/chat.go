package chat

import (
	"context"
	"sync"
	"time"

	"computeunits/bot/blocks"
	"computeunits/bot/grammar"
	"computeunits/bot/guard"
	"computeunits/bot/interaction"
	"computeunits/bot/messages"
	"computeunits/bot/people"
	"computeunits/bot/phrase"
	"computeunits/bot/reply"
	"computeunits/notify"
	"computeunits/notify/database"
	"computeunits/notify/ledger"
	"computeunits/notify/plan"
	"computeunits/qianfan"
)

// maxKnown is how many services are remembered for "did you mean".
const maxKnown = 256

// A Chat finds the replies to all that people say to the bot or do with it, and does
// what they ask for. Set the exported fields before the first call. It is safe for
// concurrent use.
type Chat struct {
	Units    *qianfan.Client
	Notifier *notify.Notifier // nil: nothing is watched
	People   *people.Directory
	Allow    *people.Allowed
	Replier  *reply.Replier // for those who send more than the one response
	Listed   []plan.Service // what is asked about when there is no notifier
	Guard    *guard.Guard

	ChannelBook *phrase.Book // of what is said to everybody in a channel

	mu    sync.Mutex
	known []string // services that Qianfan has answered for, the latest last
	// done is what was pressed, and until when the same is not done again, so that
	// a double click does it once.
	done map[string]time.Time
}

// What people can ask for is done by one of these, each of which has all that the
// Chat has.
type (
	asker   struct{ *Chat } // questions about one service
	lister  struct{ *Chat } // what expires, what is watched
	watcher struct{ *Chat } // watching, with its forms
	pauser  struct{ *Chat } // acknowledging and snoozing, with their form
	sharer  struct{ *Chat } // posting an answer to the channel
	forms   struct{ *Chat } // opening, filling and submitting modals
)

// Words is the whole way from what somebody wrote to the reply.
func (a *Chat) Words(ctx context.Context, w Turn) reply.Reply {
	now := a.Now()
	named := a.named(ctx, w)
	r, bad := grammar.Parse(w.Text, grammar.Context{
		Now: now, Zone: w.Zone, Services: named, Self: a.People.Self(nil).User,
	})
	if bad != nil {
		if refused, ok := a.MayAsk(w); !ok {
			return refused
		}
		if w.Public() {
			w = a.forChannel(w)
		}
		said := messages.Misunderstood(w.dialect(), bad)
		said.Blocks = append(said.Blocks, messages.SayButtons(w.Book, bad.Suggestions...)...)
		return reply.Reply{Message: said}
	}
	return a.answer(ctx, w, r, now)
}

// answer is what the bot says to a request, and does because of it: the one way
// for commands, messages, buttons and the App Home.
func (a *Chat) answer(ctx context.Context, w Turn, r grammar.Request, now time.Time) reply.Reply {
	may := a.MayAsk
	if r.Verb.Changes() {
		may = func(w Turn) (reply.Reply, bool) { return a.mayChange(ctx, w) }
	}
	if refused, ok := may(w); !ok {
		w.Log.InfoContext(ctx, "refused", "verb", r.Verb, "service", r.Service, "instance", r.Instance)
		return refused
	}
	if w.Public() {
		w = a.forChannel(w)
	}
	switch r.Verb {
	case grammar.Ask:
		return asker{a}.ask(ctx, w, qianfan.Query{ServiceID: r.Service, Timing: r.Timing})
	case grammar.Expiring, grammar.Next, grammar.Services:
		return lister{a}.list(ctx, w, r, now, listPageOf(w, r))
	case grammar.Watch:
		return watcher{a}.watch(ctx, w, r, now)
	case grammar.Unwatch:
		return watcher{a}.unwatch(ctx, w, r, now)
	case grammar.Snooze, grammar.Unsnooze, grammar.Acknowledge, grammar.Unacknowledge:
		return pauser{a}.pause(ctx, w, r, now)
	case grammar.Greeting:
		return reply.Reply{Message: messages.Text(w.Say("talk.hello", "line", w.dialect().Prefix+grammar.Request{Verb: grammar.Help}.Line()))}
	case grammar.Thanks:
		return reply.Reply{Message: messages.Text(w.Say("talk.thanks"))}
	default:
		return reply.Reply{Message: messages.Help(w.dialect(), w.Origin == interaction.ByCommand, asker{a}.sample(ctx, w))}
	}
}

// named are the services that have a label, as they were last known if the ledger
// does not tell.
func (a *Chat) named(ctx context.Context, w Turn) []grammar.Named {
	watches, err := a.watches(ctx)
	if err != nil {
		w.Log.WarnContext(ctx, "cannot read what services are called; what was last known of it has to do", "error", err)
		watches = a.Notifier.Reports().Remembered()
	}
	named := make([]grammar.Named, 0, len(watches)+len(a.Listed))
	if a.Notifier == nil {
		for _, s := range a.Listed {
			named = append(named, grammar.Named{ID: s.ID, Label: s.Label})
		}
	}
	for _, watch := range watches {
		named = append(named, grammar.Named{ID: watch.Service, Label: watch.Label})
	}
	return named
}

// watches are all watched services, by id; none without a notifier.
func (a *Chat) watches(ctx context.Context) ([]plan.Watch, error) {
	if a.Notifier == nil {
		return nil, nil
	}
	ctx, cancel := a.Notifier.Ledger.Within(ctx, people.WishTimeout)
	defer cancel()
	return a.Notifier.Reports().Watches(ctx)
}

// dialect is how the person of a Turn is written to.
func (w Turn) dialect() blocks.Dialect { return blocks.ForSlack(w.Book, w.prefix()) }

// prefix is what goes before a line that the person may write: in the direct
// message nothing, elsewhere the command.
func (w Turn) prefix() string {
	if w.Direct && w.Origin != interaction.ByCommand {
		return ""
	}
	return commandPrefix
}

const commandPrefix = "/computeunits "

// Trouble is the response to a failure within the bot. Its cause is for the log,
// where the id leads to it.
func (w Turn) Trouble(ctx context.Context, err error) reply.Reply {
	w = w.forPerson()
	w.Log.ErrorContext(ctx, "could not do what was asked", "error", err)
	return reply.Reply{Message: messages.Text(w.Inside(err)), Private: true}
}

// Inside says that something within the bot failed, and when to try again. A
// ledger that does not answer is nobody else's fault.
func (w Turn) Inside(err error) string {
	if database.Unavailable(err) {
		return w.Say("error.ledger", "id", w.ID)
	}
	return w.Say("error.inside", "id", w.ID)
}

// ZoneOf is the time zone of a reader, else that of the settings.
func (a *Chat) ZoneOf(r people.Reader) *time.Location {
	switch n := a.Notifier; {
	case r.Zone != nil:
		return r.Zone
	case n != nil && n.Settings.Zone != nil:
		return n.Settings.Zone
	default:
		return time.UTC
	}
}

// Ledger is nil without a notifier.
func (a *Chat) Ledger() *ledger.Ledger {
	if a.Notifier == nil {
		return nil
	}
	return a.Notifier.Ledger
}

const (
	MaxSearched = 5000 // items of all services that are looked through for those of one
	maxReaders  = 4    // services read at once for one question
)

// Now is the notifier's clock: what people snooze is reckoned by it.
func (a *Chat) Now() time.Time {
	if a.Notifier != nil && a.Notifier.Now != nil {
		return a.Notifier.Now().UTC()
	}
	return time.Now().UTC()
}
