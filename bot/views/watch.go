package views

import (
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"computeunits/bot/action"
	"computeunits/bot/blocks"
	"computeunits/bot/messages"
	"computeunits/bot/phrase"
	"computeunits/notify/plan"
)

const (
	maxWatchLabel = 80 // characters of a label, as notify takes them
	maxOwners     = 20
)

// A WatchForm is what the modal for the watch of a service shows.
type WatchForm struct {
	Watch   plan.Watch // as it is, or is to be
	Watched bool
	Before  plan.Ladder // what goes without an own ladder
	Channel string      // likewise
	// groups are the user groups of the workspace; none when Slack may not tell.
	Groups []slack.UserGroup
	Hidden bool          // Slack may not tell the groups
	From   action.Action // where it was opened
	Notice string        // mrkdwn; what was wrong with what was submitted
}

// View draws the form. It is a pure function.
func (f WatchForm) View(book *phrase.Book) slack.ModalViewRequest {
	var drawn []slack.Block
	if f.Notice != "" {
		drawn = append(drawn, slack.NewSectionBlock(blocks.Mrkdwn(blocks.Clip("⚠️ "+f.Notice, blocks.MaxSectionText)), nil, nil))
	}
	title := book.Say("modal.watch.new", "service", blocks.Code(f.Watch.Service))
	if f.Watched {
		title = book.Say("modal.watch.known", "service", blocks.ServiceName(f.Watch.Label, f.Watch.Service))
	}
	drawn = append(drawn, slack.NewSectionBlock(blocks.Mrkdwn(title), nil, nil))
	if f.Watch.Fixed {
		drawn = append(drawn, blocks.Context(book.Say("modal.watch.fixed")))
	} else {
		drawn = append(drawn, f.labelInput(book), f.channelInput(book))
		drawn = append(drawn, f.ladderInputs(book)...)
	}
	drawn = append(drawn, f.ownerInputs(book)...)
	about := action.Action{Kind: action.Settings, Lang: book.Language(), Service: f.Watch.Service, Channel: f.From.Channel, TS: f.From.TS}
	return slack.ModalViewRequest{
		Type: slack.VTModal, CallbackID: WatchModal, PrivateMetadata: about.Encode(),
		Title: blocks.PlainText(book.Say("modal.watch.title")), Submit: blocks.PlainText(book.Say("modal.save")), Close: blocks.PlainText(book.Say("modal.cancel")),
		Blocks: slack.Blocks{BlockSet: drawn},
	}
}

func (f WatchForm) labelInput(book *phrase.Book) slack.Block {
	e := slack.NewPlainTextInputBlockElement(nil, fieldAction)
	e.InitialValue, e.MaxLength = f.Watch.Label, maxWatchLabel
	b := input("label", book.Say("modal.watch.label"), book.Say("modal.watch.label.hint"), e)
	b.Optional = true
	return b
}

func (f WatchForm) channelInput(book *phrase.Book) slack.Block {
	e := slack.NewOptionsSelectBlockElement(slack.OptTypeConversations, blocks.PlainText(book.Say("modal.watch.channel.empty")), fieldAction)
	e.InitialConversation = f.Watch.Channel
	e.Filter = &slack.SelectBlockElementFilter{Include: []string{"public", "private"}, ExcludeBotUsers: true}
	b := input("channel", book.Say("modal.watch.channel"), book.Say("modal.watch.channel.hint"), e)
	b.Optional = true
	return b
}

// ladderInputs are a menu of the usual steps, with those of the watch, and a
// line for others.
func (f WatchForm) ladderInputs(book *phrase.Book) []slack.Block {
	const day = 24 * time.Hour
	steps := append(plan.Ladder{30 * day, 14 * day, 7 * day, 3 * day, 2 * day, day, 12 * time.Hour, 6 * time.Hour, time.Hour, 0, -day, -3 * day, -6 * day}, f.Watch.Ladder...)
	slices.SortFunc(steps, func(x, y time.Duration) int { return int((y - x) / time.Second) })
	steps = slices.Compact(steps)
	option := func(step time.Duration) *slack.OptionBlockObject {
		return slack.NewOptionBlockObject(plan.Ladder{step}.String(), blocks.PlainText(messages.StepName(book, step)), nil)
	}
	var options, chosen []*slack.OptionBlockObject
	for _, step := range steps[:min(len(steps), blocks.MaxOptions)] {
		options = append(options, option(step))
		if slices.Contains(f.Watch.Ladder, step) {
			chosen = append(chosen, option(step))
		}
	}
	menu := slack.NewOptionsMultiSelectBlockElement(slack.MultiOptTypeStatic, blocks.PlainText(book.Say("modal.watch.steps.empty")), fieldAction, options...)
	menu.InitialOptions = chosen
	b := input("steps", book.Say("modal.watch.steps"), book.Say("modal.watch.steps.hint", "steps", f.Before.String()), menu)
	b.Optional = true
	line := slack.NewPlainTextInputBlockElement(blocks.PlainText("36h, 10d"), fieldAction)
	line.MaxLength = 200
	more := input("more", book.Say("modal.watch.more"), book.Say("modal.watch.more.hint"), line)
	more.Optional = true
	return []slack.Block{b, more}
}

// ownerInputs are the pickers of people and, where Slack lets the bot list them,
// of user groups.
func (f WatchForm) ownerInputs(book *phrase.Book) []slack.Block {
	people := slack.NewOptionsMultiSelectBlockElement(slack.MultiOptTypeUser, blocks.PlainText(book.Say("modal.watch.people.empty")), fieldAction)
	most := maxOwners
	people.MaxSelectedItems = &most
	var options, chosen []*slack.OptionBlockObject
	for _, g := range f.Groups {
		option := slack.NewOptionBlockObject(g.ID, blocks.PlainText(blocks.Printable("@"+g.Handle, action.MaxButtonText-1)), nil)
		if slices.Contains(f.Watch.Owners, g.ID) {
			chosen = append(chosen, option)
			options = slices.Insert(options, len(chosen)-1, option) // so that it is among those that fit
		} else {
			options = append(options, option)
		}
	}
	for _, id := range f.Watch.Owners {
		if !isGroup(id) {
			people.InitialUsers = append(people.InitialUsers, id)
		}
	}
	b := input("people", book.Say("modal.watch.people"), book.Say("modal.watch.people.hint"), people)
	b.Optional = true
	switch {
	case f.Hidden:
		return []slack.Block{b, blocks.Context(book.Say("modal.watch.groups.hidden"))}
	case len(options) == 0:
		return []slack.Block{b}
	}
	groups := slack.NewOptionsMultiSelectBlockElement(slack.MultiOptTypeStatic, blocks.PlainText(book.Say("modal.watch.groups.empty")), fieldAction, options[:min(len(options), blocks.MaxOptions)]...)
	groups.InitialOptions = chosen
	g := input("groups", book.Say("modal.watch.groups"), "", groups)
	g.Optional = true
	return []slack.Block{b, g}
}

// isGroup reports whether an owner is a user group.
func isGroup(id string) bool { return strings.HasPrefix(id, "S") }
