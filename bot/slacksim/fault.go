package slacksim

import (
	"cmp"
	"context"
	"math"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// Fault is something that goes wrong at Slack. The zero value of a field
// leaves its part out; a fault with only a Delay lets the request succeed late.
type Fault struct {
	// Method is a Web API method, "response_url", "link" (the dial of a
	// WebSocket), "hello" (the greeting, followed at once by a disconnect frame
	// with Error as its reason), or "*" for any request.
	Method string
	// Times is how often it happens; 0: until Mend.
	Times int
	// Delay passes before anything else, or, with Commit, before the answer.
	Delay time.Duration
	// Commit does what was asked first and fails then.
	Commit bool
	// Late is how long after its answer, which must be one of the below, the request
	// is carried out.
	Late time.Duration
	// Drop cuts the TCP connection without an answer.
	Drop bool
	// Status is the HTTP status; 0 is 429 with RetryAfter, otherwise 200.
	Status int
	// Error is the code in {"ok":false,"error":…}.
	Error string
	// RetryAfter becomes a Retry-After header, in whole seconds, rounded up.
	RetryAfter time.Duration
	// Body replaces the whole body of the answer.
	Body string
}

// fails reports whether the fault has an answer of its own.
func (f Fault) fails() bool {
	return f.Drop || f.Status != 0 || f.Error != "" || f.RetryAfter != 0 || f.Body != ""
}

// Inject makes a fault happen, after those injected before it for the same
// method are used up.
func (w *Workspace) Inject(f Fault) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.faults = append(w.faults, f)
}

// Mend removes all faults.
func (w *Workspace) Mend() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.faults = nil
}

// takeFault uses the first fault for a method once; the zero Fault is none.
func (w *Workspace) takeFault(method string) Fault {
	w.mu.Lock()
	defer w.mu.Unlock()
	f, _ := w.matchFault(method)
	return f
}

// matchFault finds and uses a fault. w.mu is held.
func (w *Workspace) matchFault(method string) (Fault, bool) {
	for i := range w.faults {
		f := &w.faults[i]
		if f.Method != method && (f.Method != "*" || method == "hello") {
			continue
		}
		taken := *f
		if f.Times == 1 {
			w.faults = slices.Delete(w.faults, i, i+1)
		} else if f.Times > 1 {
			f.Times--
		}
		return taken, true
	}
	return Fault{}, false
}

// misbehave lets a fault happen at one of its two moments, before or after the
// request was carried out, and reports whether it has answered.
func (w *Workspace) misbehave(rw http.ResponseWriter, r *http.Request, f Fault, committed bool, c *Call) bool {
	if f.Commit != committed {
		return false
	}
	w.wait(r.Context(), f.Delay)
	if !f.fails() {
		return false
	}
	w.answerFault(rw, f, c)
	return true
}

// answerFault gives the fault's answer and records the call.
func (w *Workspace) answerFault(rw http.ResponseWriter, f Fault, c *Call) {
	if f.Drop {
		c.Status, c.Error = 0, "dropped"
		w.record(*c)
		panic(http.ErrAbortHandler)
	}
	c.Error = f.Error
	c.Status = cmp.Or(f.Status, http.StatusOK)
	if f.RetryAfter > 0 {
		rw.Header().Set("Retry-After", seconds(f.RetryAfter))
		c.Status = cmp.Or(f.Status, http.StatusTooManyRequests)
	}
	if c.Status == http.StatusTooManyRequests {
		c.Error = cmp.Or(c.Error, "ratelimited")
	}
	w.record(*c)
	switch {
	case f.Body != "":
		rw.WriteHeader(c.Status)
		rw.Write([]byte(f.Body))
	case c.Error != "":
		writeJSON(rw, c.Status, map[string]any{"ok": false, "error": c.Error})
	default: // a gateway's page
		http.Error(rw, http.StatusText(c.Status), c.Status)
	}
}

// wait lets time pass for a request; less when the client or the workspace
// goes.
func (w *Workspace) wait(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	case <-w.done:
	}
}

// HideReplyCounts has the history leave out how many replies a message has, as
// Slack's does for a while after a reply.
func (w *Workspace) HideReplyCounts(hide bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.countless = hide
}

// seconds is a duration as a Retry-After header has it.
func seconds(d time.Duration) string {
	return strconv.Itoa(int(math.Ceil(d.Seconds())))
}

func writeJSON(rw http.ResponseWriter, status int, body map[string]any) {
	data := encode(body)
	rw.Header().Set("Content-Type", "application/json; charset=utf-8")
	rw.WriteHeader(status)
	rw.Write(data)
}
