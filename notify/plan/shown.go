package plan

// Shown is whether a posted message shows all that is known, as far as the
// ledger can tell.
type Shown int

// What a message shows.
const (
	ShownUnknown Shown = iota // the ledger does not know the message, and leaves it alone
	ShownNow                  // it shows all
	ShownLater                // it does not yet: an edit is owed, and follows by itself
	ShownNever                // it does not, and Slack does not let it be edited
)
