package slacksim

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Fault is something that goes wrong at Slack. The zero value of a field
// leaves its part out; a fault with only a Delay lets the request succeed late.
type Fault struct {
	// Method is a Web API method, "response_url", "link" (the dial of a
	// WebSocket), "hello" (the greeting, followed at once by a disconnect frame
	// with Error as its reason), or "*" for any request.
	Method string
	// Channel limits the fault to calls about this channel; "": any.
	Channel string
	// Times is how often it happens; 0: until Mend.
	Times int
	// Every has it happen to each n-th of the calls only; 0: to each.
	Every int
	// Delay passes before anything else, or, with Commit, before the answer.
	Delay time.Duration
	// Commit does what was asked first and fails then.
	Commit bool
	// Late carries out what was asked, but so long after the answer; without an
	// answer among those below the connection is cut. It implies Commit.
	Late time.Duration
	// Drop cuts the TCP connection without an answer.
	Drop bool
	// Status is the HTTP status; 0 is 429 with RetryAfter, otherwise 200.
	Status int
	// Error is the code in {"ok":false,"error":…}.
	Error string
	// RetryAfter becomes a Retry-After header, in whole seconds, rounded up.
	RetryAfter time.Duration
	// Body replaces the whole body of the answer.
	Body string

	met int // calls that it could have happened to
}

// Rules of the delivery (https://docs.slack.dev/apis/events-api/using-socket-mode).
const (
	// ackWithin is how long the app has to acknowledge an envelope.
	ackWithin = 3 * time.Second
	// maxAck is the size in bytes from which Slack drops an acknowledgement
	// silently (slack-go #1196).
	maxAck = 20_480
	// maxEnvelopes is how many sent envelopes are remembered.
	maxEnvelopes = 10_000
)

// eventHour counts the events of the present hour.
type eventHour struct {
	began  time.Time
	count  int
	warned time.Time // when app_rate_limited went out last
}

// watcher is a caller of Await.
type watcher struct {
	channel, user string
	inbox         *inbox[Message]
}

// bucket is a token bucket that is full at first.
type bucket struct {
	tokens float64
	filled time.Time // when tokens was right
}

// Rules of a response_url
// (https://docs.slack.dev/interactivity/handling-user-interaction#message_responses).
const (
	responsePath = "/response/"
	responseUses = 5
	responseLife = 30 * time.Minute
	// maxResponses is how many URLs are remembered; an older one is expired.
	maxResponses = 50_000
)

// Rules of the sockets (https://docs.slack.dev/apis/events-api/using-socket-mode).
const (
	maxSockets = 10
	// ticketLife is for how long a URL of apps.connections.open can be dialled,
	// once. Slack says "short-lived"; the figure is ours.
	ticketLife = 30 * time.Second
	maxTickets = 1000
	// warningLead is how long before its end a socket gets `warning`.
	warningLead = 10 * time.Second
	// debugLife is the lifetime with debug_reconnects=true.
	debugLife = 360 * time.Second
	// goodbye is how long a closed client has to answer the close frame.
	goodbye = time.Second
	// linger is how long TCP stays open after both close frames when the client
	// does not close it; the figure is ours.
	linger = time.Minute
	// writeWithin is how long one frame may take to leave.
	writeWithin = 10 * time.Second
	// maxFrame bounds what a client sends in one frame.
	maxFrame = 1 << 20
	// maxQueue is how many frames wait for a slow client before it is cut.
	maxQueue = 10_000
	host     = "applink-1"
	origin   = "https://api.slack.com"
)

// Rules of trigger_id (https://docs.slack.dev/surfaces/modals).
const (
	triggerLife = 3 * time.Second
	maxTriggers = 10_000
)

// trigger is a trigger_id: the right to open one modal for the person who did
// something, for three seconds.
type trigger struct {
	user    string
	channel string // where it was done; "" in a view
	view    string // in which it was done; "" outside views
	issued  time.Time
	spent   bool
}

// UserGroup is a group of people that others mention together: @gpu-team.
type UserGroup struct {
	ID       string // "S0GPU"
	Handle   string // what others mention: gpu-team
	Name     string
	Members  []string // user ids
	Disabled bool
}

// viewWatcher is a caller of AwaitModal or AwaitHome.
type viewWatcher struct {
	user, kind string
	inbox      *inbox[View]
}

