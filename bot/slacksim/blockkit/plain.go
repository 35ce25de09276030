package blockkit

import (
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// PlainText returns all text of the blocks that people see without a click, as it
// would stand on a terminal: a line for each block, field of a section, row of a
// table, series of a chart and item of a list, in the order of the blocks. Cells of
// a row are joined by " | ", buttons and menus are shown as [label], images as
// their alt_text, dividers as "---". mrkdwn is resolved as by [PlainMrkdwn], dates
// are shown as their fallback and, without one, in UTC.
//
// It takes any bytes: what is not Block Kit shows nothing. The length of the result
// in characters is what [Check] holds against the limit of a message.
func PlainText(blocks json.RawMessage) string {
	doc, ok := decode(blocks)
	if !ok || doc.kind != jsonArray {
		return ""
	}
	return render(doc)
}

func render(blocks *node) string {
	var p printer
	p.blocks(blocks.kids)
	return p.String()
}

func renderedLength(blocks *node) int { return utf8.RuneCountInString(render(blocks)) }

// printer writes blocks line by line.
type printer struct{ strings.Builder }

// line writes some pieces as one line, leaving out empty ones.
func (p *printer) line(separator string, pieces ...string) {
	start := p.Len()
	for _, piece := range pieces {
		switch {
		case piece == "":
			continue
		case p.Len() > start:
			p.WriteString(separator)
		case start > 0:
			p.WriteByte('\n')
		}
		p.WriteString(piece)
	}
}

func (p *printer) blocks(blocks []node) {
	for i := range blocks {
		p.block(&blocks[i])
	}
}

func (p *printer) block(n *node) {
	switch n.str("type") {
	case "section":
		p.line("", textOf(n.member("text")))
		for _, field := range n.elements("fields") {
			p.line("", oneLine(textOf(&field)))
		}
		p.line("", elementText(n.member("accessory")))
	case "header", "alert":
		p.line("", textOf(n.member("text")))
	case "markdown":
		p.line("", n.str("text"))
	case "divider":
		p.line("", "---")
	case "image":
		p.line(": ", textOf(n.member("title")), n.str("alt_text"))
	case "video":
		p.line(" - ", textOf(n.member("title")), n.str("author_name"), n.str("provider_name"))
		p.line("", textOf(n.member("description")))
	case "context", "actions", "context_actions":
		p.line(" ", elementTexts(n.elements("elements"))...)
	case "input":
		p.line(": ", textOf(n.member("label")), elementText(n.member("element")))
		p.line("", textOf(n.member("hint")))
	case "rich_text":
		p.richText(n)
	case "table", "data_table":
		p.table(n)
	case "data_visualization":
		p.chart(n)
	default:
		p.group(n)
	}
}

// group writes blocks that are made of others.
func (p *printer) group(n *node) {
	switch n.str("type") {
	case "card":
		for _, name := range [...]string{"title", "subtitle", "body", "subtext"} {
			p.line("", textOf(n.member(name)))
		}
		p.line(" ", elementTexts(n.elements("actions"))...)
	case "carousel":
		p.blocks(n.elements("elements"))
	case "container":
		if title := n.member("rich_text_title"); title != nil {
			p.richText(title)
		} else {
			p.line("", textOf(n.member("title")))
		}
		p.line("", textOf(n.member("subtitle")))
		p.blocks(n.elements("child_blocks"))
	case "plan":
		p.line("", n.str("title"))
		for _, task := range n.elements("tasks") {
			p.task(&task)
		}
	case "task_card":
		p.task(n)
	}
}

func (p *printer) task(n *node) {
	p.line("", n.str("title"))
	p.richText(n.member("details"))
	p.richText(n.member("output"))
	for _, source := range n.elements("sources") {
		p.line("", plainLink(source.str("url"), source.str("text")))
	}
}

func (p *printer) table(n *node) {
	p.line("", n.str("caption"))
	for _, row := range n.elements("rows") {
		cells := make([]string, len(row.kids))
		for i := range row.kids {
			cells[i] = cellText(&row.kids[i])
		}
		p.line("", strings.Join(cells, " | "))
	}
}

// cellText is what a cell of a table shows.
func cellText(cell *node) string {
	switch cell.str("type") {
	case "rich_text":
		var p printer
		p.richText(cell)
		return oneLine(p.String())
	case "raw_number":
		if value := cell.member("value"); value != nil && cell.str("text") == "" {
			return value.text
		}
	}
	return cell.str("text")
}

func (p *printer) chart(n *node) {
	p.line("", n.str("title"))
	chart := n.member("chart")
	p.line(", ", pointTexts(chart.elements("segments"))...)
	for _, series := range chart.elements("series") {
		p.line(": ", series.str("name"), strings.Join(pointTexts(series.elements("data")), ", "))
	}
	axes := chart.member("axis_config")
	p.line(" / ", axes.str("x_label"), axes.str("y_label"))
}

func pointTexts(points []node) []string {
	texts := make([]string, len(points))
	for i := range points {
		texts[i] = points[i].str("label")
		if value := points[i].member("value"); value != nil {
			texts[i] += " " + value.text
		}
	}
	return texts
}

// textOf is what a text object shows.
func textOf(n *node) string {
	if n.str("type") == "mrkdwn" {
		return PlainMrkdwn(n.str("text"))
	}
	return n.str("text")
}

func elementTexts(elements []node) []string {
	texts := make([]string, len(elements))
	for i := range elements {
		texts[i] = elementText(&elements[i])
	}
	return texts
}

// elementText is what an element shows before anyone touches it.
func elementText(n *node) string {
	switch n.str("type") {
	case "":
		return ""
	case "plain_text", "mrkdwn":
		return textOf(n)
	case "image":
		return n.str("alt_text")
	case "button", "workflow_button", "icon_button":
		return bracketed(textOf(n.member("text")))
	case "feedback_buttons":
		return bracketed(textOf(n.member("positive_button").member("text"))) + " " +
			bracketed(textOf(n.member("negative_button").member("text")))
	case "overflow":
		return "[...]"
	case "checkboxes", "radio_buttons":
		var labels []string
		for _, option := range n.elements("options") {
			labels = append(labels, bracketed(textOf(option.member("text"))))
		}
		return strings.Join(labels, " ")
	default: // menus and fields
		if chosen := textOf(n.member("initial_option").member("text")); chosen != "" {
			return bracketed(chosen)
		}
		for _, name := range [...]string{"initial_value", "initial_date", "initial_time"} {
			if value := n.str(name); value != "" {
				return bracketed(value)
			}
		}
		return bracketed(textOf(n.member("placeholder")))
	}
}

func oneLine(text string) string { return strings.ReplaceAll(text, "\n", " ") }

func bracketed(label string) string {
	if label == "" {
		return ""
	}
	return "[" + label + "]"
}
