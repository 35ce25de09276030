package plan

// Facts are what the ledger knows now of what some messages are about.
type Facts struct {
	Instances map[InstanceKey]Instance
	Services  map[string]ServiceState
	Pauses    Pauses // of the expiries that the reminders are about
}
