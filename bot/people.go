package bot

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
	personKept   = 24 * time.Hour   // Slack recommends to keep what users.info says for a day
	unknownKept  = time.Minute      // after a failure
	blindKept    = 15 * time.Minute // while the bot may not ask at all
	whoTimeout   = 3 * time.Second  // for asking who somebody is; an answer does not wait longer
	maxPeople    = 5000             // in a generation; twice as many are remembered at most
	scopeMissing = "missing_scope"
)

// A person is what Slack tells about a user. Of one that Slack did not tell
// about nothing but the id is known.
type person struct {
	known bool
	// unsure says that Slack could have told and failed to: nothing may be
	// concluded from what is not known.
	unsure bool
	locale string         // such as zh-CN
	zone   *time.Location // nil: UTC
	guest  bool           // of this workspace, with limited rights
	other  bool           // of another organisation
}

// acquaintance is a person as they are remembered.
type acquaintance struct {
	person
	until  time.Time       // when to ask again
	spoken string          // the language of the last message, en or zh; "": none with words
	chosen plan.Preference // in the App Home, as it was last read
}

// preferred is what a person chose, as it was last read.
func (p *people) preferred(user string) plan.Preference {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.recall(user).chosen
}

// self is who the bot is.
type self struct{ user, team, enterprise string }

// foreign reports whether a team is of another organisation. Of what is not
// known it is not said.
func (me self) foreign(team, enterprise string) bool {
	return me.team != "" && team != "" && team != me.team && (me.enterprise == "" || enterprise != me.enterprise)
}

// people knows who somebody is. It is safe for concurrent use.
type people struct {
	slack *slackapi.Client // its requests
	guard *guard.Guard
	log   *slog.Logger

	inquiries sync.WaitGroup // those under way

	mu         sync.Mutex
	asked      map[string]*inquiry // by user
	young, old map[string]*acquaintance
	blind      time.Time // until when the scope users:read is taken to be missing
	me         self
}

// recall returns what is remembered of a person, an empty record for a new one.
// p.mu is held.
func (p *people) recall(user string) *acquaintance {
	a := p.young[user]
	if a != nil {
		return a
	}
	if a = p.old[user]; a == nil {
		a = &acquaintance{}
	}
	if p.young == nil || len(p.young) >= maxPeople {
		p.young, p.old = make(map[string]*acquaintance), p.young
	}
	p.young[user] = a
	return a
}

// meet notes who the bot itself is.
func (p *people) meet(me self) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.me = me
}

// self is who the bot is, by auth.test or else by the installation that an
// event was sent for.
func (p *people) self(installations []slack.EventAuthorization) self {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.me == (self{}) && len(installations) > 0 {
		i := installations[0]
		p.me = self{i.UserID, i.TeamID, i.EnterpriseID}
	}
	return p.me
}

// foreign is self.foreign.
func (p *people) foreign(team, enterprise string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.me.foreign(team, enterprise)
}

// who returns what Slack tells about a user: from memory, or by one request
// that an answer waits for at most whoTimeout, together with all others who want
// to know the same. What was known yesterday is better than nothing.
func (p *people) who(ctx context.Context, user string) person {
	p.mu.Lock()
	was := *p.recall(user)
	if now := time.Now(); now.Before(was.until) || now.Before(p.blind) {
		p.mu.Unlock()
		return was.person
	}
	q := p.asked[user]
	if q == nil {
		q = &inquiry{done: make(chan struct{}), is: was.person}
		if p.asked == nil {
			p.asked = make(map[string]*inquiry)
		}
		p.asked[user] = q
		ctx := context.WithoutCancel(ctx) // for whoever waits longest
		p.inquiries.Go(func() { p.inquire(ctx, user, q) })
	}
	p.mu.Unlock()
	select {
	case <-q.done:
		return q.is
	case <-ctx.Done(): // there was no time to ask
		was.unsure = !was.known
		return was.person
	}
}

// An inquiry is a question who somebody is on its way to Slack.
type inquiry struct {
	done chan struct{} // closed when is stands
	is   person
}

