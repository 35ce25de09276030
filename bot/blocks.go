package bot

import (
	"fmt"

	"github.com/slack-go/slack"

	"computeunits/qianfan"
)

// maxSections is how many instances get a block of their own; more are read
// more easily as a table.
const maxSections = 10

// blocks draws the answer: what it is about, the whole in one line, and the
// instances. It stays within the limits of Block Kit whatever Qianfan sent.
func (a Answer) blocks() []slack.Block {
	title := "Compute units of " + a.service
	if a.timing != "" {
		title = string(a.timing) + " compute units of " + a.service
	}
	blocks := []slack.Block{header(title), small(a.summary())}
	switch n := len(a.instances); {
	case n == 0:
		blocks = append(blocks, sentence(a.none()))
	case n <= maxSections:
		for _, in := range a.instances {
			blocks = append(blocks, a.section(in))
		}
	default:
		table, shown := a.table()
		blocks = append(blocks, table)
		if shown < n {
			blocks = append(blocks, small(fmt.Sprintf("%d more are not shown here; these %d expire soonest. `computeunits query` in a terminal lists all.", n-shown, shown)))
		}
	}
	return blocks
}

// summary is the context line: how much, as of when, and the id to quote to
// Baidu's support.
func (a Answer) summary() string {
	return fmt.Sprintf("%s · %s · as of %s · request %s",
		count(len(a.instances), a.kind()), count(a.replicas(), "replica"), mrkdwn.when(a.at), code(a.requestID))
}

// section is one instance as a block of its own.
func (a Answer) section(in qianfan.Instance) slack.Block {
	expires := expiry(in, mrkdwn)
	if l := left(in, a.at); l != "" {
		expires += "\n" + l
	}
	if r := restorable(in, a.at, mrkdwn); r != "" {
		expires += "\n" + r
	}
	return slack.NewSectionBlock(
		marked(code(in.ID)+"   "+status(in, mrkdwn)),
		[]*slack.TextBlockObject{
			marked("*Payment*\n" + payment(in, mrkdwn)),
			marked("*Replicas*\n" + fmt.Sprint(in.Replicas)),
			marked("*Started*\n" + starts(in, mrkdwn)),
			marked("*Expires*\n" + expires),
		}, nil)
}

// header is a title in plain text; Slack takes 150 characters.
func header(text string) slack.Block {
	return slack.NewHeaderBlock(slack.NewTextBlockObject(slack.PlainTextType, printable(text, 140), false, false))
}

// small is a line of grey mrkdwn.
func small(text string) slack.Block {
	return slack.NewContextBlock("", marked(text))
}

// sentence is plain text: nothing in it is read as formatting or as a mention,
// so it may carry foreign text as it is.
func sentence(text string) slack.Block {
	return slack.NewSectionBlock(slack.NewTextBlockObject(slack.PlainTextType, text, false, false), nil, nil)
}

// marked is mrkdwn in which Slack looks for no links or mentions of its own.
func marked(text string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.MarkdownType, text, false, true)
}
