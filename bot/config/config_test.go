package config_test

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"testing"

	"computeunits/bot/config"
	"computeunits/notify/plan"
)

// with is the least that serving needs, and some more.
func with(more map[string]string) map[string]string {
	environ := map[string]string{
		"SLACK_BOT_TOKEN": "xoxb-secret-1", "SLACK_APP_TOKEN": "xapp-secret-2",
		"QIANFAN_ACCESS_KEY": "AKsecret3", "QIANFAN_SECRET_KEY": "secret4",
	}
	maps.Copy(environ, more)
	return environ
}

func TestWhatSurroundsASettingIsNoneOfIt(t *testing.T) {
	environ := with(map[string]string{
		"QIANFAN_SESSION_TOKEN": "sts", "QIANFAN_CONSOLE_API_BASE_URL": "https://qianfan.example", "QIANFAN_MAX_RPS": "2", "QIANFAN_CONSOLE_URL": "https://console.example",
		"SLACK_API_URL": "https://slack.example/api/", "DATABASE_URL": "sqlite://bot.db", "NOTIFY_CHANNEL": "C0GPU", "NOTIFY_SERVICES": "svco-a",
		"NOTIFY_BEFORE": "7d", "NOTIFY_CHECK_EVERY": "1h", "NOTIFY_LEASE": "1m", "NOTIFY_DIGEST_CRON": "0 8 * * *", "NOTIFY_TIMEZONE": "Europe/Berlin",
		"NOTIFY_ALL_CLEAR": "daily", "NOTIFY_LANGUAGE": "zh", "ALLOW_USERS": "U0ALICE,U0BOB", "ALLOW_CHANNELS": "C0GPU", "LOG_LEVEL": "warn", "LOG_FORMAT": "json",
		"HTTPS_PROXY": "http://proxy.example:3128",
	})
	bare, err := config.Serving(environ)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range environ {
		environ[name] = "\ufeff \t" + value + " \u3000\u200b\r\n"
	}
	padded, err := config.Serving(environ)
	if err != nil {
		t.Fatal(err)
	}
	if padded.DatabaseURL != "sqlite://bot.db" || padded.BotToken != "xoxb-secret-1" || padded.SecretKey != "secret4" || padded.SessionToken != "sts" ||
		padded.Channel != "C0GPU" || padded.BaseURL != bare.BaseURL || padded.APIURL != bare.APIURL || padded.ConsoleURL != bare.ConsoleURL ||
		padded.Notify.DigestCron != "0 8 * * *" || padded.Notify.AllClear != "daily" || !slices.Equal(padded.AllowUsers, bare.AllowUsers) {
		t.Errorf("%+v", padded)
	}
}

