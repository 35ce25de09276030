package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/slack-go/slack"

	"computeunits/bot/messages"
	"computeunits/bot/phrase"
	"computeunits/bot/slackapi"
	"computeunits/notify"
	"computeunits/notify/plan"
	"computeunits/qianfan"
)

// RequiredScopes are the scopes without which the bot token is of no use. The
// manifest grants them; Run refuses a token that lacks one.
func RequiredScopes() []string {
	return []string{"app_mentions:read", "chat:write", "commands", "im:history"}
}

// OptionalScopes are those without which something is less precise, or left
// out; lostWithout says what.
func OptionalScopes() []string { return slices.Sorted(maps.Keys(lostWithout())) }

// lostWithout says for each optional scope what is lost where it was not granted.
func lostWithout() map[string]string {
	const history = "a message whose answer was lost cannot be looked for in %s channels, so it may be posted twice there"
	const channels = "what is wrong with %s channels is told less precisely, and noticed to be put right up to an hour later"
	return map[string]string{
		"channels:history": fmt.Sprintf(history, "public"),
		"channels:read":    fmt.Sprintf(channels, "public"),
		"groups:history":   fmt.Sprintf(history, "private"),
		"groups:read":      fmt.Sprintf(channels, "private"),
		"usergroups:read":  "who is in a user group is unknown, so ALLOW_USER_GROUPS lets nobody in",
		"users:read":       "people's languages and time zones are unknown, and guests cannot be told from members",
	}
}

// Events maps the events that the bot is subscribed to by the manifest to the
// scope that each needs; "" for none. An event whose scope is an optional one does
// not arrive where that was not granted.
func Events() map[string]string {
	return map[string]string{
		"app_home_opened": "", "app_mention": "app_mentions:read", "message.im": "im:history",
		"channel_id_changed": "groups:read", // Slack sends it for private channels
	}
}

const (
	maxUnderWay  = 256              // answers worked on at once
	maxExcuses   = 32               // people told at once that all those places are taken
	ackTimeout   = 2 * time.Second  // Slack gives up after three
	askTimeout   = 25 * time.Second // for Qianfan, with its retries and the wait for the self-limit
	postTimeout  = 15 * time.Second // for the reply, with its retries
	drainTimeout = 20 * time.Second // for the answers under way when the bot stops
)

// A Bot answers the people of one Slack workspace. Set the fields, then call Run once.
type Bot struct {
	BotToken string          // xoxb-…
	AppToken string          // xapp-…, with the scope connections:write
	APIURL   string          // of the Web API, with or without a trailing slash; "": slackapi.DefaultURL
	Units    *qianfan.Client // who knows
	Logger   *slog.Logger    // nil: discard

	// Notifier reminds of what is watched; its ledger also knows what was heard
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
	d := b.dispatcher()
	defer d.courier.responder.http.CloseIdleConnections()
	defer d.courier.slack.Close()

	// The socket outlives ctx by the time that draining takes.
	live, hangUp := context.WithCancelCause(context.WithoutCancel(ctx))
	defer hangUp(nil)
	verify := func(ctx context.Context) error { return b.verify(ctx, d.answers.people.meet) }
	var wg sync.WaitGroup
	for name, part := range map[string]func(context.Context) error{
		"verifying the bot token": verify, "connecting to Slack": d.socket.run, "refreshing App Homes": d.answers.homes.run,
	} {
		wg.Go(func() {
			if err := d.guard.keep(live, name, part); err != nil {
				hangUp(err)
			}
		})
	}
	select {
	case <-ctx.Done():
		d.drain(drainTimeout)
	case <-live.Done():
	}
	fault := context.Cause(live) // nil while nothing went wrong
	hangUp(nil)
	wg.Wait()
	d.jobs.Wait()
	d.answers.people.inquiries.Wait()
	return fault
}

