package slacksim

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// call is a Web API call that passed the checks common to all methods.
type call struct {
	method Method
	token  TokenKind
	args   arguments
}

// serveAPI answers one Web API request: faults first, then the checks and the
// method itself.
func (w *Workspace) serveAPI(rw http.ResponseWriter, r *http.Request, method string) {
	c := Call{Time: time.Now().UTC(), Method: method, Status: http.StatusOK}
	asked, refused := readRequest(rw, r)
	token := asked.token
	c.Args, c.Token = asked.args, w.tokenKind(token)
	f := w.takeFault(method, asked.args)
	if f.Late > 0 && refused == nil {
		w.carryOutLate(rw, r, f, &c, token)
		return
	}
	if w.misbehave(rw, r, f, false, &c) {
		return
	}
	var body map[string]any
	if refused == nil {
		body, refused = w.perform(&c, token)
	}
	if refused == nil && asked.warning != "" {
		body = warned(body, asked.warning)
	}
	if w.misbehave(rw, r, f, true, &c) {
		return
	}
	w.reply(rw, &c, body, refused)
}

// reply writes the answer of a method and records the call.
func (w *Workspace) reply(rw http.ResponseWriter, c *Call, body map[string]any, refused *apiError) {
	if w.unreachable() { // since the request came in
		c.Status, c.Error = 0, "dropped"
		w.record(*c)
		panic(http.ErrAbortHandler)
	}
	if body == nil {
		body = map[string]any{}
	}
	body["ok"] = refused == nil
	if refused != nil {
		c.Error = refused.code
		body["error"] = refused.code
		for k, v := range refused.more {
			body[k] = v
		}
		if refused.retryAfter > 0 {
			c.Status = http.StatusTooManyRequests
			rw.Header().Set("Retry-After", seconds(refused.retryAfter))
		}
	}
	w.record(*c)
	if c.Token == BotToken {
		rw.Header().Set("X-OAuth-Scopes", strings.Join(w.app.scopes, ","))
	}
	writeJSON(rw, c.Status, body)
}

// warned adds a warning to the answer of a method.
func warned(body map[string]any, code string) map[string]any {
	if body == nil {
		body = map[string]any{}
	}
	metadata := map[string]any{}
	if had, is := body["response_metadata"].(map[string]any); is {
		maps.Copy(metadata, had)
	}
	already, _ := metadata["warnings"].([]string)
	metadata["warnings"] = append(slices.Clone(already), code)
	body["response_metadata"] = metadata
	body["warning"] = strings.Join(append(slices.Clone(already), code), ",")
	return body
}

// perform checks a call and carries it out. The order of the refusals is that
// of Slack where it is known: method, token, rate, scope, arguments.
func (w *Workspace) perform(c *Call, token string) (map[string]any, *apiError) {
	m, known := w.methods[c.Method]
	switch {
	case !known && slices.Contains(notSimulated(), c.Method):
		w.complain("%s exists in Slack and is not simulated", c.Method)
		return nil, &apiError{code: "not_simulated", more: map[string]any{"req_method": c.Method}}
	case !known:
		return nil, &apiError{code: "unknown_method", more: map[string]any{"req_method": c.Method}}
	case token == "":
		return nil, refuse("not_authed")
	case c.Token == "":
		return nil, refuse("invalid_auth")
	case m.TokenKind != AnyToken && m.TokenKind != c.Token:
		return nil, refuse("not_allowed_token_type")
	}
	w.mu.Lock()
	limited := w.limit(m.Name, float64(m.Tier.PerMinute())/60, m.Tier.Burst())
	w.mu.Unlock()
	if limited != nil {
		return nil, limited
	}
	if refused := w.needs(c.Token, m.Scopes...); refused != nil {
		return nil, refused
	}
	return m.run(w, &call{method: m, token: c.Token, args: c.Args})
}

// needs refuses a call whose token has none of the scopes.
func (w *Workspace) needs(token TokenKind, scopes ...string) *apiError {
	granted := w.app.scopes
	if token == AppToken {
		granted = []string{"connections:write"}
	}
	has := func(scope string) bool { return slices.Contains(granted, scope) }
	if len(scopes) == 0 || slices.ContainsFunc(scopes, has) {
		return nil
	}
	return &apiError{code: "missing_scope", more: map[string]any{
		"needed":   strings.Join(scopes, ","),
		"provided": strings.Join(granted, ","),
	}}
}

// tokenKind recognises a token; "" when it is not one of this workspace.
func (w *Workspace) tokenKind(token string) TokenKind {
	switch token {
	case w.cfg.BotToken:
		return BotToken
	case w.cfg.AppToken:
		return AppToken
	}
	return ""
}
