package chat

import (
	"log/slog"
	"strings"

	"computeunits/bot/action"
	"computeunits/bot/interaction"
	"computeunits/bot/messages"
	"computeunits/bot/people"
	"computeunits/bot/phrase"
	"computeunits/bot/reply"
)

// privately is a sentence for the person who pressed, and nobody else.
func privately(text string) reply.Reply {
	return reply.Reply{Message: messages.Mrkdwn(text), Private: true}
}

// A Turn is an interaction together with what is known of the person: all that
// an answer depends on besides the request itself.
type Turn struct {
	interaction.Interaction
	people.Reader
	Log *slog.Logger
	// own is the person's language while the Book is that of the channel; nil
	// otherwise.
	own *phrase.Book
}

// forChannel is w in the language of what everybody in a channel reads.
func (a *Chat) forChannel(w Turn) Turn {
	if w.own == nil {
		w.own, w.Book = w.Book, a.ChannelBook
	}
	return w
}

// forPerson is w in the person's own language, for what they alone read.
func (w Turn) forPerson() Turn {
	if w.own != nil {
		w.Book, w.own = w.own, nil
	}
	return w
}

// openedFrom is w, of a modal, with where that was opened.
func (w Turn) openedFrom(d action.Action) Turn {
	w.Channel, w.TS, w.Direct = d.Channel, d.TS, strings.HasPrefix(d.Channel, "D")
	return w
}
