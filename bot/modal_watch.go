package bot

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"computeunits/bot/phrase"
	"computeunits/notify"
)

const (
	maxWatchLabel = 80 // characters of a label, as notify takes them
	maxOwners     = 20
)

// A watchForm is what the modal for the watch of a service shows.
type watchForm struct {
	watch   notify.Watch // as it is, or is to be
	watched bool
	before  notify.Ladder // what goes without an own ladder
	channel string        // likewise
	// groups are the user groups of the workspace; none when Slack may not tell.
	groups []slack.UserGroup
	hidden bool   // Slack may not tell the groups
	from   deed   // where it was opened
	notice string // mrkdwn; what was wrong with what was submitted
}

// openWatch opens the modal for the watch of a service.
func (a *answerer) openWatch(d deed, cb slack.InteractionCallback) work {
	return a.modal(cb, func(ctx context.Context, w asking) (slack.ModalViewRequest, error) {
		if refused, ok := a.mayChange(ctx, w); !ok {
			return notice(w.Say("modal.watch.title"), refused.text, w.Book), nil
		}
		if a.notifier == nil {
			return notice(w.Say("modal.watch.title"), w.Say("watch.impossible"), w.Book), nil
		}
		f, err := a.watchForm(ctx, w, d.service)
		if err != nil {
			return slack.ModalViewRequest{}, err
		}
		f.from = deed{channel: w.channel, ts: w.ts}
		return f.view(w.Book), nil
	})
}

// watchForm finds what the form shows.
func (a *answerer) watchForm(ctx context.Context, w asking, service string) (watchForm, error) {
	f := watchForm{watch: notify.Watch{Service: service}, before: a.notifier.Settings.Before, channel: a.notifier.Settings.Channel}
	watches, err := a.notifier.Watches(ctx)
	if err != nil {
		return f, err
	}
	for _, one := range watches {
		if one.Service == service {
			f.watch, f.watched = one, true
		}
	}
	x := a.courier.slack.exchange()
	groups, err := x.api.GetUserGroupsContext(ctx)
	if err != nil {
		err = a.courier.slack.failure("listing the user groups", x, err)
		w.log.InfoContext(ctx, "people can choose no user groups as owners", "error", err)
	}
	f.groups, f.hidden = groups, err != nil
	return f, nil
}

// view draws the form. It is a pure function.
func (f watchForm) view(book *phrase.Book) slack.ModalViewRequest {
	var blocks []slack.Block
	if f.notice != "" {
		blocks = append(blocks, slack.NewSectionBlock(marked(clip("⚠️ "+f.notice, maxSectionText)), nil, nil))
	}
	title := book.Say("modal.watch.new", "service", code(f.watch.Service))
	if f.watched {
		title = book.Say("modal.watch.known", "service", name(f.watch.Label, f.watch.Service))
	}
	blocks = append(blocks, slack.NewSectionBlock(marked(title), nil, nil))
	if f.watch.Fixed {
		blocks = append(blocks, small(book.Say("modal.watch.fixed")))
	} else {
		blocks = append(blocks, f.labelInput(book), f.channelInput(book))
		blocks = append(blocks, f.ladderInputs(book)...)
	}
	blocks = append(blocks, f.ownerInputs(book)...)
	about := deed{act: actSettings, lang: book.Language(), service: f.watch.Service, channel: f.from.channel, ts: f.from.ts}
	return slack.ModalViewRequest{
		Type: slack.VTModal, CallbackID: watchModal, PrivateMetadata: about.encode(),
		Title: plainText(book.Say("modal.watch.title")), Submit: plainText(book.Say("modal.save")), Close: plainText(book.Say("modal.cancel")),
		Blocks: slack.Blocks{BlockSet: blocks},
	}
}

func (f watchForm) labelInput(book *phrase.Book) slack.Block {
	e := slack.NewPlainTextInputBlockElement(nil, fieldAction)
	e.InitialValue, e.MaxLength = f.watch.Label, maxWatchLabel
	b := input("label", book.Say("modal.watch.label"), book.Say("modal.watch.label.hint"), e)
	b.Optional = true
	return b
}

func (f watchForm) channelInput(book *phrase.Book) slack.Block {
	e := slack.NewOptionsSelectBlockElement(slack.OptTypeConversations, plainText(book.Say("modal.watch.channel.empty")), fieldAction)
	e.InitialConversation = f.watch.Channel
	e.Filter = &slack.SelectBlockElementFilter{Include: []string{"public", "private"}, ExcludeBotUsers: true}
	b := input("channel", book.Say("modal.watch.channel"), book.Say("modal.watch.channel.hint"), e)
	b.Optional = true
	return b
}

