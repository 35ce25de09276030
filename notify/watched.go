package notify

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
)

// Watch is a service that is watched: by NOTIFY_SERVICES, or because somebody
// asked for it in Slack.
type Watch struct {
	Service string   // id, such as svco-48exxxa594
	Label   string   // what people call it, at most 80 characters; "": nothing
	Channel string   // id of the channel to tell; "": NOTIFY_CHANNEL
	Ladder  Ladder   // when; nil: NOTIFY_BEFORE
	Owners  []string // whom reminders of 7 days or less mention: ids of people (U..., W...) and user groups (S...)

	// Fixed says that NOTIFY_SERVICES names the service: people may give it
	// owners, and change nothing else.
	Fixed bool

	By string    // who changed it last; "": nobody did
	At time.Time // when

	since time.Time // what was due before is not late: it was not asked for
}

// equal reports whether two watches ask for the same.
func (w Watch) equal(o Watch) bool {
	return w.Label == o.Label && w.Channel == o.Channel && slices.Equal(w.Ladder, o.Ladder) && slices.Equal(w.Owners, o.Owners)
}

// String writes a watch for the audit.
func (w Watch) String() string {
	var b strings.Builder
	for _, part := range [][2]string{{"label", w.Label}, {"channel", w.Channel}, {"ladder", w.Ladder.String()}, {"owners", strings.Join(w.Owners, ",")}} {
		if part[1] != "" {
			fmt.Fprintf(&b, " %s=%s", part[0], part[1])
		}
	}
	return "watched" + b.String()
}

// FixedError says that NOTIFY_SERVICES names a service, so that nobody can stop
// watching it from Slack, or change anything but its owners.
type FixedError struct{ Service string }

// Error names the service and the setting.
func (e *FixedError) Error() string {
	return fmt.Sprintf("service %s is watched by NOTIFY_SERVICES; only its owners can be changed from Slack", e.Service)
}

// Watching is the outcome of a change of what is watched.
type Watching struct {
	Watch          // as it is now; after Unwatch as it was
	Changed bool   // false: it was so already, and By and At say who made it so, and when
	Was     *Watch // what it was before; nil: not watched
	Effect         // on reminders, as far as the ledger knows the service already
}

const maxLabel = 80

var ownerID = regexp.MustCompile(`^[UWS][A-Z0-9]{1,20}$`)

// faults returns what is wrong with a watch.
func (w Watch) faults() []string {
	var faults []string
	say := func(wrong bool, format string, args ...any) {
		if wrong {
			faults = append(faults, fmt.Sprintf(format, args...))
		}
	}
	say(w.Service == "" || strings.ContainsFunc(w.Service, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsGraphic(r) }),
		"%q is not the id of a service", w.Service)
	say(len([]rune(w.Label)) > maxLabel || strings.ContainsFunc(w.Label, unicode.IsControl),
		"a label has at most %d characters, without control characters", maxLabel)
	say(strings.ContainsFunc(w.Channel, func(r rune) bool { return unicode.IsSpace(r) || r == '#' }), "%q is not the id of a channel", w.Channel)
	for _, id := range w.Owners {
		say(!ownerID.MatchString(id), "%q is not the id of a person or a user group", id)
	}
	return faults
}

// tidy is a watch as the ledger keeps it. What says the same as the settings
// follows them from then on.
func (w Watch) tidy(s Settings) Watch {
	w.Label = storable(strings.TrimSpace(w.Label))
	w.Owners = slices.Clone(w.Owners)
	slices.Sort(w.Owners)
	w.Owners = slices.Compact(w.Owners)
	w.Ladder = slices.Clone(w.Ladder).sorted()
	if len(w.Ladder) == 0 || slices.Equal(w.Ladder, s.Before) {
		w.Ladder = nil
	}
	if w.Channel == s.Channel {
		w.Channel = ""
	}
	return w
}

const watchColumns = `service, label, channel, ladder, owners, fixed, by_user, at, since`

