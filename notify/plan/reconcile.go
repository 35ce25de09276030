package plan

import "slices"

// OpenReminder is a reminder in a message that is not known to be posted, or was
// just posted.
type OpenReminder struct {
	Reminder
	Message string // its key
	TS      string // likewise; "": not known to be posted
}

// CarriesMore reports whether some of what a message carries stands in an earlier one.
func CarriesMore(d Delivery, open map[string]OpenReminder) bool {
	return slices.ContainsFunc(d.Reminders, func(id string) bool {
		o, ok := open[id]
		return ok && o.Message != d.Key && o.TS != "" && CompareTS(o.TS, d.TS) < 0
	})
}

// Claimed returns the reminders that a message carries and that the ledger holds in
// another one, which is not posted or stands later; and, when all of them stand in
// earlier ones instead, the timestamps of those.
func Claimed(d Delivery, open map[string]OpenReminder) (mine []OpenReminder, firsts []string) {
	for _, id := range d.Reminders {
		o, ok := open[id]
		switch {
		case !ok || o.Message == d.Key:
		case o.TS == "" || CompareTS(d.TS, o.TS) < 0:
			mine = append(mine, o)
		case !slices.Contains(firsts, o.TS):
			firsts = append(firsts, o.TS)
		}
	}
	for _, id := range d.Reminders {
		if o, ok := open[id]; !ok || o.TS == "" || CompareTS(o.TS, d.TS) >= 0 {
			return mine, nil
		}
	}
	return mine, firsts
}
