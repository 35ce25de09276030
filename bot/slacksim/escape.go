package slacksim

import (
	"regexp"
	"strings"
)

// mentionable finds what Slack turns into a reference when a person types or
// picks it: a mention, a channel, a broadcast, a link.
var mentionable = regexp.MustCompile(`<@([UW][A-Z0-9]+)>|<#([CG][A-Z0-9]+)>|@([A-Za-z0-9][A-Za-z0-9._-]*)|#([\pL\pN_-]+)|https?://[^\s<>|]+`)

// piece is a part of what a person typed.
type piece struct {
	kind pieceKind
	text string // as typed; of a link the URL
	id   string // of the user or channel, or the broadcast: here, channel, everyone
	name string
}

type pieceKind int

const (
	plain pieceKind = iota
	userMention
	channelMention
	groupMention
	broadcast
	link
)

// pieces takes typed text apart. References to nobody stay plain text. w.mu is
// held.
func (w *Workspace) pieces(text string) []piece {
	if !strings.ContainsAny(text, "@#<:") {
		return []piece{{text: text}} // as nearly every command
	}
	var list []piece
	rest := 0
	for _, at := range mentionable.FindAllStringSubmatchIndex(text, -1) {
		typed := text[at[0]:at[1]]
		if at[0] > 0 && (typed[0] == '@' || typed[0] == '#') && wordByte(text[at[0]-1]) {
			continue // alice@example.com
		}
		short := strings.TrimRight(typed, ".,;:!?-)")
		p := w.reference(short)
		if p.kind == plain {
			continue
		}
		if rest < at[0] {
			list = append(list, piece{text: text[rest:at[0]]})
		}
		list = append(list, p)
		rest = at[0] + len(short)
	}
	if rest < len(text) {
		list = append(list, piece{text: text[rest:]})
	}
	return list
}

func wordByte(b byte) bool {
	return b == '_' || '0' <= b && b <= '9' || 'a' <= b|0x20 && b|0x20 <= 'z'
}

// reference tells what a typed token refers to.
func (w *Workspace) reference(typed string) piece {
	switch {
	case strings.HasPrefix(typed, "<@"):
		id := strings.Trim(typed, "<@>")
		if u, ok := w.users[id]; ok {
			return piece{kind: userMention, text: "@" + u.Name, id: u.ID, name: u.Name}
		}
	case strings.HasPrefix(typed, "<#"):
		if c := w.channels[strings.Trim(typed, "<#>")]; c != nil {
			return piece{kind: channelMention, text: "#" + c.Name, id: c.ID, name: c.Name}
		}
	case typed == "@here" || typed == "@channel" || typed == "@everyone":
		return piece{kind: broadcast, text: typed, id: typed[1:]}
	case strings.HasPrefix(typed, "@"):
		if u, ok := w.named(strings.ToLower(typed[1:])); ok {
			return piece{kind: userMention, text: typed, id: u.ID, name: u.Name}
		}
		if g, ok := w.groupNamed(typed[1:]); ok {
			return piece{kind: groupMention, text: typed, id: g.ID, name: "@" + g.Handle}
		}
	case strings.HasPrefix(typed, "#"):
		if c := w.channelNamed(typed); c != nil {
			return piece{kind: channelMention, text: typed, id: c.ID, name: c.Name}
		}
	case strings.HasPrefix(typed, "http"):
		return piece{kind: link, text: typed}
	}
	return piece{text: typed}
}

// escaped replaces the three characters that control mrkdwn
// (https://docs.slack.dev/messaging/formatting-message-text#escaping).
func escaped(text string) string {
	if !strings.ContainsAny(text, "&<>") {
		return text
	}
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)
}

// escapedBytes is the length of mrkdwn as Slack stores it: an & that begins none
// of the three entities, and a < or > outside a reference, take the bytes of
// the entity.
func escapedBytes(mrkdwn string) int {
	n := len(mrkdwn)
	inside := false
	for i, r := range mrkdwn {
		switch rest := mrkdwn[i:]; {
		case r == '&' && !strings.HasPrefix(rest, "&amp;") && !strings.HasPrefix(rest, "&lt;") && !strings.HasPrefix(rest, "&gt;"):
			n += len("&amp;") - 1
		case r == '<' && referenceAt.MatchString(rest):
			inside = true
		case r == '>' && inside:
			inside = false
		case r == '<' || r == '>':
			n += len("&lt;") - 1
		}
	}
	return n
}

// referenceAt is a reference at the beginning of mrkdwn: a mention, a channel,
// a command such as a date, a link.
var referenceAt = regexp.MustCompile(`^<([@#!]|[a-z]+:)[^<>]*>`)

// escapeCommand is the text of a slash command as the app gets it. Without
// should_escape references stay as typed. w.mu is held.
func (w *Workspace) escapeCommand(text string, references bool) string {
	var b strings.Builder
	for _, p := range w.pieces(text) {
		switch {
		case !references, p.kind == plain:
			b.WriteString(escaped(p.text))
		case p.kind == userMention:
			b.WriteString("<@" + p.id + "|" + p.name + ">")
		default:
			b.WriteString(p.mrkdwn())
		}
	}
	return b.String()
}

// mrkdwn is the piece in the text of a message.
func (p piece) mrkdwn() string {
	switch p.kind {
	case userMention:
		return "<@" + p.id + ">"
	case channelMention:
		return "<#" + p.id + "|" + p.name + ">"
	case groupMention:
		return "<!subteam^" + p.id + "|" + p.name + ">"
	case broadcast:
		return "<!" + p.id + ">"
	case link:
		return "<" + escaped(p.text) + ">"
	}
	return escaped(p.text)
}

// element is the piece in a rich_text block.
func (p piece) element() map[string]any {
	switch p.kind {
	case userMention:
		return map[string]any{"type": "user", "user_id": p.id}
	case channelMention:
		return map[string]any{"type": "channel", "channel_id": p.id}
	case groupMention:
		return map[string]any{"type": "usergroup", "usergroup_id": p.id}
	case broadcast:
		return map[string]any{"type": "broadcast", "range": p.id}
	case link:
		return map[string]any{"type": "link", "url": p.text}
	}
	return map[string]any{"type": "text", "text": p.text}
}
