package demo

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"computeunits/bot/slacksim"
	"computeunits/bot/slacksim/blockkit"
)

// names are those that Slack shows in the place of ids.
var names = strings.NewReplacer("@U0ALICE", "@alice", "@U0BOB", "@bob", "@U0MEI", "@mei", "@U0COMPUTE", "@computeunits",
	"#"+channel, "#gpu-capacity", "#"+general, "#general")

// A control is something to press or to choose from, with what people call it.
type control struct {
	blockkit.Control
	name string // without the ▾ or ⋯
}

// controls are those of blocks. What says nothing itself is called as what it
// stands beside.
func controls(blocks json.RawMessage, all []blockkit.Control) []control {
	var beside []struct {
		ID   string `json:"block_id"`
		Text struct {
			Text string `json:"text"`
		} `json:"text"`
	}
	_ = json.Unmarshal(blocks, &beside) // made by Slack
	list := make([]control, len(all))
	for i, c := range all {
		list[i] = control{c, c.Label}
		for _, b := range beside {
			if c.Label == "" && b.ID == c.BlockID {
				list[i].name = title(b.Text.Text)
			}
		}
	}
	return list
}

// title is what a section is about: the first line, without the id in brackets.
func title(mrkdwn string) string {
	line, _, _ := strings.Cut(blockkit.PlainMrkdwn(mrkdwn), "\n")
	line, _, _ = strings.Cut(line, " (")
	return strings.Trim(line, "*` ")
}

// controlsOf are what can be done with something that the person sees.
func controlsOf(p slacksim.Place) []control {
	switch at := p.(type) {
	case slacksim.Message:
		return controls(at.Blocks, at.Controls())
	case slacksim.View:
		return controls(at.Blocks, at.Controls())
	}
	return nil
}

// isButton reports whether a control is pressed, not chosen from.
func (c control) isButton() bool { return c.Holds == "" && c.Type != "overflow" }

// isMenu reports whether a control shows what can be chosen only when it is
// opened, and the app, not Slack, says what that is.
func (c control) isMenu() bool {
	return c.Type == "overflow" || strings.HasSuffix(c.Type, "_select") && len(c.Options) > 0
}

// opens reports whether people have to open a control to see what it offers.
func (c control) opens() bool { return c.Type == "overflow" || strings.HasSuffix(c.Type, "_select") }

// String is a button, or a menu with its choices: those that hold are ticked.
func (c control) String() string {
	switch {
	case c.isButton():
		return "[" + c.name + "]"
	case c.Type == "overflow":
		return strings.TrimSpace("["+c.name+" ⋯ ") + " " + c.choices() + "]"
	default:
		return "[" + c.name + " ▾ " + c.choices() + "]"
	}
}

func (c control) choices() string {
	labels := make([]string, len(c.Options))
	for i, o := range c.Options {
		labels[i] = o.Label
		if o.Value != "" && bytes.Contains(c.Initial, []byte(`"value":`+quoted(o.Value))) {
			labels[i] = "✓ " + o.Label
		}
	}
	return strings.Join(labels, " | ")
}

func quoted(s string) string {
	text, _ := json.Marshal(s) // of a string
	return string(text)
}

// written is a message as people read it, who sees it, and what can be pressed
// and chosen below it.
func (w *world) written(m slacksim.Message) string {
	where := "direct message"
	switch {
	case m.VisibleTo != "":
		where = "only you see this"
	case m.Channel == channel, m.Channel == general:
		where = names.Replace("#"+m.Channel) + ", " + postedAt(m).Format("Mon 2 Jan 15:04")
	}
	if m.ThreadTS != "" && m.ThreadTS != m.TS {
		where += ", in a thread"
	}
	if m.Edited != "" {
		where += ", edited"
	}
	text := "computeunits (" + where + "): " + m.Plain()
	var below []string
	for _, c := range controlsOf(m) {
		below = append(below, c.String())
	}
	if len(below) > 0 {
		text += "\n" + strings.Join(below, " ")
	}
	return names.Replace(text)
}

// viewText is a Home or a modal, with the choices of its menus, which Slack
// shows only when they are opened.
func viewText(v slacksim.View) string {
	var text strings.Builder
	rest := v.Plain()
	for _, c := range controlsOf(v) { // which come in the order of the text
		if !c.opens() {
			continue
		}
		mark := " ▾]"
		if c.Type == "overflow" {
			mark = "[...]"
		}
		before, after, found := strings.Cut(rest, mark)
		if !found {
			continue
		}
		switch {
		case !c.isMenu() || c.Field: // windowText says what it takes
			before += mark
		case c.Type == "overflow":
			before += c.String()
		default:
			before = before[:strings.LastIndex(before, "[")] + c.String()
		}
		text.WriteString(before)
		rest = after
	}
	return names.Replace(text.String() + rest)
}

// windowText is a modal with its fields, and how to fill them.
func windowText(v slacksim.View) string {
	lines := []string{"computeunits (a window, only you see it):", viewText(v)}
	switch fields := fieldLines(v); {
	case fields != "":
		lines = append(lines, "(Type here:\n"+fields+"\n  submit, or close)")
	case v.SubmitLabel != "":
		lines = append(lines, "(Type submit, or close.)")
	default:
		lines = append(lines, "(Type close when you have read it.)")
	}
	return names.Replace(strings.Join(lines, "\n"))
}

// fieldLines are what to type for each field of a form.
func fieldLines(v slacksim.View) string {
	var lines []string
	for _, c := range controlsOf(v) {
		if c.Field {
			lines = append(lines, "  fill "+c.name+" "+c.wants())
		}
	}
	return strings.Join(lines, "\n")
}

// maxWanted is how many choices are named for a field.
const maxWanted = 13

// wants is what is filled into a field, in words.
func (c control) wants() string {
	what := "…"
	switch {
	case len(c.Options) > 0:
		var labels []string
		for _, o := range c.Options[:min(len(c.Options), maxWanted)] {
			labels = append(labels, o.Label)
		}
		if len(labels) < len(c.Options) {
			labels = append(labels, "…")
		}
		what = strings.Join(labels, " | ")
	case strings.Contains(c.Type, "users"):
		what = "@alice | @bob | @mei"
	case strings.Contains(c.Type, "channels"), strings.Contains(c.Type, "conversations"):
		what = "#gpu-capacity | #general"
	}
	if c.Many {
		what += "   (several with commas between)"
	}
	return what
}

// norm is what people need not type exactly: case, and dots at the end.
func norm(s string) string {
	s = strings.ToLower(names.Replace(s))
	s = strings.NewReplacer("...", "", "…", "", "✓", "", "▾", "", "⋯", "").Replace(s)
	return strings.Join(strings.Fields(s), " ")
}

// option is the choice of a menu that is called so, or begins so if only one does.
func (c control) option(text string) (found blockkit.Option, ok bool) {
	text = norm(text)
	if i := slices.IndexFunc(c.Options, func(o blockkit.Option) bool { return norm(o.Label) == text }); i >= 0 {
		return c.Options[i], true
	}
	for _, o := range c.Options {
		if text != "" && strings.HasPrefix(norm(o.Label), text) {
			if ok {
				return found, false
			}
			found, ok = o, true
		}
	}
	return found, ok
}
