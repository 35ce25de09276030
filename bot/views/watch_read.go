package views

import (
	"slices"
	"strings"

	"github.com/slack-go/slack"

	"computeunits/bot/blocks"
	"computeunits/bot/phrase"
	"computeunits/notify/plan"
)

// A WatchFields is what the form held when it was submitted.
type WatchFields struct {
	plan.Watch
	own    bool // it has more than the owners
	groups bool // there was a picker for them
}

// Onto is the watch that is asked for, given the one that there is: what the
// form did not show stays.
func (f WatchFields) Onto(was plan.Watch) plan.Watch {
	w := f.Watch
	if !f.own {
		w.Label, w.Channel, w.Ladder = was.Label, was.Channel, was.Ladder
	}
	if !f.groups {
		for _, id := range was.Owners {
			if isGroup(id) {
				w.Owners = append(w.Owners, id)
			}
		}
	}
	return w
}

// ReadWatch reads the submitted form. Faults are sentences by field. It is a pure
// function.
func ReadWatch(book *phrase.Book, service string, state *slack.ViewState) (f WatchFields, faults map[string]string) {
	faults = make(map[string]string)
	f.Service = service
	label, own := Field(state, "label")
	channel, _ := Field(state, "channel")
	f.own, f.Label, f.Channel = own, strings.TrimSpace(label.Value), channel.SelectedConversation
	if strings.ContainsFunc(f.Label, func(r rune) bool { return r < ' ' }) || blocks.Len(f.Label) > maxWatchLabel {
		faults["label"] = book.Say("modal.watch.label.bad")
	}
	var steps []string
	chosen, _ := Field(state, "steps")
	for _, o := range chosen.SelectedOptions {
		steps = append(steps, o.Value)
	}
	more, _ := Field(state, "more")
	for part := range strings.FieldsFuncSeq(blocks.Fold(more.Value), func(r rune) bool { return strings.ContainsRune(" ,;、，", r) }) {
		one, err := plan.ParseLadder(part)
		if err != nil {
			faults["more"] = book.Say("modal.watch.more.bad", "text", blocks.Quote(part))
		} else if !slices.Contains(steps, one.String()) {
			steps = append(steps, one.String())
		}
	}
	if len(steps) > 0 && len(faults) == 0 {
		ladder, err := plan.ParseLadder(strings.Join(steps, ","))
		if err != nil {
			faults["steps"] = book.Say("modal.watch.more.bad", "text", blocks.Quote(strings.Join(steps, ",")))
		}
		f.Ladder = ladder
	}
	people, _ := Field(state, "people")
	f.Owners = slices.Clone(people.SelectedUsers)
	groups, shown := Field(state, "groups")
	f.groups = shown
	for _, o := range groups.SelectedOptions {
		f.Owners = append(f.Owners, o.Value)
	}
	return f, faults
}
