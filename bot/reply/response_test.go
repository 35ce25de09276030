package reply

import (
	"context"
	"errors"
	"net"
	"testing"

	"computeunits/bot/slackapi"
)

// Whoever can forge an envelope must not choose where answers go.
func TestOnlyAddressesOfSlackAreUsed(t *testing.T) {
	for _, c := range []struct {
		api, url string
		dialled  string // "": nothing is
	}{
		{"", "https://hooks.slack.com/commands/T0/1/x", "hooks.slack.com:443"},
		{"", "https://HOOKS.slack.com:443/commands/T0/1/x", "HOOKS.slack.com:443"},
		{"", "https://slack.com/x", "slack.com:443"},
		{"", "http://hooks.slack.com/commands/T0/1/x", ""},
		{"", "http://slack.com/x", ""},
		{"", "https://evil.example/x", ""},
		{"", "https://hooks.slack.com.evil.example/x", ""},
		{"", "https://evil-hooks.slack.com/x", ""},
		{"", "https://hooks.slack.com@evil.example/x", ""},
		{"", "https://someone:secret@hooks.slack.com/x", ""},
		{"", "https://hooks.slack.com:8443/x", ""},
		{"", "//hooks.slack.com/x", ""},
		{"", "file:///etc/passwd", ""},
		{"", "/x", ""},
		{"", "https://%zz/", ""},
		{"https://slack.example/api/", "https://slack.example/r", "slack.example:443"},
		{"https://slack.example/api/", "https://hooks.slack.com/r", "hooks.slack.com:443"},
		{"https://slack.example/api/", "http://slack.example/r", ""},
		{"http://127.0.0.1:8080/api", "http://127.0.0.1:8080/r", "127.0.0.1:8080"},
		{"http://127.0.0.1:8080/api", "http://127.0.0.1:8081/r", ""},
		{"http://127.0.0.1:8080/api", "http://hooks.slack.com/r", ""},
	} {
		dialled := ""
		dial := func(_ context.Context, _, address string) (net.Conn, error) {
			dialled = address
			return nil, errors.New("nobody is there")
		}
		replier := &Replier{Slack: &slackapi.Client{URL: c.api}, HTTP: slackapi.HTTPClient(slackapi.Transport(dial))}
		err := replier.Respond(t.Context(), c.url, Ephemeral("hello"))
		if dialled != c.dialled || err == nil {
			t.Errorf("with the API at %q, %q led to %q, not %q (%v)", c.api, c.url, dialled, c.dialled, err)
		}
		if c.dialled == "" && InDoubt(err) {
			t.Errorf("what is not sent to %q is in doubt: %v", c.url, err)
		}
	}
}
