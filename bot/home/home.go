package home

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"

	"computeunits/bot/action"
	"computeunits/bot/chat"
	"computeunits/bot/messages"
	"computeunits/bot/people"
	"computeunits/bot/phrase"
	"computeunits/bot/reply"
	"computeunits/bot/views"
	"computeunits/notify/plan"
)

// Open returns what opening the App Home does. It runs in the read loop: what
// takes time belongs into the function that it returns.
func (h *Controller) Open(e *slackevents.AppHomeOpenedEvent) func(context.Context, chat.Turn) reply.Reply {
	var stands slack.View
	if e.View != nil {
		stands = *e.View
	}
	return func(ctx context.Context, w chat.Turn) reply.Reply { return pages{h}.opened(ctx, w, stands) }
}

// opened shows the Home to somebody who opened it. Who comes back to it soon
// finds the page that they left.
func (h pages) opened(ctx context.Context, w chat.Turn, stands slack.View) reply.Reply {
	skip := 0
	if d, ok := action.Decode(stands.PrivateMetadata); ok && h.answers.Now().Sub(d.DrawnAt) < homeLooked {
		skip = d.Skip
	}
	return h.show(ctx, w, skip, stands.Hash)
}

// Pressed does what a control of the Home is for, and shows what has become of
// it.
func (h *Controller) Pressed(ctx context.Context, w chat.Turn, d action.Action, stands slack.View) reply.Reply {
	skip := d.Skip
	if d.Kind != action.Home {
		if refused, ok := h.answers.MayAsk(w); !ok {
			return pages{h}.refuse(ctx, w, refused)
		}
		if err := (pages{h}).prefer(ctx, &w, d); err != nil {
			return w.Trouble(ctx, err)
		}
		if d, ok := action.Decode(stands.PrivateMetadata); ok {
			skip = d.Skip
		}
	}
	return pages{h}.show(ctx, w, skip, stands.Hash)
}

// prefer notes what a person wants, and speaks to them like that from now on.
func (h pages) prefer(ctx context.Context, w *chat.Turn, d action.Action) error {
	n := h.answers.Notifier
	if n == nil {
		return nil // there is no such menu then; it is of another time
	}
	p := w.Preference
	switch {
	case d.Kind == action.Language && slices.Contains([]string{"", phrase.English, phrase.Chinese}, d.Line):
		p.Language = d.Line
	case d.Kind == action.Clock && slices.Contains([]string{"", views.Hours24, views.Hours12}, d.Line):
		p.TimeFormat = d.Line
	default:
		return fmt.Errorf("setting %s to %q: there is no such choice", d.Kind, d.Line)
	}
	if err := n.Ledger.People.SetPreference(ctx, w.Change(h.answers.Now()), p); err != nil {
		return err
	}
	w.Reader = h.answers.People.Reader(ctx, w.Interaction, n.Ledger)
	return nil
}

// show publishes the Home as it is now. A person who cannot be shown anything
// reads so in their direct message.
func (h pages) show(ctx context.Context, w chat.Turn, skip int, hash string) reply.Reply {
	if refused, ok := h.answers.MayAsk(w); !ok {
		return h.refuse(ctx, w, refused)
	}
	if n := h.answers.Notifier; n != nil {
		wish, cancel := n.Ledger.Within(ctx, people.WishTimeout)
		err := n.Ledger.People.View(wish, w.User, h.answers.Now())
		cancel()
		if err != nil {
			w.Log.WarnContext(ctx, "cannot note who looks at the App Home", "error", err)
		}
	}
	v, turn := h.touch(w.User, skip)
	if !v.enter(ctx) {
		return h.failed(ctx, w, fmt.Errorf("waiting for the App Home to be published: %w", ctx.Err()))
	}
	defer v.leave()
	if h.overtaken(v, turn) {
		return reply.Reply{} // by another press, which shows it
	}
	v.hash = cmp.Or(v.hash, hash)
	if err := publisher(h).publish(ctx, w, v); err != nil {
		return h.failed(ctx, w, err)
	}
	return reply.Reply{}
}

// refuse shows a small Home to somebody who may not ask.
func (h pages) refuse(ctx context.Context, w chat.Turn, refused reply.Reply) reply.Reply {
	w.Log.InfoContext(ctx, "refused", "what", "the App Home")
	if w.Other {
		refused.Message = messages.Text(w.Say("home.refused.other")) // there is no channel here in which they could ask
	}
	if _, err := publisher(h).put(ctx, w.User, "", views.SmallHome(w.Book, refused.Text)); err != nil {
		w.Log.WarnContext(ctx, "could not publish a refusal", "error", err)
		return refused
	}
	return reply.Reply{}
}

// failed says in the direct message that the Home could not be shown.
func (h pages) failed(ctx context.Context, w chat.Turn, err error) reply.Reply {
	w.Log.ErrorContext(ctx, "could not show the App Home", "error", err)
	return reply.Reply{Message: messages.Text(w.Say("home.failed", "id", w.ID)), Private: true}
}

// facts are what everybody's Home shows.
func (h *Controller) facts(ctx context.Context) (f views.HomeFacts, err error) {
	a := h.answers
	f.At, f.Connected = a.Now(), h.since()
	if a.Notifier == nil {
		f.Without = true
		for _, s := range a.Listed {
			f.Watches = append(f.Watches, plan.Watch{Service: s.ID, Label: s.Label, Fixed: true})
		}
		return f, nil
	}
	ctx, cancel := a.Notifier.Ledger.Within(ctx, people.WantTimeout)
	defer cancel()
	s, err := a.Notifier.Reports().Overview(ctx, f.At, f.At.Add(messages.FarAhead), 0, chat.MaxSearched)
	if err != nil {
		f.Watches = a.Notifier.Reports().Remembered()
		return f, err
	}
	f.Watches, f.Outlook, f.Health = s.Watches, s.Outlook, s.Health
	return f, nil
}

// page is the Home of one person.
func (h pages) page(f views.HomeFacts, r people.Reader, where views.Position) views.Home {
	return views.Home{HomeFacts: f, Position: where, Console: h.console, Zone: h.answers.ZoneOf(r), Preference: r.Preference}
}
