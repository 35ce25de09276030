package blocks

import (
	"strings"
	"unicode/utf8"

	"github.com/slack-go/slack"
)

// Clip is the last resort for a text that is too long although its parts are
// bounded. It cuts at a space, outside of what stands in angle brackets.
func Clip(s string, limit int) string {
	if len(s) <= limit || Len(s) <= limit {
		return s
	}
	return whole(string([]rune(s)[:limit-1])) + "…"
}

// ClipBytes is Clip for what Slack counts in bytes, as they are sent: the text of
// a message, of which a Chinese character takes three. It cuts where a line ends,
// unless that would leave less than half.
func ClipBytes(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	const more = "…"
	cut := s[:limit-len("\n"+more)]
	if end := strings.LastIndexByte(cut, '\n'); end >= limit/2 {
		return cut[:end+1] + more
	}
	for len(cut) > 0 && !utf8.RuneStart(s[len(cut)]) {
		cut = cut[:len(cut)-1]
	}
	return whole(cut) + more
}

// whole drops the beginning of a token or of an escape at the end of a text.
func whole(cut string) string {
	if i := strings.LastIndexByte(cut, '<'); i > strings.LastIndexByte(cut, '>') {
		cut = cut[:i]
	}
	if i := strings.LastIndexByte(cut, '&'); i >= 0 && !strings.Contains(cut[i:], ";") {
		cut = cut[:i]
	}
	return cut
}

// Size is the length of a text as Slack counts that of a message: in bytes.
func Size(s string) int { return len(s) }

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
