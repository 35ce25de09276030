package qianfantest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
)

// Refusal is an answer of the platform's documented error form, such as 403
// AccessDenied (qianfan/s/Pmh4sv5qa; codes and messages HOSTEYE/s/0jwvxjzos).
type Refusal struct {
	Status        int
	Code, Message string
}

// reply is a response before it is written.
type reply struct {
	status    int
	header    http.Header // besides those that every reply has
	body      []byte
	html      bool
	requestID string // of the header; "": none
	truncated bool   // the connection ends after half the body
	outcome   string // for the record
}

// reply writes the refusal as the API does.
func (f *Refusal) reply(requestID string) reply {
	body := struct {
		RequestID string `json:"requestId,omitempty"`
		Code      string `json:"code,omitempty"`
		Message   string `json:"message"`
	}{requestID, f.Code, f.Message}
	if f.Code == signatureEmpty {
		// Seen without a request id, in this form, by a third party.
		body.RequestID, requestID = "", ""
	}
	outcome := f.Code
	if outcome == "" {
		outcome = fmt.Sprintf("HTTP %d", f.Status)
	}
	return jsonReply(f.Status, outcome, requestID, body)
}

func jsonReply(status int, outcome, requestID string, value any) reply {
	body, err := json.Marshal(value)
	if err != nil {
		// A test put something into an Instance that JSON cannot express.
		return reply{status: http.StatusInternalServerError, outcome: "bad fixture",
			body: []byte("qianfantest: " + err.Error())}
	}
	return reply{status: status, outcome: outcome, requestID: requestID, body: body}
}

// write sends the reply. One that is truncated announces all of its body, sends
// half, and closes the connection.
func (a *reply) write(w http.ResponseWriter) {
	h := w.Header()
	for name, values := range a.header {
		h[name] = values
	}
	if a.html {
		h.Set("Content-Type", "text/html")
	} else {
		h.Set("Content-Type", "application/json; charset=utf-8")
	}
	if a.requestID != "" {
		h.Set("X-Bce-Request-Id", a.requestID)
	}
	h.Set("Content-Length", strconv.Itoa(len(a.body)))
	body := a.body
	if a.truncated {
		body = body[:len(body)/2]
	}
	w.WriteHeader(a.status)
	w.Write(body) // a caller who left needs no answer
	if a.truncated {
		http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
}
