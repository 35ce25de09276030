package messages

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"computeunits/bot/blocks"
	"computeunits/bot/phrase"
	"computeunits/qianfan"
)

// Explain turns an error of Qianfan's into a sentence for the person who
// asked: what happened, what to do, and what to quote to support. The result
// is plain text in English. The cause of an error that did not come from Qianfan
// is for the log, not for people, so it is not repeated.
func Explain(err error) string { return ExplainIn(phrase.For(phrase.English), err) }

// ExplainIn is Explain in the language of a book.
func ExplainIn(book *phrase.Book, err error) string {
	e, ok := errors.AsType[*qianfan.Error](err)
	switch {
	case ok:
		return book.Say("explain.with", "what", diagnosis(book, e), "reference", reference(book, e))
	case errors.Is(err, context.DeadlineExceeded):
		return book.Say("explain.slow")
	default:
		return book.Say("explain.unreachable")
	}
}

// diagnosis says what happened and what to do.
func diagnosis(book *phrase.Book, e *qianfan.Error) string {
	switch causeOf(e.Status, e.Code, e.Message, e.Temporary()) {
	case causeAccessKey:
		return book.Say("diagnosis.accesskey")
	case causeSignature:
		return book.Say("diagnosis.signature")
	case causeClock:
		return book.Say("diagnosis.clock")
	case causePolicy:
		return book.Say("diagnosis.policy")
	case causeService:
		return book.Say("explain.service")
	case causeTooOften:
		return book.Say("explain.toooften")
	case causeRefused:
		return book.Say("diagnosis.refused")
	case causeBroken:
		return book.Say("explain.broken")
	case causeBadQuestion:
		return book.Say("explain.refused")
	default:
		return book.Say("explain.nonsense")
	}
}

// reference is what support wants to know: code, HTTP status, request id.
func reference(book *phrase.Book, e *qianfan.Error) string {
	parts := make([]string, 0, 4)
	if e.Code != "" {
		parts = append(parts, book.Say("explain.code", "code", blocks.Printable(e.Code, 60)))
	}
	if e.Message != "" {
		parts = append(parts, blocks.Quote(e.Message))
	}
	if e.Status != 0 {
		parts = append(parts, fmt.Sprintf("HTTP %d", e.Status))
	}
	if e.RequestID != "" {
		parts = append(parts, book.Say("trouble.request", "id", blocks.Printable(e.RequestID, blocks.MaxQuoted)))
	} else {
		parts = append(parts, book.Say("explain.noid"))
	}
	return strings.Join(parts, book.Say("list.comma"))
}
