package blockkit

import (
	"strconv"
	"strings"
	"time"
)

// richText writes a rich_text block; nil shows nothing.
func (p *printer) richText(n *node) {
	for _, part := range n.elements("elements") {
		switch part.str("type") {
		case "rich_text_section", "rich_text_preformatted":
			p.line("", strings.TrimSuffix(inlineTexts(&part), "\n"))
		case "rich_text_quote":
			for line := range strings.Lines(inlineTexts(&part)) {
				p.line("", "> "+strings.TrimSuffix(line, "\n"))
			}
		case "rich_text_list":
			p.list(&part)
		}
	}
}

func (p *printer) list(n *node) {
	indent := strings.Repeat("  ", max(0, min(n.count("indent"), 8)))
	for i, item := range n.elements("elements") {
		mark := "• "
		if n.str("style") == "ordered" {
			mark = strconv.Itoa(n.count("offset")+i+1) + ". "
		}
		p.line("", indent+mark+inlineTexts(&item))
	}
}

func inlineTexts(n *node) string {
	var b strings.Builder
	for _, element := range n.elements("elements") {
		b.WriteString(plainInline(&element))
	}
	return b.String()
}

// plainInline is what an element within a line of rich text shows.
func plainInline(n *node) string {
	switch n.str("type") {
	case "text":
		return n.str("text")
	case "link":
		return plainLink(n.str("url"), n.str("text"))
	case "user":
		return "@" + n.str("user_id")
	case "usergroup":
		return "@" + n.str("usergroup_id")
	case "team":
		return "@" + n.str("team_id")
	case "channel":
		return "#" + n.str("channel_id")
	case "broadcast":
		return "@" + n.str("range")
	case "emoji":
		return ":" + n.str("name") + ":"
	case "color":
		return n.str("value")
	case "date":
		if fallback := n.str("fallback"); fallback != "" {
			return fallback
		}
		return time.Unix(int64(n.count("timestamp")), 0).UTC().Format("2006-01-02 15:04 UTC")
	default:
		return ""
	}
}
