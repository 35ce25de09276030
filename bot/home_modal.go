package bot

import (
	"context"
	"strings"

	"github.com/slack-go/slack"

	"computeunits/bot/grammar"
	"computeunits/bot/phrase"
	"computeunits/notify"
	"computeunits/qianfan"
)

// homeModal is the callback_id of the modals that the App Home opens.
const homeModal = "home"

// openNew opens the modal that asks for a service to watch.
func (a *answerer) openNew(d deed, cb slack.InteractionCallback) work {
	return a.modal(cb, func(ctx context.Context, w asking) (slack.ModalViewRequest, error) {
		title := w.Say("modal.watch.title")
		if refused, ok := a.mayChange(ctx, w); !ok {
			return notice(title, refused.text, w.Book), nil
		}
		if a.notifier == nil {
			return notice(title, w.Say("watch.impossible"), w.Book), nil
		}
		return whichView(w.Book, d, "", ""), nil
	})
}

// openShow opens the modal with the instances of a service, or the one that asks
// of which.
func (a *answerer) openShow(d deed, cb slack.InteractionCallback) work {
	return a.modal(cb, func(ctx context.Context, w asking) (slack.ModalViewRequest, error) {
		if refused, ok := a.mayAsk(w); !ok {
			return notice(w.Say("home.show.title"), refused.text, w.Book), nil
		}
		if d.service == "" {
			return whichView(w.Book, d, "", ""), nil
		}
		return a.instancesView(ctx, w, d.service), nil
	})
}

// whichView is the form that asks for a service. wrong, in mrkdwn, is what was
// wrong with what was submitted. It is a pure function.
func whichView(book *phrase.Book, d deed, typed, wrong string) slack.ModalViewRequest {
	title, next := book.Say("modal.watch.title"), book.Say("home.next.step")
	if d.act == actShow {
		title, next = book.Say("home.show.title"), book.Say("home.show.do")
	}
	var blocks []slack.Block
	if wrong != "" {
		blocks = append(blocks, section("⚠️ "+wrong))
	}
	e := slack.NewPlainTextInputBlockElement(plainText("svco-48exxxa594"), fieldAction)
	e.InitialValue, e.MaxLength = typed, 200
	blocks = append(blocks, input("service", book.Say("home.which"), book.Say("home.which.hint"), e))
	return slack.ModalViewRequest{
		Type: slack.VTModal, CallbackID: homeModal, PrivateMetadata: deed{act: d.act, lang: book.Language()}.encode(),
		Title: plainText(title), Submit: plainText(next), Close: plainText(book.Say("modal.cancel")),
		Blocks: slack.Blocks{BlockSet: blocks},
	}
}

// homeSubmitted reads a form that the Home opened, and goes on with what it
// says. It runs in the read loop.
func (a *answerer) homeSubmitted(book *phrase.Book, d deed, state *slack.ViewState) (finish func(context.Context, asking) (slack.ModalViewRequest, error), faults map[string]string) {
	if d.act == actUnwatch {
		return func(ctx context.Context, w asking) (slack.ModalViewRequest, error) { return a.finishUnwatch(ctx, w, d) }, nil
	}
	typed, _ := formField(state, "service")
	r, bad := grammar.Parse(escape(typed.Value), grammar.Context{Now: a.now()})
	if bad != nil || r.Verb != grammar.Ask || r.Service == "" {
		return nil, map[string]string{"service": book.Say("reason.serviceid", "word", quote(typed.Value))}
	}
	if d.act == actShow {
		return func(ctx context.Context, w asking) (slack.ModalViewRequest, error) {
			if refused, ok := a.mayAsk(w); !ok {
				return notice(w.Say("home.show.title"), refused.text, w.Book), nil
			}
			return a.instancesView(ctx, w, r.Service), nil
		}, nil
	}
	return func(ctx context.Context, w asking) (slack.ModalViewRequest, error) {
		return a.finishWhich(ctx, w, d, r.Service)
	}, nil
}