func TestFaults(t *testing.T) {
	for name, c := range map[string]struct {
		set  map[string]string
		want []string // each line of faults begins with one; none: it is taken
	}{
		"a channel":           {map[string]string{"NOTIFY_CHANNEL": "C0123456789"}, nil},
		"a private channel":   {map[string]string{"NOTIFY_CHANNEL": "G12ABCDEF"}, nil},
		"an old channel":      {map[string]string{"NOTIFY_CHANNEL": "CABCDEFGH"}, nil},
		"a name":              {map[string]string{"NOTIFY_CHANNEL": "ops"}, []string{`NOTIFY_CHANNEL holds "ops", a name or the like: write the channel's id, such as C0123456789`}},
		"a name with #":       {map[string]string{"NOTIFY_CHANNEL": "#ops"}, []string{`NOTIFY_CHANNEL holds "#ops", a name`}},
		"a name in capitals":  {map[string]string{"NOTIFY_CHANNEL": "GPU"}, []string{`NOTIFY_CHANNEL holds "GPU", a name`}},
		"two channels":        {map[string]string{"NOTIFY_CHANNEL": "C0GPU,C0OPS"}, []string{`NOTIFY_CHANNEL holds "C0GPU,C0OPS", more than one id`}},
		"lower case":          {map[string]string{"NOTIFY_CHANNEL": "c0123456789"}, []string{`NOTIFY_CHANNEL holds "c0123456789", in lower case`}},
		"an address":          {map[string]string{"NOTIFY_CHANNEL": "https://x.slack.com/archives/C0123456789"}, []string{`NOTIFY_CHANNEL holds an address: write`}},
		"a mention":           {map[string]string{"NOTIFY_CHANNEL": "<#C0123456789|ops>"}, []string{`NOTIFY_CHANNEL holds "<#C0123456789|ops>", a mention`}},
		"a person to tell":    {map[string]string{"NOTIFY_CHANNEL": "U0ALICE"}, []string{`NOTIFY_CHANNEL holds "U0ALICE", the id of a person`}},
		"a direct message":    {map[string]string{"NOTIFY_CHANNEL": "D0123456789"}, []string{`NOTIFY_CHANNEL holds "D0123456789", the id of a direct message`}},
		"a long name":         {map[string]string{"NOTIFY_CHANNEL": "a-channel-of-21-chars"}, []string{`NOTIFY_CHANNEL holds "a-channel-of-21-chars", a name`}},
		"a longer one":        {map[string]string{"NOTIFY_CHANNEL": "a-channel-of-22-chars!"}, []string{`NOTIFY_CHANNEL holds a name`}},
		"no limits":           {map[string]string{"QIANFAN_MAX_RPS": "0", "QIANFAN_MAX_CONCURRENT": "0"}, nil},
		"a console by http":   {map[string]string{"QIANFAN_CONSOLE_URL": "http://console.example", "SLACK_API_URL": "https://slack.example/api"}, nil},
		"a console elsewhere": {map[string]string{"QIANFAN_CONSOLE_URL": "ftp://console.example"}, []string{"QIANFAN_CONSOLE_URL must be an address"}},
		"a secret as channel": {map[string]string{"NOTIFY_CHANNEL": "secret-0123456789012345"}, []string{`NOTIFY_CHANNEL holds a name or the like: write`}},

		"people":                 {map[string]string{"ALLOW_USERS": "U0OK, U0ADA；W0123456789\nU0BOB"}, nil},
		"a person's name":        {map[string]string{"ALLOW_USERS": "@alice,U0ADA"}, []string{`ALLOW_USERS holds "@alice", a name or the like: write the person's id`}},
		"a person in lower case": {map[string]string{"ALLOW_USERS": "u0123456789"}, []string{`ALLOW_USERS holds "u0123456789", in lower case`}},
		"a group as a person":    {map[string]string{"ALLOW_USERS": "S0GROUP"}, []string{`ALLOW_USERS holds "S0GROUP", the id of a user group`}},
		"a person as a group":    {map[string]string{"ALLOW_USER_GROUPS": "U0ALICE"}, []string{`ALLOW_USER_GROUPS holds "U0ALICE", the id of a person: write the group's id`}},
		"a person as a channel":  {map[string]string{"ALLOW_CHANNELS": "U0ALICE"}, []string{`ALLOW_CHANNELS holds "U0ALICE", the id of a person`}},
		"each is named":          {map[string]string{"ALLOW_CHANNELS": "ops,dev"}, []string{`ALLOW_CHANNELS holds "ops"`, `ALLOW_CHANNELS holds "dev"`}},
		"nobody":                 {map[string]string{"ALLOW_USERS": ","}, []string{`ALLOW_USERS names nobody`}},

		"a lock mistyped":        {map[string]string{"ALLOW_USER": "U0ALICE"}, []string{"ALLOW_USER is not a setting: ALLOW_USERS is"}},
		"a lock left empty":      {map[string]string{"ALLOW_USER": ""}, []string{"ALLOW_USER is not a setting: ALLOW_USERS is"}},
		"another lock":           {map[string]string{"ALLOW_ADMINS": "U0ALICE"}, []string{"ALLOW_ADMINS is not a setting, so it keeps nobody out: ALLOW_CHANNELS, ALLOW_USERS, ALLOW_USER_GROUPS are"}},
		"a lock in lower case":   {map[string]string{"allow_users": "U0ALICE"}, []string{"allow_users is not a setting: ALLOW_USERS is"}},
		"a setting mistyped":     {map[string]string{"NOTIFY_SERVICE": "svco-a", "NOTIFY_CHANNLE": "C0GPU"}, []string{"NOTIFY_CHANNLE is not a setting: NOTIFY_CHANNEL is", "NOTIFY_SERVICE is not a setting: NOTIFY_SERVICES is"}},
		"both names":             {map[string]string{"DATABASE_URI": "x", "DATABASE_URL": "sqlite://bot.db"}, nil},
		"both locks":             {map[string]string{"ALLOW_USER": "U0BOB", "ALLOW_USERS": "U0ALICE"}, []string{"ALLOW_USER is not a setting: ALLOW_USERS is"}},
		"one of both names":      {map[string]string{"DATABASE_URI": "x", "DATABASE_URL": " "}, []string{"DATABASE_URI is not a setting: DATABASE_URL is"}},
		"a slip at the front":    {map[string]string{"ALOW_USERS": "U0ALICE", "NOTFY_CHANNEL": "C0GPU"}, []string{"ALOW_USERS is not a setting: ALLOW_USERS is", "NOTFY_CHANNEL is not a setting: NOTIFY_CHANNEL is"}},
		"two characters more":    {map[string]string{"NOTIFY_SERVICES_1": "svco-a"}, []string{"NOTIFY_SERVICES_1 is not a setting: NOTIFY_SERVICES is"}},
		"three more":             {map[string]string{"NOTIFY_SERVICES_10": "svco-a"}, nil},
		"another's log":          {map[string]string{"GLOG_LEVEL": "3"}, nil},
		"what belongs to others": {map[string]string{"NOTIFY_SOCKET": "/run/systemd/notify", "SLACK_PORT_80_TCP": "x", "DATABASE_HOST": "db", "LOG_DIR": "/x", "ALLOWED": "x"}, nil},

		"a token in two lines":    {map[string]string{"SLACK_BOT_TOKEN": "xoxb-secret-1\nxoxb-secret-1"}, []string{"SLACK_BOT_TOKEN contains white space"}},
		"a token with a tilde":    {map[string]string{"SLACK_BOT_TOKEN": "xoxb-secret~1!"}, nil},
		"a token of the README":   {map[string]string{"SLACK_BOT_TOKEN": "xoxb-…"}, []string{"SLACK_BOT_TOKEN contains white space or characters that no token"}},
		"half a token":            {map[string]string{"SLACK_APP_TOKEN": "xapp-"}, []string{"SLACK_APP_TOKEN is not all of the token"}},
		"a user's token":          {map[string]string{"SLACK_BOT_TOKEN": "xoxp-secret-1"}, []string{"SLACK_BOT_TOKEN does not begin with xoxb-"}},
		"a quoted token":          {map[string]string{"SLACK_APP_TOKEN": `"xapp-secret-1"`}, []string{"SLACK_APP_TOKEN does not begin with xapp-"}},
		"a token that rotates":    {map[string]string{"SLACK_BOT_TOKEN": "xoxe.xoxb-secret-1"}, []string{"SLACK_BOT_TOKEN holds a rotating token (xoxe)"}},
		"a key with white space":  {map[string]string{"QIANFAN_SECRET_KEY": "secret 4"}, []string{"QIANFAN_SECRET_KEY contains white space"}},
		"a session in two pieces": {map[string]string{"QIANFAN_SESSION_TOKEN": "secret 4"}, []string{"QIANFAN_SESSION_TOKEN contains white space"}},
		"a token as a key":        {map[string]string{"QIANFAN_ACCESS_KEY": "xoxb-secret-1"}, []string{"QIANFAN_ACCESS_KEY holds a token of Slack"}},

		"another database": {map[string]string{"DATABASE_URL": "mysql://root:secret-5@db/x", "NOTIFY_CHANNEL": "ops", "NOTIFY_BEFORE": "soon"},
			[]string{"DATABASE_URL must begin with sqlite:// or postgres://", `NOTIFY_CHANNEL holds "ops"`, `NOTIFY_BEFORE: "soon"`}},
		"a file with options":   {map[string]string{"DATABASE_URL": "sqlite://bot.db?mode=ro"}, []string{"DATABASE_URL has options"}},
		"a folder":              {map[string]string{"DATABASE_URL": "sqlite:///data/"}, []string{"DATABASE_URL names a folder"}},
		"a password unescaped":  {map[string]string{"DATABASE_URL": "postgres://bot:secret-5/%zz#@db/x"}, []string{"DATABASE_URL is not an address of PostgreSQL"}},
		"PostgreSQL":            {map[string]string{"DATABASE_URL": "postgres://bot:secret-5@db:5432/x?sslmode=disable"}, nil},
		"a missing certificate": {map[string]string{"DATABASE_URL": "postgres://bot:secret-5@db/x?sslmode=verify-ca&sslrootcert=/nowhere/ca.pem"}, []string{"DATABASE_URL names a file that cannot be read: open /nowhere/ca.pem"}},

		"two digests a day":   {map[string]string{"NOTIFY_DIGEST_CRON": "0 9,17 * * *"}, []string{`NOTIFY_DIGEST_CRON: "0 9,17 * * *" has several moments a day (09:00, 17:00)`}},
		"a digest an hour":    {map[string]string{"NOTIFY_DIGEST_CRON": "0 * * * *"}, []string{`NOTIFY_DIGEST_CRON: "0 * * * *" has several moments a day`}},
		"digests on weekdays": {map[string]string{"NOTIFY_DIGEST_CRON": "30 8 * * 1-5"}, nil},
		"a zone that is none": {map[string]string{"NOTIFY_TIMEZONE": "Mars/Olympus"}, []string{"NOTIFY_TIMEZONE must name"}},
		"separators":          {map[string]string{"NOTIFY_SERVICES": "svco-a=生产，svco-b＝测试；svco-c;svco-d、svco-e|svco-f\nsvco-g"}, nil},
		"an unknown one":      {map[string]string{"NOTIFY_SERVICES": "svco-a=生产/svco-b=测试"}, []string{`NOTIFY_SERVICES: the label "生产/svco-b=测试" contains the id of a service`}},

		"Slack in the clear":     {map[string]string{"SLACK_API_URL": "http://slack.example/api/"}, []string{"SLACK_API_URL sends tokens and messages unencrypted: write https://, or set ALLOW_PLAIN_HTTP=true"}},
		"Qianfan in the clear":   {map[string]string{"QIANFAN_CONSOLE_API_BASE_URL": "http://10.0.0.7:8080"}, []string{"QIANFAN_CONSOLE_API_BASE_URL sends signed requests unencrypted: write https://, or set ALLOW_PLAIN_HTTP=true"}},
		"its alias in the clear": {map[string]string{"QIANFAN_CONSOLE_BASE_URL": "http://localhost.example"}, []string{"QIANFAN_CONSOLE_API_BASE_URL sends"}},
		"both in the clear":      {map[string]string{"SLACK_API_URL": "HTTP://slack.example/api/", "QIANFAN_CONSOLE_API_BASE_URL": "http://qianfan.example", "ALLOW_PLAIN_HTTP": "false"}, []string{"SLACK_API_URL sends", "QIANFAN_CONSOLE_API_BASE_URL sends"}},
		"in the clear, allowed":  {map[string]string{"SLACK_API_URL": "http://slack.example/api/", "QIANFAN_CONSOLE_API_BASE_URL": "http://qianfan.example", "ALLOW_PLAIN_HTTP": "true"}, nil},
		"loopback":               {map[string]string{"SLACK_API_URL": "http://127.0.0.1:1/api/", "QIANFAN_CONSOLE_API_BASE_URL": "http://[::1]:2"}, nil},
		"loopback by name":       {map[string]string{"SLACK_API_URL": "http://localhost:1/api/", "QIANFAN_CONSOLE_API_BASE_URL": "http://LOCALHOST:2"}, nil},
		"allowed perhaps":        {map[string]string{"ALLOW_PLAIN_HTTP": "perhaps"}, []string{"ALLOW_PLAIN_HTTP must be true or false"}},

		"a proxy":              {map[string]string{"HTTPS_PROXY": "proxy.example:3128", "http_proxy": "socks5://u:secret-5@proxy.example:1080"}, nil},
		"a proxy cut off":      {map[string]string{"HTTPS_PROXY": "http://"}, []string{"HTTPS_PROXY must be the address of a proxy"}},
		"a proxy's password":   {map[string]string{"https_proxy": "http://u:secret-5%@proxy.example"}, []string{"https_proxy must be the address of a proxy"}},
		"a proxy by https":     {map[string]string{"HTTPS_PROXY": "https://proxy.example"}, []string{"HTTPS_PROXY must be the address of a proxy"}},
		"a proxy's port wrong": {map[string]string{"HTTP_PROXY": "http://proxy.example:port"}, []string{"HTTP_PROXY must be the address of a proxy"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := config.Serving(with(c.set))
			var got []string
			if err != nil {
				faults, ok := err.(config.Faults)
				if !ok {
					t.Fatal(err)
				}
				got = faults
			}
			if len(got) != len(c.want) {
				t.Fatalf("%d faults and not %d: %q", len(got), len(c.want), got)
			}
			for _, want := range c.want {
				if !slices.ContainsFunc(got, func(fault string) bool { return strings.HasPrefix(fault, want) }) {
					t.Errorf("nothing begins with %q in %q", want, got)
				}
			}
			if text := strings.Join(got, "\n"); strings.Contains(text, "secret-") || strings.Contains(text, "secret 4") {
				t.Errorf("a secret is repeated: %s", text)
			}
		})
	}
}

