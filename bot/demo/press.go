package demo

import (
	"context"
	"slices"
	"strings"
	"time"

	"computeunits/bot/slacksim"
	"computeunits/bot/slacksim/blockkit"
)

const pressUsage = `(Write what to press, as it stands in brackets: press Refresh, or a choice of a menu: press Snooze… > 1 day.)`

// A choice is a control that somebody means, and what of it.
type choice struct {
	on     slacksim.Place
	is     control
	option blockkit.Option // of a menu; the zero value: none was named
}

// String is what to type for it.
func (c choice) String() string { return "press " + c.is.name + " > " + c.option.Label }

// meant are the controls of a place that some words mean, the surest only:
// "Refresh", "Snooze… > 1 day", "Snooze… 1 day", or the choice alone.
func meant(on slacksim.Place, words string) []choice {
	text := norm(words)
	named, rest, _ := strings.Cut(words, ">")
	var whole, parts, alone []choice
	for _, c := range controlsOf(on) {
		if c.Field {
			continue
		}
		name := norm(c.name)
		if name == text {
			whole = append(whole, choice{on: on, is: c})
		}
		if c.isButton() {
			continue
		}
		after := ""
		if norm(named) == name {
			after = rest
		} else if more, ok := strings.CutPrefix(text, name+" "); ok {
			after = more
		}
		if o, ok := c.option(after); ok {
			parts = append(parts, choice{on, c, o})
		}
		if o, ok := c.option(words); ok && norm(o.Label) == text {
			alone = append(alone, choice{on, c, o})
		}
	}
	for _, found := range [][]choice{whole, parts, alone} {
		if len(found) > 0 {
			return found
		}
	}
	return nil
}

// places are what the person sees, the latest first. Nothing behind a window can
// be pressed.
func (w *world) places() []slacksim.Place {
	if v, open := w.slack.Modal((feed{w}).person()); open {
		return []slacksim.Place{v}
	}
	w.looking.Lock()
	defer w.looking.Unlock()
	all := slices.Clone(w.recent)
	slices.Reverse(all)
	for i := range all {
		if _, is := all[i].(slacksim.View); is { // it may have changed behind their back
			all[i] = w.slack.Home(feed{w}.person())
		}
	}
	return all
}

// press presses a button, or chooses in a menu, where it was seen last.
func (w *world) press(ctx context.Context, words string) string {
	if words == "" {
		return pressUsage
	}
	for _, on := range w.places() {
		found := meant(on, words)
		switch {
		case len(found) == 0:
			continue
		case len(found) > 1 && found[0].option.Label != "":
			lines := []string{"(Several have that. Write which:"}
			for _, c := range found {
				lines = append(lines, "  "+c.String())
			}
			return strings.Join(lines, "\n") + ")"
		case !found[0].is.isButton() && found[0].option.Label == "":
			return "(That is a menu. Write what you choose: press " + found[0].is.name + " > " + found[0].is.Options[0].Label + "\n  " + found[0].is.String() + ")"
		}
		return w.do(ctx, found[0])
	}
	if _, open := w.slack.Modal((feed{w}).person()); open {
		return "(The window has nothing of that name, and what is behind it cannot be pressed: fill it in and submit, or close.)"
	}
	return "(Nothing here has that name. What can be pressed stands in brackets, as in press Refresh or press Snooze… > 1 day.)"
}

// do presses or chooses, answers yes when Slack asks, and shows what comes of it.
func (w *world) do(ctx context.Context, c choice) string {
	id := c.is.BlockID + "/" + c.is.ActionID
	if v, is := c.on.(slacksim.View); is && v.Type == "home" {
		feed{w}.faceHome(true)
		defer feed{w}.faceHome(false)
	}
	var pressed *slacksim.Interaction
	came, err := feed{w}.follow(ctx, 5*time.Second, func() error {
		if c.is.isButton() {
			pressed = w.slack.Press(feed{w}.person(), c.on, id)
		} else {
			pressed = w.slack.Select(feed{w}.person(), c.on, id, c.option.Value)
		}
		if asked := pressed.Asked(); asked != nil {
			feed{w}.show("(Slack asks: " + asked.Title + " " + asked.Text + " The answer is yes.)")
			pressed.Confirm()
		}
		return pressed.Acked(ctx)
	})
	switch {
	case err != nil:
		return "(" + err.Error() + ")"
	case pressed.Opened() != "":
		return "(The browser opens " + pressed.Opened() + ")"
	case !came:
		return "(Nothing to see came of it.)"
	}
	return ""
}
