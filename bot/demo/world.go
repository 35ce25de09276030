package demo

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"computeunits/bot/slacksim"
	"computeunits/qianfan/qianfantest"
)

// world is what surrounds the bot: a workspace, an account of Qianfan, and the
// time by which both live.
type world struct {
	slack   *slacksim.Workspace
	qianfan *qianfantest.Server
	ahead   atomic.Int64 // nanoseconds by which this world is in the future
	posted  atomic.Int64 // when something appeared in the channel last, in real nanoseconds

	mu     sync.Mutex
	recent []slacksim.Message // what the person saw, the latest last
}

func (w *world) now() time.Time { return time.Now().Add(time.Duration(w.ahead.Load())) }

// connected waits for the bot's socket, without which nothing typed arrives.
func (w *world) connected(ctx context.Context) {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for w.slack.Connections() == 0 {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// obey does what a line says and returns what the person sees.
func (w *world) obey(ctx context.Context, s *screen, line string) string {
	verb, object, _ := strings.Cut(line, " ")
	object = strings.TrimSpace(object)
	switch {
	case strings.HasPrefix(line, "/"):
		return w.say(ctx, line)
	case verb == "forward":
		return w.forward(ctx, s, object)
	case verb == "renew":
		return w.renew(ctx, object)
	case line == "home":
		return w.home(ctx)
	case verb == "press" && object != "":
		return w.press(ctx, object)
	case line == "break qianfan":
		w.qianfan.Inject(qianfantest.Fault{DropBefore: true})
		return "(Qianfan cannot be reached any more.)"
	case line == "break slack":
		w.slack.Down(true)
		return "(Slack cannot be reached any more.)"
	case line == "mend":
		w.qianfan.Mend()
		w.slack.Down(false)
		w.connected(ctx)
		w.settle(ctx)
		return "(Everything can be reached.)"
	default:
		return w.write(ctx, line)
	}
}

// say types line in Slack and returns what the person sees.
func (w *world) say(ctx context.Context, line string) string {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	typed := w.slack.Slash(person, channel, line)
	if err := typed.Acked(ctx); err != nil {
		return "Slackbot (only you see this): " + err.Error()
	}
	answer, err := typed.Reply(ctx)
	if err != nil {
		return "(No answer came: " + err.Error() + ")"
	}
	return "computeunits (only you see this): " + w.show(answer)
}

// forward lets time pass. What has expired by then stops, as it does at Baidu.
func (w *world) forward(ctx context.Context, s *screen, text string) string {
	d, ok := duration(text)
	if !ok {
		return "(Write how far: forward 3d, forward 12h or forward 30m.)"
	}
	w.ahead.Add(int64(d))
	w.qianfan.Update("", "", func(in *qianfantest.Instance) {
		if expires, ok := in.ExpiredTime.(time.Time); ok && !expires.After(w.now()) {
			in.Status = "Deleted"
		}
	})
	s.print("(It is " + w.now().UTC().Format("Monday, 2006-01-02 15:04 MST") + " now.)")
	w.settle(ctx)
	return ""
}

// duration reads a number of days, hours or minutes, up to a year.
func duration(text string) (time.Duration, bool) {
	if days, ok := strings.CutSuffix(text, "d"); ok {
		n, err := strconv.Atoi(days)
		return time.Duration(n) * 24 * time.Hour, err == nil && n > 0 && n <= 366
	}
	d, err := time.ParseDuration(text)
	return d, err == nil && d > 0 && d <= 366*24*time.Hour
}

// renew moves the expiry of an instance to 30 days from now, or from when it
// would have expired.
func (w *world) renew(ctx context.Context, id string) string {
	var until time.Time
	known := w.qianfan.Update("", id, func(in *qianfantest.Instance) {
		if expires, ok := in.ExpiredTime.(time.Time); ok && id != "" {
			until = expires
			if now := w.now().UTC().Truncate(time.Minute); until.Before(now) {
				until = now
			}
			until = until.Add(30 * 24 * time.Hour)
			in.ExpiredTime, in.Status = until, "Running"
		}
	})
	if !known || until.IsZero() {
		return "(Write which instance: its id stands in the answer to /computeunits " + qianfantest.ExampleService + " prepaid.)"
	}
	w.settle(ctx)
	return fmt.Sprintf("(%s was renewed until %s.)", id, until.Format("2006-01-02 15:04 MST"))
}
