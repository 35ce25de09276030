package slacksim_test

import (
	"bytes"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/slack-go/slack"

	"computeunits/bot/slacksim"
)

func TestTokens(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		for _, c := range []struct{ name, method, token, code string }{
			{"none", "auth.test", "", "not_authed"},
			{"a wrong one", "auth.test", "xoxb-wrong", "invalid_auth"},
			{"the bot's", "auth.test", botAuth, ""},
			{"the app's", "auth.test", appAuth, ""},
			{"the bot's, to connect", "apps.connections.open", botAuth, "not_allowed_token_type"},
			{"the app's, to post", "chat.postMessage", appAuth, "not_allowed_token_type"},
			{"any, for what does not exist", "chat.shout", botAuth, "unknown_method"},
			{"none, for what does not exist", "chat.shout", "", "unknown_method"},
			{"none, for a method without a name", "", "", "unknown_method"},
		} {
			a := w.call(c.method, c.token, nil)
			if a.Status != 200 || a.code() != c.code || a.Body["ok"] != (c.code == "") {
				t.Errorf("%s: %s gives %s, not %q", c.name, c.method, a.Raw, c.code)
			}
		}
	})
}

func TestOwnTokens(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		if a := w.call("auth.test", botAuth, nil); a.code() != "invalid_auth" {
			t.Errorf("the usual token: %s", a.Raw)
		}
		if a := w.call("auth.test", "xoxb-mine", nil); a.code() != "" {
			t.Errorf("the configured token: %s", a.Raw)
		}
	}, func(cfg *slacksim.Config) { cfg.BotToken = "xoxb-mine" })
}

func TestWhoAmI(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		me, err := w.slack().AuthTestContext(t.Context())
		ok(t, err)
		if me.UserID != w.BotUserID() || me.BotID != "B0COMPUTE" || me.User != "computeunits" || me.TeamID != "T0SIM" {
			t.Errorf("auth.test: %+v", me)
		}
		want := "app_mentions:read,channels:history,chat:write,commands,groups:history,im:history,users:read"
		if got := me.Header.Get("X-OAuth-Scopes"); got != want {
			t.Errorf("scopes %s, not %s", got, want)
		}
		a := w.call("auth.test", appAuth, nil)
		if a.Body["app_id"] != "A0COMPUTE" || a.Body["bot_id"] != nil || a.Header.Get("X-OAuth-Scopes") != "" {
			t.Errorf("auth.test of the app: %s", a.Raw)
		}
	})
}

