package home

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"computeunits/bot/chat"
	"computeunits/bot/interaction"
	"computeunits/bot/slackapi"
	"computeunits/bot/views"
)

const (
	// homeLooked is how long somebody who opened the Home, or pressed something
	// in it, is taken to look at it: Slack does not tell when they leave.
	homeLooked = 15 * time.Minute
	// homeEvery is how often is looked for something new to show, and how much
	// time lies between two refreshes of one Home at least.
	homeEvery = 5 * time.Second
	// homeRetry is the longest pause after refreshes of one Home that failed.
	homeRetry = 5 * time.Minute
	// homePace lies between two refreshes, whoever they are for. views.publish
	// takes 100 a minute (https://docs.slack.dev/apis/web-api/rate-limits, tier
	// 4); people who open and press get the rest.
	homePace = time.Second
	// homeShare is how much longer than looking took the pause after it is.
	homeShare = 20
	// factsTimeout is for finding out what Homes show.
	factsTimeout = 25 * time.Second
	// maxViewers bounds those whose Homes are refreshed.
	maxViewers = 200
)

// Controller shows people their App Home, and refreshes it while they look at it.
//
// Who opens it or presses something is shown it at once; of several presses at
// once only the last. Besides, the ledger is looked at every homeEvery while
// anybody looks, once for all of them, which also notices what other processes
// change; a Home is published only when there is something new to see in it. One
// request at a time is made for a person, by who has their turn.
type Controller struct {
	answers   *chat.Chat
	console   string
	connected func() time.Duration // how long the present socket has been up; 0: there is none
	log       *slog.Logger

	wake chan struct{} // somebody looks; has room for one

	mu        sync.Mutex
	viewers   map[string]*viewer
	notBefore time.Time // when Slack takes a refresh again
	up        time.Time // since when the present socket is open
}

// Each of these is a Controller with the methods for one part of the work.
type (
	publisher struct{ *Controller }
	refresher struct{ *Controller }
	pages     struct{ *Controller }
)

// A viewer is somebody who looks at their Home.
type viewer struct {
	turn chan struct{} // held by who publishes; has room for one

	// Guarded by homes.mu.
	seen time.Time // when they opened it or pressed something
	acts int       // how often they did
	page views.Position

	// These belong to who has the turn.
	hash      string // of what stands there; "": not known
	print     uint64 // likewise
	facts     uint64 // those of which it is known that what stands there shows them
	published time.Time
	failures  int // of refreshes, in a row
}

// New makes the Controller of a Run. connected is for how long the present socket has
// been up; 0: there is none.
func New(a *chat.Chat, console string, connected func() time.Duration, log *slog.Logger) *Controller {
	return &Controller{answers: a, console: console, connected: connected, log: log,
		wake: make(chan struct{}, 1), viewers: make(map[string]*viewer)}
}

// enter waits for the turn to publish; false when ctx ended first.
func (v *viewer) enter(ctx context.Context) bool {
	select {
	case v.turn <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

// free takes the turn if nobody has it.
func (v *viewer) free() bool {
	select {
	case v.turn <- struct{}{}:
		return true
	default:
		return false
	}
}

func (v *viewer) leave() { <-v.turn }

// held reports whether somebody has the turn.
func (v *viewer) held() bool { return len(v.turn) > 0 }

// touch notes that a person looks at a page. Of several presses at once the
// latest counts: act is for overtaken.
func (h *Controller) touch(user string, skip int) (v *viewer, act int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if v = h.viewers[user]; v == nil {
		h.forget(maxViewers - 1)
		v = &viewer{turn: make(chan struct{}, 1)}
		h.viewers[user] = v
	}
	v.seen, v.page = time.Now(), views.Position{Skip: skip, Since: h.answers.Now()}
	v.acts++
	select {
	case h.wake <- struct{}{}:
	default:
	}
	return v, v.acts
}

// overtaken reports whether the person did something else meanwhile.
func (h *Controller) overtaken(v *viewer, act int) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return v.acts != act
}

func (h *Controller) position(v *viewer) views.Position {
	h.mu.Lock()
	defer h.mu.Unlock()
	return v.page
}

// forget leaves out who does not look any more, and of the others those who
// have not done anything for the longest time; but nobody whose turn is held, for
// there would be two for one Home then. h.mu is held.
func (h *Controller) forget(most int) {
	maps.DeleteFunc(h.viewers, func(_ string, v *viewer) bool { return !v.held() && time.Since(v.seen) >= homeLooked })
	for len(h.viewers) > most {
		users := slices.DeleteFunc(slices.Collect(maps.Keys(h.viewers)), func(user string) bool { return h.viewers[user].held() })
		if len(users) == 0 {
			return
		}
		delete(h.viewers, slices.MinFunc(users, func(x, y string) int { return h.viewers[x].seen.Compare(h.viewers[y].seen) }))
	}
}

// looking are those who look at their Home now.
func (h *Controller) looking() map[string]*viewer {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.forget(maxViewers)
	return maps.Clone(h.viewers)
}

// pauseUntil keeps refreshes from Slack.
func (h *Controller) pauseUntil(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if until := time.Now().Add(d); until.After(h.notBefore) {
		h.notBefore = until
	}
}

// paused is how long refreshes still have to wait.
func (h *Controller) paused() time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()
	return time.Until(h.notBefore)
}

