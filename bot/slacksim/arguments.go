package slacksim

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"regexp"
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

// request is what a Web API request says.
type request struct {
	args    arguments
	token   string
	warning string // code of what Slack minds about it; "" for nothing
}

// argumentName is how arguments may be called.
var argumentName = regexp.MustCompile(`^[A-Za-z0-9_]{1,100}$`)

// readRequest reads a Web API request. A token in the Authorization header comes
// before one in the form; in JSON there is none
// (https://docs.slack.dev/apis/web-api/#posting_json).
func readRequest(rw http.ResponseWriter, r *http.Request) (asked request, refused *apiError) {
	args := arguments{}
	for name, values := range r.URL.Query() {
		args[name] = values[0]
	}
	inForm := args["token"]
	if r.Method == http.MethodPost {
		refused = args.readBody(rw, r)
		kind, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
		switch isJSON := kind == "application/json"; {
		case !isJSON:
			inForm = args["token"]
			if params["charset"] != "" && kind == "application/x-www-form-urlencoded" {
				asked.warning = "superfluous_charset"
			}
		case params["charset"] == "":
			asked.warning = "missing_charset"
		}
	}
	delete(args, "token")
	for name := range args {
		switch {
		case refused != nil:
		case strings.HasSuffix(name, "]"):
			refused = refuse("invalid_array_arg") // as PHP writes lists
		case !argumentName.MatchString(name):
			refused = refuse("invalid_arg_name")
		}
	}
	token := inForm
	if scheme, rest, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok && strings.EqualFold(scheme, "Bearer") {
		token = strings.TrimSpace(rest)
	}
	asked.args, asked.token = args, token
	return asked, refused
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
	case "text/plain": // which Slack lists as valid, and takes for a form
		return refuse("invalid_form_data")
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