// One method, said in every way that Slack understands.
func TestWaysToCall(t *testing.T) {
	form, kind := multipartForm(t, "token", botAuth, "user", "U0MEI", "include_locale", "true")
	ways := []struct {
		name, method, query, kind, auth, body string
		code                                  string
	}{
		{name: "form, token in the header", kind: "application/x-www-form-urlencoded", auth: "Bearer " + botAuth, body: "user=U0MEI&include_locale=true"},
		{name: "form, token in the body", kind: "application/x-www-form-urlencoded; charset=utf-8", body: "token=" + botAuth + "&user=U0MEI&include_locale=1"},
		{name: "JSON, token in the header", kind: "application/json; charset=utf-8", auth: "bearer " + botAuth, body: `{"user":"U0MEI","include_locale":true,"cursor":null}`},
		{name: "JSON, token in the body", kind: "application/json", body: `{"token":"` + botAuth + `","user":"U0MEI","include_locale":true}`, code: "not_authed"},
		{name: "multipart", kind: kind, body: form},
		{name: "GET", method: "GET", query: "?user=U0MEI&include_locale=true", auth: "Bearer " + botAuth},
		{name: "header before body", kind: "application/json", auth: "Bearer wrong", body: `{"token":"` + botAuth + `","user":"U0MEI"}`, code: "invalid_auth"},
		{name: "broken JSON", kind: "application/json", auth: "Bearer " + botAuth, body: `{"user":`, code: "invalid_json"},
		{name: "JSON list", kind: "application/json", auth: "Bearer " + botAuth, body: `["U0MEI"]`, code: "json_not_object"},
		{name: "broken form", kind: "application/x-www-form-urlencoded", auth: "Bearer " + botAuth, body: "user=%zz", code: "invalid_form_data"},
		{name: "broken multipart", kind: "multipart/form-data", auth: "Bearer " + botAuth, body: "user", code: "invalid_form_data"},
		{name: "text", kind: "text/plain;charset=UTF-8", auth: "Bearer " + botAuth, body: `{"user":"U0MEI"}`, code: "invalid_form_data"},
		{name: "a list as PHP writes it", kind: "application/x-www-form-urlencoded", auth: "Bearer " + botAuth, body: "user[]=U0MEI", code: "invalid_array_arg"},
		{name: "a strange name", kind: "application/x-www-form-urlencoded", auth: "Bearer " + botAuth, body: "us-er=U0MEI", code: "invalid_arg_name"},
		{name: "XML", kind: "application/xml", auth: "Bearer " + botAuth, body: "<user/>", code: "invalid_post_type"},
		{name: "nonsense", kind: ";", auth: "Bearer " + botAuth, body: "x", code: "invalid_post_type"},
		{name: "nothing said", auth: "Bearer " + botAuth, body: "user=U0MEI", code: "missing_post_type"},
		{name: "other charset", kind: "application/json; charset=utf-16", auth: "Bearer " + botAuth, body: `{}`, code: "invalid_charset"},
		{name: "huge", kind: "application/json", auth: "Bearer " + botAuth, body: `"` + strings.Repeat("x", 1<<20) + `"`, code: "request_timeout"},
	}
	for _, c := range ways {
		t.Run(c.name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				method := c.method
				if method == "" {
					method = "POST"
				}
				req, err := http.NewRequestWithContext(t.Context(), method, address+"/api/users.info"+c.query, strings.NewReader(c.body))
				ok(t, err)
				if c.kind != "" {
					req.Header.Set("Content-Type", c.kind)
				}
				if c.auth != "" {
					req.Header.Set("Authorization", c.auth)
				}
				a := w.do(req)
				if a.Status != 200 || a.code() != c.code {
					t.Fatalf("answer %d %s, not %q", a.Status, a.Raw, c.code)
				}
				if c.code == "" && a.Body["user"].(map[string]any)["locale"] != "zh-CN" {
					t.Errorf("Mei is %s", a.Raw)
				}
				time.Sleep(time.Second) // net/http lingers after a body it did not read
				for _, call := range w.Calls("users.info") {
					if call.Args["token"] != "" || call.Error != c.code || call.Status != 200 {
						t.Errorf("recorded %+v", call)
					}
				}
			})
		})
	}
}

func multipartForm(t *testing.T, pairs ...string) (body, kind string) {
	t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	for pair := range slices.Chunk(pairs, 2) {
		ok(t, form.WriteField(pair[0], pair[1]))
	}
	ok(t, form.Close())
	return b.String(), form.FormDataContentType()
}

func TestMissingScopeNamesWhatIsNeeded(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		_, _, err := w.slack().PostMessageContext(t.Context(), "C0GPU", slack.MsgOptionText("hi", false))
		refused, is := errors.AsType[slack.SlackErrorResponse](err)
		if !is || refused.Err != "missing_scope" || refused.Needed != "chat:write" || !strings.HasPrefix(refused.Provided, "app_mentions:read,") {
			t.Errorf("chat.postMessage: %+v", refused)
		}
	}, without("- chat:write"))
}

