package bot

import (
	"context"
	"time"

	"github.com/slack-go/slack"

	"computeunits/bot/grammar"
	"computeunits/bot/phrase"
)

// maxEntries is how many entries a page of a list has at most; fewer when they
// are so long that Slack would not take them.
const maxEntries = 20

// A folio is one page of a list that people leaf through: of what expires, or of
// what is watched. A button asks for it anew by the line that it answers, so that
// it works after a restart and on an old message.
type folio struct {
	line    string // the request, as people write it
	begin   int    // entries before the page
	private bool   // only one person sees it, who may post it to the channel
	posted  string // what is said of that, when they did
	bare    bool   // without buttons: what is posted stands as it is
}

// folioOf is the first page for what somebody wrote.
func folioOf(w asking, r grammar.Request) folio {
	return folio{line: r.Line(), private: w.origin == byCommand && !w.direct}
}

// clamp moves the page to the beginning when so few entries are left that there
// would be nothing on it.
func (f folio) clamp(total int) folio {
	if f.begin >= total {
		f.begin = 0
	}
	return f
}

// rendering draws p, whose first list has the entries from the page on, of total
// ones. Every entry stands as a whole on some page.
func (f folio) rendering(book *phrase.Book, p page, total int) rendering {
	shown := 0
	if len(p.lists) > 0 {
		l := &p.lists[0]
		for l.n = min(l.n, maxEntries); l.n > 1; l.n-- {
			if _, whole := p.fit(book); whole {
				break
			}
		}
		shown = l.n
	}
	if shown < total {
		p.notes = append(p.notes, book.Say("page.which", "first", f.begin+1, "last", f.begin+shown, "of", total))
	}
	if f.posted != "" {
		p.notes = append(p.notes, f.posted)
	}
	if !f.bare {
		p.controls = f.controls(book, f.begin+shown, total)
	}
	return rendering{p.text(book), p.blocks(book)}
}

// controls are the buttons below a page that ends before the entry after.
func (f folio) controls(book *phrase.Book, after, total int) []slack.Block {
	again := deed{act: actLeaf, line: f.line, skip: f.begin}
	if len(again.encode()) > maxButtonValue-100 {
		return nil
	}
	row := []slack.BlockElement{again.button("again", book.Say("button.refresh"), book.Say("button.refresh")+" "+f.line)}
	if f.private && f.posted == "" {
		d := again
		d.act = actShare
		row = append(row, d.button("", book.Say("button.share"), book.Say("button.share.label")))
	}
	return append([]slack.Block{slack.NewActionBlock("", row...)}, turn(book, again, f.begin, maxEntries, after, total)...)
}

// turn are the buttons that lead to the pages before and after: again is the one
// from the entry begin on, which ends before the entry after.
func turn(book *phrase.Book, again deed, begin, per, after, total int) []slack.Block {
	var row []slack.BlockElement
	if begin > 0 {
		again.skip = max(begin-per, 0)
		row = append(row, again.button("previous", book.Say("button.previous"), book.Say("button.previous.label")))
	}
	if after < total {
		again.skip = after
		row = append(row, again.button("next", book.Say("button.next"), book.Say("button.next.label")))
	}
	if row == nil {
		return nil
	}
	return []slack.Block{slack.NewActionBlock("", row...)}
}

// list answers with a page of a list.
func (a *answerer) list(ctx context.Context, w asking, r grammar.Request, now time.Time, f folio) response {
	if r.Verb == grammar.Services {
		return a.services(ctx, w, now, f)
	}
	return a.outlook(ctx, w, r, now, f)
}

// leaf answers anew in the place of a page: as of now, or another page.
func (a *answerer) leaf(ctx context.Context, w asking, d deed, private bool) response {
	if refused, ok := a.mayAsk(w); !ok {
		return refused
	}
	now := a.now()
	r, said, ok := a.requested(ctx, w, d, now)
	if !ok {
		return said
	}
	w, by := a.changing(w, private)
	said = a.list(ctx, w, r, now, folio{line: d.line, begin: d.skip, private: private})
	said.replace = !said.private
	if said.replace {
		said.blocks = append(said.blocks, by...)
	}
	return said
}

// requested reads the request that a button carries, or says why that is none: its
// time may have passed.
func (a *answerer) requested(ctx context.Context, w asking, d deed, now time.Time) (r grammar.Request, said response, ok bool) {
	r, bad := grammar.Parse(escape(d.line), grammar.Context{Now: now, Zone: w.zone})
	switch {
	case bad != nil:
		return r, response{rendering: misunderstood(w.dialect(), bad), private: true}, false
	case r.Verb.Changes():
		return r, strange(ctx, w), false
	}
	return r, response{}, true
}

// changing is the asking of who changes a message in its place, and what is said
// of them where others see it, in the language of those.
func (a *answerer) changing(w asking, private bool) (asking, []slack.Block) {
	if private || w.direct {
		return w, nil
	}
	w = a.aloud(w)
	return w, []slack.Block{small(w.Say("share.shown", "who", mention(w.user)))}
}