func TestServicesAsPeopleSeparateThem(t *testing.T) {
	c, err := config.Serving(with(map[string]string{"NOTIFY_CHANNEL": "C0GPU", "NOTIFY_SERVICES": "svco-a=生产，svco-b=测试"}))
	if want := []plan.Service{{ID: "svco-a", Label: "生产"}, {ID: "svco-b", Label: "测试"}}; err != nil || !slices.Equal(c.Notify.Services, want) {
		t.Errorf("%v, %v", c.Notify.Services, err)
	}
}

func TestWhoMayIsLoggedAndStrangersAreNamed(t *testing.T) {
	const all, some, strange = "every member of the workspace may change", "only some may change", "nothing reads them"
	for _, one := range []struct {
		set           map[string]string
		wants, others []string
	}{
		{nil, []string{all}, []string{some, strange}},
		{map[string]string{"ALLOW_USERS": "U0ALICE", "ALLOW_USER_GROUPS": "S0GROUP", "ALLOW_CHANNELS": "C0GPU"}, []string{some}, []string{all, strange}},
		{map[string]string{"ALLOW_USERS": "U0ALICE", "ALLOW_USER_GROUPS": "S0GROUP"}, []string{some, "S0GROUP"}, []string{all}},
		{map[string]string{"ALLOW_CHANNELS": "C0GPU,C0OPS", "ALLOW_USER_GROUPS": "S0ONE S0TWO"}, []string{some, "S0ONE S0TWO", "C0GPU C0OPS"}, []string{all}},
		{map[string]string{"ALLOW_USERS": "U0ALICE, U0BOB", "ALLOW_CHANNELS": "C0GPU,C0OPS", "NOTIFY_SOCKET": "/run/notify", "SLACK_TEAM": "secret-team"},
			[]string{some, "U0ALICE U0BOB", "C0GPU", strange, "NOTIFY_SOCKET SLACK_TEAM"}, []string{all, "secret"}},
	} {
		c, err := config.Serving(with(one.set))
		if err != nil {
			t.Fatal(err)
		}
		var log bytes.Buffer
		c.Announce(c.Logger(&log))
		for _, want := range one.wants {
			if !strings.Contains(log.String(), want) {
				t.Errorf("nothing says %q in %s", want, log.String())
			}
		}
		for _, other := range one.others {
			if strings.Contains(log.String(), other) {
				t.Errorf("%q is said in %s", other, log.String())
			}
		}
	}
}
