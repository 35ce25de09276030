package chat

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/slack-go/slack"

	"computeunits/bot/blocks"
	"computeunits/bot/grammar"
	"computeunits/bot/messages"
	"computeunits/bot/reply"
	"computeunits/notify/plan"
	"computeunits/qianfan"
)

// ask asks Qianfan and says what it answered.
func (a asker) ask(ctx context.Context, w Turn, q qianfan.Query) reply.Reply {
	reading, err := a.Units.ComputeUnits(ctx, q)
	if err != nil {
		return a.unanswered(ctx, w, q, err)
	}
	a.remember(q.ServiceID)
	return reply.Reply{Message: a.answerPage(ctx, w, messages.NewAnswer(q, reading)).Message(w.dialect())}
}

// unanswered says to the person alone why Qianfan did not answer, what it said
// last, and where the log has the cause. For an unknown service it offers one
// that is spelled almost alike, if there is one.
func (a asker) unanswered(ctx context.Context, w Turn, q qianfan.Query, err error) reply.Reply {
	w = w.forPerson()
	w.Log.WarnContext(ctx, "could not ask Qianfan", "service", q.ServiceID, "error", err)
	why := messages.ExplainIn(w.Book, err)
	r := messages.Text(why)
	known := a.alike(q.ServiceID)
	meant := grammar.Request{Verb: grammar.Ask, Service: known, Timing: q.Timing}
	suggested := known != "" && unknownService(err)
	if suggested {
		r = messages.Suggest(w.dialect(), why, meant)
	}
	r.Blocks = append([]slack.Block{blocks.Header(w.Say("ask.failed", "service", q.ServiceID))}, r.Blocks...)
	last, ok := a.lastKnown(ctx, w, q)
	if ok {
		r.Text += "\n" + last.Text(w.Book)
		r.Blocks = append(r.Blocks, last.Blocks(w.Book)...)
	}
	logged := w.Say("error.logged", "id", w.ID)
	r.Text = blocks.ClipBytes(r.Text, messages.MaxText-blocks.Size("\n"+logged)) + "\n" + logged
	r.Blocks = append(r.Blocks, blocks.Context(logged))
	if suggested {
		r.Blocks = append(r.Blocks, messages.SayButtons(w.Book, meant)...)
	}
	return reply.Reply{Message: r, Private: true}
}

// lastTimeout is for what the ledger knows, when Qianfan took all the time there was.
const lastTimeout = 2 * time.Second

// lastKnown is what a watched service had when it was last read; false when
// nothing is known of it.
func (a asker) lastKnown(ctx context.Context, w Turn, q qianfan.Query) (messages.Layout, bool) {
	if a.Notifier == nil || q.Timing == qianfan.Postpaid {
		return messages.Layout{}, false
	}
	ctx, cancel := a.Notifier.Ledger.Within(context.WithoutCancel(ctx), lastTimeout)
	defer cancel()
	now := a.Now()
	o, err := a.Notifier.Reports().Expiring(ctx, now, now.Add(messages.FarAhead), 0, MaxSearched)
	if err != nil {
		w.Log.WarnContext(ctx, "cannot read what Qianfan said last", "service", q.ServiceID, "error", err)
		return messages.Layout{}, false
	}
	s := messages.Words{Announcement: plan.Announcement{At: now, Items: messages.OfService(o, q.ServiceID).Items}, Book: w.Book}
	if len(s.Items) == 0 {
		return messages.Layout{}, false
	}
	for i := range s.Items {
		s.Items[i].Stale = false // the lead says so of all
	}
	lead := s.Say("ask.last", "ago", s.Ago(now.Sub(messages.OldestRead(s.Items))))
	return messages.Layout{Lead: lead, Lists: []messages.List{s.ItemList("", false)}}, true
}

// remember keeps a service for suggestions.
func (a *Chat) remember(service string) {
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
func (a asker) alike(service string) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	best, distance := "", 3
	for _, s := range a.known {
		if d := grammar.Slips([]rune(s), []rune(service), distance); d > 0 && d < distance {
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
