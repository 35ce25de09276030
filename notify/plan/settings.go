package plan

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

const (
	// AttemptTimeout is how long one request to Slack may take, and
	// recordTimeout how long writing its outcome into the ledger may.
	// Together they must stay below the lease: see Settings.Lease.
	AttemptTimeout = 10 * time.Second
	RecordTimeout  = 5 * time.Second

	minCheckEvery = 500 * time.Millisecond
	maxCheckEvery = 24 * time.Hour
	// minLease leaves room for the claim itself, which the lease covers too.
	minLease = AttemptTimeout + RecordTimeout + time.Second
	maxLease = 10 * time.Minute
)

// The words of Settings.AllClear.
const (
	AllClearWeekly = "weekly"
	AllClearDaily  = "daily"
	AllClearNever  = "never"
)

// Settings say what is watched and when a channel is told. The names in
// capitals are the environment variables that set them.
type Settings struct {
	Channel    string         // NOTIFY_CHANNEL: the id of the channel to tell
	Services   []Service      // NOTIFY_SERVICES: those watched always; people may watch more from Slack
	Before     Ladder         // NOTIFY_BEFORE
	CheckEvery time.Duration  // NOTIFY_CHECK_EVERY: how often services are read; from 500ms to 24h
	DigestCron string         // NOTIFY_DIGEST_CRON: five fields, on the wall clock of Zone
	Zone       *time.Location // NOTIFY_TIMEZONE: of the digest's day
	AllClear   string         // NOTIFY_ALL_CLEAR: weekly (on Mondays), daily or never
	// Lease (NOTIFY_LEASE) is how long a claimed message is left alone before
	// its fate is looked up: at least 16 seconds, longer than an attempt with its
	// record takes, so that no request is still under way then.
	Lease time.Duration
}

// Service is one that is watched.
type Service struct {
	ID    string // svco-...
	Label string // what people call it; "": nothing
}

// idPrefix is what the id of every service begins with.
const idPrefix = "svco-"

// serviceForm is the id of a service, to its end. Qianfan documents no more than
// how it begins (qianfan-api/s/9mwbl2jxf); the length is a generous bound.
// idInside finds one where a label should be, with any dash.
var (
	serviceForm = regexp.MustCompile(`^svco-[A-Za-z0-9][A-Za-z0-9_-]{0,63}$`)
	idInside    = regexp.MustCompile(`(?i)svco[-‐-―－_]`)
)

// IsSeparator reports whether people type a character between the entries of a
// list: a comma, a semicolon, a bar, their full-width forms, the comma of
// Chinese lists, or the end of a line.
func IsSeparator(r rune) bool { return strings.ContainsRune(",，;；、|｜\n\r", r) }

// ParseServices reads a list such as "svco-a=Chat prod,svco-b": ids with
// separators between, each with a label, of at most 80 characters, if people
// call it something else. What stands in a label can be anything but a
// separator, a control character and the id of another service: where that
// stands, a separator was meant that this does not know, and a service
// would never be watched. The error names every fault in sentences, one a line.
func ParseServices(text string) ([]Service, error) {
	var services []Service
	var faults []string
	for part := range strings.FieldsFuncSeq(text, IsSeparator) {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		s := serviceIn(part)
		switch fault := s.fault(part); {
		case fault != "":
			faults = append(faults, fault)
		case slices.ContainsFunc(services, func(o Service) bool { return o.ID == s.ID }):
			faults = append(faults, fmt.Sprintf("the service %q is there twice", s.ID))
		default:
			services = append(services, s)
		}
	}
	if faults != nil {
		return nil, Sentences(faults)
	}
	return services, nil
}

// serviceIn reads one entry of the list.
func serviceIn(part string) Service {
	id, label := part, ""
	if at := strings.IndexAny(part, "=＝"); at >= 0 {
		_, width := utf8.DecodeRuneInString(part[at:])
		id, label = part[:at], part[at+width:]
	}
	return Service{ID: strings.TrimSpace(id), Label: strings.TrimSpace(label)}
}

// fault says what is wrong with the entry that a service was read from; "":
// nothing.
func (s Service) fault(part string) string {
	switch {
	case !utf8.ValidString(part):
		return fmt.Sprintf("%q is not UTF-8", part)
	case s.ID == "":
		return fmt.Sprintf("%q names no service before the equals sign", part)
	case strings.ContainsFunc(s.ID, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsGraphic(r) }):
		return fmt.Sprintf("the service id %q contains white space or a control character: a comma separates two services", s.ID)
	case !strings.HasPrefix(s.ID, idPrefix) || s.ID == idPrefix:
		return fmt.Sprintf("%q is not the id of a service, which begins with svco-. A comma ends a label", s.ID)
	case !serviceForm.MatchString(s.ID):
		return fmt.Sprintf("%q is not the id of a service, which has letters, digits and hyphens behind svco-; a label follows an equals sign", s.ID)
	case strings.ContainsFunc(s.Label, unicode.IsControl):
		return fmt.Sprintf("the label %q contains a control character", s.Label)
	case idInside.MatchString(s.Label):
		return fmt.Sprintf("the label %q contains the id of a service: a comma separates two services", s.Label)
	case utf8.RuneCountInString(s.Label) > maxLabel:
		return fmt.Sprintf("the label of %s has more than %d characters", s.ID, maxLabel)
	}
	return ""
}

// Faults returns what is wrong with the settings, in sentences that name the
// environment variable; nil when they can be used.
func (s Settings) Faults() []string {
	var faults []string
	say := func(wrong bool, format string, args ...any) {
		if wrong {
			faults = append(faults, fmt.Sprintf(format, args...))
		}
	}
	say(s.Channel == "", "NOTIFY_CHANNEL is missing: the channel's details in Slack show its id, such as C0123456789")
	say(strings.HasPrefix(s.Channel, "#"), "NOTIFY_CHANNEL is %q, a name: the channel's details in Slack show its id, such as C0123456789", s.Channel)
	say(len(s.Before) == 0, "NOTIFY_BEFORE has no step: write for example 30d,14d,7d,3d,1d,0d")
	say(s.CheckEvery < minCheckEvery || s.CheckEvery > maxCheckEvery,
		"NOTIFY_CHECK_EVERY must be from %v to %v, and is %v", minCheckEvery, maxCheckEvery, s.CheckEvery)
	say(s.Lease < minLease,
		"NOTIFY_LEASE must be longer than an attempt takes, so at least %v, and is %v: a shorter one would let two attempts at the same message overlap",
		minLease, s.Lease)
	say(s.Lease > maxLease, "NOTIFY_LEASE must be at most %v, and is %v: so long a message of unknown fate waits", maxLease, s.Lease)
	if _, err := parseTimetable(s.DigestCron); err != nil {
		say(true, "NOTIFY_DIGEST_CRON: %v", err)
	}
	say(s.Zone == nil, "NOTIFY_TIMEZONE is missing: name a time zone such as Asia/Shanghai")
	say(!slices.Contains([]string{AllClearWeekly, AllClearDaily, AllClearNever}, s.AllClear),
		"NOTIFY_ALL_CLEAR must be %s, %s or %s", AllClearWeekly, AllClearDaily, AllClearNever)
	return faults
}

// Sentences makes one error of several, one a line.
func Sentences(faults []string) error { return errors.New(strings.Join(faults, "\n")) }
