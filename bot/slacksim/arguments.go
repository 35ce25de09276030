package slacksim

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
)

// maxBody bounds the body of a request in bytes.
const maxBody = 1 << 20

// arguments are what a request says, from its query, its form or its JSON body
// (https://docs.slack.dev/apis/web-api/#post_bodies). Strings are as they are,
// everything else is JSON text, which is how forms carry it too.
type arguments map[string]string

func (a arguments) has(name string) bool {
	_, ok := a[name]
	return ok
}

// truth reads a boolean: "true", "1" and JSON true are.
func (a arguments) truth(name string) bool {
	return a[name] == "true" || a[name] == "1"
}

// number reads a whole number; ok is false for anything else, and for an
// absent argument the fallback is returned.
func (a arguments) number(name string, fallback int) (n int, ok bool) {
	if a[name] == "" {
		return fallback, true
	}
	n, err := strconv.Atoi(a[name])
	return n, err == nil
}

// readRequest reads the arguments and the token of a Web API request. A token
// in the Authorization header comes before one in the body.
func readRequest(rw http.ResponseWriter, r *http.Request) (args arguments, token string, refused *apiError) {
	args = arguments{}
	for name, values := range r.URL.Query() {
		args[name] = values[0]
	}
	if r.Method == http.MethodPost {
		refused = args.readBody(rw, r)
	}
	token = args["token"]
	delete(args, "token")
	if scheme, rest, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok && strings.EqualFold(scheme, "Bearer") {
		token = strings.TrimSpace(rest)
	}
	return args, token, refused
}

func (a arguments) readBody(rw http.ResponseWriter, r *http.Request) *apiError {
	r.Body = http.MaxBytesReader(rw, r.Body, maxBody)
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if r.Header.Get("Content-Type") == "" {
		if n, _ := io.Copy(io.Discard, r.Body); n > 0 {
			return refuse("missing_post_type")
		}
		return nil
	}
	if err != nil {
		return refuse("invalid_post_type")
	}
	switch strings.ToLower(params["charset"]) {
	case "", "utf-8", "iso-8859-1":
	default:
		return refuse("invalid_charset")
	}
	switch kind {
	case "application/json":
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return refuse("request_timeout") // cut short, or longer than maxBody
		}
		return a.readJSON(body)
	case "application/x-www-form-urlencoded":
		err = r.ParseForm()
	case "multipart/form-data":
		err = r.ParseMultipartForm(maxBody)
	default:
		return refuse("invalid_post_type")
	}
	if err != nil {
		return refuse("invalid_form_data")
	}
	for name, values := range r.PostForm {
		a[name] = values[0]
	}
	return nil
}

// readJSON reads the members of a JSON object. Nulls count as absent, as does
// an empty body.
func (a arguments) readJSON(body []byte) *apiError {
	body = bytes.TrimSpace(body)
	if len(body) == 0 || string(body) == "null" {
		return nil
	}
	if !json.Valid(body) {
		return refuse("invalid_json")
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(body, &members); err != nil {
		return refuse("json_not_object")
	}
	for name, value := range members {
		switch {
		case string(value) == "null":
		case value[0] == '"':
			var s string
			if err := json.Unmarshal(value, &s); err != nil {
				return refuse("invalid_json")
			}
			a[name] = s
		default:
			a[name] = string(value)
		}
	}
	return nil
}
