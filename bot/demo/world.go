package demo

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"computeunits/bot/slacksim"
	"computeunits/notify"
	"computeunits/qianfan/qianfantest"
)

// world is what surrounds the bot: a workspace, an account of Qianfan, and the
// time by which both live.
type world struct {
	slack    *slacksim.Workspace
	qianfan  *qianfantest.Server
	screen   *screen
	met      chan struct{}    // closed when the next two are set
	notifier *notify.Notifier // of the program
	gate     *gate
	ahead    atomic.Int64 // nanoseconds by which this world is in the future
	who      atomic.Value // string: the person who types
	appeared atomic.Int64 // when something appeared on the screen by itself last, in real nanoseconds

	slackBroken bool            // belongs to obey
	stale       map[string]bool // likewise: messages, by timestamp, whose correction is not waited for

	looking sync.Mutex
	shown   map[string]string // when each message was edited last, by channel and timestamp
	window  string            // what was shown of the modal; "": none is open
	atHome  bool              // the Home is shown whenever it changes
	home    string            // the hash of the one that was shown
	recent  []slacksim.Place  // what can be pressed, the latest last
}

// Each of these is a world with the methods for one part of the work.
type (
	feed    struct{ *world }
	hours   struct{ *world }
	windows struct{ *world }
)

// A verb is something that people do in the demo. What follows it may be wrong,
// or missing: then it says how it is written.
type verb struct {
	bare bool // nothing follows it
	do   func(w *world, ctx context.Context, object string) string
}

// verbs are what is not written to the bot.
func verbs() map[string]verb {
	return map[string]verb{
		"forward": {do: func(w *world, ctx context.Context, text string) string { return hours{w}.forward(ctx, text) }},
		"renew":   {do: (*world).renew},
		"break":   {do: (*world).damage},
		"mend":    {do: (*world).mend},
		"press":   {do: (*world).press},
		"fill":    {do: func(w *world, ctx context.Context, text string) string { return windows{w}.fill(ctx, text) }},
		"as":      {do: (*world).as},
		"home":    {bare: true, do: (*world).openHome},
		"submit":  {bare: true, do: func(w *world, ctx context.Context, text string) string { return windows{w}.submit(ctx, text) }},
		"close":   {bare: true, do: func(w *world, ctx context.Context, text string) string { return windows{w}.close(ctx, text) }},
	}
}

// inSlack are the verbs of people in Slack: they need it.
func inSlack(verb string) bool {
	switch verb {
	case "forward", "renew", "break", "mend", "as":
		return false
	}
	return true
}

// obey does what a line says, and returns what is left to say about it.
func (w *world) obey(ctx context.Context, line string) string {
	word, object, _ := strings.Cut(line, " ")
	word, object = strings.ToLower(word), strings.TrimSpace(object)
	if w.slackBroken && inSlack(word) {
		return "(Slack cannot be reached, so nobody can write or press anything. Type mend.)"
	}
	v, ok := verbs()[word]
	switch {
	case word == "/invite":
		return w.invite()
	case strings.HasPrefix(line, "/"):
		return w.command(ctx, line)
	case !ok:
		return w.write(ctx, line)
	case v.bare && object != "":
		return "(Write " + word + ", and nothing else.)"
	default:
		return v.do(w, ctx, object)
	}
}

// command types a slash command in the channel.
func (w *world) command(ctx context.Context, line string) string {
	came, err := feed{w}.follow(ctx, time.Minute, func() error { return w.slack.Slash(feed{w}.person(), channel, line).Acked(ctx) })
	switch {
	case err != nil:
		return "Slackbot (only you see this): " + err.Error()
	case !came:
		return "(No answer came.)"
	}
	return ""
}

// invite does what Slack itself does with /invite: the one channel without the
// bot gets it.
func (w *world) invite() string {
	w.slack.Join(w.slack.BotUserID(), general)
	return "(@computeunits is in #general now.)"
}

// write sends a line to the bot as a direct message.
func (w *world) write(ctx context.Context, line string) string {
	came, err := feed{w}.follow(ctx, time.Minute, func() error { return w.slack.Write(feed{w}.person(), w.slack.DM(feed{w}.person()), line).Acked(ctx) })
	switch {
	case err != nil:
		return "(The message did not reach the bot: " + err.Error() + ")"
	case !came:
		return "(No answer came.)"
	}
	return ""
}

