package plan

import (
	"slices"
	"strings"
	"time"
)

// This file watches the watcher: it tells a channel when Qianfan does not say
// what a service has, and when it does again.

const (
	// A service that cannot be read is mentioned after failingFor, and those
	// that have failed for almost as long then join it, so that one outage is
	// one message although services are not read at the same moment.
	FailingFor  = time.Hour
	joiningFrom = 30 * time.Minute

	// A service is mentioned at most once in this time, however often it
	// fails and recovers.
	NoticeEvery = 24 * time.Hour
)

// Notice chooses the services to tell about among those that fail and were not
// mentioned. While services are being read a refusal may concern more of them
// than are known yet, so it waits until all were asked.
func (p Evaluation) Notice(failing []ServiceState) []ServiceState {
	overdue := slices.ContainsFunc(failing, p.overdue)
	return slices.DeleteFunc(slices.Clone(failing), func(s ServiceState) bool {
		return !overdue || !p.overdue(s) && s.Failing.After(p.Now.Add(-joiningFrom))
	})
}

func (p Evaluation) overdue(s ServiceState) bool {
	return s.Refused && !p.Sweeping || !s.Failing.After(p.Now.Add(-FailingFor))
}

// UTCDay is the day under which a service's notice is known: there cannot be
// two within noticeEvery.
func UTCDay(now time.Time) time.Time { return now.UTC().Truncate(24 * time.Hour) }

// Trouble is what people are told of a service that fails.
func (p Policy) Trouble(s ServiceState) Trouble {
	return Trouble{
		Service: s.ID, Label: p.Labels[s.ID], ReadAt: s.Read, Since: s.Failing, Refused: s.Refused,
		Status: s.Status, Code: s.Code, Message: s.Message, RequestID: s.RequestID,
	}
}

func sortTroubles(troubles []Trouble) {
	slices.SortFunc(troubles, func(a, b Trouble) int { return strings.Compare(a.Service, b.Service) })
}
