package blocks

import (
	"strings"
	"unicode/utf8"

	"github.com/slack-go/slack"
)

// Cut shortens mrkdwn to a number of bytes, as chat.update counts: at the end of a
// line, or within one that is too long by itself.
func Cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	const mark = "…"
	cut := strings.ToValidUTF8(s[:limit-len(mark)-1], "")
	if i := strings.LastIndexByte(cut, '\n'); i > limit/2 {
		return cut[:i] + "\n" + mark
	}
	return whole(cut) + mark
}

// whole is a beginning of mrkdwn without what was cut in two: a date, a mention or
// an escaped character.
func whole(cut string) string {
	if i := strings.LastIndexByte(cut, '<'); i > strings.LastIndexByte(cut, '>') {
		cut = cut[:i]
	}
	if i := strings.LastIndexByte(cut, '&'); i >= 0 && !strings.Contains(cut[i:], ";") {
		cut = cut[:i]
	}
	return cut
}

// Clip is the last resort for a text that is too long although its parts are
// bounded. It cuts at a space, outside of what stands in angle brackets.
func Clip(s string, limit int) string {
	if len(s) <= limit || Len(s) <= limit {
		return s
	}
	return whole(string([]rune(s)[:limit-1])) + "…"
}

func JoinLines(lines []string) string { return strings.Join(lines, "\n") }

// MaxSectionText is how long the text of one block gets, in characters as
// they are sent; Slack takes 3,000.
const MaxSectionText = 2_900

// Header is a title in plain text; Slack takes 150 characters.
func Header(text string) slack.Block {
	return slack.NewHeaderBlock(slack.NewTextBlockObject(slack.PlainTextType, Printable(text, 140), false, false))
}

// Context is a line of grey mrkdwn.
func Context(text string) slack.Block {
	return slack.NewContextBlock("", Mrkdwn(text))
}

// PlainSection is plain text: nothing in it is read as formatting or as a mention,
// so it may carry foreign text as it is.
func PlainSection(text string) slack.Block {
	return slack.NewSectionBlock(slack.NewTextBlockObject(slack.PlainTextType, text, false, false), nil, nil)
}

// Mrkdwn is mrkdwn in which Slack looks for no links or mentions of its own.
func Mrkdwn(text string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.MarkdownType, text, false, true)
}

// Section is a paragraph of mrkdwn.
func Section(text string) *slack.SectionBlock {
	return slack.NewSectionBlock(Mrkdwn(Clip(text, MaxSectionText)), nil, nil)
}

// MaxOptions is how many entries a menu has.
const MaxOptions = 100

func Len(s string) int { return utf8.RuneCountInString(s) }

func PlainText(s string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.PlainTextType, s, false, false)
}
