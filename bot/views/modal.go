package views

import (
	"encoding/json"

	"computeunits/bot/action"
	"computeunits/bot/blocks"
	"computeunits/bot/messages"
	"computeunits/bot/phrase"

	"github.com/slack-go/slack"
)

// HomeModal is the callback_id of the modals that the App Home opens.
const HomeModal = "home"

// The modals, as Slack names them when they are submitted.
const (
	WatchModal = "watch"
	PickModal  = "pick"
)

// maxTitle is how much of a title, or a button, a modal shows.
const maxTitle = 24

// fieldAction is the action_id of every field: block ids tell them apart.
const fieldAction = "value"

// Loading is a modal that waits for what it is to show.
func Loading(book *phrase.Book) slack.ModalViewRequest {
	return NoticeModal(book.Say("modal.loading"), book.Say("modal.wait"), book)
}

// Saving is a modal whose work has begun.
func Saving(book *phrase.Book) slack.ModalViewRequest {
	return NoticeModal(book.Say("modal.loading"), book.Say("modal.saving"), book)
}

// NoticeModal is a modal that only says something, in mrkdwn in which foreign text
// is escaped.
func NoticeModal(title, text string, book *phrase.Book) slack.ModalViewRequest {
	return slack.ModalViewRequest{
		Type: slack.VTModal, Title: blocks.PlainText(blocks.Printable(title, maxTitle-1)), Close: blocks.PlainText(book.Say("modal.close")),
		Blocks: slack.Blocks{BlockSet: []slack.Block{slack.NewSectionBlock(blocks.Mrkdwn(blocks.Clip(text, blocks.MaxSectionText)), nil, nil)}},
	}
}

// AsMessage is what the first words of a modal say, as a message.
func AsMessage(view slack.ModalViewRequest) messages.Message {
	for _, b := range view.Blocks.BlockSet {
		if s, ok := b.(*slack.SectionBlock); ok && s.Text != nil {
			return messages.Message{Text: s.Text.Text, Blocks: []slack.Block{s}}
		}
	}
	return messages.Message{}
}

// Field is what a form holds in one of its fields; false when it has no such.
func Field(state *slack.ViewState, block string) (slack.BlockAction, bool) {
	if state == nil {
		return slack.BlockAction{}, false
	}
	value, ok := state.Values[block][fieldAction]
	return value, ok
}

// input is a field with its name.
func input(block, label, hint string, element slack.BlockElement) *slack.InputBlock {
	b := slack.NewInputBlock(block, blocks.PlainText(label), nil, element)
	if hint != "" {
		b.Hint = blocks.PlainText(hint)
	}
	return b
}

// KeptOpen acknowledges the submission of a form so that it stays as it is, with
// a sentence at its first field; where a form has no field, the sentence is shown
// on top of it. For what is no submission it is nil. book is of the person; a form
// goes on in its own language.
// https://docs.slack.dev/surfaces/modals#displaying_errors
func KeptOpen(payload json.RawMessage, book *phrase.Book, why func(*phrase.Book) string) any {
	var form struct {
		Type string `json:"type"`
		View struct {
			PrivateMetadata string `json:"private_metadata"`
			Blocks          []struct {
				Type string `json:"type"`
				ID   string `json:"block_id"`
			} `json:"blocks"`
		} `json:"view"`
	}
	if json.Unmarshal(payload, &form) != nil || form.Type != string(slack.InteractionTypeViewSubmission) {
		return nil
	}
	if d, ok := action.Decode(form.View.PrivateMetadata); ok && d.Lang != "" {
		book = phrase.For(d.Lang)
	}
	for _, b := range form.View.Blocks {
		if b.Type == string(slack.MBTInput) {
			return slack.NewErrorsViewSubmissionResponse(map[string]string{b.ID: why(book)})
		}
	}
	view := NoticeModal(book.Say("modal.notnow"), blocks.Escape(why(book)), book)
	return slack.NewPushViewSubmissionResponse(&view)
}
