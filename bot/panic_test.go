package bot

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"

	"computeunits/bot/messages"

	"github.com/slack-go/slack/socketmode"
)

// Whatever part of a task breaks, the process lives on and its place is free
// again.
func TestNoPartOfATaskEndsTheProcess(t *testing.T) {
	broken := func(context.Context) { panic("broken") }
	for name, task := range map[string]*task{
		"opening a modal": {occasion: occasion{user: "U1"}, key: "1", first: broken, do: func(context.Context, asking) response { return response{} }},
		"sending": {occasion: occasion{user: "U1"}, key: "2", do: func(context.Context, asking) response { // there is no courier here
			return response{Message: messages.Text("an answer")}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			d := &dispatcher{
				answers: &answerer{people: &people{}}, log: slog.New(slog.NewTextHandler(&log, nil)),
				guard: &guard{log: slog.New(slog.NewTextHandler(&log, nil))}, places: make(chan struct{}, 1), excuses: make(chan struct{}, 1),
			}
			d.take(t.Context(), socketmode.Event{Request: &socketmode.Request{}}, task)
			d.jobs.Wait()
			if len(d.places) != 0 || !strings.Contains(log.String(), "panic") || !strings.Contains(log.String(), "goroutine") {
				t.Errorf("%d places taken, the log says: %s", len(d.places), log.String())
			}
		})
	}
}
