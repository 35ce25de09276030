package notify

import (
	"cmp"
	"context"
	"log/slog"

	"computeunits/notify/plan"
)

// Correct edits a posted message so that it shows what is true now, if it does
// not, and tells what it shows then. It is for the message in which somebody
// pressed a button, who waits for it; other messages that show the same follow
// by themselves, and so does this one when Correct fails or is never called.
func (n Changes) Correct(ctx context.Context, channel, ts string) (plan.Shown, error) {
	key, name, shown, err := n.Ledger.Edits.Shown(ctx, channel, ts)
	if err != nil || shown != plan.ShownLater {
		return shown, err
	}
	if err := n.correct(ctx, name, key); err != nil {
		return plan.ShownUnknown, err
	}
	_, _, shown, err = n.Ledger.Edits.Shown(ctx, channel, ts)
	return shown, err
}

func (n Changes) correct(ctx context.Context, channel, key string) error {
	if err := n.refresh(ctx); err != nil {
		return err
	}
	return n.newDeliverer(cmp.Or(n.Logger, slog.New(slog.DiscardHandler))).Correct(ctx, channel, key)
}
