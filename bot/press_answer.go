package bot

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"computeunits/bot/phrase"
	"computeunits/notify"
	"computeunits/qianfan"
)

// maxPaused is how many instances an answer names as acknowledged or snoozed.
const maxPaused = 10

// A sheet is an answer with what the bot knows besides: one page of it is shown,
// with the buttons that lead to the others.
type sheet struct {
	Answer
	skip    int                            // instances before the page
	watched bool                           // the service
	watch   bool                           // it can be
	pauses  map[notify.Expiry]notify.Pause // what people answered to its reminders
	private bool                           // only one person sees it, who may post it to the channel
	posted  string                         // what is said of that, when they did
}

// sheet finds what the bot knows besides the answer. What it cannot find is left
// out: the answer is what was asked for.
func (a *answerer) sheet(ctx context.Context, w asking, answer Answer) sheet {
	s := sheet{Answer: answer, private: w.origin == byCommand && !w.direct}
	if a.notifier == nil {
		return s
	}
	watches, err := a.notifier.Watches(ctx)
	if err == nil {
		s.watch = true
		s.watched = slices.ContainsFunc(watches, func(one notify.Watch) bool { return one.Service == answer.service })
		s.pauses, err = a.notifier.Pauses(ctx, answer.service)
	}
	if err != nil {
		w.log.WarnContext(ctx, "an answer lacks what the ledger knows", "service", answer.service, "error", err)
	}
	return s
}

// perPage is how many instances fit on a page whatever they are: all that are
// drawn as sections, else the rows of a table, which shows a bounded number of
// characters.
func (s sheet) perPage() int {
	const plain = 110 // characters of a row besides its foreign text
	longest := plain
	for _, in := range s.instances {
		foreign := min(runes(in.ID), maxQuoted) + min(runes(in.ExpiresRaw), maxQuoted) +
			min(runes(string(in.Status)), 31) + min(runes(string(in.Timing)), 31)
		longest = max(longest, plain+foreign)
	}
	return max(maxSections, min(maxRows-1, (maxTableRunes-200)/longest))
}

// first is where the page with an instance begins.
func (s sheet) first(skip int) int {
	per := s.perPage()
	last := max(len(s.instances)-1, 0)
	return min(max(skip, 0), last) / per * per
}

// rendering draws the page and its buttons. It is a pure function.
func (s sheet) rendering(d dialect) rendering {
	begin, per := s.first(s.skip), s.perPage()
	page := s.Answer
	page.instances = s.instances[begin:min(begin+per, len(s.instances))]
	r := page.rendering(d)
	if len(page.instances) < len(s.instances) {
		whole := s.Answer.rendering(d)
		r.text = whole.text
		r.blocks[1] = whole.blocks[1] // what is said of all
		r.blocks = append(r.blocks, small(d.Say("page.which", "first", begin+1, "last", begin+len(page.instances), "of", len(s.instances))))
	}
	if lines := s.paused(d.Book, page.instances); len(lines) > 0 {
		r.blocks = append(r.blocks, small(strings.Join(lines, "\n")))
	}
	if s.posted != "" {
		r.blocks = append(r.blocks, small(s.posted))
	}
	r.blocks = append(r.blocks, s.controls(d.Book, begin, per)...)
	return r
}

// paused says of which instances somebody takes care, and which are snoozed.
func (s sheet) paused(book *phrase.Book, instances []qianfan.Instance) []string {
	var lines []string
	for _, in := range instances {
		p := s.pauses[notify.Expiry{Service: s.service, Instance: in.ID, Expires: in.Expires.UTC()}]
		if said := paused(book, p, func(t time.Time) string { return dateToken(book, t) }); said != "" {
			lines = append(lines, code(in.ID)+" "+said)
		}
	}
	if rest := len(lines) - maxPaused; rest > 0 {
		lines = append(lines[:maxPaused], book.Count("list.rest", rest))
	}
	return lines
}

