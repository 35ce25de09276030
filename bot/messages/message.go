package messages

import (
	"computeunits/bot/blocks"
	"computeunits/bot/phrase"
	"strings"

	"github.com/slack-go/slack"
)

// A Message is a message as Slack gets it.
type Message struct {
	Text   string // mrkdwn; all of it, as far as it fits into MaxText bytes
	Blocks []slack.Block
}

// Paragraph is a message of one paragraph of mrkdwn in which foreign text is escaped.
func Paragraph(book *phrase.Book, lead string, notes ...string) Message {
	p := Layout{Lead: strings.TrimSpace(lead), notes: notes}
	return Message{p.Text(book), p.Blocks(book)}
}

// Mrkdwn is a message of mrkdwn in which foreign text is escaped.
func Mrkdwn(lines ...string) Message {
	text := strings.Join(lines, "\n")
	return Message{blocks.ClipBytes(text, MaxText), []slack.Block{slack.NewSectionBlock(blocks.Mrkdwn(blocks.Clip(text, blocks.MaxSectionText)), nil, nil)}}
}

// Text is one sentence in plain text.
func Text(text string) Message {
	return Message{blocks.ClipBytes(blocks.Escape(text), MaxText), []slack.Block{blocks.PlainSection(text)}}
}
