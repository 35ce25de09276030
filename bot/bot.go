package bot

import (
	"cmp"
	"context"
	"log/slog"
	"sync"

	"computeunits/bot/chat"
	"computeunits/bot/guard"
	"computeunits/bot/home"
	"computeunits/bot/messages"
	"computeunits/bot/people"
	"computeunits/bot/phrase"
	"computeunits/bot/reply"
	"computeunits/bot/slackapi"
	"computeunits/bot/socket"
	"computeunits/notify"
	"computeunits/notify/plan"
	"computeunits/qianfan"
)

// A Bot answers the people of one Slack workspace. Set the fields, then call Run once.
type Bot struct {
	BotToken string          // xoxb-…
	AppToken string          // xapp-…, with the scope connections:write
	APIURL   string          // of the Web API, with or without a trailing slash; "": slackapi.DefaultURL
	Units    *qianfan.Client // who knows
	Logger   *slog.Logger    // nil: discard

	// Notifier reminds of what is watched; its ledger also knows what was delivered
	// and what people prefer. Nil: nothing is watched, and nothing is
	// remembered over a restart.
	Notifier *notify.Notifier
	// Services are asked about by "what expires" when there is no Notifier.
	Services []plan.Service

	// Language is that of what everybody in a channel reads, en or zh; "": en.
	// What one person reads is in theirs.
	Language string

	ConsoleURL string // where people can renew; "": messages.DefaultConsoleURL

	// Who may change what is watched and reminded of: these people, the members
	// of these user groups, and whoever acts in these channels, all by id. All
	// empty: every member of the workspace. To ask is free for every member.
	AllowUsers, AllowUserGroups, AllowChannels []string

	// Dial opens the network connections to Slack; nil: the network itself, by
	// way of the proxy that HTTPS_PROXY names.
	Dial slackapi.Dial
}

// Run answers until ctx is done, then lets the answers under way finish (for up
// to 20 seconds) and returns nil. It returns an error, for an operator to read,
// only when Slack refuses a token in a way that no retry heals.
func (b *Bot) Run(ctx context.Context) error {
	h, d := b.build()
	defer h.replier.HTTP.CloseIdleConnections()
	defer h.replier.Slack.Close()

	// The socket outlives ctx by the time that draining takes.
	live, hangUp := context.WithCancelCause(context.WithoutCancel(ctx))
	defer hangUp(nil)
	verify := func(ctx context.Context) error { return b.verify(ctx, h.log, h.people.SetSelf) }
	var wg sync.WaitGroup
	for name, part := range map[string]func(context.Context) error{
		"verifying the bot token": verify, "connecting to Slack": d.Run, "refreshing App Homes": h.homes.Run,
	} {
		wg.Go(func() {
			if err := h.guard.Keep(live, name, part); err != nil {
				hangUp(err)
			}
		})
	}
	select {
	case <-ctx.Done():
		d.Drain(drainTimeout)
	case <-live.Done():
	}
	fault := context.Cause(live) // nil while nothing went wrong
	hangUp(nil)
	wg.Wait()
	d.Wait()
	h.people.Wait()
	return fault
}

// build makes the parts of one Run.
func (b *Bot) build() (*handler, *socket.Dispatcher) {
	log := cmp.Or(b.Logger, slog.New(slog.DiscardHandler))
	g := &guard.Guard{Log: log}
	web := &slackapi.Client{Token: b.BotToken, URL: b.APIURL, Dial: b.Dial}
	h := &handler{
		people: &people.Directory{Slack: web, Guard: g, Log: log}, guard: g, log: log,
		replier: &reply.Replier{Slack: web, HTTP: slackapi.HTTPClient(slackapi.Transport(b.Dial))},
	}
	if b.Notifier != nil {
		h.ledger = b.Notifier.Ledger
	}
	d := &socket.Dispatcher{AppToken: b.AppToken, APIURL: b.APIURL, Dial: b.Dial, Handler: h, Guard: g, Log: log}
	h.chat = &chat.Chat{Units: b.Units, Notifier: b.Notifier, People: h.people, Replier: h.replier, Guard: g, Listed: b.Services, ChannelBook: phrase.For(b.Language)}
	h.chat.Allow = &people.Allowed{Channels: b.AllowChannels, Users: b.AllowUsers, Groups: b.AllowUserGroups, Slack: web}
	h.homes = home.New(h.chat, cmp.Or(b.ConsoleURL, messages.DefaultConsoleURL), d.Connected, log)
	return h, d
}
