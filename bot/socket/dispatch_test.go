package socket

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/slack-go/slack/socketmode"

	"computeunits/bot/guard"
	"computeunits/bot/interaction"
)

// broken is a handler whose jobs panic.
type broken struct{}

func (broken) Accept(*interaction.Interaction) Job {
	return Job{Do: func(context.Context, *slog.Logger) { panic("broken") }}
}

func (broken) Excuse(*interaction.Interaction, Refusal) (any, func(context.Context, *slog.Logger)) {
	return nil, func(context.Context, *slog.Logger) { panic("broken") }
}

func (broken) Apology(*socketmode.Request) any { return nil }

func (broken) ChannelMoved(context.Context, string, string) error { panic("broken") }

// Whatever part of a job breaks, the process lives on and its place is free
// again.
func TestNoPartOfAJobEndsTheProcess(t *testing.T) {
	for name, stopping := range map[string]bool{"working": false, "excusing": true} {
		t.Run(name, func(t *testing.T) {
			var written bytes.Buffer
			log := slog.New(slog.NewTextHandler(&written, nil))
			d := &Dispatcher{Handler: broken{}, Guard: &guard.Guard{Log: log}, Log: log}
			d.open()
			d.stopping.Store(stopping)
			d.take(t.Context(), "", &interaction.Interaction{User: "U1", Key: "1"})
			d.Wait()
			if len(d.places)+len(d.excuses) != 0 || !strings.Contains(written.String(), "panic") || !strings.Contains(written.String(), "goroutine") {
				t.Errorf("%d places taken, the log says: %s", len(d.places)+len(d.excuses), written.String())
			}
		})
	}
}
