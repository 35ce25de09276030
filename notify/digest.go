package notify

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"computeunits/qianfan"
)

const (
	// horizon is how far a digest looks ahead.
	horizon = 30 * 24 * time.Hour

	// A digest of up to digestAlone items has no thread; a longer one shows
	// the first digestTop itself. Beyond digestItems they are only counted.
	digestAlone = 30
	digestTop   = 20
	digestItems = 1000

	// firstReads is how long a digest waits for services that were not read
	// since the bot was started: an outage is never "nothing expires", and what was
	// renewed meanwhile does not expire.
	firstReads = time.Hour

	// longUnread is the age from which on a digest names a service as not read
	// although the last reading did not fail: after downtime, while thousands
	// are read anew.
	longUnread = 24 * time.Hour
)

// digestKey is the key of a day's digest; those of its thread end with a number.
func digestKey(d Date, channel string) string { return "digest:" + d.String() + ":" + channel }

// opensDigest reports whether the message is a day's digest itself, not one in
// its thread.
func (m message) opensDigest() bool {
	return m.kind == KindDigest && m.key == digestKey(parseDate(m.day), m.channel)
}

// digestDay returns the local day that it is, and whether its digest is due.
func (p pass) digestDay() (today Date, isDue bool) {
	today = dateOf(p.now, p.settings.Zone)
	at, ok := p.digestAt(today)
	return today, ok && !p.now.Before(at)
}

// digestAt returns when the digest of a day is due, if the day has one.
func (p pass) digestAt(d Date) (time.Time, bool) {
	t, err := parseTimetable(p.settings.DigestCron)
	if err != nil {
		return time.Time{}, false // Settings.Faults has said so
	}
	return t.fires(d, p.settings.Zone)
}

// allClearOn reports whether a digest without anything in it is posted that
// day. Weekly means Mondays, or the first digest of the week if Monday has none.
func (p pass) allClearOn(d Date) bool {
	if p.settings.AllClear != AllClearWeekly {
		return p.settings.AllClear == AllClearDaily
	}
	sinceMonday := (int(d.Weekday()) + 6) % 7
	for n := range sinceMonday {
		if _, earlier := p.digestAt(d.plus(-n - 1)); earlier {
			return false
		}
	}
	return true
}

// vanishedToday is how long a digest says that instances are not listed any more.
const vanishedToday = 26 * time.Hour

// survey is what a digest is made of.
type survey struct {
	at       time.Time
	services map[string]service // those watched, with an empty row if never tried
	window   []instance         // to be listed, soonest first
	alive    map[string]Count   // prepaid and not expired, by service
	unknown  []instance         // prepaid with an expiry that is not known
	vanished int                // not listed any more since a day, before their expiry or while that is unknown
}

// surveyAt reads what the ledger knows at a moment.
func surveyAt(ctx context.Context, q querier, p policy, at time.Time) (survey, error) {
	s := survey{at: at, services: make(map[string]service, len(p.labels)), alive: make(map[string]Count)}
	for id := range p.labels {
		s.services[id] = service{id: id}
	}
	all, err := collect(ctx, q, scanService, `SELECT `+serviceColumns+` FROM service`)
	if err != nil {
		return s, err
	}
	for _, one := range all {
		if p.watches(one.id) {
			s.services[one.id] = one
		}
	}
	near, err := collect(ctx, q, scanInstance, `SELECT `+instanceColumns+` FROM instance
		WHERE expires_at > $1 AND expires_at <= $2 ORDER BY expires_at, service, id`,
		at.Add(-maxThreshold-retention).UnixMilli(), at.Add(horizon).UnixMilli())
	if err != nil {
		return s, err
	}
	s.window = slices.DeleteFunc(near, func(in instance) bool {
		return !p.mayRemind(in, at) || !at.Before(p.ladderOf(in.service).end(in.expires))
	})

	type total struct {
		service string
		Count
	}
	totals, err := collect(ctx, q, func(scan func(...any) error) (t total, err error) {
		err = scan(&t.service, &t.Instances, &t.Replicas)
		return t, err
	}, `SELECT service,
			CAST(SUM(CASE WHEN expires_at <= $1 THEN 0 ELSE 1 END) AS BIGINT),
			CAST(SUM(CASE WHEN expires_at <= $1 THEN 0 ELSE replicas END) AS BIGINT)
		FROM instance WHERE timing <> $2 AND missed <> $3 AND missed <> $4 GROUP BY service`,
		at.UnixMilli(), string(qianfan.Postpaid), gone, unlisted)
	if err != nil {
		return s, err
	}
	for _, t := range totals {
		if p.watches(t.service) {
			s.alive[t.service] = t.Count
		}
	}
	if s.unknown, err = unknownOf(ctx, q, p); err != nil {
		return s, err
	}
	vanished, err := vanishedOf(ctx, q, p, at)
	s.vanished = len(vanished)
	return s, err
}

