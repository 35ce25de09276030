package views

import (
	"time"

	"github.com/slack-go/slack"

	"computeunits/bot/action"
	"computeunits/bot/blocks"
	"computeunits/bot/messages"
	"computeunits/bot/phrase"
	"computeunits/notify/plan"
)

// Pick is the form: which instances, and what to do with them. It is a pure
// function.
func Pick(book *phrase.Book, zone *time.Location, from action.Action, about []plan.Expiry) slack.ModalViewRequest {
	var instances, whats []*slack.OptionBlockObject
	for _, e := range about {
		d := action.Action{Kind: action.Pick, Service: e.Service, Instance: e.Instance, Expires: e.Expires}
		text := blocks.Printable(e.Instance, 40) + " · " + book.ShortDay(e.Expires.In(zone).Date())
		if o := d.Option(text); o != nil && len(instances) < blocks.MaxOptions {
			instances = append(instances, o)
		}
	}
	for _, d := range pickDeeds() {
		whats = append(whats, d.Option(pickName(book, d)))
	}
	choose := slack.NewOptionsMultiSelectBlockElement(slack.MultiOptTypeStatic, blocks.PlainText(book.Say("modal.pick.which.empty")), fieldAction, instances...)
	from.Lang = book.Language()
	drawn := []slack.Block{
		input("which", book.Say("modal.pick.which"), "", choose),
		input("what", book.Say("modal.pick.what"), "", slack.NewRadioButtonsBlockElement(fieldAction, whats...)),
	}
	if left := len(about) - len(instances); left > 0 {
		drawn = append(drawn, blocks.Context(book.Count("modal.pick.more", left)))
	}
	return slack.ModalViewRequest{
		Type: slack.VTModal, CallbackID: PickModal, PrivateMetadata: from.Encode(),
		Title: blocks.PlainText(book.Say("modal.pick.title")), Submit: blocks.PlainText(book.Say("modal.do")), Close: blocks.PlainText(book.Say("modal.cancel")),
		Blocks: slack.Blocks{BlockSet: drawn},
	}
}

// pickDeeds are what can be done with the chosen instances.
func pickDeeds() []action.Action {
	deeds := []action.Action{{Kind: action.Acknowledge}}
	for _, span := range messages.Spans() {
		deeds = append(deeds, action.Action{Kind: action.Snooze, Span: span})
	}
	return append(deeds, action.Action{Kind: action.Unacknowledge})
}

func pickName(book *phrase.Book, d action.Action) string {
	switch {
	case d.Kind == action.Acknowledge:
		return book.Say("button.acknowledge")
	case d.Kind == action.Unacknowledge:
		return book.Say("modal.pick.undo")
	case d.Span == 0:
		return book.Say("modal.pick.snooze.next")
	default:
		return book.Say("modal.pick.snooze", "span", messages.SpanName(book, d.Span))
	}
}

// ReadPick reads what was chosen, and what is to be done with it; faults are
// sentences by the field that they stand at.
func ReadPick(book *phrase.Book, state *slack.ViewState) (do action.Action, about []plan.Expiry, faults map[string]string) {
	faults = make(map[string]string)
	which, _ := Field(state, "which")
	what, _ := Field(state, "what")
	do, ok := action.Decode(what.SelectedOption.Value)
	if !ok {
		faults["what"] = book.Say("modal.pick.none")
	}
	for _, o := range which.SelectedOptions {
		if one, ok := action.Decode(o.Value); ok {
			about = append(about, one.Expiry())
		}
	}
	if len(about) == 0 {
		faults["which"] = book.Say("modal.pick.none")
	}
	return do, about, faults
}
