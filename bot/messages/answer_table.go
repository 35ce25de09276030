package messages

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"computeunits/bot/blocks"
	"computeunits/bot/phrase"
	"computeunits/qianfan"
)

// Limits of a table block, https://docs.slack.dev/reference/block-kit/blocks/table-block;
// the characters leave room for the rest of the message, of which Slack
// refuses more than about 13,200.
const (
	maxRows       = 100 // with the header
	maxTableRunes = 9500
)

// table lists the instances a row each, as many as Slack takes, and says how many.
func (a Answer) table(book *phrase.Book) (table slack.Block, shown int) {
	heads := []string{
		book.Say("field.instance"), book.Say("field.payment"), book.Say("field.replicas"), book.Say("field.status"),
		book.Say("field.started"), book.Say("field.expires"), book.Say("field.left"),
	}
	d, format := blocks.ForCell(book), blocks.DateFormat(book)
	rows := make([][]slack.TableCell, 1, min(maxRows, len(a.Instances)+1))
	room := maxTableRunes
	for _, h := range heads {
		rows[0] = append(rows[0], slack.NewTableRawTextCell(h))
		room -= blocks.Len(h)
	}
	for _, in := range a.Instances {
		row, size := a.row(in, d, format)
		if room -= size; room < 0 || len(rows) == maxRows {
			break
		}
		rows = append(rows, row)
	}
	return &slack.TableBlock{
		Type: slack.MBTTable,
		Rows: rows,
		ColumnSettings: []slack.ColumnSetting{
			{Align: slack.ColumnAlignmentLeft},
			{Align: slack.ColumnAlignmentLeft},
			{Align: slack.ColumnAlignmentRight},
		},
	}, len(rows) - 1
}

// row is one instance as cells, and how many characters they show. format is
// how Slack writes an instant.
func (a Answer) row(in qianfan.Instance, d blocks.Dialect, format string) (cells []slack.TableCell, size int) {
	raw := func(text string) {
		text = cmp.Or(text, "-") // Slack refuses an empty cell
		cells = append(cells, slack.NewTableRawTextCell(text))
		size += blocks.Len(text)
	}
	// An instant is the only thing in a table that each reader sees in their
	// own zone: raw_text has no date token, rich text has a date element.
	date := func(t time.Time, shown string) {
		text := blocks.PlainDate(t)
		before, after, _ := strings.Cut(shown, text)
		var elements []slack.RichTextSectionElement
		add := func(note string) {
			if note != "" {
				elements = append(elements, slack.NewRichTextSectionTextElement(note, nil))
			}
		}
		add(before)
		elements = append(elements, slack.NewRichTextSectionDateElement(t.Unix(), format, nil, &text))
		add(after)
		cells = append(cells, slack.NewTableRichTextCell(slack.NewRichTextSection(elements...)))
		size += blocks.Len(shown)
	}
	raw(blocks.Printable(in.ID, blocks.MaxQuoted))
	raw(payment(in, d))
	raw(strconv.Itoa(in.Replicas))
	raw(status(in, a.at, d))
	if shown := starts(in, d); in.Start.IsZero() {
		raw(shown)
	} else {
		date(in.Start, shown)
	}
	if shown := expiry(in, d); in.Expires.IsZero() {
		raw(shown)
	} else {
		date(in.Expires, shown)
	}
	raw(left(in, a.at, d))
	return cells, size
}
