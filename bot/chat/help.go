package chat

import (
	"context"

	"computeunits/bot/messages"
	"computeunits/bot/people"
	"computeunits/notify/plan"
)

// sample finds one. Nobody is kept from help by a ledger that cannot be read.
func (a asker) sample(ctx context.Context, w Turn) messages.Example {
	watches, err := a.watches(ctx)
	if err != nil {
		watches = a.Notifier.Reports().Remembered()
	}
	for _, s := range a.Listed {
		watches = append(watches, plan.Watch{Service: s.ID})
	}
	if err == nil && len(watches) > 0 && a.Notifier != nil {
		var o plan.Outlook
		now := a.Now()
		wish, cancel := a.Notifier.Ledger.Within(ctx, people.WishTimeout)
		defer cancel()
		if o, err = a.Notifier.Reports().Expiring(wish, now, now.Add(messages.FarAhead), 0, messages.MaxEntries); err == nil {
			for _, i := range o.Items {
				if i.Expires.After(now) {
					return messages.Example{Service: i.Service, Instance: i.Instance}
				}
			}
		}
	}
	if err != nil {
		w.Log.WarnContext(ctx, "cannot read what is watched, for the examples of help", "error", err)
	}
	if len(watches) > 0 {
		return messages.Example{Service: watches[0].Service, Instance: messages.DocumentedExample().Instance}
	}
	return messages.DocumentedExample()
}