func TestOptionalScopesCanBeDeclined(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		read := func(channel string) string {
			return w.call("conversations.history", botAuth, url.Values{"channel": {channel}}).code()
		}
		if got := read("C0GPU"); got != "missing_scope" {
			t.Errorf("a channel: %q", got)
		}
		if got := read(w.DM("U0ALICE")); got != "" {
			t.Errorf("a direct message: %q", got)
		}
	}, func(cfg *slacksim.Config) { cfg.Declined = []string{"channels:history"} })
}

func TestRateTiers(t *testing.T) {
	for _, c := range []struct {
		method, token string
		burst         int
		pause         time.Duration // for one more
	}{
		{"apps.connections.open", appAuth, 20, time.Minute},
		{"conversations.history", botAuth, 50, 1200 * time.Millisecond},
		{"users.info", botAuth, 100, 600 * time.Millisecond},
		{"auth.test", botAuth, 600, 100 * time.Millisecond},
	} {
		t.Run(c.method, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				allowed := 0
				for w.call(c.method, c.token, nil).Status == 200 {
					allowed++
				}
				if allowed != c.burst {
					t.Errorf("%d calls at once, not %d", allowed, c.burst)
				}
				a := w.call(c.method, c.token, nil)
				if a.Status != 429 || a.code() != "ratelimited" || a.Header.Get("Retry-After") == "" {
					t.Errorf("one more: %d %s, Retry-After %q", a.Status, a.Raw, a.Header.Get("Retry-After"))
				}
				time.Sleep(c.pause - 10*time.Millisecond)
				if a := w.call(c.method, c.token, nil); a.Status != 429 {
					t.Errorf("a little too early: %d", a.Status)
				}
				time.Sleep(10 * time.Millisecond)
				if a := w.call(c.method, c.token, nil); a.Status != 200 {
					t.Errorf("after %s: %d", c.pause, a.Status)
				}
			})
		})
	}
}

func TestRetryAfterIsTheTruth(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		var limited *slack.RateLimitedError
		for range 30 {
			if _, _, err := w.slack().PostMessageContext(t.Context(), "C0GPU", slack.MsgOptionText("hi", false)); errors.As(err, &limited) {
				break
			}
		}
		if limited == nil || limited.RetryAfter != time.Second {
			t.Fatalf("posting fast: %+v", limited)
		}
		if posted := len(w.History("C0GPU", "U0BOB")); posted != 4 {
			t.Errorf("%d messages at once in a channel, not 4", posted)
		}
		// Another channel has a budget of its own.
		if _, _, err := w.slack().PostMessageContext(t.Context(), "U0ALICE", slack.MsgOptionText("hi", false)); err != nil {
			t.Errorf("in another channel: %v", err)
		}
		time.Sleep(limited.RetryAfter)
		if _, _, err := w.slack().PostMessageContext(t.Context(), "C0GPU", slack.MsgOptionText("hi", false)); err != nil {
			t.Errorf("after Retry-After: %v", err)
		}
	})
}

func TestUnlimited(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		for range 700 {
			if a := w.call("auth.test", botAuth, nil); a.Status != 200 {
				t.Fatalf("auth.test: %d", a.Status)
			}
		}
	}, unlimited)
}

