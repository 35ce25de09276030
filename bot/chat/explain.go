package chat

import (
	"computeunits/bot/blocks"
	"computeunits/bot/messages"
)

// fault explains an error of Qianfan's that is in the log, in mrkdwn.
func (w Turn) fault(err error) string {
	return blocks.Escape(messages.ExplainIn(w.Book, err)) + "\n" + w.Say("error.logged", "id", w.ID)
}
