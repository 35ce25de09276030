package chat

import (
	"context"

	"github.com/slack-go/slack"

	"computeunits/bot/action"
	"computeunits/bot/views"
	"computeunits/notify/plan"
)

// openWatch opens the modal for the watch of a service.
func (a watcher) openWatch(d action.Action, cb slack.InteractionCallback) Work {
	return forms(a).modal(cb, func(ctx context.Context, w Turn) (slack.ModalViewRequest, error) {
		if refused, ok := a.mayChange(ctx, w); !ok {
			return views.NoticeModal(w.Say("modal.watch.title"), refused.Text, w.Book), nil
		}
		if a.Notifier == nil {
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
func (a watcher) watchForm(ctx context.Context, w Turn, service string) (views.WatchForm, error) {
	f := views.WatchForm{Watch: plan.Watch{Service: service}, Before: a.Notifier.Settings.Before, Channel: a.Notifier.Settings.Channel}
	watches, err := a.Notifier.Reports().Watches(ctx)
	if err != nil {
		return f, err
	}
	for _, one := range watches {
		if one.Service == service {
			f.Watch, f.Watched = one, true
		}
	}
	x := a.Replier.Slack.Call()
	groups, err := x.API.GetUserGroupsContext(ctx)
	if err != nil {
		err = a.Replier.Slack.Failure("listing the user groups", x, err)
		w.Log.InfoContext(ctx, "people can choose no user groups as owners", "error", err)
	}
	f.Groups, f.Hidden = groups, err != nil
	return f, nil
}
