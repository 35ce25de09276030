package notify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-co-op/gocron/v2"
	"github.com/google/uuid"

	"computeunits/notify/database"
	"computeunits/notify/delivery"
	"computeunits/notify/guard"
	"computeunits/notify/ledger"
	"computeunits/notify/plan"
	"computeunits/qianfan"
)

const (
	// passEvery is how often the ledger is asked at least what is due.
	passEvery   = time.Minute
	passTimeout = time.Minute

	// firstPass is how long the first pass waits for the first reading of all
	// services, so that nobody is reminded of what was renewed while the bot
	// was not running.
	firstPass = time.Minute

	// readTimeout bounds the reading of one service with its retries and its
	// wait for the self-limit; defaultReaders are read at once.
	readTimeout    = time.Minute
	defaultReaders = 8

	// behindFrom is the delay of delivery that is worth a line in the log, and
	// how often it is.
	behindFrom = 10 * time.Minute

	// The ledger is tried again after firstRetry, which doubles up to lastRetry.
	firstRetry = time.Second
	lastRetry  = time.Minute

	// fileEvery is how often the file of the ledger is looked at.
	fileEvery = 30 * time.Second

	// clockJitter is by how much a clock may go back without being followed.
	clockJitter = 2 * time.Second
)

// Reader tells what a service has. *qianfan.Client is one.
type Reader interface {
	ComputeUnits(ctx context.Context, q qianfan.Query) (qianfan.Reading, error)
}

// Notifier tells a channel what expires. Set the fields, then call Run once.
type Notifier struct {
	Units    Reader
	Sender   delivery.Sender
	Ledger   *ledger.Ledger
	Settings plan.Settings
	Readers  int          // services read at once; 0: 8
	Logger   *slog.Logger // nil: discard

	// Now tells the wall clock's time; nil: time.Now. A simulated world may set it
	// wrong, back or forward. What measures elapsed time does not ask it.
	Now func() time.Time

	log       *slog.Logger
	deliverer *delivery.Deliverer
	clocks    clocks
	turn      chan struct{} // held by the pass under way

	mu       sync.Mutex
	policy   plan.Policy // as the ledger had it at the latest look
	started  time.Time   // when the first sweep began
	sweeping bool
	pace     pace            // of the sweeps
	reading  map[string]bool // services being read just now
	changed  chan struct{}   // people changed something; has room for one

	panics atomic.Int64
	used   bool // the ledger was ready before; belongs to Run

	last   time.Time // of the latest pass; belongs to turn, as does behind
	behind time.Time // when the log last said that delivery is behind
}

// Run reads, decides and delivers until ctx is done. Then it lets the request
// that is under way to Slack end, which takes at most 15 seconds, and returns
// nil. It returns an error only when it cannot begin and waiting does not help: the
// settings have faults, the schema of the ledger is newer than this program, its
// server does not know the password. While the database does not answer it waits.
func (n *Notifier) Run(ctx context.Context) error {
	if faults := n.Settings.Faults(); faults != nil {
		return fmt.Errorf("the settings have faults: %s", strings.Join(faults, "; "))
	}
	for {
		err := runner{n}.prepare(ctx)
		if err == nil {
			err = runner{n}.run(ctx)
		}
		switch {
		case ctx.Err() != nil:
			return nil
		case !errors.Is(err, errLost):
			return err
		}
		runner{n}.remake(ctx)
	}
}

// remake opens the ledger anew after its file was deleted or replaced. What was
// said since is found in the channels before anything is said, so that nothing is
// repeated.
func (n runner) remake(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, passTimeout)
	defer cancel()
	kept, err := n.Ledger.Remake(ctx)
	const what = "the file of the ledger was deleted, or replaced, while it was in use"
	switch {
	case err != nil:
		n.log.ErrorContext(ctx, what+", and cannot be opened anew", "error", err)
	case kept:
		n.log.ErrorContext(ctx, what+". What it held was still open, and was written again: nothing is lost", "ledger", n.Ledger.DB.Name)
	default:
		n.log.ErrorContext(ctx, what+". What stands there now is used: what people asked for in Slack since it was made is lost", "ledger", n.Ledger.DB.Name)
	}
}

// errLost is that the file of the ledger is not the one that is open any more.
var errLost = errors.New("the file of the ledger is gone")

// prepare makes the ledger ready. While its database does not answer it tries
// again, for ever: people are answered meanwhile, from Qianfan. It fails only for
// what waiting does not heal.
func (n runner) prepare(ctx context.Context) error {
	n.log = cmp.Or(n.Logger, slog.New(slog.DiscardHandler))
	for wait := firstRetry; ; wait = min(2*wait, lastRetry) {
		err := n.begin(ctx)
		if err == nil {
			n.used = true
			return nil
		}
		if ctx.Err() != nil || !n.used && !database.Unavailable(err) {
			return err
		}
		n.log.ErrorContext(ctx, "nothing is announced, and nobody can change what is watched: the ledger cannot be used yet. It is tried again",
			"error", err, "retry_in", wait)
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
	}
}

