package blockkit

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// PlainText returns all text of the blocks that people see without a click, as it
// would stand on a terminal: a line for each block, field of a section, row of a
// table, series of a chart and item of a list, in the order of the blocks. Cells of
// a row are joined by " | ", buttons are shown as [label], menus as [label ▾], boxes
// that are ticked as [✓ label], images as their alt_text, dividers as "---". mrkdwn
// is resolved as by [PlainMrkdwn], dates are shown as their fallback and, without
// one, in UTC.
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
	case "layout":
		if n.isTrue("is_label_visible") {
			p.line("", n.str("label"))
		}
		for _, b := range layoutItems(n) {
			p.block(b)
		}
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
		return boxTexts(n)
	case "plain_text_input", "email_text_input", "url_text_input", "number_input", "datepicker", "timepicker", "datetimepicker":
		return bracketed(valueText(n))
	case "rich_text_input":
		var p printer
		p.richText(n.member("initial_value"))
		return bracketed(oneLine(p.String()))
	default: // menus
		if label := valueText(n); label != "" {
			return bracketed(label + " ▾")
		}
		if _, known := controlKinds[n.str("type")]; !known {
			return ""
		}
		return "[▾]"
	}
}

// boxTexts shows checkboxes and radio buttons, those that are chosen with a mark.
func boxTexts(n *node) string {
	chosen := slices.Concat(n.elements("initial_options"), optional(n.member("initial_option")))
	var labels []string
	for _, option := range n.elements("options") {
		label := textOf(option.member("text"))
		for i := range chosen {
			if chosen[i].str("value") == option.str("value") {
				label = "✓ " + label
				break
			}
		}
		labels = append(labels, bracketed(label))
	}
	return strings.Join(labels, " ")
}

// valueText is what a menu or field shows: its value, otherwise its placeholder.
func valueText(n *node) string {
	value := n.member(controlKinds[n.str("type")].starts)
	switch n.str("type") {
	case "users_select", "multi_users_select":
		return mentionTexts("@", n, value)
	case "channels_select", "conversations_select", "multi_channels_select", "multi_conversations_select":
		return mentionTexts("#", n, value)
	case "datetimepicker":
		if value != nil && value.kind == jsonNumber {
			seconds, _ := strconv.ParseInt(value.text, 10, 64) // a rule of the element
			return time.Unix(seconds, 0).UTC().Format("2006-01-02 15:04 UTC")
		}
	}
	var labels []string
	for _, option := range slices.Concat(n.elements("initial_options"), optional(n.member("initial_option"))) {
		labels = append(labels, textOf(option.member("text")))
	}
	if value != nil && value.kind == jsonString {
		labels = append(labels, value.text)
	}
	if text := strings.Join(labels, ", "); text != "" {
		return text
	}
	return textOf(n.member("placeholder"))
}

// optional is a list of the one value there may be.
func optional(n *node) []node {
	if n == nil || n.kind == jsonNull {
		return nil
	}
	return []node{*n}
}

// mentionTexts shows users or channels, otherwise the placeholder of their menu.
func mentionTexts(mark string, menu, value *node) string {
	var ids []string
	switch {
	case value == nil:
	case value.kind == jsonString:
		ids = append(ids, mark+value.text)
	default:
		for _, id := range value.kids {
			ids = append(ids, mark+id.text)
		}
	}
	if len(ids) == 0 {
		return textOf(menu.member("placeholder"))
	}
	return strings.Join(ids, ", ")
}

func oneLine(text string) string { return strings.ReplaceAll(text, "\n", " ") }

func bracketed(label string) string {
	if label == "" {
		return ""
	}
	return "[" + label + "]"
}
