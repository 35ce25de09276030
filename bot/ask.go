package bot

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"
	"unicode"

	"github.com/slack-go/slack"

	"computeunits/bot/grammar"
	"computeunits/notify"
	"computeunits/qianfan"
)

// maxKnown is how many services are remembered for "did you mean".
const maxKnown = 256

// ask asks Qianfan and says what it answered.
func (a *answerer) ask(ctx context.Context, w asking, q qianfan.Query) response {
	reading, err := a.units.ComputeUnits(ctx, q)
	if err != nil {
		return a.unanswered(ctx, w, q, err)
	}
	a.remember(q.ServiceID)
	return response{rendering: a.sheet(ctx, w, NewAnswer(q, reading)).rendering(w.dialect())}
}

// unanswered says to the person alone why Qianfan did not answer, what it said
// last, and where the log has the cause. For an unknown service it offers one
// that is spelled almost alike, if there is one.
func (a *answerer) unanswered(ctx context.Context, w asking, q qianfan.Query, err error) response {
	w = w.aside()
	w.log.WarnContext(ctx, "could not ask Qianfan", "service", q.ServiceID, "error", err)
	why := explain(w.Book, err)
	r := plain(why)
	known := a.alike(q.ServiceID)
	meant := grammar.Request{Verb: grammar.Ask, Service: known, Timing: q.Timing}
	suggested := known != "" && unknownService(err)
	if suggested {
		r = suggest(w.dialect(), why, meant)
	}
	r.blocks = append([]slack.Block{header(w.Say("ask.failed", "service", q.ServiceID))}, r.blocks...)
	last, ok := a.lastKnown(ctx, w, q)
	if ok {
		r.text += "\n" + last.text(w.Book)
		r.blocks = append(r.blocks, last.blocks(w.Book)...)
	}
	logged := w.Say("error.logged", "id", w.id)
	r.text = clip(r.text, maxText-maxLogged) + "\n" + logged
	r.blocks = append(r.blocks, small(logged))
	if suggested {
		r.blocks = append(r.blocks, sayButtons(w.Book, meant)...)
	}
	return response{rendering: r, private: true}
}

const (
	lastTimeout = 2 * time.Second // for what the ledger knows, when Qianfan took all the time there was
	maxLogged   = 200             // characters of the line that names the id
)

// lastKnown is what a watched service had when it was last read; false when
// nothing is known of it.
func (a *answerer) lastKnown(ctx context.Context, w asking, q qianfan.Query) (page, bool) {
	if a.notifier == nil || q.Timing == qianfan.Postpaid {
		return page{}, false
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastTimeout)
	defer cancel()
	now := a.now()
	o, err := a.notifier.Expiring(ctx, now, now.Add(farAhead), 0, maxSearched)
	if err != nil {
		w.log.WarnContext(ctx, "cannot read what Qianfan said last", "service", q.ServiceID, "error", err)
		return page{}, false
	}
	s := scribe{notify.Announcement{At: now, Items: only(o, q.ServiceID).Items}, w.Book}
	if len(s.Items) == 0 {
		return page{}, false
	}
	for i := range s.Items {
		s.Items[i].Stale = false // the lead says so of all
	}
	lead := s.Say("ask.last", "ago", s.Ago(now.Sub(oldestRead(s.Items))))
	return page{lead: lead, lists: []list{s.items("", false)}}, true
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
