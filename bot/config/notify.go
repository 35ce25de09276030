package config

import (
	"slices"
	"strings"
	"time"

	"computeunits/notify/database"
	"computeunits/notify/plan"
)

// notifyFaults makes Notify of the NOTIFY_ settings and names their faults.
func (c *Config) notifyFaults() (faults []string) {
	s := &c.Notify
	*s = plan.Settings{
		Channel: c.Channel, CheckEvery: c.CheckEvery, Lease: c.Lease,
		DigestCron: c.DigestCron, AllClear: c.AllClear,
	}
	note := func(setting string, err error) {
		if err != nil {
			for fault := range strings.SplitSeq(err.Error(), "\n") {
				faults = append(faults, setting+": "+fault)
			}
		}
	}
	if c.Channel != "" {
		if fault := channelIDs().fault("NOTIFY_CHANNEL", c.Channel); fault != "" {
			faults = append(faults, fault)
		}
	}
	if err := database.CheckDatabaseURL(c.DatabaseURL); err != nil {
		faults = append(faults, err.Error())
	}
	var err error
	s.Services, err = plan.ParseServices(c.Services)
	note("NOTIFY_SERVICES", err)
	s.Before, err = plan.ParseLadder(c.Before)
	note("NOTIFY_BEFORE", err)
	if s.Zone, err = time.LoadLocation(c.Timezone); err != nil {
		faults = append(faults, "NOTIFY_TIMEZONE must name a time zone such as Asia/Shanghai or Europe/Berlin")
	}
	if c.Language != "en" && c.Language != "zh" {
		faults = append(faults, "NOTIFY_LANGUAGE must be en or zh")
	}
	return also(faults, slices.DeleteFunc(s.Faults(), func(fault string) bool {
		return c.Channel == "" && slices.Contains([]string{"NOTIFY_CHANNEL", "NOTIFY_SERVICES"}, setting(fault))
	}))
}

// also adds faults of settings that no fault names yet: what could not be read
// is not missing, or too small, as well.
func also(faults, more []string) []string {
	named := slices.Clone(faults)
	for _, fault := range more {
		if !slices.ContainsFunc(named, func(f string) bool { return setting(f) == setting(fault) }) {
			faults = append(faults, fault)
		}
	}
	return faults
}

// setting is the name that a fault begins with.
func setting(fault string) string {
	name, _, _ := strings.Cut(fault, " ")
	return strings.TrimSuffix(name, ":")
}
