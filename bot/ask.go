package bot

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"unicode"

	"github.com/slack-go/slack"

	"computeunits/bot/grammar"
	"computeunits/qianfan"
)

// maxKnown is how many services are remembered for "did you mean".
const maxKnown = 256

// ask asks Qianfan and says what it answered.
func (a *answerer) ask(ctx context.Context, w asking, q qianfan.Query) rendering {
	reading, err := a.units.ComputeUnits(ctx, q)
	if err != nil {
		w.log.WarnContext(ctx, "could not ask Qianfan", "service", q.ServiceID, "error", err)
		return a.failure(w, q, err)
	}
	a.remember(q.ServiceID)
	return a.sheet(ctx, w, NewAnswer(q, reading)).rendering(w)
}

// failure is failed with the suggestion as a button.
func (a *answerer) failure(w asking, q qianfan.Query, err error) rendering {
	r := a.failed(w.dialect(), q, err)
	if known := a.alike(q.ServiceID); known != "" && unknownService(err) {
		r.blocks = append(r.blocks, sayButtons(w, grammar.Request{Verb: grammar.Ask, Service: known, Timing: q.Timing})...)
	}
	return r
}

// failed explains an error, and for an unknown service names one that is
// spelled almost alike, if there is one.
func (a *answerer) failed(d dialect, q qianfan.Query, err error) rendering {
	r := plain(explain(d.Book, err))
	if known := a.alike(q.ServiceID); known != "" && unknownService(err) {
		r = suggest(d, explain(d.Book, err), grammar.Request{Verb: grammar.Ask, Service: known, Timing: q.Timing})
	}
	r.blocks = append([]slack.Block{header(d.Say("ask.failed", "service", q.ServiceID))}, r.blocks...)
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

// slips counts the single-letter insertions, deletions, substitutions and
// swaps of neighbours between a and b (optimal string alignment distance).
func slips(a, b string) int {
	s, t := []rune(a), []rune(b)
	if len(s) > 32 {
		return len(s)
	}
	before, last := make([]int, len(t)+1), make([]int, len(t)+1)
	for j := range last {
		last[j] = j
	}
	for i := range s {
		row := make([]int, len(t)+1)
		row[0] = i + 1
		for j := range t {
			cost := 1
			if s[i] == t[j] {
				cost = 0
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, last[j]+cost)
			if i > 0 && j > 0 && s[i] == t[j-1] && s[i-1] == t[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last = last, row
	}
	return last[len(t)]
}

// fold brings typed text to one form: lower case, full-width letters and signs
// (as Chinese keyboards write them) to ASCII, every kind of space to a plain
// one, and invisible and control characters away.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '！' && r <= '～':
			r -= '！' - '!'
		case unicode.IsSpace(r):
			return ' '
		case unicode.Is(unicode.Cf, r), unicode.IsControl(r), r == unicode.ReplacementChar:
			return -1
		}
		return unicode.ToLower(r)
	}, s)
}
