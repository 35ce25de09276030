package messages

import (
	"computeunits/bot/blocks"
	"computeunits/bot/phrase"
	"strings"

	"github.com/slack-go/slack"
)

// MayNotChange says who may. People and groups are not named: that would call them.
func MayNotChange(book *phrase.Book, channels []string) Message {
	if len(channels) == 0 {
		return Text(book.Say("refused.member"))
	}
	var names []string
	for _, id := range channels[:min(len(channels), maxPermits)] {
		names = append(names, "<#"+blocks.Escape(id)+">")
	}
	text := book.Say("refused.channel", "channels", strings.Join(names, book.Say("list.comma")))
	return Message{text, []slack.Block{slack.NewSectionBlock(blocks.Mrkdwn(text), nil, nil)}}
}

// maxPermits is how many channels a refusal names.
const maxPermits = 20
