package messages

import (
	"strconv"
	"strings"

	"github.com/slack-go/slack"

	"computeunits/bot/blocks"
	"computeunits/qianfan"
)

// maxSections is how many instances get a block of their own; more are read
// more easily as a table.
const maxSections = 10

// Message draws the answer for Slack, in the words of d.
func (a Answer) Message(d blocks.Dialect) Message {
	tell := func(i int) instanceText { return a.tell(a.Instances[i], d) }
	if len(a.Instances) <= maxSections {
		// The same words serve for the blocks and for the text.
		all := make([]instanceText, len(a.Instances))
		for i, in := range a.Instances {
			all[i] = a.tell(in, d)
		}
		tell = func(i int) instanceText { return all[i] }
	}
	return Message{a.plain(d, MaxText, tell), a.blocks(d, tell)}
}

// blocks draws the answer: what it is about, the whole in one line, and the
// instances. It stays within the limits of Block Kit whatever Qianfan sent.
func (a Answer) blocks(d blocks.Dialect, tell func(int) instanceText) []slack.Block {
	drawn := []slack.Block{blocks.Header(a.title(d)), blocks.Context(a.Summary(d))}
	switch n := len(a.Instances); {
	case n == 0:
		drawn = append(drawn, blocks.PlainSection(a.None(d)))
	case n <= maxSections:
		names := []string{d.Say("field.payment"), d.Say("field.replicas"), d.Say("field.started"), d.Say("field.expires")}
		for i, in := range a.Instances {
			drawn = append(drawn, a.section(in, tell(i), names))
		}
	default:
		table, shown := a.table(d.Book)
		drawn = append(drawn, table)
		if shown < n {
			drawn = append(drawn, blocks.Context(d.Count("ask.more", n-shown, "shown", shown)))
		}
	}
	return drawn
}

// title is what the answer is about, in plain text.
func (a Answer) title(d blocks.Dialect) string {
	switch a.timing {
	case qianfan.Prepaid:
		return d.Say("ask.title.prepaid", "service", a.Service)
	case qianfan.Postpaid:
		return d.Say("ask.title.postpaid", "service", a.Service)
	default:
		return d.Say("ask.title", "service", a.Service)
	}
}

// Summary is the context line: how much, as of when, and the id to quote to
// Baidu's support.
func (a Answer) Summary(d blocks.Dialect) string {
	return strings.Join([]string{
		a.counted(d), d.Count("count.replicas", a.replicas()),
		d.Say("ask.asof", "when", d.When(a.at)), d.Say("trouble.request", "id", blocks.Code(a.requestID)),
	}, " · ")
}

// section is one instance as a block of its own; names are those of its fields.
func (a Answer) section(in qianfan.Instance, t instanceText, names []string) slack.Block {
	expires := t.expiry
	if t.left != "" {
		expires += "\n" + t.left
	}
	if t.restorable != "" {
		expires += "\n" + t.restorable
	}
	return slack.NewSectionBlock(
		blocks.Mrkdwn(blocks.Code(in.ID)+"   "+t.status),
		[]*slack.TextBlockObject{
			blocks.Mrkdwn("*" + names[0] + "*\n" + t.payment),
			blocks.Mrkdwn("*" + names[1] + "*\n" + strconv.Itoa(in.Replicas)),
			blocks.Mrkdwn("*" + names[2] + "*\n" + t.starts),
			blocks.Mrkdwn("*" + names[3] + "*\n" + expires),
		}, nil)
}
