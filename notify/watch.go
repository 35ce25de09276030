package notify

import (
	"cmp"
	"context"
	"database/sql"
	"maps"
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
	failingFor  = time.Hour
	joiningFrom = 30 * time.Minute

	// A service is mentioned at most once in this time, however often it
	// fails and recovers.
	noticeEvery = 24 * time.Hour
)

// notice chooses the services to tell about among those that fail and were not
// mentioned. While services are being read a refusal may concern more of them
// than are known yet, so it waits until all were asked.
func (p pass) notice(failing []service) []service {
	overdue := slices.ContainsFunc(failing, p.overdue)
	return slices.DeleteFunc(slices.Clone(failing), func(s service) bool {
		return !overdue || !p.overdue(s) && s.failing.After(p.now.Add(-joiningFrom))
	})
}

func (p pass) overdue(s service) bool {
	return s.refused && !p.sweeping || !s.failing.After(p.now.Add(-failingFor))
}

// utcDay is the day under which a service's notice is known: there cannot be
// two within noticeEvery.
func utcDay(now time.Time) time.Time { return now.UTC().Truncate(24 * time.Hour) }

// decideTroubles decides about the services that fail, or did.
func decideTroubles(ctx context.Context, tx *sql.Tx, p pass) error {
	all, err := collect(ctx, tx, scanService, `SELECT `+serviceColumns+` FROM service
		WHERE failing_since IS NOT NULL OR noticed IS NOT NULL ORDER BY id`)
	if err != nil {
		return err
	}
	failing := make(map[string][]service) // by channel
	var recovered []service
	for _, s := range all {
		switch {
		case !p.watches(s.id) || !p.asked(s):
		case s.noticed.IsZero():
			failing[p.channelOf(s.id)] = append(failing[p.channelOf(s.id)], s)
		case s.failing.IsZero():
			recovered = append(recovered, s)
		}
	}
	for _, channel := range slices.Sorted(maps.Keys(failing)) {
		if err := decideUnreadable(ctx, tx, p, channel, p.notice(failing[channel])); err != nil {
			return err
		}
	}
	if p.sweeping { // so that the end of one outage is one message too
		return nil
	}
	return decideReadable(ctx, tx, p, recovered)
}

func decideUnreadable(ctx context.Context, tx *sql.Tx, p pass, channel string, failing []service) error {
	if len(failing) == 0 {
		return nil
	}
	recent, err := collect(ctx, tx, scanString, `SELECT r.service FROM message m JOIN reminder r ON r.message = m.key
		WHERE m.created_at > $1 AND m.channel = $2 AND m.kind = 'unreadable'`, p.now.Add(-noticeEvery).UnixMilli(), channel)
	if err != nil {
		return err
	}
	slices.Sort(recent)
	var tell []due
	var ids []string
	for _, s := range failing {
		if _, told := slices.BinarySearch(recent, s.id); told {
			continue
		}
		at := s.failing
		if !s.refused {
			at = at.Add(failingFor)
		}
		// Told by a process whose ledger was lost, it was after the last good read.
		tell = append(tell, due{
			reminder: reminder{s.id, "", utcDay(p.now), 0, channel, KindUnreadable},
			at:       at, earliest: minTime(at, cmp.Or(s.read, p.now.Add(-lookBack))),
		})
		ids = append(ids, s.id)
	}
	if err := regroup(ctx, tx, p, KindUnreadable, tell); err != nil {
		return err
	}
	return setNoticed(ctx, tx, ids, utcDay(p.now))
}

// decideReadable announces the recovery of services whose failure was announced.
func decideReadable(ctx context.Context, tx *sql.Tx, p pass, recovered []service) error {
	if len(recovered) == 0 {
		return nil
	}
	var tell []due
	var ids []string
	for _, s := range recovered {
		// The channel that was told of the failure is told of its end, also when
		// the service has another one by now.
		carriers, err := collect(ctx, tx, scanMessage, `SELECT `+prefixed("m.", messageColumns)+` FROM reminder r JOIN message m ON m.key = r.message
			WHERE r.service = $1 AND r.instance = '' AND r.expires_at = $2 AND r.threshold = 0 AND r.kind = 'unreadable'
			ORDER BY m.created_at DESC`, s.id, s.noticed.UnixMilli())
		if err != nil {
			return err
		}
		notice := reminder{s.id, "", s.noticed, 0, "", KindUnreadable}
		if len(carriers) > 0 {
			notice.channel = carriers[0].channel
		}
		switch {
		case len(carriers) == 0:
		case carriers[0].unresolved:
			continue // when its fate is known
		case carriers[0].sent.IsZero():
			if err := dropReminders(ctx, tx, []reminder{notice}); err != nil {
				return err
			}
			if err := dropEmpty(ctx, tx, carriers[0].key); err != nil {
				return err
			}
		default:
			r := notice
			r.kind = KindReadable
			tell = append(tell, due{reminder: r, at: cmp.Or(s.outageUntil, p.now), earliest: cmp.Or(s.outageFrom, p.now)})
		}
		ids = append(ids, s.id)
	}
	if err := regroup(ctx, tx, p, KindReadable, tell); err != nil {
		return err
	}
	return setNoticed(ctx, tx, ids, time.Time{})
}

func setNoticed(ctx context.Context, tx *sql.Tx, ids []string, noticed time.Time) error {
	for chunk := range slices.Chunk(ids, rowsPerStatement) {
		p := params{moment(noticed)}
		if _, err := exec(ctx, tx, `UPDATE service SET noticed = CAST($1 AS BIGINT) WHERE id IN `+p.list(anys(chunk)...), p...); err != nil {
			return err
		}
	}
	return nil
}

// trouble is what people are told of a service that fails.
func (p policy) trouble(s service) Trouble {
	return Trouble{
		Service: s.id, Label: p.labels[s.id], ReadAt: s.read, Since: s.failing, Refused: s.refused,
		Status: s.status, Code: s.code, Message: s.message, RequestID: s.requestID,
	}
}

func sortTroubles(troubles []Trouble) {
	slices.SortFunc(troubles, func(a, b Trouble) int { return strings.Compare(a.Service, b.Service) })
}

func scanString(scan func(...any) error) (s string, err error) {
	err = scan(&s)
	return s, err
}