// run is Run with a ledger that is ready. It returns errLost when the ledger's
// file is not the one that was opened any more.
func (n runner) run(ctx context.Context) error {
	scheduler, err := gocron.NewScheduler(gocron.WithStopTimeout(plan.AttemptTimeout))
	if err != nil {
		return fmt.Errorf("making the scheduler: %w", err)
	}
	live, stop := context.WithCancelCause(ctx)
	defer stop(nil)

	// The first pass waits for the first sweep, but not for ever.
	ready := make(chan struct{})
	var once sync.Once
	open := func() { once.Do(func() { close(ready) }) }
	defer time.AfterFunc(firstPass, open).Stop()

	var work sync.WaitGroup
	err = errors.Join(
		n.schedule(scheduler, &work, "read the services", n.Settings.CheckEvery, func() {
			sweeper(n).sweep(live)
			open()
			passes(n).runPass(live)
		}),
		n.schedule(scheduler, &work, "decide what is due", passEvery, func() {
			select {
			case <-ready:
				passes(n).runPass(live)
			case <-live.Done():
			}
		}))
	if err == nil {
		work.Go(func() { n.keepRunning(live, "checking channels", func() { n.checkChannels(live) }) })
		work.Go(func() {
			select {
			case <-ready:
				n.keepRunning(live, "following what people do", func() { passes(n).applyChanges(live) })
			case <-live.Done():
			}
		})
		work.Go(func() {
			select {
			case <-ready:
				n.keepRunning(live, "delivering", func() { n.deliverer.Run(live) })
			case <-live.Done():
			}
		})
		work.Go(func() {
			if n.lost(live) {
				stop(errLost)
			}
		})
		scheduler.Start()
		<-live.Done()
		if lost := context.Cause(live); errors.Is(lost, errLost) {
			err = lost
		}
	}
	stop(nil)
	// Jobs end with live; the scheduler's own verdict on that says nothing more.
	_ = scheduler.Shutdown()
	work.Wait()
	return err
}

// lost waits until the file of the ledger is gone, or ctx is done. It reports
// which.
func (n runner) lost(ctx context.Context) bool {
	ticker := time.NewTicker(fileEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			if n.Ledger.DB.Gone() {
				return true
			}
		case <-ctx.Done():
			return false
		}
	}
}

// begin prepares the ledger and the fields that belong to one run.
func (n runner) begin(ctx context.Context) error {
	n.log = cmp.Or(n.Logger, slog.New(slog.DiscardHandler))
	if err := n.Ledger.Prepare(ctx); err != nil {
		return fmt.Errorf("opening the ledger: %w", err)
	}
	n.turn = make(chan struct{}, 1)
	started := n.clock()
	n.mu.Lock()
	n.started = started
	n.mu.Unlock()
	n.deliverer = n.newDeliverer(n.log)
	if err := n.Ledger.Identify(ctx, started); err != nil {
		return err
	}
	var err error
	if n.last, err = n.Ledger.Readings.LatestReading(ctx); err != nil {
		return err
	}
	if err := n.refresh(ctx); err != nil {
		return err
	}
	if err := n.Ledger.Configure(ctx, n.Settings, n.evaluation().Policy, started); err != nil {
		return err
	}
	if err := n.Ledger.Channels.ForgiveRefusals(ctx); err != nil {
		return err
	}
	return n.logWatches(ctx)
}

// newDeliverer makes a Deliverer of what n delivers with.
func (n *Notifier) newDeliverer(log *slog.Logger) *delivery.Deliverer {
	return delivery.New(n.Sender, n.Ledger, log, n.evaluation, func(ctx context.Context, err error, what string, args ...any) bool {
		return n.panicked(ctx, log, err, what, args...)
	})
}

// schedule has f called now and again and again, never twice at once. gocron
// only wakes: what is due is asked of the ledger.
func (n runner) schedule(s gocron.Scheduler, work *sync.WaitGroup, name string, every time.Duration, f func()) error {
	_, err := s.NewJob(gocron.DurationJob(every), gocron.NewTask(func() {
		work.Add(1)
		defer work.Done()
		f()
	}), gocron.WithName(name),
		gocron.WithSingletonMode(gocron.LimitModeReschedule),
		gocron.WithStartAt(gocron.WithStartImmediately()),
		gocron.WithEventListeners(gocron.AfterJobRunsWithPanic(func(_ uuid.UUID, name string, v any) {
			n.log.Error("panic in a job; it will run again", "job", name, "panic", v)
		})))
	if err != nil {
		return fmt.Errorf("scheduling to %s: %w", name, err)
	}
	return nil
}