func TestUsers(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.AddUser(slacksim.User{ID: "U0GUS", Name: "gus", Guest: true, TZ: "Nowhere/Land"})
		w.AddUser(slacksim.User{ID: "U0ULA", Name: "ula", UltraGuest: true})
		w.AddUser(slacksim.User{ID: "U0STRANGER", Name: "sam", Stranger: true, Deleted: true})
		info := func(id string) *slack.User {
			u, err := w.slack().GetUserInfoContext(t.Context(), id)
			ok(t, err)
			return u
		}
		mei := info("U0MEI")
		if mei.Name != "mei" || mei.Locale != "zh-CN" || mei.TZ != "Asia/Shanghai" || mei.TZOffset != 8*3600 || mei.IsBot || mei.Profile.DisplayName != "mei" {
			t.Errorf("Mei is %+v", mei)
		}
		if gus := info("U0GUS"); !gus.IsRestricted || gus.IsUltraRestricted || gus.TZOffset != 0 || gus.Locale != "en-US" {
			t.Errorf("Gus is %+v", gus)
		}
		if ula := info("U0ULA"); !ula.IsRestricted || !ula.IsUltraRestricted || ula.TZ != "UTC" {
			t.Errorf("Ula is %+v", ula)
		}
		if sam := info("U0STRANGER"); !sam.IsStranger || !sam.Deleted || sam.TeamID == "T0SIM" {
			t.Errorf("Sam is %+v", sam)
		}
		if bot := info(w.BotUserID()); !bot.IsBot || bot.Profile.BotID != "B0COMPUTE" {
			t.Errorf("the bot is %+v", bot)
		}
		_, err := w.slack().GetUserInfoContext(t.Context(), "U0NOBODY")
		if err == nil || err.Error() != "user_not_found" {
			t.Errorf("nobody: %v", err)
		}
		a := w.call("users.info", botAuth, url.Values{"user": {"U0MEI"}})
		if _, told := a.Body["user"].(map[string]any)["locale"]; told {
			t.Errorf("the locale comes unasked: %s", a.Raw)
		}
	})
}

func TestRecordOfCalls(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		began := time.Now().UTC()
		w.call("users.info", botAuth, url.Values{"user": {"U0BOB"}})
		time.Sleep(time.Second)
		w.call("chat.shout", "", url.Values{"token": {"xoxb-other"}, "text": {"a"}})
		want := []slacksim.Call{
			{Time: began, Method: "users.info", Token: slacksim.BotToken, Args: map[string]string{"user": "U0BOB"}, Status: 200},
			{Time: began.Add(time.Second), Method: "chat.shout", Args: map[string]string{"text": "a"}, Status: 200, Error: "unknown_method"},
		}
		if diff := cmp.Diff(want, w.Calls("")); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		if diff := cmp.Diff(want[:1], w.Calls("users.info")); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		w.Calls("users.info")[0].Args["user"] = "changed"
		if w.Calls("users.info")[0].Args["user"] != "U0BOB" {
			t.Error("a caller changed the record")
		}
	})
}

func TestPathsThatDoNotExist(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		resp, err := w.http.Get(address + "/")
		ok(t, err)
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		if resp.StatusCode != 404 {
			t.Errorf("status %d", resp.StatusCode)
		}
	})
}

// Every method of the simulation names the page that its rules come from, and
// refuses a token of the wrong kind.
func TestMethodsHaveEvidence(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		methods := slacksim.Methods()
		if len(methods) < 10 {
			t.Errorf("only %d methods are left", len(methods))
		}
		for _, m := range methods {
			if m.Source != "https://docs.slack.dev/reference/methods/"+m.Name {
				t.Errorf("%s: source %q", m.Name, m.Source)
			}
			if m.Tier < slacksim.Tier1 || m.Tier > slacksim.TierPosting || m.Tier.PerMinute() < 1 {
				t.Errorf("%s: tier %d", m.Name, m.Tier)
			}
			free := m.Name == "auth.test" || m.Name == "chat.getPermalink" || strings.HasPrefix(m.Name, "views.")
			if (len(m.Scopes) == 0) != free {
				t.Errorf("%s needs the scopes %q", m.Name, m.Scopes)
			}
			token := map[slacksim.TokenKind]string{slacksim.BotToken: appAuth, slacksim.AppToken: botAuth}[m.TokenKind]
			if token == "" {
				continue
			}
			if a := w.call(m.Name, token, nil); a.code() != "not_allowed_token_type" {
				t.Errorf("%s with the other token: %s", m.Name, a.Raw)
			}
		}
		if !slices.IsSortedFunc(methods, func(a, b slacksim.Method) int { return strings.Compare(a.Name, b.Name) }) {
			t.Error("the list is not sorted")
		}
	})
}
