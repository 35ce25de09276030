package socket

import (
	"bytes"
	"context"
	"log/slog"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slack-go/slack/slackevents"
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

// A channel whose new id cannot be noted ends nothing.
func TestAPanicWhileFollowingAChannelIsSurvived(t *testing.T) {
	var written bytes.Buffer
	log := slog.New(slog.NewTextHandler(&written, nil))
	d := &Dispatcher{Handler: broken{}, Guard: &guard.Guard{Log: log}, Log: log}
	d.follow(t.Context(), "", &slackevents.ChannelIDChangedEvent{OldChannelID: "C1", NewChannelID: "C2"})
	d.Wait()
	if said := written.String(); !strings.Contains(said, "panic while following a channel") || !strings.Contains(said, "channel=C1") {
		t.Errorf("the log says: %s", said)
	}
}

// A person has as many places after refusals and panics as before.
func TestPlacesAreGivenBackWhateverBecomesOfAJob(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	d := &Dispatcher{Handler: broken{}, Guard: &guard.Guard{Log: log}, Log: log}
	d.open()
	take := func(key int) { d.take(t.Context(), "", &interaction.Interaction{User: "U1", Key: strconv.Itoa(key)}) }
	for key := range 2 * PlacesEach { // each breaks
		take(key)
		d.Wait()
	}
	if len(d.each) != 0 {
		t.Errorf("after panics %v are under way", d.each)
	}
	for range Places {
		d.places <- struct{}{} // others have them
	}
	for key := range 2 * PlacesEach { // each finds none
		take(100 + key)
	}
	d.Wait()
	if len(d.each) != 0 {
		t.Errorf("after refusals %v are under way", d.each)
	}
}

// told is a handler whose telling takes until it is released.
type told struct {
	broken
	release chan struct{}
}

func (h told) Excuse(*interaction.Interaction, Refusal) (any, func(context.Context, *slog.Logger)) {
	return nil, func(context.Context, *slog.Logger) { <-h.release }
}

// Reading goes on when so many are told that there is no place that nobody else can
// be: the log is left.
func TestTellingManyThatThereIsNoPlaceHoldsNobodyUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var written bytes.Buffer
		log := slog.New(slog.NewTextHandler(&written, nil))
		h := told{release: make(chan struct{})}
		d := &Dispatcher{Handler: h, Guard: &guard.Guard{Log: log}, Log: log}
		d.open()
		d.stopping.Store(true)
		read := make(chan struct{})
		go func() {
			defer close(read)
			for key := range maxExcuses + 1 {
				d.take(t.Context(), "", &interaction.Interaction{User: "U1", Key: strconv.Itoa(key)})
			}
		}()
		synctest.Wait()
		select {
		case <-read:
		default:
			t.Error("the read loop waits")
		}
		begun := time.Now()
		d.Drain(time.Second)
		if time.Since(begun) != time.Second {
			t.Error("stopping does not wait for those who are told")
		}
		close(h.release)
		<-read
		d.Wait()
		if !strings.Contains(written.String(), "left without an answer") {
			t.Errorf("the log says: %s", written.String())
		}
	})
}

// Stopping waits as long as it says.
func TestDrainingEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := slog.New(slog.DiscardHandler)
		d := &Dispatcher{Handler: broken{}, Guard: &guard.Guard{Log: log}, Log: log}
		d.open()
		d.places <- struct{}{} // somebody's, for ever
		begun := time.Now()
		d.Drain(20 * time.Second)
		if took := time.Since(begun); took != 20*time.Second {
			t.Errorf("it took %v", took)
		}
	})
}
