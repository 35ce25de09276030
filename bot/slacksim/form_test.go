package slacksim_test

import (
	"strings"
	"testing"
	"time"

	"computeunits/bot/slacksim"
)

func TestAFieldThatReportsAtOnce(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		a := w.connect()
		form := w.openForm(a, strings.Replace(watchForm, `"block_id":"label",`, `"block_id":"label","dispatch_action":true,`, 1))
		ok(t, w.Fill("U0ALICE", form, "Label", "training"))
		a.payload().says(t, map[string]string{
			"type": "block_actions", "actions 0 type": "plain_text_input", "actions 0 value": "training", "actions 0 action_id": "text",
			"view state values label text value": "training", "view id": form.ID,
		})
	})
}

func TestMistakesWithForms(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		a := w.connect()
		form := w.openForm(a, watchForm)
		for name, c := range map[string]struct {
			err  error
			code string
		}{
			"no such field":        {w.Fill("U0ALICE", form, "Colour", "red"), "no_such_control"},
			"a button is no field": {w.Fill("U0ALICE", form, "Check", "x"), "no_such_control"},
			"no such channel":      {w.Fill("U0ALICE", form, "Channel", "#nowhere"), "no_such_choice"},
			"a direct message":     {w.Fill("U0ALICE", form, "Channel", w.DM("U0ALICE")), "no_such_choice"},
			"another's form":       {w.Fill("U0BOB", form, "Label", "x"), "view_not_found"},
			"another submits":      {w.Submit("U0BOB", form).Acked(t.Context()), "view_not_found"},
			"a field is chosen in": {w.Select("U0ALICE", form, "Owners", "bob").Acked(t.Context()), "no_such_control"},
		} {
			if failure(c.err) != c.code {
				t.Errorf("%s: %v, not %s", name, c.err, c.code)
			}
		}
		quiet := w.openForm(a, notice("Quiet")) // takes the place of the form
		if err := w.Submit("U0ALICE", quiet).Acked(t.Context()); failure(err) != "no_such_control" {
			t.Errorf("submitting what has no button: %v", err)
		}
		if err := w.Submit("U0ALICE", form).Acked(t.Context()); failure(err) != "view_not_found" {
			t.Errorf("submitting what is gone: %v", err)
		}
	})
}

func TestNobodyWaitsForAModalOfAClosedWorkspace(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		go func() {
			time.Sleep(time.Second)
			w.Close()
		}()
		if _, err := w.AwaitModal(t.Context(), "U0ALICE", func(slacksim.View) bool { return true }); err == nil || !strings.Contains(err.Error(), "closed") {
			t.Errorf("waiting: %v", err)
		}
	})
}