// vanishedOf returns the watched instances that are not listed any more since a
// day, before their expiry.
func vanishedOf(ctx context.Context, q querier, p policy, at time.Time) ([]instance, error) {
	all, err := collect(ctx, q, scanInstance, `SELECT `+instanceColumns+` FROM instance WHERE missed = $1 AND seen_at > $2 ORDER BY service, id`,
		gone, at.Add(-vanishedToday).UnixMilli())
	return slices.DeleteFunc(all, func(in instance) bool { return !p.watches(in.service) || !in.vanished(at) }), err
}

// unread returns the services whose knowledge is old or missing.
func (s survey) unread(p policy) []Trouble {
	var unread []Trouble
	for _, one := range s.services {
		if one.read.IsZero() || !one.failing.IsZero() || s.at.Sub(one.read) > max(p.stale, longUnread) {
			unread = append(unread, p.trouble(one))
		}
	}
	sortTroubles(unread)
	return unread
}

// quiet reports whether there is nothing to say but that.
func (s survey) quiet(p policy) bool {
	return len(s.window) == 0 && len(s.unknown) == 0 && s.vanished == 0 && len(s.unread(p)) == 0
}

// only leaves one channel and the services that it is told about.
func (p pass) only(channel string) pass {
	p.policy = p.policy.only(channel)
	return p
}

// undigested returns the channels whose digest of today is due and was not
// decided yet.
func (l *Ledger) undigested(ctx context.Context, p pass) (today Date, channels []string, err error) {
	today, isDue := p.digestDay()
	if !isDue {
		return today, nil, nil
	}
	for chunk := range slices.Chunk(p.channels(), rowsPerStatement) {
		keys := make([]any, len(chunk))
		for i, channel := range chunk {
			keys[i] = digestKey(today, channel)
		}
		var q params
		decided, err := collect(ctx, l.db, scanString, `SELECT channel FROM message WHERE key IN `+q.list(keys...), q...)
		if err != nil {
			return today, nil, err
		}
		channels = append(channels, slices.DeleteFunc(chunk, func(c string) bool { return slices.Contains(decided, c) })...)
	}
	return today, channels, nil
}

// decideDigest decides about today's digest in one channel, once.
func decideDigest(ctx context.Context, tx *sql.Tx, p pass, today Date) error {
	s, err := surveyAt(ctx, tx, p.policy, p.now)
	if err != nil {
		return err
	}
	if at, _ := p.digestAt(today); p.awaits(s, at) {
		return nil // soon
	}
	return putDrafts(ctx, tx, p.digest(s, today))
}