func scanWatch(scan func(...any) error) (w Watch, err error) {
	var ladder, owners string
	if err = scan(&w.Service, &w.Label, &w.Channel, &ladder, &owners, &w.Fixed, &w.By, (*instant)(&w.At), (*instant)(&w.since)); err != nil {
		return w, err
	}
	if owners != "" {
		w.Owners = strings.Split(owners, ",")
	}
	if ladder != "" {
		if w.Ladder, err = ParseLadder(ladder); err != nil {
			err = fmt.Errorf("the ladder of service %s: %w", w.Service, err)
		}
	}
	return w, err
}

// watchRows returns what people watch, by service.
func watchRows(ctx context.Context, q querier) ([]Watch, error) {
	return collect(ctx, q, scanWatch, `SELECT `+watchColumns+` FROM watch ORDER BY service`)
}

// watchesOf returns all watches, those of the settings among them, by service.
func watchesOf(ctx context.Context, q querier, s Settings) (map[string]Watch, error) {
	rows, err := watchRows(ctx, q)
	if err != nil {
		return nil, err
	}
	all := make(map[string]Watch, len(rows)+len(s.Services))
	for _, w := range rows {
		all[w.Service] = w
	}
	named := make(map[string]bool, len(s.Services))
	for _, f := range s.Services {
		named[f.ID] = true
		row := all[f.ID]
		all[f.ID] = Watch{Service: f.ID, Label: f.Label, Fixed: true, Owners: row.Owners, By: row.By, At: row.At}
	}
	maps.DeleteFunc(all, func(id string, w Watch) bool { return w.Fixed && !named[id] }) // not named any more
	return all, nil
}

// putWatch writes a watch, and has its service decided about anew.
func putWatch(ctx context.Context, tx *sql.Tx, w Watch) error {
	if _, err := exec(ctx, tx, `INSERT INTO watch (`+watchColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (service) DO UPDATE SET label = excluded.label, channel = excluded.channel, ladder = excluded.ladder,
			owners = excluded.owners, fixed = excluded.fixed, by_user = excluded.by_user, at = excluded.at, since = excluded.since`,
		w.Service, w.Label, w.Channel, w.Ladder.String(), strings.Join(w.Owners, ","), truth(w.Fixed), w.By, w.At.UnixMilli(), w.since.UnixMilli()); err != nil {
		return err
	}
	return serviceAgain(ctx, tx, w.Service)
}

// serviceAgain has all instances of a service decided about in the next pass.
func serviceAgain(ctx context.Context, tx *sql.Tx, service string) error {
	_, err := exec(ctx, tx, `UPDATE instance SET check_at = 0 WHERE service = $1`, service)
	return err
}

// giveUp withdraws what waits to be said about a service, and was certainly not
// posted: another channel, another ladder, or nobody, wants to hear of it.
func giveUp(ctx context.Context, tx *sql.Tx, service string) error {
	waiting, err := collect(ctx, tx, func(scan func(...any) error) (w waitingReminder, err error) {
		err = scan(append(reminderFields(&w.reminder), &w.key, &w.parent)...)
		return w, err
	}, `SELECT `+reminderColumns+`, m.key, m.parent FROM reminder r JOIN message m ON m.key = r.message
		WHERE r.service = $1 AND r.kind <> 'digest' AND m.sent_at IS NULL AND m.settled_at IS NULL AND m.unresolved = 0
		ORDER BY m.key`, service)
	if err != nil || len(waiting) == 0 {
		return err
	}
	reminders := make([]reminder, len(waiting))
	for i, w := range waiting {
		reminders[i] = w.reminder
	}
	if err := dropReminders(ctx, tx, reminders); err != nil {
		return err
	}
	for _, w := range waiting {
		for _, key := range []string{w.key, w.parent} {
			if err := dropEmpty(ctx, tx, key); err != nil {
				return err
			}
		}
	}
	return nil
}
