// Package people knows who writes to the bot: language, time zone, guest or not, of
// this organisation or another, member of a user group. It asks Slack, once for
// all who want to know the same, and remembers: a person for a day, a group for five
// minutes, a failure for one. Of whom Slack does not tell nothing is concluded.
// (x/sync's singleflight would tie all who ask to the context of the first.)
package people

import (
	"cmp"
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/slack-go/slack"

	"computeunits/bot/guard"
	"computeunits/bot/interaction"
	"computeunits/bot/phrase"
	"computeunits/bot/slackapi"
	"computeunits/notify/ledger"
	"computeunits/notify/plan"
)

const (
	// WishTimeout is what an answer gets from the ledger for what it can do
	// without: whether the same was delivered before, what the person chose, what
	// services are called. Then what memory knows has to do.
	WishTimeout = 300 * time.Millisecond
	// WantTimeout is for what the answer is made of: then Qianfan is asked.
	WantTimeout = 2 * time.Second
)

// A Reader is the person whom an answer is for.
type Reader struct {
	person
	Preference plan.Preference
	*phrase.Book
}

const (
	personKept   = 24 * time.Hour   // Slack recommends to keep what users.info says for a day
	unknownKept  = time.Minute      // after a failure
	blindKept    = 15 * time.Minute // while the bot may not ask at all
	whoTimeout   = 3 * time.Second  // for asking who somebody is; an answer does not wait longer
	maxPeople    = 5000             // in a generation; twice as many are remembered at most
	ScopeMissing = "missing_scope"
)

// A person is what Slack tells about a user. Of one that Slack did not tell
// about nothing but the id is known.
type person struct {
	known bool
	// unsure says that Slack could have told and failed to: nothing may be
	// concluded from what is not known.
	Unsure bool
	locale string         // such as zh-CN
	Zone   *time.Location // nil: UTC
	Guest  bool           // of this workspace, with limited rights
	Other  bool           // of another organisation
}

// cachedPerson is a person as they are remembered.
type cachedPerson struct {
	person
	until  time.Time       // when to ask again
	spoken string          // the language of the last message, en or zh; "": none with words
	chosen plan.Preference // in the App Home, as it was last read
}

// preferred is what a person chose, as it was last read.
func (p *Directory) preferred(user string) plan.Preference {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.cached(user).chosen
}

// Identity is who the bot is.
type Identity struct{ User, Team, Enterprise string }

// foreign reports whether a team is of another organisation. Of what is not
// known it is not said.
func (me Identity) foreign(team, enterprise string) bool {
	return me.Team != "" && team != "" && team != me.Team && (me.Enterprise == "" || enterprise != me.Enterprise)
}

// Directory knows who somebody is. It is safe for concurrent use.
type Directory struct {
	Slack *slackapi.Client // its requests
	Guard *guard.Guard
	Log   *slog.Logger

	lookups sync.WaitGroup // those under way

	mu         sync.Mutex
	asked      map[string]*lookup // by user
	young, old map[string]*cachedPerson
	blind      time.Time // until when the scope users:read is taken to be missing
	me         Identity
}

// Wait waits for the questions to Slack that are under way.
func (p *Directory) Wait() { p.lookups.Wait() }

// cached returns what is remembered of a person, an empty record for a new one.
// p.mu is held.
func (p *Directory) cached(user string) *cachedPerson {
	a := p.young[user]
	if a != nil {
		return a
	}
	if a = p.old[user]; a == nil {
		a = &cachedPerson{}
	}
	if p.young == nil || len(p.young) >= maxPeople {
		p.young, p.old = make(map[string]*cachedPerson), p.young
	}
	p.young[user] = a
	return a
}

// SetSelf notes who the bot itself is.
func (p *Directory) SetSelf(me Identity) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.me = me
}

// Self is who the bot is, by auth.test or else by the installation that an
// event was sent for.
func (p *Directory) Self(installations []slack.EventAuthorization) Identity {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.me == (Identity{}) && len(installations) > 0 {
		i := installations[0]
		p.me = Identity{i.UserID, i.TeamID, i.EnterpriseID}
	}
	return p.me
}

// Foreign is self.foreign.
func (p *Directory) Foreign(team, enterprise string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.me.foreign(team, enterprise)
}

// who returns what Slack tells about a user: from memory, or by one request
// that an answer waits for at most whoTimeout, together with all others who want
// to know the same. What was known yesterday is better than nothing.
func (p *Directory) who(ctx context.Context, user string) person {
	p.mu.Lock()
	was := *p.cached(user)
	if now := time.Now(); now.Before(was.until) || now.Before(p.blind) {
		p.mu.Unlock()
		return was.person
	}
	q := p.asked[user]
	if q == nil {
		q = &lookup{done: make(chan struct{}), is: was.person}
		if p.asked == nil {
			p.asked = make(map[string]*lookup)
		}
		p.asked[user] = q
		ctx := context.WithoutCancel(ctx) // for whoever waits longest
		p.lookups.Go(func() { p.lookUp(ctx, user, q) })
	}
	p.mu.Unlock()
	select {
	case <-q.done:
		return q.is
	case <-ctx.Done(): // there was no time to ask
		was.Unsure = !was.known
		return was.person
	}
}

