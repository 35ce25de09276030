package demo

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"computeunits/bot/phrase"
	"computeunits/bot/slacksim"
)

// maxRecent is how many messages back a button can be pressed.
const maxRecent = 50

// watch shows what appears by itself until ctx is done.
func (w feed) watch(ctx context.Context) {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			w.look()
		case <-ctx.Done():
			return
		}
	}
}

// look shows everything that the person has not seen yet: messages, those that
// changed, and the window that opened, changed or closed.
func (w feed) look() {
	w.looking.Lock()
	defer w.looking.Unlock()
	for _, m := range w.unseen() {
		w.show(w.written(m))
		w.keep(m)
	}
	w.lookAtWindow()
	w.lookAtHome()
}

// show prints something that appeared.
func (w feed) show(text string) {
	w.screen.print(text)
	w.appeared.Store(time.Now().UnixNano())
}

// unseen are the messages of the bot to show, the oldest first. w.looking is held.
func (w feed) unseen() []slacksim.Message {
	var all []slacksim.Message
	for _, place := range []string{channel, general, w.slack.DM(w.person())} {
		for _, m := range w.slack.History(place, w.person()) {
			key := m.Channel + " " + m.TS
			if edited, known := w.shown[key]; m.BotID != "" && (!known || edited != m.Edited) {
				all = append(all, m)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b slacksim.Message) int {
		return cmp.Compare(cmp.Or(a.Edited, a.TS), cmp.Or(b.Edited, b.TS))
	})
	return all
}

// keep notes that a message was shown, and that its buttons can be pressed.
// w.looking is held.
func (w feed) keep(m slacksim.Message) {
	w.shown[m.Channel+" "+m.TS] = m.Edited
	w.recent = slices.DeleteFunc(w.recent, func(p slacksim.Place) bool {
		old, is := p.(slacksim.Message)
		return is && old.Channel == m.Channel && old.TS == m.TS
	})
	w.recent = append(w.recent, m)
	w.recent = w.recent[max(len(w.recent)-maxRecent, 0):]
}

// lookAtWindow shows the modal in front of the person. w.looking is held.
func (w feed) lookAtWindow() {
	v, open := w.slack.Modal(w.person())
	is := ""
	if open {
		is = fmt.Sprint(v.ID, v.Hash, v.Errors, v.Trouble)
	}
	if is == w.window {
		return
	}
	w.window = is
	switch {
	case !open:
		w.show("(The window is closed.)")
	case !waits(v):
		w.show(windowText(v))
	}
}

// lookAtHome shows the Home if the person has it before them. w.looking is held.
func (w feed) lookAtHome() {
	v := w.slack.Home(w.person())
	if !w.atHome || v.Hash == w.home {
		return
	}
	w.home = v.Hash
	w.show("computeunits (Home):\n" + viewText(v))
	w.recent = slices.DeleteFunc(w.recent, func(p slacksim.Place) bool { _, is := p.(slacksim.View); return is })
	w.recent = append(w.recent, v)
}

// faceHome begins or ends that the Home is before the person, who has seen what
// stands there.
func (w feed) faceHome(on bool) {
	w.looking.Lock()
	defer w.looking.Unlock()
	w.atHome, w.home = on, w.slack.Home(w.person()).Hash
}

// waits reports whether a modal only says that something else will take its
// place at once.
func waits(v slacksim.View) bool {
	return v.Title == phrase.For(phrase.English).Say("modal.loading") || v.Title == phrase.For(phrase.Chinese).Say("modal.loading")
}

// follow waits until what comes of something is shown: something must appear
// within limit, and then nothing more for a moment. It reports whether anything
// did. What comes even later appears by itself.
func (w feed) follow(ctx context.Context, limit time.Duration, do func() error) (bool, error) {
	const moment = 300 * time.Millisecond
	w.look()
	begun := time.Now().UnixNano()
	if err := do(); err != nil {
		return false, err
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	came := false
	until(ctx, func() bool {
		// First, so that what takes the place of a waiting modal is looked at.
		v, open := w.slack.Modal(w.person())
		w.look()
		last := w.appeared.Load()
		came = last > begun
		return came && time.Since(time.Unix(0, last)) > moment && !(open && waits(v))
	})
	return came, nil
}

// person is who types.
func (w feed) person() string { return w.who.Load().(string) }
