package plan

import (
	"fmt"
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

	Since time.Time // what was due before is not late: it was not asked for
}

// Equal reports whether two watches ask for the same.
func (w Watch) Equal(o Watch) bool {
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

// WatchChange is the outcome of a change of what is watched.
type WatchChange struct {
	Watch               // as it is now; after Unwatch as it was
	Changed      bool   // false: it was so already, and By and At say who made it so, and when
	Was          *Watch // what it was before; nil: not watched
	ReminderDiff        // on reminders, as far as the ledger knows the service already
}

const maxLabel = 80

var ownerID = regexp.MustCompile(`^[UWS][A-Z0-9]{1,20}$`)

// Faults returns what is wrong with a watch.
func (w Watch) Faults() []string {
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

// Tidy is a watch as the ledger keeps it. What says the same as the settings
// follows them from then on.
func (w Watch) Tidy(s Settings) Watch {
	w.Label = Storable(strings.TrimSpace(w.Label))
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