// finishWhich goes on to the form for the watch of a service that Qianfan knows.
func (a *answerer) finishWhich(ctx context.Context, w asking, d deed, service string) (slack.ModalViewRequest, error) {
	title := w.Say("modal.watch.title")
	if refused, ok := a.mayChange(ctx, w); !ok {
		return notice(title, refused.text, w.Book), nil
	}
	if a.notifier == nil {
		return notice(title, w.Say("watch.impossible"), w.Book), nil
	}
	if _, err := a.units.ComputeUnits(ctx, qianfan.Query{ServiceID: service}); err != nil {
		w.log.WarnContext(ctx, "could not ask Qianfan about a service that is to be watched", "service", service, "error", err)
		return whichView(w.Book, d, service, w.fault(err)), nil
	}
	a.remember(service)
	f, err := a.watchForm(ctx, w, service)
	if err != nil {
		return slack.ModalViewRequest{}, err
	}
	return f.view(w.Book), nil
}

// instancesView lists what Qianfan says now that a service has.
func (a *answerer) instancesView(ctx context.Context, w asking, service string) slack.ModalViewRequest {
	title := w.Say("home.show.title")
	q := qianfan.Query{ServiceID: service}
	reading, err := a.units.ComputeUnits(ctx, q)
	if err != nil {
		w.log.WarnContext(ctx, "could not ask Qianfan", "service", service, "error", err)
		text := code(service) + "\n" + w.fault(err)
		return notice(title, text, w.Book)
	}
	a.remember(service)
	answer := NewAnswer(q, reading)
	d := a.homes.page(homeFacts{at: a.now()}, w.reader, spot{}).dialect(w.Book)
	p := page{lead: code(service) + "\n" + answer.summary(d)}
	if len(answer.instances) == 0 {
		p.lead += "\n" + escape(answer.none(d))
	}
	p.lists = []list{{n: len(answer.instances), line: func(i int) string { return instanceLine(answer, answer.instances[i], d) }}}
	view := notice(title, "", w.Book)
	view.Blocks.BlockSet = p.blocks(w.Book)
	return view
}

// dialect writes times as the person of the page wants them.
func (p homePage) dialect(book *phrase.Book) dialect {
	d := mrkdwn(book, "")
	d.when = drawing{page: p, scribe: scribe{Book: book}}.when
	return d
}

// instanceLine is one instance in a line.
func instanceLine(a Answer, in qianfan.Instance, d dialect) string {
	t := a.tell(in, d)
	parts := []string{t.status + " " + code(in.ID), t.payment, "*" + t.replicas + "*"}
	if in.Timing != qianfan.Postpaid {
		parts = append(parts, d.Say("field.expires")+": "+t.expiry)
	}
	for _, more := range []string{t.left, t.restorable} {
		if more != "" {
			parts = append(parts, more)
		}
	}
	return strings.Join(parts, " · ")
}

// openUnwatch opens the modal that asks whether to stop watching a service.
func (a *answerer) openUnwatch(d deed, cb slack.InteractionCallback) work {
	return a.modal(cb, func(ctx context.Context, w asking) (slack.ModalViewRequest, error) {
		if refused, ok := a.mayChange(ctx, w); !ok {
			return notice(w.Say("home.unwatch.title"), refused.text, w.Book), nil
		}
		watches, err := a.watches(ctx)
		if err != nil {
			return slack.ModalViewRequest{}, err
		}
		for _, one := range watches {
			if one.Service == d.service {
				return unwatchView(w.Book, one), nil
			}
		}
		return notice(w.Say("home.unwatch.title"), w.Say("unwatch.not", "service", code(d.service)), w.Book), nil
	})
}

// unwatchView asks. It is a pure function.
func unwatchView(book *phrase.Book, watch notify.Watch) slack.ModalViewRequest {
	view := notice(book.Say("home.unwatch.title"), book.Say("home.unwatch.sure", "service", name(watch.Label, watch.Service)), book)
	view.CallbackID, view.PrivateMetadata = homeModal, deed{act: actUnwatch, lang: book.Language(), service: watch.Service}.encode()
	view.Submit, view.Close = plainText(book.Say("home.unwatch.do")), plainText(book.Say("modal.cancel"))
	return view
}

// finishUnwatch stops watching, and says what became of it.
func (a *answerer) finishUnwatch(ctx context.Context, w asking, d deed) (slack.ModalViewRequest, error) {
	said, ok := a.mayChange(ctx, w)
	if ok {
		said = a.unwatch(ctx, w, grammar.Request{Verb: grammar.Unwatch, Service: d.service}, a.now())
	}
	return notice(w.Say("home.unwatch.title"), said.text, w.Book), nil
}