// digest makes the messages of a day's digest. A day on which nothing is said
// has a message too, which says that it was decided.
func (p pass) digest(s survey, today Date) []draft {
	at, _ := p.digestAt(today)
	blank := message{
		key: digestKey(today, p.channel), channel: p.channel, kind: KindDigest, day: today.String(),
		created: p.now, next: p.now, due: at, earliest: at, soonest: at,
	}
	if s.quiet(p.policy) && !p.allClearOn(today) {
		blank.settled = p.now
		return []draft{{message: blank}}
	}
	items := s.window[:min(len(s.window), digestItems)]
	top := len(items)
	if top > digestAlone {
		top = digestTop
	}
	drafts := []draft{{blank, p.digestReminders(items[:top], today)}}
	for part := range slices.Chunk(items[top:], maxCarried) {
		reply := blank
		reply.key = fmt.Sprintf("%s:%d", blank.key, len(drafts))
		reply.parent = blank.key
		drafts = append(drafts, draft{reply, p.digestReminders(part, today)})
	}
	return drafts
}

// digestReminders are the items of a digest as the ledger keeps them.
func (p pass) digestReminders(items []instance, today Date) []reminder {
	day := time.Duration(today.noon().Truncate(24*time.Hour).UnixMilli()) * time.Millisecond
	rows := make([]reminder, len(items))
	for i, in := range items {
		rows[i] = reminder{in.service, in.id, in.expires, day, p.channel, KindDigest}
	}
	return rows
}

// body sums up a survey for the digest of a day. listed is how many items of it
// the message and its thread list.
func (s survey) body(p policy, zone *time.Location, today Date, at time.Time, listed int) *Digest {
	d := &Digest{Day: today, Zone: zone, Services: len(s.services), Unread: s.unread(p), Vanished: s.vanished}
	d.Unknown = p.unknownItems(s.unknown)
	d.AllClear = s.quiet(p)
	d.Beyond = max(len(s.window)-listed, 0)
	for _, alive := range s.alive {
		d.Instances += alive.Instances
		d.Replicas += alive.Replicas
	}
	for _, u := range []Urgency{Expired, WithinDay, WithinWeek, WithinMonth} {
		c := Count{Urgency: u}
		for _, in := range s.window {
			if urgency(in.expires, at) == u {
				c.Instances++
				c.Replicas += in.replicas
			}
		}
		if c.Instances > 0 {
			d.Counts = append(d.Counts, c)
		}
	}
	d.Losses = s.losses(p, zone, at)
	return d
}

// unknownItems are instances whose expiry is not known, or that vanished, as people
// are told of them.
func (p policy) unknownItems(all []instance) []Item {
	var items []Item
	for _, in := range all {
		items = append(items, Item{Service: in.service, Label: p.labels[in.service], Instance: in.id, Replicas: in.replicas,
			Status: in.status, Expires: in.expires, Raw: in.expiresRaw, ZoneAssumed: in.zoneAssumed, Unlisted: in.missed == gone})
	}
	return items
}

// losses are what goes away by local day and service, and what then remains.
func (s survey) losses(p policy, zone *time.Location, at time.Time) []Loss {
	type when struct {
		day     Date
		service string
	}
	byDay := make(map[when]Loss)
	for _, in := range s.window {
		if !in.expires.After(at) || in.missed == gone { // which is no capacity any more
			continue
		}
		k := when{dateOf(in.expires, zone), in.service}
		l := byDay[k]
		l.Day, l.Service, l.Label = k.day, k.service, p.labels[k.service]
		l.Instances++
		l.Replicas += in.replicas
		byDay[k] = l
	}
	losses := slices.SortedFunc(maps.Values(byDay), func(a, b Loss) int {
		return cmp.Or(strings.Compare(a.Day.String(), b.Day.String()), strings.Compare(a.Service, b.Service))
	})
	left := make(map[string]int)
	for i, l := range losses {
		if _, ok := left[l.Service]; !ok {
			left[l.Service] = s.alive[l.Service].Replicas
		}
		left[l.Service] -= l.Replicas
		losses[i].Left = left[l.Service]
	}
	return losses
}

// urgency returns how soon an expiry within the horizon is.
func urgency(expires, at time.Time) Urgency {
	switch left := expires.Sub(at); {
	case left <= 0:
		return Expired
	case left <= 24*time.Hour:
		return WithinDay
	case left <= 7*24*time.Hour:
		return WithinWeek
	default:
		return WithinMonth
	}
}