// clock returns the wall clock's moment as the ledger keeps moments.
func (n *Notifier) clock() time.Time {
	now := time.Now
	if n.Now != nil {
		now = n.Now
	}
	return now().UTC().Truncate(time.Millisecond)
}

// evaluation is the present moment with everything that decisions depend on.
func (n *Notifier) evaluation() plan.Evaluation {
	n.mu.Lock()
	defer n.mu.Unlock()
	now := n.clock()
	return plan.Evaluation{Policy: n.policy, Settings: n.Settings, Now: now, Started: n.started, Sweeping: n.sweeping,
		Slow: n.pace.slow(n.Settings.CheckEvery, time.Now()), Doubt: n.clocks.doubt(now, time.Now()) != "",
		Panicked: func(err error, what string, args ...any) { n.panicked(context.Background(), n.log, err, what, args...) }}
}

// runPass makes one pass and has what is due delivered.
func (n passes) runPass(ctx context.Context) {
	select {
	case n.turn <- struct{}{}:
		defer func() { <-n.turn }()
	case <-ctx.Done():
		return
	}
	ctx, cancel := context.WithTimeout(ctx, passTimeout)
	defer cancel()
	err := guard.Safely(func() error { return n.decide(ctx) })
	switch {
	case n.panicked(ctx, n.log, err, "panic in a pass; the next one makes up for it"):
	case database.Unavailable(err):
		n.log.ErrorContext(ctx, "nothing is announced: the ledger does not answer. Nothing is lost, the next pass makes up for it", "error", n.Ledger.DB.Explain(err))
	case err != nil && !errors.Is(err, context.Canceled):
		n.log.ErrorContext(ctx, "a pass failed; nothing is lost, the next one makes up for it", "error", err)
	}
}

// decide is one pass over the ledger. The caller has the turn.
func (n passes) decide(ctx context.Context) error {
	if err := n.refresh(ctx); err != nil {
		return err
	}
	if !clockCheck(n).trusted(ctx) {
		return nil
	}
	p := n.evaluation()
	if back := n.last.Sub(p.Now); back > clockJitter {
		n.log.WarnContext(ctx, "the clock was set back", "by", back)
		if err := n.Ledger.Rewind(ctx, p.Now, back); err != nil {
			return err
		}
		n.follow(p.Now)
		p = n.evaluation()
	}
	newDay := !plan.UTCDay(p.Now).Equal(plan.UTCDay(n.last))
	g, err := n.Ledger.Decisions.Decide(ctx, p)
	if err != nil {
		return err
	}
	n.last = p.Now
	if g.Waiting > 0 || g.Edits {
		n.deliverer.Wake()
	}
	if late := p.Now.Sub(g.Oldest); g.Waiting > 0 && late > behindFrom && p.Now.Sub(n.behind).Abs() >= behindFrom {
		n.behind = p.Now
		n.log.WarnContext(ctx, "announcements wait to be delivered", "messages", g.Waiting, "oldest_since", g.Oldest)
	}
	if !newDay {
		return nil
	}
	removed, err := n.Ledger.Prune(ctx, p.Now, p.Widest())
	if removed > 0 {
		n.log.InfoContext(ctx, "pruned the ledger", "rows", removed)
	}
	return err
}

// follow notes that it is earlier than was thought. The caller has the turn.
func (n passes) follow(now time.Time) {
	n.last = now
	n.mu.Lock()
	defer n.mu.Unlock()
	n.started = plan.MinTime(n.started, now)
}

// checkChannels says at start why announcements will not arrive, if so.
func (n runner) checkChannels(ctx context.Context) {
	p := n.evaluation()
	n.log.InfoContext(ctx, "announcing what expires", "channel", p.Channel, "services", len(p.Labels), "before", p.Ladder.String())
	for _, channel := range slices.Compact(append([]string{p.Channel}, p.Channels()...)) {
		n.deliverer.CheckAccess(ctx, channel)
	}
}

// Changes is what people do: watching, acknowledging, snoozing. Each writes its row of
// the audit in the same transaction, and has what follows from it done at once.
type Changes struct{ *Notifier }

// Changes are the methods for what people do.
func (n *Notifier) Changes() Changes { return Changes{n} }

// Reports is what people can see of what the notifier knows.
type Reports struct{ *Notifier }

// Reports are the methods for what people can see.
func (n *Notifier) Reports() Reports { return Reports{n} }

// What a Notifier does by itself is done by these.
type (
	runner     struct{ *Notifier } // one run: beginning, and going on
	sweeper    struct{ *Notifier } // reading services
	passes     struct{ *Notifier } // deciding what is due
	clockCheck struct{ *Notifier } // whether this machine's clock can be trusted
)