// An inquiry is a question who somebody is on its way to Slack.
type lookup struct {
	done chan struct{} // closed when is stands
	is   person
}

// lookUp asks Slack who somebody is, and remembers the answer.
func (p *Directory) lookUp(ctx context.Context, user string, q *lookup) {
	defer func() {
		if v := recover(); v != nil {
			p.Guard.Note(ctx, "asking who somebody is", v, "user", user)
			q.is.Unsure = !q.is.known
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.asked, user)
		close(q.done)
	}()
	ctx, cancel := context.WithTimeout(ctx, whoTimeout)
	defer cancel()
	x := p.Slack.Call()
	u, err := x.API.GetUserInfoContext(ctx, user)
	if err != nil {
		err = p.Slack.Failure("asking who "+user+" is", x, err)
	}
	if first := p.remember(user, u, err, q); err != nil && slackapi.CodeOf(err) != ScopeMissing {
		p.Log.WarnContext(ctx, "cannot tell who somebody is; will ask again in a minute", "user", user, "error", err)
	} else if first {
		p.Log.WarnContext(ctx, "the scope users:read is missing: people are answered in the language of their messages, and guests cannot be told from members")
	}
}

// remember remembers what Slack said about a user. It reports whether that is for
// the first time that the bot may not ask.
func (p *Directory) remember(user string, u *slack.User, err error, q *lookup) (blind bool) {
	now := time.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	a := p.cached(user)
	switch {
	case err == nil:
		a.person, a.until = p.person(u), now.Add(personKept)
	case slackapi.CodeOf(err) == ScopeMissing:
		blind = p.blind.IsZero()
		p.blind = now.Add(blindKept)
	default:
		a.Unsure, a.until = !a.known, now.Add(unknownKept)
	}
	q.is = a.person
	return blind
}

// person reads what Slack says. p.mu is held.
func (p *Directory) person(u *slack.User) person {
	is := person{known: true, locale: u.Locale, Guest: u.IsRestricted || u.IsUltraRestricted}
	is.Other = u.IsStranger || p.me.foreign(u.TeamID, u.Enterprise.EnterpriseID)
	if zone, err := time.LoadLocation(u.TZ); err == nil && u.TZ != "" {
		is.Zone = zone
	}
	return is
}

// Reader is a person with the language that an answer is written in: the one
// they chose, else Slack's, else that of what they wrote.
func (p *Directory) Reader(ctx context.Context, o interaction.Interaction, ledger *ledger.Ledger) Reader {
	r := Reader{person: p.who(ctx, o.User)}
	r.Other = r.Other || !r.known && o.Stranger
	if ledger != nil {
		wish, cancel := ledger.Within(ctx, WishTimeout)
		defer cancel()
		var err error
		if r.Preference, err = ledger.People.Preference(wish, o.User); err != nil {
			p.Log.WarnContext(ctx, "cannot read a person's preference; what was known of it has to do", "user", o.User, "error", err)
			r.Preference = p.preferred(o.User)
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	a := p.cached(o.User)
	a.spoken = cmp.Or(languageOf(o.Text), a.spoken)
	a.chosen = r.Preference
	r.Book = a.book()
	return r
}

// soonTimeout is how long the language of a modal is waited for: the trigger that
// opens it lives three seconds.
const soonTimeout = 700 * time.Millisecond

// Soon is reader for those who cannot wait: when Slack does not tell at once who
// somebody is, it is Guess.
func (p *Directory) Soon(ctx context.Context, o interaction.Interaction, ledger *ledger.Ledger) *phrase.Book {
	ctx, cancel := context.WithTimeout(ctx, soonTimeout)
	defer cancel()
	return p.Reader(ctx, o, ledger).Book
}

// Guess is the language of a person as far as it can be told without asking
// anybody: in the read loop.
func (p *Directory) Guess(o interaction.Interaction) *phrase.Book {
	p.mu.Lock()
	defer p.mu.Unlock()
	a := *p.cached(o.User)
	a.spoken = cmp.Or(languageOf(o.Text), a.spoken)
	return a.book()
}

func (a *cachedPerson) book() *phrase.Book {
	return phrase.For(cmp.Or(a.chosen.Language, a.locale, a.spoken))
}

// languageOf is the language of a text; "" when it has no words, such as an id.
func languageOf(text string) string {
	words := ""
	for word := range strings.FieldsSeq(text) {
		if strings.ContainsFunc(word, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
			return phrase.Chinese
		}
		if !strings.ContainsAny(word, "0123456789<>") && strings.ContainsFunc(word, unicode.IsLetter) {
			words = phrase.English
		}
	}
	return words
}
