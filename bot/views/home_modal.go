package views

import (
	"github.com/slack-go/slack"

	"computeunits/bot/action"
	"computeunits/bot/blocks"
	"computeunits/bot/phrase"
	"computeunits/notify/plan"
)

// WhichService is the form that asks for a service. wrong, in mrkdwn, is what was
// wrong with what was submitted. It is a pure function.
func WhichService(book *phrase.Book, d action.Action, typed, wrong string) slack.ModalViewRequest {
	title, next := book.Say("modal.watch.title"), book.Say("home.next.step")
	if d.Kind == action.Show {
		title, next = book.Say("home.show.title"), book.Say("home.show.do")
	}
	var drawn []slack.Block
	if wrong != "" {
		drawn = append(drawn, blocks.Section("⚠️ "+wrong))
	}
	e := slack.NewPlainTextInputBlockElement(blocks.PlainText("svco-48exxxa594"), fieldAction)
	e.InitialValue, e.MaxLength = typed, 200
	drawn = append(drawn, input("service", book.Say("home.which"), book.Say("home.which.hint"), e))
	return slack.ModalViewRequest{
		Type: slack.VTModal, CallbackID: HomeModal, PrivateMetadata: action.Action{Kind: d.Kind, Lang: book.Language()}.Encode(),
		Title: blocks.PlainText(title), Submit: blocks.PlainText(next), Close: blocks.PlainText(book.Say("modal.cancel")),
		Blocks: slack.Blocks{BlockSet: drawn},
	}
}

// Unwatch asks. It is a pure function.
func Unwatch(book *phrase.Book, watch plan.Watch) slack.ModalViewRequest {
	view := NoticeModal(book.Say("home.unwatch.title"), book.Say("home.unwatch.sure", "service", blocks.ServiceName(watch.Label, watch.Service)), book)
	view.CallbackID, view.PrivateMetadata = HomeModal, action.Action{Kind: action.Unwatch, Lang: book.Language(), Service: watch.Service}.Encode()
	view.Submit, view.Close = blocks.PlainText(book.Say("home.unwatch.do")), blocks.PlainText(book.Say("modal.cancel"))
	return view
}
