package delivery

import (
	"context"
	"errors"

	"computeunits/notify/guard"
	"computeunits/notify/plan"
)

// guarded is a Sender whose panics are errors: what became of the request is not
// known.
type guarded struct{ Sender }

func sendSafely(f func() error) error {
	err := guard.Safely(f)
	if _, ok := errors.AsType[*guard.PanicError](err); ok {
		return &SendError{Outcome: Ambiguous, Err: err}
	}
	return err
}

// Post is that of the Sender.
func (g guarded) Post(ctx context.Context, a plan.Announcement) (r Receipt, err error) {
	err = sendSafely(func() (err error) { r, err = g.Sender.Post(ctx, a); return err })
	return r, err
}

// Update is that of the Sender.
func (g guarded) Update(ctx context.Context, ts string, a plan.Announcement) error {
	return sendSafely(func() error { return g.Sender.Update(ctx, ts, a) })
}

// History is that of the Sender.
func (g guarded) History(ctx context.Context, channel string, w Window) (p Page, err error) {
	err = sendSafely(func() (err error) { p, err = g.Sender.History(ctx, channel, w); return err })
	return p, err
}

// Thread is that of the Sender.
func (g guarded) Thread(ctx context.Context, channel, parent string) (all []plan.Delivery, err error) {
	err = sendSafely(func() (err error) { all, err = g.Sender.Thread(ctx, channel, parent); return err })
	return all, err
}

// Delete is that of the Sender.
func (g guarded) Delete(ctx context.Context, channel, ts string) error {
	return sendSafely(func() error { return g.Sender.Delete(ctx, channel, ts) })
}

// Check is that of the Sender.
func (g guarded) Check(ctx context.Context, channel string) error {
	return sendSafely(func() error { return g.Sender.Check(ctx, channel) })
}
