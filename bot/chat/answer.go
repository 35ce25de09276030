package chat

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"computeunits/bot/action"
	"computeunits/bot/blocks"
	"computeunits/bot/interaction"
	"computeunits/bot/messages"
	"computeunits/bot/people"
	"computeunits/bot/reply"
	"computeunits/qianfan"
)

// answerPage finds what the bot knows besides the answer. What it cannot find is left
// out: the answer is what was asked for.
func (a asker) answerPage(ctx context.Context, w Turn, answer messages.Answer) messages.AnswerPage {
	s := messages.AnswerPage{Answer: answer, Private: w.Origin == interaction.ByCommand && !w.Direct}
	if a.Notifier == nil {
		return s
	}
	wish, cancel := a.Notifier.Ledger.Within(ctx, people.WishTimeout)
	defer cancel()
	watched, held, err := a.Notifier.Reports().Service(wish, answer.Service)
	if err == nil {
		s.Watch, s.Watched, s.Pauses = true, watched, held
	} else {
		w.Log.WarnContext(ctx, "an answer lacks what the ledger knows", "service", answer.Service, "error", err)
	}
	return s
}

// refresh answers anew in the place of the message: as of now, of another payment
// timing, or another page.
func (a asker) refresh(ctx context.Context, w Turn, d action.Action, private bool) reply.Reply {
	w, by := lister(a).changing(w, private)
	s, said, ok := a.reread(ctx, w, d, private)
	if !ok {
		return said
	}
	r := s.Message(w.dialect())
	r.Blocks = append(r.Blocks, by...)
	return reply.Reply{Message: r, Replace: true}
}

// reread asks Qianfan again for what an action says, or has a response that says
// why there is no answer, and leaves the old one standing.
func (a asker) reread(ctx context.Context, w Turn, d action.Action, private bool) (s messages.AnswerPage, said reply.Reply, ok bool) {
	if refused, ok := a.MayAsk(w.forPerson()); !ok {
		return s, refused, false
	}
	q := qianfan.Query{ServiceID: d.Service, Timing: d.Timing}
	reading, err := a.Units.ComputeUnits(ctx, q)
	if err != nil {
		return s, a.unanswered(ctx, w, q, err), false
	}
	s = a.answerPage(ctx, w, messages.NewAnswer(q, reading))
	s.Skip, s.Private = d.Skip, private
	return s, reply.Reply{}, true
}

// sayAgain does what a person would get for a line. A double click says it once.
func (a asker) sayAgain(ctx context.Context, w Turn, d action.Action) reply.Reply {
	if !a.claimFor(doubleClick, strings.Join([]string{w.Channel, w.TS, w.User, d.Line}, "/")) {
		return reply.Reply{}
	}
	w.Text = blocks.Escape(d.Line)
	return a.Words(ctx, w)
}

// doubleClick is within what time the same press is taken for one.
const doubleClick = 3 * time.Second

// claimFor reports whether nobody did the same within some time, as far as this
// process remembers: maxKnown of such claims, those that hold longest.
func (a *Chat) claimFor(within time.Duration, key string) bool {
	now := time.Now()
	a.mu.Lock()
	defer a.mu.Unlock()
	if until, ok := a.done[key]; ok && now.Before(until) {
		return false
	}
	if a.done == nil {
		a.done = make(map[string]time.Time)
	}
	if len(a.done) >= maxKnown {
		maps.DeleteFunc(a.done, func(_ string, until time.Time) bool { return !now.Before(until) })
	}
	if len(a.done) >= maxKnown {
		delete(a.done, slices.MinFunc(slices.Collect(maps.Keys(a.done)), func(x, y string) int { return a.done[x].Compare(a.done[y]) }))
	}
	a.done[key] = now.Add(within)
	return true
}
