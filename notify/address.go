package notify

import (
	"context"
)

// ChannelMoved notes that a channel has another id from now on. Buttons in its
// messages, settings that name either id, and what is to be said there go on
// under both.
func (n Changes) ChannelMoved(ctx context.Context, from, to string) error {
	if err := n.Ledger.Channels.ChannelMoved(ctx, from, to, n.clock()); err != nil {
		return err
	}
	return n.refresh(ctx)
}

// SameChannel reports whether two ids are of one channel.
func (n Reports) SameChannel(a, b string) bool {
	ids := n.evaluation().IDs
	return ids.Name(a) == ids.Name(b)
}
