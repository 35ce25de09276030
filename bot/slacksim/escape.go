package slacksim

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// mentionable finds what Slack turns into something else when a person types,
// picks or pastes it: an address of e-mail, a mention, a channel, a broadcast, a
// link, an emoji, a domain.
var mentionable = regexp.MustCompile(strings.Join([]string{
	`<@[UW][A-Z0-9]+(?:\|[^<>]*)?>`, `<#[CG][A-Z0-9]+(?:\|[^<>]*)?>`, `<(?:https?://|mailto:)[^\s<>|]+(?:\|[^<>]*)?>`,
	`[A-Za-z0-9._%+-]+@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}`,
	`@[A-Za-z0-9][A-Za-z0-9._-]*`, `#[\pL\pN_-]+`, `https?://[^\s<>|]+`, `:[a-z0-9_+'-]+:`,
	`(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+(?:` + topLevel + `)\b(?:/[^\s<>|]*)?`,
	`[\x{203c}-\x{3299}\x{1f000}-\x{1faff}]\x{fe0f}?[\x{1f3fb}-\x{1f3ff}]?`,
}, "|"))

// topLevel are some of the domains that make a link of what ends in them.
const topLevel = "com|org|net|io|dev|ai|app|edu|gov|cn|de|uk|eu|info"

// piece is a part of what a person typed.
type piece struct {
	kind pieceKind
	text string // as typed; of a link the URL
	id   string // of the user or channel, or the broadcast: here, channel, everyone
	name string // of a link what it says, when that is not the URL; of an emoji its own
}

type pieceKind int

const (
	plain pieceKind = iota
	userMention
	channelMention
	groupMention
	broadcast
	link
	emoji
)

// pieces takes typed text apart. References to nobody stay plain text. w.mu is
// held.
func (w *Workspace) pieces(text string) []piece {
	if !strings.ContainsAny(text, "@#<:.") && !strings.ContainsFunc(text, func(r rune) bool { return r >= 0x2000 }) {
		return []piece{{text: text}} // as nearly every command
	}
	var list []piece
	rest := 0
	for _, at := range mentionable.FindAllStringSubmatchIndex(text, -1) {
		typed := text[at[0]:at[1]]
		if at[0] > 0 && (typed[0] == '@' || typed[0] == '#' || wordByte(typed[0])) && wordByte(text[at[0]-1]) {
			continue // in the middle of a word
		}
		short := typed
		if typed[0] != ':' {
			short = strings.TrimRight(typed, ".,;:!?-)")
		}
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

// emojiNames are the codes of what people pick from a keyboard, and of some that
// they type as a code: of those that Slack knows only these are simulated.
var emojiNames = map[rune]string{
	'🚀': "rocket", '💯': "100", '🔢': "1234", '🔥': "fire", '🎉': "tada", '💥': "boom", '👋': "wave", '🙏': "pray", '👍': "+1", '👎': "-1",
	'😀': "grinning", '😄': "smile", '😅': "sweat_smile", '🙂': "slightly_smiling_face", '😭': "sob", '🤔': "thinking_face", '👀': "eyes",
	'❤': "heart", '⚠': "warning", '✅': "white_check_mark", '❌': "x", '⏰': "alarm_clock", '⏳': "hourglass_flowing_sand", '🔔': "bell",
	'📅': "date", '📆': "calendar", '💰': "moneybag", '🤖': "robot_face", '🐛': "bug", '⭐': "star", '✨': "sparkles", '☕': "coffee",
	'➡': "arrow_right", '🔴': "red_circle", '🟢': "large_green_circle", '🟡': "large_yellow_circle", '💤': "zzz", '📈': "chart_with_upwards_trend",
	'👏': "clap", '🙌': "raised_hands", '👌': "ok_hand", '💪': "muscle", '🖥': "desktop_computer", '☁': "cloud", '⚡': "zap",
}

// emojiOf is the emoji of a character, with its skin tone, or of a code.
func emojiOf(typed string) (piece, bool) {
	if name := strings.Trim(typed, ":"); typed[0] == ':' && len(name) == len(typed)-2 {
		for _, known := range emojiNames {
			if name == known {
				return piece{kind: emoji, text: typed, name: name}, true
			}
		}
		return piece{}, false
	}
	first, width := utf8.DecodeRuneInString(typed)
	name, known := emojiNames[first]
	if !known {
		return piece{}, false
	}
	text := ":" + name + ":"
	if tone, _ := utf8.DecodeLastRuneInString(typed[width:]); tone >= 0x1f3fb && tone <= 0x1f3ff {
		text += ":skin-tone-" + string('2'+tone-0x1f3fb) + ":"
	}
	return piece{kind: emoji, text: text, name: name}, true
}

func wordByte(b byte) bool {
	return b == '_' || '0' <= b && b <= '9' || 'a' <= b|0x20 && b|0x20 <= 'z'
}

// reference tells what a typed token refers to.
func (w *Workspace) reference(typed string) piece {
	switch {
	case strings.HasPrefix(typed, "<@"):
		id, _, _ := strings.Cut(strings.Trim(typed, "<@>"), "|")
		if u, ok := w.users[id]; ok {
			return piece{kind: userMention, text: "@" + u.Name, id: u.ID, name: u.Name}
		}
	case strings.HasPrefix(typed, "<#"):
		id, _, _ := strings.Cut(strings.Trim(typed, "<#>"), "|")
		if c := w.channels[id]; c != nil {
			return piece{kind: channelMention, text: "#" + c.Name, id: c.ID, name: c.Name}
		}
	case typed[0] == '<': // a link that was given words, or pasted as one
		target, says, _ := strings.Cut(strings.Trim(typed, "<>"), "|")
		return piece{kind: link, text: target, name: says}
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
	case strings.HasPrefix(typed, "http://"), strings.HasPrefix(typed, "https://"):
		return piece{kind: link, text: typed}
	case strings.Contains(typed, "@"):
		return piece{kind: link, text: "mailto:" + typed, name: typed}
	case typed[0] == ':' || typed[0] >= 0x80:
		if p, known := emojiOf(typed); known {
			return p
		}
	case strings.Contains(typed, "."):
		return piece{kind: link, text: "http://" + typed, name: typed}
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
// should_escape references and links stay as typed; emoji are codes all the
// same. w.mu is held.
func (w *Workspace) escapeCommand(text string, references bool) string {
	var b strings.Builder
	for _, p := range w.pieces(text) {
		switch {
		case p.kind == link && !references && p.name != "":
			b.WriteString(escaped(p.name))
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
		if p.name != "" {
			return "<" + escaped(p.text) + "|" + escaped(p.name) + ">"
		}
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
		e := map[string]any{"type": "link", "url": p.text}
		if p.name != "" {
			e["text"] = p.name
		}
		return e
	case emoji:
		return map[string]any{"type": "emoji", "name": p.name}
	}
	return map[string]any{"type": "text", "text": p.text}
}
