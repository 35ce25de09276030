package plan

import (
	"cmp"
)

// This file follows channels whose id changes. The ledger goes on calling such a
// channel by the first id it had, which is part of the keys of what was said
// there; Slack is asked, and is understood, by the latest.

// Addresses are the ids of channels whose id changed.
type Addresses struct {
	Known   map[string]string // what the ledger calls a channel, by each of its ids
	Present map[string]string // what Slack calls it now, by what the ledger does
}

// Name returns what the ledger calls the channel that has an id.
func (a Addresses) Name(id string) string { return cmp.Or(a.Known[id], id) }

// ID returns what Slack calls a channel now.
func (a Addresses) ID(channel string) string { return cmp.Or(a.Present[channel], channel) }
