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
func (w *Workspace) takeFault(method string, args arguments) Fault {
	w.mu.Lock()
	defer w.mu.Unlock()
	f, _ := w.matchFault(method, args)
	return f
}

// matchFault finds and uses a fault. w.mu is held.
func (w *Workspace) matchFault(method string, args arguments) (Fault, bool) {
	for i := range w.faults {
		f := &w.faults[i]
		if f.Method != method && (f.Method != "*" || method == "hello") || f.Channel != "" && f.Channel != args["channel"] {
			continue
		}
		if f.met++; f.Every > 1 && f.met%f.Every != 0 {
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

// carryOutLate answers with a fault and does what was asked afterwards.
func (w *Workspace) carryOutLate(rw http.ResponseWriter, r *http.Request, f Fault, c *Call, token string) {
	asked := *c
	w.mu.Lock()
	if !w.closed {
		w.running.Go(func() {
			w.wait(context.Background(), f.Delay+f.Late)
			select {
			case <-w.done:
			default:
				w.perform(&asked, token)
			}
		})
	}
	w.mu.Unlock()
	w.wait(r.Context(), f.Delay)
	f.Drop = f.Drop || !f.fails()
	w.answerFault(rw, f, c)
}

// HideReplyCounts has the history leave out how many replies a message has, as
// Slack's does for a while after a reply.
func (w *Workspace) HideReplyCounts(hide bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.countless = hide
}

// LagReplyCounts has the history tell of replies so long after they came; until
// then their thread is none. Zero: at once.
func (w *Workspace) LagReplyCounts(lag time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.countLag = lag
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
