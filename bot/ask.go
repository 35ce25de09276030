package bot

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/slack-go/slack"

	"computeunits/notify"
	"computeunits/qianfan"
)

// An answerer finds the responses to all that people say to the bot or do with
// it, and does what they ask for.
type answerer struct {
	units    *qianfan.Client
	notifier *notify.Notifier // nil: nothing is watched
	people   *people
	courier  *courier // for those who send more than the one response

	mu    sync.Mutex
	known []string // services that Qianfan has answered for, the latest last
	// shared are the answers posted to channels, so that a double click posts once.
	shared map[string]bool
}

// maxKnown is how many services are remembered for "did you mean".
const maxKnown = 256

// words is the whole way from what somebody wrote to the response.
func (a *answerer) words(ctx context.Context, w asking) response {
	q, bad := parse(strings.ReplaceAll(w.text, "<@"+a.people.self(nil).user+">", ""))
	switch {
	case bad != nil:
		r := bad.reply()
		if line, ok := strings.CutPrefix(bad.suggestion, "/computeunits "); ok {
			r.blocks = append(r.blocks, sayRow(w.Book, line))
		}
		return response{rendering: r}
	case q == qianfan.Query{}:
		r := usage()
		r.blocks = append(r.blocks, sayRow(w.Book, "svco-48exxxa594 prepaid", "svco-48exxxa594", "help"))
		return response{rendering: r}
	}
	reading, err := a.units.ComputeUnits(ctx, q)
	if err != nil {
		w.log.WarnContext(ctx, "could not ask Qianfan", "service", q.ServiceID, "error", err)
		return response{rendering: a.failed(q, err)}
	}
	a.remember(q.ServiceID)
	return response{rendering: a.sheet(ctx, w, NewAnswer(q, reading)).rendering(w)}
}

// failed explains an error, and for an unknown service names one that is
// spelled almost alike, if there is one.
func (a *answerer) failed(q qianfan.Query, err error) rendering {
	r := plain(Explain(err))
	if known := a.alike(q.ServiceID); known != "" && unknownService(err) {
		r = (&misunderstanding{Explain(err), commandFor(qianfan.Query{ServiceID: known, Timing: q.Timing})}).reply()
	}
	r.blocks = append([]slack.Block{header("No answer for " + q.ServiceID)}, r.blocks...)
	return r
}

// remember keeps a service for suggestions.
func (a *answerer) remember(service string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for i := len(a.known) - 1; i >= 0; i-- {
		if a.known[i] == service {
			return
		}
	}
	if len(a.known) == maxKnown {
		a.known = a.known[1:]
	}
	a.known = append(a.known, service)
}

// alike returns the known service nearest to a mistyped one, or "".
func (a *answerer) alike(service string) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	best, distance := "", 3
	for _, s := range a.known {
		if d := slips(s, service); d > 0 && d < distance {
			best, distance = s, d
		}
	}
	return best
}

// unknownService reports whether Qianfan answered that there is no such service.
func unknownService(err error) bool {
	e, ok := errors.AsType[*qianfan.Error](err)
	return ok && (e.Code == "ResourceNotFound" || e.Code == "" && e.Status == http.StatusNotFound)
}

// reply says why, and what was probably meant. A suggestion is repeated for
// copying, never acted on.
func (m *misunderstanding) reply() rendering {
	hint := tryHelp
	if m.suggestion != "" {
		hint = "Did you mean " + code(m.suggestion) + " ?"
	}
	return rendering{escape(m.Error()), []slack.Block{sentence(m.why), small(hint)}}
}

// usage is what help shows.
func usage() rendering {
	const lead = "I show the compute unit instances of a Qianfan service and when they expire."
	examples := []struct{ line, what string }{
		{"/computeunits svco-48exxxa594 prepaid", "the instances bought in advance, soonest expiry first"},
		{"/computeunits svco-48exxxa594 postpaid", "those paid as they are used"},
		{"/computeunits svco-48exxxa594", "all of them"},
		{"/computeunits help", "this text"},
	}
	const tail = "A service's id stands in the Qianfan console under Online services. The words 预付费 and 后付费 work too. Only you see the answers."
	var plain, lines strings.Builder
	for _, e := range examples {
		fmt.Fprintf(&plain, "\n• %s: %s", e.line, e.what)
		fmt.Fprintf(&lines, "\n• %s — %s", code(e.line), e.what)
	}
	return rendering{escape(lead + plain.String() + "\n" + tail), []slack.Block{
		header("Compute units of Qianfan"),
		slack.NewSectionBlock(marked(lead+lines.String()), nil, nil),
		small(tail)}}
}
