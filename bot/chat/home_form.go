package chat

import (
	"context"

	"github.com/slack-go/slack"

	"computeunits/bot/action"
	"computeunits/bot/blocks"
	"computeunits/bot/grammar"
	"computeunits/bot/messages"
	"computeunits/bot/phrase"
	"computeunits/bot/views"
	"computeunits/qianfan"
)

// openNew opens the modal that asks for a service to watch.
func (a watcher) openNew(d action.Action, cb slack.InteractionCallback) Work {
	return forms(a).modal(cb, func(ctx context.Context, w Turn) (slack.ModalViewRequest, error) {
		title := w.Say("modal.watch.title")
		if refused, ok := a.mayChange(ctx, w); !ok {
			return views.NoticeModal(title, refused.Text, w.Book), nil
		}
		if a.Notifier == nil {
			return views.NoticeModal(title, w.Say("watch.impossible"), w.Book), nil
		}
		return views.WhichService(w.Book, d, "", ""), nil
	})
}

// openShow opens the modal with the instances of a service, or the one that asks
// of which.
func (a forms) openShow(d action.Action, cb slack.InteractionCallback) Work {
	return a.modal(cb, func(ctx context.Context, w Turn) (slack.ModalViewRequest, error) {
		if refused, ok := a.MayAsk(w); !ok {
			return views.NoticeModal(w.Say("home.show.title"), refused.Text, w.Book), nil
		}
		if d.Service == "" {
			return views.WhichService(w.Book, d, "", ""), nil
		}
		return a.instancesView(ctx, w, d.Service), nil
	})
}

// homeSubmitted reads a form that the Home opened, and goes on with what it
// says. It runs in the read loop.
func (a forms) homeSubmitted(book *phrase.Book, d action.Action, state *slack.ViewState) (finish func(context.Context, Turn) (slack.ModalViewRequest, error), faults map[string]string) {
	if d.Kind == action.Unwatch {
		return func(ctx context.Context, w Turn) (slack.ModalViewRequest, error) {
			return watcher(a).finishUnwatch(ctx, w, d)
		}, nil
	}
	typed, _ := views.Field(state, "service")
	r, bad := grammar.Parse(blocks.Escape(typed.Value), grammar.Context{Now: a.Now()})
	if bad != nil || r.Verb != grammar.Ask || r.Service == "" {
		return nil, map[string]string{"service": book.Say("reason.serviceid", "word", blocks.Quote(typed.Value))}
	}
	if d.Kind == action.Show {
		return func(ctx context.Context, w Turn) (slack.ModalViewRequest, error) {
			if refused, ok := a.MayAsk(w); !ok {
				return views.NoticeModal(w.Say("home.show.title"), refused.Text, w.Book), nil
			}
			return a.instancesView(ctx, w, r.Service), nil
		}, nil
	}
	return func(ctx context.Context, w Turn) (slack.ModalViewRequest, error) {
		return watcher(a).finishWhich(ctx, w, d, r.Service)
	}, nil
}

// finishWhich goes on to the form for the watch of a service that Qianfan knows.
func (a watcher) finishWhich(ctx context.Context, w Turn, d action.Action, service string) (slack.ModalViewRequest, error) {
	title := w.Say("modal.watch.title")
	if refused, ok := a.mayChange(ctx, w); !ok {
		return views.NoticeModal(title, refused.Text, w.Book), nil
	}
	if a.Notifier == nil {
		return views.NoticeModal(title, w.Say("watch.impossible"), w.Book), nil
	}
	if _, err := a.Units.ComputeUnits(ctx, qianfan.Query{ServiceID: service}); err != nil {
		w.Log.WarnContext(ctx, "could not ask Qianfan about a service that is to be watched", "service", service, "error", err)
		return views.WhichService(w.Book, d, service, w.fault(err)), nil
	}
	a.remember(service)
	f, err := a.watchForm(ctx, w, service)
	if err != nil {
		return slack.ModalViewRequest{}, err
	}
	return f.View(w.Book), nil
}

// instancesView lists what Qianfan says now that a service has.
func (a forms) instancesView(ctx context.Context, w Turn, service string) slack.ModalViewRequest {
	title := w.Say("home.show.title")
	q := qianfan.Query{ServiceID: service}
	reading, err := a.Units.ComputeUnits(ctx, q)
	if err != nil {
		w.Log.WarnContext(ctx, "could not ask Qianfan", "service", service, "error", err)
		text := blocks.Code(service) + "\n" + w.fault(err)
		return views.NoticeModal(title, text, w.Book)
	}
	a.remember(service)
	answer := messages.NewAnswer(q, reading)
	d := views.Home{HomeFacts: views.HomeFacts{At: a.Now()}, Zone: a.ZoneOf(w.Reader), Preference: w.Preference}.Dialect(w.Book)
	p := messages.Layout{Lead: blocks.Code(service) + "\n" + answer.Summary(d)}
	if len(answer.Instances) == 0 {
		p.Lead += "\n" + blocks.Escape(answer.None(d))
	}
	p.Lists = []messages.List{{N: len(answer.Instances), Line: func(i int) string { return messages.InstanceLine(answer, answer.Instances[i], d) }}}
	view := views.NoticeModal(title, "", w.Book)
	view.Blocks.BlockSet = p.Blocks(w.Book)
	return view
}

// openUnwatch opens the modal that asks whether to stop watching a service.
func (a watcher) openUnwatch(d action.Action, cb slack.InteractionCallback) Work {
	return forms(a).modal(cb, func(ctx context.Context, w Turn) (slack.ModalViewRequest, error) {
		if refused, ok := a.mayChange(ctx, w); !ok {
			return views.NoticeModal(w.Say("home.unwatch.title"), refused.Text, w.Book), nil
		}
		watches, err := a.watches(ctx)
		if err != nil {
			return slack.ModalViewRequest{}, err
		}
		for _, one := range watches {
			if one.Service == d.Service {
				return views.Unwatch(w.Book, one), nil
			}
		}
		return views.NoticeModal(w.Say("home.unwatch.title"), w.Say("unwatch.not", "service", blocks.Code(d.Service)), w.Book), nil
	})
}

// finishUnwatch stops watching, and says what became of it.
func (a watcher) finishUnwatch(ctx context.Context, w Turn, d action.Action) (slack.ModalViewRequest, error) {
	said, ok := a.mayChange(ctx, w)
	if ok {
		said = a.unwatch(ctx, w, grammar.Request{Verb: grammar.Unwatch, Service: d.Service}, a.Now())
	}
	return views.NoticeModal(w.Say("home.unwatch.title"), said.Text, w.Book), nil
}
