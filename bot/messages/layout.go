package messages

import (
	"slices"
	"strings"

	"github.com/slack-go/slack"

	"computeunits/bot/blocks"
	"computeunits/bot/phrase"
)

const (
	// maxShown is how many characters a message shows at most. Slack refuses
	// about 13,200; the labels of buttons and the like need some of them.
	maxShown = 11_500
	// maxLeadText bounds what stands above the lists.
	maxLeadText = 2_500
	// maxNotes is how many lines of notes a message has.
	maxNotes = 8
)

// A Layout is a message before it is drawn, the most important first. Everything
// in it is mrkdwn in which foreign text is escaped, except for title. Blocks and
// text are drawn from the same page, so that they say the same.
type Layout struct {
	title  string // plain text above it all; "": none
	Lead   string // what has happened, in a sentence
	fields []Field
	Lists  []List
	notes  []string // what else to know about all of it
	quiet  bool     // nothing has happened: one small line
	// controls stand below it all.
	controls []slack.Block
}

// Note adds what else to know, before all other such lines.
func (p *Layout) Note(line string) { p.notes = slices.Insert(p.notes, 0, line) }

// Field is one fact with its name.
type Field struct{ Name, Value string }

// List is n lines under a heading. Those that do not fit are counted, and never
// written: of thousands a few dozen fit.
type List struct {
	Heading string // "": none
	N       int
	Line    func(i int) string
}

// Text draws the page in at most MaxText bytes.
func (p Layout) Text(book *phrase.Book) string { return p.text(book, MaxText) }

func (p Layout) text(book *phrase.Book, limit int) string {
	var b strings.Builder
	room := limit
	write := func(s string) {
		b.WriteString(s)
		room -= blocks.Size(s)
	}
	if p.title != "" {
		write(blocks.Escape(p.title) + "\n")
	}
	write(blocks.ClipBytes(p.Lead, maxLeadText))
	for _, f := range p.fields {
		write("\n" + book.Say("item.at", "what", f.Name, "when", f.Value))
	}
	notes := p.shownNotes(blocks.Size)
	for _, n := range notes {
		room -= blocks.Size(n) + 1
	}
	for i, l := range p.Lists {
		lines, _ := l.fit(room/(len(p.Lists)-i), blocks.Size, book)
		for _, line := range lines {
			write("\n" + line)
		}
	}
	for _, n := range notes {
		b.WriteString("\n" + n)
	}
	return blocks.ClipBytes(b.String(), limit)
}

// Blocks draws the page as blocks, within all limits of Block Kit.
func (p Layout) Blocks(book *phrase.Book) []slack.Block {
	if p.quiet {
		return []slack.Block{blocks.Context(blocks.Clip(strings.Join(append([]string{p.Lead}, p.shownNotes(blocks.Len)...), "\n"), blocks.MaxSectionText))}
	}
	var drawn []slack.Block
	if p.title != "" {
		drawn = append(drawn, blocks.Header(p.title))
	}
	lead := slack.NewSectionBlock(blocks.Mrkdwn(blocks.Clip(p.Lead, maxLeadText)), nil, nil)
	for _, f := range p.fields {
		lead.Fields = append(lead.Fields, blocks.Mrkdwn("*"+f.Name+"*\n"+f.Value))
	}
	drawn = append(drawn, lead)
	lists, _ := p.fit(book)
	for _, lines := range lists {
		drawn = append(drawn, Sections(lines)...)
	}
	if notes := p.shownNotes(blocks.Len); len(notes) > 0 {
		drawn = append(drawn, blocks.Context(strings.Join(notes, "\n")))
	}
	return append(drawn, p.controls...)
}

// fit returns the lines of each list as far as they fit into the blocks, and
// whether all of them do.
func (p Layout) fit(book *phrase.Book) (lists [][]string, whole bool) {
	room := maxShown - shown(p.title) - shown(p.Lead)
	for _, n := range p.shownNotes(blocks.Len) {
		room -= shown(n)
	}
	whole = true
	for i, l := range p.Lists {
		lines, n := l.fit(room/(len(p.Lists)-i), shown, book)
		for _, line := range lines {
			room -= shown(line) + 1
		}
		lists, whole = append(lists, lines), whole && n == l.N
	}
	return lists, whole
}

// shownNotes are the notes that fit into one small block, by a measure of length;
// there are few kinds.
func (p Layout) shownNotes(length func(string) int) []string {
	notes := make([]string, 0, len(p.notes))
	room := 1_200
	for _, n := range p.notes[:min(len(p.notes), maxNotes)] {
		if room -= length(n) + 1; room >= 0 {
			notes = append(notes, n)
		}
	}
	return notes
}

// fit returns the heading and as many lines as fit into room, by a measure of
// length, and a line that counts the others; and how many of the lines those are.
func (l List) fit(room int, length func(string) int, book *phrase.Book) (fitting []string, n int) {
	if l.N == 0 {
		return nil, 0
	}
	if l.Heading != "" {
		fitting = append(fitting, "*"+l.Heading+"*")
		room -= length(fitting[0]) + 1
	}
	const reserve = 60 // for the line that counts
	for i := range l.N {
		line := "• " + l.Line(i)
		need := length(line) + 1
		if room < need || i < l.N-1 && room-need < reserve {
			return append(fitting, book.Count("list.rest", l.N-i)), i
		}
		room -= need
		fitting = append(fitting, line)
	}
	return fitting, l.N
}

// Sections puts lines into as few blocks as they fit in.
func Sections(lines []string) []slack.Block {
	var drawn []slack.Block
	var text strings.Builder
	size := 0
	flush := func() {
		if size > 0 {
			drawn = append(drawn, slack.NewSectionBlock(blocks.Mrkdwn(text.String()), nil, nil))
			text.Reset()
			size = 0
		}
	}
	for _, line := range lines {
		line = blocks.Clip(line, blocks.MaxSectionText)
		n := blocks.Len(line) + 1
		if size+n > blocks.MaxSectionText {
			flush()
		}
		if size > 0 {
			text.WriteByte('\n')
		}
		text.WriteString(line)
		size += n
	}
	flush()
	return drawn
}

// shown is how many characters of mrkdwn people see, at most: a date takes the
// place of its token.
func shown(s string) int {
	n := blocks.Len(s)
	for rest := s; ; {
		_, after, found := strings.Cut(rest, "<!date^")
		if !found {
			return n
		}
		hidden, label, _ := strings.Cut(after, "|")
		n -= blocks.Len(hidden) + len("<!date^|>")
		rest = label
	}
}
