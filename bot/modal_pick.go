package bot

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/slack-go/slack"

	"computeunits/bot/phrase"
	"computeunits/notify"
)

// maxOptions is how many entries a menu has.
const maxOptions = 100

// openPick opens the modal that chooses among the instances of a message.
func (a *answerer) openPick(cb slack.InteractionCallback) work {
	return a.modal(cb, func(ctx context.Context, w asking) (slack.ModalViewRequest, error) {
		title := w.Say("modal.pick.title")
		if refused, ok := a.mayChange(ctx, w); !ok {
			return notice(title, refused.text, w.Book), nil
		}
		if a.notifier == nil {
			return notice(title, w.Say("press.unwatched"), w.Book), nil
		}
		about, err := a.notifier.Carried(ctx, w.channel, w.ts)
		if err != nil {
			return slack.ModalViewRequest{}, err
		}
		if len(about) == 0 {
			return notice(title, w.Say("press.forgotten"), w.Book), nil
		}
		return pickView(w.Book, w.place(), deed{act: actPick, channel: w.channel, ts: w.ts}, about), nil
	})
}

// pickView is the form: which instances, and what to do with them. It is a pure
// function.
func pickView(book *phrase.Book, zone *time.Location, from deed, about []notify.Expiry) slack.ModalViewRequest {
	var instances, whats []*slack.OptionBlockObject
	for _, e := range about {
		d := deed{act: actPick, service: e.Service, instance: e.Instance, expires: e.Expires}
		text := printable(e.Instance, 40) + " · " + book.ShortDay(e.Expires.In(zone).Date())
		if o := d.option(text); o != nil && len(instances) < maxOptions {
			instances = append(instances, o)
		}
	}
	for _, d := range pickDeeds() {
		whats = append(whats, d.option(pickName(book, d)))
	}
	choose := slack.NewOptionsMultiSelectBlockElement(slack.MultiOptTypeStatic, plainText(book.Say("modal.pick.which.empty")), fieldAction, instances...)
	from.lang = book.Language()
	blocks := []slack.Block{
		input("which", book.Say("modal.pick.which"), "", choose),
		input("what", book.Say("modal.pick.what"), "", slack.NewRadioButtonsBlockElement(fieldAction, whats...)),
	}
	if left := len(about) - len(instances); left > 0 {
		blocks = append(blocks, small(book.Count("modal.pick.more", left)))
	}
	return slack.ModalViewRequest{
		Type: slack.VTModal, CallbackID: pickModal, PrivateMetadata: from.encode(),
		Title: plainText(book.Say("modal.pick.title")), Submit: plainText(book.Say("modal.do")), Close: plainText(book.Say("modal.cancel")),
		Blocks: slack.Blocks{BlockSet: blocks},
	}
}

// place is the time zone of the reader, where text cannot be dated by Slack.
func (w asking) place() *time.Location { return cmp.Or(w.zone, time.UTC) }

// pickDeeds are what can be done with the chosen instances.
func pickDeeds() []deed {
	deeds := []deed{{act: actAcknowledge}}
	for _, span := range spans() {
		deeds = append(deeds, deed{act: actSnooze, span: span})
	}
	return append(deeds, deed{act: actUnacknowledge})
}

func pickName(book *phrase.Book, d deed) string {
	switch {
	case d.act == actAcknowledge:
		return book.Say("button.acknowledge")
	case d.act == actUnacknowledge:
		return book.Say("modal.pick.undo")
	case d.span == 0:
		return book.Say("modal.pick.snooze.next")
	default:
		return book.Say("modal.pick.snooze", "span", spanName(book, d.span))
	}
}

// pickSubmitted reads the form.
func (a *answerer) pickSubmitted(book *phrase.Book, from deed, state *slack.ViewState) (finish func(context.Context, asking) (slack.ModalViewRequest, error), faults map[string]string) {
	d, about, faults := readPick(book, state)
	return func(ctx context.Context, w asking) (slack.ModalViewRequest, error) {
		title := w.Say("modal.pick.title")
		w = w.openedFrom(from)
		if refused, ok := a.mayChange(ctx, w); !ok {
			return notice(title, refused.text, w.Book), nil
		}
		if a.notifier == nil {
			return notice(title, w.Say("press.unwatched"), w.Book), nil
		}
		now := a.now()
		answers, err := a.pauseOrUndo(ctx, w.change(now), d, about)
		if err != nil {
			return slack.ModalViewRequest{}, err
		}
		lines := append(outcome(w.Book, d.act, len(answers), answers, now), follows(w.Book, a.correct(ctx, w), answers)...)
		return notice(title, marking(lines...).text, w.Book), nil
	}, faults
}

// pauseOrUndo is pauseAll, in which taking back means whatever was answered.
func (a *answerer) pauseOrUndo(ctx context.Context, c notify.Change, d deed, about []notify.Expiry) ([]notify.Answer, error) {
	answers, err := a.pauseAll(ctx, c, d, about)
	if err != nil || d.act != actUnacknowledge {
		return answers, err
	}
	snoozed := slices.DeleteFunc(slices.Clone(answers), func(one notify.Answer) bool { return one.Changed || !one.Pause.Snoozed() })
	if len(snoozed) == 0 {
		return answers, nil
	}
	var rest []notify.Expiry
	for _, one := range snoozed {
		rest = append(rest, one.Expiry)
	}
	woken, err := a.notifier.Unsnooze(ctx, c, rest...)
	if err != nil {
		return nil, err
	}
	others := slices.DeleteFunc(answers, func(one notify.Answer) bool { return !one.Changed && one.Pause.Snoozed() })
	return append(others, woken...), nil
}

// readPick reads what was chosen, and what is to be done with it; faults are
// sentences by the field that they stand at.
func readPick(book *phrase.Book, state *slack.ViewState) (do deed, about []notify.Expiry, faults map[string]string) {
	faults = make(map[string]string)
	which, _ := formField(state, "which")
	what, _ := formField(state, "what")
	do, ok := decodeDeed(what.SelectedOption.Value)
	if !ok {
		faults["what"] = book.Say("modal.pick.none")
	}
	for _, o := range which.SelectedOptions {
		if one, ok := decodeDeed(o.Value); ok {
			about = append(about, one.expiry())
		}
	}
	if len(about) == 0 {
		faults["which"] = book.Say("modal.pick.none")
	}
	return do, about, faults
}
