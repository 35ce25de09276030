package messages

import (
	"computeunits/bot/action"
	"computeunits/bot/phrase"

	"github.com/slack-go/slack"
)

// MaxEntries is how many entries a page of a list has at most; fewer when they
// are so long that Slack would not take them.
const MaxEntries = 20

// A ListPage is one page of a list that people leaf through: of what expires, or of
// what is watched. A button asks for it anew by the line that it answers, so that
// it works after a restart and on an old message.
type ListPage struct {
	Line    string // the request, as people write it
	Begin   int    // entries before the page
	Private bool   // only one person sees it, who may post it to the channel
	Posted  string // what is said of that, when they did
	Bare    bool   // without buttons: what is posted stands as it is
}

// Clamp moves the page to the beginning when so few entries are left that there
// would be nothing on it.
func (f ListPage) Clamp(total int) ListPage {
	if f.Begin >= total {
		f.Begin = 0
	}
	return f
}

// Message draws p, whose first list has the entries from the page on, of total
// ones. Every entry stands as a whole on some page.
func (f ListPage) Message(book *phrase.Book, p Layout, total int) Message {
	shown := 0
	if len(p.Lists) > 0 {
		l := &p.Lists[0]
		for l.N = min(l.N, MaxEntries); l.N > 1; l.N-- {
			if _, whole := p.fit(book); whole {
				break
			}
		}
		shown = l.N
	}
	if shown < total {
		p.notes = append(p.notes, book.Say("page.which", "first", f.Begin+1, "last", f.Begin+shown, "of", total))
	}
	if f.Posted != "" {
		p.notes = append(p.notes, f.Posted)
	}
	if !f.Bare {
		p.controls = f.controls(book, f.Begin+shown, total)
	}
	return Message{p.Text(book), p.Blocks(book)}
}

// controls are the buttons below a page that ends before the entry after.
func (f ListPage) controls(book *phrase.Book, after, total int) []slack.Block {
	again := action.Action{Kind: action.Page, Line: f.Line, Skip: f.Begin}
	if len(again.Encode()) > action.MaxButtonValue-100 {
		return nil
	}
	row := []slack.BlockElement{again.Button("again", book.Say("button.refresh"), book.Say("button.refresh")+" "+f.Line)}
	if f.Private && f.Posted == "" {
		d := again
		d.Kind = action.Share
		row = append(row, d.Button("", book.Say("button.share"), book.Say("button.share.label")))
	}
	return append([]slack.Block{slack.NewActionBlock("", row...)}, pageButtons(book, again, f.Begin, MaxEntries, after, total)...)
}

// turn are the buttons that lead to the pages before and after: again is the one
// from the entry begin on, which ends before the entry after.
func pageButtons(book *phrase.Book, again action.Action, begin, per, after, total int) []slack.Block {
	var row []slack.BlockElement
	if begin > 0 {
		again.Skip = max(begin-per, 0)
		row = append(row, again.Button("previous", book.Say("button.previous"), book.Say("button.previous.label")))
	}
	if after < total {
		again.Skip = after
		row = append(row, again.Button("next", book.Say("button.next"), book.Say("button.next.label")))
	}
	if row == nil {
		return nil
	}
	return []slack.Block{slack.NewActionBlock("", row...)}
}
