package bot

import (
	"strconv"
	"strings"

	"github.com/slack-go/slack"

	"computeunits/qianfan"
)

// maxSections is how many instances get a block of their own; more are read
// more easily as a table.
const maxSections = 10

// rendering draws the answer for Slack, in the words of d.
func (a Answer) rendering(d dialect) rendering {
	tell := func(i int) told { return a.tell(a.instances[i], d) }
	if len(a.instances) <= maxSections {
		// The same words serve for the blocks and for the text.
		all := make([]told, len(a.instances))
		for i, in := range a.instances {
			all[i] = a.tell(in, d)
		}
		tell = func(i int) told { return all[i] }
	}
	return rendering{a.plain(d, maxText, tell), a.blocks(d, tell)}
}

// blocks draws the answer: what it is about, the whole in one line, and the
// instances. It stays within the limits of Block Kit whatever Qianfan sent.
func (a Answer) blocks(d dialect, tell func(int) told) []slack.Block {
	blocks := []slack.Block{header(a.title(d)), small(a.summary(d))}
	switch n := len(a.instances); {
	case n == 0:
		blocks = append(blocks, sentence(a.none(d)))
	case n <= maxSections:
		names := []string{d.Say("field.payment"), d.Say("field.replicas"), d.Say("field.started"), d.Say("field.expires")}
		for i, in := range a.instances {
			blocks = append(blocks, a.section(in, tell(i), names))
		}
	default:
		table, shown := a.table(d.Book)
		blocks = append(blocks, table)
		if shown < n {
			blocks = append(blocks, small(d.Count("ask.more", n-shown, "shown", shown)))
		}
	}
	return blocks
}

// title is what the answer is about, in plain text.
func (a Answer) title(d dialect) string {
	switch a.timing {
	case qianfan.Prepaid:
		return d.Say("ask.title.prepaid", "service", a.service)
	case qianfan.Postpaid:
		return d.Say("ask.title.postpaid", "service", a.service)
	default:
		return d.Say("ask.title", "service", a.service)
	}
}

// summary is the context line: how much, as of when, and the id to quote to
// Baidu's support.
func (a Answer) summary(d dialect) string {
	return strings.Join([]string{
		a.counted(d), d.Count("count.replicas", a.replicas()),
		d.Say("ask.asof", "when", d.when(a.at)), d.Say("trouble.request", "id", code(a.requestID)),
	}, " · ")
}

// section is one instance as a block of its own; names are those of its fields.
func (a Answer) section(in qianfan.Instance, t told, names []string) slack.Block {
	expires := t.expiry
	if t.left != "" {
		expires += "\n" + t.left
	}
	if t.restorable != "" {
		expires += "\n" + t.restorable
	}
	return slack.NewSectionBlock(
		marked(code(in.ID)+"   "+t.status),
		[]*slack.TextBlockObject{
			marked("*" + names[0] + "*\n" + t.payment),
			marked("*" + names[1] + "*\n" + strconv.Itoa(in.Replicas)),
			marked("*" + names[2] + "*\n" + t.starts),
			marked("*" + names[3] + "*\n" + expires),
		}, nil)
}

// maxSectionText is how long the text of one block gets, in characters as
// they are sent; Slack takes 3,000.
const maxSectionText = 2_900

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