// dispatcher builds what one Run needs.
func (b *Bot) dispatcher() *dispatcher {
	log := cmp.Or(b.Logger, slog.New(slog.DiscardHandler))
	pace := &pacer{next: slackapi.Transport(b.Dial)}
	api := slack.New(b.BotToken,
		slack.OptionAppLevelToken(b.AppToken),
		slack.OptionAPIURL(slackapi.BaseURL(b.APIURL)),
		slack.OptionHTTPClient(&http.Client{Transport: pace}),
		slackapi.Quiet())
	g := &guard{log: log}
	web := &slackapi.Client{Token: b.BotToken, URL: b.APIURL, Dial: b.Dial}
	d := &dispatcher{
		socket: &socket{api: api, dialer: slackapi.Dialer(b.Dial), pace: pace, guard: g, log: log},
		guard:  g,
		// No Timeout: every post has a deadline in its context.
		courier: &courier{slack: web, responder: responder{http: &http.Client{Transport: slackapi.Transport(b.Dial)}}},
		log:     log,
		places:  make(chan struct{}, maxUnderWay),
		excuses: make(chan struct{}, maxExcuses),
	}
	d.socket.handle = d.handle
	d.answers = &answerer{units: b.Units, notifier: b.Notifier, people: &people{slack: web, guard: g, log: log}, courier: d.courier, guard: g, listed: b.Services, tongue: phrase.For(b.Language)}
	d.answers.allow = &allowed{channels: b.AllowChannels, users: b.AllowUsers, groups: b.AllowUserGroups, slack: web, members: make(map[string]membership)}
	d.answers.homes = newHomes(d.answers, cmp.Or(b.ConsoleURL, messages.DefaultConsoleURL), pace.up, log)
	if b.Notifier != nil {
		d.ledger = b.Notifier.Ledger
	}
	return d
}

// verify asks Slack who the bot is, until it knows, so that a wrong token or a
// missing scope is said at start and not when somebody first needs an answer.
// It tells meet.
func (b *Bot) verify(ctx context.Context, meet func(self)) error {
	log := cmp.Or(b.Logger, slog.New(slog.DiscardHandler))
	transport := slackapi.Transport(b.Dial)
	defer transport.CloseIdleConnections()
	api := slack.New(b.BotToken,
		slack.OptionAPIURL(slackapi.BaseURL(b.APIURL)),
		slack.OptionHTTPClient(&http.Client{Transport: transport, Timeout: slackapi.Timeout}),
		slackapi.Quiet())
	for n := 2; ; n++ {
		who, err := api.AuthTestContext(ctx)
		if err == nil {
			log.InfoContext(ctx, "installed in Slack", "team", who.Team, "bot", who.User, "bot_user", who.UserID)
			meet(self{who.UserID, who.TeamID, who.EnterpriseID})
			granted := scopes(who.Header.Get("X-OAuth-Scopes"))
			for _, scope := range missing(granted, OptionalScopes()) {
				log.WarnContext(ctx, "the bot token lacks an optional scope: add it to the app and install the app again", "scope", scope, "lost", lostWithout()[scope])
			}
			return missingScope(granted)
		}
		if fault := slackapi.TokenFault(err, "auth.test", "SLACK_BOT_TOKEN", strings.Join(RequiredScopes(), ", ")); fault != nil {
			return fault
		}
		wait := pause(n, false)
		if limited, ok := errors.AsType[*slack.RateLimitedError](err); ok {
			wait = min(max(wait, limited.RetryAfter), longestWait) // a wait of days is asked about again
		}
		if ctx.Err() == nil {
			log.WarnContext(ctx, "cannot verify the bot token yet", "error", slackapi.WithoutURL(err), "retry_in", wait.Round(time.Millisecond))
		}
		if !slackapi.Sleep(ctx, wait) {
			return nil
		}
	}
}

// missingScope is the error of a bot token that may not do what it must.
func missingScope(granted []string) error {
	lacks := missing(granted, RequiredScopes())
	if lacks == nil {
		return nil
	}
	return fmt.Errorf("SLACK_BOT_TOKEN lacks the scope %s; add it to the app (the manifest has it) and install the app again", strings.Join(lacks, ", "))
}

// missing are the scopes that were not granted. Slack lists a token's scopes in
// a header of every answer; without it nothing can be said.
func missing(granted, scopes []string) (lacks []string) {
	if len(granted) == 0 {
		return nil
	}
	for _, scope := range scopes {
		if !slices.Contains(granted, scope) {
			lacks = append(lacks, scope)
		}
	}
	return lacks
}

func scopes(header string) []string {
	return strings.FieldsFunc(header, func(r rune) bool { return r == ',' || r == ' ' })
}
