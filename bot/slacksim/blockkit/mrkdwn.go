package blockkit

import "strings"

// entities are the only escapes of mrkdwn (/messaging/formatting-message-text).
var entities = strings.NewReplacer("&amp;", "&", "&lt;", "<", "&gt;", ">")

// PlainMrkdwn returns a string of mrkdwn, such as the text of a message, as people
// would see it on a terminal. Escapes and everything in angle brackets are
// resolved:
//
//	<https://x.example|label>        label (https://x.example)
//	<!date^0^{date_num}|1 Jan 1970>  1 Jan 1970
//	<@U1|alice>, <@U1>               @alice, @U1
//	<#C1|general>, <#C1>             #general, #C1
//	<!here>                          @here
//
// Marks for bold, italic, code and the like stay as they are, and so does anything
// in brackets that means nothing to Slack.
func PlainMrkdwn(text string) string {
	if !strings.ContainsAny(text, "<&") {
		return text
	}
	var b strings.Builder
	b.Grow(len(text))
	for {
		before, rest, found := strings.Cut(text, "<")
		entities.WriteString(&b, before)
		if !found {
			return b.String()
		}
		end := strings.IndexAny(rest, "<>")
		if end < 0 || rest[end] == '<' {
			b.WriteByte('<')
			text = rest
			continue
		}
		if shown, ok := plainToken(rest[:end]); ok {
			b.WriteString(shown)
		} else {
			entities.WriteString(&b, "<"+rest[:end+1])
		}
		text = rest[end+1:]
	}
}

// plainToken renders what stood between angle brackets; false when it has no
// meaning there.
func plainToken(token string) (string, bool) {
	token, label, _ := strings.Cut(token, "|")
	label = entities.Replace(label)
	switch {
	case strings.HasPrefix(token, "@"), strings.HasPrefix(token, "#"):
		return mention(token[:1], label, token[1:]), true
	case strings.HasPrefix(token, "!date^"):
		return label, label != "" // the fallback, without which it is no date
	case strings.HasPrefix(token, "!subteam^"):
		return mention("@", label, strings.TrimPrefix(token, "!subteam^")), true
	case strings.HasPrefix(token, "!"):
		return mention("@", label, token[1:]), true
	case strings.Contains(token, ":"):
		return plainLink(entities.Replace(token), label), true
	default:
		return "", false
	}
}

// mention shows a name if there is one and the identifier if not.
func mention(sign, name, id string) string {
	if name == "" {
		name = id
	}
	return sign + strings.TrimPrefix(name, sign)
}

// plainLink shows a label and where it leads, once if that is the same.
func plainLink(target, label string) string {
	if label == "" || label == target || "mailto:"+label == target {
		return strings.TrimPrefix(target, "mailto:")
	}
	return label + " (" + target + ")"
}
