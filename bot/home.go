package bot

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"

	"computeunits/bot/action"
	"computeunits/bot/messages"
	"computeunits/bot/phrase"
	"computeunits/bot/reply"
	"computeunits/bot/views"
	"computeunits/notify/ledger"
	"computeunits/notify/plan"
)

// open returns what opening the App Home does. It runs in the read loop: what
// takes time belongs into the function that it returns.
func (h *homes) open(e *slackevents.AppHomeOpenedEvent) func(context.Context, asking) reply.Reply {
	var stands slack.View
	if e.View != nil {
		stands = *e.View
	}
	return func(ctx context.Context, w asking) reply.Reply { return h.opened(ctx, w, stands) }
}

// opened shows the Home to somebody who opened it. Who comes back to it soon
// finds the page that they left.
func (h *homes) opened(ctx context.Context, w asking, stands slack.View) reply.Reply {
	skip := 0
	if d, ok := action.Decode(stands.PrivateMetadata); ok && h.answers.now().Sub(d.DrawnAt) < homeLooked {
		skip = d.Skip
	}
	return h.show(ctx, w, skip, stands.Hash)
}

// pressed does what a control of the Home is for, and shows what has become of
// it.
func (h *homes) pressed(ctx context.Context, w asking, d action.Action, stands slack.View) reply.Reply {
	skip := d.Skip
	if d.Kind != action.Home {
		if refused, ok := h.answers.mayAsk(w); !ok {
			return h.refuse(ctx, w, refused)
		}
		if err := h.prefer(ctx, &w, d); err != nil {
			return w.trouble(ctx, err)
		}
		if d, ok := action.Decode(stands.PrivateMetadata); ok {
			skip = d.Skip
		}
	}
	return h.show(ctx, w, skip, stands.Hash)
}

// prefer notes what a person wants, and speaks to them like that from now on.
func (h *homes) prefer(ctx context.Context, w *asking, d action.Action) error {
	n := h.answers.notifier
	if n == nil {
		return nil // there is no such menu then; it is of another time
	}
	p := w.preference
	switch {
	case d.Kind == action.Language && slices.Contains([]string{"", phrase.English, phrase.Chinese}, d.Line):
		p.Language = d.Line
	case d.Kind == action.Clock && slices.Contains([]string{"", views.Hours24, views.Hours12}, d.Line):
		p.TimeFormat = d.Line
	default:
		return fmt.Errorf("setting %s to %q: there is no such choice", d.Kind, d.Line)
	}
	if err := n.Ledger.SetPreference(ctx, w.Change(h.answers.now()), p); err != nil {
		return err
	}
	w.reader = h.answers.people.reader(ctx, w.Interaction, n.Ledger)
	return nil
}

// show publishes the Home as it is now. A person who cannot be shown anything
// reads so in their direct message.
func (h *homes) show(ctx context.Context, w asking, skip int, hash string) reply.Reply {
	if refused, ok := h.answers.mayAsk(w); !ok {
		return h.refuse(ctx, w, refused)
	}
	if n := h.answers.notifier; n != nil {
		wish, cancel := n.Ledger.Within(ctx, wishTimeout)
		err := n.Ledger.View(wish, w.User, h.answers.now())
		cancel()
		if err != nil {
			w.log.WarnContext(ctx, "cannot note who looks at the App Home", "error", err)
		}
	}
	v, turn := h.looks(w.User, skip)
	if !v.enter(ctx) {
		return h.failed(ctx, w, fmt.Errorf("waiting for the App Home to be published: %w", ctx.Err()))
	}
	defer v.leave()
	if h.overtaken(v, turn) {
		return reply.Reply{} // by another press, which shows it
	}
	v.hash = cmp.Or(v.hash, hash)
	if err := h.publish(ctx, w, v); err != nil {
		return h.failed(ctx, w, err)
	}
	return reply.Reply{}
}

// refuse shows a small Home to somebody who may not ask.
func (h *homes) refuse(ctx context.Context, w asking, refused reply.Reply) reply.Reply {
	w.log.InfoContext(ctx, "refused", "what", "the App Home")
	if w.other {
		refused.Message = messages.Text(w.Say("home.refused.other")) // there is no channel here in which they could ask
	}
	if _, err := h.put(ctx, w.User, "", views.SmallHome(w.Book, refused.Text)); err != nil {
		w.log.WarnContext(ctx, "could not publish a refusal", "error", err)
		return refused
	}
	return reply.Reply{}
}

// failed says in the direct message that the Home could not be shown.
func (h *homes) failed(ctx context.Context, w asking, err error) reply.Reply {
	w.log.ErrorContext(ctx, "could not show the App Home", "error", err)
	return reply.Reply{Message: messages.Text(w.Say("home.failed", "id", w.ID)), Private: true}
}

// ledger is nil without a notifier.
func (a *answerer) ledger() *ledger.Ledger {
	if a.notifier == nil {
		return nil
	}
	return a.notifier.Ledger
}

// facts are what everybody's Home shows.
func (h *homes) facts(ctx context.Context) (f views.HomeFacts, err error) {
	a := h.answers
	f.At, f.Connected = a.now(), h.since()
	if a.notifier == nil {
		f.Without = true
		for _, s := range a.listed {
			f.Watches = append(f.Watches, plan.Watch{Service: s.ID, Label: s.Label, Fixed: true})
		}
		return f, nil
	}
	ctx, cancel := a.notifier.Ledger.Within(ctx, wantTimeout)
	defer cancel()
	s, err := a.notifier.Overview(ctx, f.At, f.At.Add(messages.FarAhead), 0, maxSearched)
	if err != nil {
		f.Watches = a.notifier.Remembered()
		return f, err
	}
	f.Watches, f.Outlook, f.Health = s.Watches, s.Outlook, s.Health
	return f, nil
}

// page is the Home of one person.
func (h *homes) page(f views.HomeFacts, r reader, where views.Position) views.Home {
	return views.Home{HomeFacts: f, Position: where, Console: h.console, Zone: h.answers.zoneOf(r), Preference: r.preference}
}
