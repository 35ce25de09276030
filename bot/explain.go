package bot

import (
	"computeunits/bot/blocks"
	"computeunits/bot/messages"
)

// fault explains an error of Qianfan's that is in the log, in mrkdwn.
func (w asking) fault(err error) string {
	return blocks.Escape(messages.ExplainIn(w.Book, err)) + "\n" + w.Say("error.logged", "id", w.ID)
}
