package bot

import (
	"strconv"
	"strings"

	"github.com/slack-go/slack"

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

// A page is a message before it is drawn, the most important first. Everything
// in it is mrkdwn in which foreign text is escaped, except for title. Blocks and
// text are drawn from the same page, so that they say the same.
type page struct {
	title  string // plain text above it all; "": none
	lead   string // what has happened, in a sentence
	fields []field
	lists  []list
	notes  []string // what else to know about all of it
	quiet  bool     // nothing has happened: one small line
	// controls stand below it all.
	controls []slack.Block
}

// field is one fact with its name.
type field struct{ name, value string }

// list is n lines under a heading. Those that do not fit are counted, and never
// written: of thousands a few dozen fit.
type list struct {
	heading string // "": none
	n       int
	line    func(i int) string
}

// text draws the page in at most maxText characters.
func (p page) text(book *phrase.Book) string {
	var b strings.Builder
	room := maxText
	write := func(s string) {
		b.WriteString(s)
		room -= runes(s)
	}
	if p.title != "" {
		write(escape(p.title) + "\n")
	}
	write(clip(p.lead, maxLeadText))
	for _, f := range p.fields {
		write("\n" + book.Say("item.at", "what", f.name, "when", f.value))
	}
	notes := p.shownNotes()
	for _, n := range notes {
		room -= runes(n) + 1
	}
	for i, l := range p.lists {
		lines, _ := l.fit(room/(len(p.lists)-i), runes, book)
		for _, line := range lines {
			write("\n" + line)
		}
	}
	for _, n := range notes {
		b.WriteString("\n" + n)
	}
	return b.String()
}

// blocks draws the page as blocks, within all limits of Block Kit.
func (p page) blocks(book *phrase.Book) []slack.Block {
	if p.quiet {
		return []slack.Block{small(clip(strings.Join(append([]string{p.lead}, p.shownNotes()...), "\n"), maxSectionText))}
	}
	var blocks []slack.Block
	if p.title != "" {
		blocks = append(blocks, header(p.title))
	}
	lead := slack.NewSectionBlock(marked(clip(p.lead, maxLeadText)), nil, nil)
	for _, f := range p.fields {
		lead.Fields = append(lead.Fields, marked("*"+f.name+"*\n"+f.value))
	}
	blocks = append(blocks, lead)
	lists, _ := p.fit(book)
	for _, lines := range lists {
		blocks = append(blocks, sections(lines)...)
	}
	if notes := p.shownNotes(); len(notes) > 0 {
		blocks = append(blocks, small(strings.Join(notes, "\n")))
	}
	return append(blocks, p.controls...)
}

// fit returns the lines of each list as far as they fit into the blocks, and
// whether all of them do.
func (p page) fit(book *phrase.Book) (lists [][]string, whole bool) {
	room := maxShown - shown(p.title) - shown(p.lead)
	for _, n := range p.shownNotes() {
		room -= shown(n)
	}
	whole = true
	for i, l := range p.lists {
		lines, n := l.fit(room/(len(p.lists)-i), shown, book)
		for _, line := range lines {
			room -= shown(line) + 1
		}
		lists, whole = append(lists, lines), whole && n == l.n
	}
	return lists, whole
}

// shownNotes are the notes that fit into one small block; there are few kinds.
func (p page) shownNotes() []string {
	notes := make([]string, 0, len(p.notes))
	room := 1_200
	for _, n := range p.notes[:min(len(p.notes), maxNotes)] {
		if room -= runes(n) + 1; room >= 0 {
			notes = append(notes, n)
		}
	}
	return notes
}

// fit returns the heading and as many lines as fit into room, by a measure of
// length, and a line that counts the others; and how many of the lines those are.
func (l list) fit(room int, length func(string) int, book *phrase.Book) (fitting []string, n int) {
	if l.n == 0 {
		return nil, 0
	}
	if l.heading != "" {
		fitting = append(fitting, "*"+l.heading+"*")
		room -= length(fitting[0]) + 1
	}
	const reserve = 60 // for the line that counts
	for i := range l.n {
		line := "• " + l.line(i)
		need := length(line) + 1
		if room < need || i < l.n-1 && room-need < reserve {
			return append(fitting, book.Count("list.rest", l.n-i)), i
		}
		room -= need
		fitting = append(fitting, line)
	}
	return fitting, l.n
}

// sections puts lines into as few blocks as they fit in.
func sections(lines []string) []slack.Block {
	var blocks []slack.Block
	var text strings.Builder
	size := 0
	flush := func() {
		if size > 0 {
			blocks = append(blocks, slack.NewSectionBlock(marked(text.String()), nil, nil))
			text.Reset()
			size = 0
		}
	}
	for _, line := range lines {
		line = clip(line, maxSectionText)
		n := runes(line) + 1
		if size+n > maxSectionText {
			flush()
		}
		if size > 0 {
			text.WriteByte('\n')
		}
		text.WriteString(line)
		size += n
	}
	flush()
	return blocks
}

// clip is the last resort for a text that is too long although its parts are
// bounded. It cuts at a space, outside of what stands in angle brackets.
func clip(s string, limit int) string {
	if len(s) <= limit || runes(s) <= limit {
		return s
	}
	cut := string([]rune(s)[:limit-1])
	if i := strings.LastIndexByte(cut, '<'); i > strings.LastIndexByte(cut, '>') {
		cut = cut[:i]
	}
	if i := strings.LastIndexByte(cut, '&'); i >= 0 && !strings.Contains(cut[i:], ";") {
		cut = cut[:i]
	}
	return cut + "…"
}

// shown is how many characters of mrkdwn people see, at most: a date takes the
// place of its token.
func shown(s string) int {
	n := runes(s)
	for rest := s; ; {
		_, after, found := strings.Cut(rest, "<!date^")
		if !found {
			return n
		}
		hidden, label, _ := strings.Cut(after, "|")
		n -= runes(hidden) + len("<!date^|>")
		rest = label
	}
}

func writeInt(b *strings.Builder, n int64) { b.WriteString(strconv.FormatInt(n, 10)) }
