package demo

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"computeunits/bot/slacksim"
	"computeunits/notify/plan"
	"computeunits/qianfan/qianfantest"
)

const (
	dayLong = 24 * time.Hour
	// failingFor is how long a service cannot be read before the channel hears
	// of it, as README.md says.
	failingFor = time.Hour
	// refusedFor is from when on a channel takes nothing for so long that it is
	// not waited for.
	refusedFor = 10 * time.Second
)

// now is the time by which this world lives.
func (w hours) now() time.Time { return time.Now().Add(time.Duration(w.ahead.Load())) }

// forward lets time pass. The bot lives through it: at each moment at which it
// has something to say it reads Qianfan, decides and posts.
func (w hours) forward(ctx context.Context, text string) string {
	d, ok := duration(text)
	if !ok {
		return "(Write how far: forward 3d, forward 12h or forward 30m; at most a year.)"
	}
	note := w.live(ctx, w.now().Add(d))
	return strings.TrimSpace(note + "\n(It is " + w.now().UTC().Format("Monday, 2006-01-02 15:04 MST") + " now.)")
}

// duration reads a number of days, hours or minutes, up to a year.
func duration(text string) (time.Duration, bool) {
	text = strings.ToLower(text)
	if days, ok := strings.CutSuffix(text, "d"); ok {
		n, err := strconv.Atoi(days)
		return time.Duration(n) * dayLong, err == nil && n > 0 && n <= 366
	}
	d, err := time.ParseDuration(text)
	return d, err == nil && d > 0 && d <= 366*dayLong
}

// live goes on to a moment, stopping where something is due.
func (w hours) live(ctx context.Context, end time.Time) (note string) {
	courses, err := w.courses(ctx, end)
	if err != nil {
		return "(What is due on the way is not known: " + err.Error() + ")"
	}
	way, all := stops(w.now(), end, courses)
	if left := all - len(way); left > 0 {
		note = fmt.Sprintf("(So long a time goes by in leaps: %d of %d moments with a reminder or a digest were left out. forward 7d shows each.)", left, all)
	}
	w.gate.set(true, 0)
	defer w.gate.set(false, 0)
	for _, t := range way {
		w.stop(ctx, t)
	}
	return note
}

// settle waits until the bot has noticed a change and said what it has to say
// about it.
func (w hours) settle(ctx context.Context) {
	w.gate.set(true, 0)
	defer w.gate.set(false, 0)
	w.stop(ctx, w.now())
}

// stop makes it a moment, and returns when the bot has read the services and
// decided at that moment, and what it posts is shown. The gate is closed.
func (w hours) stop(ctx context.Context, t time.Time) {
	limit := 30 * time.Second
	if watches, err := w.notifier.Reports().Watches(ctx); err == nil && len(watches) == 0 {
		limit = time.Second // nothing is read, so there is nothing to wait for
	}
	w.gate.wait(ctx, limit)
	if ahead := t.Sub(w.now()); ahead > 0 {
		w.ahead.Add(int64(ahead))
	}
	w.expire()
	w.gate.set(true, 1)
	w.gate.wait(ctx, limit)
	if !w.slackBroken {
		w.delivered(ctx)
	}
	feed(w).look()
}

// expire stops what has expired by now, as Baidu does.
func (w hours) expire() {
	now := w.now()
	w.qianfan.Update("", "", func(in *qianfantest.Instance) {
		if expires, ok := in.ExpiredTime.(time.Time); ok && !expires.After(now) {
			in.Status = "Deleted"
		}
	})
}

// courses are what the bot has to say until a moment, by what it watches and
// knows now.
func (w hours) courses(ctx context.Context, end time.Time) ([]course, error) {
	now := w.now()
	watches, err := w.notifier.Reports().Watches(ctx)
	if err != nil {
		return nil, err
	}
	ladders := make(map[string]plan.Ladder)
	for _, one := range watches {
		if ladders[one.Service] = one.Ladder; len(one.Ladder) == 0 {
			ladders[one.Service] = w.notifier.Settings.Before
		}
	}
	const farthest = 366 * dayLong // that a reminder comes before its expiry
	ahead, err := w.notifier.Reports().Expiring(ctx, now, end.Add(farthest), 0, 10_000)
	if err != nil {
		return nil, err
	}
	health, err := w.notifier.Reports().Health(ctx, now)
	if err != nil {
		return nil, err
	}
	var all []course
	for _, i := range ahead.Items {
		c := course{}
		for _, step := range ladders[i.Service] {
			c.at = append(c.at, i.Expires.Add(-step))
		}
		all = append(all, c)
		if until := i.Pause.Until; !until.IsZero() {
			all = append(all, course{at: []time.Time{until}})
		}
	}
	for _, s := range health.Services {
		if s.Trouble != nil && !s.Trouble.Since.IsZero() {
			all = append(all, course{at: []time.Time{s.Trouble.Since.Add(failingFor)}})
		}
	}
	for at := health.NextDigest; !at.IsZero() && !at.After(end); at = at.Add(dayLong) {
		all = append(all, course{at: []time.Time{at}, end: at.Truncate(dayLong).Add(dayLong)})
	}
	return all, nil
}

// delivered waits until nothing waits to be posted, and no message to be
// corrected.
func (w hours) delivered(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	until(ctx, func() bool {
		feed(w).look()
		h, err := w.notifier.Reports().Health(ctx, w.now())
		refused := h.Problem.Again.After(w.now().Add(refusedFor)) // as in a channel without the bot
		return err == nil && (h.Backlog.Messages == 0 || refused)
	})
	recent := w.now().Add(-7 * dayLong)
	for _, m := range w.slack.History(channel, alice) {
		if len(m.Metadata) > 0 && postedAt(m).After(recent) && !w.stale[m.TS] {
			w.correct(ctx, m.TS)
		}
	}
}

// correct waits until a message says what is true. Corrections come one a
// second: when none comes for longer, the message stays as it is.
func (w hours) correct(ctx context.Context, ts string) {
	const patience = 3 * time.Second
	begun := time.Now()
	until(ctx, func() bool {
		feed(w).look()
		shown, err := w.notifier.Changes().Correct(ctx, channel, ts)
		if shown != plan.ShownLater || err != nil {
			return true
		}
		quiet := time.Since(time.Unix(0, w.appeared.Load()))
		w.stale[ts] = min(quiet, time.Since(begun)) > patience
		return w.stale[ts]
	})
}

// postedAt is when a message was posted.
func postedAt(m slacksim.Message) time.Time {
	seconds, _, _ := strings.Cut(m.TS, ".")
	n, _ := strconv.ParseInt(seconds, 10, 64) // of the simulated Slack
	return time.Unix(n, 0).UTC()
}
