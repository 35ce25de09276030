package notify

import (
	"context"
	"io"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"computeunits/notify/delivery"
	"computeunits/notify/ledger"
	"computeunits/notify/plan"
	"computeunits/qianfan"
)

// platform is Qianfan as a Reader sees it.
type platform struct {
	mu       sync.Mutex
	services map[string]map[string]qianfan.Instance
	broken   map[string]error   // by service; "" all
	answer   []qianfan.Instance // what is answered instead of what there is; nil: that
	dated    bool               // answers say when they were made
}

func newPlatform() *platform {
	return &platform{services: make(map[string]map[string]qianfan.Instance), broken: make(map[string]error)}
}

func (p *platform) ComputeUnits(ctx context.Context, q qianfan.Query) (qianfan.Reading, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, id := range []string{"", q.ServiceID} {
		if err := p.broken[id]; err != nil {
			return qianfan.Reading{}, err
		}
	}
	r := qianfan.Reading{ServiceID: q.ServiceID, At: time.Now()}
	if p.dated {
		r.Date = time.Now().UTC().Truncate(time.Second)
	}
	if p.answer != nil {
		r.Instances = p.answer
		return r, ctx.Err()
	}
	for _, id := range slices.Sorted(maps.Keys(p.services[q.ServiceID])) {
		if in := p.services[q.ServiceID][id]; q.Timing == "" || in.Timing == q.Timing {
			r.Instances = append(r.Instances, in)
		}
	}
	return r, ctx.Err()
}

// put makes an instance, or renews it.
func (p *platform) put(service, id string, replicas int, expires time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.services[service] == nil {
		p.services[service] = make(map[string]qianfan.Instance)
	}
	p.services[service][id] = qianfan.Instance{ID: id, Timing: qianfan.Prepaid, Replicas: replicas, Status: qianfan.Running, Expires: expires}
}

func (p *platform) remove(service, id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.services[service], id)
}

// fail has a service, or all for "", answer with an error; nil mends it.
func (p *platform) fail(service string, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.broken[service] = err
}

// world is a notifier with everything around it, in a bubble.
type world struct {
	t        *testing.T
	platform *platform
	room     *room
	ledger   *ledger.Ledger
	settings plan.Settings
	file     string
	log      io.Writer
	now      func() time.Time // nil: the bubble's clock
	n        *Notifier
	tracks   map[string]*delivery.ChannelQueue
	stop     func()
}

// inWorld runs a story in a bubble, whose clock begins at midnight UTC, 8 in
// the morning in Shanghai, of Saturday, 1 January 2000.
func inWorld(t *testing.T, story func(t *testing.T, w *world), services ...string) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &world{t: t, platform: newPlatform(), room: newRoom(t), settings: defaults(services...),
			file: filepath.Join(t.TempDir(), "ledger.db"), log: io.Discard}
		w.open()
		defer func() {
			w.down()
			w.close()
			w.room.onlyOnce()
		}()
		story(t, w)
	})
}

func (w *world) open() {
	w.t.Helper()
	l, err := ledger.Open(w.t.Context(), "sqlite://"+w.file)
	if err != nil {
		w.t.Fatal(err)
	}
	w.ledger = l
}

func (w *world) close() {
	w.t.Helper()
	if err := w.ledger.Close(); err != nil {
		w.t.Error(err)
	}
}

func (w *world) notifier() *Notifier {
	return &Notifier{Units: w.platform, Sender: w.room, Ledger: w.ledger, Settings: w.settings, Now: w.now,
		Logger: slog.New(slog.NewTextHandler(w.log, nil))}
}

// up starts the notifier.
func (w *world) up() { w.begin(func(*Notifier) {}) }

// begin is up with another notifier.
func (w *world) begin(change func(*Notifier)) {
	w.t.Helper()
	ctx, cancel := context.WithCancel(w.t.Context())
	ended := make(chan error, 1)
	n := w.notifier()
	change(n)
	go func() { ended <- n.Run(ctx) }()
	w.n = n
	w.stop = func() {
		cancel()
		if err := <-ended; err != nil {
			w.t.Errorf("the notifier ended with %v", err)
		}
	}
}

// down stops the notifier, if it runs.
func (w *world) down() {
	if w.stop != nil {
		w.stop()
		w.stop = nil
	}
}

// pass lets time pass.
func (w *world) pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// until lets time pass until a moment.
func (w *world) until(at time.Time) {
	w.t.Helper()
	if d := time.Until(at); d > 0 {
		time.Sleep(d)
	}
	synctest.Wait()
}

// start is when a bubble's clock begins.
var start = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// turn does what a running notifier does within two minutes: it reads every
// service, makes a pass, and delivers. Between turns nothing runs, so that
// months cost nothing; what happens by the minute is for stories with up.
func (w *world) turn() {
	w.t.Helper()
	if w.n == nil {
		w.n, w.tracks = w.notifier(), make(map[string]*delivery.ChannelQueue)
		if err := (runner{w.n}).begin(w.t.Context()); err != nil {
			w.t.Fatal(err)
		}
	}
	sweeper{w.n}.sweep(w.t.Context())
	w.deliver()
}

// deliver makes passes and has what they made due delivered, for two minutes
// at most.
func (w *world) deliver() {
	w.t.Helper()
	end := time.Now().Add(2 * time.Minute)
	idle := 0
	for idle < 2 && time.Now().Before(end) {
		passes{w.n}.runPass(w.t.Context())
		moved := false
		lanes, err := w.ledger.Outbox.Queues(w.t.Context())
		if err != nil {
			w.t.Fatal(err)
		}
		for _, l := range lanes {
			if l.Ready.After(w.n.clock()) {
				continue
			}
			if w.tracks[l.Channel] == nil {
				w.tracks[l.Channel] = &delivery.ChannelQueue{Channel: l.Channel}
			}
			moved = w.n.deliverer.Round(w.t.Context(), w.tracks[l.Channel]) == 0 || moved
		}
		switch {
		case moved:
			idle = 0
		case len(lanes) == 0:
			idle++
		default:
			time.Sleep(15 * time.Second)
		}
	}
}

// restart forgets everything but the ledger.
func (w *world) restart() { w.n = nil }

// turns takes a turn every so often, for as long as it says.
func (w *world) turns(every, during time.Duration) {
	w.t.Helper()
	for end := time.Now().Add(during); time.Now().Before(end); {
		next := time.Now().Add(every)
		w.turn()
		w.until(next)
	}
}