// Config says what workspace to simulate. Manifest and URL are required; every
// other field has a usable zero value.
type Config struct {
	// Manifest is the text of the app's manifest.yml. Commands, event
	// subscriptions, scopes and Socket Mode are enforced from it.
	Manifest []byte
	// URL is the base under which clients reach the handler, for example
	// "http://127.0.0.1:40123", without a path. WebSocket and response URLs are
	// made from it; requests for another, non-loopback host are refused.
	URL string
	// BotToken and AppToken are the only tokens taken; zero means
	// "xoxb-simulated" and "xapp-simulated".
	BotToken, AppToken string
	// Declined lists scopes of the manifest's bot_optional that the person who
	// installed the app did not grant.
	Declined []string
	// Logger gets one debug record a request; nil discards.
	Logger *slog.Logger
	// Lifetime is how long a socket lives: `warning` goes out 10 s before its
	// end (half of it when it is shorter than 20 s), `refresh_requested` and the
	// close frame at its end. Zero: one hour.
	Lifetime time.Duration
	// PingEvery is the time between two WebSocket pings to a client. Zero: 5 s.
	PingEvery time.Duration
	// Seed starts the random choice of a connection and all identifiers. Zero is
	// a seed like any other, so runs repeat.
	Seed uint64
	// Unlimited lifts the rate tiers and the hourly limit of events.
	Unlimited bool
	// Now is the wall clock on which people and the app meet: timestamps of
	// messages and actions, times of events, and hence the history. It may jump;
	// timestamps stay unique and rise even when it goes back. Timers, deadlines,
	// and the lives of tickets, response URLs and triggers take no notice of it:
	// they last as long as they last. It may be called with the workspace locked and
	// must not call back. Nil: time.Now.
	Now func() time.Time
}

// Identity of the simulated workspace and of the app installed in it.
const (
	teamID     = "T0SIM"
	teamName   = "Simulated Workspace"
	teamDomain = "simulated"
	appID      = "A0COMPUTE"
	botID      = "B0COMPUTE"
	botUserID  = "U0COMPUTE"
	slackbotID = "USLACKBOT"
	// verificationToken is in every payload although deprecated, as in Slack.
	verificationToken = "simulated-verification-token"
)

// Workspace is a simulated Slack workspace with one app installed. It is an
// http.Handler and safe for concurrent use. Make one with New and end it with
// Close.
type Workspace struct {
	cfg     Config
	base    *url.URL // of Config.URL
	app     manifest
	methods map[string]Method
	journal *journal

	// mu guards everything below. It is held for moments: nobody waits for the
	// network, a timer or a channel while holding it.
	mu       sync.Mutex
	random   *rand.Rand
	users    map[string]User
	channels map[string]*conversation
	groups   map[string]UserGroup
	latest   stamp // newest message timestamp given out
	watchers map[*watcher]struct{}

	views        map[string]*view   // that somebody has: homes and open modals
	homes        map[string]*view   // by person
	modals       map[string][]*view // by person, the visible one last
	viewWatchers map[*viewWatcher]struct{}

	tickets   *recent[string, time.Time]    // when each unused one was issued
	sockets   []*socket                     // registered: live ones and ghosts
	open      map[*socket]struct{}          // all that are not closed yet
	envelopes *recent[string, *envelope]    // sent, acknowledged or not
	responses *recent[string, *responseURL] // by the last part of their path
	triggers  *recent[string, *trigger]
	events    eventHour
	buckets   map[string]*bucket

	countless bool          // HideReplyCounts
	countLag  time.Duration // LagReplyCounts
	faults    []Fault
	dateSkew  time.Duration // SkewDate
	mortal    bool          // ExpectKills

	timers  map[*time.Timer]struct{}
	down    bool
	closed  bool
	done    chan struct{}  // closed by Close
	running sync.WaitGroup // sockets and timers
}

// New makes a workspace from a configuration. It fails when the manifest is
// not readable or URL is not an absolute http or https URL.
func New(cfg Config) (*Workspace, error) {
	app, err := parseManifest(cfg.Manifest, cfg.Declined)
	if err != nil {
		return nil, err
	}
	base, err := parseBase(cfg.URL)
	if err != nil {
		return nil, err
	}
	cfg.BotToken = cmp.Or(cfg.BotToken, "xoxb-simulated")
	cfg.AppToken = cmp.Or(cfg.AppToken, "xapp-simulated")
	cfg.Lifetime = cmp.Or(cfg.Lifetime, time.Hour)
	cfg.PingEvery = cmp.Or(cfg.PingEvery, 5*time.Second)
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	cfg.Logger = cmp.Or(cfg.Logger, slog.New(slog.DiscardHandler))
	w := &Workspace{
		cfg:      cfg,
		base:     base,
		app:      app,
		methods:  map[string]Method{},
		random:   rand.New(rand.NewPCG(cfg.Seed, 0x51ac)),
		users:    map[string]User{},
		channels: map[string]*conversation{},
		groups:   map[string]UserGroup{},
		watchers: map[*watcher]struct{}{},

		views:        map[string]*view{},
		homes:        map[string]*view{},
		modals:       map[string][]*view{},
		viewWatchers: map[*viewWatcher]struct{}{},

		tickets:   newRecent[string, time.Time](maxTickets),
		open:      map[*socket]struct{}{},
		envelopes: newRecent[string, *envelope](maxEnvelopes),
		responses: newRecent[string, *responseURL](maxResponses),
		triggers:  newRecent[string, *trigger](maxTriggers),
		buckets:   map[string]*bucket{},
		journal:   newJournal(),
		timers:    map[*time.Timer]struct{}{},
		done:      make(chan struct{}),
	}
	for _, m := range Methods() {
		w.methods[m.Name] = m
	}
	w.populate()
	return w, nil
}

