package delivery

import (
	"context"
	"log/slog"

	"computeunits/notify/ledger"
	"computeunits/notify/plan"
)

// addressed is a Sender that takes channels as the ledger calls them.
type addressed struct {
	sender Sender
	ledger *ledger.Ledger
	log    *slog.Logger
	pass   func() plan.Evaluation
}

// Post posts, and notes under which id Slack knows the channel.
func (s addressed) Post(ctx context.Context, a plan.Announcement) (Receipt, error) {
	to := s.pass().IDs.ID(a.Channel)
	a.Channel = to
	r, err := s.sender.Post(ctx, a)
	if err != nil || r.Channel == "" || r.Channel == to {
		return r, err
	}
	s.log.WarnContext(ctx, "Slack calls a channel by another id than before", "channel", to, "now", r.Channel)
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), plan.RecordTimeout)
	defer cancel()
	if err := s.ledger.Channels.ChannelMoved(limited, to, r.Channel, s.pass().Now); err != nil {
		s.log.ErrorContext(ctx, "the new id of a channel is not recorded; the next message tells it again", "channel", to, "error", err)
	}
	return r, nil
}

// Update is that of the Sender.
func (s addressed) Update(ctx context.Context, ts string, a plan.Announcement) error {
	a.Channel = s.pass().IDs.ID(a.Channel)
	return s.sender.Update(ctx, ts, a)
}

// History is that of the Sender.
func (s addressed) History(ctx context.Context, channel string, w Window) (Page, error) {
	return s.sender.History(ctx, s.pass().IDs.ID(channel), w)
}

// Thread is that of the Sender.
func (s addressed) Thread(ctx context.Context, channel, parent string) ([]plan.Delivery, error) {
	return s.sender.Thread(ctx, s.pass().IDs.ID(channel), parent)
}

// Delete is that of the Sender.
func (s addressed) Delete(ctx context.Context, channel, ts string) error {
	return s.sender.Delete(ctx, s.pass().IDs.ID(channel), ts)
}

// Check is that of the Sender.
func (s addressed) Check(ctx context.Context, channel string) error {
	return s.sender.Check(ctx, s.pass().IDs.ID(channel))
}
