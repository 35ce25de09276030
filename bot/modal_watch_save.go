package bot

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/slack-go/slack"

	"computeunits/bot/phrase"
	"computeunits/notify"
	"computeunits/qianfan"
)

// A watchFilled is what the form held when it was submitted.
type watchFilled struct {
	notify.Watch
	own    bool // it has more than the owners
	groups bool // there was a picker for them
}

// onto is the watch that is asked for, given the one that there is: what the
// form did not show stays.
func (f watchFilled) onto(was notify.Watch) notify.Watch {
	w := f.Watch
	if !f.own {
		w.Label, w.Channel, w.Ladder = was.Label, was.Channel, was.Ladder
	}
	if !f.groups {
		for _, id := range was.Owners {
			if isGroup(id) {
				w.Owners = append(w.Owners, id)
			}
		}
	}
	return w
}

// readWatch reads the submitted form. Faults are sentences by field. It is a pure
// function.
func readWatch(book *phrase.Book, service string, state *slack.ViewState) (f watchFilled, faults map[string]string) {
	faults = make(map[string]string)
	f.Service = service
	label, own := formField(state, "label")
	channel, _ := formField(state, "channel")
	f.own, f.Label, f.Channel = own, strings.TrimSpace(label.Value), channel.SelectedConversation
	if strings.ContainsFunc(f.Label, func(r rune) bool { return r < ' ' }) || runes(f.Label) > maxWatchLabel {
		faults["label"] = book.Say("modal.watch.label.bad")
	}
	var steps []string
	chosen, _ := formField(state, "steps")
	for _, o := range chosen.SelectedOptions {
		steps = append(steps, o.Value)
	}
	more, _ := formField(state, "more")
	for part := range strings.FieldsFuncSeq(fold(more.Value), func(r rune) bool { return strings.ContainsRune(" ,;、，", r) }) {
		one, err := notify.ParseLadder(part)
		if err != nil {
			faults["more"] = book.Say("modal.watch.more.bad", "text", quote(part))
		} else if !slices.Contains(steps, one.String()) {
			steps = append(steps, one.String())
		}
	}
	if len(steps) > 0 && len(faults) == 0 {
		ladder, err := notify.ParseLadder(strings.Join(steps, ","))
		if err != nil {
			faults["steps"] = book.Say("modal.watch.more.bad", "text", quote(strings.Join(steps, ",")))
		}
		f.Ladder = ladder
	}
	people, _ := formField(state, "people")
	f.Owners = slices.Clone(people.SelectedUsers)
	groups, shown := formField(state, "groups")
	f.groups = shown
	for _, o := range groups.SelectedOptions {
		f.Owners = append(f.Owners, o.Value)
	}
	return f, faults
}

// watchSubmitted reads the form, and stores what it says.
func (a *answerer) watchSubmitted(book *phrase.Book, d deed, state *slack.ViewState) (finish func(context.Context, asking) (slack.ModalViewRequest, error), faults map[string]string) {
	filled, faults := readWatch(book, d.service, state)
	return func(ctx context.Context, w asking) (slack.ModalViewRequest, error) {
		title := w.Say("modal.watch.title")
		w = w.openedFrom(d)
		if refused, ok := a.mayChange(ctx, w); !ok {
			return notice(title, refused.text, w.Book), nil
		}
		if a.notifier == nil {
			return notice(title, w.Say("watch.impossible"), w.Book), nil
		}
		return a.saveWatch(ctx, w, d, filled)
	}, faults
}

// saveWatch has a service watched as the form says, if Qianfan knows it, and says
// what became of that: in the form again, when it does not.
func (a *answerer) saveWatch(ctx context.Context, w asking, d deed, filled watchFilled) (slack.ModalViewRequest, error) {
	title := w.Say("modal.watch.title")
	f, err := a.watchForm(ctx, w, d.service)
	if err != nil {
		return slack.ModalViewRequest{}, err
	}
	wanted := filled.onto(f.watch)
	var reading qianfan.Reading
	if !f.watched {
		if reading, err = a.units.ComputeUnits(ctx, qianfan.Query{ServiceID: d.service}); err != nil {
			w.log.WarnContext(ctx, "could not ask Qianfan about a service that is to be watched", "service", d.service, "error", err)
			f.from = d
			wanted.Fixed, f.watch, f.notice = false, wanted, w.fault(err)
			return f.view(w.Book), nil
		}
	}
	now := a.now()
	is, err := a.notifier.ChangeWatch(ctx, w.change(now), wanted)
	if fixed, ok := errors.AsType[*notify.FixedError](err); ok {
		return notice(title, w.Say("watch.fixed", "service", code(fixed.Service)), w.Book), nil
	}
	if err != nil {
		return slack.ModalViewRequest{}, err
	}
	w.log.InfoContext(ctx, "changed a watch", "service", d.service, "changed", is.Changed)
	effect := effectLines(w.Book, is.Effect)
	if !f.watched { // the ledger does not know its instances yet
		effect = a.promise(w, is.Watch, reading, now)
	}
	return notice(title, marking(a.watchLines(ctx, w, is, effect)...).text, w.Book), nil
}

// watchLines say what became of a watch: what reminders it adds and drops, which
// are the lines of effect, and whether its channel can be told.
func (a *answerer) watchLines(ctx context.Context, w asking, is notify.Watching, effect []string) []string {
	service := name(is.Label, is.Service)
	if !is.Changed {
		return []string{w.Say("modal.watch.same", "service", service)}
	}
	lines := []string{w.Say("modal.watch.saved", "service", service)}
	lines = append(lines, effect...)
	if is.Channel != "" {
		if err := a.courier.slack.Check(ctx, is.Channel); err != nil && !errors.Is(err, notify.ErrNoHistory) {
			w.log.WarnContext(ctx, "a watch is to tell a channel that the bot cannot post to", "channel", is.Channel, "error", err)
			lines = append(lines, "⚠️ "+w.Say("modal.watch.invite", "channel", "<#"+escape(is.Channel)+">"))
		}
	}
	return lines
}

// maxListed is how many reminders a change is shown to add, or to drop.
const maxListed = 8

// effectLines say what reminders a change adds and drops, the first of them one
// by one. It is a pure function.
func effectLines(book *phrase.Book, e notify.Effect) []string {
	var lines []string
	list := func(heading string, steps []notify.Step) {
		lines = append(lines, heading)
		for _, s := range steps[:min(len(steps), maxListed)] {
			lines = append(lines, "• "+book.Say("modal.watch.step", "when", dateToken(book, s.At),
				"instance", code(s.Instance), "step", stepName(book, s.Threshold), "channel", "<#"+escape(s.Channel)+">"))
		}
		if rest := len(steps) - maxListed; rest > 0 {
			lines = append(lines, book.Count("list.rest", rest))
		}
	}
	if len(e.Added) > 0 {
		list(book.Count("modal.watch.added", len(e.Added)), e.Added)
	}
	if len(e.Dropped) > 0 {
		list(book.Count("modal.watch.dropped", len(e.Dropped)), e.Dropped)
	}
	if lines == nil {
		lines = []string{book.Say("modal.watch.noeffect")}
	}
	return lines
}