func parseBase(text string) (*url.URL, error) {
	base, err := url.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("reading the workspace's URL: %w", err)
	}
	if base.Scheme != "http" && base.Scheme != "https" || base.Host == "" || strings.Trim(base.Path, "/") != "" {
		return nil, fmt.Errorf("reading the workspace's URL: %q is not of the form http://host:port", text)
	}
	base.Path = ""
	return base, nil
}

// BotUserID is the id of the app's bot user, as in a mention: <@U0COMPUTE>.
func (w *Workspace) BotUserID() string { return botUserID }

// ServeHTTP answers the Web API under /api/, the WebSocket endpoint /link/ and
// response URLs under /response/. A request that a fault drops, or that comes
// while the service is down or closed, ends with a cut connection.
func (w *Workspace) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	if w.unreachable() {
		panic(http.ErrAbortHandler)
	}
	if !w.serves(r.Host) {
		text := fmt.Sprintf("this simulated Slack serves %s, not %s", w.base.Host, r.Host)
		http.Error(rw, text, http.StatusMisdirectedRequest)
		return
	}
	rw.Header().Set("Date", w.date())
	switch method, isAPI := strings.CutPrefix(r.URL.Path, "/api/"); {
	case isAPI:
		w.serveAPI(rw, r, method)
	case r.URL.Path == "/link/" || r.URL.Path == "/link":
		w.serveLink(rw, r)
	case strings.HasPrefix(r.URL.Path, responsePath):
		w.serveResponse(rw, r)
	default:
		http.NotFound(rw, r)
	}
}

// date is the Date header of answers: by the clock on which people and the app
// meet, plus what SkewDate says.
func (w *Workspace) date() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.cfg.Now().Add(w.dateSkew).UTC().Format(http.TimeFormat)
}

// SkewDate has the Date header of all answers be wrong by so much, while
// everything else keeps its time.
func (w *Workspace) SkewDate(by time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.dateSkew = by
}

func (w *Workspace) unreachable() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.down || w.closed
}

// serves reports whether a Host header names this server. A page in a browser
// that reaches a loopback port under a name of its own (DNS rebinding) does not.
func (w *Workspace) serves(host string) bool {
	if strings.EqualFold(host, w.base.Host) {
		return true
	}
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	ip := net.ParseIP(strings.Trim(name, "[]"))
	return name == "localhost" || ip != nil && ip.IsLoopback()
}

// Close ends the workspace: every socket gets a close frame, waiting calls
// return, later requests are cut. It returns when all goroutines have ended,
// at the latest a second after the slowest client.
func (w *Workspace) Close() {
	w.mu.Lock()
	if !w.closed {
		w.closed = true
		close(w.done)
		for t := range w.timers {
			w.stop(t)
		}
		for s := range w.open {
			s.finish(nil)
		}
	}
	w.mu.Unlock()
	cut := time.AfterFunc(goodbye, w.cut)
	defer cut.Stop()
	w.running.Wait()
}

// errClosed ends the waits of callers when the workspace is closed.
var errClosed = errors.New("the simulated workspace is closed")

// after runs f with w.mu held once d has passed, unless stopped before. w.mu
// is held.
func (w *Workspace) after(d time.Duration, f func()) *time.Timer {
	if w.closed {
		return nil
	}
	w.running.Add(1)
	var t *time.Timer
	t = time.AfterFunc(d, func() {
		defer w.running.Done()
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.timers, t)
		if !w.closed {
			f()
		}
	})
	w.timers[t] = struct{}{}
	return t
}

// stop ends a timer of after, which may be nil. w.mu is held.
func (w *Workspace) stop(t *time.Timer) {
	if t != nil && t.Stop() {
		delete(w.timers, t)
		w.running.Done()
	}
}

// id makes an identifier such as "Ev0A1B2C3D4": a prefix and n characters.
// w.mu is held.
func (w *Workspace) id(prefix string, n int) string {
	const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[w.random.IntN(len(alphabet))]
	}
	return prefix + string(b)
}

// uuid makes an identifier in the form of Slack's tickets and envelopes. w.mu
// is held.
func (w *Workspace) uuid() string {
	hi, lo := w.random.Uint64(), w.random.Uint64()
	return fmt.Sprintf("%08x-%04x-4%03x-a%03x-%012x", hi>>32, hi>>16&0xffff, hi&0xfff, lo>>48&0xfff, lo&0xffffffffffff)
}
