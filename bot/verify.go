package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"computeunits/bot/people"
	"computeunits/bot/slackapi"
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

// verify asks Slack who the bot is, until it knows, so that a wrong token or a
// missing scope is said at start and not when somebody first needs an answer.
// It tells meet.
func (b *Bot) verify(ctx context.Context, log *slog.Logger, meet func(people.Identity)) error {
	transport := slackapi.Transport(b.Dial)
	defer transport.CloseIdleConnections()
	api := slack.New(b.BotToken,
		slack.OptionAPIURL(slackapi.BaseURL(b.APIURL)),
		slack.OptionHTTPClient(slackapi.HTTPClient(transport)),
		slackapi.Quiet())
	for n := 0; ; n++ {
		limited, cancel := context.WithTimeout(ctx, slackapi.Timeout)
		who, err := api.AuthTestContext(limited)
		cancel()
		if err == nil {
			log.InfoContext(ctx, "installed in Slack", "team", who.Team, "bot", who.User, "bot_user", who.UserID)
			meet(people.Identity{User: who.UserID, Team: who.TeamID, Enterprise: who.EnterpriseID})
			granted := scopes(who.Header.Get("X-OAuth-Scopes"))
			for _, scope := range missing(granted, OptionalScopes()) {
				log.WarnContext(ctx, "the bot token lacks an optional scope: add it to the app and install the app again", "scope", scope, "lost", lostWithout()[scope])
			}
			return missingScope(granted)
		}
		if fault := slackapi.TokenFault(err, "auth.test", "SLACK_BOT_TOKEN", strings.Join(RequiredScopes(), ", ")); fault != nil {
			return fault
		}
		wait := slackapi.Backoff(n, 30*time.Second)
		if limited, ok := errors.AsType[*slack.RateLimitedError](err); ok {
			wait = min(max(wait, limited.RetryAfter), slackapi.LongestWait) // a wait of days is asked about again
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
