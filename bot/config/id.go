package config

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"computeunits/notify/plan"
)

// idKind is what ids of Slack may stand for in a setting. Slack takes names in
// some places and ids in others, and answers the wrong one only when
// something is due, so a setting takes the id and nothing else.
type idKind struct {
	letters string // what the ids begin with
	noun    string
	remedy  string
}

func channelIDs() idKind {
	return idKind{"CG", "a channel", "write the channel's id, such as C0123456789: the channel's details in Slack show it"}
}

func personIDs() idKind {
	return idKind{"UW", "a person", "write the person's id, such as U0123456789: their profile in Slack has Copy member ID"}
}

func groupIDs() idKind {
	return idKind{"S", "a user group", "write the group's id, such as S0123456789: its page in Slack has Copy group ID"}
}

// idForm is any id of Slack. Those of today have a digit behind the letter, the
// oldest ones nine characters, so that a word in capitals is hardly taken for one.
var (
	idForm    = regexp.MustCompile(`^[A-Z][A-Z0-9]{1,20}$`)
	digit     = regexp.MustCompile(`[0-9]`)
	oldLength = 9
)

func isID(text string) bool {
	return idForm.MatchString(text) && (digit.MatchString(text) || len(text) >= oldLength)
}

// fault says why a value is no id of this kind, and what to write; "": it is
// one.
func (k idKind) fault(setting, value string) string {
	if isID(value) && strings.ContainsRune(k.letters, rune(value[0])) {
		return ""
	}
	return fmt.Sprintf("%s %s: %s", setting, k.mistake(value), k.remedy)
}

// mistake says what a value is instead. Only a short one is repeated: a long one
// may be a secret in the wrong place.
func (k idKind) mistake(value string) string {
	shown := "holds"
	if utf8.RuneCountInString(value) <= 21 {
		shown = fmt.Sprintf("holds %q,", value)
	}
	upper := strings.ToUpper(value)
	switch {
	case strings.Contains(value, "://"):
		return "holds an address"
	case strings.HasPrefix(value, "<"):
		return shown + " a mention"
	case isID(value):
		return shown + " the id of " + nounOf(value[0])
	case len(value) >= oldLength && digit.MatchString(value) && isID(upper) && strings.ContainsRune(k.letters, rune(upper[0])):
		return shown + " in lower case, and an id has capitals"
	case strings.ContainsFunc(value, plan.IsSeparator) || strings.ContainsAny(value, " \t"):
		return shown + " more than one id, where one is taken"
	}
	return shown + " a name or the like"
}

// nounOf tells by the first letter what an id stands for.
func nounOf(letter byte) string {
	switch letter {
	case 'C', 'G':
		return "a channel"
	case 'U', 'W':
		return "a person"
	case 'S':
		return "a user group"
	case 'D':
		return "a direct message"
	case 'T', 'E':
		return "a workspace or an organisation"
	}
	return "something else"
}

// list is a setting of several ids, separated as people type it.
type list []string

// UnmarshalText splits the text at separators and white space.
func (l *list) UnmarshalText(text []byte) error {
	*l = strings.FieldsFunc(string(text), func(r rune) bool { return plan.IsSeparator(r) || isBlank(r) })
	return nil
}

// accessFaults checks who may change something. A setting that is there and
// names nobody is a fault: it was meant to keep people out, and would not.
func (c *Config) accessFaults(set map[string]string) (faults []string) {
	for _, s := range []struct {
		name string
		ids  list
		kind idKind
	}{
		{"ALLOW_USERS", c.AllowUsers, personIDs()},
		{"ALLOW_USER_GROUPS", c.AllowUserGroups, groupIDs()},
		{"ALLOW_CHANNELS", c.AllowChannels, channelIDs()},
	} {
		if _, is := set[s.name]; is && len(s.ids) == 0 {
			faults = append(faults, s.name+" names nobody: "+s.kind.remedy)
		}
		for _, id := range s.ids {
			if fault := s.kind.fault(s.name, id); fault != "" {
				faults = append(faults, fault)
			}
		}
	}
	return faults
}
