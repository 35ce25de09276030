package bot

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
func (a *answerer) openNew(d action.Action, cb slack.InteractionCallback) work {
	return a.modal(cb, func(ctx context.Context, w asking) (slack.ModalViewRequest, error) {
		title := w.Say("modal.watch.title")
		if refused, ok := a.mayChange(ctx, w); !ok {
			return views.NoticeModal(title, refused.Text, w.Book), nil
		}
		if a.notifier == nil {
			return views.NoticeModal(title, w.Say("watch.impossible"), w.Book), nil
		}
		return views.WhichService(w.Book, d, "", ""), nil
	})
}

// openShow opens the modal with the instances of a service, or the one that asks
// of which.
func (a *answerer) openShow(d action.Action, cb slack.InteractionCallback) work {
	return a.modal(cb, func(ctx context.Context, w asking) (slack.ModalViewRequest, error) {
		if refused, ok := a.mayAsk(w); !ok {
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
func (a *answerer) homeSubmitted(book *phrase.Book, d action.Action, state *slack.ViewState) (finish func(context.Context, asking) (slack.ModalViewRequest, error), faults map[string]string) {
	if d.Kind == action.Unwatch {
		return func(ctx context.Context, w asking) (slack.ModalViewRequest, error) { return a.finishUnwatch(ctx, w, d) }, nil
	}
	typed, _ := views.Field(state, "service")
	r, bad := grammar.Parse(blocks.Escape(typed.Value), grammar.Context{Now: a.now()})
	if bad != nil || r.Verb != grammar.Ask || r.Service == "" {
		return nil, map[string]string{"service": book.Say("reason.serviceid", "word", blocks.Quote(typed.Value))}
	}
	if d.Kind == action.Show {
		return func(ctx context.Context, w asking) (slack.ModalViewRequest, error) {
			if refused, ok := a.mayAsk(w); !ok {
				return views.NoticeModal(w.Say("home.show.title"), refused.Text, w.Book), nil
			}
			return a.instancesView(ctx, w, r.Service), nil
		}, nil
	}
	return func(ctx context.Context, w asking) (slack.ModalViewRequest, error) {
		return a.finishWhich(ctx, w, d, r.Service)
	}, nil
}

// finishWhich goes on to the form for the watch of a service that Qianfan knows.
func (a *answerer) finishWhich(ctx context.Context, w asking, d action.Action, service string) (slack.ModalViewRequest, error) {
	title := w.Say("modal.watch.title")
	if refused, ok := a.mayChange(ctx, w); !ok {
		return views.NoticeModal(title, refused.Text, w.Book), nil
	}
	if a.notifier == nil {
		return views.NoticeModal(title, w.Say("watch.impossible"), w.Book), nil
	}
	if _, err := a.units.ComputeUnits(ctx, qianfan.Query{ServiceID: service}); err != nil {
		w.log.WarnContext(ctx, "could not ask Qianfan about a service that is to be watched", "service", service, "error", err)
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
func (a *answerer) instancesView(ctx context.Context, w asking, service string) slack.ModalViewRequest {
	title := w.Say("home.show.title")
	q := qianfan.Query{ServiceID: service}
	reading, err := a.units.ComputeUnits(ctx, q)
	if err != nil {
		w.log.WarnContext(ctx, "could not ask Qianfan", "service", service, "error", err)
		text := blocks.Code(service) + "\n" + w.fault(err)
		return views.NoticeModal(title, text, w.Book)
	}
	a.remember(service)
	answer := messages.NewAnswer(q, reading)
	d := views.Home{HomeFacts: views.HomeFacts{At: a.now()}, Zone: a.zoneOf(w.reader), Preference: w.preference}.Dialect(w.Book)
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
func (a *answerer) openUnwatch(d action.Action, cb slack.InteractionCallback) work {
	return a.modal(cb, func(ctx context.Context, w asking) (slack.ModalViewRequest, error) {
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
func (a *answerer) finishUnwatch(ctx context.Context, w asking, d action.Action) (slack.ModalViewRequest, error) {
	said, ok := a.mayChange(ctx, w)
	if ok {
		said = a.unwatch(ctx, w, grammar.Request{Verb: grammar.Unwatch, Service: d.Service}, a.now())
	}
	return views.NoticeModal(w.Say("home.unwatch.title"), said.Text, w.Book), nil
}
