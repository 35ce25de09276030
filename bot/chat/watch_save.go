package chat

import (
	"context"
	"errors"

	"github.com/slack-go/slack"

	"computeunits/bot/action"
	"computeunits/bot/blocks"
	"computeunits/bot/messages"
	"computeunits/bot/phrase"
	"computeunits/bot/slackapi"
	"computeunits/bot/views"
	"computeunits/notify/plan"
	"computeunits/qianfan"
)

// watchSubmitted reads the form, and stores what it says.
func (a watcher) watchSubmitted(book *phrase.Book, d action.Action, state *slack.ViewState) (finish func(context.Context, Turn) (slack.ModalViewRequest, error), faults map[string]string) {
	filled, faults := views.ReadWatch(book, d.Service, state)
	return func(ctx context.Context, w Turn) (slack.ModalViewRequest, error) {
		title := w.Say("modal.watch.title")
		w = w.openedFrom(d)
		if refused, ok := a.mayChange(ctx, w); !ok {
			return views.NoticeModal(title, refused.Text, w.Book), nil
		}
		if a.Notifier == nil {
			return views.NoticeModal(title, w.Say("watch.impossible"), w.Book), nil
		}
		return a.saveWatch(ctx, w, d, filled)
	}, faults
}

// saveWatch has a service watched as the form says, if Qianfan knows it, and says
// what became of that: in the form again, when it does not.
func (a watcher) saveWatch(ctx context.Context, w Turn, d action.Action, filled views.WatchFields) (slack.ModalViewRequest, error) {
	title := w.Say("modal.watch.title")
	f, err := a.watchForm(ctx, w, d.Service)
	if err != nil {
		return slack.ModalViewRequest{}, err
	}
	wanted := filled.Onto(f.Watch)
	var reading qianfan.Reading
	if !f.Watched {
		if reading, err = a.Units.ComputeUnits(ctx, qianfan.Query{ServiceID: d.Service}); err != nil {
			w.Log.WarnContext(ctx, "could not ask Qianfan about a service that is to be watched", "service", d.Service, "error", err)
			f.From = d
			wanted.Fixed, f.Watch, f.Notice = false, wanted, w.fault(err)
			return f.View(w.Book), nil
		}
	}
	now := a.Now()
	is, err := a.Notifier.Changes().ChangeWatch(ctx, w.Change(now), wanted)
	if fixed, ok := errors.AsType[*plan.FixedError](err); ok {
		return views.NoticeModal(title, w.Say("watch.fixed", "service", blocks.Code(fixed.Service)), w.Book), nil
	}
	if err != nil {
		return slack.ModalViewRequest{}, err
	}
	w.Log.InfoContext(ctx, "changed a watch", "service", d.Service, "changed", is.Changed)
	effect := messages.EffectLines(w.Book, is.ReminderDiff)
	if !f.Watched { // the ledger does not know its instances yet
		effect = a.promise(w, is.Watch, reading, now)
	}
	return views.NoticeModal(title, messages.Mrkdwn(a.watchLines(ctx, w, is, effect)...).Text, w.Book), nil
}

// watchLines say what became of a watch: what reminders it adds and drops, which
// are the lines of effect, and whether its channel can be told.
func (a watcher) watchLines(ctx context.Context, w Turn, is plan.WatchChange, effect []string) []string {
	service := blocks.ServiceName(is.Label, is.Service)
	if !is.Changed {
		return []string{w.Say("modal.watch.same", "service", service)}
	}
	lines := []string{w.Say("modal.watch.saved", "service", service)}
	lines = append(lines, effect...)
	if is.Channel != "" {
		if err := a.Replier.Slack.CheckChannel(ctx, is.Channel); err != nil && slackapi.CodeOf(err) != "missing_scope" {
			w.Log.WarnContext(ctx, "a watch is to tell a channel that the bot cannot post to", "channel", is.Channel, "error", err)
			lines = append(lines, "⚠️ "+w.Say("modal.watch.invite", "channel", "<#"+blocks.Escape(is.Channel)+">"))
		}
	}
	return lines
}