// controls are the buttons below a page.
func (s sheet) controls(book *phrase.Book, begin, per int) []slack.Block {
	again := deed{act: actAsk, service: s.service, timing: s.timing, skip: begin}
	elements := []slack.BlockElement{again.button("again", book.Say("button.refresh"), book.Say("button.refresh")+" "+s.service)}
	for _, timing := range []qianfan.PaymentTiming{qianfan.Prepaid, qianfan.Postpaid, ""} {
		if timing == s.timing {
			continue
		}
		d := deed{act: actAsk, service: s.service, timing: timing}
		elements = append(elements, d.button("timing."+strings.ToLower(string(timing)), timingName(book, timing), ""))
	}
	if s.private && s.posted == "" {
		d := again
		d.act, d.drawn = actShare, s.at
		elements = append(elements, d.button("", book.Say("button.share"), book.Say("button.share.label")))
	}
	if s.watch {
		text := book.Say("button.watch")
		if s.watched {
			text = book.Say("button.settings")
		}
		elements = append(elements, deed{act: actSettings, service: s.service}.button("", text, text+" "+s.service))
	}
	row := slack.NewActionBlock("", elements...)
	return append([]slack.Block{row}, turn(book, again, begin, per, begin+per, len(s.instances))...)
}

func timingName(book *phrase.Book, timing qianfan.PaymentTiming) string {
	switch timing {
	case qianfan.Prepaid:
		return book.Say("button.prepaid")
	case qianfan.Postpaid:
		return book.Say("button.postpaid")
	default:
		return book.Say("button.all")
	}
}

// again answers anew in the place of the message: as of now, of another payment
// timing, or another page.
func (a *answerer) again(ctx context.Context, w asking, d deed, private bool) response {
	w, by := a.changing(w, private)
	s, said, ok := a.reread(ctx, w, d, private)
	if !ok {
		return said
	}
	r := s.rendering(w.dialect())
	r.blocks = append(r.blocks, by...)
	return response{rendering: r, replace: true}
}

// reread asks Qianfan again for what a deed says, or has a response that says
// why there is no answer, and leaves the old one standing.
func (a *answerer) reread(ctx context.Context, w asking, d deed, private bool) (s sheet, said response, ok bool) {
	if refused, ok := a.mayAsk(w.aside()); !ok {
		return s, refused, false
	}
	q := qianfan.Query{ServiceID: d.service, Timing: d.timing}
	reading, err := a.units.ComputeUnits(ctx, q)
	if err != nil {
		return s, a.unanswered(ctx, w, q, err), false
	}
	s = a.sheet(ctx, w, NewAnswer(q, reading))
	s.skip, s.private = d.skip, private
	return s, response{}, true
}

// sayRow are buttons that do as if the person had written a line.
func sayRow(book *phrase.Book, lines ...string) slack.Block {
	var elements []slack.BlockElement
	for i, line := range lines {
		d := deed{act: actSay, line: line}
		if len(d.encode()) <= maxButtonValue && i < maxSays {
			elements = append(elements, d.button(string(rune('a'+i)), line, book.Say("button.say.label", "line", line)))
		}
	}
	return slack.NewActionBlock("", elements...)
}

// maxSays is how many lines are offered as buttons.
const maxSays = 5

// sayAgain does what a person would get for a line. A double click says it once.
func (a *answerer) sayAgain(ctx context.Context, w asking, d deed) response {
	if !a.claimFor(doubleClick, strings.Join([]string{w.channel, w.ts, w.user, d.line}, "/")) {
		return response{}
	}
	w.text = escape(d.line)
	return a.words(ctx, w)
}

// doubleClick is within what time the same press is taken for one.
const doubleClick = 3 * time.Second

// claimFor reports whether nobody did the same within some time, as far as this
// process remembers.
func (a *answerer) claimFor(within time.Duration, key string) bool {
	now := time.Now()
	a.mu.Lock()
	defer a.mu.Unlock()
	if at, ok := a.done[key]; ok && now.Sub(at) < within {
		return false
	}
	if a.done == nil || len(a.done) >= maxKnown {
		a.done = make(map[string]time.Time)
	}
	a.done[key] = now
	return true
}