// Run refreshes the Homes that people look at until ctx is done. While nobody
// looks it does nothing at all.
func (h *Controller) Run(ctx context.Context) error {
	refresher{h}.resume(ctx)
	troubled := false
	for {
		looking := h.looking()
		if len(looking) == 0 {
			select {
			case <-h.wake:
			case <-ctx.Done():
				return nil
			}
		}
		begun := time.Now()
		err := refresher{h}.refresh(ctx, looking)
		if err != nil && ctx.Err() == nil && !troubled {
			h.log.WarnContext(ctx, "cannot find out what is new for the App Home; will go on trying", "error", err)
		}
		troubled = err != nil
		if !slackapi.Sleep(ctx, max(homeEvery, homeShare*time.Since(begun), h.paused())) {
			return nil
		}
	}
}

// resume goes on refreshing for those who looked at their Home before the bot
// was started anew. The ledger knows who; they see the first page.
func (h refresher) resume(ctx context.Context) {
	n := h.answers.Notifier
	if n == nil {
		return
	}
	const kept = 24 * time.Hour // how far back the ledger looks from a moment
	users, err := n.Ledger.People.Viewers(ctx, h.answers.Now().Add(kept-homeLooked))
	if err != nil {
		h.log.WarnContext(ctx, "cannot tell who looks at the App Home", "error", err)
		return
	}
	for _, user := range users[:min(len(users), maxViewers)] {
		h.touch(user, 0)
	}
}

// refresh publishes the Homes in which there is something new to see, one after
// the other.
func (h refresher) refresh(ctx context.Context, looking map[string]*viewer) (err error) {
	if len(looking) == 0 {
		return nil
	}
	defer func() { // as for answers: a panic does not end the process
		if v := recover(); v != nil {
			h.answers.Guard.Note(ctx, "refreshing App Homes", v)
			err = errors.New("it ended in a panic")
		}
	}()
	reading, cancel := context.WithTimeout(ctx, factsTimeout)
	defer cancel()
	f, err := h.facts(reading)
	if err != nil {
		return err
	}
	facts := f.Fingerprint()
	for _, user := range slices.Sorted(maps.Keys(looking)) {
		if h.paused() > 0 || ctx.Err() != nil {
			return nil
		}
		if h.refreshOne(ctx, user, looking[user], f, facts) && !slackapi.Sleep(ctx, homePace) {
			return nil
		}
	}
	return nil
}

// refreshOne publishes one Home if there is something new to see in it, and reports
// whether it made a request. Where the facts are those that it shows already,
// nothing is read or drawn. It is tried once: a later look tries again.
func (h refresher) refreshOne(ctx context.Context, user string, v *viewer, f views.HomeFacts, facts uint64) (asked bool) {
	if !v.free() {
		return false // the person just presses something
	}
	defer v.leave()
	defer func() { // one Home that cannot be drawn keeps no other
		if p := recover(); p != nil {
			h.answers.Guard.Note(ctx, "refreshing an App Home", p, "user", user)
			v.published = time.Now()
			v.failures++
		}
	}()
	if time.Since(v.published) < min(homeEvery<<min(v.failures, 6), homeRetry) || facts != 0 && v.facts == facts {
		return false
	}
	o := interaction.Interaction{Origin: interaction.ByHome, User: user}
	w := chat.Turn{Interaction: o, Log: h.log.With("user", user, "origin", interaction.ByHome)}
	w.Reader = h.answers.People.Reader(ctx, o, h.answers.Ledger())
	p := pages(h).page(f, w.Reader, h.position(v))
	if _, ok := h.answers.MayAsk(w); !ok || p.Fingerprint(w.Book) == v.print {
		v.facts = facts
		return false
	}
	hash, failed := publisher(h).tryPut(ctx, user, v.hash, p.View(w.Book))
	if failed != nil && failed.Reason == hashConflict {
		// Somebody else published it, perhaps what is newer than what was read here.
		if f, err := h.facts(ctx); err == nil {
			p, facts = pages(h).page(f, w.Reader, h.position(v)), f.Fingerprint()
			hash, failed = publisher(h).tryPut(ctx, user, "", p.View(w.Book))
		}
	}
	v.published = time.Now()
	if failed != nil {
		v.failures++
		w.Log.WarnContext(ctx, "could not refresh an App Home; will try again", "error", failed)
		if rejected(failed) {
			v.print, v.facts = p.Fingerprint(w.Book), facts // with something new in it
		}
		return true
	}
	v.hash, v.print, v.facts, v.failures = hash, p.Fingerprint(w.Book), facts, 0
	w.Log.DebugContext(ctx, "refreshed an App Home")
	return true
}