// ladderInputs are a menu of the usual steps, with those of the watch, and a
// line for others.
func (f watchForm) ladderInputs(book *phrase.Book) []slack.Block {
	const day = 24 * time.Hour
	steps := append(notify.Ladder{30 * day, 14 * day, 7 * day, 3 * day, 2 * day, day, 12 * time.Hour, 6 * time.Hour, time.Hour, 0, -day, -3 * day, -6 * day}, f.watch.Ladder...)
	slices.SortFunc(steps, func(x, y time.Duration) int { return int((y - x) / time.Second) })
	steps = slices.Compact(steps)
	option := func(step time.Duration) *slack.OptionBlockObject {
		return slack.NewOptionBlockObject(notify.Ladder{step}.String(), plainText(stepName(book, step)), nil)
	}
	var options, chosen []*slack.OptionBlockObject
	for _, step := range steps[:min(len(steps), maxOptions)] {
		options = append(options, option(step))
		if slices.Contains(f.watch.Ladder, step) {
			chosen = append(chosen, option(step))
		}
	}
	menu := slack.NewOptionsMultiSelectBlockElement(slack.MultiOptTypeStatic, plainText(book.Say("modal.watch.steps.empty")), fieldAction, options...)
	menu.InitialOptions = chosen
	b := input("steps", book.Say("modal.watch.steps"), book.Say("modal.watch.steps.hint", "steps", f.before.String()), menu)
	b.Optional = true
	line := slack.NewPlainTextInputBlockElement(plainText("36h, 10d"), fieldAction)
	line.MaxLength = 200
	more := input("more", book.Say("modal.watch.more"), book.Say("modal.watch.more.hint"), line)
	more.Optional = true
	return []slack.Block{b, more}
}

// stepName is a step of a ladder in words.
func stepName(book *phrase.Book, step time.Duration) string {
	switch {
	case step > 0:
		return book.Say("step.before", "span", wholeSpan(book, step))
	case step < 0:
		return book.Say("step.after", "span", wholeSpan(book, -step))
	default:
		return book.Say("step.at")
	}
}

// wholeSpan is a span that is not rounded as long as it is of whole hours: 36
// hours are another step than a day.
func wholeSpan(book *phrase.Book, d time.Duration) string {
	if hours := int(d / time.Hour); hours > 24 && hours < 1000 && d%time.Hour == 0 && hours%24 != 0 {
		return book.Count("span.hours", hours)
	}
	return book.Span(d)
}

// ownerInputs are the pickers of people and, where Slack lets the bot list them,
// of user groups.
func (f watchForm) ownerInputs(book *phrase.Book) []slack.Block {
	people := slack.NewOptionsMultiSelectBlockElement(slack.MultiOptTypeUser, plainText(book.Say("modal.watch.people.empty")), fieldAction)
	most := maxOwners
	people.MaxSelectedItems = &most
	var options, chosen []*slack.OptionBlockObject
	for _, g := range f.groups {
		option := slack.NewOptionBlockObject(g.ID, plainText(printable("@"+g.Handle, maxButtonText-1)), nil)
		if slices.Contains(f.watch.Owners, g.ID) {
			chosen = append(chosen, option)
			options = slices.Insert(options, len(chosen)-1, option) // so that it is among those that fit
		} else {
			options = append(options, option)
		}
	}
	for _, id := range f.watch.Owners {
		if !isGroup(id) {
			people.InitialUsers = append(people.InitialUsers, id)
		}
	}
	b := input("people", book.Say("modal.watch.people"), book.Say("modal.watch.people.hint"), people)
	b.Optional = true
	switch {
	case f.hidden:
		return []slack.Block{b, small(book.Say("modal.watch.groups.hidden"))}
	case len(options) == 0:
		return []slack.Block{b}
	}
	groups := slack.NewOptionsMultiSelectBlockElement(slack.MultiOptTypeStatic, plainText(book.Say("modal.watch.groups.empty")), fieldAction, options[:min(len(options), maxOptions)]...)
	groups.InitialOptions = chosen
	g := input("groups", book.Say("modal.watch.groups"), "", groups)
	g.Optional = true
	return []slack.Block{b, g}
}

// isGroup reports whether an owner is a user group.
func isGroup(id string) bool { return strings.HasPrefix(id, "S") }
