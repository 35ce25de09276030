package config

import (
	"slices"
	"strings"

	"github.com/caarlos0/env/v11"
)

// ours are what the names of settings begin with.
var ours = []string{"ALLOW_", "DATABASE_", "LOG_", "NOTIFY_", "QIANFAN_", "SLACK_"}

// misnamed sorts out the variables that are meant as settings, or may be, and
// are none. A lock that nobody turns leaves the door open, and a service that
// nobody watches expires unsaid, so two kinds are faults, whatever they hold:
// what begins with ALLOW_, and what is a slip away from a setting that is not
// there itself, or from a lock. What only begins as settings do is named: an
// environment is shared, and systemd (NOTIFY_SOCKET), Kubernetes (SLACK_PORT)
// and other programs (DATABASE_HOST) put theirs into it.
func misnamed(environ map[string]string) (faults, strangers []string) {
	known := settingNames()
	for name := range environ {
		if slices.Contains(known, name) {
			continue
		}
		upper := strings.ToUpper(name)
		similar := slices.ContainsFunc(ours, func(prefix string) bool { return strings.HasPrefix(upper, prefix) })
		meant := slices.IndexFunc(known, func(setting string) bool {
			return slip(upper, setting) && (similar || len(setting) > shortName) &&
				(strings.HasPrefix(setting, "ALLOW_") || trim(environ[setting]) == "")
		})
		switch {
		case meant >= 0:
			faults = append(faults, name+" is not a setting: "+known[meant]+" is")
		case strings.HasPrefix(upper, "ALLOW_"):
			faults = append(faults, name+" is not a setting, so it keeps nobody out: "+strings.Join(locks(known), ", ")+" are; take it away")
		case similar:
			strangers = append(strangers, name)
		}
	}
	slices.Sort(faults)
	slices.Sort(strangers)
	return faults, strangers
}

// shortName is how long the names are, such as LOG_LEVEL, that other programs
// have with another beginning (GLOG_LEVEL).
const shortName = 10

// settingNames are the variables that Config is read from.
func settingNames() (names []string) {
	fields, err := env.GetFieldParams(&Config{})
	if err != nil {
		panic(err) // the tags of Config are wrong
	}
	for _, field := range fields {
		if field.Key != "" {
			names = append(names, field.Key)
		}
	}
	slices.Sort(names)
	return names
}

// locks are the settings that keep people out.
func locks(names []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		return !strings.HasPrefix(name, "ALLOW_") || name == "ALLOW_PLAIN_HTTP"
	})
}

// slip reports whether two names differ in one place, by two characters at most:
// one left out, added, mistaken, or swapped with its neighbour.
func slip(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	from := 0
	for from < len(a) && a[from] == b[from] {
		from++
	}
	to := 0
	for to < len(a)-from && a[len(a)-1-to] == b[len(b)-1-to] {
		to++
	}
	return len(b)-from-to <= 2
}
