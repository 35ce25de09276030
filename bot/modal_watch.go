package bot

import (
	"context"

	"github.com/slack-go/slack"

	"computeunits/bot/action"
	"computeunits/bot/views"
	"computeunits/notify/plan"
)

// openWatch opens the modal for the watch of a service.
func (a *answerer) openWatch(d action.Action, cb slack.InteractionCallback) work {
	return a.modal(cb, func(ctx context.Context, w asking) (slack.ModalViewRequest, error) {
		if refused, ok := a.mayChange(ctx, w); !ok {
			return views.NoticeModal(w.Say("modal.watch.title"), refused.Text, w.Book), nil
		}
		if a.notifier == nil {
			return views.NoticeModal(w.Say("modal.watch.title"), w.Say("watch.impossible"), w.Book), nil
		}
		f, err := a.watchForm(ctx, w, d.Service)
		if err != nil {
			return slack.ModalViewRequest{}, err
		}
		f.From = action.Action{Channel: w.Channel, TS: w.TS}
		return f.View(w.Book), nil
	})
}

// watchForm finds what the form shows.
func (a *answerer) watchForm(ctx context.Context, w asking, service string) (views.WatchForm, error) {
	f := views.WatchForm{Watch: plan.Watch{Service: service}, Before: a.notifier.Settings.Before, Channel: a.notifier.Settings.Channel}
	watches, err := a.notifier.Watches(ctx)
	if err != nil {
		return f, err
	}
	for _, one := range watches {
		if one.Service == service {
			f.Watch, f.Watched = one, true
		}
	}
	x := a.replier.Slack.Call()
	groups, err := x.API.GetUserGroupsContext(ctx)
	if err != nil {
		err = a.replier.Slack.Failure("listing the user groups", x, err)
		w.log.InfoContext(ctx, "people can choose no user groups as owners", "error", err)
	}
	f.Groups, f.Hidden = groups, err != nil
	return f, nil
}
