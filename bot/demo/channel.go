package demo

import (
	"context"
	"time"

	"computeunits/bot/slacksim"
)

// watch shows what is posted in the channel, and what is edited there, until
// ctx is done.
func (w *world) watch(ctx context.Context, s *screen) {
	shown := make(map[string]string) // when each message was edited last, by its timestamp
	for {
		m, err := w.slack.Await(ctx, channel, person, func(m slacksim.Message) bool {
			edited, known := shown[m.TS]
			return m.Via == "chat.postMessage" && (!known || edited != m.Edited)
		})
		if err != nil {
			return
		}
		where := "#gpu-capacity"
		if m.ThreadTS != "" && m.ThreadTS != m.TS {
			where += ", in a thread"
		}
		if _, known := shown[m.TS]; known {
			where += ", edited"
		}
		shown[m.TS] = m.Edited
		s.print("computeunits (" + where + "): " + w.show(m))
		w.posted.Store(time.Now().UnixNano())
	}
}

// settle waits until the bot had time to notice a change and to say what it
// has to say about it: a little longer than it takes to read the services and
// to post a message, which it does once a second.
func (w *world) settle(ctx context.Context) {
	const quiet = 2500 * time.Millisecond
	begun := time.Now()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		last := time.Unix(0, w.posted.Load())
		if last.Before(begun) {
			last = begun
		}
		if time.Since(last) >= quiet {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}
