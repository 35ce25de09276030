package bot

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"

	"computeunits/bot/phrase"
	"computeunits/notify"
)

// What the controls of the App Home do. See act.
const (
	actHome     act = "home"    // shows the Home as it is now, from the watched service number deed.skip on
	actLanguage act = "lang"    // of the person becomes deed.line; "": as Slack says
	actClock    act = "clock"   // likewise, how they read times
	actNew      act = "new"     // opens the modal that asks for a service to watch
	actShow     act = "show"    // opens the modal with the instances of a service, or that asks of which
	actUnwatch  act = "unwatch" // opens the modal that asks whether to stop watching a service
)

// home returns what opening the App Home does. It runs in the read loop: what
// takes time belongs into the function that it returns.
func (a *answerer) home(e *slackevents.AppHomeOpenedEvent) func(context.Context, asking) response {
	var stands slack.View
	if e.View != nil {
		stands = *e.View
	}
	return func(ctx context.Context, w asking) response { return a.homes.opened(ctx, w, stands) }
}

// homeWork is what a control of the App Home leads to.
func (a *answerer) homeWork(d deed, cb slack.InteractionCallback) work {
	switch d.act {
	case actHome, actLanguage, actClock:
		return work{do: func(ctx context.Context, w asking) response { return a.homes.pressed(ctx, w, d, cb.View) }}
	case actNew:
		return a.openNew(d, cb)
	case actShow:
		return a.openShow(d, cb)
	case actUnwatch:
		return a.openUnwatch(d, cb)
	default:
		return work{do: strange}
	}
}

// opened shows the Home to somebody who opened it. Who comes back to it soon
// finds the page that they left.
func (h *homes) opened(ctx context.Context, w asking, stands slack.View) response {
	skip := 0
	if d, ok := decodeDeed(stands.PrivateMetadata); ok && h.answers.now().Sub(d.drawn) < homeLooked {
		skip = d.skip
	}
	return h.show(ctx, w, skip, stands.Hash)
}

// pressed does what a control of the Home is for, and shows what has become of
// it.
func (h *homes) pressed(ctx context.Context, w asking, d deed, stands slack.View) response {
	skip := d.skip
	if d.act != actHome {
		if refused, ok := h.answers.mayAsk(w); !ok {
			return h.refuse(ctx, w, refused)
		}
		if err := h.prefer(ctx, &w, d); err != nil {
			return w.trouble(ctx, err)
		}
		if d, ok := decodeDeed(stands.PrivateMetadata); ok {
			skip = d.skip
		}
	}
	return h.show(ctx, w, skip, stands.Hash)
}

// prefer notes what a person wants, and speaks to them like that from now on.
func (h *homes) prefer(ctx context.Context, w *asking, d deed) error {
	n := h.answers.notifier
	if n == nil {
		return nil // there is no such menu then; it is of another time
	}
	p := w.preference
	switch {
	case d.act == actLanguage && slices.Contains([]string{"", phrase.English, phrase.Chinese}, d.line):
		p.Language = d.line
	case d.act == actClock && slices.Contains([]string{"", hours24, hours12}, d.line):
		p.TimeFormat = d.line
	default:
		return fmt.Errorf("setting %s to %q: there is no such choice", d.act, d.line)
	}
	if err := n.Ledger.SetPreference(ctx, w.change(h.answers.now()), p); err != nil {
		return err
	}
	w.reader = h.answers.people.reader(ctx, w.occasion, n.Ledger)
	return nil
}

// show publishes the Home as it is now. A person who cannot be shown anything
// reads so in their direct message.
func (h *homes) show(ctx context.Context, w asking, skip int, hash string) response {
	if refused, ok := h.answers.mayAsk(w); !ok {
		return h.refuse(ctx, w, refused)
	}
	if n := h.answers.notifier; n != nil {
		if err := n.Ledger.View(ctx, w.user, h.answers.now()); err != nil {
			w.log.WarnContext(ctx, "cannot note who looks at the App Home", "error", err)
		}
	}
	v, turn := h.looks(w.user, skip)
	if !v.enter(ctx) {
		return h.failed(ctx, w, fmt.Errorf("waiting for the App Home to be published: %w", ctx.Err()))
	}
	defer v.leave()
	if h.overtaken(v, turn) {
		return response{} // by another press, which shows it
	}
	v.hash = cmp.Or(v.hash, hash)
	if err := h.publish(ctx, w, v); err != nil {
		return h.failed(ctx, w, err)
	}
	return response{}
}

// refuse shows a small Home to somebody who may not ask.
func (h *homes) refuse(ctx context.Context, w asking, refused response) response {
	w.log.InfoContext(ctx, "refused", "what", "the App Home")
	if w.other {
		refused.rendering = plain(w.Say("home.refused.other")) // there is no channel here in which they could ask
	}
	if _, err := h.put(ctx, w.user, "", smallHome(w.Book, refused.text)); err != nil {
		w.log.WarnContext(ctx, "could not publish a refusal", "error", err)
		return refused
	}
	return response{}
}

// failed says in the direct message that the Home could not be shown.
func (h *homes) failed(ctx context.Context, w asking, err error) response {
	w.log.ErrorContext(ctx, "could not show the App Home", "error", err)
	return response{rendering: plain(w.Say("home.failed", "id", w.id)), private: true}
}

// ledger is nil without a notifier.
func (a *answerer) ledger() *notify.Ledger {
	if a.notifier == nil {
		return nil
	}
	return a.notifier.Ledger
}

// homeFacts are what everybody's Home shows.
func (a *answerer) homeFacts(ctx context.Context) (f homeFacts, err error) {
	f.at = a.now()
	if a.notifier == nil {
		f.without = true
		for _, s := range a.listed {
			f.watches = append(f.watches, notify.Watch{Service: s.ID, Label: s.Label, Fixed: true})
		}
		return f, nil
	}
	if f.watches, err = a.notifier.Watches(ctx); err != nil {
		return f, err
	}
	if f.outlook, err = a.notifier.Expiring(ctx, f.at, f.at.Add(farAhead), 0, maxSearched); err != nil {
		return f, err
	}
	f.health, err = a.notifier.Health(ctx, f.at)
	return f, err
}

// page is the Home of one person.
func (h *homes) page(f homeFacts, r reader, where spot) homePage {
	p := homePage{homeFacts: f, spot: where, console: h.console, zone: time.UTC, preference: r.preference}
	if h.connected != nil {
		if since := h.connected(); since > 0 {
			// By the same moment's clocks, so that it is the same each time.
			p.connected = h.answers.now().Add(-since).Round(time.Second)
		}
	}
	if r.zone != nil {
		p.zone = r.zone
	} else if n := h.answers.notifier; n != nil && n.Settings.Zone != nil {
		p.zone = n.Settings.Zone
	}
	return p
}
