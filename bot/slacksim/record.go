package slacksim

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"
)

// Limits of the record; older entries are forgotten.
const (
	maxCalls      = 10_000
	maxComplaints = 1_000
)

// Call is a request that reached the workspace.
type Call struct {
	Time   time.Time // UTC
	Method string    // of the Web API, or "response_url", "link"
	Token  TokenKind // "" for none or an unknown one
	// Args are the arguments, of a form or a JSON body: strings as they are, all
	// else as JSON text. The token is not among them.
	Args map[string]string
	// Status is the HTTP status of the answer; 0 when the connection was cut.
	Status int
	// Error is the code the client got; "" for ok.
	Error string
}

// journal is the independent record of what happened. It has a lock of its own
// so that it can be written with and without Workspace.mu.
type journal struct {
	mu         sync.Mutex
	calls      ring[Call]
	complaints ring[string]
}

func newJournal() *journal {
	return &journal{calls: ring[Call]{limit: maxCalls}, complaints: ring[string]{limit: maxComplaints}}
}

// Calls lists the requests for a method, oldest first; "" lists those for all
// methods. The last 10,000 are remembered.
func (w *Workspace) Calls(method string) []Call {
	w.journal.mu.Lock()
	defer w.journal.mu.Unlock()
	var list []Call
	for c := range w.journal.calls.all() {
		if method == "" || c.Method == method {
			c.Args = maps.Clone(c.Args)
			list = append(list, c)
		}
	}
	return list
}

func (w *Workspace) record(c Call) {
	w.cfg.Logger.Debug("slacksim: request", "method", c.Method, "status", c.Status, "error", c.Error)
	w.journal.mu.Lock()
	defer w.journal.mu.Unlock()
	w.journal.calls.push(c)
}

// Complaints lists what the app did that an app should not do, oldest first:
// sentences for people. Slack itself keeps silent about most of it. The last
// 1,000 are remembered.
func (w *Workspace) Complaints() []string {
	w.journal.mu.Lock()
	defer w.journal.mu.Unlock()
	return slices.Collect(w.journal.complaints.all())
}

// complain notes a complaint.
func (w *Workspace) complain(format string, args ...any) {
	sentence := fmt.Sprintf(format, args...)
	w.cfg.Logger.Debug("slacksim: complaint", "sentence", sentence)
	w.journal.mu.Lock()
	defer w.journal.mu.Unlock()
	w.journal.complaints.push(sentence)
}
