package bot

import (
	"log/slog"
	"strings"

	"computeunits/bot/action"
	"computeunits/bot/interaction"
	"computeunits/bot/phrase"
	"computeunits/notify/plan"
)

// An asking is an interaction together with what is known of the person: all that
// an answer depends on besides the request itself.
type asking struct {
	interaction.Interaction
	reader
	log *slog.Logger
	// own is the person's language while the Book is that of the channel; nil
	// otherwise.
	own *phrase.Book
}

// aloud is w in the language of what everybody in a channel reads.
func (a *answerer) aloud(w asking) asking {
	if w.own == nil {
		w.own, w.Book = w.Book, a.tongue
	}
	return w
}

// aside is w in the person's own language, for what they alone read.
func (w asking) aside() asking {
	if w.own != nil {
		w.Book, w.own = w.own, nil
	}
	return w
}

// A reader is the person whom an answer is for.
type reader struct {
	person
	preference plan.Preference
	*phrase.Book
}

// openedFrom is w, of a modal, with where that was opened.
func (w asking) openedFrom(d action.Action) asking {
	w.Channel, w.TS, w.Direct = d.Channel, d.TS, strings.HasPrefix(d.Channel, "D")
	return w
}
