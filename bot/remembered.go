package bot

import (
	"context"
	"time"

	"computeunits/notify"
)

// preference is how a person wants to be talked to.
type preference struct {
	Language   string // such as en or zh; "": by Slack's locale
	TimeFormat string
}

// hear notes that Slack delivered something, and reports whether it is the
// first time.
func hear(context.Context, *notify.Ledger, string, time.Time) (first bool, err error) {
	return true, nil // until the ledger has a table for it
}

// preferenceOf returns how a person wants to be talked to.
func preferenceOf(context.Context, *notify.Ledger, string) (preference, error) {
	return preference{}, nil // until the ledger has a table for it
}
