package plan

// Delivery is a message of this bot that stands in a channel.
type Delivery struct {
	Key       string   // of its Announcement
	Reminders []string // likewise
	Ledger    string   // likewise; "": of a version that did not say
	TS        string
	Thread    string // the timestamp of the message above it; "": none
}
