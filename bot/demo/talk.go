package demo

import (
	"context"
	"strings"
	"time"

	"computeunits/bot/slacksim"
)

// maxRecent is how many messages back a button can be pressed.
const maxRecent = 50

// write sends a line to the bot as a direct message and returns its answer.
func (w *world) write(ctx context.Context, line string) string {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	dm := w.slack.DM(person)
	written := w.slack.Write(person, dm, line)
	if err := written.Acked(ctx); err != nil {
		return "(The message did not reach the bot: " + err.Error() + ")"
	}
	answer, err := w.slack.Await(ctx, dm, person, func(m slacksim.Message) bool { return m.BotID != "" && m.TS > written.TS })
	if err != nil {
		return "(No answer came: " + err.Error() + ")"
	}
	return "computeunits (direct message): " + w.show(answer)
}

// show is a message as people read it, its buttons at the end, and keeps it so
// that they can be pressed.
func (w *world) show(m slacksim.Message) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.recent = append(w.recent, m)
	if len(w.recent) > maxRecent {
		w.recent = w.recent[1:]
	}
	text := m.Plain()
	var buttons []string
	for _, c := range m.Controls() {
		if c.Type == "button" {
			buttons = append(buttons, "["+c.Label+"]")
		}
	}
	if len(buttons) > 0 {
		text += "\n" + strings.Join(buttons, " ")
	}
	return text
}

// home opens the bot's Home tab and returns what stands there.
func (w *world) home(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	before := w.slack.Home(person).Hash
	if err := w.slack.OpenHome(person).Acked(ctx); err != nil {
		return "(The bot was not told: " + err.Error() + ")"
	}
	view, err := w.slack.AwaitHome(ctx, person, func(v slacksim.View) bool { return v.Hash != before })
	if err != nil {
		return "(No Home came: " + err.Error() + ")"
	}
	return "computeunits (Home):\n" + view.Plain()
}

// press presses a button of the latest message that has it, and returns what the
// person alone sees of that: what changes in the channel is shown by watch.
func (w *world) press(ctx context.Context, label string) string {
	w.mu.Lock()
	var on slacksim.Message
	for _, m := range w.recent {
		for _, c := range m.Controls() {
			if c.Type == "button" && strings.EqualFold(c.Label, label) {
				on, label = m, c.Label
			}
		}
	}
	w.mu.Unlock()
	if on.TS == "" {
		return "(No message here has that button. They stand in brackets below the messages: press Refresh.)"
	}
	pressed := w.slack.Press(person, on, label)
	if pressed.Asked() != nil {
		pressed.Confirm()
	}
	if err := pressed.Acked(ctx); err != nil {
		return "(" + err.Error() + ")"
	}
	if url := pressed.Opened(); url != "" {
		return "(The browser opens " + url + ")"
	}
	return w.follows(ctx, pressed)
}

// follows waits a little for what comes of a press: the message in another form,
// words for the person alone, or a modal.
func (w *world) follows(ctx context.Context, pressed *slacksim.Interaction) string {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	answer, err := pressed.Reply(ctx)
	if err == nil {
		return "computeunits: " + w.show(answer)
	}
	if modal, ok := w.slack.Modal(person); ok {
		return "(A window opens, which cannot be filled in here.)\n" + modal.Plain()
	}
	return ""
}
