package demo

import (
	"context"
	"errors"
	"strings"
	"time"

	"computeunits/bot/slacksim"
)

const (
	noWindow  = "(No window is open. A button that ends in … opens one: press Watch settings…)"
	fillUsage = "(Write which field and what into it, as the window says: fill Label Chat prod)"
)

// fill fills a field of the window; without a value it empties it.
func (w windows) fill(_ context.Context, words string) string {
	v, open := w.slack.Modal(feed(w).person())
	switch {
	case !open:
		return noWindow
	case fieldLines(v) == "":
		return "(The window has nothing to fill in.)"
	case words == "":
		return fillUsage
	}
	c, value, ok := field(v, words)
	if !ok {
		return "(The window has no such field. Write one of these:\n" + fieldLines(v) + ")"
	}
	said, wrong := c.values(value)
	if wrong != "" {
		return "(" + c.name + " does not offer " + wrong + ". Write: fill " + c.name + " " + c.wants() + ")"
	}
	if err := w.slack.Fill(feed(w).person(), v, c.BlockID+"/"+c.ActionID, said...); err != nil {
		return "(" + names.Replace(err.Error()) + ")"
	}
	if value == "" {
		return "(" + c.name + " is empty.)"
	}
	return "(" + c.name + ": " + value + ")"
}

// field finds the field that words begin with, by what it is called or by its
// block, and returns the rest of the words.
func field(v slacksim.View, words string) (found control, value string, ok bool) {
	longest := 0
	for _, c := range controlsOf(v) {
		for _, name := range []string{c.name, c.BlockID} {
			rest, is := cutName(words, name)
			if c.Field && is && len(name) > longest {
				found, value, longest, ok = c, rest, len(name), true
			}
		}
	}
	return found, value, ok
}

// cutName removes a name from the beginning of words, whatever its case.
func cutName(words, name string) (rest string, ok bool) {
	if name == "" || len(words) < len(name) || !strings.EqualFold(words[:len(name)], name) {
		return words, false
	}
	rest = words[len(name):]
	if rest != "" && !strings.HasPrefix(rest, " ") && !strings.HasPrefix(rest, ":") && !strings.HasPrefix(rest, ">") {
		return words, false // half a word
	}
	return strings.TrimLeft(rest, " :>"), true
}

// values are what a field is to hold, as Slack names it; wrong is what it does
// not offer.
func (c control) values(text string) (said []string, wrong string) {
	if text == "" {
		return nil, ""
	}
	parts := []string{text}
	if _, one := c.option(text); c.Many && !one {
		parts = strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(",，、", r) })
	}
	for _, part := range parts {
		part = strings.TrimSpace(part)
		if len(c.Options) > 0 {
			o, ok := c.option(part)
			if !ok {
				return nil, part
			}
			part = o.Value
		}
		said = append(said, part)
	}
	return said, ""
}

// submit presses the button of the window that sends it.
func (w windows) submit(ctx context.Context, _ string) string {
	v, open := w.slack.Modal(feed(w).person())
	switch {
	case !open:
		return noWindow
	case v.SubmitLabel == "":
		return "(There is nothing to submit. Type close when you have read it.)"
	}
	came, err := feed(w).follow(ctx, 20*time.Second, func() error {
		err := w.slack.Submit(feed(w).person(), v).Acked(ctx)
		if wrong, ok := errors.AsType[*slacksim.Failure](err); ok && wrong.Code == "invalid_form" {
			return nil // the window says what is wrong
		}
		return err
	})
	switch {
	case err != nil:
		return "(" + err.Error() + ")"
	case !came:
		return "(Nothing to see came of it.)"
	}
	return ""
}

// close closes the window.
func (w windows) close(context.Context, string) string {
	v, open := w.slack.Modal(feed(w).person())
	if !open {
		return noWindow
	}
	w.slack.Cancel(feed(w).person(), v)
	feed(w).look()
	return ""
}