// openHome opens the bot's Home tab.
func (w *world) openHome(ctx context.Context, _ string) string {
	feed{w}.faceHome(true)
	defer feed{w}.faceHome(false)
	came, err := feed{w}.follow(ctx, time.Minute, func() error { return w.slack.OpenHome(feed{w}.person()).Acked(ctx) })
	switch {
	case err != nil:
		return "(The bot was not told: " + err.Error() + ")"
	case !came:
		return "(No Home came.)"
	}
	return ""
}

// as lets somebody else type.
func (w *world) as(_ context.Context, name string) string {
	people := map[string]string{"alice": alice, "bob": "U0BOB", "mei": "U0MEI"}
	id, ok := people[strings.ToLower(strings.TrimPrefix(name, "@"))]
	if !ok {
		return "(Write who you are: as alice, as bob, or as mei, who reads Chinese.)"
	}
	w.looking.Lock()
	defer w.looking.Unlock()
	w.who.Store(id)
	w.recent, w.window, w.home = nil, "", ""
	for _, m := range w.slack.History(channel, id) {
		if m.BotID != "" && m.VisibleTo == "" {
			feed{w}.keep(m)
		}
	}
	return "(You are " + names.Replace("@"+id) + " now.)"
}

// damage lets something be out of reach.
func (w *world) damage(ctx context.Context, what string) string {
	switch strings.ToLower(what) {
	case "qianfan":
		// It asks for a pause, so that nobody here has to wait until it is given up.
		w.qianfan.Mend()
		w.qianfan.Inject(qianfantest.Fault{Status: 503, Code: "ServiceUnavailable", Message: "Service unavailable.", RetryAfter: 5 * time.Minute})
		hours{w}.settle(ctx)
		return "(Qianfan cannot be read any more. Try forward 30m and home; after an hour the channel hears of it.)"
	case "slack":
		// The socket stays, and every request is put off by a second: what Slack's
		// return costs in reality, up to half a minute, would be waited for here.
		w.slack.Mend()
		w.slack.Inject(slacksim.Fault{Method: "*", RetryAfter: time.Second})
		w.slackBroken = true
		return "(Slack cannot be reached any more. Try forward 1d and mend.)"
	}
	return "(Write what breaks: break qianfan, or break slack.)"
}

// mend lets things be reached again.
func (w *world) mend(ctx context.Context, what string) string {
	said := ""
	switch strings.ToLower(what) {
	case "":
		said = "(Everything can be reached.)"
	case "qianfan":
		said = "(Qianfan can be read again.)"
	case "slack":
		said = "(Slack can be reached again.)"
	default:
		return "(Write mend, or what to mend: mend qianfan, or mend slack.)"
	}
	if !strings.EqualFold(what, "slack") {
		w.qianfan.Mend()
	}
	if !strings.EqualFold(what, "qianfan") {
		w.slack.Mend()
		w.slackBroken = false
	}
	hours{w}.settle(ctx)
	return said
}

// renewal is for how long an instance is renewed: so long that people are not
// reminded of the new expiry at once.
const renewal = 60 * dayLong

// renew moves the expiry of an instance away from now, or from when it would
// have expired.
func (w *world) renew(ctx context.Context, id string) string {
	var expires time.Time
	known := id != "" && w.qianfan.Update("", id, func(in *qianfantest.Instance) {
		if at, ok := in.ExpiredTime.(time.Time); ok {
			if now := (hours{w}).now().UTC().Truncate(time.Minute); at.Before(now) {
				at = now
			}
			expires = at.Add(renewal)
			in.ExpiredTime, in.Status = expires, "Running"
		}
	})
	if !known || expires.IsZero() {
		return "(Write which prepaid instance: renew c84f10d3xxx6e29ab75. Ids stand in the answer to /computeunits " + qianfantest.ExampleService + " prepaid.)"
	}
	hours{w}.settle(ctx)
	return fmt.Sprintf("(%s was renewed until %s.)", id, expires.Format("2006-01-02 15:04 MST"))
}