// inquire asks Slack who somebody is, and remembers the answer.
func (p *people) inquire(ctx context.Context, user string, q *inquiry) {
	defer func() {
		if v := recover(); v != nil {
			p.guard.Note(ctx, "asking who somebody is", v, "user", user)
			q.is.unsure = !q.is.known
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.asked, user)
		close(q.done)
	}()
	ctx, cancel := context.WithTimeout(ctx, whoTimeout)
	defer cancel()
	x := p.slack.Call()
	u, err := x.API.GetUserInfoContext(ctx, user)
	if err != nil {
		err = p.slack.Failure("asking who "+user+" is", x, err)
	}
	if first := p.learn(user, u, err, q); err != nil && slackapi.CodeOf(err) != scopeMissing {
		p.log.WarnContext(ctx, "cannot tell who somebody is; will ask again in a minute", "user", user, "error", err)
	} else if first {
		p.log.WarnContext(ctx, "the scope users:read is missing: people are answered in the language of their messages, and guests cannot be told from members")
	}
}

// learn remembers what Slack said about a user. It reports whether that is for
// the first time that the bot may not ask.
func (p *people) learn(user string, u *slack.User, err error, q *inquiry) (blind bool) {
	now := time.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	a := p.recall(user)
	switch {
	case err == nil:
		a.person, a.until = p.person(u), now.Add(personKept)
	case slackapi.CodeOf(err) == scopeMissing:
		blind = p.blind.IsZero()
		p.blind = now.Add(blindKept)
	default:
		a.unsure, a.until = !a.known, now.Add(unknownKept)
	}
	q.is = a.person
	return blind
}

// person reads what Slack says. p.mu is held.
func (p *people) person(u *slack.User) person {
	is := person{known: true, locale: u.Locale, guest: u.IsRestricted || u.IsUltraRestricted}
	is.other = u.IsStranger || p.me.foreign(u.TeamID, u.Enterprise.EnterpriseID)
	if zone, err := time.LoadLocation(u.TZ); err == nil && u.TZ != "" {
		is.zone = zone
	}
	return is
}

// reader is a person with the language that an answer is written in: the one
// they chose, else Slack's, else that of what they wrote.
func (p *people) reader(ctx context.Context, o interaction.Interaction, ledger *ledger.Ledger) reader {
	r := reader{person: p.who(ctx, o.User)}
	r.other = r.other || !r.known && o.Stranger
	if ledger != nil {
		wish, cancel := ledger.Within(ctx, wishTimeout)
		defer cancel()
		var err error
		if r.preference, err = ledger.Preference(wish, o.User); err != nil {
			p.log.WarnContext(ctx, "cannot read a person's preference; what was known of it has to do", "user", o.User, "error", err)
			r.preference = p.preferred(o.User)
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	a := p.recall(o.User)
	a.spoken = cmp.Or(tongue(o.Text), a.spoken)
	a.chosen = r.preference
	r.Book = a.book()
	return r
}

// soonTimeout is how long the language of a modal is waited for: the trigger that
// opens it lives three seconds.
const soonTimeout = 700 * time.Millisecond

// soon is reader for those who cannot wait: when Slack does not tell at once who
// somebody is, it is glance.
func (p *people) soon(ctx context.Context, o interaction.Interaction, ledger *ledger.Ledger) *phrase.Book {
	ctx, cancel := context.WithTimeout(ctx, soonTimeout)
	defer cancel()
	return p.reader(ctx, o, ledger).Book
}

// glance is the language of a person as far as it can be told without asking
// anybody: in the read loop.
func (p *people) glance(o interaction.Interaction) *phrase.Book {
	p.mu.Lock()
	defer p.mu.Unlock()
	a := *p.recall(o.User)
	a.spoken = cmp.Or(tongue(o.Text), a.spoken)
	return a.book()
}

func (a *acquaintance) book() *phrase.Book {
	return phrase.For(cmp.Or(a.chosen.Language, a.locale, a.spoken))
}

// tongue is the language of a text; "" when it has no words, such as an id.
func tongue(text string) string {
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
